"""Submitting: one lead's step is checked once more, rendered, approved, and its run and touch written, all in
the transaction that found it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.accounts import Account, WorkingHours
from overture.campaigns import approvals, due, lanes, limits, store, syncs
from overture.campaigns.calendar import OpenHours, why_closed
from overture.campaigns.facts import Do, Finish, Wait
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.sequence import Step, Way
from overture.campaigns.store import Standing
from overture.campaigns.tables import Enrollment, Touch
from overture.campaigns.templates import Context, Rendered, ToBeWritten, Unrenderable, render, with_texts
from overture.campaigns.values import values_for
from overture.core.ids import public_id
from overture.db import append_events
from overture.people import is_suppressed
from overture.touchpoints import REGISTRY, CheckConnection, Touchpoint, read_touchpoint

RUN_LOOK: Final = timedelta(hours=1)
PRIORITIES: Final = {"follow_up": 6, "inmail": 6, "connect": 5, "check_pending": 4, "enrich": 3, "engage": 3}
PERSON_LOCK: Final = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


@dataclass(frozen=True)
class Act:
    """One step's try as it is about to be submitted."""

    standing: Standing
    account: Account
    do: Do
    now: datetime

    @property
    def enrollment(self) -> Enrollment:
        """Whose it is."""
        return self.standing.enrollment

    @property
    def step(self) -> Step:
        """The step."""
        sequence = self.standing.running.sequence
        assert sequence is not None
        return sequence.by_id[self.do.step]

    @property
    def way(self) -> Way:
        """The way of the step that is tried."""
        return self.step.ways[self.do.fallback]

    @property
    def key(self) -> str:
        """What makes it one act, whatever crashes and whoever plans."""
        return f"enr:{self.enrollment.id}:{self.do.step}:{self.do.round}:{self.do.fallback}"


async def take(
    kit: PlannerKit, db: AsyncSession, enrollment: Enrollment, account: Account, now: datetime
) -> bool:
    """Do what this lead's turn is for, if it still stands; whether a run was submitted."""
    was = (enrollment.account_id, enrollment.lane)
    (standing,) = await store.standings(db, kit.shelf, [enrollment], now)
    submitted = await decide_again(kit, db, standing, account, now)
    if enrollment.reason == "queued":
        # Another lane or account after all. In this very lane it would be found again at once, and for ever.
        assert was != (enrollment.account_id, enrollment.lane)
        await lanes.wake(db, [(enrollment.account_id, enrollment.lane)], now)
    await store.keep(db, [enrollment], now, why="turn")
    return submitted


async def decide_again(
    kit: PlannerKit, db: AsyncSession, standing: Standing, account: Account, now: datetime
) -> bool:
    """The decision as it is now: much may have happened while it queued."""
    enrollment = standing.enrollment
    was = (enrollment.account_id, enrollment.lane)
    suppressed = (await is_suppressed(db, [enrollment.lead_id], now)).get(enrollment.lead_id)
    if suppressed is not None:
        due.finish(enrollment, due.silenced(suppressed.reason), now)
        return False
    decision = due.decision_on(standing, now)
    is_check = (
        was[1] == "check_pending" and isinstance(decision, Wait) and decision.reason == "waiting_accept"
    )
    if is_check and is_invited(standing):
        assert isinstance(decision, Wait)
        return await check(kit, db, standing, account, now, decision.until)
    due.apply(standing, decision, now)
    if not isinstance(decision, Do) or enrollment.reason != "queued":
        return False
    if (enrollment.account_id, enrollment.lane) != was:
        return False
    return await act(kit, db, Act(standing, account, decision, now))


def is_invited(standing: Standing) -> bool:
    """Whether an invitation of ours is out."""
    relationship = standing.facts.relationship
    return relationship is not None and relationship.state == "invited"


async def check(
    kit: PlannerKit,
    db: AsyncSession,
    standing: Standing,
    account: Account,
    now: datetime,
    deadline: datetime | None,
) -> bool:
    """Look after one invitation; what is seen comes back as an event."""
    due.checked(standing, deadline, now)
    target = await target_of(db, standing, account, "linkedin")
    if target is None:
        return False
    touchpoint = CheckConnection(public_identifier=target["public_identifier"])
    tags = ("planner", "check_pending", public_id("enr", standing.enrollment.id))
    request = runs.RunRequest(account.handle, touchpoint, tags=tags, priority=PRIORITIES["check_pending"])
    await runs.submit(db, kit.ids, request, now, kit.leased(now))
    return True


