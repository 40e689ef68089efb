"""The home page, the invite page and the list of sent invitations."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from overture_sandbox.linkedin.pages.persons import Person, person
from overture_sandbox.linkedin.pages.sheet import Sheet, Site
from overture_sandbox.world import Login


@dataclass(frozen=True)
class SentRow:
    """One line of the list of sent invitations."""

    who: Person
    when: str
    note: str | None


class NetworkPages:
    """Pages around the network of the one who is logged in."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def feed(self, request: Request, login: Login) -> Response:
        """`/feed/`."""
        sheet = Sheet(self._site, request, login)
        return sheet.answer(f"{sheet.variant.lower()}/feed.html", data={"faults": sheet.faults(None)})

    async def root(self, request: Request, login: Login) -> Response:  # noqa: ARG002  # the signature of pages
        """`/` leads home."""
        return RedirectResponse("/feed/", 302)

    async def custom_invite(self, request: Request, login: Login) -> Response:
        """`/preload/custom-invite/?vanityName=<slug>`: the invite dialog as a page of its own."""
        member = self._site.world.member(request.query_params.get("vanityName", ""))
        if member is None or member.deleted:
            return RedirectResponse("/404/", 302)
        sheet = Sheet(self._site, request, login, "A")
        who = person(self._site.world, sheet.viewer, member, "page:invite")
        if who.state != "none":
            return RedirectResponse(f"/in/{member.slug}/", 302)
        sheet.know(who)
        kind = {"kind": "custom-invite", "target": who.as_json(), "faults": sheet.faults(member)}
        return sheet.answer("a/custom_invite.html", data=kind)

    async def interop(self, request: Request, login: Login) -> Response:  # noqa: ARG002  # the signature of pages
        """`/preload/`: the empty document of the interop frame."""
        return HTMLResponse("<!DOCTYPE html><html><head></head><body></body></html>")

    async def sent(self, request: Request, login: Login) -> Response:
        """`/mynetwork/invitation-manager/sent/`."""
        sheet = Sheet(self._site, request, login)
        world = self._site.world
        rows = []
        for one in world.invitations_of(
            sheet.viewer, "sent", world.horizon("sent_invitations", sheet.viewer)
        ):
            who = person(world, sheet.viewer, world.members[one.invitee_id], "sent_invitations")
            rows.append(SentRow(who, self._when(sheet, one.sent.at), one.note))
        return sheet.answer(
            f"{sheet.variant.lower()}/sent.html", rows=rows, data={"faults": sheet.faults(None)}
        )

    def _when(self, sheet: Sheet, at: datetime) -> str:
        days = (self._site.world.clock.now() - at).days
        if days < 1:
            return sheet.say("sent_today")
        return sheet.say("sent_days", count=days) if days < 7 else sheet.say("sent_weeks", count=days // 7)
