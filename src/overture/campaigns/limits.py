"""What protects a person from too much of us: touches in 30 days, one of a company at a time, no text twice.

Asked here when a touch is planned, and once more at the gate (`vetoes`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns.facts import Wait
from overture.campaigns.settings import SAME_TEXT_SPAN, TOUCH_SPAN
from overture.campaigns.store import Standing

COMPANY_LOOK: Final = timedelta(hours=6)
UNDER_WAY_LOOK: Final = timedelta(hours=6)
"""How soon it is looked at again whether a touch that is under way arrived, if it is the one that counts."""

LIVE: Final = "state in ('submitted', 'delivered', 'unknown')"


def counts(of: str = "") -> str:
    """That a touch counts: it reached them lately, or may still. One that nobody settles is given up."""
    return f"({of}ended_at > :touched_since or {of}ended_at is null and {of}planned_at > :touch_given_up)"


NTH_TOUCH: Final = f"""
select coalesce(ended_at, :touch_under_way) from touches
where lead_id = any({{leads}}) and reaches_person and {LIVE} and {counts()}
order by ended_at desc nulls first offset {{most}} - 1 limit 1
"""
"""A touch counts from when it is known to have reached them; until then it counts as well."""
TOUCHED: Final = text(NTH_TOUCH.format(leads=":leads", most=":most"))


def counting(now: datetime) -> dict[str, datetime]:
    """Since when touches count, and as of when one does that is under way."""
    since = now - TOUCH_SPAN
    given_up = now - 2 * TOUCH_SPAN
    return {"touched_since": since, "touch_under_way": since + UNDER_WAY_LOOK, "touch_given_up": given_up}


async def touch_limit(
    db: AsyncSession, lead_ids: Collection[UUID], most: int, now: datetime
) -> datetime | None:
    """When this person may be touched again, if that is not now."""
    asked = {"leads": list(lead_ids), "most": most, **counting(now)}
    nth_at: datetime | None = await db.scalar(TOUCHED, asked)
    return nth_at + TOUCH_SPAN if nth_at is not None else None


def too_many(most: int, until: datetime, now: datetime) -> Wait:
    """The wait for it; the touch that stands in the way may be one whose arrival is not known."""
    is_open = until == now + UNDER_WAY_LOOK
    said = f"at most {most} in 30 days" + (", and whether one arrived is not known yet" if is_open else "")
    return Wait(until, "touch_limit", said)


COLLEAGUE: Final = text(f"""
select exists (
    select 1 from leads other
    join enrollments e on e.lead_id = other.lead_id and e.campaign_id = :campaign and e.state = 'active'
    join touches t on t.enrollment_id = e.enrollment_id and t.reaches_person and t.{LIVE}
    where other.company_id = :company and not other.lead_id = any(:leads))
""")


@dataclass(frozen=True)
class AtCompany:
    """A person where they work, within a campaign."""

    campaign_id: UUID
    company_id: UUID
    lead_ids: frozenset[UUID]


async def is_colleague_in_talks(db: AsyncSession, who: AtCompany) -> bool:
    """Whether somebody else at the company was written to by the campaign and it is not over."""
    asked = {
        "campaign": who.campaign_id,
        "company": who.company_id,
        "leads": list(who.lead_ids),
    }
    return bool(await db.scalar(COLLEAGUE, asked))


SAME_TEXT: Final = text(f"""
select exists (select 1 from touches where text_hash = :hash and lead_id = any(:leads)
    and (ended_at is null or ended_at > :since) and {LIVE})
""")


async def is_same_text(db: AsyncSession, standing: Standing, text_hash: str, now: datetime) -> bool:
    """Whether this person got the same text already, from whichever campaign and account."""
    asked = {"hash": text_hash, "leads": list(standing.member_ids), "since": now - SAME_TEXT_SPAN}
    return bool(await db.scalar(SAME_TEXT, asked))


async def holding(db: AsyncSession, standing: Standing, now: datetime) -> Wait | None:
    """The wait that protects this person now, if any."""
    settings, lead = standing.running.settings, standing.lead
    until = await touch_limit(db, standing.member_ids, settings.max_touches_30d, now)
    if until is not None:
        return too_many(settings.max_touches_30d, until, now)
    if settings.stop_for_company and lead.company_id is not None:
        who = AtCompany(standing.running.campaign.id, lead.company_id, standing.member_ids)
        if await is_colleague_in_talks(db, who):
            return Wait(now + COMPANY_LOOK, "company_lock")
    return None
