"""How far the people of a campaign have come: one count, for the API, the pages and whoever else asks.

Each person is counted by what is known of them since they were enrolled, not by where their enrollment ended:
who answers after the last step has replied all the same.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Boolean, ColumnElement, Subquery, Uuid, bindparam, column, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns.reasons import BLOCKED, WAITING
from overture.campaigns.tables import Enrollment, quoted

# `kin`: every lead that is the same person as a lead of the campaign's, itself too.
KIN: Final = """
mine as materialized (
    select enrollment_id, campaign_id, lead_id, state, reason, enrolled_at from enrollments
    where campaign_id = any(:campaigns)
), up (lead_id, top) as (
    select lead_id, merged_into from leads where merged_into is not null
    union all
    select up.lead_id, l.merged_into from up join leads l on l.lead_id = up.top
    where l.merged_into is not null
), merged as (
    select up.lead_id, up.top from up join leads l on l.lead_id = up.top where l.merged_into is null
    union select top, top from up join leads l on l.lead_id = up.top where l.merged_into is null
), kin as (
    select lead_id, lead_id as member from mine
    union select m.lead_id, o.lead_id from merged m join merged o using (top)
)
"""
PROGRESS: Final = f"""
with recursive {KIN}, acted as (
    select t.enrollment_id, bool_or(t.reaches_person) as touched,
        bool_or(t.touchpoint_type = 'visit') as visited,
        bool_or(is_ours) as invited, bool_or(is_ours and exists (
            select from kin join relationships r on r.lead_id = kin.member
            where kin.lead_id = mine.lead_id and r.account_id = t.account_id
              and r.state in ('connected', 'removed'))) as accepted,
        bool_or(t.touchpoint_type in ('message', 'inmail', 'email', 'contact_form')) as messaged
    from mine join touches t using (enrollment_id)
    left join runs on runs.run_id = t.run_id and t.touchpoint_type = 'connect'
    cross join lateral (
        select t.touchpoint_type = 'connect' and runs.result->>'state' is distinct from 'connected' as is_ours
    ) invitation
    where t.state = 'delivered' group by t.enrollment_id
), seen as (
    select mine.enrollment_id, bool_or(s.kind = 'replied') as replied,
        bool_or(s.kind = 'opted_out') as opted_out, bool_or(s.kind = 'declined') as declined,
        bool_or(s.kind = 'bounced') as bounced
    from mine join kin using (lead_id) join signals s on s.lead_id = kin.member and s.at >= mine.enrolled_at
    where s.kind in ('replied', 'opted_out', 'declined', 'bounced') group by mine.enrollment_id
)
select mine.enrollment_id, mine.campaign_id, true as enrolled, coalesce(touched, false) as touched,
    coalesce(visited, false) as visited, coalesce(invited, false) as invited,
    coalesce(accepted, false) as accepted, coalesce(messaged, false) as messaged,
    coalesce(replied, false) or reason = 'replied' as replied,
    coalesce(opted_out, false) or reason = 'opted_out' as opted_out,
    coalesce(declined, false) or reason = 'declined' as declined,
    coalesce(bounced, false) or reason = 'bounced' as bounced,
    state = 'completed' as completed,
    state = 'active' and reason in ({quoted(WAITING)}) as waiting,
    state = 'active' and reason in ({quoted(BLOCKED)}) as blocked, state = 'paused' as paused
from mine left join acted using (enrollment_id) left join seen using (enrollment_id)
"""


class Funnel(BaseModel):
    """People of a campaign, each once in every number that is true of them.

    Whoever is not over is in exactly one of `waiting`, `blocked` and `paused`.
    """

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    enrolled: int = 0
    """Everybody who was put in."""
    touched: int = 0
    """Reached by at least one act of the campaign that arrived."""
    visited: int = 0
    """Their profile was visited by the campaign."""
    invited: int = 0
    """An invitation of this campaign went out to them; one that was pending before is none of it."""
    accepted: int = 0
    """Of those invited: connected with the account that invited them, if only for a time."""
    messaged: int = 0
    """Written to by message, InMail, e-mail or form."""
    replied: int = 0
    """They answered since they were enrolled, by whatever channel, also after the end; or it was heard of
    only then."""
    opted_out: int = 0
    """They asked not to be contacted since they were enrolled, or were written down as such."""
    declined: int = 0
    """They said no since they were enrolled."""
    bounced: int = 0
    """An address of theirs proved dead since they were enrolled."""
    completed: int = 0
    """Their sequence came to its end."""
    waiting: int = 0
    """On their way: something clears by itself or by an event."""
    blocked: int = 0
    """On their way, and somebody has to act."""
    paused: int = 0
    """On their way, and paused by a person."""


FUNNEL: Final = tuple(Funnel.model_fields)
"""The names of its numbers, in their order."""


def progress(campaign_ids: Collection[UUID]) -> Subquery:
    """Each enrollment of these campaigns with what is true of it, a column for every number."""
    plain: list[Any] = [column(name, Uuid) for name in ("enrollment_id", "campaign_id")]
    given = bindparam("campaigns", sorted(campaign_ids), type_=ARRAY(Uuid))
    found = text(PROGRESS).bindparams(given)
    return found.columns(*plain, *(column(name, Boolean) for name in FUNNEL)).subquery("progress")


async def funnels(db: AsyncSession, campaign_ids: Sequence[UUID]) -> dict[UUID, Funnel]:
    """The funnel of each of these campaigns."""
    if not campaign_ids:
        return {}
    of = progress(campaign_ids)
    counts = [func.count().filter(of.c[name]) for name in FUNNEL]
    found = {
        row[0]: Funnel(**dict(zip(FUNNEL, row[1:], strict=True)))
        for row in await db.execute(select(of.c.campaign_id, *counts).group_by(of.c.campaign_id))
    }
    return {one: found.get(one, Funnel()) for one in campaign_ids}


def counted_in(name: str, campaign_ids: Collection[UUID]) -> ColumnElement[bool]:
    """Whether an enrollment is one of those that a number of the funnel counts."""
    of = progress(campaign_ids)
    return Enrollment.id.in_(select(of.c.enrollment_id).where(of.c[name]))
