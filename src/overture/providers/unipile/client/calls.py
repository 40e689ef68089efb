"""One call of the API: what it asks, whether it changes anything, whether LinkedIn feels it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

QueryValue = str | int | bool | None
Json = Mapping[str, object]


class Kind(StrEnum):
    """What a call costs and whether it may be made again."""

    STORED_READ = "stored_read"  # from Unipile's own store: fast, free
    LIVE_READ = "live_read"  # through the account's session: slow, counts against its limits
    STORED_WRITE = "stored_write"
    LIVE_WRITE = "live_write"

    @property
    def is_live(self) -> bool:
        """Whether it goes through the account's session at its provider."""
        return self in (Kind.LIVE_READ, Kind.LIVE_WRITE)

    @property
    def is_write(self) -> bool:
        """Whether it changes something, so that it may not be repeated."""
        return self in (Kind.STORED_WRITE, Kind.LIVE_WRITE)


@dataclass(frozen=True)
class Part:
    """One part of a multipart body: a text, or a file when it has a file name."""

    name: str
    content: str | bytes = field(repr=False)
    file_name: str | None = None
    mimetype: str | None = None


@dataclass(frozen=True)
class Call:
    """One call, before it is sent."""

    method: str
    path: str  # below /api/v1
    kind: Kind
    action: str  # `invitations.send`: what limiters and journals go by
    account_id: str | None = None
    query: Mapping[str, QueryValue] = field(default_factory=dict, repr=False)
    body: Json | None = field(default=None, repr=False)
    parts: Sequence[Part] = field(default=(), repr=False)
    answers: str = ""  # the `object` of its answer, which a dry run pretends
    instead: "Call | None" = field(default=None, repr=False)  # the read a dry run makes of it

    def with_query(self, **more: QueryValue) -> "Call":
        """The same call with more in its query."""
        return replace(self, query={**self.query, **more})


class Clock(Protocol):
    """Waits between two tries of a read."""

    async def sleep(self, duration: timedelta) -> None:
        """Return when `duration` has passed."""
        ...


class Chance(Protocol):
    """Spreads tries out; a `random.Random` is one."""

    def uniform(self, a: float, b: float) -> float:
        """A number between two."""
        ...


class Limiter(Protocol):
    """Asked before every live call of an account; it waits, or raises to refuse. Stored reads are exempt."""

    async def admit(self, call: Call) -> None:
        """Return when the call may be made."""
        ...


@dataclass(frozen=True)
class Timeouts:
    """How long a call may take in all, by where its answer comes from."""

    stored: timedelta = timedelta(seconds=30)
    live: timedelta = timedelta(seconds=90)
    connect: timedelta = timedelta(seconds=10)

    def of(self, kind: Kind) -> timedelta:
        """The limit for this kind of call."""
        return self.live if kind.is_live else self.stored


class Unlimited:
    """A limiter that lets everything through."""

    async def admit(self, call: Call) -> None:
        """Nothing to wait for."""
