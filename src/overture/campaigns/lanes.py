"""Lanes: which pace an act belongs to, and waking or resting a lane."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.db import carry_out
from overture.touchpoints import REGISTRY, Category

IDLE: Final = "idle"
IDLE_LOOK: Final = timedelta(days=1)  # an idle lane is woken by its queue; this is only the net under it

LANE_OF: Final[Mapping[Category, str]] = {
    "invite": "connect",
    "message": "follow_up",
    "visit": "engage",
    "profile_read": "enrich",
    "withdraw": "withdraw",
    "inmail": "inmail",
    "reaction": "react",
    "comment": "comment",
    "follow": "follow",
    "search": "search",
    "sync": "sync",
}
CATEGORY_OF: Final[Mapping[str, Category]] = {
    **{lane: category for category, lane in LANE_OF.items()},
    "check_pending": "profile_read",
}


REACHING: Final = frozenset(
    {"follow_up", *(LANE_OF[known.category] for known in REGISTRY.values() if known.reaches_person)}
)
"""Lanes with acts that are addressed to a person; what no provider carries out yet queues in `follow_up`."""


def lane_of(kind: str) -> str:
    """The lane a touchpoint of this type queues in."""
    known = REGISTRY.get(kind)
    return LANE_OF[known.category] if known is not None else "follow_up"


WAKE: Final = text("""
insert into lanes (account_id, lane, next_at, reason)
select account_id, lane, :now, 'ready'
from unnest(cast(:accounts as uuid[]), cast(:lanes as text[])) as wanted(account_id, lane)
order by account_id, lane
on conflict (account_id, lane) do update set next_at = excluded.next_at, reason = excluded.reason
where lanes.reason = 'idle'
""")
ROUSE: Final = text("""
update lanes set next_at = :now, reason = 'ready'
where account_id = any(:accounts) and reason not in ('min_interval', 'idle') and next_at > :now
""")


async def wake(db: AsyncSession, queued: Collection[tuple[UUID, str]], now: datetime) -> None:
    """Something was queued: lanes that lay idle are due at once, paced ones keep their time."""
    wanted = sorted(set(queued))
    if wanted:
        accounts, lanes = zip(*wanted, strict=True)
        await carry_out(db, WAKE, {"accounts": list(accounts), "lanes": list(lanes), "now": now})


async def rouse(db: AsyncSession, accounts: Collection[UUID], now: datetime) -> None:
    """What kept these accounts from acting may be over: look at once, but let the pace between acts stand."""
    if accounts:
        await carry_out(db, ROUSE, {"accounts": sorted(accounts), "now": now})


ROUSE_ALL: Final = text("""
update lanes set next_at = :now, reason = 'ready' where reason = 'kill_switch' and next_at > :now
""")
FREE: Final = text("""
update lanes set next_at = :now, reason = 'ready'
where account_id = any(:accounts) and reason = 'running' and next_at > :now
""")


async def rouse_all(db: AsyncSession, now: datetime) -> None:
    """A kill switch was turned: lanes that rest for one look again."""
    await db.execute(ROUSE_ALL, {"now": now})


async def free(db: AsyncSession, accounts: Collection[UUID], now: datetime) -> None:
    """Runs of these accounts ended: lanes that waited for one look again."""
    if accounts:
        await carry_out(db, FREE, {"accounts": sorted(accounts), "now": now})
