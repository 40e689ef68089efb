"""Routes of the inbox: conversations of all accounts and channels, and the messages in them."""

from typing import Annotated, Final, Self

from fastapi import APIRouter, Header, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator
from pydantic.config import JsonDict

from overture import accounts, inbox
from overture.core.instants import Instant
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.fields import HANDLE_PATTERN
from overture.entrypoints.api.outreach import conversation_acts
from overture.entrypoints.api.outreach.asking import WRITE, DryRun, rehearsed
from overture.entrypoints.api.outreach.conversation_shapes import (
    ConversationList,
    ConversationView,
    MessageList,
    MessageView,
    TheirKind,
    message_views,
)
from overture.entrypoints.api.outreach.fields import ConversationIdPath, LeadId, MessageIdPath, Why, uuid_in
from overture.entrypoints.api.outreach.paging_by_time import CutByTime, ListedByTime
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.runs import KEY_PATTERN
from overture.entrypoints.api.shapes import RunDetail
from overture.inbox import Change, ConversationFilter, Correction, Place
from overture.touchpoints.text import SentText

router = APIRouter(prefix="/api/v1/conversations", tags=["inbox"], dependencies=[needs_key])

MESSAGE_LIMIT: Final = 8000
Label = Annotated[str, StringConstraints(pattern=r"^[^\x00\s]([^\x00]*[^\x00\s])?$", max_length=50)]
MESSAGE_EXAMPLE: Final[JsonDict] = {"text": "Thank you, Prisca. Would Tuesday suit you?"}
CORRECTION_EXAMPLE: Final[JsonDict] = {"kind": "opt_out", "why": "They said so on the phone as well."}
CHANGE_EXAMPLE: Final[JsonDict] = {"read": True, "add_labels": ["interested"]}


class Chosen(ListedByTime):
    """Which conversations a list shows."""

    account: str | None = Field(default=None, pattern=HANDLE_PATTERN, description="Of this account.")
    channel: str | None = Field(default=None, pattern=r"^[a-z_]{1,40}$", description="On this channel.")
    lead: LeadId | None = Field(default=None, description="With this lead.")
    unread: bool | None = Field(default=None, description="With something of theirs that is not read.")
    needs_reply: bool | None = Field(default=None, description="In which the last word is theirs.")
    label: Label | None = Field(default=None, description="With this label.")
    snoozed: bool | None = Field(default=None, description="Put off (or not) at this moment.")
    back: bool | None = Field(default=None, description="Whose snooze is over (or not), taken up by nobody.")
    kind: TheirKind | None = Field(default=None, description="In which their newest message means this.")
    q: str | None = Field(
        default=None,
        pattern=r"^[^\x00]*$",
        max_length=200,
        description="Part of a name, or of what was said.",
    )


class NewMessage(BaseModel):
    """What is to be said."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [MESSAGE_EXAMPLE]})

    text: SentText = Field(min_length=1, max_length=MESSAGE_LIMIT, description="Sent exactly as given.")


class ConversationChange(BaseModel):
    """What is to change; what is absent stays."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [CHANGE_EXAMPLE]})

    read: StrictBool | None = Field(
        default=None, description="True: all of it is read. False: unread from their last message on."
    )
    labels: tuple[Label, ...] | None = Field(default=None, max_length=20, description="All its labels.")
    add_labels: tuple[Label, ...] = Field(default=(), max_length=20)
    remove_labels: tuple[Label, ...] = Field(default=(), max_length=20)
    snoozed_until: Instant | None = Field(
        default=None, description="Put it off until then, or until they write; null: it is back."
    )

    @model_validator(mode="after")
    def says_something(self) -> Self:
        """Refuse what changes nothing."""
        if not self.model_fields_set:
            raise ValueError("name something to change")
        return self

    def wanted(self, by: str) -> Change:
        """The same as the inbox takes it."""
        return Change(
            is_read=self.read,
            labels=self.labels,
            add_labels=self.add_labels,
            remove_labels=self.remove_labels,
            snooze_until=self.snoozed_until,
            wakes="snoozed_until" in self.model_fields_set and self.snoozed_until is None,
            by=by,
        )


