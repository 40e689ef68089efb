"""Chats, messages and attendees as the service's own store shows them."""

import json
from datetime import datetime
from typing import Any, Final

from overture_sandbox.unipile.call import stamp
from overture_sandbox.unipile.profiles import url_of
from overture_sandbox.unipile.tenant import Account, Tenant
from overture_sandbox.world import Conversation, Member, Message
from overture_sandbox.world.faults import Horizon
from overture_sandbox.world.model import Attachment

Json = dict[str, Any]
NEARNESS: Final = {"SELF": 1, "1": 1, "2": 2, "3": 3, "OUT": 4}


def partner(tenant: Tenant, account: Account, thread: Conversation) -> Member:
    """The other person of a chat."""
    return tenant.world.members[thread.other(tenant.owner(account).profile_id)]


def others(tenant: Tenant, account: Account, thread: Conversation) -> list[Member]:
    """Everybody else in a chat."""
    return [tenant.world.members[one] for one in thread.others(tenant.owner(account).profile_id)]


def chat_id(tenant: Tenant, account: Account, thread: Conversation) -> str:
    """The service's id of a chat of an account."""
    return tenant.know("chat", account, thread.thread_id, thread)


def message_id(tenant: Tenant, account: Account, message: Message) -> str:
    """The service's id of a message in an account's chat."""
    return tenant.know("message", account, message.id, message)


def attendee_id(tenant: Tenant, account: Account, member: Member) -> str:
    """The service's id of somebody in an account's chats."""
    return tenant.know("attendee", account, member.profile_id, member)


def chat_json(tenant: Tenant, account: Account, thread: Conversation, horizon: Horizon | None = None) -> Json:
    """A chat; whoever is in one of two is only named by `attendee_provider_id`, in a group not even so."""
    world, me = tenant.world, tenant.owner(account)
    made = chat_id(tenant, account, thread)
    marks = tenant.marks.get(made, {})
    unread = world.unread(thread, me, horizon)
    shown: Json = {
        "object": "Chat",
        "id": made,
        "account_id": account.id,
        "account_type": "LINKEDIN",
        "provider_id": thread.thread_id,
        "name": None,
        "type": int(thread.is_group),
        "timestamp": stamp(world.moved_at(thread, horizon)),
        "unread_count": unread,
        "unread": 1 if unread else 0,
        "archived": int(bool(marks.get("archived"))),
        "pinned": int(bool(marks.get("pinned"))),
        "muted_until": -1 if marks.get("muted") else None,
        "read_only": 0,
        "disabledFeatures": [],
        "folder": ["INBOX", f"INBOX_LINKEDIN_{marks.get('product', 'classic').upper()}"],
    }
    people = others(tenant, account, thread)
    if thread.is_group:
        shown["name"] = ", ".join(one.first_name for one in people)
    else:
        shown["attendee_provider_id"] = people[0].profile_id
    if thread.is_inmail:
        shown |= {"subject": thread.messages[0].subject or "", "content_type": "inmail"}
    return shown


def message_json(tenant: Tenant, account: Account, thread: Conversation, message: Message) -> Json:
    """A message, as one account sees it."""
    world, me = tenant.world, tenant.owner(account)
    sender = world.members[message.sender_id]
    is_mine = sender is me
    readers = others(tenant, account, thread) if is_mine else [me]
    read = {one.profile_id: thread.read_at.get(one.profile_id) for one in readers}
    seen_by = {who: stamp(at) for who, at in read.items() if at and at >= message.delivered.at}
    degree = world.relationship(me, sender).degree
    return {
        "object": "Message",
        "id": message_id(tenant, account, message),
        "account_id": account.id,
        "chat_id": chat_id(tenant, account, thread),
        "chat_provider_id": thread.thread_id,
        "provider_id": message.id,
        "sender_id": sender.profile_id,
        "sender_attendee_id": attendee_id(tenant, account, sender),
        "sender_urn": sender.urn,
        "attendee_type": "MEMBER",
        "attendee_distance": NEARNESS[degree],
        "text": None if message.is_deleted else message.text,
        "subject": message.subject,
        "timestamp": stamp(message.delivered.at),
        "message_type": kind_of(message),
        "is_sender": int(is_mine),
        "seen": int(len(seen_by) == len(readers)),
        "seen_by": seen_by if is_mine else {},
        "hidden": 0,
        "deleted": int(message.is_deleted),
        "edited": int(message.is_edited),
        "is_event": 0,
        "delivered": 1,
        "behavior": None,
        "reactions": [
            {"value": sign, "sender_id": who, "is_sender": who == me.profile_id}
            for who, sign in message.reactions.items()
        ],
        "attachments": [attachment_json(one) for one in message.attachments],
        "original": json.dumps({"entityUrn": f"urn:li:msg_message:({me.urn},{message.id})"}),
    }


def kind_of(message: Message) -> str:
    """`MESSAGE`, `INMAIL` or, for the note of an invitation, `INVITATION`."""
    return "INVITATION" if message.is_note else "INMAIL" if message.is_inmail else "MESSAGE"


def attachment_json(one: Attachment) -> Json:
    """A file of a message: the form of pictures, sounds and films, or of everything else."""
    shown: Json = {
        "id": one.id,
        "file_size": len(one.content),
        "unavailable": False,
        "mimetype": one.mimetype,
    }
    match one.mimetype.partition("/")[0]:
        case "image":
            return shown | {"type": "img", "size": {"width": 1, "height": 1}, "sticker": False}
        case "audio":
            return shown | {"type": "audio", "voice_note": True}
        case "video":
            return shown | {"type": "video", "size": {"width": 1, "height": 1}, "gif": False}
        case _:
            return shown | {"type": "file", "file_name": one.name}


def attendee_json(tenant: Tenant, account: Account, member: Member) -> Json:
    """Somebody who is in a chat of the account."""
    me = tenant.owner(account)
    found = tenant.world.relationship(me, member)
    specifics: Json = {
        "provider": "LINKEDIN",
        "member_urn": f"urn:li:member:{member.number}",
        "occupation": member.headline,
        "headline": member.headline,
        "pending_invitation": found.state == "pending",
    }
    if found.state != "self":
        specifics["network_distance"] = found.distance
    return {
        "object": "ChatAttendee",
        "id": attendee_id(tenant, account, member),
        "account_id": account.id,
        "provider_id": member.profile_id,
        "name": member.full_name,
        "is_self": int(member is me),
        "hidden": 0,
        "profile_url": url_of(member),
        "specifics": specifics,
    }


def is_between(at: datetime, after: datetime | None, before: datetime | None) -> bool:
    """A time, as it is written, lies strictly between two others; either may be missing."""
    written = at.replace(microsecond=at.microsecond // 1000 * 1000)
    return (after is None or written > after) and (before is None or written < before)
