"""Side by side: what Overture reports of everybody, and what the sandbox knows to be true."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from overture.entrypoints.demo.clients import Json, Overture
from overture.entrypoints.demo.lineup import HANDLES, username
from overture.entrypoints.demo.people import Manner, Person
from overture.entrypoints.demo.world import SAYS

CONTACTS: Final = {"connect": ("invite", "note"), "message": ("message", "message")}
"""What a touchpoint is called in the ledger, and which of its fields holds the words."""
KINDS: Final = ("invite", "message", "withdraw", "inmail")
"""What somebody finds in their inbox, or misses there."""
ENDS_AS: Final = {"reply": {"replied"}, "opt_out": {"opted_out", "suppressed"}, "no": {"declined"}}
"""What an enrollment may be called after each answer."""
ENDINGS: Final = frozenset(reason for reasons in ENDS_AS.values() for reason in reasons)
SILENCING: Final = ("reply", "decline")
DIRECTIONS: Final = {"message": "own", "reply": "theirs"}
"""Whose message it is in the inbox, by what it is called in the ledger."""


@dataclass(frozen=True)
class Reported:
    """What Overture's API says of one campaign."""

    campaign: Json
    enrollments: Mapping[str, Json]
    """By the name of the person."""
    runs: Sequence[Json]
    providers: Mapping[str, str] = field(default_factory=dict)
    """By what each account acts, by its handle."""
    messages: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    """The inbox, by the id of the lead it is about."""
    deliveries: Mapping[str, int] = field(default_factory=dict)
    """How many deliveries of webhooks are in which state."""

    @classmethod
    async def read(cls, overture: Overture, campaign_id: str) -> "Reported":
        """Ask for all of it."""
        campaign = await overture.ask("GET", f"/api/v1/campaigns/{campaign_id}")
        enrollments = await overture.every("/api/v1/enrollments", campaign=campaign_id)
        runs = [run for kind in CONTACTS for run in await overture.every("/api/v1/runs", type=kind)]
        accounts = await overture.ask("GET", "/api/v1/accounts")
        return cls(
            campaign,
            {one["name"]: one for one in enrollments},
            runs,
            {one["handle"]: one["provider"] for one in accounts["data"]},
            await inbox_of(overture),
            Counter(one["state"] for one in await overture.every("/api/v1/webhooks/deliveries")),
        )


async def inbox_of(overture: Overture) -> dict[str, list[Json]]:
    """All messages of all conversations, by lead."""
    found: dict[str, list[Json]] = {}
    for one in await overture.every("/api/v1/conversations"):
        path = f"/api/v1/conversations/{one['conversation_id']}/messages"
        found.setdefault(str(one["lead_id"]), []).extend(await overture.every(path))
    return found


@dataclass(frozen=True)
class Line:
    """One person, as told and as it was."""

    person: str
    provider: str
    told: str
    truth: str
    wrongs: tuple[str, ...] = ()
    """What is not as it should be, each in a few words."""


@dataclass(frozen=True)
class Stage:
    """One line of the funnel; `truth` is None where the world cannot know."""

    name: str
    told: int
    truth: int | None

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.truth is None or self.told == self.truth


@dataclass(frozen=True)
class Verdict:
    """Everybody, the funnel, and contacts in the ledger that no run accounts for."""

    lines: Sequence[Line]
    funnel: Sequence[Stage]
    waiting: Mapping[str, int]
    """Who is still on their way, by what they wait for."""
    unexplained: Sequence[Json] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    shares: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """What each provider did, by the ledger."""
    deliveries: Mapping[str, int] = field(default_factory=dict)
    """How many deliveries of webhooks are in which state."""

    @property
    def agrees(self) -> bool:
        """Nothing was told that is not so, nothing happened that was not told, nobody was molested."""
        lines = not any(line.wrongs for line in self.lines)
        return lines and all(stage.agrees for stage in self.funnel) and not self.unexplained


def judge(
    people: Sequence[Person], manners: Mapping[str, Manner], reported: Reported, ledger: Sequence[Json]
) -> Verdict:
    """Compare the report with the world."""
    ours = {username(handle) for handle in HANDLES}
    contacts = [entry for entry in ledger if entry["account"] in ours and entry["kind"] in KINDS]
    claims = Counter(claim_of(run) for run in reported.runs if run["effect"] == "confirmed")
    surplus = Counter(map(key_of, contacts)) - claims
    seen = [Seen(person, manners[person.slug], reported, ledger) for person in people]
    lines = [one.line() for one in seen]
    truth = Counter(fact for one in seen for fact in one.facts)
    return Verdict(
        lines,
        funnel_of(reported.campaign, truth, len(people)),
        Counter(one["reason"] for one in reported.enrollments.values() if one["state"] == "active"),
        [entry for entry in contacts if key_of(entry) in surplus],
        {**Counter(entry["kind"] for entry in contacts), **truth},
        shares_of(reported.providers, lines, contacts),
        reported.deliveries,
    )


def shares_of(
    providers: Mapping[str, str], lines: Sequence[Line], contacts: Sequence[Json]
) -> dict[str, dict[str, int]]:
    """How many people each provider has, and what the ledger says it sent them."""
    of = {username(handle): provider for handle, provider in providers.items()}
    found = {}
    for provider in dict.fromkeys(of.values()):
        kinds = Counter(entry["kind"] for entry in contacts if of.get(entry["account"]) == provider)
        people = sum(line.provider == provider for line in lines)
        found[provider] = {"people": people, "invites": kinds["invite"], "messages": kinds["message"]}
    return found


