"""The life of a campaign: made as a draft, started, paused, resumed, completed, stopped, archived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.campaigns import closing, held_runs, lanes, publish, store, syncs
from overture.campaigns.planner_kit import PARKED
from overture.campaigns.reasons import WAITING
from overture.campaigns.sequence import sequence_of
from overture.campaigns.settings import CampaignSettings
from overture.campaigns.tables import Campaign, CampaignAccount, Touch
from overture.core.errors import Conflict
from overture.core.ids import Ids, public_id
from overture.db import About, append_events

VERBS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "start": (("draft",), "active"),
    "pause": (("active",), "paused"),
    "resume": (("paused",), "active"),
    "complete": (("active", "paused"), "completed"),
    "stop": (("active", "paused"), "stopped"),
    "archive": (("draft", "completed", "stopped"), "archived"),
}
"""From which states each verb leads where."""
STATE_EVENT: Final = {
    "start": "campaign.started",
    "pause": "campaign.paused",
    "resume": "campaign.resumed",
    "complete": "campaign.completed",
    "stop": "campaign.stopped",
    "archive": "campaign.archived",
}


@dataclass(frozen=True)
class NewCampaign:
    """What a campaign is made of."""

    name: str
    sequence: Mapping[str, object]
    settings: CampaignSettings = field(default_factory=CampaignSettings)


def allowed(campaign: Campaign) -> list[str]:
    """What may be done to it in its present state."""
    return [verb for verb, (states, _) in VERBS.items() if campaign.state in states]


async def create(db: AsyncSession, ids: Ids, new: NewCampaign, by: str, now: datetime) -> Campaign:
    """Make a draft; a name that is taken is refused."""
    await check_name(db, new.name, None)
    campaign = Campaign(
        id=ids.new(),
        name=new.name,
        state="draft",
        settings=new.settings.model_dump(mode="json"),
        draft=dict(new.sequence),
        revision=1,
        created_at=now,
        updated_at=now,
    )
    db.add(campaign)
    await db.flush()
    await seat_accounts(db, campaign, new.settings)
    await tell(db, campaign, "campaign.created", now, by)
    return campaign


async def check_name(db: AsyncSession, name: str, own: UUID | None) -> None:
    """Refuse a name another campaign has that is not archived."""
    query = select(Campaign.id).where(func.lower(Campaign.name) == name.lower(), Campaign.state != "archived")
    found = await db.scalar(query)
    if found is not None and found != own:
        raise Conflict(
            "name_taken",
            f"There is a campaign {name!r} already.",
            fix="Choose another name.",
            campaign_id=public_id("cmp", found),
        )


@dataclass(frozen=True)
class CampaignChange:
    """What may be changed; None stays. `revision`: the one the editor saw, so that no edit is lost."""

    name: str | None = None
    sequence: Mapping[str, object] | None = None
    settings: CampaignSettings | None = None
    revision: int | None = None


async def change(
    db: AsyncSession, campaign: Campaign, wanted: CampaignChange, by: str, now: datetime
) -> None:
    """Change name, settings or the draft of the sequence; what is published stays until it is published."""
    if campaign.state == "archived":
        raise refuse(campaign, "changed")
    if wanted.revision is not None and wanted.revision != campaign.revision:
        raise Conflict(
            "etag_mismatch",
            f"The campaign was changed meanwhile (revision {campaign.revision}).",
            fix="Read it again and apply your change to that.",
            revision=campaign.revision,
        )
    if wanted.name is not None:
        await check_name(db, wanted.name, campaign.id)
        campaign.name = wanted.name
    if wanted.sequence is not None:
        sequence_of(dict(wanted.sequence))
        campaign.draft = dict(wanted.sequence)
    if wanted.settings is not None:
        campaign.settings = wanted.settings.model_dump(mode="json")
        await seat_accounts(db, campaign, wanted.settings)
    campaign.revision += 1
    campaign.updated_at = now
    await db.flush()
    await tell(db, campaign, "campaign.changed", now, by)


async def seat_accounts(db: AsyncSession, campaign: Campaign, settings: CampaignSettings) -> None:
    """Keep a row for each sender. One that is taken out gets no more leads, yet goes on with its own."""
    rows = {
        one.account_id: one
        for one in await db.scalars(
            select(CampaignAccount).where(CampaignAccount.campaign_id == campaign.id).with_for_update()
        )
    }
    for handle, weight in settings.accounts.items():
        account = await accounts.by_handle(db, handle)
        if account.id in rows:
            rows[account.id].weight = weight
        else:
            db.add(
                CampaignAccount(
                    campaign_id=campaign.id, account_id=account.id, weight=weight, dealt=0, served_at=None
                )
            )
    await db.flush()


def refuse(campaign: Campaign, wanted: str) -> Conflict:
    """The refusal of what the campaign's state does not allow."""
    return Conflict(
        "illegal_transition",
        f"{public_id('cmp', campaign.id)} is {campaign.state}; it cannot be {wanted}.",
        fix="Do one of allowed_actions.",
        current_state=campaign.state,
        allowed_actions=allowed(campaign),
    )


