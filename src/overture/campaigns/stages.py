"""The pipeline stage of whoever is done everywhere: COMPLETED, FAILED where nothing reached its end, or
IGNORED as they were connected before.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people
from overture.campaigns.tables import OVER
from overture.db import append_events, fetch
from overture.people import relationship, stage

COMPLETING: Final = ("completed", "replied")
# What ended before somebody set the stage by hand was known to them. An invitation that is out may still be
# accepted, so whoever has one has not failed: they stay PENDING.
DONE: Final = text("""
select p.lead_id, case when bool_or(e.state = any(:completing)) then 'COMPLETED'
        when bool_or(e.state = 'failed') then 'FAILED' else 'IGNORED' end,
    (array_agg(e.reason order by e.state = any(:completing) desc, e.finished_at desc))[1]
from unnest(cast(:leads as uuid[]), cast(:members as uuid[])) as p(lead_id, member)
join leads l on l.lead_id = p.lead_id and l.stage = any(:open) and l.erased_at is null
join enrollments e on e.lead_id = p.member
    and (e.state = 'failed' or e.state = any(:completing) or e.reason = 'already_connected')
where not exists (
    select from unnest(cast(:leads as uuid[]), cast(:members as uuid[])) as own(lead_id, member)
    join enrollments live on live.lead_id = own.member and live.state <> all(:over)
    where own.lead_id = p.lead_id)
  and not exists (select from events v where v.lead_id = p.lead_id and v.type = 'lead.stage_changed'
    and v.data->>'manual' = 'true' and v.at >= e.finished_at)
group by p.lead_id
having bool_or(e.state = any(:completing)) or not exists (
    select from relationships r where r.lead_id = p.lead_id and r.state = 'invited')
""")


async def conclude(db: AsyncSession, lead_ids: Collection[UUID], now: datetime) -> None:
    """An enrollment of each of these has ended: those who are in no campaign any more are done."""
    if not lead_ids:
        return
    persons = {one.lead_id: one for one in (await people.persons(db, lead_ids)).values()}
    pairs = [(one.lead_id, member) for one in persons.values() for member in sorted(one.all_ids)]
    asked = {
        "leads": [lead_id for lead_id, _ in pairs],
        "members": [member for _, member in pairs],
        "open": sorted(stage.OPEN),
        "over": list(OVER),
        "completing": list(COMPLETING),
    }
    found = await fetch(db, DONE, asked)
    wanted = {
        lead_id: [relationship.Further(to, f"enrollment:{reason}", "planner")]
        for lead_id, to, reason in found
    }
    await append_events(db, await relationship.bring_on(db, wanted, now))
