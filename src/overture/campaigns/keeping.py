"""Keeping a batch of enrollments: those that changed are written, each with its event, in one statement."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import closing
from overture.campaigns.store import STATE_FIELDS
from overture.campaigns.tables import OVER, Enrollment
from overture.db import as_json, carry_out, values_of

KEEP: Final = text(f"""
with given as (
    select enrollment_id, type, data, place from rows from (jsonb_to_recordset(cast(:rows as jsonb))
        as (enrollment_id uuid, type text, data jsonb)) with ordinality
        as row(enrollment_id, type, data, place)
), changed as (
    update enrollments e set {", ".join(f"{name} = new.{name}" for name in STATE_FIELDS)}
    from given cross join lateral jsonb_populate_record(cast(null as enrollments), given.data) new
    where e.enrollment_id = given.enrollment_id
    returning e.enrollment_id, e.account_id, e.lead_id, e.campaign_id
)
insert into events (at, type, account_id, lead_id, campaign_id, enrollment_id, data)
select :now, given.type, changed.account_id, changed.lead_id, changed.campaign_id, changed.enrollment_id,
    given.data
from given join changed using (enrollment_id) order by given.place
""")


async def keep_changes(
    db: AsyncSession,
    enrollments: Sequence[Enrollment],
    before: Mapping[UUID, Mapping[str, object]],
    now: datetime,
    why: str = "planned",
) -> None:
    """`keep` for many that do not belong to the session any more: only those that differ from before."""
    rows, left = [], []
    for one in enrollments:
        enrollment_id, was, state = one.id, before[one.id], row_of(one)
        if state == was:
            continue
        is_over = state["state"] in OVER
        kind = "enrollment.finished" if is_over else "enrollment.changed"
        data = {**state, **instants_of(state), "why": why, "by": "planner"}
        rows.append({"enrollment_id": enrollment_id, "type": kind, "data": data})
        if is_over or was["step"] not in (None, state["step"]):
            left.append(enrollment_id)
    if rows:
        await carry_out(db, KEEP, {"rows": as_json(rows), "now": now})
        await closing.close_of(db, left, now)


def taken_out(db: AsyncSession, enrollments: Sequence[Enrollment]) -> dict[UUID, dict[str, object]]:
    """Take locked enrollments out of the session, so that only `keep_changes` writes them; how they are."""
    for one in enrollments:
        if one in db:
            db.expunge(one)
    return {one.id: row_of(one) for one in enrollments}


def row_of(enrollment: Enrollment) -> dict[str, object]:
    """What may change of an enrollment's row, as it stands: to be compared, or written."""
    values = values_of(enrollment)
    return {name: values[name] for name in STATE_FIELDS}


INSTANTS: Final = ("next_action_at", "entered_at", "finished_at")


def instants_of(state: Mapping[str, object]) -> dict[str, object]:
    """The instants in it as `store.state_of` has them; of the rest, `as_json` writes the ids."""
    found = ((name, state[name]) for name in INSTANTS)
    return {name: at.astimezone(UTC).isoformat() for name, at in found if isinstance(at, datetime)}
