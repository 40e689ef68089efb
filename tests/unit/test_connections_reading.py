"""Reading a list of connections that changes meanwhile: nobody twice, nobody lost, and no claim to more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.linkedin_browser.voyager.network import (
    PAGE,
    ConnectionsPage,
    Reading,
    parse_connections,
    read_connections,
)
from overture.providers.linkedin_browser.voyager.normalized import UnknownShape
from overture.touchpoints import Relation
from overture.touchpoints.sync_relations import RelationsEnd

START = datetime(2026, 1, 1, tzinfo=UTC)


def friend(number: int) -> Relation:
    """Connected `number` minutes ago."""
    return Relation(profile_id=f"id-{number}", connected_at=START - timedelta(minutes=number))


@dataclass
class Site:
    """A list of connections, newest first, on which something happens before each page."""

    friends: list[Relation]
    happens: list[Callable[["Site"], None]] = field(default_factory=list)
    says_total: bool = True
    pages: int = 0

    async def page(self, start: int) -> ConnectionsPage:
        self.pages += 1
        if self.happens and self.pages > 1:
            self.happens.pop(0)(self)
        rows = tuple(self.friends[start : start + PAGE])
        return ConnectionsPage(rows, len(rows), len(self.friends) if self.says_total else None)


@dataclass
class Repeating:
    """A site that answers with the same page wherever one begins."""

    total: int | None
    pages: int = 0

    async def page(self, start: int) -> ConnectionsPage:  # noqa: ARG002 - that is what is wrong with it
        self.pages += 1
        return ConnectionsPage(tuple(map(friend, range(PAGE))), PAGE, self.total)


async def always() -> bool:
    return True


async def read(
    site: Site, since: datetime | None = None, limit: int = 30_000
) -> tuple[RelationsEnd, list[Relation]]:
    reading = Reading(since, limit, 0)
    ended_by = await read_connections(site, reading, always)
    return ended_by, list(reading.relations.values())


def removed(index: int) -> Callable[[Site], None]:
    """Somebody leaves the list."""

    def happen(site: Site) -> None:
        if site.friends:
            site.friends.pop(index % len(site.friends))

    return happen


def arrived(number: int) -> Callable[[Site], None]:
    """So many new connections on top."""
    return lambda site: site.friends.__setitem__(slice(0, 0), [friend(-one) for one in range(number, 0, -1)])


@given(
    count=st.integers(0, 230),
    happens=st.lists(
        st.builds(removed, st.integers(0, 300)) | st.builds(arrived, st.integers(1, 30)), max_size=4
    ),
)
async def test_whoever_stays_is_read_once_whatever_happens_meanwhile(
    count: int, happens: list[Callable[[Site], None]]
) -> None:
    site = Site([friend(number) for number in range(count)], happens)
    ended_by, found = await read(site)

    ids = [one.profile_id for one in found]
    assert ended_by == "end"
    assert len(ids) == len(set(ids))
    # Whoever came while it was read may be missing: they are newer than the reading.
    stayed = {one.profile_id for one in site.friends if one.connected_at and one.connected_at <= START}
    assert stayed <= set(ids)


@pytest.mark.parametrize("total", [None, 4000])
async def test_a_list_that_repeats_itself_ends_and_is_not_complete(total: int | None) -> None:
    site = Repeating(total)
    reading = Reading(None, 30_000, 0)

    assert await read_connections(site, reading, always) == "repeated"
    assert len(reading.relations) == PAGE
    assert site.pages <= 4


async def test_a_list_without_a_total_ends_with_an_empty_page() -> None:
    ended_by, found = await read(Site([friend(number) for number in range(90)], says_total=False))

    assert (ended_by, len(found)) == ("end", 90)


async def test_a_list_that_is_short_of_its_total_says_so() -> None:
    class Short(Site):
        async def page(self, start: int) -> ConnectionsPage:
            page = await super().page(start)
            return ConnectionsPage(page.relations, page.rows, 500)

    ended_by, found = await read(Short([friend(number) for number in range(90)]))

    assert (ended_by, len(found)) == ("short", 90)


async def test_a_list_that_keeps_shrinking_is_given_up() -> None:
    site = Site([friend(number) for number in range(500)], [removed(0)] * 200)
    ended_by, _ = await read(site)

    assert ended_by in ("shifted", "end")
    assert site.pages < 60


async def test_thirty_thousand_are_read_in_as_many_pages_as_there_must_be() -> None:
    site = Site([friend(number) for number in range(30_000)])
    ended_by, found = await read(site)

    assert (ended_by, len(found)) == ("end", 30_000)
    assert site.pages == 30_000 // PAGE


async def test_reading_ends_at_a_time_and_at_a_limit() -> None:
    site = Site([friend(number) for number in range(300)])
    since = await read(site, since=START - timedelta(minutes=49))
    limited = await read(site, limit=120)

    assert (since[0], len(since[1])) == ("since", 50)
    assert (limited[0], len(limited[1])) == ("limit", 120)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": {}},
        {"data": {}, "included": []},
        {"data": {"*elements": None}, "included": []},
        {"data": {"*elements": [{"$type": "x"}]}, "included": []},
    ],
)
def test_an_answer_without_its_list_is_no_empty_list(body: object) -> None:
    with pytest.raises(UnknownShape):
        parse_connections(body)


def test_a_row_without_its_person_keeps_the_id() -> None:
    urn = "urn:li:fsd_connection:ACoAADWk6qEBJjbSQkcwGByi7xhlOHpeeAeUyfI"
    page = parse_connections({"data": {"*elements": [urn, {"$type": "x"}]}, "included": []})

    [one] = page.relations
    assert (one.profile_id, one.member_id) == ("ACoAADWk6qEBJjbSQkcwGByi7xhlOHpeeAeUyfI", 900000417)
    assert page.unreadable == 1
