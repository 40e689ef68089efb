"""Submitting: the steps whose turn it is are checked once more, rendered, approved, and their runs and
touches written, all in the transaction that found them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account, WorkingHours
from overture.campaigns import ahead, approvals, due, endings, keeping, limits, store
from overture.campaigns.calendar import OpenHours, why_closed
from overture.campaigns.facts import Do, Finish, Wait
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.sending import Act, Look, Ready, submit_all
from overture.campaigns.sequence import Step
from overture.campaigns.store import Standing, is_suppressed
from overture.campaigns.tables import Enrollment
from overture.campaigns.templates import Context, Rendered, ToBeWritten, Unrenderable, render, with_texts
from overture.campaigns.values import values_for
from overture.core.remembered import remembered
from overture.people import Suppression
from overture.touchpoints import read_touchpoint


@dataclass(frozen=True)
class Turn:
    """A lead whose turn it is in a lane of an account."""

    enrollment: Enrollment
    account: Account


@dataclass
class Taken:
    """What became of the leads whose turn it was, by enrollment; of all others there was nothing to do."""

    submitted: set[UUID] = field(default_factory=set)
    later: set[UUID] = field(default_factory=set)
    """Another of the same person, or company, came first: they keep their place."""


async def take(kit: PlannerKit, db: AsyncSession, turns: Sequence[Turn], now: datetime) -> Taken:
    """Do what these turns are for, where it still stands. The leads are locked, one for each lane."""
    enrollments = [one.enrollment for one in turns]
    before = keeping.taken_out(db, enrollments)
    standings = await store.standings(db, kit.shelf, enrollments, now)
    suppressed = await is_suppressed(db, standings, now)
    wanted = [
        found
        for standing, turn in zip(standings, turns, strict=True)
        if (found := decided_again(standing, turn.account, suppressed.get(standing.lead.id), now)) is not None
    ]
    taken = Taken()
    first = one_of_each(wanted, taken)
    await carry_out(kit, db, first, taken, now)
    for one in turns:
        is_elsewhere = (one.enrollment.account_id, one.enrollment.lane) != lane_before(before, one)
        if one.enrollment.reason == "queued" and is_elsewhere:
            # Another lane or account after all: it comes to that queue by itself, with the next tick.
            due.wait(one.enrollment, "delay", now)
    await keeping.keep_changes(db, enrollments, before, now, why="turn")
    return taken


def lane_before(before: Mapping[UUID, Mapping[str, object]], turn: Turn) -> tuple[UUID, str]:
    """Account and lane it queued in."""
    row = before[turn.enrollment.id]
    return cast(UUID, row["account_id"]), cast(str, row["lane"])


@dataclass(frozen=True)
class Wanted:
    """What a turn is for: an act, or a look after an invitation that waits until its deadline."""

    act: Act
    is_look: bool = False


def decided_again(
    standing: Standing, account: Account, suppressed: Suppression | None, now: datetime
) -> Wanted | None:
    """The decision as it is now: much may have happened while it queued. None: nothing is to be done."""
    enrollment = standing.enrollment
    was = (enrollment.account_id, enrollment.lane)
    end = endings.ending(standing.facts, suppressed)
    if end is not None:
        due.finish(enrollment, end, now)
        return None
    if not due.is_running(standing.running):
        due.park(enrollment, now)
        return None
    decision = due.decision_on(standing, now)
    is_look = was[1] == "check_pending" and isinstance(decision, Wait) and decision.reason == "waiting_accept"
    if is_look and is_invited(standing) and isinstance(decision, Wait):
        due.checked(standing, decision, now)
        return Wanted(Act(standing, account, Do(enrollment.step or "", 0, 0, now), now), is_look=True)
    due.apply(standing, decision, now)
    is_here = (enrollment.account_id, enrollment.lane) == was
    if not isinstance(decision, Do) or enrollment.reason != "queued" or not is_here:
        return None
    return Wanted(Act(standing, account, decision, now))


def is_invited(standing: Standing) -> bool:
    """Whether an invitation of ours is out."""
    relationship = standing.facts.relationship
    return relationship is not None and relationship.state == "invited"


def one_of_each(wanted: Sequence[Wanted], taken: Taken) -> list[Wanted]:
    """At most one act for a person, and for a company where that counts: one counts for the next."""
    found: list[Wanted] = []
    met: set[str] = set()
    for one in wanted:
        keys = ahead.keys_of(one.act.standing) if not one.is_look and one.act.reaches_person else []
        if met.isdisjoint(keys):
            met |= set(keys)
            found.append(one)
        else:
            taken.later.add(one.act.enrollment.id)
    return found


async def carry_out(
    kit: PlannerKit, db: AsyncSession, wanted: Sequence[Wanted], taken: Taken, now: datetime
) -> None:
    """Check, render, get approved, submit; whatever is in the way is written down as the reason to wait."""
    reaching = [one.act.standing for one in wanted if not one.is_look and one.act.reaches_person]
    await ahead.lock_persons(db, reaching)
    asked = [(one.act.standing, one.act.account.id) for one in wanted if one.act.standing.facts.touches]
    asked += [(one, one.enrollment.account_id) for one in reaching if not one.facts.touches]
    pasts = await ahead.pasts(db, asked, now)
    looks = [look for one in wanted if one.is_look and (look := look_of(one.act, pasts)) is not None]
    acts = [one.act for one in wanted if not one.is_look]
    live = await ahead.with_approvals(db, [one.standing for one in acts])
    ready = [
        made
        for act in acts
        if await may_act(db, act, pasts)
        and (made := await readied(kit, db, act, Given(pasts, act.enrollment.id in live))) is not None
    ]
    ready = await not_said_before(db, ready, now)
    await submit_all(kit, db, looks, ready, now)
    taken.submitted |= {one.standing.enrollment.id for one in looks}
    taken.submitted |= {one.act.enrollment.id for one in ready}


def look_of(act: Act, pasts: Mapping[UUID, ahead.Past]) -> Look | None:
    """The look after an invitation, if there is a name to look under."""
    target = target_of(act, pasts, "linkedin")
    return Look(act.standing, act.account, target["public_identifier"]) if target is not None else None


async def may_act(db: AsyncSession, act: Act, pasts: Mapping[UUID, ahead.Past]) -> bool:
    """Whether nothing that protects the person, or their hours, is in the way."""
    held = closed_for_lead(act)
    past = pasts.get(act.enrollment.id)
    if held is None and act.reaches_person:
        settings, lead = act.standing.running.settings, act.standing.lead
        if past is not None and past.limit_until is not None:
            held = limits.too_many(settings.max_touches_30d, past.limit_until, act.now)
        elif settings.stop_for_company and lead.company_id is not None:
            held = await limits.holding(db, act.standing, act.now)
    if held is not None:
        due.wait(act.enrollment, held.reason, held.until, held.detail)
    return held is None


@dataclass(frozen=True)
class Given:
    """What is known before a text is made."""

    pasts: Mapping[UUID, ahead.Past]
    has_approval: bool
    """Whether a text of the enrollment was put before a person and stands."""


async def readied(kit: PlannerKit, db: AsyncSession, act: Act, given: Given) -> Ready | None:
    """What is to be sent, rendered and approved; None: why not is written down."""
    enrollment, now = act.enrollment, act.now
    made = await rendered_for(kit, db, act, target_of(act, given.pasts, act.way.channel))
    if isinstance(made, Unrenderable):
        due.wait(enrollment, made.reason, None, made.detail)
        return None
    if isinstance(made, ToBeWritten):
        await approvals.ask_for_draft(kit, db, act.standing, act.do, made, now)
        due.wait(enrollment, "waiting_draft", now + approvals.DRAFT_LOOK)
        return None
    try:
        touchpoint = read_touchpoint(dict(made.touchpoint))
    except ValidationError as error:
        detail = f"no provider takes this {act.way.kind}: {error.title}"
        due.wait(enrollment, "config_invalid", None, detail)
        return None
    asked = approvals.Asked(act.standing, act.do, act.way.channel, touchpoint, made.text)
    said = await approved(kit, db, asked, now, given)
    if isinstance(said, Wait):
        due.wait(enrollment, said.reason, said.until, said.detail)
        if said.reason == "paused_by_user":
            enrollment.state = "paused"
        return None
    text_hash = hash_of(said.text) if act.reaches_person else None
    return Ready(act, said.touchpoint, text_hash, said.approval_id, said.is_needed)


async def approved(
    kit: PlannerKit, db: AsyncSession, asked: approvals.Asked, now: datetime, given: Given
) -> approvals.Cleared | Wait:
    """What stands about a text; where nobody approves anything, that is known beforehand."""
    if given.has_approval or asked.standing.running.settings.approvals.mode != "none":
        return await approvals.standing(kit, db, asked, now)
    return approvals.Cleared(asked.touchpoint, approvals.prose_of(asked.touchpoint), None, is_needed=False)


async def not_said_before(db: AsyncSession, ready: Sequence[Ready], now: datetime) -> list[Ready]:
    """Without those whose text the person got already."""
    texts = [(one.act.standing, one.text_hash) for one in ready if one.text_hash is not None]
    same = await ahead.same_texts(db, texts, now)
    for one in ready:
        if one.act.enrollment.id in same:
            due.finish(one.act.enrollment, Finish("duplicate", "the same text was sent to this person"), now)
    return [one for one in ready if one.act.enrollment.id not in same]


def closed_for_lead(act: Act) -> Wait | None:
    """The wait until the lead's own hours are open too, where the campaign goes by them."""
    settings, lead = act.standing.running.settings, act.standing.lead
    if settings.zone != "both" or not act.reaches_person:
        return None
    rest_days = settings.rest_days.around(act.now.date())
    own = OpenHours(remembered(WorkingHours, act.account.working_hours), act.account.zone, rest_days)
    theirs = OpenHours(settings.lead_hours, lead.zone or act.account.zone, rest_days)
    closed = why_closed(act.now, own, theirs)
    return Wait(closed.until, closed.reason, "the lead's hours count as well") if closed else None


