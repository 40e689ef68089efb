"""The port between 'when and whether' (runs) and 'how' (providers).

A provider opens a session for a sender. A session *reads* (touchpoints that may be repeated) or hands out a
*write* (touchpoints of the effect protocol), whose phases the runs layer calls in order:

    prepare() ── Outcome: nothing to do, or None: ready, one act away
    last_look() ─ raises NotPossible("replied_already") when the person wrote
        … runs commits the intent …
    act(intent) ─ the one irreversible act. Returns Accepted from the write's own answer;
                  a Failure other than Uncertain means *certainly not done*; anything else means unknown
    confirm() ── the independent read; None: not to be seen (yet)
    read_back() ─ later, from a fresh session: found, absent, or cannot tell
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from html import escape
from typing import Final, Literal, Protocol, runtime_checkable
from urllib.parse import quote, quote_plus
from uuid import UUID

from overture.touchpoints.base import Outcome, Touchpoint

HIDDEN: Final = "•••"
SHORTEST_SECRET: Final = 4  # hiding anything shorter would only make the text unreadable


def hide(text: str, secrets: Iterable[str]) -> str:
    """The text without these values, however they are written."""
    return _without(text, writings(secrets))


def writings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Every way these values may stand in a text: plain, in an address, in HTML, in JSON; longest first."""
    found = {
        writing
        for secret in secrets
        if len(secret) >= SHORTEST_SECRET
        for writing in (
            secret,
            quote(secret, safe=""),
            quote(secret),
            quote_plus(secret),
            escape(secret),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
        )
    }
    return tuple(sorted(found, key=len, reverse=True))


def _without(text: str, hidden: Iterable[str]) -> str:
    for writing in hidden:
        text = text.replace(writing, HIDDEN)
    return text


APPROVED: Final = "approved"
"""The answer of somebody who has said yes in the service's app."""


@dataclass(frozen=True, repr=False)
class Secrets:
    """What a sender logs in with and the session it kept; never printed."""

    values: Mapping[str, str] = field(default_factory=dict)
    session: bytes | None = None
    session_version: int = 0
    answer: str | None = None
    """What a person said to the check the service asked for: a code, or APPROVED. For this attempt alone."""

    def __repr__(self) -> str:
        """Say nothing of what is inside."""
        return "Secrets(…)"

    def hidden_in(self, text: str) -> str:
        """The text with every credential in it made unreadable."""
        return _without(text, self._writings)

    @cached_property
    def _writings(self) -> tuple[str, ...]:
        return writings(self.values.values())


@dataclass(frozen=True)
class Sender:
    """The account on whose behalf a session acts."""

    account_id: UUID
    handle: str
    provider: str
    zone: str
    secrets: Secrets
    external_id: str | None = None
    """What a service between us and the channel calls the account."""


@dataclass(frozen=True)
class Evidence:
    """One thing that proves an outcome: where it was seen and the identifiers seen there."""

    source: str
    facts: Mapping[str, object]


async def nothing_stops() -> None:
    """The last check of an act that nobody can stop any more."""


@dataclass(frozen=True)
class Intent:
    """The committed decision to act: the run's token, and the last instant at which the act may begin.

    `last_check` is awaited right before the act is let go; it raises a Failure when a kill switch was turned
    on, or the run was lost to another worker, since the intent: nothing has been sent then, and nothing is.
    """

    token: UUID
    act_before: datetime
    last_check: Callable[[], Awaitable[None]] = nothing_stops


@dataclass(frozen=True)
class LastLook:
    """What stops a send: anything in the thread after `since` that no run of ours wrote.

    Ours is known by its token; the note of an invitation, which opens the thread once it is accepted and
    carries no token, by its text. Where a service tells no tokens, by the ids our runs learnt and by what
    they wrote.
    """

    since: datetime
    own_tokens: frozenset[str] = frozenset()
    own_notes: frozenset[str] = frozenset()
    own_messages: frozenset[str] = frozenset()
    """Ids of messages our runs have proved to be theirs."""
    own_texts: frozenset[str] = frozenset()
    """What runs of ours wrote that came as far as to intend it."""


