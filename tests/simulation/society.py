"""The people of the world: who they are and how they behave, drawn from a seed; nothing of the product is
known here.

They accept an invitation or not, hours to weeks later; answer, answer automatically, ask to be left alone,
decline; delete their profile; are connected already; and write out of the blue.
"""

import hashlib
import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final, Literal

from .ledger import Fact, Ledger

Relation = Literal["none", "pending", "connected", "declined"]
FIRST: Final = ("Ada", "Bo", "Chi", "Dov", "Eve", "Fay", "Gus", "Hal", "Ivy", "Jon", "Kim", "Lea", "Mo")
LAST: Final = ("Abel", "Birch", "Cole", "Dunn", "Eads", "Finch", "Gray", "Hale", "Ives", "Jay", "Kerr")
ZONES: Final = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
LONGEST_LAG_S: Final = 45


def chance(seed: int, *key: object) -> Random:
    """The stream of chance of a key."""
    text = "\x1f".join(str(part) for part in (seed, *key)).encode()
    return Random(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()))


@dataclass(frozen=True)
class Odds:
    """How likely what is, in this world."""

    accepts: float = 0.35
    declines: float = 0.08
    replies: float = 0.20
    auto_replies: float = 0.04
    opts_out: float = 0.05
    says_no: float = 0.05
    deletes: float = 0.03
    connected: float = 0.06
    lost_acceptance: float = 0.08
    """A connection that the list of connections never shows."""
    late_acceptance: float = 0.15
    """One that the list shows only a day or two later."""
    by_hand: float = 0.03
    """The operator writes to them by hand."""
    unasked: float = 0.02
    """They write out of the blue."""
    shy: float = 0.06
    away: float = 0.2
    """A machine writes right after they answered."""
    longest_lag_s: float = LONGEST_LAG_S
    """How long something may take to show in reads."""
    answered_by_hand: float = 0.4
    """The operator answers a reply by hand, so that it is not the last message any more."""


@dataclass(frozen=True)
class Word:
    """One message of a thread."""

    at: datetime
    visible_at: datetime
    by: Literal["person", "account"]
    text: str
    urn: str
    token: str | None = None


@dataclass
class Bond:
    """What an account and a person are to each other, and what they said."""

    relation: Relation = "none"
    since: datetime | None = None
    listed_at: datetime | None = None
    """When the list of connections first shows it; None: never."""
    invited_token: str | None = None
    visible_at: datetime | None = None
    """When reads show the invitation."""
    words: list[Word] = field(default_factory=list)
    own: int = 0
    """Messages of the account so far."""


@dataclass
class Person:
    """A member, and how they will behave, whatever the product does."""

    number: int
    slug: str
    profile_id: str
    member_id: int
    first_name: str
    last_name: str
    company: str
    zone: str
    accepts_after: timedelta | None
    declines_after: timedelta | None
    replies_to: int | None
    """Which message of an account they answer, from 1 on."""
    reply_after: timedelta
    reply_kind: str
    is_lost: bool
    listed_late: timedelta
    gone_at: datetime | None
    is_shy: bool
    """Only who knows their e-mail address may invite them."""
    bonds: dict[str, Bond] = field(default_factory=dict)

    def bond(self, account: str) -> Bond:
        """What they are to an account."""
        return self.bonds.setdefault(account, Bond())

    def is_gone(self, at: datetime) -> bool:
        """Whether they have deleted their profile."""
        return self.gone_at is not None and self.gone_at <= at


WORDS: Final = {
    "reply": "Thanks, tell me more.",
    "auto_reply": "I am out of office until further notice.",
    "opt_out": "Please stop writing to me and remove me from your list.",
    "no": "No thank you, not interested.",
}


def born(seed: int, number: int, start: datetime, days: int, odds: Odds) -> Person:
    """A person, by their number."""
    luck = chance(seed, "person", number)
    fate, answer = luck.random(), luck.random()
    kinds = (
        ("reply", odds.replies - odds.auto_replies - odds.opts_out - odds.says_no),
        ("auto_reply", odds.auto_replies),
        ("opt_out", odds.opts_out),
        ("no", odds.says_no),
    )
    kind, edge = "", 0.0
    for name, share in kinds:
        edge += share
        if not kind and answer < edge:
            kind = name
    accepts = timedelta(hours=min(24 * 30, math.exp(luck.gauss(3.0, 1.4))))
    gone = luck.random() < odds.deletes
    first, last = luck.choice(FIRST), luck.choice(LAST)
    code = hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()[:34]
    return Person(
        number=number,
        slug=f"{first}-{last}-{number:05d}".lower(),
        profile_id=f"ACoAA{code}",
        member_id=100_000 + number,
        first_name=first,
        last_name=last,
        company=f"Firm {number // 3}",
        zone=luck.choice(ZONES),
        accepts_after=accepts if fate < odds.accepts else None,
        declines_after=accepts if odds.accepts <= fate < odds.accepts + odds.declines else None,
        replies_to=luck.choice((1, 1, 2)) if kind else None,
        reply_after=timedelta(minutes=luck.choice((1, 7, 40, 300, 2000))),
        reply_kind=kind or "reply",
        is_lost=luck.random() < odds.lost_acceptance,
        listed_late=timedelta(hours=luck.uniform(12, 48))
        if luck.random() < odds.late_acceptance
        else timedelta(),
        gone_at=start + timedelta(days=luck.uniform(1, days)) if gone else None,
        is_shy=luck.random() < odds.shy,
    )