def target_of(act: Act, pasts: Mapping[UUID, ahead.Past], channel: str) -> Mapping[str, str] | None:
    """The fields that say whom a touchpoint is about; None when there is no address for the channel.

    An account names a person as it did before: what it wrote itself is found by that name at the last look.
    """
    keys = act.standing.keys
    if channel == "email":
        return {"to": keys["email"]} if "email" in keys else None
    if channel == "contact_form":
        return {"url": act.standing.lead.website} if act.standing.lead.website else None
    if channel == "phone":
        return {}
    past = pasts.get(act.enrollment.id)
    named = past.named if past is not None else None
    key = named or keys.get("linkedin") or keys.get("linkedin_profile_id")
    return {"public_identifier": key} if key else None


async def rendered(kit: PlannerKit, db: AsyncSession, act: Act) -> Rendered | ToBeWritten | Unrenderable:
    """The touchpoint's text for this lead, with the variant it was dealt."""
    pasts = await ahead.pasts(db, [(act.standing, act.account.id)], act.now)
    return await rendered_for(kit, db, act, target_of(act, pasts, act.way.channel))


async def rendered_for(
    kit: PlannerKit, db: AsyncSession, act: Act, target: Mapping[str, str] | None
) -> Rendered | ToBeWritten | Unrenderable:
    """The same for whom it is about."""
    standing, enrollment = act.standing, act.enrollment
    if target is None:
        missing = "missing_email" if act.way.channel == "email" else "missing_linkedin_url"
        return Unrenderable(missing, f"the lead has no address for {act.way.channel}")
    variant = variant_of(kit, enrollment, act.step)
    link = standing.running.settings.booking_link
    context = Context(
        values=await values_for(db, standing, act.account, act.step),
        target=target,
        booking_link=str(link) if link is not None else None,
        key=f"{enrollment.id}:{act.do.step}",
        rng=kit.rng,
    )
    made = render(act.step, act.do.fallback, variant, context)
    if isinstance(made, ToBeWritten):
        texts = await approvals.texts_for(db, enrollment, act.do)
        return with_texts(act.step, made, texts, context) if texts is not None else made
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
