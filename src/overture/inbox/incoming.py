"""What a delivery tells, in our words, whichever service sent it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from overture.people import Key

MessageEvent = Literal["received", "edited", "deleted", "read", "reaction"]
Direction = Literal["own", "theirs"]


@dataclass(frozen=True)
class ThreadTold:
    """The thread a message stands in, and who the other one is."""

    thread_key: str
    service_thread_id: str | None
    is_group: bool
    keys: tuple[Key, ...]
    """Of the other one, the surest first; of a group none."""
    name: str | None


@dataclass(frozen=True)
class MessageTold:
    """Something happened to a message."""

    event: MessageEvent
    thread: ThreadTold
    message_key: str
    service_message_id: str | None
    direction: Direction | None
    """None: the service does not say enough."""
    text: str
    subject: str | None
    at: datetime
    is_note: bool
    reaction: str | None = None
    attachments: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True)
class RelationTold:
    """The account and somebody are connected, since about now."""

    keys: tuple[Key, ...]
    at: datetime


@dataclass(frozen=True)
class StatusTold:
    """How the service finds the account."""

    word: str
    at: datetime


@dataclass(frozen=True)
class NothingToDo:
    """It is understood, and nothing follows from it."""


Told = MessageTold | RelationTold | StatusTold | NothingToDo


@dataclass(frozen=True)
class Incoming:
    """A delivery that was read: of which account (as the service names it), and what it tells."""

    service_account: str | None
    told: Told


class NotUnderstood(ValueError):
    """What is delivered cannot be understood, now or later: kept as it is."""


class NotYet(ValueError):
    """It cannot be applied now; perhaps later."""


Reader = Callable[[bytes, str | None, datetime], Incoming]
"""Reads a delivery of one service: its body, what it calls itself, and when it came."""
