"""The page of one lead in one campaign: where it stands, why, what was done, and the texts still to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from overture import campaigns, people
from overture.campaigns import OVER, Enrollment, Text, Touch, store
from overture.campaigns.sequence import Step, sequence_of
from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import campaign_queries as queries
from overture.entrypoints.web import told
from overture.entrypoints.web.campaigns import uuid_in
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.render import app_of, go, show

router = APIRouter(prefix="/enrollments")

EVENTS_SHOWN: Final = 60
VERBS: Final = {
    "pause": (campaigns.pause, "It rests until somebody resumes it."),
    "resume": (campaigns.resume, "It goes on."),
    "stop": (campaigns.stop, "It is over for this campaign."),
    "skip_step": (campaigns.skip_step, "The step is passed over."),
}


@dataclass(frozen=True)
class Shown:
    """One step of the sequence as this lead meets it: the texts it would get, or what was done."""

    step: Step
    kind: str
    is_here: bool
    texts: list[Text]
    done: Touch | None
    """The newest touch of the step."""


@router.get("/{enrollment_id}")
async def show_enrollment(request: Request, enrollment_id: str) -> Response:
    """One enrollment with its why, its touches, its texts and its events."""
    app, found = app_of(request), uuid_in("enr", enrollment_id)
    async with app.sessions() as db:
        enrollment = await campaigns.enrollment_by_id(db, found)
        touches = await queries.touches_of(db, found)
        _, lead, name, handle = await queries.one_enrolled(db, found)
        facts: dict[str, Any] = {
            "why": await campaigns.why(db, enrollment, app.now()),
            "touches": [(public_id("run", one.run_id), one) for one in touches],
            "events": await events_of(db, enrollment),
        }
    steps = await preview(app, found, touches)
    return show(
        request,
        "enrollment.html",
        fragment="enrollment_live.html",
        enrollment=enrollment,
        enrollment_id=enrollment_id,
        lead=lead,
        lead_id=public_id("lead", lead.id),
        campaign_name=name,
        campaign_id=public_id("cmp", enrollment.campaign_id),
        handle=handle,
        steps=steps,
        is_over=enrollment.state in OVER,
        allowed=[verb for verb in campaigns.allowed_of_enrollment(enrollment) if verb in VERBS],
        **facts,
    )


async def events_of(db: AsyncSession, enrollment: Enrollment) -> list[told.Line]:
    """What happened in this campaign, newest first."""
    whole = await people.timeline(db, enrollment.lead_id, None, EVENTS_SHOWN)
    return await told.lines(db, [one for one in whole if one.enrollment_id in (None, enrollment.id)])


async def preview(app: App, enrollment_id: UUID, touches: Sequence[Touch]) -> list[Shown]:
    """Every step of its sequence with the texts this lead would get now, made as the planner makes them.

    In a session of its own: variants that are dealt for it are not kept.
    """
    newest = {one.step: one for one in reversed(touches)}
    async with app.sessions() as db:
        enrollment = await campaigns.enrollment_by_id(db, enrollment_id)
        at = enrollment.step
        plan = await sequence_for(db, enrollment)
        texts = await campaigns.texts_of(app.planner_kit, db, enrollment, app.now())
        await db.rollback()
    return [
        Shown(
            step,
            "act" if step.ways else "wait" if step.wait_for is not None else "branch",
            step.id == at,
            [one for one in texts if one.step == step.id],
            newest.get(step.id),
        )
        for step in plan.steps
    ]


async def sequence_for(db: AsyncSession, enrollment: Enrollment) -> campaigns.Sequence:
    """The version it goes by, or the draft of a campaign that was never started."""
    if enrollment.version_id is not None:
        return await store.Shelf().plan(db, enrollment.version_id)
    campaign = await campaigns.campaign_by_id(db, enrollment.campaign_id)
    return sequence_of(campaign.draft)


@router.post("/{enrollment_id}/{verb}")
async def act_on_enrollment(request: Request, enrollment_id: str, verb: str) -> Response:
    """Pause, resume, stop or skip a step."""
    app, found = app_of(request), uuid_in("enr", enrollment_id)
    if verb not in VERBS:
        raise NotFound("not_found", "There is no such thing to do.", fix="Press one of the buttons.")
    act, says = VERBS[verb]
    async with app.sessions.begin() as db:
        enrollment = await campaigns.enrollment_by_id(db, found, lock=True)
        await act(db, enrollment, BY, app.now())
    return go(request, f"/enrollments/{enrollment_id}", says)
