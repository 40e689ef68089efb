"""What is written of many at once comes to the database as it was meant, and nothing of it is lost."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from overture.core.reasons import Reason
from overture.db import as_json, as_row, fetch, fetch_all, flush_changes, new, values_of
from overture.db.rows import columns_of
from overture.entrypoints.bootstrap import App
from overture.people.tables import Lead
from overture.runs.tables import Run

AT = datetime(2026, 3, 2, 9, 30, 1, 123456, tzinfo=UTC)
ROWS = text("""
select id, at, said from jsonb_to_recordset(cast(:rows as jsonb)) as row(id uuid, at timestamptz, said jsonb)
""")


async def test_rows_are_read_as_they_were_written(app: App) -> None:
    said = {"to": ["ada", None], "ü\u2028": 'say "hi"\n', "part": 0.1, "why": Reason.DELAY, "deep": (1, 2)}
    paris = AT.astimezone(timezone(timedelta(hours=1)))
    rows = [{"id": UUID(int=7), "at": AT, "said": said}, {"id": None, "at": paris, "said": None}]
    async with app.sessions.begin() as db:
        found = await fetch(db, ROWS, {"rows": as_json(rows)})
    assert found == [(UUID(int=7), AT, {**said, "why": "delay", "deep": [1, 2]}), (None, AT, None)]


async def test_what_is_no_number_is_refused_and_not_lost(app: App) -> None:
    async with app.sessions.begin() as db:
        with pytest.raises(DBAPIError, match="invalid input syntax"):
            await fetch(db, ROWS, {"rows": as_json([{"said": float("nan")}])})
        await db.rollback()


def test_a_new_row_is_null_where_it_was_not_given() -> None:
    run = new(Run, {"id": UUID(int=1), "tags": ["a"], "wait_reason": Reason.READY})
    assert (run.id, run.tags, run.result) == (UUID(int=1), ["a"], None)
    row = as_row(run)
    assert row.keys() == {column.name for column in Run.__table__.columns}
    assert (row["run_id"], row["wait_reason"], row["result"]) == (UUID(int=1), Reason.READY, None)


def test_a_row_made_by_hand_is_written_like_one_that_was_read() -> None:
    made = Run(id=UUID(int=1), handle="ada", evidence=[])
    assert as_row(made) == as_row(new(Run, {"id": UUID(int=1), "handle": "ada", "evidence": []}))


LEADS = text(f"select {columns_of(Lead, 'l')} from leads l")


async def test_changes_of_the_session_are_written_when_there_are_any(app: App) -> None:
    async with app.sessions.begin() as db:
        await flush_changes(db)
        assert not db.in_transaction(), "nothing was there to be written"
        lead = Lead(id=UUID(int=3), source="csv", stage="DISCOVERED", custom={}, created_at=AT, updated_at=AT)
        db.add(lead)
        await flush_changes(db)
        (found,) = await fetch_all(db, Lead, LEADS, {})
        assert values_of(found)["stage"] == "DISCOVERED"
        lead.stage = "ENRICHED"
        await flush_changes(db)
        (found,) = await fetch_all(db, Lead, LEADS, {})
        assert found.stage == "ENRICHED"
