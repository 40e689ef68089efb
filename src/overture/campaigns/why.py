"""Why: for a lead and for a whole campaign, what it waits for: a sentence, a code and a next time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, WorkingHours, next_opening
from overture.campaigns.reasons import ALL, BLOCKED, DONE
from overture.campaigns.store import campaign_by_id
from overture.campaigns.tables import OVER, Campaign, CampaignAccount, Enrollment, Lane, Touch
from overture.core.ids import public_id

NO_LEADS: Final = "no_leads"
NO_ACCOUNT: Final = "no_account"
SENTENCES: Final = {
    **ALL,
    NO_LEADS: "Nobody is enrolled who still waits for something.",
    NO_ACCOUNT: "The campaign has no account to send from.",
    "draft": "The campaign is a draft; it has not been started.",
    "campaign_over": "The campaign is over.",
    "ready": "It is looked at with the next tick of the planner.",
}
AS_WAITING: Final = {
    "account_needs_attention": "challenge_required",
    "waiting_reconcile": "waiting_reconcile",
    "ready": "running",
    "account_busy": "running",
    "target_unresolved": "waiting_reconcile",
    "worker_lost": "running",
}
"""Reasons of runs that enrollments call otherwise."""


@dataclass(frozen=True)
class Why:
    """One reason: its code, a sentence, when it is looked at next, and whether somebody must act."""

    code: str
    sentence: str
    next_at: datetime | None = None
    needs_someone: bool = False
    detail: str | None = None
    count: int | None = None
    """Of a campaign's reasons: how many leads it holds."""


def reason(
    code: str, next_at: datetime | None = None, detail: str | None = None, count: int | None = None
) -> Why:
    """A reason by its code."""
    sentence = SENTENCES.get(code, code)
    return Why(code, sentence, next_at, code in BLOCKED, detail, count)


async def why(db: AsyncSession, enrollment: Enrollment, now: datetime) -> Why:  # noqa: PLR0911 - one for each layer
    """Why this lead's enrollment does not act now, or why it is over: the outermost reason first."""
    if enrollment.state in OVER:
        return Why(enrollment.reason, DONE[enrollment.reason], detail=enrollment.detail)
    campaign = await campaign_by_id(db, enrollment.campaign_id)
    if enrollment.state == "paused":
        return reason("paused_by_user", detail=enrollment.detail)
    if campaign.state == "draft":
        return Why("campaign_paused", SENTENCES["draft"], needs_someone=True)
    if campaign.state != "active":
        return Why("campaign_paused", SENTENCES["campaign_paused"], None, True, campaign.state_reason)
    if enrollment.reason == "queued":
        return await why_queued(db, enrollment, now)
    if enrollment.reason == "running":
        return await why_running(db, enrollment)
    return reason(enrollment.reason, enrollment.next_action_at, enrollment.detail)


async def why_queued(db: AsyncSession, enrollment: Enrollment, now: datetime) -> Why:
    """What its account and lane say, and how many are before it."""
    account = await accounts.by_id(db, enrollment.account_id)
    stop = await why_account(db, account, now)
    before = await ahead_of(db, enrollment)
    place = f"{before} before it in this lane of {account.handle}"
    if stop is not None:
        return Why(stop.code, stop.sentence, stop.next_at, stop.needs_someone, place)
    lane = await db.get(Lane, (account.id, enrollment.lane), populate_existing=True)
    if lane is not None and lane.reason in ALL and lane.next_at > now and not before:
        return reason(lane.reason, lane.next_at, place)
    return reason("queued", lane.next_at if lane is not None else now, place)


AHEAD: Final = text("""
select count(*) from (select 1 from enrollments where account_id = :account and lane = :lane
    and campaign_id = :campaign and state = 'active' and reason = 'queued'
    and (priority > :priority or (priority = :priority and enrollment_id < :id)) limit 10000) before
""")


async def ahead_of(db: AsyncSession, enrollment: Enrollment) -> int:
    """How many of its campaign are before it in the queue."""
    asked = {
        "account": enrollment.account_id,
        "lane": enrollment.lane,
        "campaign": enrollment.campaign_id,
        "priority": enrollment.priority,
        "id": enrollment.id,
    }
    return int(await db.scalar(AHEAD, asked) or 0)


