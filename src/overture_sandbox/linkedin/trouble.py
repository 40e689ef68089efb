"""What an account gets to see instead of the site: notices, walls, empty pages, refusals to go on."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from overture_sandbox.linkedin.shapes import rest_error
from overture_sandbox.world import Login, World

RESTRICTED_PATH: Final = "/checkpoint/challenge/restricted"
RETRY_AFTER_S: Final = 600
BOT_WALL: Final = 999
NOTICES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages" / "templates" / "notices"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page_in_trouble(request: Request, world: World, login: Login) -> Response | None:  # noqa: ARG001
    """What a page answers in place of itself; None when the account is in no trouble."""
    match login.trouble:
        case "restricted":
            return RedirectResponse(RESTRICTED_PATH, 302)
        case "unusual_activity":
            return notice("unusual_activity.html")
        case "bot_wall":
            return HTMLResponse("<html><head></head><body></body></html>", BOT_WALL)
        case "empty_shell":
            return notice("empty_shell.html")
        case "rate_limited":
            world.turn_away(login)
            return notice("too_many.html", 429, {"retry-after": str(RETRY_AFTER_S)})
        case _:
            return None


def api_in_trouble(request: Request, world: World, login: Login) -> Response | None:
    """What the JSON interface answers then."""
    match login.trouble:
        case "restricted" | "unusual_activity":
            return RedirectResponse(RESTRICTED_PATH, 302)
        case "bot_wall":
            return Response("", BOT_WALL)
        case "empty_shell":
            return notice("empty_shell.html")
        case "api_401":
            return rest_error(request, 401)
        case "rate_limited":
            world.turn_away(login)
            refused = rest_error(request, 429)
            refused.headers["retry-after"] = str(RETRY_AFTER_S)
            return refused
        case _:
            return None


def notice(name: str, status: int = 200, headers: dict[str, str] | None = None) -> HTMLResponse:
    """One of the short pages without navigation."""
    page = NOTICES.get_template(name).render()
    return HTMLResponse(page, status, {"cache-control": "no-store", **(headers or {})})
