"""What a client can do with conversations, as transactions."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, inbox, people
from overture.core.errors import Conflict, NotFound
from overture.core.ids import public_id
from overture.entrypoints.api import acts
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.outreach.conversation_shapes import (
    Beside,
    ConversationView,
    MessageView,
    conversation_view,
    message_view,
)
from overture.entrypoints.api.shapes import RunDetail
from overture.entrypoints.bootstrap import App
from overture.inbox import Change, Conversation, Correction
from overture.people import Key
from overture.runs import RunRequest
from overture.touchpoints import Message

BY_PREFERENCE: Final = ("linkedin", "linkedin_profile_id")
"""By which key somebody is written to: the one pages are named by goes first."""
URGENT: Final = 8
"""A person waits for it."""


async def views(app: App, db: AsyncSession, found: Sequence[Conversation]) -> list[ConversationView]:
    """Conversations as they are shown."""
    handles = await handles_of(db, {one.account_id for one in found})
    beside = Beside(handles, await inbox.kinds(db, [one.id for one in found]))
    now = app.now()
    return [conversation_view(one, beside, now) for one in found]


async def handles_of(db: AsyncSession, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """What the accounts are called."""
    return {one.id: one.handle for one in (await accounts.by_ids(db, account_ids)).values()}


async def show(app: App, conversation_id: UUID) -> ConversationView:
    """One conversation."""
    async with app.sessions() as db:
        return (await views(app, db, [await inbox.by_id(db, conversation_id)]))[0]


async def change(app: App, conversation_id: UUID, wanted: Change) -> ConversationView:
    """Change a conversation."""
    async with app.sessions.begin() as db:
        return (await views(app, db, [await inbox.change(db, app.now(), conversation_id, wanted)]))[0]


async def correct(
    app: App, db: AsyncSession, conversation_id: UUID, message_id: UUID, wanted: Correction
) -> MessageView:
    """Say what a message of theirs means; refuses one of another conversation."""
    found = await inbox.message_by_id(db, message_id)
    if found.conversation_id != conversation_id:
        entry = PROBLEMS["message_not_found"]
        raise NotFound("message_not_found", entry.meaning, fix=entry.fix)
    of, found = await inbox.correct(db, app.ids, app.now(), message_id, wanted)
    return message_view(found, of)


async def send(
    app: App, conversation_id: UUID, text: str, key: str | None, *, dry_run: bool, by: str = "api"
) -> tuple[RunDetail, bool]:
    """Write to whom the conversation is with, by a run like any other; whether it was asked for before."""
    async with app.sessions() as db:
        found = await inbox.by_id(db, conversation_id)
        is_back = found.snoozed_until is not None and found.snoozed_until <= app.now()
        handle = (await handles_of(db, [found.account_id]))[found.account_id]
        names = await names_of(db, found)
    request = RunRequest(
        handle,
        Message(public_identifier=names[0], message=text),
        dry_run=dry_run,
        tags=(inbox.FROM_INBOX,),
        known_as=tuple(names[1:]),
        priority=URGENT,
        idempotency_key=key,
    )
    run, replayed = await acts.submit_run(app, request)
    if is_back and not dry_run:  # who writes has taken it up
        await change(app, conversation_id, Change(wakes=True, by=by))
    return run, replayed


async def names_of(db: AsyncSession, found: Conversation) -> list[str]:
    """The names under which the other one can be written to, the best first; refuses where there is none."""
    keys = [Key(kind, value) for kind, _, value in (one.partition(":") for one in found.counterpart_keys)]  # type: ignore[arg-type]  # kinds are stored as they are
    if found.lead_id is not None:
        keys += (await people.keys_of(db, [found.lead_id]))[found.lead_id]
    usable = sorted(
        {key for key in keys if key.kind in BY_PREFERENCE},
        key=lambda key: (BY_PREFERENCE.index(key.kind), key),
    )
    if found.is_group or found.channel != "linkedin" or not usable:
        entry = PROBLEMS["conversation_not_writable"]
        raise Conflict(
            "conversation_not_writable",
            entry.meaning,
            fix=entry.fix,
            conversation_id=public_id("cnv", found.id),
        )
    return [key.value for key in usable]
