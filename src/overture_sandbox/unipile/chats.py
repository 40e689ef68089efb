"""Chats: listing, starting one, writing in it, and marking it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from overture_sandbox.unipile.call import Call, stamp
from overture_sandbox.unipile.errors import ApiError, not_found
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.ids import product_of
from overture_sandbox.unipile.paging import Filters, filters_of, page_after
from overture_sandbox.unipile.tenant import Account
from overture_sandbox.unipile.threads import (
    attendee_json,
    chat_id,
    chat_json,
    is_between,
    message_id,
    message_json,
    others,
    partner,
)
from overture_sandbox.unipile.users import reachable
from overture_sandbox.world import Conversation, Member, Message
from overture_sandbox.world.inmails import InMailWords
from overture_sandbox.world.model import Attachment

Json = dict[str, Any]
FILTERS: Final = ("account_id", "account_type", "unread", "before", "after")
MARKS: Final = {"setMuteStatus": "muted", "setArchiveStatus": "archived", "setPinnedStatus": "pinned"}
SYNC_STEPS: Final = {"SYNC_DONE": "SYNC_STARTED", "SYNC_STARTED": "SYNC_RUNNING", "SYNC_RUNNING": "SYNC_DONE"}
LONGEST_MESSAGE: Final = 8000


def doors() -> list[Door]:
    """The routes about chats."""
    return [
        Door("GET", "/chats", "chats", _list, "store"),
        Door("POST", "/chats", "chat.start", _start, status=201),
        Door("GET", "/chats/{chat_id}", "chat", _show, "store", whose=chat_owner),
        Door("PATCH", "/chats/{chat_id}", "chat.patch", _patch, whose=chat_owner),
        Door("GET", "/chats/{chat_id}/sync", "chat.sync", _sync, whose=chat_owner),
        Door("GET", "/chats/{chat_id}/attendees", "chat.attendees", _attendees, "store", whose=chat_owner),
        Door("POST", "/chats/{chat_id}/messages", "message.send", _send, "session", 201, chat_owner),
    ]


@dataclass(frozen=True)
class Chat:
    """A thread, seen from one account."""

    account: Account
    thread: Conversation


def chats_of(call: Call, accounts: list[Account], endpoint: str) -> list[Chat]:
    """The chats of these accounts that the store knows by now, the one that moved last first."""
    found: list[tuple[datetime, int, Chat]] = []
    for account in accounts:
        horizon = call.tenant.horizon(account, endpoint)
        me = call.tenant.owner(account)
        for thread in call.world.conversations_of(me, horizon) + call.world.groups_of(me, horizon):
            commit = call.world.messages_in(thread, horizon)[-1].delivered.commit
            found.append((call.world.moved_at(thread, horizon), commit, Chat(account, thread)))
    found.sort(key=lambda row: row[:2], reverse=True)
    return [chat for _, _, chat in found]


def accounts_in(call: Call, named: str | None) -> list[Account]:
    """The accounts of a filter: several with commas, all without one, none that is unknown."""
    if not named:
        return list(call.tenant.accounts.values())
    return [one for one in map(call.tenant.account, named.split(",")) if one is not None]


def found_chat(call: Call) -> Chat:
    """The chat of the path: by its id, or by the site's id if the account is named too."""
    name, named = call.path("chat_id"), call.named_account()
    found = call.tenant.thread(name)
    account = call.tenant.account(named) if named else None
    if found is None and account is not None:
        thread = call.world.conversation(name) or call.world.group(name)
        if thread and call.tenant.owner(account).profile_id in thread.member_ids:
            found = account, thread
    if found is None:
        raise not_found("Chat")
    return Chat(*found)


def chat_owner(call: Call) -> Account:
    """The account a chat belongs to."""
    return found_chat(call).account


def _list(call: Call) -> Json:
    filters = filters_of(call, FILTERS)
    rows = chats_of(call, accounts_in(call, filters.get("account_id")), "chats")
    kind = filters.get("account_type")
    after, before = call.instant("after", filters), call.instant("before", filters)

    def moved(chat: Chat) -> datetime:
        return call.world.moved_at(chat.thread, call.tenant.horizon(chat.account, "chats"))

    rows = [one for one in rows if kind in (None, "LINKEDIN") and is_between(moved(one), after, before)]
    call.flag("unread")
    if filters.get("unread") == "true":
        rows = [one for one in rows if _json(call, one)["unread_count"]]
    named = Filters(filters, lambda one: chat_id(call.tenant, one.account, one.thread), moved)
    page = page_after(call, rows, named, stamp)
    return {"object": "ChatList", "items": [_json(call, one) for one in page.rows], "cursor": page.cursor}


def _json(call: Call, chat: Chat) -> Json:
    return chat_json(call.tenant, chat.account, chat.thread, call.tenant.horizon(chat.account, "chats"))


def _show(call: Call) -> Json:
    chat = found_chat(call)
    seen = call.world.messages_in(chat.thread, call.tenant.horizon(chat.account, "chat"))
    last = message_json(call.tenant, chat.account, chat.thread, seen[-1]) if seen else None
    return _json(call, chat) | {"lastMessage": last}


def _attendees(call: Call) -> Json:
    chat = found_chat(call)
    people = (call.tenant.owner(chat.account), *others(call.tenant, chat.account, chat.thread))
    items = [attendee_json(call.tenant, chat.account, one) for one in people]
    return {"object": "ChatAttendeeList", "items": items, "cursor": None}


