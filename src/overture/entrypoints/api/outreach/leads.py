"""Routes of leads."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response, status
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from overture import people
from overture.core.errors import Invalid
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.outreach import lead_acts
from overture.entrypoints.api.outreach.asking import WRITE, Ask, DryRun, rehearsed
from overture.entrypoints.api.outreach.events import EventList, event_views
from overture.entrypoints.api.outreach.fields import (
    CampaignId,
    CompanyId,
    LeadIdPath,
    MergeIdPath,
    uuid_in,
)
from overture.entrypoints.api.outreach.lead_shapes import (
    ErasedView,
    LeadDetail,
    LeadFields,
    LeadList,
    LeadReceipt,
    MergeWith,
    NewLeadBody,
    NewLeads,
    StageChange,
    TakenLead,
)
from overture.entrypoints.api.outreach.lead_views import lead_detail, lead_views
from overture.entrypoints.api.outreach.paging import Cut, Listed, cut, numbered
from overture.entrypoints.api.problems import declared
from overture.people import STAGES, LeadFilter
from overture.people.exporting import leads_csv, vcard_of

router = APIRouter(prefix="/api/v1/leads", tags=["leads"], dependencies=[needs_key])
merges = APIRouter(prefix="/api/v1/merges", tags=["leads"], dependencies=[needs_key])

ONE_STAGE: Final = "(" + "|".join(STAGES) + ")"
STAGES_PATTERN: Final = f"^{ONE_STAGE}(,{ONE_STAGE})*$"
CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "CSV in UTF-8; a cell that a spreadsheet would run as a formula begins with '.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}
DOSSIER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Everything that is stored about the person.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/vcard": {"schema": {"type": "string"}},
        },
    }
}
REHEARSED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": TakenLead, "description": "The person was known, or this was a rehearsal."}
}


class Exported(BaseModel):
    """Which leads a file has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: str | None = Field(
        default=None, pattern=STAGES_PATTERN, max_length=200, description="One or several, with commas."
    )
    company: CompanyId | None = Field(default=None, description="Working at this company.")
    source: str | None = Field(
        default=None,
        pattern=r"^[^\x00]*$",
        max_length=200,
        description="From here: `api`, `import:imp_…`.",
    )
    q: str | None = Field(
        default=None,
        pattern=r"^[^\x00]*$",
        max_length=200,
        description="Words of a name, company or title, or a whole e-mail or profile address.",
    )

    def people(self) -> LeadFilter:
        """The same as people are looked for by."""
        return LeadFilter(
            stages=tuple(self.stage.split(",")) if self.stage else (),
            search=self.q,
            source=self.source,
            company_id=uuid_in("com", self.company) if self.company else None,
        )


class Chosen(Exported, Listed):
    """Which leads a list shows."""

    campaign: CampaignId | None = Field(default=None, description="In this campaign.")
    suppressed: bool | None = Field(
        default=None, description="Only those who are (not) to be contacted; a page may then be short."
    )

    def wanted(self) -> lead_acts.Wanted:
        """The same as leads are looked for by."""
        campaign_id = uuid_in("cmp", self.campaign) if self.campaign else None
        return lead_acts.Wanted(self.people(), campaign_id, self.suppressed)


@router.get("", responses=declared())
async def list_leads(
    app: Product, request: Request, response: Response, wanted: Annotated[Chosen, Query()]
) -> LeadList:
    """Leads, newest first; merged and erased ones are not listed."""
    async with app.sessions() as db:
        before = wanted.after(app.api_key)
        found = await lead_acts.find_leads(app, db, wanted.wanted(), before, wanted.limit)
        data = await lead_views(app, db, found.leads)
    page = Cut(found.last, wanted.limit).page(request, response, app.api_key)
    return LeadList(data=data, page=page)


