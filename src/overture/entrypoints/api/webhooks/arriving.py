"""What stands at the door: a delivery as far as it must be understood to know it when it comes again."""

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

from overture.inbox import SOURCE_OF, Arrival, storable, unipile
from overture.providers.unipile.client import Delivery, UnreadableDelivery, dedup_key, parse_delivery

UNREADABLE: Final = "unreadable"
LONGEST_KEY: Final = 300
LONGEST_WORD: Final = 200
TAKEN: Final = frozenset(SOURCE_OF.values())
"""Sources something follows from."""


def arrival_of(
    delivery_id: UUID, endpoint: str, body: bytes, content_type: str | None, received_at: datetime
) -> Arrival:
    """The delivery, ready to be stored; of what cannot be understood everything is kept all the same."""
    delivery, dead_of = understood(body, content_type)
    return Arrival(
        id=delivery_id,
        provider=unipile.NAME,
        endpoint=endpoint,
        source=delivery.source,
        event=short(delivery.event),
        service_account=short(delivery.account_id) if delivery.account_id else None,
        dedup_key=key_of(delivery, received_at),
        body=body,
        content_type=short(content_type) if content_type else None,
        received_at=received_at,
        dead_of=dead_of,
    )


def understood(body: bytes, content_type: str | None) -> tuple[Delivery, str | None]:
    """What it is, and why nothing can be done with it if that is so."""
    try:
        delivery = parse_delivery(body, content_type or "")
    except UnreadableDelivery:
        digest = hashlib.sha256(body).hexdigest()
        return Delivery(UNREADABLE, "", None, {}, digest), UNREADABLE
    if delivery.source == "unknown":
        return delivery, "unknown_type"
    return delivery, None if delivery.source in TAKEN else "not_for_the_inbox"


def key_of(delivery: Delivery, received_at: datetime) -> str:
    """By what it is known when it comes again; as short as an index wants it."""
    key = storable(f"{unipile.NAME}|{dedup_key(delivery, received_at)}")
    return key if len(key) <= LONGEST_KEY else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def short(text: str) -> str:
    """A word as it is kept beside the body."""
    return storable(text)[:LONGEST_WORD]