def _patch(call: Call) -> Json:
    """Mark a chat; what is only the service's own is kept by it."""
    chat, action, value = found_chat(call), call.needed("action"), call.body.get("value")
    is_on = value in (True, "true")
    if action == "setReadStatus":
        if is_on:
            call.world.mark_read(chat.thread, call.me)
        else:
            chat.thread.read_at.pop(call.me.profile_id, None)
    elif action in MARKS:
        made = chat_id(call.tenant, chat.account, chat.thread)
        call.tenant.marks.setdefault(made, {})[MARKS[action]] = is_on
    else:
        raise ApiError("invalid_parameters", "action is unknown.")
    return {"object": "ChatPatched"}


def _sync(call: Call) -> Json:
    """Start fetching the history, or say how far it is: a call after its end starts it again."""
    chat = found_chat(call)
    made = chat_id(call.tenant, chat.account, chat.thread)
    marks = call.tenant.marks.setdefault(made, {})
    marks["sync"] = SYNC_STEPS[marks.get("sync", "SYNC_DONE")]
    return {"object": "ChatHistorySync", "chat_id": made, "status": marks["sync"]}


def _start(call: Call) -> Json:
    """Write to somebody: into the chat there is, or a new one; or an InMail; or to several in a new group."""
    people = _addressees(call)
    text = _text(call)
    options = call.body.get("linkedin")
    options = options if isinstance(options, dict) else {}
    product = options.get("api", "classic")
    if product not in ("classic", "sales_navigator", "recruiter"):
        raise ApiError("invalid_parameters", "linkedin[api] is unknown.")
    if not call.tenant.has(call.account, product):
        raise ApiError("feature_not_subscribed")
    is_inmail = product != "classic" or options.get("inmail") in (True, "true")
    if len(people) > 1:
        thread, said = _to_several(call, people, text, is_inmail=is_inmail)
    else:
        thread, said = _to_one(call, people[0], text, is_inmail=is_inmail)
    _attach(call, said)
    chat = chat_id(call.tenant, call.account, thread)
    if thread.messages[0] is said:
        call.tenant.marks.setdefault(chat, {})["product"] = product  # whose inbox it is in, for the account
    made: Json = {
        "chat_id": chat,
        "message_id": message_id(call.tenant, call.account, said),
    }
    if call.tenant.settings.null_ids:
        made = dict.fromkeys(made)
    return {"object": "ChatStarted", **made}


def _to_one(call: Call, target: Member, text: str, *, is_inmail: bool) -> tuple[Conversation, Message]:
    is_connected = call.world.relationship(call.me, target).state == "connected"
    if is_inmail and not is_connected:
        words = InMailWords(text, call.words("subject"))
        return call.world.send_inmail(call.me, target, words, "unipile")
    had = call.world.conversation_between(call.me, target)
    return call.world.send_message(call.me, target, text, "unipile", in_thread=had)


def _to_several(
    call: Call, people: list[Member], text: str, *, is_inmail: bool
) -> tuple[Conversation, Message]:
    if is_inmail:
        raise ApiError("invalid_parameters", "An InMail goes to one person.")
    return call.world.open_group(call.me, people, text, "unipile")


def _addressees(call: Call) -> list[Member]:
    """The people of `attendees_ids`, once each; ids joined by commas are one id that nobody has."""
    given = call.body.get("attendees_ids")
    names = given if isinstance(given, list) else [given] if given else []
    if not names or not all(isinstance(one, str) and one for one in names):
        raise ApiError("missing_parameters", "attendees_ids is required.")
    people = {one.profile_id: one for one in (_reached(call, str(name)) for name in names)}
    if len(people) > 1 and call.me.profile_id in people:
        raise ApiError("invalid_recipient")
    return list(people.values())


def _reached(call: Call, name: str) -> Member:
    options = call.body.get("linkedin")
    wanted = options.get("api", "classic") if isinstance(options, dict) else "classic"
    if product_of(name) not in ("classic", wanted):
        raise ApiError("invalid_recipient")
    return reachable(call.tenant.member(name))


def _text(call: Call) -> str:
    text = call.words("text")
    if not text and not call.files:
        raise ApiError("missing_parameters", "text is required.")
    if text and len(text) > LONGEST_MESSAGE:
        raise ApiError("too_many_characters")
    return text or ""


def _attach(call: Call, said: Message) -> None:
    said.attachments = [
        Attachment(f"{said.id}-{index}", one.name, one.mimetype, one.content)
        for index, one in enumerate(call.files)
    ]


def _send(call: Call) -> Json:
    """Write in a chat; an account that is named has to be the chat's."""
    chat, named = found_chat(call), call.named_account()
    if named is not None and named != chat.account.id:
        raise not_found("Account, chat or thread")
    text = _text(call)
    if chat.thread.is_group:
        said = call.world.say_in_group(call.me, chat.thread, text, "unipile")
    else:
        target = partner(call.tenant, chat.account, chat.thread)
        _, said = call.world.send_message(call.me, target, text, "unipile", in_thread=chat.thread)
    _attach(call, said)
    made = None if call.tenant.settings.null_ids else message_id(call.tenant, chat.account, said)
    return {"object": "MessageSent", "message_id": made}
