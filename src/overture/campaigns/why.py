"""Why: for a lead and for a whole campaign, what it waits for: a sentence, a code and a next time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, WorkingHours, next_opening
from overture.campaigns.next_actions import SOMEBODYS, next_action
from overture.campaigns.reasons import ALL, WAITING
from overture.campaigns.store import campaign_by_id
from overture.campaigns.tables import OVER, Approval, Campaign, CampaignAccount, Enrollment, Lane, Touch
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
    "planner_behind": "It is due, and no planner has come to it: none is running, or it is far behind.",
}
BEHIND: Final = timedelta(minutes=5)
"""How long something may be due before the planner is named for it: it ticks every few seconds."""
LOGINS: Final = ("login", "account_needs_login")
"""What an account that is logged out says it needs."""
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
    """One reason: its code, a sentence, what to do next, when it is looked at, whether somebody must act."""

    code: str
    sentence: str
    next_action: str
    next_at: datetime | None = None
    needs_someone: bool = False
    detail: str | None = None
    count: int | None = None
    """Of a campaign's reasons: how many leads it holds."""


def reason(
    code: str, next_at: datetime | None = None, detail: str | None = None, count: int | None = None
) -> Why:
    """A reason by its code."""
    return Why(code, SENTENCES[code], next_action(code), next_at, code in SOMEBODYS, detail, count)


async def why(db: AsyncSession, enrollment: Enrollment, now: datetime) -> Why:
    """Why this lead's enrollment does not act now, or why it is over: the outermost reason first."""
    if enrollment.state in OVER:
        return reason(enrollment.reason, detail=enrollment.detail)
    campaign = await campaign_by_id(db, enrollment.campaign_id)
    if enrollment.state == "paused":
        return reason("paused_by_user", detail=enrollment.detail)
    if campaign.state != "active":
        return replace(of_state(campaign), code="campaign_paused")
    if enrollment.reason == "queued":
        return await why_queued(db, enrollment, now)
    if enrollment.reason == "running":
        return await why_running(db, enrollment)
    detail = enrollment.detail
    if enrollment.reason == "waiting_draft":
        detail = await why_not_written(db, enrollment)
    return reason(enrollment.reason, enrollment.next_action_at, detail)


async def why_not_written(db: AsyncSession, enrollment: Enrollment) -> str | None:
    """What kept the model from writing the text when it was last asked."""
    query = select(Approval.note).where(
        Approval.enrollment_id == enrollment.id, Approval.state == "drafting", Approval.note.is_not(None)
    )
    found: str | None = await db.scalar(query.order_by(Approval.id.desc()).limit(1))
    return found


def of_state(campaign: Campaign) -> Why:
    """What a campaign that does not run says."""
    if campaign.state == "draft":
        return reason("draft", detail=campaign.state_reason)
    over = campaign.state in ("completed", "stopped", "archived")
    return reason("campaign_over" if over else "campaign_paused", detail=campaign.state_reason)


async def why_queued(db: AsyncSession, enrollment: Enrollment, now: datetime) -> Why:
    """What its account and lane say, and how many are before it."""
    account = await accounts.by_id(db, enrollment.account_id)
    stop = await why_account(db, account, now)
    before = await ahead_of(db, enrollment)
    place = f"{before} before it in this lane of {account.handle}"
    if stop is not None:
        return replace(stop, detail=place)
    lane = await db.get(Lane, (account.id, enrollment.lane), populate_existing=True)
    if lane is not None and lane.next_at > now and not before and await is_true(db, lane):
        return reason(lane.reason, lane.next_at, place)
    return reason("queued", lane.next_at if lane is not None else now, place)


UNDER_WAY: Final = text("""
select exists (select from runs where account_id = :account and status in ('pending', 'running', 'held')
    and (admitted_at is not null or next_at is not null))
""")


async def is_true(db: AsyncSession, lane: Lane) -> bool:
    """Whether a lane rests for what it says; it also waits a minute for another planner, or a cap, and then
    nothing is under way.
    """
    if lane.reason != "running":
        return lane.reason in ALL
    return bool(await db.scalar(UNDER_WAY, {"account": lane.account_id}))


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
        is_login = account.state_reason in LOGINS
        code = "account_disconnected" if is_login else "challenge_required"
        return reason(code, detail=f"{account.handle}: {account.state_reason}")
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
    """Everything that keeps a campaign from sending now, senders first, then leads, most of them first; each
    with the number of leads it holds and what to do. Never empty.
    """
    if campaign.state != "active":
        held = sum(count for _, count, _ in await waiting(db, campaign))
        return [replace(of_state(campaign), count=held)]
    leads = [reason(code, next_at, count=count) for code, count, next_at in await waiting(db, campaign)]
    behind = [
        reason("planner_behind", one.next_at, one.code, one.count) for one in leads if is_late(one, now)
    ]
    found = [*behind[:1], *await of_accounts(db, campaign, now), *leads]
    return found if leads else [*found, reason(NO_LEADS, count=0)]


def is_late(one: Why, now: datetime) -> bool:
    """Whether the planner should have come to these by now; what queues waits for its lane."""
    is_due = one.next_at is not None and one.next_at < now - BEHIND
    return is_due and one.code in WAITING and one.code != "queued"


async def of_accounts(db: AsyncSession, campaign: Campaign, now: datetime) -> Sequence[Why]:
    """What its accounts say: each one that is stopped, and each lane that rests with leads in its queue."""
    query = select(Account).join(CampaignAccount, CampaignAccount.account_id == Account.id)
    query = query.where(CampaignAccount.campaign_id == campaign.id).order_by(Account.handle)
    rows = (await db.scalars(query)).all()
    if not rows:
        return [reason(NO_ACCOUNT, count=0)]
    queues = await queues_of(db, campaign)
    found: list[Why] = []
    for account in rows:
        stop = await why_account(db, account, now)
        if stop is not None:
            count = sum(one for (account_id, _), one in queues.items() if account_id == account.id)
            found.append(replace(stop, count=count))
            continue
        resting = await db.scalars(select(Lane).where(Lane.account_id == account.id, Lane.next_at > now))
        found += [
            reason(lane.reason, lane.next_at, f"{account.handle}: {lane.lane}", queues[account.id, lane.lane])
            for lane in resting.all()
            if (account.id, lane.lane) in queues and await is_true(db, lane)
        ]
    return found


async def queues_of(db: AsyncSession, campaign: Campaign) -> Mapping[tuple[UUID, str], int]:
    """How many of its leads queue, by account and lane."""
    query = (
        select(Enrollment.account_id, Enrollment.lane, func.count())
        .where(Enrollment.campaign_id == campaign.id, Enrollment.state == "active")
        .where(Enrollment.reason == "queued")
        .group_by(Enrollment.account_id, Enrollment.lane)
    )
    return {(account_id, lane): count for account_id, lane, count in await db.execute(query)}


async def waiting(db: AsyncSession, campaign: Campaign) -> Sequence[tuple[str, int, datetime | None]]:
    """What its leads wait for, with their number and the earliest time; most leads first."""
    query = (
        select(Enrollment.reason, func.count(), func.min(Enrollment.next_action_at))
        .where(Enrollment.campaign_id == campaign.id, Enrollment.state.in_(("active", "paused")))
        .group_by(Enrollment.reason)
        .order_by(func.count().desc(), Enrollment.reason)
    )
    return [(row[0], row[1], row[2]) for row in await db.execute(query)]
