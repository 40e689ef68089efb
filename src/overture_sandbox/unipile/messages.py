"""Messages and attendees: listing them, one of them, its files, and the chats of a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from overture_sandbox.unipile.call import Call, stamp
from overture_sandbox.unipile.chats import FILTERS as CHAT_FILTERS
from overture_sandbox.unipile.chats import Chat, accounts_in, chat_owner, chats_of, found_chat
from overture_sandbox.unipile.errors import not_found
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.ids import product_of
from overture_sandbox.unipile.paging import Filters, Paged, filters_of, page_after
from overture_sandbox.unipile.tenant import Account
from overture_sandbox.unipile.threads import (
    attendee_id,
    attendee_json,
    chat_id,
    chat_json,
    is_between,
    message_id,
    message_json,
    others,
)
from overture_sandbox.world import Conversation, Member, Message

Json = dict[str, Any]
FILTERS: Final = ("account_id", "sender_id", "before", "after")
PIXEL: Final = bytes.fromhex("474946383961010001008000000000000000002c00000000010001000002024401003b")


def doors() -> list[Door]:
    """The routes about messages and attendees."""
    people = "/chat_attendees"
    return [
        Door("GET", "/chats/{chat_id}/messages", "messages", _of_chat, "store", whose=chat_owner),
        Door("GET", "/messages", "messages", _all, "store"),
        Door("GET", "/messages/{message_id}", "message", _one, "store", whose=_message_owner),
        Door(
            "GET",
            "/messages/{message_id}/attachments/{attachment_id}",
            "attachment",
            _attachment,
            "store",
            whose=_message_owner,
        ),
        Door("GET", people, "attendees", _attendees, "store"),
        Door("GET", f"{people}/{{attendee_id}}", "attendee", _attendee, "store"),
        Door("GET", f"{people}/{{attendee_id}}/picture", "attendee.picture", _picture, "store"),
        Door("GET", f"{people}/{{attendee_id}}/chats", "attendee.chats", _chats_with, "store"),
        Door("GET", f"{people}/{{attendee_id}}/messages", "attendee.messages", _from, "store"),
    ]


@dataclass(frozen=True)
class Said:
    """A message in a chat of one account."""

    chat: Chat
    message: Message


def _said(call: Call, chats: list[Chat], endpoint: str) -> list[Said]:
    """Everything said in these chats that the store knows by now, newest first."""
    found = [
        Said(chat, message)
        for chat in chats
        for message in call.world.messages_in(chat.thread, call.tenant.horizon(chat.account, endpoint))
    ]
    found.sort(key=lambda one: (one.message.delivered.at, one.message.delivered.commit), reverse=True)
    return found


def _page(call: Call, rows: list[Said]) -> Json:
    """A page of messages, by `sender_id` and between two times."""
    filters = filters_of(call, FILTERS)
    after, before, sender = (
        call.instant("after", filters),
        call.instant("before", filters),
        filters.get("sender_id"),
    )
    rows = [
        one
        for one in rows
        if is_between(one.message.delivered.at, after, before) and _is_from(call, one, sender)
    ]
    named = Filters(
        filters,
        lambda one: message_id(call.tenant, one.chat.account, one.message),
        _delivered,
    )
    page = page_after(call, rows, named, stamp)
    items = [message_json(call.tenant, one.chat.account, one.chat.thread, one.message) for one in page.rows]
    return {"object": "MessageList", "items": items, "cursor": page.cursor}


def _delivered(one: Said) -> datetime:
    return one.message.delivered.at


def _is_from(call: Call, one: Said, sender: str | None) -> bool:
    if sender is None:
        return True
    member = call.world.members[one.message.sender_id]
    return sender in (member.profile_id, attendee_id(call.tenant, one.chat.account, member))


def _of_chat(call: Call) -> Json:
    return _page(call, _said(call, [found_chat(call)], "messages"))


def _all(call: Call) -> Json:
    accounts = accounts_in(call, filters_of(call, FILTERS).get("account_id"))
    return _page(call, _said(call, chats_of(call, accounts, "messages"), "messages"))


def _message(call: Call) -> Said:
    name = call.path("message_id")
    found = call.tenant.find(name, Message)
    if found is None:
        raise not_found("Message")
    account, message = found
    there = call.world.said(message.id)
    horizon = call.tenant.horizon(account, "message")
    if there is None or (horizon and horizon.hides(message.delivered)):
        raise not_found("Message")
    return Said(Chat(account, there[0]), message)


def _message_owner(call: Call) -> Account:
    return _message(call).chat.account


def _one(call: Call) -> Json:
    said = _message(call)
    return message_json(call.tenant, said.chat.account, said.chat.thread, said.message)


def _attachment(call: Call) -> Response:
    wanted = call.path("attachment_id")
    for one in _message(call).message.attachments:
        if one.id == wanted:
            return Response(one.content, media_type=one.mimetype)
    raise not_found("Attachment")


@dataclass(frozen=True)
class Attendee:
    """Somebody in the chats of an account."""

    account: Account
    member: Member


def _attendees(call: Call) -> Json:
    """Everybody the accounts have a chat with, and themselves."""
    filters = filters_of(call, ("account_id",))
    rows: list[Attendee] = []
    for account in accounts_in(call, filters.get("account_id")):
        rows.append(Attendee(account, call.tenant.owner(account)))
        chats = chats_of(call, [account], "attendees")
        people = [one for chat in chats for one in others(call.tenant, account, chat.thread)]
        rows += [Attendee(account, one) for one in {one.profile_id: one for one in people}.values()]
    named = Filters(filters, lambda one: attendee_id(call.tenant, one.account, one.member))
    page = page_after(call, rows, named, stamp)
    items = [attendee_json(call.tenant, one.account, one.member) for one in page.rows]
    return {"object": "ChatAttendeeList", "items": items, "cursor": page.cursor}


def _people(call: Call) -> list[Attendee]:
    """The attendees of the path: by the service's id or the site's, several with commas."""
    found: list[Attendee] = []
    accounts = accounts_in(call, call.query("account_id"))
    for name in call.path("attendee_id").split(","):
        known = call.tenant.find(name, Member)
        if known is not None:
            found.append(Attendee(*known))
        elif product_of(name) == "classic":
            member = call.tenant.member(name)
            found += [Attendee(one, member) for one in accounts if member is not None]
    with_chats = [one for one in found if _has_chat(call, one)]
    if not with_chats:
        raise not_found("Attendee")
    return with_chats


def _has_chat(call: Call, one: Attendee) -> bool:
    me = call.tenant.owner(one.account)
    return one.member is me or bool(_threads_with(call, one, "attendees"))


def _threads_with(call: Call, one: Attendee, endpoint: str) -> list[Conversation]:
    """The chat of two with somebody, and the groups both are in."""
    me, horizon = call.tenant.owner(one.account), call.tenant.horizon(one.account, endpoint)
    thread = call.world.conversation_between(me, one.member, horizon)
    groups = call.world.groups_of(me, horizon) if one.member is not me else []
    shared = [each for each in groups if one.member.profile_id in each.member_ids]
    return [*([thread] if thread else []), *shared]


def _attendee(call: Call) -> Json:
    one = _people(call)[0]
    return attendee_json(call.tenant, one.account, one.member)


def _picture(call: Call) -> Response:
    _people(call)
    return Response(PIXEL, media_type="image/gif")


def _with(call: Call, endpoint: str) -> list[Chat]:
    people = _people(call)
    chats = [Chat(one.account, each) for one in people for each in _threads_with(call, one, endpoint)]
    found = {(one.account.id, one.thread.thread_id): one for one in chats}
    return sorted(found.values(), key=lambda one: call.world.moved_at(one.thread), reverse=True)


def _chats_with(call: Call) -> Json:
    """The chats with somebody: the short way to the one 1:1 chat, and the groups."""
    rows = _with(call, "attendee.chats")
    page = _chat_page(call, rows, lambda one: chat_id(call.tenant, one.account, one.thread))
    items = [chat_json(call.tenant, one.account, one.thread) for one in page.rows]
    return {"object": "ChatList", "items": items, "cursor": page.cursor}


def _chat_page(call: Call, rows: list[Chat], name: Callable[[Chat], str]) -> Paged:
    filters = filters_of(call, CHAT_FILTERS)
    return page_after(call, rows, Filters(filters, name, lambda one: call.world.moved_at(one.thread)), stamp)


def _from(call: Call) -> Json:
    """What somebody wrote."""
    people = {one.member.profile_id for one in _people(call)}
    said = _said(call, _with(call, "attendee.messages"), "attendee.messages")
    return _page(call, [one for one in said if one.message.sender_id in people])
