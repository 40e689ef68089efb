"""The people of the demo: what the client knows of them (the CSV), and what only the world knows."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CSV: Final = Path(__file__).with_name("people.csv")


@dataclass(frozen=True)
class Person:
    """One row of the CSV: somebody to get to know, from which account, with which words."""

    profile_url: str
    first_name: str
    last_name: str
    title: str
    company: str
    account: str
    note: str
    message: str

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

    state: str = "none"
    page: Mapping[str, object] = field(default_factory=dict)
    accepts: bool = True
    writes_first: bool = False
    answers_slowly: bool = False


ORDINARY: Final = Manner()
MANNERS: Final[Mapping[str, Manner]] = {
    "balint-orsted-kovacs-demo": Manner(page={"connect_placement": "more_menu", "follow_first": True}),
    "chiara-montelupo-demo": Manner(answers_slowly=True),
    "dagny-fjelstad-demo": Manner(accepts=False),
    "elif-yildizhan-demo": Manner(page={"connect_placement": "primary_button", "sidebar_decoys": 9}),
    "fionn-drumcliff-demo": Manner(page={"connect_placement": "none", "creator": True, "sidebar_decoys": 9}),
    "henrik-almquist-demo": Manner(writes_first=True),
    "jadwiga-kowalczyk-demo": Manner(state="connected"),
    "kasper-norgaard-demo": Manner(state="pending"),
    "leonie-stromberg-demo": Manner(accepts=False),
}
"""Everybody else shows Connect and says yes."""


def read_people() -> list[Person]:
    """The people of the CSV."""
    with CSV.open(encoding="utf-8", newline="") as file:
        return [Person(**row) for row in csv.DictReader(file)]


def manner_of(person: Person) -> Manner:
    """How the person behaves in the sandbox."""
    return MANNERS.get(person.slug, ORDINARY)
