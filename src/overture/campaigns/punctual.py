"""Whether a planner keeps up with what is due: one that is dead, or far behind, is seen by what it left."""

from datetime import datetime
from typing import Final

from sqlalchemy import text

from overture.campaigns.planner import WHEN
from overture.campaigns.planner_kit import CONSUMER
from overture.campaigns.why import BEHIND
from overture.db import Sessions, fetch

# The oldest event no planner has read, and what became due by itself the longest ago.
OLDEST: Final = text(f"""
with place as materialized (
    select xid, event_id from consumers where name = :consumer
    union all select cast('0' as xid8), 0 order by 1 desc limit 1
)
select least({WHEN}, (select news.at from place cross join lateral (
    select e.at from events e where (e.xid, e.id) > (place.xid, place.event_id)
      and e.xid < pg_snapshot_xmin(pg_current_snapshot()) order by e.xid, e.id limit 1) news))
""")


async def behind_since(sessions: Sessions, now: datetime) -> datetime | None:
    """Since when something waits that a planner should have come to by now; None: it keeps up.

    A tick that has nothing to do writes nothing down: so it is asked what is left undone, not for a pulse.
    """
    async with sessions.looking() as db:
        oldest: datetime | None = (await fetch(db, OLDEST, {"consumer": CONSUMER}))[0][0]
    return oldest if oldest is not None and oldest < now - BEHIND else None