@dataclass(frozen=True)
class Accepted:
    """The write's own answer said yes."""

    evidence: Evidence


@dataclass(frozen=True)
class ReadBack:
    """What a later read shows of an act whose end was not seen."""

    verdict: Literal["found", "absent", "cannot_tell"]
    outcome: Outcome | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Snapshot:
    """What the account's screen showed, secrets masked.

    `facts`: url, page_class, variant, locale, title. `dom`: the page as HTML with its open shadow roots.
    `console` and `network`: the last entries, oldest first; no bodies, no cookies.
    """

    screenshot: bytes | None
    facts: Mapping[str, object]
    dom: str | None = None
    console: Sequence[Mapping[str, object]] = ()
    network: Sequence[Mapping[str, object]] = ()


class Trace(Protocol):
    """Takes down the steps of an attempt, in order, with their times."""

    def step(self, name: str, **facts: object) -> None:
        """Note that a step was reached."""
        ...


class Write(Protocol):
    """One irreversible touchpoint under way in one session."""

    async def prepare(self) -> Outcome | None:
        """Bring it to one act before done; an Outcome means there is nothing to do (`noop`)."""
        ...

    async def last_look(self, look: LastLook) -> None:
        """Read the thread now; raise NotPossible when the person or the operator wrote."""
        ...

    async def act(self, intent: Intent) -> Accepted:
        """Do it once, before `intent.act_before`, or raise."""
        ...

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        """Read it back independently; None when it is not to be seen within the bounded wait."""
        ...

    async def abandon(self) -> None:
        """Leave nothing behind: close the dialog, clear the draft."""
        ...

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:
        """What became of an earlier act with this token."""
        ...


@dataclass(frozen=True)
class Rehearsed:
    """How far a rehearsal came: an Outcome when there is nothing to do, and what it left unchecked."""

    outcome: Outcome | None
    unchecked: tuple[str, ...] = ()
    """What only the real preparation finds out, as it needs a page its owner is told of."""


@runtime_checkable
class Rehearses(Protocol):
    """A write that can be rehearsed: everything of `prepare` that nobody at the service notices."""

    async def rehearse(self) -> Rehearsed:
        """Check what reads alone can check; `last_look` may follow, `act` may not."""
        ...


@runtime_checkable
class MayAnswer(Protocol):
    """A write that may turn out to say yes to what the person asked."""

    @property
    def is_answer(self) -> bool:
        """Whether it does; known once it is prepared."""
        ...


class Session(Protocol):
    """One account's open door; at most one is open per account."""

    async def enter(self) -> None:
        """Make sure the account is logged in, or raise the Failure saying why it is not."""
        ...

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        """Carry out a touchpoint that may be repeated."""
        ...

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        """Begin a touchpoint of the effect protocol; the token is the run's own, whatever the attempt."""
        ...

    async def snapshot(self) -> Snapshot:
        """The screen as it is, for the record of a failure."""
        ...

    async def state(self) -> bytes | None:
        """The session to remember, when it changed; None when there is nothing new."""
        ...


class Provider(Protocol):
    """A way to act on a channel."""

    name: str
    channel: str
    read_back_lag: timedelta
    """A committed effect shows in reads at the latest this long after; tested against the sandbox."""
    credential_fields: tuple[str, ...]
    """Names of the secrets an account of this provider may have."""

    @property
    def lacks(self) -> str | None:
        """The setting without which it cannot act, when it is not set; None: it is ready."""
        ...

    def supports(self, kind: str) -> bool:
        """Whether there is a handler for this touchpoint type."""
        ...

    def open(self, sender: Sender, trace: Trace) -> AbstractAsyncContextManager[Session]:
        """A session for the sender, still to be entered; a Failure when there is nothing to open."""
        ...

    async def close(self) -> None:
        """Let go of everything the provider holds (browser, connections)."""
        ...


@runtime_checkable
class TakesCookies(Protocol):
    """A provider whose session a person can bring along from their own browser."""

    def session_from(self, cookies: Sequence[Mapping[str, object]], now: datetime) -> bytes:
        """The session these cookies are, or Invalid saying what is missing; nothing of them is quoted."""
        ...