class Society:
    """Everybody, what happens among them as time passes, and the ledger of it."""

    def __init__(self, seed: int, size: int, start: datetime, days: int, odds: Odds) -> None:
        self.seed, self.odds, self.start = seed, odds, start
        self.ledger = Ledger()
        self.now, self.skew = start, timedelta()
        self.people = {one.slug: one for one in (born(seed, n, start, days, odds) for n in range(size))}
        self.by_profile = {one.profile_id: one for one in self.people.values()}
        self.by_account: dict[str, list[Person]] = {}
        """Whom an account has anything with, in the order it came about."""
        self.invited_at: dict[str, list[datetime]] = {}
        """When each account invited somebody, in order."""
        self._to_come: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = count()
        self._urns = count(1)

    def find(self, key: str) -> Person | None:
        """The person of a slug or profile id."""
        return self.people.get(key) or self.by_profile.get(key)

    def later(self, at: datetime, happens: Callable[[], None]) -> None:
        """Let something happen at an instant."""
        heapq.heappush(self._to_come, (at, next(self._numbers), happens))

    def until(self, at: datetime) -> None:
        """Let the world go on until then."""
        while self._to_come and self._to_come[0][0] <= at:
            self.now, _, happens = heapq.heappop(self._to_come)
            happens()
        self.now = max(self.now, at)

    def note(self, kind: str, account: str, person: Person, **more: object) -> Fact:
        """Write a fact down, now."""
        return self.ledger.add(
            Fact(kind, self.now, self.now + self.skew, account, person.slug, **more)  # type: ignore[arg-type]
        )

    def bond(self, account: str, person: Person) -> Bond:
        """What the two are to each other."""
        if account not in person.bonds:
            self.by_account.setdefault(account, []).append(person)
        return person.bond(account)

    def lag(self, *key: object) -> timedelta:
        """How long something takes to show in reads."""
        return timedelta(seconds=chance(self.seed, "lag", *key).uniform(0, self.odds.longest_lag_s))

    def befriend(self, account: str, person: Person) -> None:
        """They were connected before anything began."""
        bond = self.bond(account, person)
        bond.relation, bond.since, bond.listed_at = "connected", self.start - timedelta(days=99), self.start
        self.note("connected_before", account, person)

    def invited(
        self, account: str, person: Person, text: str, token: str, looked_at: datetime | None
    ) -> None:
        """An invitation has arrived; a second one arrives as well."""
        bond = self.bond(account, person)
        self.note("invite", account, person, text=text, token=token, looked_at=looked_at)
        self.invited_at.setdefault(account, []).append(self.now)
        bond.invited_token, bond.visible_at = token, self.now + self.lag(token)
        if bond.relation == "connected":
            return
        bond.relation, bond.since = "pending", self.now
        if text:
            self.say(account, person, "account", text, token=None)
        if person.accepts_after is not None:
            self.later(self.now + person.accepts_after, lambda: self.accepts(account, person))
        elif person.declines_after is not None:
            self.later(self.now + person.declines_after, lambda: self.declines(account, person))

    def accepts(self, account: str, person: Person) -> None:
        """They accept."""
        bond = self.bond(account, person)
        if bond.relation != "pending" or person.is_gone(self.now):
            return
        bond.relation, bond.since = "connected", self.now
        bond.listed_at = None if person.is_lost else self.now + person.listed_late
        self.note("accept", account, person, note="lost" if person.is_lost else "")

    def declines(self, account: str, person: Person) -> None:
        """They decline; the invitation is simply gone."""
        bond = self.bond(account, person)
        if bond.relation == "pending":
            bond.relation, bond.since = "declined", self.now
            self.note("decline", account, person)

    def withdraws(self, account: str, person: Person) -> None:
        """The operator takes the invitation back, in the service itself."""
        bond = self.bond(account, person)
        bond.relation, bond.since = "none", self.now
        self.note("withdraw", account, person)

    def say(
        self, account: str, person: Person, by: Literal["person", "account"], text: str, token: str | None
    ) -> Word:
        """Add a message to their thread."""
        number = next(self._urns)
        lag = self.lag(number) if by == "account" else timedelta()
        word = Word(self.now, self.now + lag, by, text, f"urn:li:msg:{number}", token)
        self.bond(account, person).words.append(word)
        return word

    def written_to(
        self, kind: str, account: str, person: Person, text: str, token: str, looked_at: datetime | None
    ) -> Word:
        """A message or InMail of the product has arrived; perhaps they answer."""
        self.note(kind, account, person, text=text, token=token, looked_at=looked_at)
        word = self.say(account, person, "account", text, token)
        bond = self.bond(account, person)
        bond.own += 1
        if bond.own == person.replies_to:
            self.later(self.now + person.reply_after, lambda: self.writes(account, person, person.reply_kind))
        return word

    def writes(self, account: str, person: Person, kind: str) -> None:
        """They write; the operator may answer by hand."""
        if person.is_gone(self.now):
            return
        word = self.say(account, person, "person", WORDS[kind], None)
        self.note(kind, account, person, text=word.text, visible_at=word.visible_at)
        luck = chance(self.seed, "answer", person.slug, account)
        if kind == "reply" and luck.random() < self.odds.away:
            self.later(self.now + timedelta(minutes=1), lambda: self.writes(account, person, "auto_reply"))
        elif kind == "reply" and luck.random() < self.odds.answered_by_hand:
            after = timedelta(minutes=luck.choice((2, 30, 600)))
            self.later(self.now + after, lambda: self.by_hand(account, person))

    def by_hand(self, account: str, person: Person) -> None:
        """The operator writes to them, in the service itself."""
        word = self.say(account, person, "account", "I saw your note; let us talk on Monday.", None)
        self.note("manual", account, person, text=word.text, visible_at=word.visible_at)
