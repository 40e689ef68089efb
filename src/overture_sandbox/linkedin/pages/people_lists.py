"""Lists of people as pages: search results, connections, and the invitations that wait for an answer."""

import json
from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.auth import require_login
from overture_sandbox.linkedin.pages.persons import Person, person
from overture_sandbox.linkedin.pages.sheet import Sheet, Site
from overture_sandbox.linkedin.people_search import ROWS, Result, Wanted, find_people
from overture_sandbox.world import Login

DRAWN_AT_ONCE = 40  # of a long list; the rest comes with scrolling, which nobody does here


@dataclass(frozen=True)
class ResultRow:
    """One line of search results; without a name for people out of network."""

    who: Person
    result: Result


@dataclass(frozen=True)
class Line:
    """One line of another list: who it is, since when, and what they wrote."""

    who: Person
    when: str
    note: str | None = None


class PeopleListPages:
    """Pages that list people."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        received = "/mynetwork/invitation-manager/"
        return [
            Route("/search/results/people/", require_login(self.search)),
            Route("/mynetwork/invite-connect/connections/", require_login(self.connections)),
            Route(received, require_login(self.received)),
            Route(f"{received}received/", require_login(self.received)),
        ]

    async def search(self, request: Request, login: Login) -> Response:
        """`/search/results/people/?keywords=…&network=["F"]&page=2`: ten rows, or why there are none."""
        sheet = Sheet(self._site, request, login)
        query = request.query_params
        number = query.get("page", "1")
        start = (max(1, int(number)) - 1) * ROWS if number.isdigit() else 0
        results = find_people(self._site.world, login, _wanted(query), start)
        rows = [ResultRow(self._who(sheet, one), one) for one in results.page(start)]
        return self._drawn(sheet, "search", rows=rows, results=results, page_number=start // ROWS + 1)

    def _who(self, sheet: Sheet, one: Result) -> Person:
        return person(self._site.world, sheet.viewer, one.member, "page:search")

    async def connections(self, request: Request, login: Login) -> Response:
        """`/mynetwork/invite-connect/connections/`: the newest first."""
        sheet, world = Sheet(self._site, request, login), self._site.world
        found = world.connections_of(sheet.viewer, world.horizon("connections", sheet.viewer))
        lines = [
            Line(person(world, sheet.viewer, member, "page:connections"), self._since(sheet, "connected", at))
            for member, at in found[:DRAWN_AT_ONCE]
        ]
        return self._drawn(sheet, "connections", lines=lines, total=len(found))

    async def received(self, request: Request, login: Login) -> Response:
        """`/mynetwork/invitation-manager/`: whoever asked and was not answered yet."""
        sheet, world = Sheet(self._site, request, login), self._site.world
        horizon = world.horizon("received_invitations", sheet.viewer)
        lines = [
            Line(
                person(world, sheet.viewer, world.members[one.inviter_id], "received_invitations"),
                self._since(sheet, "sent", one.sent.at),
                one.note,
            )
            for one in world.invitations_of(sheet.viewer, "received", horizon)
        ]
        return self._drawn(sheet, "received", lines=lines)

    def _since(self, sheet: Sheet, what: str, at: datetime) -> str:
        days = (self._site.world.clock.now() - at).days
        if days < 1:
            return sheet.say(f"{what}_today")
        if days < 7:
            return sheet.say(f"{what}_days", count=days)
        return sheet.say(f"{what}_weeks", count=days // 7)

    def _drawn(self, sheet: Sheet, name: str, **values: object) -> Response:
        data = {"faults": sheet.faults(None)}
        return sheet.answer(f"{sheet.variant.lower()}/{name}.html", 200, data=data, **values)


def _wanted(query: QueryParams) -> Wanted:
    """What an address searches for; filters are lists in JSON."""

    def listed(key: str) -> frozenset[str]:
        try:
            values = json.loads(query.get(key, "[]"))
        except ValueError:
            return frozenset()
        return frozenset(map(str, values)) if isinstance(values, list) else frozenset()

    return Wanted(query.get("keywords", ""), listed("network"), listed("currentCompany"), listed("geoUrn"))
