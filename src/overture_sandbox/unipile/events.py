"""What webhooks are told: each happening in the words of the service, for one account."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from overture_sandbox.unipile.call import stamp
from overture_sandbox.unipile.profiles import url_of
from overture_sandbox.unipile.tenant import Account, Happening, Tenant
from overture_sandbox.unipile.threads import (
    attachment_json,
    attendee_id,
    chat_id,
    kind_of,
    message_id,
    partner,
)
from overture_sandbox.world import Conversation, LedgerEntry, Member, Message

Json = dict[str, Any]
SAID: Final = ("message", "inmail", "reply")
GESTURES: Final = ("message_read", "message_reaction", "message_edited", "message_deleted")
URN: Final = "urn:li:messagingMessage:"
STANDING: Final = timedelta(0)


@dataclass(frozen=True)
class Event:
    """One thing to be delivered to whoever listens."""

    name: str
    source: str
    account_id: str
    payload: Json
    about: frozenset[str] = frozenset()  # the names of the person it is about
    delay: timedelta = STANDING  # of the world's time


def events_of(tenant: Tenant, happening: Happening) -> list[Event]:
    """What is said about it; nothing for what the service does not notice."""
    if happening.entry is None:
        return _status(tenant, happening)
    account = tenant.account(happening.account_id)
    return [] if account is None else _told(tenant, account, happening.entry)


def _status(tenant: Tenant, happening: Happening) -> list[Event]:
    """A word about an account; those with more products are spoken of twice."""
    body = {
        "account_id": happening.account_id,
        "account_type": "LINKEDIN",
        "message": happening.word,
    }
    event = Event(happening.word.lower(), "account_status", happening.account_id, {"AccountStatus": body})
    account = tenant.account(happening.account_id)
    return [event] * (2 if account and account.products else 1)


def _told(tenant: Tenant, account: Account, entry: LedgerEntry) -> list[Event]:
    if entry.kind == "accept":
        return _accepted(tenant, account, entry)
    if entry.kind not in (*SAID, *GESTURES):
        return []
    found = tenant.world.said((entry.urn or "").removeprefix(URN))
    if found is None:
        return []
    thread, message = found
    if entry.kind in GESTURES:
        return [_gesture(tenant, account, entry, thread, message)]
    events = [_message(tenant, account, "message_received", thread, message)]
    if message.sender_id == tenant.owner(account).profile_id:
        events.append(_message(tenant, account, "message_delivered", thread, message))
    return events


def _accepted(tenant: Tenant, account: Account, entry: LedgerEntry) -> list[Event]:
    """A new connection is noticed late; the note that came with the invitation shows at once."""
    me = tenant.owner(account)
    other = tenant.world.member(entry.target or "" if entry.actor == me.slug else entry.actor)
    if other is None:
        return []
    delay = timedelta(seconds=tenant.rng.uniform(0, tenant.settings.new_relation_max_s))
    events = [_relation(tenant, account, other, delay)]
    thread = tenant.world.conversation_between(me, other)
    note = next((one for one in reversed(thread.messages) if one.is_note), None) if thread else None
    invitation = _invitation_of(tenant, entry)
    if thread and note and invitation is not None and note.text == invitation:
        events.append(_message(tenant, account, "message_received", thread, note))
    return events


def _invitation_of(tenant: Tenant, entry: LedgerEntry) -> str | None:
    number = (entry.urn or "").rpartition(":")[2]
    found = tenant.world.invitation(int(number)) if number.isdigit() else None
    return found.note if found else None


def _relation(tenant: Tenant, account: Account, other: Member, delay: timedelta) -> Event:
    payload = {
        "event": "new_relation",
        "account_id": account.id,
        "account_type": "LINKEDIN",
        "webhook_name": "",
        "user_full_name": other.full_name,
        "user_provider_id": other.profile_id,
        "user_public_identifier": other.slug,
        "user_profile_url": f"{url_of(other)}/",
        "user_picture_url": None,
    }
    return Event("new_relation", "users", account.id, payload, _names(tenant, other), delay)


def _names(tenant: Tenant, member: Member) -> frozenset[str]:
    return frozenset(tenant.world.names_of(member))


def _gesture(
    tenant: Tenant, account: Account, entry: LedgerEntry, thread: Conversation, message: Message
) -> Event:
    event = _message(tenant, account, entry.kind, thread, message)
    if entry.kind == "message_reaction":
        actor = tenant.world.member(entry.actor)
        event.payload["reaction"] = entry.text
        event.payload["reaction_sender"] = _person(tenant, account, actor) if actor else None
    return event


def _person(tenant: Tenant, account: Account, member: Member) -> Json:
    return {
        "attendee_id": attendee_id(tenant, account, member),
        "attendee_name": member.full_name,
        "attendee_provider_id": member.profile_id,
        "attendee_profile_url": url_of(member),
    }


def _message(tenant: Tenant, account: Account, name: str, thread: Conversation, message: Message) -> Event:
    """A message, one's own among them, in the frame all events of messaging share."""
    me, other = tenant.owner(account), partner(tenant, account, thread)
    sender = me if message.sender_id == me.profile_id else other
    payload: Json = {
        "event": name,
        "account_id": account.id,
        "account_type": "LINKEDIN",
        "account_info": {"type": "LINKEDIN", "feature": "classic", "user_id": me.profile_id},
        "webhook_name": "",
        "chat_id": chat_id(tenant, account, thread),
        "message_id": message_id(tenant, account, message),
        "timestamp": stamp(message.delivered.at),
        "message": None if message.is_deleted else message.text,
        "subject": message.subject,
        "sender": _person(tenant, account, sender),
        "attendees": [_person(tenant, account, other)],
        "attachments": [attachment_json(one) for one in message.attachments],
        "provider_chat_id": thread.thread_id,
        "provider_message_id": message.id,
        "is_event": 0,
        "is_group": False,
        "quoted": None,
        "chat_content_type": "inmail" if thread.is_inmail else None,
        "message_type": kind_of(message),
        "folder": ["INBOX"],
    }
    if tenant.settings.tells_is_sender:
        payload["is_sender"] = sender is me
    return Event(name, "messaging", account.id, payload, _names(tenant, other))
