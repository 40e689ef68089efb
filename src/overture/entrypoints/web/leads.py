"""The pages of people: a filtered table, and each lead with its keys, campaigns and timeline."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, field_validator

from overture import campaigns, people
from overture.core.ids import read_public_id
from overture.entrypoints.api.cursor import cursor_after, read_cursor
from overture.entrypoints.api.outreach.lead_acts import Wanted, find_leads
from overture.entrypoints.api.outreach.lead_views import lead_detail, lead_views
from overture.entrypoints.web import told
from overture.entrypoints.web.campaigns import uuid_in
from overture.entrypoints.web.render import app_of, show, with_query
from overture.people import STAGES, LeadFilter

router = APIRouter(prefix="/leads")

PAGE: Final = 50
EVENTS_SHOWN: Final = 100


class Asked(BaseModel):
    """The filter as the address holds it; an empty field is no condition."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    q: str | None = None
    stage: str | None = None
    source: str | None = None
    suppressed: bool | None = None
    cursor: str | None = None

    @field_validator("*", mode="before")
    @classmethod
    def empty_is_none(cls, value: object) -> object:
        """Forms send fields that were left empty."""
        return None if value == "" else value

    def wanted(self) -> Wanted:
        """The same as the people layer takes it."""
        stages = (self.stage,) if self.stage in STAGES else ()
        search = self.q.replace("\x00", "") if self.q else None
        return Wanted(LeadFilter(stages=stages, search=search, source=self.source), None, self.suppressed)


@router.get("")
async def list_leads(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Leads, newest first."""
    app = app_of(request)
    before = read_cursor(asked.cursor, app.api_key) if asked.cursor else None
    async with app.sessions() as db:
        found = await find_leads(app, db, asked.wanted(), before, PAGE)
        rows = await lead_views(app, db, found.leads)
        counts = await people.stage_counts(db)
    conditions = asked.model_dump(mode="json", exclude={"cursor"})
    older = cursor_after(found.last, app.api_key) if found.last is not None else None
    return show(
        request,
        "leads.html",
        fragment="leads_live.html",
        rows=rows,
        counts=counts,
        conditions=conditions,
        is_filtered=any(value is not None for value in conditions.values()),
        older=with_query("/leads", {**conditions, "cursor": older}) if older else None,
    )


@router.get("/{lead_id}")
async def show_lead(request: Request, lead_id: str) -> Response:
    """One person: who they are, what accounts are to them, every campaign with its why, and the timeline."""
    app, found = app_of(request), uuid_in("lead", lead_id)
    async with app.sessions() as db:
        lead = await people.by_id(db, found)
        seen = await lead_detail(app, db, lead)
        whys = {}
        for one in seen.enrollments:
            enrollment_id = read_public_id("enr", one.enrollment_id)
            if enrollment_id is not None:
                enrollment = await campaigns.enrollment_by_id(db, enrollment_id)
                whys[one.enrollment_id] = await campaigns.why(db, enrollment, app.now())
        events = await people.timeline(db, found, None, EVENTS_SHOWN)
        lines = await told.lines(db, events)
    return show(
        request,
        "lead.html",
        fragment="lead_live.html",
        lead=seen,
        whys=whys,
        events=lines,
        is_cut=len(events) == EVENTS_SHOWN,
    )
