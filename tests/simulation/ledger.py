"""What really happened, written down by the world itself; nothing of the product is known here."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

SENDS: Final = ("invite", "message", "inmail")
"""Facts that reach a person, done by the product."""


@dataclass(frozen=True)
class Fact:
    """One thing that happened, at the true time, and what the product's clock showed then."""

    kind: str
    at: datetime
    shown: datetime
    account: str
    person: str
    text: str = ""
    token: str = ""
    looked_at: datetime | None = None
    """Of a send: the instant of the last look before it."""
    visible_at: datetime | None = None
    """Of a person's message: when a read first shows it."""
    note: str = ""

    def line(self) -> str:
        """The fact in one line, without what differs from process to process."""
        return f"{self.at.isoformat()} {self.kind} {self.account} {self.person} {self.note} {self.text!r}"


@dataclass
class Ledger:
    """All facts, in the order they happened."""

    facts: list[Fact] = field(default_factory=list)

    def add(self, fact: Fact) -> Fact:
        """Write one down."""
        self.facts.append(fact)
        return fact

    def of(self, *kinds: str) -> Iterator[Fact]:
        """The facts of these kinds."""
        return (fact for fact in self.facts if fact.kind in kinds)

    def digest(self) -> str:
        """A hash over everything that happened."""
        seen = hashlib.sha256()
        for fact in self.facts:
            seen.update(fact.line().encode())
        return seen.hexdigest()[:16]
