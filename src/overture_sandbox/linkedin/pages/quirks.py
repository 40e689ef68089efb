"""Ways a page misbehaves all by itself, without the JSON interface having a part in it."""

from typing import Literal, get_args
from weakref import WeakKeyDictionary

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.auth import world_of
from overture_sandbox.world import FaultBook, World

QuirkKind = Literal[
    "dialog_late",  # the invite dialog mounts after `after_s`, its buttons `buttons_after_s` later, as `role`
    "dialog_never",  # Connect does nothing
    "dialog_names_other",  # the dialog opens for somebody else
    "no_dialog",  # Connect sends at once
    "how_do_you_know",  # one more step before the gate
    "email_noop",  # the dialog asks for an e-mail address, and Send closes it without sending
    "toast_duplicates",  # two success notices and an old one of `old_name`
    "close_to_limit",  # a soft warning after a sent invitation
    "growing_network",  # an advertisement after a sent invitation
    "note_text_says",  # the text speaks of `limit` characters, whatever the counter counts
    "composer_loses_text",  # the message box re-mounts after `after_chars`, `losses` times
    "say_hello",  # a new conversation shows a greeting card instead of a message box
    "overlay_intercept",  # the interop outlet lies over the page and takes the clicks
    "login_form",  # the login form is of make `variant` (A: ids, B: webauthn), whatever the accounts are
    "open_bubble",  # the conversation with `slug` is already open
]
KINDS: tuple[str, ...] = get_args(QuirkKind)
Parameters = dict[str, object]

# Beside the world's own switches, so that a world that begins again has neither.
_QUIRKS: WeakKeyDictionary[FaultBook, dict[str, Parameters]] = WeakKeyDictionary()


def quirks_of(world: World) -> dict[str, Parameters]:
    """The quirks that are switched on, with their parameters."""
    return _QUIRKS.setdefault(world.faults, {})


async def _switch_on(request: Request) -> Response:
    body: dict[str, object] = await request.json()
    kind = str(body.pop("kind", ""))
    if kind not in KINDS:
        return JSONResponse({"error": f"kind must be one of {', '.join(KINDS)}"}, 422)
    quirks_of(world_of(request))[kind] = body
    return JSONResponse({"kind": kind, **body}, 201)


async def _list(request: Request) -> Response:
    return JSONResponse([{"kind": kind, **values} for kind, values in quirks_of(world_of(request)).items()])


async def _switch_off(request: Request) -> Response:
    kind = request.path_params.get("kind")
    quirks = quirks_of(world_of(request))
    if kind is None:
        quirks.clear()
    else:
        quirks.pop(kind, None)
    return Response(status_code=204)


def quirk_routes() -> list[BaseRoute]:
    """The operator's switches for pages."""
    return [
        Route("/_sbx/page-quirks", _switch_on, methods=["POST"]),
        Route("/_sbx/page-quirks", _list, methods=["GET"]),
        Route("/_sbx/page-quirks", _switch_off, methods=["DELETE"]),
        Route("/_sbx/page-quirks/{kind}", _switch_off, methods=["DELETE"]),
    ]