async def act(kit: PlannerKit, db: AsyncSession, acting: Act) -> bool:
    """Check, render, get approved, submit; whatever is in the way is written down as the reason to wait."""
    enrollment, now = acting.enrollment, acting.now
    held = closed_for_lead(acting)
    if held is None and reaches_person(acting.way):
        await lock_person(db, acting.standing)
        held = await limits.holding(db, acting.standing, now)
    if held is not None:
        due.wait(enrollment, held.reason, held.until, held.detail)
        return False
    made = await rendered(kit, db, acting)
    if isinstance(made, Unrenderable):
        due.wait(enrollment, made.reason, None, made.detail)
        return False
    if isinstance(made, ToBeWritten):
        await approvals.ask_for_draft(kit, db, acting.standing, acting.do, made, now)
        due.wait(enrollment, "waiting_draft", now + approvals.DRAFT_LOOK)
        return False
    return await approved_then_sent(kit, db, acting, made)


async def approved_then_sent(kit: PlannerKit, db: AsyncSession, acting: Act, made: Rendered) -> bool:
    """Submit what is approved, or needs no approval."""
    enrollment, now = acting.enrollment, acting.now
    try:
        touchpoint = read_touchpoint(dict(made.touchpoint))
    except ValidationError as error:
        due.wait(
            enrollment, "config_invalid", None, f"no provider takes this {acting.way.kind}: {error.title}"
        )
        return False
    asked = approvals.Asked(acting.standing, acting.do, acting.way.channel, touchpoint, made.text)
    said = await approvals.standing(kit, db, asked, now)
    if isinstance(said, Wait):
        due.wait(enrollment, said.reason, said.until, said.detail)
        if said.reason == "paused_by_user":
            enrollment.state = "paused"
        return False
    touchpoint, prose = said.touchpoint, said.text
    text_hash = hash_of(prose) if reaches_person(acting.way) else None
    if text_hash is not None and await limits.is_same_text(db, acting.standing, text_hash, now):
        due.finish(enrollment, Finish("duplicate", "the same text was sent to this person"), now)
        return False
    await send(kit, db, acting, Ready(touchpoint, text_hash, said.approval_id, said.is_needed))
    return True


@dataclass(frozen=True)
class Ready:
    """What is submitted, and the approval it rests on."""

    touchpoint: Touchpoint
    text_hash: str | None
    approval_id: UUID | None
    needs_approval: bool


async def send(kit: PlannerKit, db: AsyncSession, acting: Act, ready: Ready) -> None:
    """The run, the touch and the enrollment's new state: one transaction, one key."""
    enrollment, do, now, account = acting.enrollment, acting.do, acting.now, acting.account
    tags = ("planner", public_id("cmp", enrollment.campaign_id), public_id("enr", enrollment.id))
    request = runs.RunRequest(
        account.handle,
        ready.touchpoint,
        tags=tags,
        priority=PRIORITIES.get(enrollment.lane, runs.DEFAULT_PRIORITY),
        idempotency_key=acting.key,
    )
    kit.on_step("submit.before")
    submitted = await runs.submit(db, kit.ids, request, now, kit.leased(now))
    kit.on_step("submit.between")
    touch = Touch(
        id=kit.ids.new(),
        enrollment_id=enrollment.id,
        campaign_id=enrollment.campaign_id,
        lead_id=enrollment.lead_id,
        account_id=account.id,
        step=do.step,
        round=do.round,
        fallback=do.fallback,
        run_id=submitted.run.id,
        channel=acting.way.channel,
        touchpoint_type=ready.touchpoint.kind(),
        target=submitted.run.target,
        reaches_person=reaches_person(acting.way),
        variant=cast(str | None, enrollment.variants.get(do.step)),
        text_hash=ready.text_hash,
        approval_id=ready.approval_id,
        needs_approval=ready.needs_approval,
        state="submitted",
        planned_at=now,
    )
    db.add(touch)
    due.wait(enrollment, "running", now + RUN_LOOK)
    await db.flush()
    await append_events(db, [(now, "touch.planned", acting.standing.about, touch_data(touch))])
    if account.channel == "linkedin":
        await syncs.begin(db, account.id, now)


