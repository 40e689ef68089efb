"""The cursor of a list: where it goes on, opaque and signed, so that only one of ours is taken."""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

from overture.core.errors import Invalid

ID_BYTES: Final = 16
SIGNATURE_BYTES: Final = 8
CURSOR_LENGTH: Final = 32  # 24 bytes in base 64


def cursor_after(run_id: UUID, api_key: str) -> str:
    """The cursor with which a list goes on after this run."""
    return base64.urlsafe_b64encode(run_id.bytes + sign(run_id.bytes, api_key)).decode()


def read_cursor(text: str, api_key: str) -> UUID:
    """The run a cursor stands on; refuses what is not a cursor of ours."""
    try:
        raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    body, signature = raw[:ID_BYTES], raw[ID_BYTES:]
    if len(text) != CURSOR_LENGTH or not hmac.compare_digest(signature, sign(body, api_key)):
        raise Invalid(
            "validation_error",
            "The cursor is not one this server gave.",
            fix="Take `next_cursor` of the page before, or start without a cursor.",
            errors=[
                {"pointer": "/cursor", "location": "query", "code": "bad_cursor", "detail": "not one of ours"}
            ],
        )
    return UUID(bytes=body)


def sign(body: bytes, api_key: str) -> bytes:
    """A keyed digest, short: it keeps out garbage, and a cursor opens nothing."""
    return hashlib.blake2b(body, key=api_key.encode()[:64], digest_size=SIGNATURE_BYTES).digest()