def funnel_of(campaign: Json, truth: Mapping[str, int], people: int) -> list[Stage]:
    """The funnel as the campaign's page has it, beside the ledger's."""
    told = campaign["funnel"]
    return [
        Stage("enrolled", told["enrolled"], people),
        Stage("invited", told["invited"], truth.get("invited", 0)),
        Stage("accepted", told["accepted"], truth.get("accepted", 0)),
        Stage("written to", told["messaged"], truth.get("written to", 0)),
        Stage("replied", told["replied"], truth.get("reply", 0)),
        Stage("opted out", told["opted_out"], truth.get("opt_out", 0)),
        Stage("declined", told["declined"], truth.get("no", 0)),
        Stage("came to the end without an answer", told["completed"], None),
    ]


@dataclass(frozen=True)
class Seen:
    """One person as the world has them, and what is reported of them."""

    person: Person
    manner: Manner
    reported: Reported
    ledger: Sequence[Json]

    def line(self) -> Line:
        """The report beside the truth about it."""
        enrollment = self.reported.enrollments[self.person.name]
        runs = Counter(run["touchpoint_type"] for run in self._runs if run["effect"] == "confirmed")
        told = [counted(runs[kind], CONTACTS[kind][0]) for kind in CONTACTS if runs[kind]]
        done = ", ".join(told) or "nothing sent"
        return Line(
            self.person.name,
            self.reported.providers[enrollment["handle"]],
            f"{done}; {enrollment['reason']}",
            ", ".join(self._truth()) or "nothing",
            tuple(self._wrongs(enrollment)),
        )

    @property
    def facts(self) -> set[str]:
        """What is true of them, in the words of the funnel."""
        kinds = [entry["kind"] for entry in self._about]
        is_invited = "invite" in kinds
        found = {"invited"} if is_invited else set()
        found |= {"accepted"} if is_invited and "accept" in kinds else set()
        found |= {"written to"} if "message" in kinds else set()
        return found | ({self._answer} if self._answer is not None else set())

    @property
    def _answer(self) -> str | None:
        """What they have said, of the few things people say here; whatever is none of them is a reply."""
        texts = [entry["text"] for entry in self._about if entry["kind"] == "reply"]
        meanings = {text: meaning for meaning, text in SAYS.items()}
        return meanings.get(texts[0], "reply") if texts else None

    @property
    def _about(self) -> list[Json]:
        """All that happened between them and our accounts, in order."""
        return [entry for entry in self.ledger if self.person.slug in (entry["actor"], entry["target"])]

    @property
    def _contacts(self) -> list[Json]:
        return [entry for entry in self._about if entry["kind"] in KINDS]

    @property
    def _runs(self) -> list[Json]:
        return [run for run in self.reported.runs if slug_of(run) == self.person.slug]

    def _truth(self) -> list[str]:
        words = Counter(entry["kind"] for entry in self._contacts)
        found = [counted(count, kind) for kind, count in words.items()]
        said = {entry["kind"] for entry in self._about}
        found += [word for kind, word in (("accept", "accepted"), ("decline", "declined")) if kind in said]
        return [*found, f"said: {self._answer}"] if self._answer is not None else found

    def _wrongs(self, enrollment: Json) -> list[str]:
        """Everything that may not be."""
        wrongs = []
        told = Counter(claim_of(run) for run in self._runs if run["effect"] == "confirmed")
        if told != Counter(map(key_of, self._contacts)):
            wrongs.append("reported and sent differ")
        if any(run["status"] not in ("completed", "failed", "cancelled") for run in self._runs):
            wrongs.append("a run is not over")
        kinds = [entry["kind"] for entry in self._about]
        if kinds.count("invite") > 1:
            wrongs.append("invited twice")
        first = next((place for place, kind in enumerate(kinds) if kind in SILENCING), len(kinds))
        if any(kind in KINDS for kind in kinds[first:]):
            wrongs.append("contacted after an answer")
        texts = [entry["text"] for entry in self._contacts if entry["text"]]
        if len(set(texts)) < len(texts):
            wrongs.append("the same text twice")
        expected = ENDS_AS[self._answer] if self._answer is not None else None
        if (enrollment["reason"] not in expected) if expected else (enrollment["reason"] in ENDINGS):
            wrongs.append("the reported ending is not theirs")
        if self._kept(enrollment) != self._said:
            wrongs.append("the inbox says something else")
        return wrongs

    @property
    def _said(self) -> Counter[tuple[str, str]]:
        """Every message between them and our accounts, whose it was and what it said."""
        return Counter(
            (DIRECTIONS[entry["kind"]], entry["text"]) for entry in self._about if entry["kind"] in DIRECTIONS
        )

    def _kept(self, enrollment: Json) -> Counter[tuple[str, str]]:
        """The same by the inbox; the note of an invitation is none of it."""
        kept = self.reported.messages.get(enrollment["lead_id"], ())
        return Counter((one["direction"], one["text"]) for one in kept if one["kind"] != "note")


def slug_of(run: Json) -> str:
    """Whom a run is about."""
    given = run["touchpoint_input"]
    return str(given.get("public_identifier") or str(given.get("url")).rstrip("/").rsplit("/", 1)[-1])


def claim_of(run: Json) -> tuple[Any, ...]:
    """The entry the ledger must hold if what the run says is so."""
    kind, words = CONTACTS[run["touchpoint_type"]]
    return kind, username(run["handle"]), slug_of(run), run["touchpoint_input"].get(words)


def key_of(entry: Json) -> tuple[Any, ...]:
    """What matters of a ledger entry."""
    return entry["kind"], entry["account"], entry["target"], entry["text"]


def counted(count: int, kind: str) -> str:
    """So many of a kind, in words."""
    return f"{count} {kind}{'s' if count > 1 else ''}"
