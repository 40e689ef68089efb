"""Reads the cookies a person exported from their own browser, in the formats exporters write."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from overture.core.errors import Invalid

FORMATS: Final = (
    "Playwright's storage state, the JSON list of Cookie-Editor or EditThisCookie, or a Netscape cookies.txt"
)
COLUMNS: Final = 7  # domain, whole site, path, secure, expires, name, value
HTTP_ONLY: Final = "#HttpOnly_"


@dataclass(frozen=True, repr=False)
class Cookie:
    """One cookie; its value is never printed."""

    name: str
    value: str
    domain: str
    path: str = "/"
    expires: float | None = None
    """Seconds since 1970; None: it ends with the browser."""
    http_only: bool = False
    secure: bool = False
    same_site: str | None = None

    def __repr__(self) -> str:
        """The name alone."""
        return f"Cookie({self.name!r}, …)"


def read_cookies(given: object) -> list[dict[str, object]]:
    """The cookies of any of the formats."""
    return [asdict(cookie) for cookie in found_in(given)]


def found_in(given: object) -> list[Cookie]:
    """The same, before they are plain."""
    if isinstance(given, str):
        return from_text(given)
    if isinstance(given, Mapping):
        return found_in(given.get("cookies"))
    if not isinstance(given, list) or not given:
        raise unreadable("there are no cookies in it")
    return [from_json(number, one) for number, one in enumerate(given)]


def from_text(text: str) -> list[Cookie]:
    """JSON in a text, or the lines of a cookies.txt."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return found_in(json.loads(text))
        except (ValueError, RecursionError):
            raise unreadable("it begins like JSON and is none") from None
    lines = [line.rstrip("\r") for line in text.split("\n")]
    rows = [
        line for line in lines if line.strip() and (not line.startswith("#") or line.startswith(HTTP_ONLY))
    ]
    if not rows:
        raise unreadable("there are no cookies in it")
    return [from_line(number, row) for number, row in enumerate(rows)]


def from_line(number: int, row: str) -> Cookie:
    """One line of a cookies.txt."""
    columns = row.removeprefix(HTTP_ONLY).split("\t")
    if len(columns) != COLUMNS or not columns[4].strip().removeprefix("-").isdigit():
        raise unreadable(f"cookie {number + 1} has not the seven columns of a cookies.txt, parted by tabs")
    domain, _, path, secure, expires, name, value = columns
    lasts = float(expires) if float(expires) > 0 else None
    return Cookie(
        name, value, domain, path, lasts, row.startswith(HTTP_ONLY), secure.strip().upper() == "TRUE"
    )


def from_json(number: int, one: object) -> Cookie:
    """One cookie of a JSON list; exporters differ in the name of its end."""
    if not isinstance(one, Mapping):
        raise unreadable(f"cookie {number + 1} is no JSON object")
    name, value, domain = (one.get(key) for key in ("name", "value", "domain"))
    if not isinstance(name, str) or not isinstance(value, str) or not isinstance(domain, str):
        raise unreadable(f"cookie {number + 1} has no name, value and domain")
    path, same_site = one.get("path"), one.get("sameSite")
    return Cookie(
        name,
        value,
        domain,
        path if isinstance(path, str) and path else "/",
        instant(one.get("expires", one.get("expirationDate"))),
        one.get("httpOnly") is True,
        one.get("secure") is True,
        same_site if isinstance(same_site, str) else None,
    )


def instant(value: object) -> float | None:
    """When it ends, if it is said and not with the browser."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value > 0 else None  # type: ignore[arg-type,operator]


def unreadable(why: str) -> Invalid:
    """The refusal of cookies that cannot be read; nothing of them is quoted."""
    error = {"pointer": "/cookies", "code": "unreadable", "detail": why}
    return Invalid(
        "session_unreadable", f"The cookies cannot be read: {why}.", fix=f"Send {FORMATS}.", errors=[error]
    )
