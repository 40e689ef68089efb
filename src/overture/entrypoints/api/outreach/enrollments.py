"""Routes of enrollments: who is in a campaign, where they stand, why they wait, and what they would get."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response

from overture import campaigns
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.outreach import enrollment_acts
from overture.entrypoints.api.outreach.asking import WRITE, Ask, DryRun, rehearsed
from overture.entrypoints.api.outreach.campaign_shapes import WhyView
from overture.entrypoints.api.outreach.enrollment_acts import Verb
from overture.entrypoints.api.outreach.enrollment_shapes import (
    ChosenAnywhere,
    EnrollmentDetail,
    EnrollmentList,
    EnrollmentReceipt,
    NewEnrollments,
    Recovered,
    StopReason,
    TextList,
    ViolationList,
)
from overture.entrypoints.api.outreach.fields import EnrollmentIdPath, uuid_in
from overture.entrypoints.api.outreach.paging import Cut, cut
from overture.entrypoints.api.problems import declared
from overture.entrypoints.bootstrap import App

router = APIRouter(prefix="/api/v1/enrollments", tags=["enrollments"], dependencies=[needs_key])


@router.get("", responses=declared())
async def list_enrollments(
    app: Product, request: Request, response: Response, wanted: Annotated[ChosenAnywhere, Query()]
) -> EnrollmentList:
    """Enrollments, newest first."""
    async with app.sessions() as db:
        before = wanted.after(app.api_key)
        rows = await enrollment_acts.page(db, wanted.filter(), before, wanted.limit + 1)
        shown, has_more = cut(rows, wanted.limit)
        data = await enrollment_acts.views(db, shown)
    last = shown[-1].id if has_more else None
    return EnrollmentList(data=data, page=Cut(last, wanted.limit).page(request, response, app.api_key))


@router.post("", responses=declared(*WRITE, 404, 409))
async def enroll_leads(
    app: Product, by: By, new: NewEnrollments, ask: Ask, dry_run: DryRun = False
) -> EnrollmentReceipt:
    """Put people into a campaign, each at most once, dealt to its accounts by weight.

    The receipt leaves nobody out; a rehearsal gives the same receipt and enrolls nobody.
    """
    return await ask.once(
        app, EnrollmentReceipt, lambda db: enrollment_acts.enroll(app, db, new, by, dry_run), dry_run=dry_run
    )


@router.get("/stuck", responses=declared())
async def list_stuck_enrollments(app: Product) -> ViolationList:
    """Enrollments that wait silently: there should never be one."""
    async with app.sessions() as db:
        return ViolationList(data=await enrollment_acts.stuck(app, db))


@router.post("/recover", responses=declared())
async def recover_enrollments(app: Product, by: By, dry_run: DryRun = False) -> Recovered:
    """Put whatever is stuck back on its way: it is decided upon anew, and the log says who asked."""
    return await rehearsed(app, dry_run, lambda db: enrollment_acts.recover(app, db, by, dry_run))


@router.get("/{enrollment_id}", responses=declared(404))
async def get_enrollment(app: Product, enrollment_id: EnrollmentIdPath) -> EnrollmentDetail:
    """One person's way through a campaign so far."""
    async with app.sessions() as db:
        found = await campaigns.enrollment_by_id(db, uuid_in("enr", enrollment_id))
        return await enrollment_acts.detail(db, found)


@router.get("/{enrollment_id}/why", responses=declared(404))
async def get_why(app: Product, enrollment_id: EnrollmentIdPath) -> WhyView:
    """Why nothing happens now and until when, or why it is over."""
    async with app.sessions() as db:
        return await enrollment_acts.why(app, db, uuid_in("enr", enrollment_id))


@router.get("/{enrollment_id}/preview", responses=declared(404))
async def preview_enrollment(app: Product, enrollment_id: EnrollmentIdPath) -> TextList:
    """Every text of the sequence as this person would get it."""
    return TextList(data=await enrollment_acts.texts(app, uuid_in("enr", enrollment_id)))


async def acted(app: App, by: str, enrollment_id: str, verb: Verb, dry_run: bool) -> EnrollmentDetail:
    """Carry out a verb."""
    found = uuid_in("enr", enrollment_id)
    return await rehearsed(app, dry_run, lambda db: enrollment_acts.act(app, db, found, verb, by))


@router.post("/{enrollment_id}/pause", responses=declared(404, 409))
async def pause_enrollment(
    app: Product, by: By, enrollment_id: EnrollmentIdPath, dry_run: DryRun = False
) -> EnrollmentDetail:
    """Let it rest until somebody resumes it."""
    return await acted(app, by, enrollment_id, "pause", dry_run)


@router.post("/{enrollment_id}/resume", responses=declared(404, 409))
async def resume_enrollment(
    app: Product, by: By, enrollment_id: EnrollmentIdPath, dry_run: DryRun = False
) -> EnrollmentDetail:
    """Let it go on."""
    return await acted(app, by, enrollment_id, "resume", dry_run)


@router.post("/{enrollment_id}/skip_step", responses=declared(404, 409))
async def skip_step(
    app: Product, by: By, enrollment_id: EnrollmentIdPath, dry_run: DryRun = False
) -> EnrollmentDetail:
    """Pass over the step it stands at."""
    return await acted(app, by, enrollment_id, "skip_step", dry_run)


@router.post("/{enrollment_id}/recover", responses=declared(404, 409))
async def recover_enrollment(
    app: Product, by: By, enrollment_id: EnrollmentIdPath, dry_run: DryRun = False
) -> EnrollmentDetail:
    """Put this one back on its way, stuck or not: it is decided upon anew, and the log says who asked."""
    found = uuid_in("enr", enrollment_id)
    return await rehearsed(app, dry_run, lambda db: enrollment_acts.recover_one(app, db, found, by))


@router.post("/{enrollment_id}/stop", responses=declared(400, 404, 409, 413, 415))
async def stop_enrollment(
    app: Product,
    by: By,
    enrollment_id: EnrollmentIdPath,
    wanted: Annotated[StopReason | None, Body()] = None,
    dry_run: DryRun = False,
) -> EnrollmentDetail:
    """End it for good; a run that has not acted is called back."""
    found, reason = uuid_in("enr", enrollment_id), (wanted or StopReason()).reason
    return await rehearsed(app, dry_run, lambda db: enrollment_acts.stop(app, db, found, reason, by))
