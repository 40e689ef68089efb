"""What a client can do with enrollments, as parts of a transaction: routes and commands call these."""

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import campaigns, people
from overture.campaigns import Enrollment, Rendered, Text, ToBeWritten, Touch, Unrenderable
from overture.core.errors import Conflict
from overture.core.ids import public_id
from overture.entrypoints.api.outreach.campaign_acts import why_view
from overture.entrypoints.api.outreach.campaign_shapes import WhyView
from overture.entrypoints.api.outreach.enrollment_filter import EnrollmentFilter
from overture.entrypoints.api.outreach.enrollment_shapes import (
    ROWS_SHOWN,
    EnrolledRow,
    EnrollmentDetail,
    EnrollmentReceipt,
    EnrollmentView,
    NewEnrollments,
    Recovered,
    StepText,
    TouchView,
    ViolationView,
)
from overture.entrypoints.api.outreach.fields import shown_id, uuid_in
from overture.entrypoints.api.outreach.lead_views import handles_of
from overture.entrypoints.bootstrap import App
from overture.people import Lead, importing

Verb = Literal["pause", "resume", "stop", "skip_step"]
TAKEN: Final = ("created", "updated", "unchanged")


async def page(
    db: AsyncSession, wanted: EnrollmentFilter, before: UUID | None, size: int
) -> Sequence[Enrollment]:
    """Enrollments newest first, older than the cursor."""
    query = select(Enrollment)
    if wanted.campaign_id is not None:
        query = query.where(Enrollment.campaign_id == wanted.campaign_id)
    if wanted.lead_id is not None:
        person = (await people.persons(db, [wanted.lead_id])).get(wanted.lead_id)
        query = query.where(Enrollment.lead_id.in_(person.all_ids if person else [wanted.lead_id]))
    if wanted.states:
        query = query.where(Enrollment.state.in_(wanted.states))
    if wanted.reasons:
        query = query.where(Enrollment.reason.in_(wanted.reasons))
    if before is not None:
        query = query.where(Enrollment.id < before)
    return (await db.scalars(query.order_by(Enrollment.id.desc()).limit(size))).all()


async def enroll(
    app: App, db: AsyncSession, new: NewEnrollments, by: str, dry_run: bool
) -> EnrollmentReceipt:
    """Put people into a campaign; nobody is left out of the receipt."""
    campaign = await campaigns.campaign_by_id(db, uuid_in("cmp", new.campaign_id), lock=True)
    lead_ids = [uuid_in("lead", one) for one in new.lead_ids]
    if new.from_import is not None:
        lead_ids = await taken_by(db, uuid_in("imp", new.from_import))
    scores = {uuid_in("lead", lead_id): score for lead_id, score in new.scores.items()}
    done = await campaigns.enroll(db, app.ids, campaign, lead_ids, by, app.now(), scores)
    rows = [
        EnrolledRow(
            row=at,
            outcome=row.outcome,
            code=row.code,
            lead_id=public_id("lead", row.lead_id),
            enrollment_id=shown_id("enr", row.enrollment_id),
        )
        for at, row in enumerate(done.rows[:ROWS_SHOWN], 1)
    ]
    return EnrollmentReceipt(
        total=done.total,
        enrolled=done.enrolled,
        ignored=done.ignored,
        skipped=dict(done.skipped),
        dry_run=dry_run,
        rows=rows,
    )


async def taken_by(db: AsyncSession, import_id: UUID) -> list[UUID]:
    """Everybody an import took in or knew, in the order of its file."""
    await importing.by_id(db, import_id)
    found: dict[UUID, None] = {}
    after = 0
    while rows := await importing.rows(db, import_id, after, 5000, TAKEN):
        found |= dict.fromkeys(row.lead_id for row in rows if row.lead_id is not None)
        after = rows[-1].row
        db.expunge_all()
    return list(found)


async def act(app: App, db: AsyncSession, enrollment_id: UUID, verb: Verb, by: str) -> EnrollmentDetail:
    """Pause it, resume it, pass over its step."""
    enrollment = await campaigns.enrollment_by_id(db, enrollment_id, lock=True)
    verbs = {"pause": campaigns.pause, "resume": campaigns.resume, "skip_step": campaigns.skip_step}
    await verbs[verb](db, enrollment, by, app.now())
    return await detail(db, enrollment)


async def stop(app: App, db: AsyncSession, enrollment_id: UUID, reason: str, by: str) -> EnrollmentDetail:
    """End it for good."""
    enrollment = await campaigns.enrollment_by_id(db, enrollment_id, lock=True)
    await campaigns.stop(db, enrollment, by, app.now(), reason)
    return await detail(db, enrollment)


async def why(app: App, db: AsyncSession, enrollment_id: UUID) -> WhyView:
    """Why it does not act now, or why it is over."""
    enrollment = await campaigns.enrollment_by_id(db, enrollment_id)
    return why_view(await campaigns.why(db, enrollment, app.now()))


