"""Lists are walked to their end, and a walk that was not says so."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.unipile.client import Bounds, Page, Transient, Unreadable, Walk
from scripted_unipile import ACCOUNT, Desk, Reply, Seen, listed, problem


def cursor_at(start: int, limit: int) -> str:
    return base64.b64encode(json.dumps({"limit": limit, "startIndex": start}).encode()).decode()


def network(count: int) -> list[dict[str, object]]:
    return [
        {"object": "UserRelation", "member_id": f"ACoAAB{number:08d}", "created_at": 1771943752000 - number}
        for number in range(count)
    ]


def paged(rows: list[dict[str, object]]) -> Desk:
    """A desk with these relations, in pages as Unipile makes them."""

    def page(seen: Seen) -> Reply:
        limit, start = int(seen.asked.get("limit", "100")), 0
        if cursor := seen.asked.get("cursor"):
            start = json.loads(base64.b64decode(cursor))["startIndex"]
        following = cursor_at(start + limit, limit) if start + limit < len(rows) else None
        return listed(*rows[start : start + limit], cursor=following)

    desk = Desk()
    desk.on("GET", "/users/relations", page)
    return desk


async def test_2500_relations_are_three_pages() -> None:
    desk = paged(network(2500))
    walk = desk.client().relations.iter(ACCOUNT)

    found = await walk.all()

    assert [one.member_id for one in found] == [row["member_id"] for row in network(2500)]
    assert (walk.pages, walk.ended, walk.is_complete) == (3, "end", True)
    assert all(seen.asked["account_id"] == ACCOUNT for seen in desk.seen)
    assert all(seen.asked["limit"] == "1000" for seen in desk.seen)


async def test_a_walk_stops_at_the_first_known_one() -> None:
    desk = paged(network(2500))
    known = "ACoAAB00000003"
    walk = desk.client().relations.iter(ACCOUNT, Bounds(stop_when=lambda one: one.member_id == known))

    assert len(await walk.all()) == 3
    assert (walk.pages, walk.ended, walk.is_complete) == (1, "stopped", False)


async def test_a_page_that_cannot_be_had_ends_the_walk_with_its_error() -> None:
    desk = Desk()
    desk.on("GET", "/users/relations", listed(*network(2), cursor="more"), problem(503, "no_channel"))
    walk = desk.client().relations.iter(ACCOUNT)

    with pytest.raises(Transient):
        await walk.all()
    assert not walk.is_complete


async def test_a_repeated_cursor_ends_the_walk_and_it_is_not_complete() -> None:
    desk = Desk()
    desk.on("GET", "/users/relations", listed(*network(2), cursor="same"))
    walk = desk.client().relations.iter(ACCOUNT)

    await walk.all()

    assert (walk.pages, walk.ended, walk.is_complete) == (2, "repeated_cursor", False)


async def test_an_item_without_its_key_is_left_out_and_counted() -> None:
    desk = Desk()
    desk.on("GET", "/chats", listed({"id": "c1"}, {"name": "no id"}, "nonsense", {"id": "c2"}))
    walk = desk.client().chats.iter()

    assert [chat.id for chat in await walk.all()] == ["c1", "c2"]
    assert walk.unreadable == 2
    assert walk.ended == "end"
    assert not walk.is_complete


@pytest.mark.parametrize("cursor", [None, "", 0])
async def test_null_empty_and_missing_cursors_are_the_end(cursor: object) -> None:
    desk = Desk()
    desk.on("GET", "/chats", listed({"id": "c1"}, cursor=cursor))
    page = await desk.client().chats.list()
    desk.on("GET", "/chats", Reply(200, {"items": []}))

    assert page.cursor is None
    assert (await desk.client().chats.list()).cursor is None


async def test_reactions_carry_their_cursor_elsewhere() -> None:
    desk, path = Desk(), "/posts/urn:li:activity:7/reactions"
    first = Reply(200, {"items": [{"value": "LIKE"}], "paging": {"cursor": "c2", "total_count": 2}})
    desk.on("GET", path, first, Reply(200, {"items": [{"value": "PRAISE"}], "paging": {"cursor": None}}))

    found = await desk.client().posts.iter_reactions(ACCOUNT, "urn:li:activity:7").all()

    assert [one.value for one in found] == ["LIKE", "PRAISE"]
    assert desk.seen[1].asked["cursor"] == "c2"


async def test_a_search_goes_on_by_its_cursor_alone() -> None:
    desk = Desk()
    desk.on("POST", "/linkedin/search", listed({"id": "a"}, cursor="c2"), listed({"id": "b"}))

    found = await desk.client().linkedin.iter_search(ACCOUNT, {"api": "classic", "category": "people"}).all()

    assert [one.id for one in found] == ["a", "b"]
    assert desk.seen[0].json() == {"api": "classic", "category": "people"}
    assert desk.seen[1].json() == {"cursor": "c2"}
    assert desk.seen[1].asked == {"account_id": ACCOUNT, "limit": "50", "cursor": "c2"}


async def test_a_search_is_a_read_and_tried_again() -> None:
    desk = Desk()
    desk.on("POST", "/linkedin/search", problem(503, "no_channel"), listed({"id": "a"}))

    page = await desk.client().linkedin.search(ACCOUNT, "https://www.linkedin.com/search/results/people/?k=x")

    assert len(page) == 1


async def test_what_is_no_list_is_not_taken_for_an_empty_one() -> None:
    desk = Desk()
    desk.on("GET", "/users/relations", Reply(200, {"object": "UserRelationsList"}))

    with pytest.raises(Unreadable):
        await desk.client().relations.list(ACCOUNT)


async def test_a_page_size_the_list_does_not_allow_is_refused_here() -> None:
    desk = Desk()
    with pytest.raises(ValueError, match="1 to 100"):
        await desk.client().invitations.list_sent(ACCOUNT, limit=101)
    assert desk.seen == []


@given(
    sizes=st.lists(st.integers(0, 4), min_size=1, max_size=8),
    most=st.none() | st.integers(0, 20),
    stop=st.none() | st.integers(0, 20),
    loop_to=st.none() | st.integers(0, 7),
)
async def test_a_walk_gives_what_is_there_in_order_within_its_bounds(
    sizes: list[int], most: int | None, stop: int | None, loop_to: int | None
) -> None:
    """Pages of any size, empty ones too; the last one may lead back."""
    pages: list[list[int]] = []
    for size in sizes:
        start = sum(len(page) for page in pages)
        pages.append(list(range(start, start + size)))
    fetched = 0

    async def fetch(cursor: str | None) -> Page[int]:
        nonlocal fetched
        fetched += 1
        index = int(cursor or 0)
        last = index + 1 == len(pages)
        leads_to = loop_to if last and loop_to is not None and 0 < loop_to < len(pages) else None
        return Page(
            tuple(pages[index]), str(leads_to) if last and leads_to else None if last else str(index + 1)
        )

    walk = Walk(fetch, Bounds(most, None if stop is None else (lambda item: item >= stop)))
    found = await walk.all()

    assert fetched <= len(pages) + 1 + len(pages)
    whole = list(range(sum(sizes)))
    until = [item for item in whole if stop is None or item < stop]
    assert found[: len(until)] == until[: len(found)]
    assert most is None or len(found) <= most
    if walk.ended == "end":
        assert found == until
    if walk.ended == "stopped":
        assert found == until
        assert stop is not None
    assert walk.ended in ("end", "max_items", "stopped", "repeated_cursor")


@given(text=st.text(min_size=1, max_size=60))
async def test_a_cursor_is_handed_back_exactly_as_it_came(text: str) -> None:
    desk = Desk()
    desk.on("GET", "/chats", listed({"id": "c1"}, cursor=text), listed({"id": "c2"}))

    await desk.client().chats.iter().all()

    assert desk.seen[1].asked["cursor"] == text
