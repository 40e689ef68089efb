"""Search: people by keywords and filters, by JSON or else from the search page; nobody is told."""

from datetime import UTC, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from overture.core.errors import PageChanged, Throttled
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.patience import patience
from overture.providers.linkedin_browser.registry import reads
from overture.providers.linkedin_browser.search_page import read_search_page
from overture.providers.linkedin_browser.voyager.search import REACHABLE, ROWS, RowsPage, search_people
from overture.touchpoints import PeopleFound, PersonFound, Search

SITE_ZONE: Final = ZoneInfo("America/Los_Angeles")
"""The limit on profile searches is lifted at midnight there on the first of each month (LinkedIn's help)."""


@reads
async def search(desk: Desk, touchpoint: Search) -> PeopleFound:
    """Rows from `start` on, in the site's order; an account that may not search this month is told so."""
    source: Literal["api", "page"] = "api"
    people: list[PersonFound] = []
    total: int | None = None
    # Pages of the site begin at whole tens; what lies before `start` is left out.
    start, skip = touchpoint.start - touchpoint.start % ROWS, touchpoint.start % ROWS
    may_go_on = patience(desk)
    next_start: int | None = touchpoint.start
    while next_start is not None and len(people) < touchpoint.limit and await may_go_on():
        try:
            page, source = await _page(desk, touchpoint, start, source)
        except Throttled:
            if not people:
                raise
            break  # what was found is kept; whoever goes on from `next_start` is told of the limit
        total = page.total if page.total is not None else total
        rows = page.people[skip : skip + touchpoint.limit - len(people)]
        people += rows
        next_start = _next(start, skip + len(rows), page, total)
        start, skip = start + ROWS, 0
    desk.trace.step("search", rows=len(people), total=total, source=source)
    return PeopleFound(people=people, total=total, next_start=next_start, source=source)


def _next(start: int, used: int, page: RowsPage, total: int | None) -> int | None:
    """Where the next row is; None when there are no more to be had."""
    if used < len(page.people):
        return start + used
    following = start + ROWS
    last = min(total if total is not None else REACHABLE, REACHABLE)
    return following if page.people and following < last and (total or len(page.people) >= ROWS) else None


async def _page(
    desk: Desk, wanted: Search, start: int, source: Literal["api", "page"]
) -> tuple[RowsPage, Literal["api", "page"]]:
    """One page of results; the site's own page is asked when JSON cannot answer or says too little."""
    if source == "api":
        try:
            page = await search_people(desk.client, wanted, start)
        except PageChanged as error:
            if error.code != "query_id_rotated":
                raise
            desk.trace.step("fallback", control="search", code=error.code)
            return await _from_page(desk, wanted, start), "page"
        # The site says no more than this past the monthly limit: only its page tells the two apart.
        if not _says_too_little(page, start):
            return page, "api"
        shown = await _from_page(desk, wanted, start)
        return (page, "api") if page.people or not shown.people else (shown, "page")
    return await _from_page(desk, wanted, start), "page"


def _says_too_little(page: RowsPage, start: int) -> bool:
    """Fewer rows than the page must have, or none at all."""
    left = ROWS if page.total is None else max(0, min(page.total, REACHABLE) - start)
    return len(page.people) < min(ROWS, left) or not page.people


async def _from_page(desk: Desk, wanted: Search, start: int) -> RowsPage:
    seen = await read_search_page(desk, wanted, start)
    if seen.is_limited:
        raise Throttled(
            "search_limited",
            "LinkedIn's monthly limit for profile searches is reached",
            until=next_month(desk.clock.now()),
        )
    return RowsPage(seen.people, None)


def next_month(now: datetime) -> datetime:
    """When the monthly limit is lifted."""
    local = now.astimezone(SITE_ZONE)
    year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
    return datetime(year, month, 1, tzinfo=SITE_ZONE).astimezone(UTC)