async def texts(app: App, enrollment_id: UUID) -> list[StepText]:
    """Every text of the sequence for this person; nothing of it is kept."""
    async with app.sessions() as db:
        enrollment = await campaigns.enrollment_by_id(db, enrollment_id)
        found = await campaigns.texts_of(app.planner_kit, db, enrollment, app.now())
        shown = [text_view(one) for one in found]
        await db.rollback()
    return shown


async def texts_for(app: App, db: AsyncSession, campaign_id: UUID, lead_id: UUID) -> list[StepText]:
    """Every text of the draft for somebody who need not be in the campaign."""
    campaign = await campaigns.campaign_by_id(db, campaign_id)
    found = await campaigns.texts_for(app.planner_kit, db, campaign, lead_id, app.now())
    return [text_view(one) for one in found]


def text_view(one: Text) -> StepText:
    """A text as clients see it."""
    fields: dict[str, object] = {}
    match one.made:
        case Rendered(touchpoint, text):
            fields = {"outcome": "rendered", "touchpoint": touchpoint, "text": text}
        case ToBeWritten(touchpoint, prompts):
            fields = {"outcome": "to_be_written", "touchpoint": touchpoint, "prompts": prompts}
        case Unrenderable(reason, said):
            fields = {"outcome": "unrenderable", "reason": reason, "detail": said}
    plain = {name: getattr(one, name) for name in ("step", "way", "channel", "touchpoint_type", "variant")}
    empty = dict.fromkeys(("text", "touchpoint", "prompts", "reason", "detail"))
    return StepText.model_validate({**empty, **plain, **fields})


async def views(db: AsyncSession, found: Sequence[Enrollment]) -> list[EnrollmentView]:
    """These enrollments as clients see them."""
    handles = await handles_of(db, {one.account_id for one in found})
    rows = await db.execute(
        select(Lead.id, Lead.full_name, Lead.first_name, Lead.last_name).where(
            Lead.id.in_({one.lead_id for one in found})
        )
    )
    names = {row[0]: row[1] or " ".join(filter(None, row[2:])) or None for row in rows}
    return [view(one, handles[one.account_id], names.get(one.lead_id)) for one in found]


def view(one: Enrollment, handle: str, name: str | None) -> EnrollmentView:
    """An enrollment as clients see it."""
    columns = {field: getattr(one, field) for field in EnrollmentView.model_fields if hasattr(one, field)}
    ids = {
        "enrollment_id": public_id("enr", one.id),
        "campaign_id": public_id("cmp", one.campaign_id),
        "lead_id": public_id("lead", one.lead_id),
    }
    allowed = campaigns.allowed_of_enrollment(one)
    return EnrollmentView.model_validate(
        {**columns, **ids, "handle": handle, "name": name, "allowed_actions": allowed}
    )


async def detail(db: AsyncSession, enrollment: Enrollment) -> EnrollmentDetail:
    """One enrollment with its acts so far."""
    (seen,) = await views(db, [enrollment])
    query = select(Touch).where(Touch.enrollment_id == enrollment.id).order_by(Touch.planned_at, Touch.id)
    return EnrollmentDetail(
        **seen.model_dump(), touches=[touch_view(touch) for touch in await db.scalars(query)]
    )


def touch_view(touch: Touch) -> TouchView:
    """An act as clients see it."""
    columns = {field: getattr(touch, field) for field in TouchView.model_fields}
    return TouchView(**{**columns, "run_id": public_id("run", touch.run_id)})


async def stuck(app: App, db: AsyncSession) -> list[ViolationView]:
    """Everything that waits silently."""
    return [
        ViolationView(
            enrollment_id=public_id("enr", one.enrollment_id),
            code=one.code,
            sentence=one.sentence,
            since=one.since,
        )
        for one in await campaigns.sweep(db, app.now())
    ]


async def recover_one(app: App, db: AsyncSession, enrollment_id: UUID, by: str) -> EnrollmentDetail:
    """Put one back on its way; what rests or is over is not stuck."""
    enrollment = await campaigns.enrollment_by_id(db, enrollment_id, lock=True)
    if enrollment.state != "active":
        raise Conflict(
            "illegal_transition",
            f"{public_id('enr', enrollment_id)} is {enrollment.state} ({enrollment.reason}).",
            fix="Do one of allowed_actions.",
            current_state=enrollment.state,
            allowed_actions=campaigns.allowed_of_enrollment(enrollment),
        )
    await campaigns.recover(db, enrollment_id, by, app.now())
    return await detail(db, enrollment)


async def recover(app: App, db: AsyncSession, by: str, dry_run: bool) -> Recovered:
    """Put everything that is stuck back on its way."""
    return Recovered(enrollment_ids=await campaigns.recover_all(db, by, app.now()), dry_run=dry_run)
