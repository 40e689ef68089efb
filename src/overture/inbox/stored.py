"""The port to a service that has an account's messages stored: the channel does not notice it being read."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from overture.accounts import Account
from overture.inbox.incoming import MessageTold, ThreadTold


@dataclass(frozen=True)
class Leaf:
    """One page of what is stored: messages, what happened to them since, and how many cannot be placed."""

    said: tuple[MessageTold, ...] = ()
    marks: tuple[MessageTold, ...] = ()
    unclear: int = 0
    """Messages of which the service does not say who wrote them, or in which thread."""


class StoreAway(Exception):
    """The service does not tell now; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MessageStore(Protocol):
    """What a service has stored of one account's messages. Each method may raise `StoreAway`."""

    async def is_well(self) -> bool:
        """Whether the service is connected to the channel for this account now."""
        ...

    def since(self, after: datetime) -> AsyncIterator[Leaf]:
        """Everything sent or received after an instant, by pages; whoever gets to the end has had it all."""
        ...

    def threads(self) -> AsyncIterator[tuple[ThreadTold, ...]]:
        """Every thread of two or more, by pages."""
        ...

    async def newest(self, thread: ThreadTold, most: int) -> Leaf:
        """The newest messages of one thread."""
        ...


class NotSetUp(Exception):
    """The account's service has a store, but nobody has said how it is reached; `lacks` names the setting."""

    def __init__(self, lacks: str) -> None:
        super().__init__(lacks)
        self.lacks = lacks


OpenStore = Callable[[Account], MessageStore | None]
"""The store of an account, None where its provider has none; raises `NotSetUp`."""
