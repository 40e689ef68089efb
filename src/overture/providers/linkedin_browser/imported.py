"""The session of a person's own browser, as its cookies were exported from there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from overture.core.errors import Invalid

NEEDED: Final = ("li_at", "JSESSIONID")
SESSION_ONLY: Final = -1
SAME_SITE: Final[Mapping[str, str]] = {
    "strict": "Strict",
    "lax": "Lax",
    "none": "None",
    "no_restriction": "None",
    "unspecified": "Lax",
}
"""The spellings of exporters, and what the browser takes."""
FIX: Final = (
    "Log in at LinkedIn in your own browser, export the cookies of that site (Cookie-Editor, cookies.txt or "
    "Playwright's storage state) and import all of them."
)


def stored_session(
    cookies: Sequence[Mapping[str, object]], site: str, now: datetime
) -> dict[str, list[dict[str, object]]]:
    """A storage state of the site's cookies; what is missing or over is named, nothing is quoted."""
    host = urlsplit(site).hostname or ""
    mine = [cookie for cookie in cookies if is_of(host, str(cookie.get("domain") or ""))]
    kept = [as_stored(cookie) for cookie in mine if not is_over(cookie, now)]
    errors = [
        {"pointer": "/cookies", "code": "missing", "detail": f"{name}: {why(name, cookies, mine, host)}"}
        for name in NEEDED
        if not any(cookie["name"] == name and cookie["value"] for cookie in kept)
    ]
    if errors:
        message = f"These cookies are no session at {host}: {'; '.join(str(e['detail']) for e in errors)}."
        raise Invalid("session_unusable", message, fix=FIX, errors=errors)
    return {"cookies": kept, "origins": []}


def why(
    name: str, cookies: Sequence[Mapping[str, object]], mine: Sequence[Mapping[str, object]], host: str
) -> str:
    """Why a cookie that is needed is not there."""
    if any(cookie.get("name") == name for cookie in mine):
        return "has expired or is empty"
    if any(cookie.get("name") == name for cookie in cookies):
        return f"belongs to another site, not {host}"
    return "is missing"


def is_of(host: str, domain: str) -> bool:
    """Whether a browser sends a cookie of this domain to the host."""
    bare = domain.removeprefix(".").lower()
    return bool(bare) and (host == bare or host.endswith(f".{bare}"))


def is_over(cookie: Mapping[str, object], now: datetime) -> bool:
    """Whether the browser would have thrown it away by now."""
    expires = cookie.get("expires")
    return isinstance(expires, int | float) and 0 < expires <= now.timestamp()


def as_stored(cookie: Mapping[str, object]) -> dict[str, object]:
    """The cookie as the browser takes it."""
    expires = cookie.get("expires")
    lasts = isinstance(expires, int | float) and expires > 0
    same_site = SAME_SITE.get(str(cookie.get("same_site") or "").lower(), "Lax")
    secure = cookie.get("secure") is True
    return {
        "name": str(cookie.get("name")),
        "value": str(cookie.get("value")),
        "domain": str(cookie.get("domain")),
        "path": str(cookie.get("path") or "/"),
        "expires": expires if lasts else SESSION_ONLY,
        "httpOnly": cookie.get("http_only") is True,
        "secure": secure,
        "sameSite": "Lax" if same_site == "None" and not secure else same_site,
    }