async def do(  # noqa: PLR0913, PLR0917 - who, what, why and when, as every verb has them
    db: AsyncSession,
    ids: Ids,
    campaign: Campaign,
    verb: str,
    by: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Carry out a verb of a campaign whose row is locked, or refuse it."""
    states, to = VERBS[verb]
    if campaign.state not in states:
        raise refuse(campaign, verb)
    if verb == "start":
        if campaign.version_id is None:
            await publish.publish(db, ids, campaign, by, now)
        campaign.started_at = now
    campaign.state, campaign.state_reason, campaign.updated_at = to, reason, now
    await db.flush()
    await tell(db, campaign, STATE_EVENT[verb], now, by)
    if to == "active":
        await let_go(db, campaign, now)
    if to == "paused":
        await hold(db, campaign, now)
    if to in ("completed", "stopped"):
        await call_back(db, campaign, now)
        await end_enrollments(db, campaign, now, by)


HOLD: Final = text(
    store.telling("""
update enrollments set reason = 'campaign_paused', detail = null,
    backoff_hours = case when reason = 'waiting_accept' then backoff_hours end,
    next_action_at = case when reason = 'queued' then cast(:parked as timestamptz) else next_action_at end
where enrollment_id in (
    select enrollment_id from enrollments where campaign_id = :campaign and state = 'active'
      and reason = any(:waiting) order by enrollment_id for update)
""")
)
UNDER_WAY: Final = ("running", "waiting_reconcile")


async def hold(db: AsyncSession, campaign: Campaign, now: datetime) -> None:
    """Say of everybody who waits that the campaign is paused: nobody queues where nothing is served.

    What is under way goes on saying so, and what needs somebody needs them still.
    """
    asked = {
        "campaign": campaign.id,
        "waiting": sorted(set(WAITING) - {*UNDER_WAY, "campaign_paused"}),
        "parked": now + PARKED,
        "now": now,
    }
    await db.execute(HOLD, {**asked, "why": "campaign", "by": "campaign"})


# An invitation whose next look is not due yet keeps its time; everybody else is decided upon at once.
LET_GO: Final = text(
    store.telling("""
update enrollments set version_id = coalesce(version_id, cast(:version as uuid)),
    reason = case when backoff_hours is null then reason else 'waiting_accept' end,
    next_action_at = case when backoff_hours is null then :now else next_action_at end
where enrollment_id in (
    select enrollment_id from enrollments where campaign_id = :campaign and state = 'active'
      and reason = 'campaign_paused' order by enrollment_id for update)
""")
)


async def let_go(db: AsyncSession, campaign: Campaign, now: datetime) -> None:
    """Wake what waited for the campaign, its senders' lanes, and the reading of their inboxes."""
    asked = {"campaign": campaign.id, "version": campaign.version_id, "now": now}
    await db.execute(LET_GO, {**asked, "why": "campaign", "by": "campaign"})
    await held_runs.hurry(db, "campaign", campaign.id, now)
    senders = await senders_of(db, campaign.id)
    await lanes.rouse(db, senders, now)
    await db.execute(IDLE, {"accounts": list(senders), "now": now})
    await syncs.read_soon(db, list(senders), now)


IDLE: Final = text("""
update lanes set next_at = :now, reason = 'ready' where account_id = any(:accounts) and reason = 'idle'
""")


async def senders_of(db: AsyncSession, campaign_id: UUID) -> Sequence[UUID]:
    """The accounts that act for a campaign."""
    query = select(CampaignAccount.account_id).where(CampaignAccount.campaign_id == campaign_id)
    return (await db.scalars(query.order_by(CampaignAccount.account_id))).all()


async def call_back(db: AsyncSession, campaign: Campaign, now: datetime) -> None:
    """Cancel the runs that have not acted yet."""
    query = (
        select(runs.Run)
        .join(Touch, Touch.run_id == runs.Run.id)
        .where(Touch.campaign_id == campaign.id, Touch.state == "submitted")
        .where(runs.Run.status.in_(("pending", "running")))
    )
    for run in await db.scalars(query.order_by(runs.Run.id).with_for_update(of=runs.Run)):
        await runs.cancel(db, run, now)


END: Final = text(
    store.telling(
        """
update enrollments set state = 'ignored', reason = 'stopped_by_user', detail = null, next_action_at = null,
    finished_at = :now
where campaign_id = :campaign and state in ('active', 'paused')
""",
        "enrollment.finished",
    )
)


async def end_enrollments(db: AsyncSession, campaign: Campaign, now: datetime, by: str) -> None:
    """Nobody is left waiting in a campaign that is over."""
    await db.execute(END, {"campaign": campaign.id, "now": now, "why": "campaign", "by": by})
    await closing.close_of_campaign(db, campaign.id, now)


async def tell(db: AsyncSession, campaign: Campaign, kind: str, now: datetime, by: str) -> None:
    """The event of a campaign: its whole state."""
    data = {
        "name": campaign.name,
        "state": campaign.state,
        "state_reason": campaign.state_reason,
        "revision": campaign.revision,
        "version_id": str(campaign.version_id) if campaign.version_id is not None else None,
        "settings": campaign.settings,
        "by": by,
    }
    await append_events(db, [(now, kind, About(campaign_id=campaign.id), data)])


by_id = store.campaign_by_id
