"""What campaigns say at the gate: of every run that belongs to a touch, before it starts and before it acts.

Much can happen between planning and acting: a pause, an answer, an edit. What cannot be read is closed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.campaigns.limits import COMPANY_LOOK, LIVE, counting, counts
from overture.campaigns.settings import SAME_TEXT_SPAN, TOUCH_SPAN, CampaignSettings
from overture.campaigns.tables import OVER
from overture.core.ids import public_id
from overture.core.reasons import Reason
from overture.core.remembered import remembered
from overture.runs import Go, Never, Passage, Run, Seen, Wait

LOOK: Final = timedelta(minutes=5)
STOPPING: Final = {
    "opted_out": "opted_out",
    "replied": "replied_already",
    "declined": "replied_already",
    "manual_contact": "operator_wrote",
}
SILENCING: Final = ("replied", "declined", "opted_out", "manual_contact")

PLANNED_FIRST: Final = "(o.planned_at, o.touch_id) < (t.planned_at, t.touch_id)"
"""Of two touches of a company the one that was planned first goes: else each could wait for the other."""
FIRST: Final = f"(o.touch_id <> t.touch_id and (o.ended_at is not null or {PLANNED_FIRST}))"
"""Of two to one person the one goes that arrived, or was planned first."""
# One row if the run belongs to a touch.
ROW: Final = """
select t.touch_id, t.lead_id as touch_lead_id, t.channel as touch_channel, t.text_hash as touch_text_hash,
    t.reaches_person as touch_reaches_person, t.needs_approval, t.approval_id,
    c.state as campaign_state, c.updated_at as campaign_updated_at, c.settings as campaign_settings,
    e.enrollment_id, e.state as enrollment_state, e.reason as enrollment_reason,
    a.state as approval_state, a.content_hash as approval_content_hash, a.lead_id as approval_lead_id,
    a.account_id as approval_account_id, a.channel as approval_channel,
    exists (select 1 from touches newer where newer.enrollment_id = t.enrollment_id
        and newer.planned_at >= t.planned_at and newer.touch_id > t.touch_id
        and newer.state <> 'cancelled') as is_superseded,
    (select s.kind from signals s where s.lead_id {them} and s.at >= e.enrolled_at
        and s.kind = any(cast(:silencing as text[])) order by s.at, s.signal_id limit 1) as silenced_by,
    array(select coalesce(o.ended_at, :touch_under_way) from touches o
        where o.lead_id {them} and o.reaches_person and {counts} and o.{live} and {first}
        order by o.ended_at desc nulls first) as touched_at,
    exists (select 1 from touches o where o.text_hash = t.text_hash and o.lead_id {them}
        and (o.ended_at is null or o.ended_at > :text_since) and o.{live} and {first}) as was_sent,
    case when c.settings->>'stop_for_company' is distinct from 'false' then exists (
        select 1 from leads other
        join enrollments oe on oe.lead_id = other.lead_id and oe.campaign_id = c.campaign_id
            and oe.state = 'active'
        join touches o on o.enrollment_id = oe.enrollment_id and o.reaches_person and o.{live}
        where other.company_id = l.company_id and not other.lead_id {them} and {planned_first}) end
        as is_company_in_talks,
    l.merged_into is not null or exists (select from leads m where m.merged_into = l.lead_id)
        as touch_is_merged
