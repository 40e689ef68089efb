"""One account's open door at Unipile: reads, writes, and what to remember. There is no screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from overture.core.errors import Failure, NeedsHuman, NotPossible, Transient
from overture.providers.unipile import (
    check_connection,
    comment,
    connect,
    enrich,
    inmail,
    log_in,
    message,
    react,
    search,
    sync_inbox,
    sync_relations,
    visit,
    withdraw,
)
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk, Owner
from overture.providers.unipile.memory import Memory
from overture.providers.unipile.registry import reader_of, writer_of
from overture.providers.unipile.verdict import Doing
from overture.touchpoints import (
    Accepted,
    Evidence,
    Intent,
    LastLook,
    MayAnswer,
    Outcome,
    ReadBack,
    Snapshot,
    Touchpoint,
    Write,
)

HANDLERS: Final = (
    *(check_connection, enrich, log_in, search, sync_inbox, sync_relations, visit),
    *(comment, connect, inmail, message, react, withdraw),
)
"""Importing a handler's file registers it. Unipile has no route that follows anybody."""
SEATS: Final = frozenset({"recruiter", "sales_navigator"})
"""Products of which a profile says whether the account has them: it is null where not, missing if untold."""
RECONNECT: Final[dict[str, str]] = {
    "CREDENTIALS": "its sign-in has to be renewed",
    "PERMISSIONS": "it lacks permissions that have to be given",
    "ERROR": "it fails; restart or reconnect it",
    "STOPPED": "it is stopped; restart it",
}
"""States in which an account cannot act until a person has seen to it."""


def standing_failure(status: str | None) -> Failure | None:
    """Why an account in this state cannot act; an unknown state is left to the first live call."""
    if status is not None and status in RECONNECT:
        message = f"Unipile says of this account: {RECONNECT[status]}"
        return NeedsHuman(f"reported_{status.lower()}", message, is_final=True, unipile_status=status)
    if status == "CONNECTING":
        return Transient("Unipile is connecting this account", unipile_status=status)
    return None


def owner_of(account: api.Account) -> Owner | None:
    """The member an account is, as far as Unipile's store says."""
    im = account.connection_params.im if account.connection_params else None
    if im is None or not im.id:
        return None
    told = im.premium_features
    return Owner(im.id, im.public_identifier, frozenset(told or ()), features_told=told is not None)


class UnipileSession:
    """The session of one account; Unipile itself keeps the account logged in."""

    def __init__(self, desk: Desk, known_state: bytes | None) -> None:
        self.desk = desk
        self.known_state = known_state

    async def enter(self) -> None:
        """Make sure that Unipile runs the account, by its store, and learn who it is."""
        desk = self.desk
        if not desk.account:
            raise NeedsHuman("login", "this account is not connected at Unipile: connect it first")
        async with self.told("read"):
            found = await desk.client.accounts.get(desk.account)
            failure = standing_failure(found.status)
            desk.trace.step("account", status=found.status)
            if failure is not None:
                raise failure
            desk.owner = owner_of(found) or await self._owner()

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        """Carry out a touchpoint that may be repeated."""
        reader = reader_of(touchpoint)
        async with self.told("visit" if touchpoint.kind() == "visit" else "read"):
            return await reader(self.desk, touchpoint)

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        """Begin a touchpoint of the effect protocol."""
        return GuardedWrite(writer_of(touchpoint)(self.desk, touchpoint, token), self)

    async def snapshot(self) -> Snapshot:
        """There is no screen; what is known of the account instead."""
        return Snapshot(None, {"account_id": self.desk.account, "owner": self.desk.owner.profile_id})

    async def state(self) -> bytes | None:
        """The limits and refused notes to remember, when they changed."""
        found = self.desk.memory.as_bytes()
        is_new = found != (self.known_state or Memory().as_bytes())
        if not is_new:
            return None
        self.known_state = found
        return found

    async def _owner(self) -> Owner:
        me = await self.desk.client.users.me(self.desk.account)
        found = {"premium": me.premium, **{seat: getattr(me, seat) is not None for seat in SEATS}}
        features = frozenset(name for name, is_there in found.items() if is_there)
        told = me.model_fields_set >= SEATS
        return Owner(me.provider_id, me.public_identifier, features, features_told=told)

    @asynccontextmanager
    async def told(self, doing: Doing) -> AsyncIterator[None]:
        """Unipile's errors in the product's words."""
        try:
            yield
        except api.UnipileError as error:
            raise self.desk.failure(error, doing) from error


@dataclass
class GuardedWrite:
    """A handler's write; reads that fail around the act are told in the product's words."""

    write: Write
    session: UnipileSession

    @property
    def is_answer(self) -> bool:
        """As the handler says, if it may be one."""
        return isinstance(self.write, MayAnswer) and self.write.is_answer

    async def prepare(self) -> Outcome | None:
        """As the handler does."""
        async with self.session.told("read"):
            return await self.write.prepare()

    async def last_look(self, look: LastLook) -> None:
        """As the handler does."""
        async with self.session.told("read"):
            await self.write.last_look(look)

    async def act(self, intent: Intent) -> Accepted:
        """As the handler does, which tells its own refusals."""
        return await self.write.act(intent)

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        """As the handler does."""
        return await self.write.confirm(accepted)

    async def abandon(self) -> None:
        """As the handler does."""
        await self.write.abandon()

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:
        """As the handler does, where there is still something to look at."""
        try:
            async with self.session.told("read"):
                return await self.write.read_back(token, intended_at)
        except NotPossible:
            return ReadBack("cannot_tell")
