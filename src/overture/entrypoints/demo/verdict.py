"""Side by side: what Overture reports of every run, and what the sandbox knows to be true."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from overture.entrypoints.demo.clients import OVER, Json, Sandbox
from overture.entrypoints.demo.people import Person
from overture.entrypoints.demo.world import contacts, username

IN_THE_LEDGER: Final = {"connect": ("invite", "note"), "message": ("message", "message")}
"""What a touchpoint is called in the ledger, and which of its fields holds the words."""


@dataclass(frozen=True)
class Line:
    """One touchpoint toward one person, as told and as it was."""

    person: str
    action: str
    told: str
    truth: str
    agrees: bool


@dataclass(frozen=True)
class Verdict:
    """All lines, and contacts in the ledger that no run accounts for."""

    lines: Sequence[Line]
    unexplained: Sequence[Json]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Nothing was told that is not so, and nothing happened that was not told."""
        return all(line.agrees for line in self.lines) and not self.unexplained


async def judge(
    sandbox: Sandbox, people: Sequence[Person], runs: Sequence[Json], visits: Sequence[Json]
) -> Verdict:
    """Compare every run with the world; `visits` are those the visits alone made."""
    happened = await contacts(sandbox)
    lines = []
    claimed: Counter[tuple[Any, ...]] = Counter()
    for person in people:
        member = await sandbox.member(person.slug)
        mine = [run for run in runs if run["touchpoint_input"]["url"] == person.profile_url]
        seen = Seen(person, member, happened, visits)
        for run in sorted(mine, key=lambda run: str(run["run_id"])):
            lines.append(seen.line(run))
            if run["touchpoint_type"] in IN_THE_LEDGER and run["effect"] == "confirmed":
                claimed[seen.claim(run)] += 1
    surplus = Counter(map(key_of, happened)) - claimed
    unexplained = [entry for entry in happened if key_of(entry) in surplus]
    return Verdict(lines, unexplained, Counter(entry["kind"] for entry in happened))


@dataclass(frozen=True)
class Seen:
    """One person as the world has them, with everything the accounts did."""

    person: Person
    member: Json
    happened: Sequence[Json]
    visits: Sequence[Json]

    def line(self, run: Json) -> Line:
        """The run beside the truth about it."""
        match run["touchpoint_type"]:
            case "enrich":
                truth, agrees = self._profile(run)
            case "check_connection":
                truth = self._state()
                agrees = run["status"] == "completed" and run["result"]["state"] == truth
            case "visit":
                count = sum(self._is_mine(entry) for entry in self.visits)
                truth = f"{count} visits" if count != 1 else "1 visit"
                agrees = count == (1 if run["effect"] == "confirmed" else 0)
            case _:
                truth, agrees = self._contact(run)
        is_over = run["status"] in OVER
        return Line(self.person.name, run["touchpoint_type"], told(run), truth, agrees and is_over)

    def claim(self, run: Json) -> tuple[Any, ...]:
        """The entry the ledger must hold if what the run says is so."""
        kind, words = IN_THE_LEDGER[run["touchpoint_type"]]
        sent = run["touchpoint_input"].get(words)
        return kind, username(self.person.account), self.person.slug, sent

    def _profile(self, run: Json) -> tuple[str, bool]:
        profile = (run["result"] or {}).get("profile", {})
        read = (profile.get("first_name"), profile.get("last_name"), profile.get("headline"))
        true = (self.member["first_name"], self.member["last_name"], self.member["headline"])
        return str(self.member["headline"]), run["status"] == "completed" and read == true

    def _state(self) -> str:
        return str(self.member["relationships"][username(self.person.account)]["state"])

    def _contact(self, run: Json) -> tuple[str, bool]:
        """Exactly one with exactly these words if confirmed, none of its kind otherwise."""
        kind, _ = IN_THE_LEDGER[run["touchpoint_type"]]
        mine = [entry for entry in self.happened if entry["kind"] == kind and self._is_mine(entry)]
        truth = ", ".join(in_words(entry) for entry in mine) or f"no {kind}"
        if run["effect"] == "confirmed":
            return truth, [key_of(entry) for entry in mine] == [self.claim(run)]
        is_noop = run["status"] == "completed" and run["result"].get("noop")
        if is_noop:
            truth = f"{truth}; {self._state()}"
        return truth, not mine and (not is_noop or run["result"]["state"] == self._state())

    def _is_mine(self, entry: Json) -> bool:
        return bool(entry["target"] == self.person.slug and entry["account"] == username(self.person.account))


def told(run: Json) -> str:
    """A run's outcome in a few words."""
    result = run["result"] or {}
    parts = [run["status"], run["effect"] if run["effect"] != "none" else "", run["error_code"] or ""]
    if "state" in result:
        parts.append(f"{'already ' if result.get('noop') else ''}{result['state']}")
    if run["attempts_made"] > 1 or run["epoch"] > 1:
        parts.append("(taken up again)")
    return " ".join(part for part in parts if part)


def in_words(entry: Json) -> str:
    """A ledger entry in a few words."""
    if not entry["text"]:
        return f"1 {entry['kind']}, no note"
    return f"1 {entry['kind']}, {len(entry['text'].encode())} bytes of text"


def key_of(entry: Json) -> tuple[Any, ...]:
    """What matters of a ledger entry."""
    return entry["kind"], entry["account"], entry["target"], entry["text"]
