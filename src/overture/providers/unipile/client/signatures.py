"""Whether a delivery comes from Unipile; every check takes the same time and fails closed."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

SKEW: Final = timedelta(seconds=300)
LEGACY_PREFIX: Final = "sha256="


def has_secret(header: str | None, secret: str) -> bool:
    """Whether the header we configured carries our secret: the one way API v1 has."""
    return _equal(header, secret)


def is_signed_v2(header: str | None, body: bytes, secret: str, now: datetime) -> bool:
    """Whether `unipile-signature: t=<unix>,v0=<hex>` signs this body, and not long ago (API v2)."""
    pairs = [part.strip().partition("=") for part in (header or "").split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    if len(stamps) != 1 or not _is_plain_number(stamps[0]) or not secret:
        return False
    if abs(now.timestamp() - int(stamps[0])) > SKEW.total_seconds():
        return False
    expected = _hmac(stamps[0].encode() + b"." + body, secret)
    matches = [_equal(value, expected) for name, _, value in pairs if name == "v0"]
    return any(matches)


def is_signed_legacy(header: str | None, body: bytes, secret: str) -> bool:
    """Whether `X-Unipile-Signature` is the HMAC of this body, as some older deployments had it added."""
    if not secret:
        return False
    return _equal((header or "").strip().removeprefix(LEGACY_PREFIX).lower(), _hmac(body, secret))


def _hmac(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _equal(given: str | None, expected: str) -> bool:
    """Compare in constant time; nothing equals an empty secret."""
    same = hmac.compare_digest((given or "").encode("utf-8", "surrogateescape"), expected.encode())
    return same and bool(expected)


def _is_plain_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12
