"""What campaigns say at the gate: of every run that belongs to a touch, before it starts and before it acts.

Much can happen between planning and acting: a pause, an answer, an edit. What cannot be read is closed.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people
from overture.campaigns import limits, store
from overture.campaigns.settings import CampaignSettings
from overture.campaigns.tables import OVER, Approval, Campaign, Enrollment, Touch
from overture.core.ids import public_id
from overture.core.reasons import Reason
from overture.people import Lead
from overture.runs import Go, Never, Passage, Run, Wait

LOOK: Final = timedelta(minutes=5)
STOPPING: Final = {
    "opted_out": "opted_out",
    "replied": "replied_already",
    "declined": "replied_already",
    "manual_contact": "operator_wrote",
}
SILENCING: Final = ("replied", "declined", "opted_out", "manual_contact")


async def veto(db: AsyncSession, run: Run, now: datetime) -> Passage:
    """Whether the campaign behind a run, if there is one, still wants it."""
    touch = await db.scalar(
        select(Touch).where(Touch.run_id == run.id), execution_options={"populate_existing": True}
    )
    if touch is None:
        return Go()
    campaign = await db.get_one(Campaign, touch.campaign_id, populate_existing=True)
    enrollment = await db.get_one(Enrollment, touch.enrollment_id, populate_existing=True)
    said = of_the_plan(campaign, enrollment)
    if isinstance(said, Go):
        said = await of_newer_touches(db, touch)
    if isinstance(said, Go) and touch.reaches_person:
        said = await of_the_person(db, campaign, enrollment, touch, now)
    if isinstance(said, Go):
        said = await of_the_approval(db, campaign, touch, run)
    return said if not (isinstance(said, Wait) and said.until <= now) else Wait(now + LOOK, said.reason)


def of_the_plan(campaign: Campaign, enrollment: Enrollment) -> Passage:
    """What the states of campaign and enrollment say."""
    if campaign.state == "paused":
        return Wait(campaign.updated_at, Reason.CAMPAIGN_PAUSED)
    if campaign.state != "active":
        return Never("campaign_stopped", f"The campaign is {campaign.state}.")
    if enrollment.state == "paused":
        return Wait(campaign.updated_at, Reason.ENROLLMENT_PAUSED)
    if enrollment.state in OVER:
        code = {"replied": "replied_already", "opted_out": "opted_out", "manual_contact": "operator_wrote"}
        return Never(
            code.get(enrollment.reason, "enrollment_over"),
            f"{public_id('enr', enrollment.id)} is over: {enrollment.reason}.",
        )
    return Go()


async def of_newer_touches(db: AsyncSession, touch: Touch) -> Passage:
    """A run that was taken up again by hand, after its step was planned anew, would come second."""
    newer = select(Touch.id).where(
        Touch.enrollment_id == touch.enrollment_id,
        Touch.planned_at >= touch.planned_at,
        Touch.id > touch.id,
        Touch.state != "cancelled",
    )
    if await db.scalar(newer.limit(1)) is not None:
        return Never("superseded", "The campaign has gone on from this step.")
    return Go()


async def of_the_person(
    db: AsyncSession, campaign: Campaign, enrollment: Enrollment, touch: Touch, now: datetime
) -> Passage:
    """What the person did since, and what protects them from too much of us."""
    members = (await people.persons(db, [enrollment.lead_id]))[enrollment.lead_id].all_ids
    signals = await store.signals_of(db, members)
    for signal in (one for of_one in signals.values() for one in of_one):
        if signal.kind in SILENCING and signal.at >= enrollment.enrolled_at:
            return Never(STOPPING[signal.kind], f"Seen since: {signal.kind}.")
    settings = CampaignSettings.model_validate(campaign.settings)
    until = await limits.touch_limit(db, members, settings.max_touches_30d, now, touch.id)
    if until is not None:
        return Wait(until, Reason.TOUCH_LIMIT)
    if touch.text_hash is not None and await limits.was_sent(db, members, touch.text_hash, now, touch.id):
        return Never("duplicate_touchpoint", "The same text went to this person before.")
    company_id = await db.scalar(select(Lead.company_id).where(Lead.id == enrollment.lead_id))
    if settings.stop_for_company and company_id is not None:
        who = limits.AtCompany(campaign.id, company_id, members)
        if await limits.is_colleague_in_talks(db, who, touch.id):
            return Wait(now + limits.COMPANY_LOOK, Reason.COMPANY_LOCK)
    return Go()


async def of_the_approval(db: AsyncSession, campaign: Campaign, touch: Touch, run: Run) -> Passage:
    """Whether what is sent is what was approved: this text, to this person, from this account (I19)."""
    settings = CampaignSettings.model_validate(campaign.settings)
    must = touch.needs_approval or (
        settings.approvals.mode == "all" and touch.reaches_person and touch.text_hash is not None
    )
    if touch.approval_id is None:
        return Never("approval_required", "A person approves this text first.") if must else Go()
    approval = await db.get_one(Approval, touch.approval_id, populate_existing=True)
    bound = (approval.content_hash, approval.lead_id, approval.account_id, approval.channel)
    sent = (run.content_hash, touch.lead_id, run.account_id, touch.channel)
    if approval.state != "approved" or bound != sent:
        return Never("approval_stale", "What was approved is not what would be sent.")
    return Go()
