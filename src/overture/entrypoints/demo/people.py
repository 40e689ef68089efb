"""The people of the demo: what the client knows of them (the CSV), and what only the world knows."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final, Literal

from overture.core.rng import Rng

PACKAGE: Final = files("overture.entrypoints.demo")
CSV: Final = PACKAGE.joinpath("people.csv").read_bytes()
SEED: Final = b"the demo"
Answer = Literal["reply", "opt_out", "no"]


@dataclass(frozen=True)
class Person:
    """One row of the CSV: somebody to get to know."""

    first_name: str
    last_name: str
    title: str
    company: str
    profile_url: str
    topic: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def slug(self) -> str:
        """The part of their address that names them."""
        return self.profile_url.rstrip("/").rsplit("/", 1)[1]

    @property
    def headline(self) -> str:
        """What their profile says under the name."""
        return f"{self.title} at {self.company}"


@dataclass(frozen=True)
class Manner:
    """How somebody behaves in the sandbox: how they stand at the start, their page, what they do."""

    invitation: Literal["accepts", "declines", "ignores"] = "accepts"
    answer: Answer | None = None
    answers_to: int = 1
    """Which of the messages they answer."""
    writes_first: bool = False
    """They write as soon as they have accepted."""
    state: Literal["none", "connected", "pending"] = "none"
    page: Mapping[str, object] = field(default_factory=dict)
    answers_slowly: bool = False
    """The site answers slowly when they are invited: time for a kill between act and proof."""


SILENT: Final = Manner()
IGNORES: Final = Manner("ignores")
DECLINES: Final = Manner("declines")
REPLIES: Final = Manner(answer="reply")
LATE: Final = Manner(answer="reply", answers_to=2)
OPTS_OUT: Final = Manner(answer="opt_out")
REFUSES: Final = Manner(answer="no")

IN_THE_BROWSER: Final = (
    REPLIES,
    Manner(answer="reply", answers_to=2, page={"connect_placement": "more_menu", "follow_first": True}),
    Manner(answer="opt_out", answers_slowly=True),
    Manner(page={"connect_placement": "primary_button", "sidebar_decoys": 9}),
    IGNORES,
    Manner(page={"connect_placement": "none", "creator": True, "sidebar_decoys": 9}),
    Manner(writes_first=True),
    REPLIES,
    DECLINES,
    REFUSES,
    IGNORES,
    SILENT,
)
ON_THE_FAST_PATH: Final = (
    Manner(answer="reply", state="connected"),
    Manner(answer="reply", state="pending"),
    Manner(writes_first=True),
    *(OPTS_OUT, REFUSES, REFUSES),
    *(DECLINES,) * 3,
    *(IGNORES,) * 7,
    *(REPLIES,) * 5,
    *(LATE,) * 2,
    *(SILENT,) * 5,
)
"""Who behaves how, by the account whose they are; the order of the second ones is drawn."""
HOURS: Final = {"invitation": (1.0, 50.0), "answer": (0.5, 22.0)}
"""How long people take, in hours."""


def first_rows(most: int) -> bytes:
    """The CSV with so many of its people."""
    return b"".join(CSV.splitlines(keepends=True)[: most + 1])


def read_people(file: bytes = CSV) -> list[Person]:
    """The people of the CSV."""
    rows = csv.reader(io.StringIO(file.decode()))
    next(rows)
    return [Person(*row) for row in rows]


MOST: Final = len(read_people())


def cast(browser: list[Person], fast: list[Person]) -> dict[str, Manner]:
    """Everybody's manner, by slug: the first parts written for each account are its people's."""
    parts = list(ON_THE_FAST_PATH)
    Rng(SEED).stream("parts").shuffle(parts)
    return {
        person.slug: part
        for people, written in ((browser, IN_THE_BROWSER), (fast, parts))
        for person, part in zip(people, written[: len(people)], strict=True)
    }


def hours(slug: str, what: str) -> float:
    """How long somebody takes for something."""
    return Rng(SEED).stream(what, slug).uniform(*HOURS[what])
