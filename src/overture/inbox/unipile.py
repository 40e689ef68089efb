"""Deliveries of Unipile's webhooks, in our words; everything about the wire is the client's knowledge."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

from overture.inbox.incoming import (
    Direction,
    Incoming,
    MessageEvent,
    MessageTold,
    NothingToDo,
    NotUnderstood,
    RelationTold,
    StatusTold,
    ThreadTold,
    Told,
)
from overture.inbox.spelling import message_key, storable, thread_key
from overture.people import Key, NewLead, keys_in
from overture.providers.unipile.client import (
    Delivery,
    UnreadableDelivery,
    is_own_message,
    parse_delivery,
)
from overture.providers.unipile.client.values import read_flag, read_moment

NAME: Final = "unipile"
EVENTS: Final[Mapping[str, MessageEvent]] = {
    "message_received": "received",
    "message_edited": "edited",
    "message_deleted": "deleted",
    "message_read": "read",
    "message_reaction": "reaction",
}
NOTE: Final = "INVITATION"
MET_LATELY: Final = 4096
"""People whose keys are not made out anew with each of their messages."""
FROM_US_ALONE: Final = "unipile:"
"""Before the id of a message or thread whose id at LinkedIn was not told."""


def read(body: bytes, content_type: str | None, received_at: datetime) -> Incoming:
    """Read one delivery; raises `NotUnderstood` for what nothing can be done with."""
    try:
        delivery = parse_delivery(body, content_type or "")
    except UnreadableDelivery as error:
        raise NotUnderstood("unreadable") from error
    return Incoming(delivery.account_id, told(delivery, received_at))


def told(delivery: Delivery, received_at: datetime) -> Told:
    """What it tells."""
    match delivery.source:
        case "messaging":
            return message_told(delivery, received_at)
        case "users" if delivery.event == "new_relation":
            return relation_told(delivery, received_at)
        case "account_status":
            return StatusTold(delivery.event.upper(), received_at)
        case "unknown":
            raise NotUnderstood("unknown_type")
        case _:
            raise NotUnderstood("not_for_the_inbox")


def message_told(delivery: Delivery, received_at: datetime) -> Told:
    """What happened to a message; that one was delivered says nothing new."""
    event = EVENTS.get(delivery.event)
    if event is None or read_flag(delivery.payload.get("is_event")):
        return NothingToDo()
    thread = thread_told(delivery)
    at = read_moment(delivery.payload.get("timestamp")) or received_at
    return MessageTold(
        event=event,
        thread=thread,
        message_key=key_of_message(delivery),
        service_message_id=clean(delivery.text("message_id")),
        direction=direction_of(delivery, thread),
        text=storable(delivery.text("message") or ""),
        subject=clean(delivery.text("subject")),
        at=min(at, received_at),
        is_note=delivery.text("message_type") == NOTE,
        reaction=reaction_of(delivery) if event == "reaction" else None,
        attachments=tuple(attachments_of(delivery)),
    )


def key_of_message(delivery: Delivery) -> str:
    """The message's id at LinkedIn, else the one it has at Unipile."""
    provider_id, own_id = clean(delivery.text("provider_message_id")), clean(delivery.text("message_id"))
    if provider_id is not None:
        return message_key(provider_id)
    if own_id is None:
        raise NotUnderstood("message_without_id")
    return f"{FROM_US_ALONE}{own_id}"


def thread_told(delivery: Delivery) -> ThreadTold:
    """The thread, and the other one in it."""
    provider_id, own_id = clean(delivery.text("provider_chat_id")), clean(delivery.text("chat_id"))
    if provider_id is None and own_id is None:
        raise NotUnderstood("message_without_thread")
    is_group = read_flag(delivery.payload.get("is_group")) is True
    other = None if is_group else counterpart(delivery)
    return ThreadTold(
        thread_key=thread_key(provider_id) if provider_id is not None else f"{FROM_US_ALONE}{own_id}",
        service_thread_id=own_id,
        is_group=is_group,
        keys=keys_of_attendee(other) if other is not None else (),
        name=clean(text_in(other, "attendee_name")) if other is not None else None,
    )


def counterpart(delivery: Delivery) -> Mapping[str, object] | None:
    """The one who is not the account: whoever sent it, or of those who take part the only other."""
    myself = delivery.part("account_info").get("user_id")
    sender = delivery.part("sender")
    listed = delivery.payload.get("attendees")
    present = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    others = [one for one in present if one.get("attendee_provider_id") not in (None, "", myself)]
    if is_own_message(delivery) is False and sender.get("attendee_provider_id"):
        return sender
    if is_own_message(delivery):
        mine = sender.get("attendee_provider_id")
        others = [one for one in others if one.get("attendee_provider_id") != mine]
    return others[0] if len(others) == 1 else None


def direction_of(delivery: Delivery, thread: ThreadTold) -> Direction | None:
    """Whose message it is. When it is not said outright, the sender may be recognised."""
    is_own = is_own_message(delivery)
    if is_own is not None:
        return "own" if is_own else "theirs"
    sent_by = keys_of_attendee(delivery.part("sender"))
    return "theirs" if set(sent_by) & set(thread.keys) else None


def keys_of_attendee(attendee: Mapping[str, object]) -> tuple[Key, ...]:
    """The keys of somebody who takes part."""
    return member_keys(
        text_in(attendee, "attendee_provider_id"), None, text_in(attendee, "attendee_profile_url")
    )


@lru_cache(maxsize=MET_LATELY)
def member_keys(provider_id: str | None, slug: str | None, url: str | None) -> tuple[Key, ...]:
    """The keys of a member: id, then slug, then what the address holds."""
    named = NewLead(linkedin_profile_id=provider_id, sales_navigator=provider_id)
    named_by_address = NewLead(linkedin_slug=slug, linkedin_url=url)
    known = [one for new in (named, named_by_address) if has_some(new) for one in keys_in(new)]
    return tuple(dict.fromkeys(known))


def has_some(new: NewLead) -> bool:
    """Whether anybody is named at all."""
    return any((new.linkedin_profile_id, new.linkedin_slug, new.linkedin_url))


def relation_told(delivery: Delivery, received_at: datetime) -> RelationTold:
    """With whom the account is connected now. Since when is not told: Unipile notices it hours later."""
    keys = member_keys(
        clean(delivery.text("user_provider_id")),
        clean(delivery.text("user_public_identifier")),
        clean(delivery.text("user_profile_url")),
    )
    if not keys:
        raise NotUnderstood("relation_without_person")
    return RelationTold(keys, received_at)


def reaction_of(delivery: Delivery) -> str:
    """A reaction with whose it is."""
    sender = delivery.part("reaction_sender")
    who = text_in(sender, "attendee_provider_id") or text_in(sender, "attendee_id") or ""
    return storable(f"{who}|{delivery.text('reaction') or ''}")


def attachments_of(delivery: Delivery) -> list[Mapping[str, object]]:
    """Name and type of what hangs on a message; it comes as one object or as a list."""
    found = delivery.payload.get("attachments")
    listed = found if isinstance(found, list) else [found]
    return [
        {key: storable(str(one[key])) for key in ("id", "type", "file_name", "mimetype") if one.get(key)}
        for one in listed
        if isinstance(one, Mapping) and one
    ]


def text_in(part: Mapping[str, object], name: str) -> str | None:
    """A text inside an object."""
    value = part.get(name)
    return storable(value) if isinstance(value, str) and value else None


def clean(text: str | None) -> str | None:
    """The text as it can be stored; empty is none."""
    return storable(text) or None if text is not None else None