async def why_account(db: AsyncSession, account: Account, now: datetime) -> Why | None:
    """What stops an account, if anything does."""
    if account.removed_at is not None:
        return reason("account_disconnected", detail=f"{account.handle} was removed")
    if account.state == "needs_attention":
        return reason("challenge_required", detail=f"{account.handle}: {account.state_reason}")
    if account.state != "active":
        return reason("account_paused", detail=f"{account.handle}: {account.state_reason}")
    switch = await accounts.stopping(db, account)
    if switch is not None:
        return reason("kill_switch", detail=switch.reason)
    hours = WorkingHours.model_validate(account.working_hours)
    opening = next_opening(hours, account.zone, now)
    return reason("working_hours", opening, account.handle) if opening > now else None


async def why_running(db: AsyncSession, enrollment: Enrollment) -> Why:
    """What its run waits for."""
    query = select(runs.Run).join(Touch, Touch.run_id == runs.Run.id)
    query = query.where(Touch.enrollment_id == enrollment.id, Touch.state.in_(("submitted", "unknown")))
    run = await db.scalar(query.order_by(Touch.planned_at.desc()).limit(1))
    if run is None or run.wait_reason is None:
        return reason("running", enrollment.next_action_at)
    code = AS_WAITING.get(run.wait_reason, run.wait_reason)
    code = code if code in ALL else "running"
    return reason(code, run.next_at or enrollment.next_action_at, public_id("run", run.id))


async def why_not_sending(db: AsyncSession, campaign: Campaign, now: datetime) -> list[Why]:
    """Everything that keeps a campaign from sending now, the weightiest first; empty: it is sending."""
    if campaign.state != "active":
        is_over = campaign.state in ("completed", "stopped", "archived")
        code = "draft" if campaign.state == "draft" else "campaign_over" if is_over else "campaign_paused"
        return [Why(code, SENTENCES[code], needs_someone=not is_over, detail=campaign.state_reason)]
    found = [*await of_accounts(db, campaign, now), *await of_leads(db, campaign)]
    return found or [reason(NO_LEADS)]


async def of_accounts(db: AsyncSession, campaign: Campaign, now: datetime) -> Sequence[Why]:
    """What its accounts say: each one that is stopped, and each lane that rests with leads in its queue."""
    query = select(Account).join(CampaignAccount, CampaignAccount.account_id == Account.id)
    rows = (await db.scalars(query.where(CampaignAccount.campaign_id == campaign.id))).all()
    if not rows:
        return [Why(NO_ACCOUNT, SENTENCES[NO_ACCOUNT], needs_someone=True)]
    found: list[Why] = []
    for account in rows:
        stop = await why_account(db, account, now)
        if stop is not None:
            found.append(stop)
            continue
        resting = await db.scalars(select(Lane).where(Lane.account_id == account.id, Lane.next_at > now))
        found += [
            reason(lane.reason, lane.next_at, f"{account.handle}: {lane.lane}")
            for lane in resting.all()
            if lane.reason in ALL and await has_queue(db, campaign, lane)
        ]
    return found


async def has_queue(db: AsyncSession, campaign: Campaign, lane: Lane) -> bool:
    """Whether a lead of the campaign queues in the lane."""
    query = select(Enrollment.id).where(
        Enrollment.account_id == lane.account_id,
        Enrollment.lane == lane.lane,
        Enrollment.campaign_id == campaign.id,
        Enrollment.state == "active",
        Enrollment.reason == "queued",
    )
    return await db.scalar(query.limit(1)) is not None


async def of_leads(db: AsyncSession, campaign: Campaign) -> Sequence[Why]:
    """What its leads wait for, with their number and the earliest time; most leads first."""
    query = (
        select(Enrollment.reason, func.count(), func.min(Enrollment.next_action_at))
        .where(Enrollment.campaign_id == campaign.id, Enrollment.state.in_(("active", "paused")))
        .group_by(Enrollment.reason)
        .order_by(func.count().desc(), Enrollment.reason)
    )
    return [reason(code, next_at, count=count) for code, count, next_at in await db.execute(query)]
