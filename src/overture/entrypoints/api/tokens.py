"""Tokens: a signed word that somebody may do a part of what the API key may, for a while (JWT, RFC 7519).

A token is made with the API key and names its scopes and its end; nothing is stored of it. It is signed with
a secret made of the installation's key file and the API key: who changes the API key ends every token.
"""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args

import jwt

from overture.core.crypto import KeyRing

Scope = Literal["read", "write", "admin"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
LONGEST: Final = timedelta(days=30)
ISSUER: Final = "overture"
ALGORITHM: Final = "HS256"
NEEDED_CLAIMS: Final = ("iss", "sub", "scope", "iat", "exp", "jti")
ADMIN: Final = "/api/v1/admin"
MINT: Final = "/api/v1/admin/tokens"
"""Where tokens are made: only the key itself does, or a token could renew itself for ever."""
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class TokenUnusable(Exception):
    """The word is no token of ours, or its time is over; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Bearer:
    """Who holds a token, and what it opens."""

    name: str
    scopes: frozenset[str]
    expires_at: datetime

    @property
    def by(self) -> str:
        """As the log names them."""
        return f"token:{self.name}"


class Mint:
    """Makes tokens, and knows its own."""

    def __init__(self, ring: KeyRing, api_key: str) -> None:
        oldest = next(iter(ring.keys.values()))  # a rotation adds keys and removes none
        self._key = hmac.new(oldest, b"bearer tokens\0" + api_key.encode(), hashlib.sha256).digest()

    def issue(
        self, name: str, scopes: Collection[Scope], now: datetime, lives: timedelta, token_id: str
    ) -> tuple[str, Bearer]:
        """A new token."""
        expires_at = (now + lives).replace(microsecond=0)
        claims = {
            "iss": ISSUER,
            "sub": name,
            "scope": " ".join(sorted(scopes)),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": token_id,
        }
        made = jwt.encode(claims, self._key, algorithm=ALGORITHM)
        return made, Bearer(name, frozenset(scopes), expires_at)

    def read(self, word: str, now: datetime) -> Bearer:
        """Who holds this token; raises `TokenUnusable`. The clock is ours, not the library's."""
        options: jwt.types.Options = {
            "require": list(NEEDED_CLAIMS),
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
        }
        try:
            claims = jwt.decode(word, self._key, algorithms=[ALGORITHM], issuer=ISSUER, options=options)
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
            found = Bearer(str(claims["sub"]), frozenset(str(claims["scope"]).split()), expires_at)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError):
            raise TokenUnusable("unauthorized") from None
        if now >= expires_at:
            raise TokenUnusable("token_expired")
        return found


def needed(method: str, path: str) -> Scope | None:
    """The scope an address needs; None: only the key itself opens it."""
    if path == MINT or path.startswith(f"{MINT}/"):
        return None
    if path == ADMIN or path.startswith(f"{ADMIN}/"):
        return "admin"
    return "read" if method in READING else "write"