@router.get("/export.csv", response_class=StreamingResponse, responses={**declared(), **CSV})
async def export_leads(app: Product, wanted: Annotated[Exported, Query()]) -> StreamingResponse:
    """Leads as a CSV file, newest first."""

    async def parts() -> AsyncIterator[str]:
        async with app.sessions() as db:
            async for part in leads_csv(db, wanted.people()):
                yield part

    headers = {"Content-Disposition": 'attachment; filename="leads.csv"'}
    return StreamingResponse(parts(), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("", status_code=status.HTTP_201_CREATED, responses={**declared(*WRITE, 409), **REHEARSED})
async def add_lead(
    app: Product, new: NewLeadBody, ask: Ask, response: Response, dry_run: DryRun = False
) -> TakenLead:
    """Take a person in: found by any key and brought up to date, or else a new lead (201)."""
    taken = await ask.once(
        app, TakenLead, lambda db: lead_acts.take_one(app, db, new, dry_run), dry_run=dry_run
    )
    if taken.outcome != "created":
        response.status_code = status.HTTP_200_OK
    if not dry_run:
        response.headers["Location"] = f"/api/v1/leads/{taken.lead.lead_id}"
    return taken


@router.post("/bulk", responses=declared(*WRITE, 409))
async def add_leads(app: Product, several: NewLeads, ask: Ask, dry_run: DryRun = False) -> LeadReceipt:
    """Take several people in, each with its line in the receipt; for files see `/imports`."""
    return await ask.once(
        app, LeadReceipt, lambda db: lead_acts.take_several(app, db, several, dry_run), dry_run=dry_run
    )


@router.get("/{lead_id}", responses=declared(404))
async def get_lead(app: Product, lead_id: LeadIdPath) -> LeadDetail:
    """One person: keys, relationships, campaigns, merges, and whether they may be contacted."""
    async with app.sessions() as db:
        return await lead_detail(app, db, await people.by_id(db, uuid_in("lead", lead_id)))


@router.patch("/{lead_id}", responses=declared(*WRITE, 404, 409))
async def change_lead(
    app: Product, lead_id: LeadIdPath, wanted: LeadFields, dry_run: DryRun = False
) -> LeadDetail:
    """Change what is given; null empties a field. An address or id is added as a further key."""
    found = uuid_in("lead", lead_id)
    return await rehearsed(app, dry_run, lambda db: lead_acts.amend(app, db, found, wanted))


@router.get("/{lead_id}/timeline", responses=declared(404))
async def get_timeline(
    app: Product,
    lead_id: LeadIdPath,
    request: Request,
    response: Response,
    wanted: Annotated[Listed, Query()],
) -> EventList:
    """What happened to the person, newest first: their own events, and those of runs toward them."""
    async with app.sessions() as db:
        before = wanted.place(app.api_key)
        found = await people.timeline(db, uuid_in("lead", lead_id), before, wanted.limit + 1)
        shown, has_more = cut(found, wanted.limit)
        data = await event_views(db, shown)
    last = numbered(shown[-1].id) if has_more else None
    return EventList(data=data, page=Cut(last, wanted.limit).page(request, response, app.api_key))


@router.post("/{lead_id}/merge", responses=declared(*WRITE, 404, 409))
async def merge_lead(
    app: Product, lead_id: LeadIdPath, wanted: MergeWith, dry_run: DryRun = False
) -> LeadDetail:
    """Let another lead go into this one: they are one person. It can be undone."""
    kept_id, merged_id = uuid_in("lead", lead_id), uuid_in("lead", wanted.merged_id)
    return await rehearsed(app, dry_run, lambda db: lead_acts.merge(app, db, kept_id, wanted, merged_id))


@merges.post("/{merge_id}/undo", responses=declared(404, 409))
async def undo_merge(app: Product, merge_id: MergeIdPath, dry_run: DryRun = False) -> LeadDetail:
    """Make two leads of one again, each with its keys."""
    found = uuid_in("mrg", merge_id)
    return await rehearsed(app, dry_run, lambda db: lead_acts.undo_merge(app, db, found))


@router.post("/{lead_id}/stage", responses=declared(*WRITE, 404))
async def set_stage(
    app: Product, by: By, lead_id: LeadIdPath, wanted: StageChange, dry_run: DryRun = False
) -> LeadDetail:
    """Set a lead's stage by hand, from any to any; it is in the log with its reason."""
    found = uuid_in("lead", lead_id)
    return await rehearsed(app, dry_run, lambda db: lead_acts.set_stage(app, db, found, wanted, by))


@router.get("/{lead_id}/export", response_class=Response, responses={**declared(404), **DOSSIER})
async def export_lead(
    app: Product,
    lead_id: LeadIdPath,
    wanted: Annotated[Literal["json", "vcard"], Query(alias="format")] = "json",
) -> Response:
    """Everything that is stored about the person, or a card for an address book."""
    found = uuid_in("lead", lead_id)
    async with app.sessions() as db:
        if wanted == "vcard":
            card = await vcard_of(db, await people.by_id(db, found))
            return Response(card, media_type="text/vcard; charset=utf-8")
        return JSONResponse(await lead_acts.dossier(app, db, found))


@router.delete("/{lead_id}", responses=declared(404, 409))
async def erase_lead(
    app: Product,
    by: By,
    lead_id: LeadIdPath,
    confirm: Annotated[str, Query(max_length=100, description="The lead's id once more.")] = "",
) -> ErasedView:
    """Erase the person for good: what is known goes, hashes keep them from ever being contacted again."""
    if confirm != lead_id:
        entry = PROBLEMS["confirmation_missing"]
        raise Invalid(
            "confirmation_missing",
            entry.meaning,
            fix=entry.fix,
            errors=[
                {"pointer": "/confirm", "location": "query", "code": "missing", "detail": "the lead's id"}
            ],
        )
    found = uuid_in("lead", lead_id)
    return await rehearsed(app, False, lambda db: lead_acts.erase(app, db, found, by))
