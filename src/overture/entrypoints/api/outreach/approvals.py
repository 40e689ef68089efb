"""Routes of approvals: texts a person sees before they are sent."""

from typing import Annotated, Final

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from overture.campaigns import APPROVAL_STATES
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.outreach import approval_acts
from overture.entrypoints.api.outreach.approval_acts import ApprovalFilter, ApprovalList, ApprovalView
from overture.entrypoints.api.outreach.asking import WRITE, DryRun, rehearsed
from overture.entrypoints.api.outreach.fields import ApprovalIdPath, CampaignId, Line, uuid_in
from overture.entrypoints.api.outreach.paging import Cut, Listed, cut
from overture.entrypoints.api.problems import declared

router = APIRouter(prefix="/api/v1/approvals", tags=["approvals"], dependencies=[needs_key])

ONE_STATE: Final = "(" + "|".join(APPROVAL_STATES) + ")"


class Chosen(Listed):
    """Which approvals a list shows."""

    state: str = Field(
        default="pending",
        pattern=f"^{ONE_STATE}(,{ONE_STATE})*$",
        max_length=200,
        description="One or several, with commas.",
    )
    campaign: CampaignId | None = Field(default=None, description="Of this campaign.")

    def wanted(self) -> ApprovalFilter:
        """The same as approvals are looked for by."""
        campaign_id = uuid_in("cmp", self.campaign) if self.campaign else None
        return ApprovalFilter(tuple(self.state.split(",")), campaign_id)


class Approve(BaseModel):
    """Which text is approved."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    content_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{1,128}$")] = Field(
        description="The one that was read: another text is not approved by this."
    )


class Reject(BaseModel):
    """Why a text is not to be sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: Line | None = None


class Edit(BaseModel):
    """What a text is to be instead."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"fields": {"message": "Hi Prisca"}}]}
    )

    fields: dict[str, Annotated[str, StringConstraints(max_length=20_000)]] = Field(
        min_length=1, max_length=5, description="By field of the touchpoint: `message`, `note`, `subject`, …"
    )


@router.get("", responses=declared())
async def list_approvals(
    app: Product, request: Request, response: Response, wanted: Annotated[Chosen, Query()]
) -> ApprovalList:
    """Approvals, newest first; without `state`, those that wait for a decision."""
    async with app.sessions() as db:
        before = wanted.after(app.api_key)
        rows = await approval_acts.page(db, wanted.wanted(), before, wanted.limit + 1)
        shown, has_more = cut(rows, wanted.limit)
        data = await approval_acts.views(db, shown)
    last = shown[-1].id if has_more else None
    return ApprovalList(data=data, page=Cut(last, wanted.limit).page(request, response, app.api_key))


@router.get("/{approval_id}", responses=declared(404))
async def get_approval(app: Product, approval_id: ApprovalIdPath) -> ApprovalView:
    """One text, to whom it would go, from whom, and its hash."""
    async with app.sessions() as db:
        return await approval_acts.show(db, uuid_in("apr", approval_id))


@router.post("/{approval_id}/approve", responses=declared(*WRITE, 404, 409))
async def approve(
    app: Product, by: By, approval_id: ApprovalIdPath, wanted: Approve, dry_run: DryRun = False
) -> ApprovalView:
    """Let exactly this text go out: to this person, from this account, on this channel."""
    found, content_hash = uuid_in("apr", approval_id), wanted.content_hash
    return await rehearsed(app, dry_run, lambda db: approval_acts.approve(app, db, found, content_hash, by))


@router.post("/{approval_id}/reject", responses=declared(*WRITE, 404, 409))
async def reject(
    app: Product,
    by: By,
    approval_id: ApprovalIdPath,
    wanted: Annotated[Reject | None, Body()] = None,
    dry_run: DryRun = False,
) -> ApprovalView:
    """Do not send it; the enrollment pauses until somebody decides what follows."""
    found, note = uuid_in("apr", approval_id), wanted.note if wanted else None
    return await rehearsed(app, dry_run, lambda db: approval_acts.reject(app, db, found, note, by))


@router.post("/{approval_id}/edit", responses=declared(*WRITE, 404, 409))
async def edit(
    app: Product, by: By, approval_id: ApprovalIdPath, wanted: Edit, dry_run: DryRun = False
) -> ApprovalView:
    """Change the text; it has a new hash, and is to be approved as it is then."""
    found, fields = uuid_in("apr", approval_id), wanted.fields
    return await rehearsed(app, dry_run, lambda db: approval_acts.edit(app, db, found, fields, by))
