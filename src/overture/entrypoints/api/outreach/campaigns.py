"""Routes of campaigns: a draft is validated, published, started, watched."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Header, Path, Query, Request, Response, status
from pydantic import Field

from overture import campaigns
from overture.campaigns import CAMPAIGN_STATES
from overture.core.errors import Invalid, Unguarded
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.outreach import campaign_acts, enrollment_acts
from overture.entrypoints.api.outreach.asking import WRITE, Ask, DryRun, or_ok, rehearsed
from overture.entrypoints.api.outreach.campaign_acts import Act, CampaignFilter
from overture.entrypoints.api.outreach.campaign_shapes import (
    CampaignDetail,
    CampaignList,
    CampaignPatch,
    Document,
    Duplicate,
    NewCampaignBody,
    PublishView,
    Reason,
    SequenceView,
    StarterList,
    StarterView,
    WhyList,
)
from overture.entrypoints.api.outreach.enrollment_shapes import ChosenEnrollments, EnrollmentList, TextList
from overture.entrypoints.api.outreach.fields import CampaignIdPath, LeadId, uuid_in
from overture.entrypoints.api.outreach.paging import Cut, Listed, cut
from overture.entrypoints.api.problems import declared
from overture.entrypoints.bootstrap import App

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"], dependencies=[needs_key])
library = APIRouter(prefix="/api/v1", tags=["campaigns"], dependencies=[needs_key])

ONE_STATE: Final = "(" + "|".join(CAMPAIGN_STATES) + ")"
ETAG: Final = re.compile(r'(?:W/)?"([0-9]{1,9})"')


class Chosen(Listed):
    """Which campaigns a list shows."""

    state: str | None = Field(
        default=None,
        pattern=f"^{ONE_STATE}(,{ONE_STATE})*$",
        max_length=200,
        description="One or several, with commas.",
    )
    q: str | None = Field(
        default=None, pattern=r"^[^\x00]*$", max_length=200, description="Part of the name."
    )

    def wanted(self) -> CampaignFilter:
        """The same as campaigns are looked for by."""
        return CampaignFilter(tuple(self.state.split(",")) if self.state else (), self.q)


@router.get("", responses=declared())
async def list_campaigns(
    app: Product, request: Request, response: Response, wanted: Annotated[Chosen, Query()]
) -> CampaignList:
    """Campaigns, newest first."""
    async with app.sessions() as db:
        before = wanted.after(app.api_key)
        found = await campaign_acts.page(db, wanted.wanted(), before, wanted.limit + 1)
        shown, has_more = cut(found, wanted.limit)
        data = await campaign_acts.views(db, shown)
    last = shown[-1].id if has_more else None
    return CampaignList(data=data, page=Cut(last, wanted.limit).page(request, response, app.api_key))


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={**declared(*WRITE, 404, 409), **or_ok(CampaignDetail)},
)
async def create_campaign(
    app: Product, by: By, new: NewCampaignBody, ask: Ask, response: Response, dry_run: DryRun = False
) -> CampaignDetail:
    """Make a draft. It sends nothing before it is started."""
    made = await ask.once(
        app, CampaignDetail, lambda db: campaign_acts.create(app, db, new, by), dry_run=dry_run
    )
    if not dry_run:
        response.headers["Location"] = f"/api/v1/campaigns/{made.campaign_id}"
    return made


@router.get("/{campaign_id}", responses=declared(404))
async def get_campaign(app: Product, campaign_id: CampaignIdPath) -> CampaignDetail:
    """One campaign: its funnel, what its people wait for, and every step's acts."""
    async with app.sessions() as db:
        found = await campaigns.campaign_by_id(db, uuid_in("cmp", campaign_id))
        return await campaign_acts.detail(db, found)


@router.patch("/{campaign_id}", responses=declared(*WRITE, 404, 409))
async def change_campaign(
    app: Product, by: By, campaign_id: CampaignIdPath, wanted: CampaignPatch, dry_run: DryRun = False
) -> CampaignDetail:
    """Change the name, or those settings that are given."""
    found = uuid_in("cmp", campaign_id)
    return await rehearsed(app, dry_run, lambda db: campaign_acts.change(app, db, found, wanted, by))


@router.get("/{campaign_id}/sequence", responses=declared(404))
async def get_sequence(app: Product, campaign_id: CampaignIdPath, response: Response) -> SequenceView:
    """The draft of the sequence; its `ETag` is what a change has to name."""
    async with app.sessions() as db:
        campaign = await campaigns.campaign_by_id(db, uuid_in("cmp", campaign_id))
        response.headers["ETag"] = campaign_acts.etag(campaign)
        return await campaign_acts.draft_of(db, campaign)


