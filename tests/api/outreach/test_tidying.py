"""What is kept for a while only: answers to repeated requests, files that wait; and nothing of the erased."""

import asyncio
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import openpyxl  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text

from overture.core.clock import ManualClock
from overture.entrypoints.api.outreach.import_acts import folder_of
from overture.entrypoints.api.outreach.tidying import keep_tidy, tidy
from overture.entrypoints.bootstrap import App
from product import MakeApp
from waiting import eventually

NEW = {"first_name": "Ada", "email": "ada@engines.test"}
HOUR = timedelta(hours=1)
CANARY = "zanzibarra"


@pytest.fixture
def clock() -> ManualClock:
    """A clock that is moved by hand."""
    return ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
async def app(make_app: MakeApp, clock: ManualClock) -> App:
    """The product on that clock."""
    return await make_app(clock=clock)


async def post(client: httpx2.AsyncClient, key: str) -> httpx2.Response:
    """Take a lead in under a key."""
    return await client.post("/api/v1/leads", json=NEW, headers={"Idempotency-Key": key})


async def keys(app: App) -> set[str]:
    """The keys whose answers are kept."""
    async with app.sessions() as db:
        return set((await db.scalars(text("select key from replays"))).all())


async def test_an_answer_is_kept_for_a_day_and_not_for_ever(
    client: httpx2.AsyncClient, app: App, clock: ManualClock
) -> None:
    """Whoever repeats a request within 24 hours gets the first answer; after two days the key is free."""
    await post(client, "one")
    clock.advance(25 * HOUR)
    await tidy(app)
    again = await post(client, "one")
    assert again.headers["Idempotent-Replayed"] == "true"

    clock.advance(24 * HOUR)
    await post(client, "two")
    await tidy(app)
    assert await keys(app) == {"two"}
    afresh = await post(client, "one")
    assert "Idempotent-Replayed" not in afresh.headers
    assert afresh.json()["outcome"] == "unchanged"


async def upload(client: httpx2.AsyncClient, content: bytes) -> str:
    """Send a file that then waits; its import."""
    answer = await client.post("/api/v1/imports", content=content, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["import_id"])


async def seen(client: httpx2.AsyncClient, import_id: str) -> dict[str, Any]:
    """The import as it stands."""
    found: dict[str, Any] = (await client.get(f"/api/v1/imports/{import_id}")).json()
    return found


async def test_a_file_nobody_starts_is_removed_after_a_week_and_the_import_says_so(
    client: httpx2.AsyncClient, app: App, clock: ManualClock
) -> None:
    """It is full of people."""
    old = await upload(client, b"Email\nbob@b.test\n")
    clock.advance(6 * 24 * HOUR)
    young = await upload(client, b"Email\ncarol@c.test\n")
    await tidy(app)
    assert (await seen(client, old))["state"] == "waiting"

    clock.advance(25 * HOUR)
    await tidy(app)
    gone = await seen(client, old)
    assert (gone["state"], "removed" in gone["problem"]) == ("failed", True)
    assert [path.name for path in folder_of(app).iterdir()] == [young]
    assert (await client.post(f"/api/v1/imports/{young}/start")).status_code == 202


def workbook(*rows: tuple[str, ...]) -> bytes:
    """A workbook of these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


async def test_a_stored_file_that_names_an_erased_person_is_removed(
    client: httpx2.AsyncClient, app: App
) -> None:
    """By address or by name, in a text of any encoding or a workbook; other files stay."""
    person = {"first_name": "Zoë", "last_name": CANARY, "email": f"z@{CANARY}.test"}
    lead = (await client.post("/api/v1/leads", json=person)).json()["lead"]
    naming = [
        await upload(client, f"Email\nbob@b.test\nZ@{CANARY.title()}.test\n".encode("utf-16")),
        await upload(client, f"First Name;Last Name;City\nZoë;{CANARY};Oslo\n".encode("cp1252")),
        await upload(client, workbook(("Email", "Name"), (f"z@{CANARY}.test", "Z"))),
    ]
    other = await upload(client, b"Email\ncarol@c.test\n")
    erased = await client.delete(f"/api/v1/leads/{lead['lead_id']}?confirm={lead['lead_id']}")

    assert erased.status_code == 200, erased.text
    assert [path.name for path in folder_of(app).iterdir()] == [other]
    for import_id in naming:
        gone = await seen(client, import_id)
        assert (gone["state"], "erased" in gone["problem"]) == ("failed", True)
    assert (await seen(client, other))["state"] == "waiting"


async def test_the_server_tidies_by_itself(client: httpx2.AsyncClient, app: App, clock: ManualClock) -> None:
    """At its start, and every hour."""
    await post(client, "one")
    clock.advance(50 * HOUR)
    tidying = asyncio.create_task(keep_tidy(app))

    async def is_tidy() -> bool:
        return await keys(app) == set()

    try:
        await eventually(is_tidy)
    finally:
        tidying.cancel()
        await asyncio.gather(tidying, return_exceptions=True)
