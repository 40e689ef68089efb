"""What is asked of many people at once before anything is planned for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns.limits import LIVE, NTH_TOUCH, counting
from overture.campaigns.settings import SAME_TEXT_SPAN, TOUCH_SPAN
from overture.campaigns.store import Standing
from overture.db import as_json, carry_out, fetch

PERSON_LOCK: Final = text("""
select pg_advisory_xact_lock(hashtextextended(key, 0)) from unnest(cast(:keys as text[])) as key
""")


async def lock_persons(db: AsyncSession, standings: Collection[Standing]) -> None:
    """No two planners plan for the same person, or in the same company where that counts, at a time.

    The keys are taken in one order and all at once, so that no two planners wait in a ring.
    """
    keys = sorted({key for one in standings for key in keys_of(one)})
    if keys:
        await carry_out(db, PERSON_LOCK, {"keys": keys})


def keys_of(standing: Standing) -> list[str]:
    """The names under which a person, and their company where that counts, are locked."""
    keys = [f"person:{min(standing.member_ids)}"]
    if standing.running.settings.stop_for_company and standing.lead.company_id is not None:
        keys.append(f"company:{standing.lead.company_id}")
    return keys


@dataclass(frozen=True)
class Past:
    """What the touches of a person say of the next one."""

    named: str | None
    """How the account named the person the last time."""
    limit_until: datetime | None
    """Until when they may not be touched again."""


PAST: Final = text(f"""
select w.place, (
    select target from touches where account_id = w.account_id and lead_id = any(w.leads)
      and channel = 'linkedin' and target is not null order by planned_at desc limit 1
), ({NTH_TOUCH.format(leads="w.leads", most="w.most")})
from jsonb_to_recordset(cast(:rows as jsonb)) as w(place int, account_id uuid, leads uuid[], most int)
""")


async def pasts(db: AsyncSession, asked: Sequence[tuple[Standing, UUID]], now: datetime) -> dict[UUID, Past]:
    """The past of each person with their account, by enrollment."""
    if not asked:
        return {}
    rows = [
        {
            "place": place,
            "account_id": account_id,
            "leads": list(standing.member_ids),
            "most": standing.running.settings.max_touches_30d,
        }
        for place, (standing, account_id) in enumerate(asked)
    ]
    found = await fetch(db, PAST, {"rows": as_json(rows), **counting(now)})
    return {
        asked[place][0].enrollment.id: Past(named, nth_at + TOUCH_SPAN if nth_at is not None else None)
        for place, named, nth_at in found
    }


SAME_TEXT: Final = text(f"""
select w.place from jsonb_to_recordset(cast(:rows as jsonb)) as w(place int, hash text, leads uuid[])
where exists (select from unnest(w.leads) as lead_id join touches using (lead_id)
    where text_hash = w.hash and (ended_at is null or ended_at > :since) and {LIVE})
""")


async def same_texts(db: AsyncSession, asked: Sequence[tuple[Standing, str]], now: datetime) -> set[UUID]:
    """Enrollments of people who got the same text already, from whichever campaign and account."""
    if not asked:
        return set()
    rows = [
        {"place": place, "hash": text_hash, "leads": list(standing.member_ids)}
        for place, (standing, text_hash) in enumerate(asked)
    ]
    found = await fetch(db, SAME_TEXT, {"rows": as_json(rows), "since": now - SAME_TEXT_SPAN})
    return {asked[place][0].enrollment.id for (place,) in found}


APPROVALS: Final = text("""
select distinct enrollment_id from approvals where enrollment_id = any(:ids) and state <> 'stale'
""")


async def with_approvals(db: AsyncSession, standings: Sequence[Standing]) -> set[UUID]:
    """Enrollments of which a text was put before a person, or is being written, and stands."""
    if not standings:
        return set()
    rows = await fetch(db, APPROVALS, {"ids": [one.enrollment.id for one in standings]})
    return {row[0] for row in rows}
