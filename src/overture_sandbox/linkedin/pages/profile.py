"""A person's profile page, and the pages that stand in for one that cannot be shown."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from overture_sandbox.linkedin.pages.persons import Person, person, sidebar
from overture_sandbox.linkedin.pages.sheet import Sheet, Site
from overture_sandbox.world import Login, Member
from overture_sandbox.world.ids import PROFILE_ID


class ProfilePages:
    """Shows profiles, and puts every showing on record as a visit."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def profile(self, request: Request, login: Login) -> Response:
        """`/in/<slug>/`; ids and former slugs lead to the present slug first."""
        name = str(request.path_params["name"])
        member = self._member(name)
        if member is None:
            return RedirectResponse("/404/", 302)
        if member.memorialized or member.inaccessible or member.unavailable:
            return RedirectResponse("/in/unavailable/", 302)
        if name != member.slug or not request.url.path.endswith("/"):
            return RedirectResponse(f"/in/{member.slug}/", 302)
        sheet = Sheet(self._site, request, login)
        if member is not sheet.viewer:
            self._site.world.visit(sheet.viewer, member, via="page")
        return self._drawn(sheet, person(self._site.world, sheet.viewer, member))

    def _member(self, name: str) -> Member | None:
        """Addresses know people by slug and profile id, never by number."""
        member = self._site.world.member(name)
        known = member and (PROFILE_ID.match(name) or name in (member.slug, *member.old_slugs))
        return member if member and known and not member.deleted else None

    def _drawn(self, sheet: Sheet, who: Person) -> Response:
        sticky = sheet.ids.ember() if sheet.variant == "A" else sheet.ids.uuid()
        at = f"#{sticky}" if sheet.variant == "A" else f'[componentkey="{sticky}"]'
        sheet.know(who)
        data: dict[str, object] = {
            "kind": "profile",
            "target": who.as_json(),
            "sticky": at,
            "faults": sheet.faults(who.member),
        }
        if sheet.variant == "B":
            states = {"pending": "pending", "connect": "none" if who.state == "pending" else who.state}
            data["menu"] = {
                key: sheet.part("b/menu.html", who=who, state=state) for key, state in states.items()
            }
        side = sidebar(self._site.world, sheet.viewer, who.member)
        template = f"{sheet.variant.lower()}/profile.html"
        return sheet.answer(template, who=who, side=side, sticky=sticky, data=data)

    async def missing(self, request: Request, login: Login) -> Response:
        """`/404/`."""
        return self._stand_in(request, login, "missing_title", 404)

    async def unavailable(self, request: Request, login: Login) -> Response:
        """`/in/unavailable/`."""
        return self._stand_in(request, login, "unavailable", 404)

    def _stand_in(self, request: Request, login: Login, heading: str, status: int) -> Response:
        sheet = Sheet(self._site, request, login)
        return sheet.answer(
            f"{sheet.variant.lower()}/missing.html", status, heading=sheet.say(heading), data={}
        )
