"""What webhooks are told: each happening in the words of the service, for one account."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from overture_sandbox.unipile.call import stamp
from overture_sandbox.unipile.letters import mail_event
from overture_sandbox.unipile.profiles import url_of
from overture_sandbox.unipile.tenant import Account, Happening, MailAccount, Tenant
from overture_sandbox.unipile.threads import (
    attachment_json,
    attendee_id,
    chat_id,
    kind_of,
    message_id,
    others,
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
    mailbox = tenant.mail_account(happening.account_id)
    if mailbox is not None:
        return _mailed(tenant, mailbox, happening.entry)
    account = tenant.account(happening.account_id)
    return [] if account is None else _told(tenant, account, happening.entry)


def _status(tenant: Tenant, happening: Happening) -> list[Event]:
    """A word about an account; those with more products are spoken of twice."""
    body = {
        "account_id": happening.account_id,
        "account_type": happening.type,
        "message": happening.word,
    }
    event = Event(happening.word.lower(), "account_status", happening.account_id, {"AccountStatus": body})
    account = tenant.account(happening.account_id)
    return [event] * (2 if account and account.products else 1)


def _mailed(tenant: Tenant, account: MailAccount, entry: LedgerEntry) -> list[Event]:
    """A letter went out, which is told once however many get it, or came in, or both."""
    letter, address = tenant.world.letters[entry.urn or ""], (entry.address or "").casefold()
    own = account.box.address.casefold()
    is_first = address == letter.words.recipients[0].key
    names = ["mail_sent"] if letter.sender.key == own and is_first else []
    names += ["mail_received"] if address == own else []
    payloads = [(name, mail_event(tenant, account, name, letter)) for name in names]
    return [Event(name, "email", account.id, payload) for name, payload in payloads if payload]


def _told(tenant: Tenant, account: Account, entry: LedgerEntry) -> list[Event]:
    if entry.kind == "accept":
        return _accepted(tenant, account, entry)
    if entry.kind not in (*SAID, *GESTURES):
        return []
    found = tenant.world.said((entry.urn or "").removeprefix(URN))
    if found is None:
        return []
    thread, message = found
    if _is_repetition(tenant, account, entry, thread):
        return []
    if entry.kind in GESTURES:
        return [_gesture(tenant, account, entry, thread, message)]
    events = [_message(tenant, account, "message_received", thread, message)]
    if message.sender_id == tenant.owner(account).profile_id:
        events.append(_message(tenant, account, "message_delivered", thread, message))
    return events


def _is_repetition(tenant: Tenant, account: Account, entry: LedgerEntry, thread: Conversation) -> bool:
    """What one said oneself in a group is on record for each who got it, and told once."""
    me = tenant.owner(account)
    first = tenant.world.members[thread.others(me.profile_id)[0]]
    return thread.is_group and entry.actor == me.slug and entry.target != first.slug


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
    me, people = tenant.owner(account), others(tenant, account, thread)
    sender = tenant.world.members[message.sender_id]
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
        "attendees": [_person(tenant, account, one) for one in people],
        "attachments": [attachment_json(one) for one in message.attachments],
        "provider_chat_id": thread.thread_id,
        "provider_message_id": message.id,
        "is_event": 0,
        "is_group": thread.is_group,
        "quoted": None,
        "chat_content_type": "inmail" if thread.is_inmail else None,
        "message_type": kind_of(message),
        "folder": ["INBOX"],
    }
    if tenant.settings.tells_is_sender:
        payload["is_sender"] = sender is me
    about = frozenset().union(*(_names(tenant, one) for one in people))
    return Event(name, "messaging", account.id, payload, about)
