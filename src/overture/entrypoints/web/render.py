"""Templates become pages: whole ones for a browser, their live fragment when htmx asks for it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from overture.core.ids import public_id
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import words
from overture.entrypoints.web.guard import TOKEN, desk_of

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
ICONS: Final = STATIC / "vendor" / "icons"


def app_of(request: Request) -> App:
    """The product behind the pages."""
    app = request.app.state.overture
    assert isinstance(app, App)
    return app


def show(
    request: Request, page: str, status: int = 200, *, fragment: str | None = None, **facts: Any
) -> HTMLResponse:
    """A page, or only its fragment when htmx re-fetches that."""
    is_partial = fragment is not None and request.headers.get("hx-request-type") == "partial"
    name = fragment if is_partial and fragment is not None else page
    app, desk = app_of(request), desk_of(request)
    said = None if is_partial else desk.said
    if said is not None:
        desk.said = ""  # told once
    text = (
        environment()
        .get_template(name)
        .render(
            {"menu_waits": getattr(request.state, "waiting", None)}
            | facts
            | {
                "now": app.now(),
                "here": request.url.path,
                "address": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
                "token": request.app.state.seal.token(desk.visit),
                "token_name": TOKEN,
                "is_signed_in": desk.visit.is_signed_in,
                "said": said,
                "is_sandbox": is_sandbox(app),
                "version": request.app.version,
                "request_id": request.scope["overture.request_id"],
            }
        )
    )
    return HTMLResponse(text, status)


def is_sandbox(app: App) -> bool | None:
    """Whether accounts act in a practice world; None when there is nowhere they could act."""
    url = app.settings.linkedin_url
    if url is None:
        return None
    host = url.host or ""
    return not (host == "linkedin.com" or host.endswith(".linkedin.com"))


def go(request: Request, address: str, says: str | None = None) -> RedirectResponse:
    """Send the browser to a page of ours, which then says what was done."""
    if says is not None:
        desk_of(request).says = says
    return RedirectResponse(address, 303)


@cache
def environment() -> Environment:
    """The templates with what they share; a name that is missing is a bug, never an empty place."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "icon": icon,
        "static": static,
        "words": words,
        "with_query": with_query,
        "public": public_id,
    }
    made.filters |= {
        "ago": ago,
        "moment": moment,
        "zoned": zoned,
        "pretty": pretty,
        "span": span,
        "day": day,
        "iso": datetime.isoformat,
    }
    return made


@cache
def icon(name: str) -> Markup:
    """One of the vendored icons, drawn in the text's colour; the words beside it carry the meaning."""
    drawn = (ICONS / f"{name}.svg").read_text()
    paths = drawn.partition(">")[2]
    return Markup(  # noqa: S704 - a vendored file, whose digest a test compares
        '<svg class="icon" width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{paths}'
    )


@cache
def static(name: str) -> str:
    """The address of a file of ours, other whenever the file is other."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def with_query(path: str, wanted: Mapping[str, object]) -> str:
    """An address whose query holds what is wanted, leaving out what is not."""
    kept = {name: value for name, value in wanted.items() if value not in (None, "", ())}
    return f"{path}?{urlencode(kept)}" if kept else path


STEPS: Final = ((60, "second"), (60, "minute"), (24, "hour"), (30, "day"), (12, "month"))


def ago(at: datetime, now: datetime) -> str:
    """How long ago or until when, in the largest unit that says something."""
    seconds = (at - now).total_seconds()
    amount, unit = distance(abs(seconds))
    if unit == "second" and amount < 10:
        return "just now" if seconds <= 0 else "in a moment"
    told = f"{amount} {unit}{'s' if amount != 1 else ''}"
    return f"in {told}" if seconds > 0 else f"{told} ago"


def distance(seconds: float) -> tuple[int, str]:
    """A length of time as a number of one unit."""
    amount = seconds
    for size, unit in STEPS:
        if amount < size:
            return int(amount), unit
        amount /= size
    return int(amount), "year"


def span(millis: int | None) -> str:
    """A duration as a person reads it."""
    if millis is None:
        return "not known"
    if millis < 1000:
        return f"{millis} ms"
    seconds = millis / 1000
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def moment(at: datetime) -> str:
    """An instant in full, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def zoned(at: datetime, zone: str) -> str:
    """An instant on the wall clock of a zone, which is named."""
    return at.astimezone(ZoneInfo(zone)).strftime("%a %d %b, %H:%M %Z")


def day(at: datetime) -> str:
    """A day and time as short as it is told apart, in UTC."""
    return at.astimezone(UTC).strftime("%a %d %b, %H:%M UTC")


def pretty(value: object) -> str:
    """A document as a person reads it."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
