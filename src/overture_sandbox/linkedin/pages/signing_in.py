"""The login form in its two makes, and what greets a browser that was here before; insiders go home."""

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from overture_sandbox.linkedin.auth import current_login, give_visitor_cookie, known_browser, visitor_cookie
from overture_sandbox.linkedin.pages.looks import PageIds
from overture_sandbox.linkedin.pages.masking import masked
from overture_sandbox.linkedin.pages.phrases import language_of
from overture_sandbox.linkedin.pages.quirks import quirks_of
from overture_sandbox.linkedin.pages.sheet import TEMPLATES, Site
from overture_sandbox.linkedin.trouble import NOTICES
from overture_sandbox.world import Login

WORDS: Final = {
    "en": {
        "sign_in": "Sign in",
        "user": "Email or phone",
        "password": "Password",
        "forgot": "Forgot password?",
        "title": "LinkedIn Login, Sign in | LinkedIn",
    },
    "de": {
        "sign_in": "Einloggen",
        "user": "E-Mail-Adresse oder Telefon",
        "password": "Passwort",
        "forgot": "Passwort vergessen?",
        "title": "LinkedIn Login, Einloggen | LinkedIn",
    },
}


class LoginPages:
    """Shows the form; what it is filled with goes to the login-submit route."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def form(self, request: Request) -> Response:
        """`/login` and `/uas/login`."""
        if current_login(request):
            return RedirectResponse("/feed/", 302)
        known = known_browser(request)
        is_chosen = {"fromRememberMe", "fromAnotherAccount", "errorKey"} & set(request.query_params)
        if known and known.returning in ("chooser", "chooser_password") and not is_chosen:
            return self._chooser(request, known)
        return self.drawn(request)

    def drawn(self, request: Request) -> Response:
        """The empty form, or the one that tells what was wrong (`?errorKey=password|username`)."""
        visitor, is_new = visitor_cookie(request)
        query, known = request.query_params, known_browser(request)
        make = "login_ids.html" if self._variant(known) == "A" else "login_webauthn.html"
        lang = language_of(known.locale) if known else "en"
        ids = PageIds()
        page = TEMPLATES.get_template(make).render(
            csrf=visitor,
            redirect=query.get("session_redirect", ""),
            error=query.get("errorKey", ""),
            username=query.get("session_key", ""),
            known=self._hidden(request, known),
            masked=masked(known.username) if known else "",
            has_banner=known is not None and known.cookie_banner and "li_gc" not in request.cookies,
            lang=lang,
            words=WORDS.get(lang, WORDS["en"]),
            ids=(f":r{ids.uuid()[:2]}:", f":r{ids.uuid()[:2]}:"),
        )
        response = HTMLResponse(page, headers={"cache-control": "no-store"})
        if is_new:
            give_visitor_cookie(response, visitor)
        return response

    def _chooser(self, request: Request, known: Login) -> Response:
        """Whose browser this was, to be pressed."""
        page = NOTICES.get_template("remember_me.html").render(
            name=self._site.world.owner(known).full_name,
            masked=masked(known.username),
            needs_password=known.returning == "chooser_password",
            redirect=request.query_params.get("session_redirect", ""),
        )
        return HTMLResponse(page, headers={"cache-control": "no-store"})

    def _hidden(self, request: Request, known: Login | None) -> str:
        """The user name the form is already filled with, out of sight; empty when it has to be given."""
        if known is None or "fromAnotherAccount" in request.query_params:
            return ""
        is_hidden = known.returning == "hidden_email" or "fromRememberMe" in request.query_params
        return known.username if is_hidden else ""

    def _variant(self, known: Login | None) -> str:
        """The form's make: the operator's choice, that of who logged in here before, the first account's."""
        chosen = quirks_of(self._site.world).get("login_form", {}).get("variant")
        if chosen:
            return str(chosen)
        if known:
            return known.variant
        return next((one.variant for one in self._site.world.logins.values()), "A")
