"""Search: people by keywords and filters, as classic LinkedIn finds them; nobody is told."""

from typing import Final

from overture.core.errors import Failure
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.person import DEGREES, number_in
from overture.providers.unipile.registry import reads
from overture.touchpoints import PeopleFound, PersonFound, Search

PAGE: Final = 50  # the most a classic search should be asked for at once
REACHABLE: Final = 1000
NETWORK: Final = {"1st": 1, "2nd": 2, "3rd+": 3}


@reads
async def search(desk: Desk, touchpoint: Search) -> PeopleFound:
    """Rows from `start` on, in LinkedIn's order; a limit met on the way keeps what was found."""
    wanted, may_go_on = touchpoint.start + touchpoint.limit, desk.patience()
    rows: list[api.SearchResult] = []
    cursor: str | None = None
    is_over = False
    while len(rows) < wanted and not is_over and (not rows or may_go_on()):
        try:
            page = await _page(desk, touchpoint, min(PAGE, wanted - len(rows)), cursor)
        except Failure:
            if len(rows) <= touchpoint.start:
                raise
            break  # whoever goes on from `next_start` is told of the limit
        rows += page.items
        is_over = not page.items or page.cursor is None or page.cursor == cursor
        cursor = page.cursor
    found = [_person(row) for row in rows[touchpoint.start :]]
    is_over = is_over or len(rows) >= REACHABLE
    desk.trace.step("search", rows=len(found), read=len(rows))
    return PeopleFound(people=found, next_start=None if is_over else len(rows))


async def _page(desk: Desk, wanted: Search, size: int, cursor: str | None) -> api.Page[api.SearchResult]:
    try:
        return await desk.client.linkedin.search(desk.account, query_of(wanted), limit=size, cursor=cursor)
    except api.UnipileError as error:
        raise desk.failure(error, "search") from error


def query_of(wanted: Search) -> dict[str, object]:
    """The search in Unipile's words; ids are LinkedIn's own."""
    filters: dict[str, list[object]] = {
        "network_distance": [NETWORK[one] for one in wanted.network],
        "company": [str(one) for one in wanted.current_company_ids],
        "location": [str(one) for one in wanted.geo_ids],
    }
    asked = {name: values for name, values in filters.items() if values}
    return {"api": "classic", "category": "people", "keywords": wanted.keywords, **asked}


def _person(row: api.SearchResult) -> PersonFound:
    """One row; who is out of network is somebody without name and address."""
    is_known = not row.is_nameless
    return PersonFound(
        profile_id=row.id if is_known and row.id and api.is_classic_id(row.id) else None,
        public_identifier=row.public_identifier,
        member_id=number_in(row.member_urn) if is_known else None,
        full_name=row.name if is_known else None,
        headline=row.headline,
        location=row.location,
        degree=DEGREES.get(row.network_distance or ""),
    )
