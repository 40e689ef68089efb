"""Approvals: a person sees the exact text before it is sent, and only that text, to that person, from that
account, on that channel, is sent (I19). Whatever differs is stale.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import closing, store
from overture.campaigns.facts import Do, Wait
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.sequence_channels import TEXT_FIELDS
from overture.campaigns.settings import CampaignSettings
from overture.campaigns.store import Standing
from overture.campaigns.tables import Approval, Enrollment
from overture.campaigns.templates import ToBeWritten
from overture.core.errors import Conflict, Invalid, NotFound
from overture.core.ids import Ids, public_id
from overture.core.rng import Rng
from overture.db import append_events
from overture.touchpoints import Touchpoint, read_touchpoint

PATIENCE: Final = timedelta(days=7)
"""How soon a text nobody decided on is rendered anew: what it says of the person may have changed."""
DRAFT_LOOK: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Asked:
    """A text that is ready, and where it would go."""

    standing: Standing
    do: Do
    channel: str
    touchpoint: Touchpoint
    text: str


@dataclass(frozen=True)
class Cleared:
    """What may be submitted, and on whose word."""

    touchpoint: Touchpoint
    text: str
    approval_id: UUID | None
    is_needed: bool


async def standing(kit: PlannerKit, db: AsyncSession, asked: Asked, now: datetime) -> Cleared | Wait:
    """What stands about this text: cleared, or what it waits for."""
    live = await live_of(db, asked.standing.enrollment, asked.do)
    if live is not None and live.state != "drafting" and not fits(live, asked):
        await make_stale(db, live, now, "the text or its recipient changed")
        live = None
    if live is not None and live.state == "drafting":
        return Wait(now + DRAFT_LOOK, "waiting_draft")
    is_needed = live is not None or await needs(kit.rng, db, asked)
    if live is None and not is_needed:
        return Cleared(asked.touchpoint, prose_of(asked.touchpoint), None, is_needed=False)
    if live is None:
        await request(kit.ids, db, asked, now)
        return Wait(now + PATIENCE, "waiting_approval")
    if live.state == "approved":
        touchpoint = read_touchpoint(live.touchpoint)
        return Cleared(touchpoint, prose_of(touchpoint), live.id, is_needed=True)
    if live.state == "rejected":
        return Wait(None, "paused_by_user", f"the text was rejected: {live.note or 'no reason given'}")
    return Wait(now + PATIENCE, "waiting_approval")


async def live_of(db: AsyncSession, enrollment: Enrollment, do: Do) -> Approval | None:
    """The approval of this try that is not stale, locked."""
    query = select(Approval).where(
        Approval.enrollment_id == enrollment.id,
        Approval.step == do.step,
        Approval.round == do.round,
        Approval.fallback == do.fallback,
        Approval.state != "stale",
    )
    found: Approval | None = await db.scalar(
        query.with_for_update(), execution_options={"populate_existing": True}
    )
    return found


def fits(live: Approval, asked: Asked) -> bool:
    """Whether an approval is about this very text, person, account and channel."""
    enrollment = asked.standing.enrollment
    return (live.rendered_hash, live.lead_id, live.account_id, live.channel) == (
        asked.touchpoint.content_hash(),
        enrollment.lead_id,
        enrollment.account_id,
        asked.channel,
    )


async def needs(rng: Rng, db: AsyncSession, asked: Asked) -> bool:
    """Whether a person must approve it first."""
    if not type(asked.touchpoint).reaches_person or not asked.text:
        return False
    wanted = asked.standing.running.settings.approvals
    match wanted.mode:
        case "none":
            return False
        case "all":
            return True
        case "sample":
            chance = rng.stream("approval", asked.standing.enrollment.id, asked.do.step)
            return chance.uniform(0, 100) < wanted.percent
    return await approved_so_far(db, asked.standing.running.campaign.id, wanted.n) < wanted.n


async def approved_so_far(db: AsyncSession, campaign_id: UUID, most: int) -> int:
    """How many texts of the campaign a person has ever approved, counted up to `most`; one that went stale
    since, or was taken back, was looked at all the same.
    """
    approved = select(Approval.id).where(
        Approval.campaign_id == campaign_id, Approval.approved_at.is_not(None)
    )
    return await db.scalar(select(func.count()).select_from(approved.limit(most).subquery())) or 0


async def request(ids: Ids, db: AsyncSession, asked: Asked, now: datetime) -> Approval:
    """Ask for the approval of a text."""
    enrollment, hashed = asked.standing.enrollment, asked.touchpoint.content_hash()
    made = blank(ids, enrollment, asked.do, asked.channel, now)
    made.touchpoint = asked.touchpoint.model_dump(mode="json", exclude_none=True)
    made.content_hash = made.rendered_hash = hashed
    made.text, made.state, made.origin = asked.text, "pending", "template"
    db.add(made)
    await db.flush()
    await tell(db, made, "approval.requested", now, by="planner")
    return made


def blank(ids: Ids, enrollment: Enrollment, do: Do, channel: str, now: datetime) -> Approval:
    """An approval that says what it is about, and nothing yet of a text."""
    return Approval(
        id=ids.new(),
        enrollment_id=enrollment.id,
        campaign_id=enrollment.campaign_id,
        lead_id=enrollment.lead_id,
        account_id=enrollment.account_id,
        channel=channel,
        step=do.step,
        round=do.round,
        fallback=do.fallback,
        created_at=now,
    )


async def ask_for_draft(
    kit: PlannerKit, db: AsyncSession, of: Standing, do: Do, wanted: ToBeWritten, now: datetime
) -> None:
    """Have a model write: the prompts wait in an approval that is being drafted."""
    if await live_of(db, of.enrollment, do) is not None:
        return
    assert of.running.sequence is not None
    channel = of.running.sequence.by_id[do.step].ways[do.fallback].channel
    made = blank(kit.ids, of.enrollment, do, channel, now)
    made.touchpoint = {"touchpoint": dict(wanted.touchpoint), "prompts": dict(wanted.prompts)}
    made.content_hash = made.rendered_hash = ""
    made.state, made.origin = "drafting", "ai"
    db.add(made)
    await db.flush()
    await tell(db, made, "approval.drafting", now, by="planner")


async def texts_for(db: AsyncSession, enrollment: Enrollment, do: Do) -> dict[str, str] | None:
    """The texts a model wrote for this try, if it has."""
    live = await live_of(db, enrollment, do)
    if live is None or live.written is None:
        return None
    found = live.written or {}
    return {name: str(value) for name, value in found.items()}


async def to_write(db: AsyncSession, most: int) -> list[Approval]:
    """Drafts a model has to write, oldest first, locked."""
    query = select(Approval).where(Approval.state == "drafting").order_by(Approval.id).limit(most)
    return list((await db.scalars(query.with_for_update(skip_locked=True))).all())


async def written(
    db: AsyncSession, draft: Approval, touchpoint: Touchpoint, texts: dict[str, str], now: datetime
) -> None:
    """Take the model's texts into a draft: a person approves it, unless the campaign says otherwise."""
    campaign = await store.campaign_by_id(db, draft.campaign_id)
    settings = CampaignSettings.model_validate(campaign.settings)
    draft.touchpoint = touchpoint.model_dump(mode="json", exclude_none=True)
    draft.content_hash = draft.rendered_hash = touchpoint.content_hash()
    draft.text, draft.written = prose_of(touchpoint), dict(texts)
    draft.note = None
    draft.state = "pending" if settings.drafts_need_approval else "approved"
    if draft.state == "approved":
        draft.decided_by, draft.decided_at = "campaign", now
    await db.flush()
    await tell(db, draft, "approval.written", now, by="model")
    await wake(db, draft, now)


