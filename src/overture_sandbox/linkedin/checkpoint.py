"""The checks in the middle of a login: their pages, the codes tried on them, and the wait for a phone."""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.auth import LOGIN_PATH, give_session_cookies, world_of
from overture_sandbox.linkedin.pages.looks import PageIds
from overture_sandbox.linkedin.pages.masking import masked
from overture_sandbox.linkedin.trouble import NOTICES, RESTRICTED_PATH, notice
from overture_sandbox.world import Checkpoint, WebSession

COOKIE = "chp_token"
TOO_OFTEN = "challenge_global_internal_error"
TEMPLATES = {
    "email_pin": "challenge_code.html",
    "sms_pin": "challenge_code.html",
    "totp": "challenge_code.html",
    "app_approval": "challenge_approval.html",
    "captcha": "challenge_captcha.html",
    "other": "challenge_other.html",
}
WITH_CODE = ("email_pin", "sms_pin", "totp")


def routes() -> list[BaseRoute]:
    """The pages of checks and what they send."""
    return [
        Route(RESTRICTED_PATH, _restricted),
        Route("/checkpoint/challenge/verify", _verify, methods=["POST"]),
        Route("/checkpoint/challenge/approved", _approved, methods=["POST"]),
        Route("/checkpoint/challenge/poll", _poll),
        Route("/checkpoint/challenge/{token}", _page),
    ]


def sent_to_checkpoint(checkpoint: Checkpoint) -> Response:
    """Off to the check; only the browser that tried to log in may pass it."""
    response = RedirectResponse(_address(checkpoint), 303)
    response.headers.append("set-cookie", f"{COOKIE}={checkpoint.token}; Path=/; HttpOnly; SameSite=Lax")
    return response


def _address(checkpoint: Checkpoint, **query: str) -> str:
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"/checkpoint/challenge/{checkpoint.token}?ut={checkpoint.token[:8]}{more}"


async def _page(request: Request) -> Response:
    """The check as its account's kind of page has it."""
    checkpoint = _asked_here(request, request.path_params["token"])
    if checkpoint is None or checkpoint.state in ("passed", "expired"):
        return RedirectResponse(LOGIN_PATH, 302)
    if checkpoint.state == "refused":
        return notice("challenge_over.html")
    ids = PageIds()
    page = NOTICES.get_template(TEMPLATES[checkpoint.kind]).render(
        kind=checkpoint.kind,
        token=checkpoint.token,
        variant=world_of(request).logins[checkpoint.username].variant,
        masked=masked(checkpoint.username),
        is_wrong="errorKey" in request.query_params,
        ids=[f"f{ids.uuid()[:8]}" for _ in range(3)],
    )
    return HTMLResponse(page, headers={"cache-control": "no-store"})


async def _verify(request: Request) -> Response:
    """A code: in, back to the form, or over for good."""
    form = await form_of(request)
    checkpoint = _asked_here(request, form.get("challengeId", ""))
    if checkpoint is None or checkpoint.state != "open":
        return RedirectResponse(LOGIN_PATH, 303)
    if checkpoint.kind not in WITH_CODE:
        return RedirectResponse(_address(checkpoint), 303)
    session = world_of(request).try_code(checkpoint, form.get("pin", ""))
    if session is not None:
        return _let_in(session, checkpoint)
    is_over = world_of(request).checkpoints[checkpoint.token].state == "refused"
    return RedirectResponse(_address(checkpoint, errorKey=TOO_OFTEN if is_over else "wrong_pin"), 303)


async def _approved(request: Request) -> Response:
    """The waiting page comes for its session."""
    checkpoint = _asked_here(request, (await form_of(request)).get("challengeId", ""))
    session = world_of(request).pass_approved(checkpoint) if checkpoint else None
    if checkpoint is None or session is None:
        return RedirectResponse(LOGIN_PATH, 303)
    return _let_in(session, checkpoint)


async def _poll(request: Request) -> Response:
    checkpoint = _asked_here(request, request.query_params.get("challengeId", ""))
    return JSONResponse({"approved": checkpoint is not None and checkpoint.is_approved})


async def _restricted(request: Request) -> Response:  # noqa: ARG001 - the signature of endpoints
    return notice("restricted.html")


def _asked_here(request: Request, token: str) -> Checkpoint | None:
    """The check of this token, if it was put to this very browser."""
    return world_of(request).checkpoints.get(token) if request.cookies.get(COOKIE) == token else None


def _let_in(session: WebSession, checkpoint: Checkpoint) -> Response:
    response = RedirectResponse(checkpoint.redirect, 303)
    give_session_cookies(response, session)
    response.headers.append("set-cookie", f"{COOKIE}=; Path=/; Max-Age=0")
    return response


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that was sent."""
    return {key: values[-1] for key, values in parse_qs((await request.body()).decode()).items()}