def touch_data(touch: Touch) -> dict[str, object]:
    """What an event tells of a touch."""
    return {
        "touch_id": public_id("tch", touch.id),
        "run_id": public_id("run", touch.run_id),
        "step": touch.step,
        "round": touch.round,
        "fallback": touch.fallback,
        "channel": touch.channel,
        "touchpoint_type": touch.touchpoint_type,
        "variant": touch.variant,
        "state": touch.state,
        "code": touch.code,
    }


def reaches_person(way: Way) -> bool:
    """Whether a way's touchpoint is addressed to the person."""
    known = REGISTRY.get(way.kind)
    return known.reaches_person if known is not None else True


async def lock_person(db: AsyncSession, standing: Standing) -> None:
    """No two planners plan for the same person, or in the same company where that counts, at a time."""
    person = min(standing.member_ids)
    await db.execute(PERSON_LOCK, {"key": f"person:{person}"})
    if standing.running.settings.stop_for_company and standing.lead.company_id is not None:
        await db.execute(PERSON_LOCK, {"key": f"company:{standing.lead.company_id}"})


def closed_for_lead(acting: Act) -> Wait | None:
    """The wait until the lead's own hours are open too, where the campaign goes by them."""
    settings, lead = acting.standing.running.settings, acting.standing.lead
    if settings.zone != "both" or not reaches_person(acting.way):
        return None
    rest_days = settings.rest_days.around(acting.now.date())
    own = OpenHours(WorkingHours.model_validate(acting.account.working_hours), acting.account.zone, rest_days)
    theirs = OpenHours(settings.lead_hours, lead.zone or acting.account.zone, rest_days)
    closed = why_closed(acting.now, own, theirs)
    return Wait(closed.until, closed.reason, "the lead's hours count as well") if closed else None


TARGETED: Final = text("""
select target from touches where account_id = :account and lead_id = any(:leads) and channel = 'linkedin'
  and target is not null order by planned_at desc limit 1
""")


async def target_of(
    db: AsyncSession, standing: Standing, account: Account, channel: str
) -> Mapping[str, str] | None:
    """The fields that say whom a touchpoint is about; None when there is no address for the channel.

    An account names a person as it did before: what it wrote itself is found by that name at the last look.
    """
    keys = standing.keys
    if channel == "email":
        return {"to": keys["email"]} if "email" in keys else None
    if channel == "contact_form":
        return {"url": standing.lead.website} if standing.lead.website else None
    if channel == "phone":
        return {}
    asked = {"account": account.id, "leads": list(standing.member_ids)}
    named = await db.scalar(TARGETED, asked) if standing.facts.touches else None
    key = named or keys.get("linkedin") or keys.get("linkedin_profile_id")
    return {"public_identifier": key} if key else None


async def rendered(kit: PlannerKit, db: AsyncSession, acting: Act) -> Rendered | ToBeWritten | Unrenderable:
    """The touchpoint's text for this lead, with the variant it was dealt."""
    standing, enrollment = acting.standing, acting.enrollment
    target = await target_of(db, standing, acting.account, acting.way.channel)
    if target is None:
        missing = "missing_email" if acting.way.channel == "email" else "missing_linkedin_url"
        return Unrenderable(missing, f"the lead has no address for {acting.way.channel}")
    variant = variant_of(kit, enrollment, acting.step)
    link = standing.running.settings.booking_link
    context = Context(
        values=await values_for(db, standing, acting.account, acting.step),
        target=target,
        booking_link=str(link) if link is not None else None,
        key=f"{enrollment.id}:{acting.do.step}",
        rng=kit.rng,
    )
    made = render(acting.step, acting.do.fallback, variant, context)
    if isinstance(made, ToBeWritten):
        texts = await approvals.texts_for(db, enrollment, acting.do)
        return with_texts(acting.step, made, texts, context) if texts is not None else made
    return made


def variant_of(kit: PlannerKit, enrollment: Enrollment, step: Step) -> str | None:
    """The variant this lead was dealt for the step, for good."""
    if not step.variants:
        return None
    dealt = enrollment.variants.get(step.id)
    if isinstance(dealt, str) and any(one.id == dealt for one in step.variants):
        return dealt
    chance = kit.rng.stream("variant", enrollment.id, step.id)
    chosen = chance.choices(step.variants, [one.weight for one in step.variants])[0].id
    enrollment.variants = {**enrollment.variants, step.id: chosen}
    return chosen


def hash_of(prose: str) -> str | None:
    """SHA-256 of a text in one spelling; None of no text."""
    spelled = " ".join(prose.split()).casefold()
    return hashlib.sha256(spelled.encode()).hexdigest() if spelled else None