async def put_off(db: AsyncSession, draft: Approval, note: str, until: datetime, now: datetime) -> None:
    """The text could not be written: why, and when the model is asked again."""
    draft.note = note
    draft.touchpoint = {**draft.touchpoint, "again_at": until.isoformat()}
    await db.flush()
    await tell(db, draft, "approval.put_off", now, by="model")


async def by_id(db: AsyncSession, approval_id: UUID) -> Approval:
    """The approval, locked, or a refusal. Its enrollment is locked before it, as the planner does."""
    found = await seen(db, approval_id)
    await store.enrollment_by_id(db, found.enrollment_id, lock=True)
    return await db.get_one(Approval, approval_id, with_for_update=True, populate_existing=True)


async def seen(db: AsyncSession, approval_id: UUID) -> Approval:
    """The approval, only to be looked at, or a refusal."""
    found = await db.get(Approval, approval_id)
    if found is None:
        raise NotFound(
            "approval_not_found",
            f"There is no approval {public_id('apr', approval_id)}.",
            fix="Look at GET /api/v1/approvals for those there are.",
        )
    return found


def allowed(approval: Approval) -> tuple[str, ...]:
    """What may be done to it in its present state."""
    return {
        "pending": ("approve", "reject", "edit"),
        "approved": ("reject", "edit"),
        "rejected": ("edit",),
    }.get(approval.state, ())