from touches t join enrollments e using (enrollment_id) join leads l on l.lead_id = e.lead_id
join campaigns c on c.campaign_id = e.campaign_id left join approvals a on a.approval_id = t.approval_id
"""
ALL_OF: Final = {"live": LIVE, "counts": counts("o."), "first": FIRST, "planned_first": PLANNED_FIRST}
PART: Final = runs.Part("campaign", ROW.format(them="= e.lead_id", **ALL_OF) + "where t.run_id = :run")
"""The same for somebody who is one lead, as nearly everybody is: far less for the database to set up."""
WHOLE: Final = runs.Part(
    "campaign",
    f"""
    with recursive up(lead_id) as (
        select e.lead_id from touches t join enrollments e using (enrollment_id) where t.run_id = :run
        union
        select leads.merged_into from up join leads using (lead_id) where leads.merged_into is not null
    ), members(lead_id) as (
        select up.lead_id from up join leads using (lead_id) where leads.merged_into is null
        union
        select leads.lead_id from members join leads on leads.merged_into = members.lead_id
    )
    {ROW.format(them="= any(person.ids)", **ALL_OF)}
    cross join (select array_agg(lead_id) as ids from members) person
    where t.run_id = :run
    """,
)
"""For somebody who is several leads: all of them are the person."""


def concerns(_: Run) -> bool:
    """Only the database knows whether a run belongs to a campaign."""
    return True


def given(_: Run, now: datetime) -> Mapping[str, object]:
    """Since when what was done counts."""
    return {**counting(now), "text_since": now - SAME_TEXT_SPAN, "silencing": list(SILENCING)}


async def says(db: AsyncSession, run: Run, now: datetime, seen: Seen) -> Passage:
    """Whether the campaign behind a run, if there is one, still wants it."""
    if seen["touch_id"] is None:
        return Go()
    if seen["touch_is_merged"]:
        seen = await runs.see(db, run, now, (WHOLE,), given(run, now))
    settings = remembered(CampaignSettings, seen["campaign_settings"])
    said = of_the_plan(seen)
    if isinstance(said, Go) and seen["is_superseded"]:
        # A run that was taken up again by hand, after its step was planned anew, would come second.
        said = Never("superseded", "The campaign has gone on from this step.")
    if isinstance(said, Go) and seen["touch_reaches_person"]:
        said = of_the_person(seen, settings, now)
    if isinstance(said, Go):
        said = of_the_approval(seen, settings, run)
    return said if not (isinstance(said, Wait) and said.until <= now) else Wait(now + LOOK, said.reason)


veto: Final = runs.Rule(PART, concerns, given, says)


def of_the_plan(seen: Seen) -> Passage:
    """What the states of campaign and enrollment say."""
    campaign, enrollment, reason = (
        seen["campaign_state"],
        seen["enrollment_state"],
        seen["enrollment_reason"],
    )
    if campaign == "paused":
        return Wait(seen["campaign_updated_at"], Reason.CAMPAIGN_PAUSED)
    if campaign != "active":
        return Never("campaign_stopped", f"The campaign is {campaign}.")
    if enrollment == "paused":
        return Wait(seen["campaign_updated_at"], Reason.ENROLLMENT_PAUSED)
    if enrollment in OVER:
        code = {"replied": "replied_already", "opted_out": "opted_out", "manual_contact": "operator_wrote"}
        over = f"{public_id('enr', seen['enrollment_id'])} is over: {reason}."
        return Never(code.get(reason, "enrollment_over"), over)
    return Go()


def of_the_person(seen: Seen, settings: CampaignSettings, now: datetime) -> Passage:
    """What the person did since, and what protects them from too much of us."""
    if seen["silenced_by"] is not None:
        return Never(STOPPING[seen["silenced_by"]], f"Seen since: {seen['silenced_by']}.")
    touched_at, most = seen["touched_at"], settings.max_touches_30d
    if len(touched_at) >= most:
        return Wait(touched_at[most - 1] + TOUCH_SPAN, Reason.TOUCH_LIMIT)
    if seen["was_sent"]:
        return Never("duplicate_touchpoint", "The same text went to this person before.")
    if settings.stop_for_company and seen["is_company_in_talks"]:
        return Wait(now + COMPANY_LOOK, Reason.COMPANY_LOCK)
    return Go()


def of_the_approval(seen: Seen, settings: CampaignSettings, run: Run) -> Passage:
    """Whether what is sent is what was approved: this text, to this person, from this account (I19)."""
    must = seen["needs_approval"] or (
        settings.approvals.mode == "all" and seen["touch_reaches_person"] and seen["touch_text_hash"]
    )
    if seen["approval_id"] is None:
        return Never("approval_required", "A person approves this text first.") if must else Go()
    of = ("content_hash", "lead_id", "account_id", "channel")
    bound = tuple(seen[f"approval_{name}"] for name in of)
    sent = (run.content_hash, seen["touch_lead_id"], run.account_id, seen["touch_channel"])
    if seen["approval_state"] != "approved" or bound != sent:
        return Never("approval_stale", "What was approved is not what would be sent.")
    return Go()
