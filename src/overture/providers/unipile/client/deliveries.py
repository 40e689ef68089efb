"""What a webhook delivers, read out of whatever form it comes in."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, unquote_to_bytes

from overture.providers.unipile.client.values import read_flag
from overture.providers.unipile.client.vocabulary import DEFAULT_EVENTS

MOST_FIELDS: Final = 2000
HOSTED_STATUSES: Final = frozenset({"CREATION_SUCCESS", "RECONNECTED"})
_SOURCE_OF: Final = {event: source for source, events in DEFAULT_EVENTS.items() for event in events}
_PATH: Final = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\]){0,4})$")


class UnreadableDelivery(ValueError):
    """Neither JSON nor a form: to be kept as it is."""


@dataclass(frozen=True)
class Delivery:
    """One delivery: what it is about, and all it says."""

    source: str  # a webhook's source, `hosted` of a sign-in page, or `unknown`
    event: str
    account_id: str | None
    payload: Mapping[str, object] = field(repr=False)
    digest: str = ""  # of the body as it came

    def text(self, name: str) -> str | None:
        """A text of the payload; empty and missing are the same."""
        value = self.payload.get(name)
        return (
            str(value)
            if isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
            else None
        )

    def part(self, name: str) -> Mapping[str, object]:
        """An object inside the payload; empty when there is none."""
        value = self.payload.get(name)
        return value if isinstance(value, Mapping) else {}


def parse_delivery(body: bytes, content_type: str = "") -> Delivery:
    """Read a delivery: as JSON first whatever it calls itself (it calls itself a form), then as a form."""
    payload = _as_json(body)
    if payload is None and "multipart" not in content_type.lower():
        payload = _as_form(body)
    if payload is None:
        raise UnreadableDelivery("this delivery is neither JSON nor a form")
    return replace(_told(payload), digest=hashlib.sha256(body).hexdigest())


def dedup_key(delivery: Delivery, received_at: datetime) -> str:
    """By what the same event is known when it comes again; there are no event ids.

    Account states go by the minute: after applying one, read the account for what it is now.
    """
    event, account = delivery.event, delivery.account_id or ""
    message_id, person = delivery.text("message_id"), delivery.text("user_provider_id")
    if delivery.source == "messaging" and message_id:
        return _key(event, account, message_id, *_further(delivery))
    if delivery.source == "users" and person:
        return _key(event, account, person)
    if delivery.source == "account_status":
        return _key("account_status", account, event, f"{received_at.astimezone(UTC):%Y-%m-%dT%H:%M}")
    if delivery.source == "email" and (email_id := delivery.text("email_id")):
        return _key(event, email_id)
    if delivery.source == "email_tracking" and (event_id := delivery.text("event_id")):
        return _key(event, event_id)
    return _key(delivery.source, event, account, delivery.digest)


def is_own_message(delivery: Delivery) -> bool | None:
    """Whether the account itself wrote it (by us, or by its owner by hand); None when that cannot be told.

    Own messages arrive as `message_received` too: taken for replies, they would stop every sequence.
    """
    said = read_flag(delivery.payload.get("is_sender"))
    if said:
        return True
    sender = delivery.part("sender").get("attendee_provider_id")
    myself = delivery.part("account_info").get("user_id")
    if sender and myself:
        return sender == myself
    return said


def _told(payload: Mapping[str, object]) -> Delivery:
    state = payload.get("AccountStatus")
    if isinstance(state, Mapping):
        account = state.get("account_id")
        return Delivery("account_status", str(state.get("message") or ""), _id(account), state)
    event, account = str(payload.get("event") or ""), _id(payload.get("account_id"))
    if not event and payload.get("status") in HOSTED_STATUSES:
        return Delivery("hosted", str(payload["status"]), account, payload)
    is_known_elsewhere = _SOURCE_OF.get(event) == "account_status"  # those have no `event`
    source = "unknown" if is_known_elsewhere else _SOURCE_OF.get(event, "unknown")
    return Delivery(source, event, account, payload)


def _id(value: object) -> str | None:
    return str(value) if isinstance(value, (str, int)) and value != "" else None


def _as_json(body: bytes | str) -> Mapping[str, object] | None:
    """A JSON object, also one inside a JSON text; None when it is neither."""
    try:
        found = json.loads(body)
        if isinstance(found, str):
            found = json.loads(found)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _as_form(body: bytes) -> Mapping[str, object] | None:
    """Form fields, some of them JSON texts or of nested names; or JSON that was form-encoded as a whole."""
    try:
        if whole := _as_json(unquote_to_bytes(body.strip().removesuffix(b"=").replace(b"+", b" "))):
            return whole
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        return None
    form: dict[str, object] = {}
    for name, value in pairs:
        _put(form, name, _value(value))
    return form or None


def _value(text: str) -> object:
    """A field's value: the list or object a JSON text holds, else the text."""
    if not text.startswith(("{", "[")):
        return text
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found


def _put(form: dict[str, object], name: str, value: object) -> None:
    """Set a field, going into nested names (`AccountStatus[message]`)."""
    found = _PATH.match(name)
    steps = [found.group(1), *re.findall(r"\[([^\[\]]*)\]", found.group(2))] if found else [name]
    place = form
    for step in steps[:-1]:
        inner = place.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        place = inner
    place[steps[-1]] = value


def _further(delivery: Delivery) -> tuple[str, ...]:
    """What tells two events about one message apart."""
    if delivery.event == "message_reaction":
        sender = delivery.part("reaction_sender")
        who = sender.get("attendee_provider_id") or sender.get("attendee_id") or ""
        return (delivery.text("reaction") or "", str(who))
    if delivery.event == "message_edited":
        return (_digest(delivery.text("message") or ""),)
    return ()


def _key(*parts: str) -> str:
    """Parts joined so that no two different lists give the same key."""
    return "|".join(part.replace("%", "%25").replace("|", "%7C") for part in parts)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
