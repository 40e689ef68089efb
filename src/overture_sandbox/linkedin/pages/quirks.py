"""Ways a page misbehaves all by itself, without the JSON interface having a part in it."""

from typing import Literal, get_args
from weakref import WeakKeyDictionary

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.auth import world_of
from overture_sandbox.world import FaultBook, Login, World
from overture_sandbox.world.model import Variant

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
    "notes_unknown",  # the page does not know how many notes are left; only the answer of the site tells
    "limit_unasked",  # Send shows the alert of the weekly limit without asking the site
    "withdraw_confirm_missing",  # the question before a withdrawal comes without its button
    "composer_loses_text",  # the message box re-mounts after `after_chars`, `losses` times
    "say_hello",  # a new conversation shows a greeting card for a message box; `where`: page, bubble or both
    "overlay_intercept",  # the interop outlet lies over the page and takes the clicks
    "login_form",  # the login form is of make `variant` (A: ids, B: webauthn), whatever the accounts are
    "popup",  # the window `which` (unknown, cookies, ...) covers pages of kind(s) `on` after `after_s`
    "variant_flip",  # every other page comes in the other markup
    "decoy_dialogs",  # six hidden dialogs of video players and two of their menus are on every profile
    "open_bubble",  # the conversation with `slug` is already open
    "old_draft",  # message boxes hold `text`, written some other day
    "truncated_name",  # message windows print `Jonas F.`
    "wrong_recipient",  # a new message is addressed to the namesake `slug`, whoever it was meant for
    "inmail_credits_late",  # what an InMail costs is only known after `after_s`
    "tray_missing",  # the tray of reactions never opens
    "tray_late",  # it opens after `after_s`
    "reaction_ui_stale",  # a reaction is taken, and its button does not show it
    "rehydrates_late",  # the newer pages are drawn at once and their controls work `after_s` later
    "comment_noticed_late",  # the button that posts a comment comes `after_s` after the text
    "comment_submit_late",  # the button that posts a comment wakes up after `after_s`
    "comment_submit_never",  # it never does
    "script_phrases",  # scripts and hidden parts are full of the words of notices and captchas
    "post_gone_redirects",  # a deleted post's address leads to the feed
]
KINDS: tuple[str, ...] = get_args(QuirkKind)
Parameters = dict[str, object]

Whose = tuple[str | None, str]
"""The user name whose pages have it (None: everybody's), and the kind of quirk."""

# Beside the world's own switches, so that a world that begins again has neither.
_QUIRKS: WeakKeyDictionary[FaultBook, dict[Whose, Parameters]] = WeakKeyDictionary()


def switch_on(world: World, kind: QuirkKind, account: str | None = None, **parameters: object) -> None:
    """Let the pages of one account, or of everybody, misbehave."""
    _all(world)[account, kind] = parameters


def quirks_of(world: World, account: str | None = None) -> dict[str, Parameters]:
    """The quirks of an account's pages, with their parameters: everybody's, and its own before them."""
    found = _all(world)
    mine = {kind: values for (whose, kind), values in found.items() if whose is None}
    return mine | {kind: values for (whose, kind), values in found.items() if account and whose == account}


def variant_of(login: Login, quirks: dict[str, Parameters]) -> Variant:
    """The markup of the page that is drawn now: the account's, or by turns both."""
    flip = quirks.get("variant_flip")
    if flip is None:
        return login.variant
    turns = int(str(flip.get("turns", 0)))
    flip["turns"] = turns + 1
    other: Variant = "B" if login.variant == "A" else "A"
    return other if turns % 2 else login.variant


def clear_quirks(world: World) -> None:
    """Let all pages behave again."""
    _all(world).clear()


def _all(world: World) -> dict[Whose, Parameters]:
    return _QUIRKS.setdefault(world.faults, {})


async def _switch_on(request: Request) -> Response:
    body: dict[str, object] = await request.json()
    kind, account = str(body.pop("kind", "")), body.pop("account", None)
    if kind not in KINDS:
        return JSONResponse({"error": f"kind must be one of {', '.join(KINDS)}"}, 422)
    if account is not None and (not isinstance(account, str) or world_of(request).account(account) is None):
        return JSONResponse({"error": f"there is no login {account}"}, 422)
    _all(world_of(request))[account, kind] = body
    return JSONResponse({"kind": kind, "account": account, **body}, 201)


async def _list(request: Request) -> Response:
    found = _all(world_of(request)).items()
    return JSONResponse([{"kind": kind, "account": whose, **values} for (whose, kind), values in found])


async def _switch_off(request: Request) -> Response:
    """Take back one kind (of one account, given as `?account=`), or all."""
    kind, account = request.path_params.get("kind"), request.query_params.get("account")
    if kind is None:
        clear_quirks(world_of(request))
    else:
        _all(world_of(request)).pop((account, kind), None)
    return Response(status_code=204)


def quirk_routes() -> list[BaseRoute]:
    """The operator's switches for pages."""
    return [
        Route("/_sbx/page-quirks", _switch_on, methods=["POST"]),
        Route("/_sbx/page-quirks", _list, methods=["GET"]),
        Route("/_sbx/page-quirks", _switch_off, methods=["DELETE"]),
        Route("/_sbx/page-quirks/{kind}", _switch_off, methods=["DELETE"]),
    ]
