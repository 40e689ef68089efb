"""Lists of runs: filtered, and walked by cursor without a row lost or met twice."""

from typing import Any

import httpx2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overture import runs
from overture.entrypoints.bootstrap import App
from overture.touchpoints import Enrich

RUNS = "/api/v1/runs"


async def add(app: App, count: int, *tags: str) -> set[str]:
    ids = set()
    async with app.sessions.begin() as db:
        for number in range(count):
            request = runs.RunRequest("ada", Enrich(public_identifier=f"person-{number}"), tags=tags)
            now = app.now()
            run = (await runs.submit(db, app.ids, request, now, app.kit.lease(now))).run
            ids.add(str(run.id))
    return ids


async def walk(client: httpx2.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    met: list[dict[str, Any]] = []
    page = (await client.get(RUNS, params=query)).json()
    met += page["data"]
    while page["page"]["next_cursor"]:
        page = (await client.get(RUNS, params={**query, "cursor": page["page"]["next_cursor"]})).json()
        met += page["data"]
    return met


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=st.integers(0, 12), size=st.integers(1, 5), added=st.lists(st.integers(0, 3), max_size=5))
async def test_rows_that_are_there_all_the_while_appear_exactly_once(
    client: httpx2.AsyncClient, app: App, account: str, before: int, size: int, added: list[int]
) -> None:
    await add(app, before, "mine")
    there = [run["run_id"] for run in await walk(client, limit=200)]
    more = iter(added)
    met: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get(RUNS, params={"limit": size, **cursor})).json()
        met += [run["run_id"] for run in page["data"]]
        await add(app, next(more, 0), "later")
        if not page["page"]["has_more"]:
            break
        cursor = {"cursor": page["page"]["next_cursor"]}

    assert [run_id for run_id in met if run_id in set(there)] == there
    assert len(met) == len(set(met))


async def test_the_link_header_leads_to_the_next_page_with_the_same_filter(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    await add(app, 3, "a")
    await add(app, 2, "b")

    first = await client.get(RUNS, params={"tag": "a", "limit": 2})
    second = await client.get(first.links["next"]["url"])

    assert (first.json()["page"]["has_more"], first.json()["page"]["limit"]) == (True, 2)
    assert [run["tags"] for run in second.json()["data"]] == [["a"]]
    assert second.json()["page"] == {"next_cursor": None, "has_more": False, "limit": 2}
    assert "Link" not in second.headers


async def test_filters_narrow(client: httpx2.AsyncClient, app: App, account: str) -> None:
    await add(app, 2, "a")
    oldest = (await walk(client))[-1]
    await client.post(f"{RUNS}/{oldest['run_id']}/cancel")

    async def count(**query: Any) -> int:
        return len(await walk(client, **query))

    assert await count(handle="ada") == 2
    assert await count(handle="nobody") == 0
    assert await count(status="pending,cancelled") == 2
    assert await count(status="completed,failed") == 0
    assert await count(type="enrich") == 2
    assert await count(type="message") == 0
    assert await count(tag="a") == 2
    assert await count(created_from="2001-01-01T00:00:00Z", created_until="2002-01-01T00:00:00Z") == 0
    assert await count(created_from=oldest["created_at"]) == 2
    assert await count(created_until=oldest["created_at"]) == 0


async def test_newest_come_first(client: httpx2.AsyncClient, app: App, account: str) -> None:
    await add(app, 5)
    met = await walk(client, limit=2)

    assert [run["created_at"] for run in met] == sorted((run["created_at"] for run in met), reverse=True)
    assert len(met) == 5


async def test_a_cursor_of_another_server_is_refused(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    from overture.entrypoints.api.cursor import cursor_after

    foreign = cursor_after(app.ids.new(), "another key")

    assert (await client.get(RUNS, params={"cursor": foreign})).status_code == 422
