"""The page of one lead in one campaign: where it stands, why, what was done, and the texts still to come."""

from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, campaigns, people
from overture.campaigns import Enrollment, store
from overture.campaigns.sequence import Sequence, Step
from overture.campaigns.templates import Context, Rendered, ToBeWritten, Unrenderable, render
from overture.campaigns.values import values_of
from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.db import Event
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import campaign_queries as queries
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
    """One step of the sequence as this lead would meet it."""

    step: Step
    kind: str
    is_here: bool
    made: Rendered | ToBeWritten | Unrenderable | None


@router.get("/{enrollment_id}")
async def show_enrollment(request: Request, enrollment_id: str) -> Response:
    """One enrollment with its why, its touches, its texts and its events."""
    app, found = app_of(request), uuid_in("enr", enrollment_id)
    async with app.sessions() as db:
        enrollment = await campaigns.enrollment_by_id(db, found)
        _, lead, name, handle = await queries.one_enrolled(db, found)
        facts: dict[str, Any] = {
            "why": await campaigns.why(db, enrollment, app.now()),
            "touches": [(public_id("run", one.run_id), one) for one in await queries.touches_of(db, found)],
            "events": await events_of(db, enrollment),
            "steps": await preview(app, db, enrollment),
        }
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
        allowed=[verb for verb in campaigns.allowed_of_enrollment(enrollment) if verb in VERBS],
        **facts,
    )


async def events_of(db: AsyncSession, enrollment: Enrollment) -> list[Event]:
    """What happened in this campaign, newest first."""
    whole = await people.timeline(db, enrollment.lead_id, None, EVENTS_SHOWN)
    return [one for one in whole if one.enrollment_id in (None, enrollment.id)]


async def preview(app: App, db: AsyncSession, enrollment: Enrollment) -> list[Shown]:
    """Every step of the published sequence, with its text for this lead as it would be sent now."""
    if enrollment.version_id is None:
        return []
    shelf = store.Shelf()
    plan: Sequence = await shelf.plan(db, enrollment.version_id)
    (standing,) = await store.standings(db, shelf, [enrollment], app.now())
    account = await accounts.by_id(db, enrollment.account_id)
    link = standing.running.settings.booking_link
    context = Context(
        values=values_of(standing, account),
        booking_link=str(link) if link is not None else None,
        rng=app.rng,
    )
    return [shown(step, enrollment, context) for step in plan.steps]


def shown(step: Step, enrollment: Enrollment, context: Context) -> Shown:
    """One step with its own way's text; of several variants the one this lead was dealt, if it was."""
    dealt = enrollment.variants.get(step.id)
    variant = dealt if isinstance(dealt, str) else None
    keyed = replace(context, key=f"{enrollment.id}:{step.id}")
    made = render(step, 0, variant, keyed) if step.ways else None
    kind = "act" if step.ways else "wait" if step.wait_for is not None else "branch"
    return Shown(step, kind, step.id == enrollment.step, made)


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
