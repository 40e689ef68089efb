"""Has a model write the drafts that wait for it: claimed, written with no transaction open, handed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.campaigns import approvals, store
from overture.campaigns.facts import Do
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.sending import Act
from overture.campaigns.settings import CampaignSettings
from overture.campaigns.submit import rendered
from overture.campaigns.tables import OVER, Approval, Enrollment
from overture.campaigns.templates import Rendered, room_for
from overture.campaigns.writing import Call, NotWritten, Writer, write_down
from overture.touchpoints import read_touchpoint

AGAIN: Final = timedelta(minutes=10)  # after what passes by itself
MUCH_LATER: Final = timedelta(hours=1)  # after what somebody has to change; once mended, it goes on
SLACK: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Wanted:
    """A draft to be written: whose, the prompt of each field, and how long each may be."""

    approval_id: UUID
    enrollment_id: UUID
    campaign_id: UUID
    prompts: Mapping[str, str]
    room: Mapping[str, int | None]


async def write_drafts(kit: PlannerKit, writer: Writer, most: int = 5) -> int:
    """Write the drafts whose time has come, oldest first; how many were begun. Safe in several copies."""
    if not writer.is_set_up:
        return 0
    claimed = await claim(kit, writer, most)
    for wanted in claimed:
        await write_one(kit, writer, wanted)
    return len(claimed)


async def claim(kit: PlannerKit, writer: Writer, most: int) -> list[Wanted]:
    """Take drafts, so that no other copy writes them as long as this one may be at it."""
    now = writer.clock.now()
    lease = writer.settings.llm_attempts * (writer.settings.llm_timeout + SLACK)
    again_at = cast(Approval.touchpoint["again_at"].astext, DateTime(timezone=True))
    query = (
        select(Approval)
        .where(Approval.state == "drafting", func.coalesce(again_at, now) <= now)
        .order_by(Approval.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    async with kit.sessions.begin() as db:
        found = list((await db.scalars(query)).all())
        wanted = [await wanted_of(db, draft) for draft in found]
        for draft in found:
            draft.touchpoint = {**draft.touchpoint, "again_at": (now + lease).isoformat()}
        return wanted


async def wanted_of(db: AsyncSession, draft: Approval) -> Wanted:
    """What a draft wants written."""
    body: dict[str, Any] = draft.touchpoint
    campaign = await store.campaign_by_id(db, draft.campaign_id)
    link = CampaignSettings.model_validate(campaign.settings).booking_link
    kind, prompts = str(body["touchpoint"].get("type")), dict(body["prompts"])
    room = {name: room_for(kind, name, str(link) if link else None) for name in prompts}
    return Wanted(draft.id, draft.enrollment_id, draft.campaign_id, prompts, room)


async def write_one(kit: PlannerKit, writer: Writer, wanted: Wanted) -> None:
    """Have one draft written and hand it in, or put it off with the reason."""
    texts: dict[str, str] = {}
    for name, prompt in wanted.prompts.items():
        try:
            draft = await writer.write(prompt, limit=wanted.room[name])
        except NotWritten as error:
            await put_off(kit, writer, wanted, error)
            return
        texts[name] = draft.text
        await record(kit, writer, wanted, draft.call)
    await hand_in(kit, wanted, texts, writer.clock.now())


async def record(kit: PlannerKit, writer: Writer, wanted: Wanted, call: Call) -> None:
    """Keep what a request cost, whatever becomes of its text."""
    async with kit.sessions.begin() as db:
        ids = {"campaign_id": wanted.campaign_id, "enrollment_id": wanted.enrollment_id}
        write_down(db, kit.ids, call, writer.clock.now(), **ids)


async def put_off(kit: PlannerKit, writer: Writer, wanted: Wanted, error: NotWritten) -> None:
    """Try a draft again later, and say on it why it is not there."""
    await record(kit, writer, wanted, error.call)
    now = writer.clock.now()
    later = max(error.until or now, now + (AGAIN if error.passes else MUCH_LATER))
    async with kit.sessions.begin() as db:
        draft = await approvals.by_id(db, wanted.approval_id)
        if draft.state == "drafting":
            await approvals.put_off(db, draft, f"{error.code}: {error.message}", later, now)


async def hand_in(kit: PlannerKit, wanted: Wanted, texts: Mapping[str, str], now: datetime) -> None:
    """Put the texts into the draft, when it still waits for them and they make a touchpoint."""
    async with kit.sessions.begin() as db:
        # The enrollment first, as the planner locks them.
        enrollment = await db.get(Enrollment, wanted.enrollment_id, with_for_update=True)
        draft = await approvals.by_id(db, wanted.approval_id)
        if enrollment is None or draft.state != "drafting":
            return
        if enrollment.state in OVER:
            await approvals.make_stale(db, draft, now, "the lead's campaign is over")
            return
        await complete(kit, db, enrollment, draft, dict(texts), now)


async def complete(
    kit: PlannerKit,
    db: AsyncSession,
    enrollment: Enrollment,
    draft: Approval,
    texts: dict[str, str],
    now: datetime,
) -> None:
    """Make the touchpoint of the texts, by the rules every text is made by."""
    (standing,) = await store.standings(db, kit.shelf, [enrollment], now)
    sequence = standing.running.sequence
    if sequence is None or draft.step not in sequence.by_id:
        await approvals.make_stale(db, draft, now, "the sequence has no such step any more")
        return
    account = await accounts.by_id(db, draft.account_id)
    draft.written = {**texts}
    await db.flush()
    act = Act(standing, account, Do(draft.step, draft.fallback, draft.round, now), now)
    made = await rendered(kit, db, act)
    if isinstance(made, Rendered):
        await approvals.written(db, draft, read_touchpoint(dict(made.touchpoint)), texts, now)
        return
    draft.written = None
    why = "the texts make no touchpoint" if not hasattr(made, "detail") else made.detail
    await approvals.put_off(db, draft, why, now + AGAIN, now)