class MessageCorrection(BaseModel):
    """What a message of theirs means, whatever the rules read in it."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [CORRECTION_EXAMPLE]}
    )

    kind: TheirKind
    why: Why | None = Field(default=None, description="Kept in the log.")


@router.get("", responses=declared(404))
async def list_conversations(
    app: Product, request: Request, response: Response, wanted: Annotated[Chosen, Query()]
) -> ConversationList:
    """Conversations, those with the newest message first. One that moves up meanwhile may be missed: start
    again from the top for news.
    """
    async with app.sessions() as db:
        account = await accounts.by_handle(db, wanted.account) if wanted.account else None
        chosen = ConversationFilter(
            account_id=account.id if account else None,
            channel=wanted.channel,
            lead_id=uuid_in("lead", wanted.lead) if wanted.lead else None,
            unread=wanted.unread,
            label=wanted.label,
            snoozed=wanted.snoozed,
            needs_reply=wanted.needs_reply,
            back=wanted.back,
            kind=wanted.kind,
            search=wanted.q,
        )
        before = wanted.before(app.api_key)
        found = await inbox.conversations(db, chosen, app.now(), before, wanted.limit + 1)
        data = await conversation_acts.views(app, db, found[: wanted.limit])
    places = [Place(one.last_message_at, one.id) for one in found]
    return ConversationList(
        data=data, page=CutByTime(places, wanted.limit).page(request, response, app.api_key)
    )


@router.get("/{conversation_id}", responses=declared(404))
async def get_conversation(app: Product, conversation_id: ConversationIdPath) -> ConversationView:
    """One conversation."""
    return await conversation_acts.show(app, uuid_in("cnv", conversation_id))


@router.patch("/{conversation_id}", responses=declared(*WRITE, 404))
async def change_conversation(
    app: Product, by: By, conversation_id: ConversationIdPath, change: ConversationChange
) -> ConversationView:
    """Mark it read or unread, label it, put it off. Nothing of that is seen at the channel."""
    return await conversation_acts.change(app, uuid_in("cnv", conversation_id), change.wanted(by))


@router.get("/{conversation_id}/messages", responses=declared(404))
async def list_messages(
    app: Product,
    request: Request,
    response: Response,
    conversation_id: ConversationIdPath,
    wanted: Annotated[ListedByTime, Query()],
) -> MessageList:
    """The messages of a conversation, newest first."""
    async with app.sessions() as db:
        of = await inbox.by_id(db, uuid_in("cnv", conversation_id))
        found = await inbox.messages(db, of.id, wanted.before(app.api_key), wanted.limit + 1)
    places = [Place(one.at, one.id) for one in found]
    page = CutByTime(places, wanted.limit).page(request, response, app.api_key)
    return MessageList(data=message_views(found[: wanted.limit], of), page=page)


@router.patch("/{conversation_id}/messages/{message_id}", responses=declared(*WRITE, 404, 409))
async def correct_message(
    app: Product,
    by: By,
    conversation_id: ConversationIdPath,
    message_id: MessageIdPath,
    correction: MessageCorrection,
    dry_run: DryRun = False,
) -> MessageView:
    """Say what a message of theirs means, with all that follows: an opt-out suppresses them at once, a reply
    or a decline ends what campaigns had planned. What was stopped before stays stopped: a suppression is
    lifted at its own address.
    """
    of, found = uuid_in("cnv", conversation_id), uuid_in("msg", message_id)
    wanted = Correction(correction.kind, by, correction.why)
    return await rehearsed(app, dry_run, lambda db: conversation_acts.correct(app, db, of, found, wanted))


@router.post(
    "/{conversation_id}/messages",
    status_code=status.HTTP_201_CREATED,
    responses=declared(*WRITE, 404, 409),
)
async def send_message(
    app: Product,
    conversation_id: ConversationIdPath,
    new: NewMessage,
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(pattern=KEY_PATTERN, max_length=255, description="Repeating it gives the first answer again."),
    ] = None,
    dry_run: DryRun = False,
) -> RunDetail:
    """Write back, by a run: it counts against the limits, is sent once, and stops what campaigns had planned.

    A word of theirs that comes in before it is sent stops it (`replied_already`): read that first.
    """
    found = uuid_in("cnv", conversation_id)
    run, replayed = await conversation_acts.send(app, found, new.text, idempotency_key, dry_run=dry_run)
    response.headers["Location"] = f"/api/v1/runs/{run.run_id}"
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return run
