"""The login form in its two makes; who is already logged in goes home."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from overture_sandbox.linkedin.auth import current_login, give_visitor_cookie, visitor_cookie
from overture_sandbox.linkedin.pages.looks import PageIds
from overture_sandbox.linkedin.pages.quirks import quirks_of
from overture_sandbox.linkedin.pages.sheet import TEMPLATES, Site


class LoginPages:
    """Shows the form; what it is filled with goes to the login-submit route."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def form(self, request: Request) -> Response:
        """`/login` and `/uas/login`."""
        if current_login(request):
            return RedirectResponse("/feed/", 302)
        return self.drawn(request)

    def drawn(self, request: Request) -> Response:
        """The empty form, or the one that tells what was wrong (`?errorKey=password|username`)."""
        visitor, is_new = visitor_cookie(request)
        query = request.query_params
        make = "login_ids.html" if self._variant() == "A" else "login_webauthn.html"
        ids = PageIds()
        page = TEMPLATES.get_template(make).render(
            csrf=visitor,
            redirect=query.get("session_redirect", ""),
            error=query.get("errorKey", ""),
            username=query.get("session_key", ""),
            ids=(f":r{ids.uuid()[:2]}:", f":r{ids.uuid()[:2]}:"),
        )
        response = HTMLResponse(page, headers={"cache-control": "no-store"})
        if is_new:
            give_visitor_cookie(response, visitor)
        return response

    def _variant(self) -> str:
        """The form is chosen before anybody is known: by the operator, else by the first account."""
        chosen = quirks_of(self._site.world).get("login_form", {}).get("variant")
        if chosen:
            return str(chosen)
        return next((one.variant for one in self._site.world.logins.values()), "A")