def revision_in(if_match: str | None) -> int:
    """The revision an If-Match names; refuses a change that names none."""
    if if_match is None:
        entry = PROBLEMS["if_match_required"]
        raise Unguarded("if_match_required", entry.meaning, fix=entry.fix)
    found = ETAG.fullmatch(if_match.strip())
    if found is None:
        errors = [
            {"pointer": "/If-Match", "location": "header", "code": "no_etag", "detail": "is no ETag of ours"}
        ]
        raise Invalid("validation_error", "If-Match is no ETag of ours.", fix="Send the ETag.", errors=errors)
    return int(found[1])


@dataclass(frozen=True)
class Edit:
    """Who changes a draft, and which one they have read."""

    by: str
    revision: int


async def edit_of(
    by: By,
    if_match: Annotated[str | None, Header(max_length=100, description="The `ETag` that was read.")] = None,
) -> Edit:
    """A change says what it is a change of."""
    return Edit(by, revision_in(if_match))


@router.put("/{campaign_id}/sequence", responses=declared(*WRITE, 404, 409, 412, 428))
async def put_sequence(
    app: Product,
    edit: Annotated[Edit, Depends(edit_of)],
    campaign_id: CampaignIdPath,
    document: Annotated[Document, Body()],
    response: Response,
    dry_run: DryRun = False,
) -> SequenceView:
    """Replace the draft. What is in force stays until the draft is published."""
    found = uuid_in("cmp", campaign_id)
    kept = await rehearsed(
        app,
        dry_run,
        lambda db: campaign_acts.put_sequence(app, db, found, document, edit.revision, edit.by),
    )
    response.headers["ETag"] = f'"{kept.revision}"'
    return kept


@router.post("/{campaign_id}/validate", responses=declared(404))
async def validate_campaign(app: Product, campaign_id: CampaignIdPath) -> PublishView:
    """Every fault of the draft, and where live enrollments would go; nothing is changed."""
    async with app.sessions() as db:
        return await campaign_acts.validated(app, db, uuid_in("cmp", campaign_id))


@router.get("/{campaign_id}/preview", responses=declared(404))
async def preview_campaign(
    app: Product,
    campaign_id: CampaignIdPath,
    lead: Annotated[LeadId, Query(description="Any lead; they need not be enrolled.")],
) -> TextList:
    """Every text of the draft, in every variant, as this person would get it; nothing is kept."""
    found, lead_id = uuid_in("cmp", campaign_id), uuid_in("lead", lead)
    async with app.sessions() as db:
        return TextList(data=await enrollment_acts.texts_for(app, db, found, lead_id))


@router.post("/{campaign_id}/publish", responses=declared(404, 409))
async def publish_campaign(
    app: Product, by: By, campaign_id: CampaignIdPath, dry_run: DryRun = False
) -> PublishView:
    """Put the draft in force, as a version that never changes; live enrollments move to it."""
    found = uuid_in("cmp", campaign_id)
    return await rehearsed(app, dry_run, lambda db: campaign_acts.publish(app, db, found, by, dry_run))


OptionalReason = Annotated[Reason | None, Body()]


async def acted(
    app: App, by: str, campaign_id: str, verb: Act, reason: Reason | None, dry_run: bool
) -> CampaignDetail:
    """Carry out a verb."""
    found, why = uuid_in("cmp", campaign_id), reason.reason if reason else None
    return await rehearsed(app, dry_run, lambda db: campaign_acts.act(app, db, found, verb, by, why))


@router.post("/{campaign_id}/start", responses=declared(*WRITE, 404, 409))
async def start_campaign(
    app: Product, by: By, campaign_id: CampaignIdPath, reason: OptionalReason = None, dry_run: DryRun = False
) -> CampaignDetail:
    """Let it send; a draft that was never published is published first."""
    return await acted(app, by, campaign_id, "start", reason, dry_run)


@router.post("/{campaign_id}/pause", responses=declared(*WRITE, 404, 409))
async def pause_campaign(
    app: Product, by: By, campaign_id: CampaignIdPath, reason: OptionalReason = None, dry_run: DryRun = False
) -> CampaignDetail:
    """Let nothing of it begin; a run that has not acted waits before its act."""
    return await acted(app, by, campaign_id, "pause", reason, dry_run)


@router.post("/{campaign_id}/resume", responses=declared(*WRITE, 404, 409))
async def resume_campaign(
    app: Product, by: By, campaign_id: CampaignIdPath, reason: OptionalReason = None, dry_run: DryRun = False
) -> CampaignDetail:
    """Let it go on."""
    return await acted(app, by, campaign_id, "resume", reason, dry_run)


