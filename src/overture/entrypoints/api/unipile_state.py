"""The state in an address a sign-in reports to: sealed with our key, so that nobody else can make one up."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from overture.core.crypto import KeyRing, KeyUnusable

PLACE: Final = "unipile.connect:state"
LIVES: Final = timedelta(hours=24)  # the link itself dies at Unipile's daily restart at the latest


@dataclass(frozen=True)
class State:
    """Whose sign-in it is, and until when its report is taken."""

    account_id: UUID
    expires_at: datetime


def sealed(ring: KeyRing, state: State) -> str:
    """The state as a part of an address."""
    plain = json.dumps([state.account_id.hex, int(state.expires_at.timestamp())]).encode()
    return base64.urlsafe_b64encode(ring.seal(plain, PLACE)).decode().rstrip("=")


def opened(ring: KeyRing, text: str, now: datetime) -> State | None:
    """The state in an address; None when we did not make it, or its time is over."""
    try:
        plain = ring.open(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), PLACE)
        account, expires = json.loads(plain)
        state = State(UUID(hex=account), datetime.fromtimestamp(expires, UTC))
    except (KeyUnusable, binascii.Error, ValueError, TypeError):
        return None
    return state if now <= state.expires_at else None
