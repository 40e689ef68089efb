"""The page of a conversation: what was said, what it means and why, who it is with, and our answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import campaigns, inbox, people
from overture.core.errors import Refused
from overture.core.ids import read_public_id
from overture.entrypoints.api import acts
from overture.entrypoints.api.fields import run_uuid
from overture.entrypoints.api.outreach import conversation_acts
from overture.entrypoints.api.outreach.conversation_shapes import MessageView, message_views
from overture.entrypoints.api.outreach.conversations import MESSAGE_LIMIT, NewMessage
from overture.entrypoints.api.outreach.lead_shapes import LeadDetail
from overture.entrypoints.api.outreach.lead_views import lead_detail
from overture.entrypoints.api.outreach.paging_by_time import cursor_of, read_place
from overture.entrypoints.api.shapes import RunView, run_view
from overture.entrypoints.api.standing import surroundings
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import inbox_words
from overture.entrypoints.web.campaigns import uuid_in
from overture.entrypoints.web.guard import Form, form_as_sent
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.inbox import THEIR_KINDS, Asked, instant_in, query_of, shelf_of, thread_at
from overture.entrypoints.web.render import app_of, go, show, with_query
from overture.inbox import FROM_INBOX, Conversation, Corrected, InboxMessage, Place
from overture.people import Key, Suppression, suppression
from overture.people.suppression import Known
from overture.runs import Run

router = APIRouter(prefix="/inbox")

MESSAGES: Final = 50
MOST_OUTGOING: Final = 20


@dataclass(frozen=True)
class Entry:
    """One thing in the thread: a message, or an answer of ours that is not in it (yet)."""

    at: datetime
    message: MessageView | None = None
    corrected: Corrected | None = None
    run: RunView | None = None


@dataclass(frozen=True)
class Thread:
    """A conversation as its page shows it."""

    entries: list[Entry]
    newest_of_theirs: MessageView | None
    seen: datetime
    """When the newest message on the page was sent."""
    older: Place | None
    """Where the messages before these go on."""


@dataclass(frozen=True)
class Beside:
    """Who the conversation is with."""

    lead: LeadDetail | None
    whys: dict[str, Any]
    """By enrollment, why it stands where it does."""
    suppressed: Suppression | None


@dataclass(frozen=True)
class Draft:
    """What was written and could not be taken, and why."""

    text: str = ""
    wrong: str | None = None
    fix: str | None = None
    status: int = 200


class AskedThread(Asked):
    """The filter of the list beside it, and the place in the thread."""

    before: str | None = None


@router.get("/{conversation_id}")
async def show_conversation(
    request: Request, conversation_id: str, asked: Annotated[AskedThread, Query()]
) -> Response:
    """One conversation."""
    return await page_of(request, conversation_id, asked, Draft())


async def page_of(request: Request, conversation_id: str, asked: AskedThread, draft: Draft) -> Response:
    """The page; with a draft that could not be taken, if there is one."""
    app = app_of(request)
    before = read_place(asked.before, app.api_key) if asked.before else None
    async with app.sessions() as db:
        of = await inbox.by_id(db, uuid_in("cnv", conversation_id))
        (seen,) = await conversation_acts.views(app, db, [of])
        keys = await keys_of(db, of)
        thread = await thread_of(app, db, of, keys, before)
        beside = await beside_of(app, db, of, keys)
        shelf = await shelf_of(app, db, asked)
        labels = await inbox.labels(db)
    account = await acts.show_account(app, seen.account)
    query = query_of(asked)
    older = cursor_of(thread.older, app.api_key) if thread.older else None
    return show(
        request,
        "conversation.html",
        draft.status,
        fragment="conversation_live.html",
        of=seen,
        thread=thread,
        beside=beside,
        is_writable=is_writable(of, keys),
        shelf=shelf,
        labels=[*labels, *(one for one in inbox_words.SUGGESTED if one not in labels)],
        account=account,
        query=query,
        again=thread_at(conversation_id, query),
        list_at=f"/inbox?{query}" if query else "/inbox",
        older=with_query(f"/inbox/{conversation_id}", {**asked.conditions(), "before": older})
        if older
        else None,
        is_older=before is not None,
        snoozes=inbox_words.snoozes(app.now(), account.zone),
        kinds=THEIR_KINDS,
        talk=inbox_words,
        draft=draft,
        once=str(app.ids.new()),
        longest=MESSAGE_LIMIT,
    )


async def keys_of(db: AsyncSession, of: Conversation) -> frozenset[Key]:
    """Every key of who the conversation is with."""
    told = frozenset(inbox.as_keys(of.counterpart_keys))
    known = (await people.keys_of(db, [of.lead_id]))[of.lead_id] if of.lead_id is not None else ()
    return told | frozenset(known)


def is_writable(of: Conversation, keys: frozenset[Key]) -> bool:
    """Whether an answer can be sent from here."""
    named = any(key.kind in conversation_acts.BY_PREFERENCE for key in keys)
    return named and not of.is_group and of.channel == "linkedin"


async def thread_of(
    app: App, db: AsyncSession, of: Conversation, keys: frozenset[Key], before: Place | None
) -> Thread:
    """The messages, oldest first, and among them what we wrote and is not there (yet)."""
    found = await inbox.messages(db, of.id, before, MESSAGES + 1)
    shown, is_more = found[:MESSAGES], len(found) > MESSAGES
    corrected = await inbox.corrections(db, of)
    views = message_views(shown, of)
    entries = [Entry(one.at, message=one, corrected=corrected.get(one.message_id)) for one in views]
    if before is None:
        since = shown[-1].at if is_more else None
        entries += [
            Entry(one.created_at, run=one)
            for one in await outgoing(app, db, of, keys)
            if since is None or one.created_at >= since
        ]
    theirs = (one for one in views if one.direction == "theirs" and one.deleted_at is None)
    return Thread(
        entries=sorted(entries, key=lambda one: one.at),
        newest_of_theirs=next(theirs, None) if before is None else None,
        seen=of.last_message_at,
        older=Place(shown[-1].at, shown[-1].id) if is_more else None,
    )


async def outgoing(app: App, db: AsyncSession, of: Conversation, keys: frozenset[Key]) -> list[RunView]:
    """Answers sent from here that are not in the thread: queued, under way, refused, or not known."""
    there = select(InboxMessage.run_id).where(
        InboxMessage.conversation_id == of.id, InboxMessage.run_id.is_not(None)
    )
    query = select(Run).where(
        Run.account_id == of.account_id,
        Run.target.in_(people.targets_in(keys)),
        Run.tags.contains([FROM_INBOX]),
        Run.dry_run.is_(False),
        Run.id.not_in(there),
    )
    found: Sequence[Run] = (await db.scalars(query.order_by(Run.id.desc()).limit(MOST_OUTGOING))).all()
    around = await surroundings(db, found)
    return [run_view(one, around, app.now()) for one in found]


async def beside_of(app: App, db: AsyncSession, of: Conversation, keys: frozenset[Key]) -> Beside:
    """The lead with its campaigns and why each stands where it does; and whether they may be contacted."""
    lead_id: UUID | None = of.lead_id
    if lead_id is None:
        held = await suppression.of(db, {"them": Known(keys=keys)}, app.now())
        return Beside(None, {}, held.get("them"))
    lead = await lead_detail(app, db, await people.by_id(db, lead_id))
    whys = {}
    for one in lead.enrollments:
        enrollment_id = read_public_id("enr", one.enrollment_id)
        if enrollment_id is not None:
            enrollment = await campaigns.enrollment_by_id(db, enrollment_id)
            whys[one.enrollment_id] = await campaigns.why(db, enrollment, app.now())
    return Beside(lead, whys, (await people.is_suppressed(db, [lead_id], app.now())).get(lead_id))


@router.post("/{conversation_id}/send")
async def send(request: Request, conversation_id: str, asked: Annotated[AskedThread, Query()]) -> Response:
    """Send the very text that was written, once however often the button is pressed."""
    app, form = app_of(request), form_as_sent(request)
    # A form's line ends are CR LF whatever was typed; texts have LF.
    text = form.get("text", "").replace("\r\n", "\n")
    try:
        new = NewMessage(text=text)
    except ValidationError as error:
        wrong = f"This cannot be sent: {error.errors()[0]['msg']}."
        return await page_of(request, conversation_id, asked, Draft(text, wrong, None, 422))
    found = uuid_in("cnv", conversation_id)
    if await wrote_meanwhile(app, found, form.get("seen", "")):
        wrong = "They wrote while you were writing, so nothing was sent."
        return await page_of(request, conversation_id, asked, Draft(text, wrong, "Read it first.", 409))
    try:
        await conversation_acts.send(app, found, new.text, key_of(form, text), dry_run=False, by=BY)
    except Refused as refusal:
        draft = Draft(text, refusal.message, refusal.fix, refusal.status)
        return await page_of(request, conversation_id, asked, draft)
    return go(request, thread_at(conversation_id, query_of(asked)))


def key_of(form: Any, text: str) -> str:
    """Under which the same text from the same page is one, and another text another."""
    once = hashlib.sha256(f"{form.get('once', '')}\n{text}".encode()).hexdigest()
    return f"inbox-page:{once}"


async def wrote_meanwhile(app: App, conversation_id: UUID, seen: str) -> bool:
    """Whether a word of theirs came in that was not on the page."""
    until = instant_in(seen)
    async with app.sessions() as db:
        of = await inbox.by_id(db, conversation_id)
    return of.last_direction == "theirs" and until is not None and of.last_message_at > until


@router.post("/{conversation_id}/runs/{run_id}/cancel")
async def call_off(request: Request, conversation_id: str, run_id: str, form: Form) -> Response:
    """Call an answer off that has not been sent."""
    uuid_in("cnv", conversation_id)
    run = await acts.cancel_run(app_of(request), run_uuid(run_id), BY)
    says = "It is called off." if run.status == "cancelled" else "It ends before its act, if not too late."
    return go(request, thread_at(conversation_id, form.get("query", "")), says)