@router.post("/{campaign_id}/complete", responses=declared(*WRITE, 404, 409))
async def complete_campaign(
    app: Product, by: By, campaign_id: CampaignIdPath, reason: OptionalReason = None, dry_run: DryRun = False
) -> CampaignDetail:
    """It has reached what it was for: everybody who still waits is done, nothing more is sent."""
    return await acted(app, by, campaign_id, "complete", reason, dry_run)


@router.post("/{campaign_id}/stop", responses=declared(*WRITE, 404, 409))
async def stop_campaign(
    app: Product, by: By, campaign_id: CampaignIdPath, reason: OptionalReason = None, dry_run: DryRun = False
) -> CampaignDetail:
    """End it for good: its runs that have not acted are cancelled, its enrollments are over."""
    return await acted(app, by, campaign_id, "stop", reason, dry_run)


@router.post("/{campaign_id}/archive", responses=declared(*WRITE, 404, 409))
async def archive_campaign(
    app: Product, by: By, campaign_id: CampaignIdPath, reason: OptionalReason = None, dry_run: DryRun = False
) -> CampaignDetail:
    """Put it away; its name is free again."""
    return await acted(app, by, campaign_id, "archive", reason, dry_run)


@router.post(
    "/{campaign_id}/duplicate",
    status_code=status.HTTP_201_CREATED,
    responses={**declared(*WRITE, 404, 409), **or_ok(CampaignDetail)},
)
async def duplicate_campaign(
    app: Product,
    campaign_id: CampaignIdPath,
    ask: Ask,
    response: Response,
    wanted: Annotated[Duplicate | None, Body()] = None,
    dry_run: DryRun = False,
) -> CampaignDetail:
    """A draft with the same sequence and settings, and nobody in it."""
    found, name = uuid_in("cmp", campaign_id), wanted.name if wanted else None
    made = await ask.once(
        app, CampaignDetail, lambda db: campaign_acts.duplicate(app, db, found, name, ask.by), dry_run=dry_run
    )
    if not dry_run:
        response.headers["Location"] = f"/api/v1/campaigns/{made.campaign_id}"
    return made


@router.get("/{campaign_id}/why-not-sending", responses=declared(404))
async def get_why_not_sending(app: Product, campaign_id: CampaignIdPath) -> WhyList:
    """Everything that keeps it from sending now: senders, then leads, with their number; never empty."""
    async with app.sessions() as db:
        campaign = await campaigns.campaign_by_id(db, uuid_in("cmp", campaign_id))
        found = await campaigns.why_not_sending(db, campaign, app.now())
    return WhyList(data=[campaign_acts.why_view(one) for one in found])


@router.get("/{campaign_id}/enrollments", responses=declared(404))
async def list_campaign_enrollments(
    app: Product,
    campaign_id: CampaignIdPath,
    request: Request,
    response: Response,
    wanted: Annotated[ChosenEnrollments, Query()],
) -> EnrollmentList:
    """Its enrollments, newest first."""
    found = uuid_in("cmp", campaign_id)
    async with app.sessions() as db:
        await campaigns.campaign_by_id(db, found)
        before = wanted.after(app.api_key)
        rows = await enrollment_acts.page(db, wanted.wanted(found), before, wanted.limit + 1)
        shown, has_more = cut(rows, wanted.limit)
        data = await enrollment_acts.views(db, shown)
    last = shown[-1].id if has_more else None
    return EnrollmentList(data=data, page=Cut(last, wanted.limit).page(request, response, app.api_key))


@library.get("/sequence-templates", responses=declared())
async def list_sequence_templates() -> StarterList:
    """Sequences to start from, each complete and valid."""
    return StarterList(data=[starter_view(one) for one in campaigns.starters().values()])


@library.get("/sequence-templates/{key}", responses=declared(404))
async def get_sequence_template(
    key: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$", examples=["invite-and-follow-up"])],
) -> StarterView:
    """One sequence to start from."""
    return starter_view(campaigns.starter(key))


def starter_view(one: campaigns.Starter) -> StarterView:
    """A sequence to start from, as clients see it."""
    return StarterView(
        key=one.key,
        name=one.sequence.name,
        description=one.sequence.description,
        sequence=campaigns.body_of(one.sequence),
        yaml=one.text,
    )


@library.get("/sequence.schema.json", responses=declared())
async def get_sequence_schema() -> dict[str, Any]:
    """The JSON Schema of a sequence document."""
    return campaigns.json_schema()
