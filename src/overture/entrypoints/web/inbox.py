"""The inbox: conversations of all accounts and channels in one list, and what is done with one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, cast, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, inbox
from overture.core.errors import Invalid
from overture.core.ids import read_public_id
from overture.entrypoints.api import acts
from overture.entrypoints.api.outreach import conversation_acts
from overture.entrypoints.api.outreach.conversation_shapes import ConversationView
from overture.entrypoints.api.outreach.conversations import Label
from overture.entrypoints.api.outreach.paging_by_time import cursor_of, read_place
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import inbox_words
from overture.entrypoints.web.campaigns import uuid_in
from overture.entrypoints.web.guard import Form
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.render import app_of, go, show, with_query
from overture.inbox import Change, ConversationFilter, Correction, Place, TheirKind

router = APIRouter(prefix="/inbox")

PAGE: Final = 40
MOST_BACK: Final = 20
THEIR_KINDS: Final = get_args(TheirKind)
LABEL: Final[TypeAdapter[str]] = TypeAdapter(Label)


class Asked(BaseModel):
    """The filter as the address holds it; an empty field is no condition."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    view: str | None = None
    account: str | None = None
    kind: str | None = None
    label: str | None = None
    lead: str | None = None
    q: str | None = None
    cursor: str | None = None

    @field_validator("*", mode="before")
    @classmethod
    def empty_is_none(cls, value: object) -> object:
        """Forms send fields that were left empty."""
        return None if value == "" else value

    @property
    def shown(self) -> str:
        """The view that is shown."""
        return self.view if self.view is not None and self.view in inbox_words.VIEWS else "inbox"

    def conditions(self) -> dict[str, object]:
        """The conditions as they stand in an address, the place in the list left out."""
        found = self.model_dump(mode="json", exclude={"cursor"})
        return {**found, "view": self.view if self.shown != "inbox" else None}

    async def wanted(self, db: AsyncSession) -> ConversationFilter:
        """The same as the inbox is looked through."""
        account = await accounts.by_handle(db, self.account) if self.account else None
        view, is_all = self.shown, self.shown in ("all", "snoozed")
        return ConversationFilter(
            account_id=account.id if account else None,
            lead_id=read_public_id("lead", self.lead) if self.lead else None,
            unread=True if view == "unread" else None,
            label=self.label,
            snoozed=None if view == "all" else view == "snoozed",
            needs_reply=True if view == "answer" else None,
            back=None if is_all or self.is_narrowed else False,
            kind=self.kind if self.kind in THEIR_KINDS else None,
            search=self.q.replace("\x00", "")[:200] if self.q else None,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether more than the plain inbox is asked for: then those that are back stand among the others."""
        return self.shown != "inbox" or any((self.account, self.kind, self.label, self.lead, self.q))


@dataclass(frozen=True)
class Shelf:
    """What a list of conversations shows."""

    rows: list[ConversationView]
    back: list[ConversationView]
    """Those whose snooze is over, above all others."""
    older: str | None
    """The cursor of the next page."""


async def shelf_of(app: App, db: AsyncSession, asked: Asked) -> Shelf:
    """One page of conversations; on the first page of the plain inbox those that are back come first."""
    before = read_place(asked.cursor, app.api_key) if asked.cursor else None
    found = await inbox.conversations(db, await asked.wanted(db), app.now(), before, PAGE + 1)
    pinned = not asked.is_narrowed and before is None
    back = (
        await inbox.conversations(db, ConversationFilter(back=True), app.now(), None, MOST_BACK)
        if pinned
        else []
    )
    seen = await conversation_acts.views(app, db, [*back, *found[:PAGE]])
    older = cursor_of(place_of(found), app.api_key) if len(found) > PAGE else None
    return Shelf(seen[len(back) :], seen[: len(back)], older)


def place_of(found: Sequence[inbox.Conversation]) -> Place:
    """Where the page ends."""
    last = found[PAGE - 1]
    return Place(last.last_message_at, last.id)


@router.get("")
async def list_conversations(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Conversations, those with the newest message first."""
    app = app_of(request)
    async with app.sessions() as db:
        shelf = await shelf_of(app, db, asked)
        labels = await inbox.labels(db)
        waits = await inbox.waiting(db, app.now())
    conditions = asked.conditions()
    return show(
        request,
        "inbox.html",
        fragment="inbox_live.html",
        shelf=shelf,
        view=asked.shown,
        conditions=conditions,
        query=query_of(asked),
        is_narrowed=asked.is_narrowed,
        older=with_query("/inbox", {**conditions, "cursor": shelf.older}) if shelf.older else None,
        first=with_query("/inbox", conditions) if asked.cursor else None,
        labels=labels,
        waits=waits,
        kinds=THEIR_KINDS,
        talk=inbox_words,
        handles=sorted({one.handle for one in await acts.list_accounts(app)}),
    )


def query_of(asked: Asked) -> str:
    """The filter as it follows the address of a conversation, so that the list beside it is the same."""
    return urlsplit(with_query("/", {**asked.conditions(), "cursor": asked.cursor})).query


@router.get("/waiting")
async def count_waiting(request: Request) -> Response:
    """The number in the menu, brought up to date."""
    app = app_of(request)
    async with app.sessions() as db:
        waits = await inbox.waiting(db, app.now())
    return show(request, "inbox_waiting.html", waiting=waits)


async def counted(request: Request) -> None:
    """Have the number in the menu at hand for a whole page; a part of one does without."""
    is_page = request.method == "GET" and "hx-request" not in request.headers
    if is_page and request.url.path != "/live":
        app = app_of(request)
        async with app.sessions() as db:
            request.state.waiting = await inbox.waiting(db, app.now())


@router.post("/{conversation_id}/read")
async def mark_read(request: Request, conversation_id: str, form: Form) -> Response:
    """It was looked at, up to the newest message that was on the page."""
    until = instant_in(form.get("until", ""))
    if until is not None:
        wanted = Change(is_read=True, read_until=until, by=BY)
        await conversation_acts.change(app_of(request), uuid_in("cnv", conversation_id), wanted)
    return Response(status_code=204)


def instant_in(text: str) -> datetime | None:
    """The instant a form holds, if it holds one."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


@router.post("/{conversation_id}/unread")
async def mark_unread(request: Request, conversation_id: str, form: Form) -> Response:
    """Let it be unread again, from their last message on; and go back to the list."""
    wanted = Change(is_read=False, by=BY)
    await conversation_acts.change(app_of(request), uuid_in("cnv", conversation_id), wanted)
    return go(request, f"/inbox?{form['query']}" if form.get("query") else "/inbox", "It is unread again.")


@router.post("/{conversation_id}/snooze")
async def snooze(request: Request, conversation_id: str, form: Form) -> Response:
    """Put it off; it comes back by itself."""
    app, found = app_of(request), uuid_in("cnv", conversation_id)
    until = instant_in(form.get("until", "")) or await on_the_clock(app, conversation_id, form.get("at", ""))
    if until is None or until <= app.now():
        raise Invalid(
            "validation_error",
            "The form does not name a time to come.",
            fix="Press one of the buttons, or choose a time that lies ahead.",
        )
    await conversation_acts.change(app, found, Change(snooze_until=until, by=BY))
    says = "Put off. It comes back to the top of the inbox when the time is over, or as soon as they write."
    return go(request, f"/inbox?{form['query']}" if form.get("query") else "/inbox", says)


async def on_the_clock(app: App, conversation_id: str, text: str) -> datetime | None:
    """A time as it was typed, on the wall clock of the conversation's account."""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        return None
    found = await conversation_acts.show(app, uuid_in("cnv", conversation_id))
    account = await acts.show_account(app, found.account)
    return typed.replace(tzinfo=ZoneInfo(account.zone))


@router.post("/{conversation_id}/wake")
async def wake(request: Request, conversation_id: str, form: Form) -> Response:
    """Take it up again: it is put off no longer."""
    await conversation_acts.change(
        app_of(request), uuid_in("cnv", conversation_id), Change(wakes=True, by=BY)
    )
    return go(request, thread_at(conversation_id, form.get("query", "")), "It is back in the inbox.")


@router.post("/{conversation_id}/labels")
async def change_labels(request: Request, conversation_id: str, form: Form) -> Response:
    """Put a label on it, or take one off."""
    try:
        added = tuple(LABEL.validate_python(one) for one in [form.get("add", "")] if one)
    except ValidationError:
        raise Invalid(
            "validation_error", "That is no label.", fix="A label has at most 50 characters."
        ) from None
    removed = (form["remove"],) if form.get("remove") else ()
    wanted = Change(add_labels=added, remove_labels=removed, by=BY)
    await conversation_acts.change(app_of(request), uuid_in("cnv", conversation_id), wanted)
    return go(request, thread_at(conversation_id, form.get("query", "")))


@router.post("/{conversation_id}/messages/{message_id}/correct")
async def correct_message(request: Request, conversation_id: str, message_id: str, form: Form) -> Response:
    """Say what a message of theirs means; all that follows from it follows."""
    app, kind = app_of(request), form.get("kind", "")
    if kind not in THEIR_KINDS:
        raise Invalid(
            "validation_error", "The form does not say what it means.", fix="Choose one of the list."
        )
    wanted = Correction(cast(TheirKind, kind), BY, form.get("why", "")[:500] or None)
    of, found = uuid_in("cnv", conversation_id), uuid_in("msg", message_id)
    async with app.sessions.begin() as db:
        await conversation_acts.correct(app, db, of, found, wanted)
    says = f"{inbox_words.KIND[kind].text}: {inbox_words.MEANS[kind]}"
    return go(request, thread_at(conversation_id, form.get("query", "")), says)


def thread_at(conversation_id: str, query: str) -> str:
    """The page of a conversation, with the list beside it as it was."""
    kept = query if query.isprintable() else ""
    return f"/inbox/{conversation_id}?{kept}" if kept else f"/inbox/{conversation_id}"
