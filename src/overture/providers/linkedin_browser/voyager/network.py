"""Reads of the account's connections, page by page, newest first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from overture.providers.linkedin_browser.voyager.client import VoyagerClient
from overture.providers.linkedin_browser.voyager.normalized import (
    Entity,
    Included,
    UnknownShape,
    found,
    moment,
    plain,
    urn_of,
)
from overture.providers.linkedin_browser.voyager.profile import member_number
from overture.touchpoints import Relation
from overture.touchpoints.sync_relations import RelationsEnd

PAGE: Final = 40  # what the site's own page asks for at a time
DECORATION: Final = "com.linkedin.voyager.dash.deco.web.mynetwork.ConnectionListWithProfile-16"
MOST_STALE_PAGES: Final = 2  # pages in a row without anybody new: the list repeats itself
MOST_REWINDS: Final = 10  # each follows a removal; a list that shrinks more often is not read to its end
MEMBERS: Final = ("connectedMemberResolutionResult", "connectedMember")


@dataclass(frozen=True)
class ConnectionsPage:
    """One page of the list: its readable rows, how many rows it had, and how long the list is said to be."""

    relations: tuple[Relation, ...]
    rows: int
    total: int | None

    @property
    def unreadable(self) -> int:
        """Rows that name nobody."""
        return self.rows - len(self.relations)


class Connections(Protocol):
    """Where pages come from."""

    async def page(self, start: int) -> ConnectionsPage:
        """The page that begins at this place."""
        ...


@dataclass(frozen=True)
class VoyagerConnections:
    """The list behind the site's "Connections" page."""

    client: VoyagerClient

    async def page(self, start: int) -> ConnectionsPage:
        """E13: newest first."""
        query = f"decorationId={DECORATION}&count={PAGE}&q=search&sortType=RECENTLY_ADDED&start={start}"
        return parse_connections((await self.client.get(f"/relationships/dash/connections?{query}")).body)


def parse_connections(body: object) -> ConnectionsPage:
    """One page; an answer without its collection is an unknown shape, never an empty page."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(data, dict):
        raise UnknownShape(f"the answer is {found(data)}, without data", "data")
    included = Included(body.get("included"))
    rows = data.get("*elements", data.get("elements"))
    if not isinstance(rows, list):
        raise UnknownShape(f"the connections are {found(rows)}, not a list", "data.*elements")
    paging = data.get("paging")
    total = paging.get("total") if isinstance(paging, dict) else None
    relations = tuple(one for one in (_relation(row, included) for row in rows) if one is not None)
    if rows and not relations:
        raise UnknownShape("not one row names a member", "data.*elements")
    return ConnectionsPage(relations, len(rows), total if isinstance(total, int) else None)


def _relation(row: object, included: Included) -> Relation | None:
    """Who is connected since when; None for a row that names nobody."""
    link = included.by_urn.get(row) if isinstance(row, str) else row
    if link is None and isinstance(row, str):
        link = {"entityUrn": row}  # the URN of a connection ends with the member's id
    if not isinstance(link, dict):
        return None
    profile_id = _profile_id(link)
    if profile_id is None:
        return None
    person = next(
        (one for one in (included.follow(link, key, "people") for key in MEMBERS) if one is not None), {}
    )
    names = [name for name in (included.text(person, key) for key in ("firstName", "lastName")) if name]
    return Relation(
        profile_id=profile_id,
        public_identifier=plain(person, "publicIdentifier"),
        member_id=member_number(profile_id, plain(person, "objectUrn")),
        full_name=" ".join(names) or None,
        headline=included.text(person, "headline"),
        connected_at=moment(link, "createdAt"),
    )


def _profile_id(link: Entity) -> str | None:
    for urn in (*(urn_of(link, key) for key in MEMBERS), plain(link, "entityUrn")):
        profile_id = urn.rpartition(":")[2] if urn else ""
        if profile_id:
            return profile_id
    return None


@dataclass
class Reading:
    """A list that is read while it may change: what was read, and what speaks against having it all."""

    since: datetime | None
    limit: int
    start: int
    relations: dict[str, Relation] = field(default_factory=dict)
    total: int | None = None
    unreadable: int = 0
    ended_by: RelationsEnd | None = None
    _stale: int = 0
    _rewinds: int = 0

    def take(self, page: ConnectionsPage) -> None:
        """Take in the page at `start`, and move on or end."""
        if self._has_shrunk(page):
            return
        news = [one for one in page.relations if one.profile_id not in self.relations]
        self._stale = 0 if news else self._stale + 1
        self.unreadable += page.unreadable
        for one in news:
            if self._is_over(one):
                return
            self.relations[one.profile_id] = one
            self.start += 1
        self.start += page.rows - len(news)
        self._look_for_the_end(page)

    def _is_over(self, one: Relation) -> bool:
        if self.since is not None and one.connected_at is not None and one.connected_at < self.since:
            self.ended_by = "since"
        elif len(self.relations) >= self.limit:
            self.ended_by = "limit"
        return self.ended_by is not None

    def _has_shrunk(self, page: ConnectionsPage) -> bool:
        """Somebody was removed while the list was read: those behind moved up, so go back as far."""
        before, self.total = self.total, page.total if page.total is not None else self.total
        if before is None or self.total is None or self.total >= before:
            return False
        if self._rewinds >= MOST_REWINDS:
            self.ended_by = "shifted"
            return True
        self._rewinds += 1
        self.start = max(0, self.start - (before - self.total))
        return True

    def _look_for_the_end(self, page: ConnectionsPage) -> None:
        if not page.rows:
            self.ended_by = "short" if self.total is not None and self.start < self.total else "end"
        elif self.total is not None and self.start >= self.total:
            self.ended_by = "end"
        elif self._stale >= MOST_STALE_PAGES:
            self.ended_by = "repeated"
        elif self.total is not None and len(self.relations) >= self.limit:
            self.ended_by = "limit"


async def read_connections(
    connections: Connections, reading: Reading, may_go_on: Callable[[], Awaitable[bool]]
) -> RelationsEnd:
    """Read pages until the list, `since`, the limit or the time is reached; why it ended."""
    while reading.ended_by is None:
        if not await may_go_on():
            return "time"
        reading.take(await connections.page(reading.start))
    return reading.ended_by
