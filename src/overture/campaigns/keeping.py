"""Keeping a batch of enrollments: those that changed are written, each with its event, in one statement."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import closing
from overture.campaigns.store import STATE_FIELDS, state_of
from overture.campaigns.tables import OVER, Enrollment
from overture.db import carry_out

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
        state = state_of(one)
        if state == before[one.id]:
            continue
        kind = "enrollment.finished" if one.state in OVER else "enrollment.changed"
        data = {**state, "why": why, "by": "planner"}
        rows.append({"enrollment_id": str(one.id), "type": kind, "data": data})
        if one.state in OVER or before[one.id]["step"] not in (None, one.step):
            left.append(one.id)
    if rows:
        await carry_out(db, KEEP, {"rows": json.dumps(rows), "now": now})
        await closing.close_of(db, left, now)


def taken_out(db: AsyncSession, enrollments: Sequence[Enrollment]) -> dict[UUID, dict[str, object]]:
    """Take locked enrollments out of the session, so that only `keep_changes` writes them; how they are."""
    for one in enrollments:
        if one in db:
            db.expunge(one)
    return {one.id: state_of(one) for one in enrollments}