def check_allowed(approval: Approval, wanted: str) -> None:
    """Refuse what its state does not allow."""
    if wanted not in allowed(approval):
        is_stale = approval.state == "stale"
        raise Conflict(
            "approval_stale" if is_stale else "illegal_transition",
            f"{public_id('apr', approval.id)} is {approval.state}.",
            fix="Look at the text as it is now; a fresh one is asked for when it changes.",
            current_state=approval.state,
            allowed_actions=list(allowed(approval)),
        )


async def approve(db: AsyncSession, approval: Approval, content_hash: str, by: str, now: datetime) -> None:
    """A person approves the text they saw: its hash says which one that was."""
    check_allowed(approval, "approve")
    if content_hash != approval.content_hash:
        raise Conflict(
            "approval_stale",
            "The text is another one by now.",
            fix="Look at it again and approve that.",
            current_state=approval.state,
            content_hash=approval.content_hash,
            allowed_actions=list(allowed(approval)),
        )
    approval.approved_at = approval.approved_at or now
    await decide(db, approval, "approved", by, now)


async def reject(
    db: AsyncSession, approval: Approval, by: str, now: datetime, note: str | None = None
) -> None:
    """A person does not want it sent; the enrollment pauses until somebody decides what follows."""
    check_allowed(approval, "reject")
    approval.note = note
    await decide(db, approval, "rejected", by, now)


async def edit(
    db: AsyncSession, approval: Approval, fields: dict[str, str], by: str, now: datetime
) -> Approval:
    """A person changes the text: it has a new hash, and is to be approved as it is now."""
    check_allowed(approval, "edit")
    unknown = sorted(set(fields) - (set(TEXT_FIELDS) & set(approval.touchpoint)))
    if unknown:
        raise refused(unknown[0], "is no text of this touchpoint")
    try:
        touchpoint = read_touchpoint({**approval.touchpoint, **fields})
    except ValidationError as error:
        raise refused(str(error.errors()[0]["loc"][-1]), error.errors()[0]["msg"]) from error
    approval.touchpoint = touchpoint.model_dump(mode="json", exclude_none=True)
    approval.content_hash, approval.text = touchpoint.content_hash(), prose_of(touchpoint)
    approval.origin, approval.state = "edited", "pending"
    approval.decided_by = approval.decided_at = None
    await db.flush()
    await tell(db, approval, "approval.edited", now, by=by)
    return approval


def refused(field: str, detail: str) -> Invalid:
    """The refusal of an edit."""
    return Invalid(
        "validation_error",
        f"{field} {detail}.",
        fix="Change only the texts, within their limits.",
        errors=[{"pointer": f"/fields/{field}", "code": "invalid", "detail": detail}],
    )


async def decide(db: AsyncSession, approval: Approval, state: str, by: str, now: datetime) -> None:
    """Write a person's decision down and wake what waits for it."""
    approval.state, approval.decided_by, approval.decided_at = state, by, now
    await db.flush()
    await tell(db, approval, f"approval.{state}", now, by=by)
    await wake(db, approval, now)


async def wake(db: AsyncSession, approval: Approval, now: datetime) -> None:
    """Let the enrollment be decided upon at once."""
    enrollment = await store.enrollment_by_id(db, approval.enrollment_id, lock=True)
    if enrollment.state == "active" and enrollment.reason in ("waiting_approval", "waiting_draft"):
        enrollment.next_action_at = now
        await store.keep(db, [enrollment], now, why="approval")


async def make_stale(db: AsyncSession, approval: Approval, now: datetime, why: str) -> None:
    """It is about another text than the one there is now."""
    approval.state, approval.note = "stale", why
    await db.flush()
    await tell(db, approval, "approval.stale", now, by="planner")


async def forget_rejected(db: AsyncSession, enrollment: Enrollment, now: datetime) -> None:
    """A rejected text is done with: when the enrollment goes on, a fresh one is asked for."""
    query = select(Approval).where(Approval.enrollment_id == enrollment.id, Approval.state == "rejected")
    for one in await db.scalars(query.with_for_update()):
        await make_stale(db, one, now, "the enrollment was resumed")


def prose_of(touchpoint: Touchpoint) -> str:
    """All prose of a touchpoint in one piece."""
    fields = touchpoint.model_dump(mode="json", exclude_none=True)
    return "\n".join(cast(str, fields[name]) for name in TEXT_FIELDS if isinstance(fields.get(name), str))


async def tell(db: AsyncSession, approval: Approval, kind: str, now: datetime, by: str) -> None:
    """The event of an approval."""
    await append_events(db, [(now, kind, closing.about(approval), closing.data_of(approval, by))])
