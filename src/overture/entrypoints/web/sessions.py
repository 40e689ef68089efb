"""Who looks at the pages: a signed cookie, the token every form carries, and one-time sign-in links.

The cookie holds no secret: an id, when it ends, and whether its owner has shown the API key. Its signature is
keyed with the key ring and the API key, so that a new one of either signs everybody out.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from overture.core.crypto import KeyRing

LIFE: Final = timedelta(hours=12)
LINK_LIFE: Final = timedelta(hours=1)
ID_BYTES: Final = 18


@dataclass(frozen=True)
class Visit:
    """One browser's session: a stranger's before it signs in, the operator's after."""

    visit_id: str
    until: int
    is_signed_in: bool


class Seal:
    """Signs and reads what the pages hand to a browser."""

    def __init__(self, ring: KeyRing, api_key: str) -> None:
        self._key = hmac.digest(ring.keys[ring.newest], b"pages:" + api_key.encode(), "sha256")

    def begin(self, now: datetime, *, is_signed_in: bool) -> Visit:
        """A new session with an id nobody has seen."""
        until = int((now + LIFE).timestamp())
        return Visit(secrets.token_urlsafe(ID_BYTES), until, is_signed_in)

    def write(self, visit: Visit) -> str:
        """The cookie's value."""
        return self.sign("visit", f"{visit.visit_id}.{visit.until}.{int(visit.is_signed_in)}")

    def read(self, cookie: str, now: datetime) -> Visit | None:
        """The session of a cookie, unless it is not ours or over."""
        body = self.verified("visit", cookie)
        if body is None:
            return None
        visit_id, until, signed_in = body.split(".")
        return Visit(visit_id, int(until), signed_in == "1") if int(until) > now.timestamp() else None

    def token(self, visit: Visit) -> str:
        """What every form of this session carries, so that no other site can post one."""
        return self._digest("form", visit.visit_id)

    def fits(self, visit: Visit, token: str) -> bool:
        """Whether a form's token is this session's, compared in constant time."""
        return hmac.compare_digest(self.token(visit).encode(), token.encode())

    def sign(self, purpose: str, body: str) -> str:
        """The text with its signature for one purpose."""
        return f"{encoded(body.encode())}~{self._digest(purpose, body)}"

    def verified(self, purpose: str, signed: str) -> str | None:
        """The text, if it is one we signed for this purpose."""
        raw, _, signature = signed.partition("~")
        try:
            body = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)).decode()
        except (ValueError, binascii.Error):
            return None
        fits = hmac.compare_digest(self._digest(purpose, body).encode(), signature.encode())
        return body if fits else None

    def _digest(self, purpose: str, body: str) -> str:
        return encoded(hmac.digest(self._key, f"{purpose}:{body}".encode(), "sha256"))


def encoded(raw: bytes) -> str:
    """The bytes as a cookie and an address may hold them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign_in_link(site: str, api_key: str, now: datetime) -> str:
    """An address that signs in once, from this machine, for whoever has the API key to make it with."""
    body = f"{int((now + LINK_LIFE).timestamp())}.{secrets.token_urlsafe(ID_BYTES)}"
    return f"{site}/login/once?link={body}.{link_digest(body, api_key)}"


def read_link(link: str, api_key: str, now: datetime) -> str | None:
    """The one-time part of a sign-in link, if the link is one of ours and not over."""
    body, _, digest = link.rpartition(".")
    if not hmac.compare_digest(digest.encode(), link_digest(body, api_key).encode()):
        return None
    until, _, once = body.partition(".")
    return once if until.isdigit() and int(until) > now.timestamp() else None


def link_digest(body: str, api_key: str) -> str:
    """The signature of a link; it stands in the server's log no more than the key itself does."""
    return hashlib.blake2b(
        f"sign-in link:{body}".encode(), key=api_key.encode()[:64], digest_size=24
    ).hexdigest()


class Strikes:
    """How often a wrong key came from an address of late: past a few, that address waits."""

    MOST: Final = 10
    WINDOW: Final = timedelta(minutes=5)
    MOST_ADDRESSES: Final = 10_000

    def __init__(self) -> None:
        self._at: dict[str, list[datetime]] = {}

    def add(self, address: str, now: datetime) -> None:
        """Count one more; addresses that have been quiet are forgotten before there are too many."""
        if len(self._at) >= self.MOST_ADDRESSES:
            self._at = {one: at for one, at in self._at.items() if now - at[-1] < self.WINDOW}
        self._at[address] = [*self._at.get(address, ()), now][-self.MOST :]

    def are_too_many(self, address: str, now: datetime) -> bool:
        """Whether the next one from there has to wait."""
        recent = [at for at in self._at.get(address, ()) if now - at < self.WINDOW]
        return len(recent) >= self.MOST
