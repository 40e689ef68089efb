"""Approvals as parts of a transaction, and as clients see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import Approval, approvals
from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.entrypoints.api.outreach.lead_views import handles_of
from overture.entrypoints.api.shapes import Page
from overture.entrypoints.bootstrap import App


class ApprovalView(BaseModel):
    """A text a person approves before it is sent."""

    approval_id: str = Field(examples=["apr_01kb3v6q2v8x0c5h2m9r4t7wze"])
    enrollment_id: str
    campaign_id: str
    lead_id: str
    handle: str = Field(description="The account that would send it.")
    channel: str
    step: str
    round: int
    fallback: int
    state: Literal["drafting", "pending", "approved", "rejected", "stale"]
    origin: Literal["template", "ai", "edited"]
    text: str | None
    touchpoint: dict[str, Any] = Field(description="What would be submitted.")
    content_hash: str = Field(description="Approving names it: exactly this is approved.")
    decided_by: str | None
    decided_at: Instant | None
    note: str | None
    created_at: Instant
    allowed_actions: list[Literal["approve", "reject", "edit"]]


class ApprovalList(BaseModel):
    """One page of approvals, newest first."""

    data: list[ApprovalView]
    page: Page


@dataclass(frozen=True)
class ApprovalFilter:
    """Which approvals a list shows; empty and None are no condition."""

    states: tuple[str, ...] = ()
    campaign_id: UUID | None = None


async def page(
    db: AsyncSession, wanted: ApprovalFilter, before: UUID | None, size: int
) -> Sequence[Approval]:
    """Approvals newest first, older than the cursor."""
    query = select(Approval)
    if wanted.states:
        query = query.where(Approval.state.in_(wanted.states))
    if wanted.campaign_id is not None:
        query = query.where(Approval.campaign_id == wanted.campaign_id)
    if before is not None:
        query = query.where(Approval.id < before)
    return (await db.scalars(query.order_by(Approval.id.desc()).limit(size))).all()


async def show(db: AsyncSession, approval_id: UUID) -> ApprovalView:
    """One approval."""
    (seen,) = await views(db, [await approvals.seen(db, approval_id)])
    return seen


async def approve(app: App, db: AsyncSession, approval_id: UUID, content_hash: str, by: str) -> ApprovalView:
    """Approve exactly the text of this hash."""
    found = await approvals.by_id(db, approval_id)
    await approvals.approve(db, found, content_hash, by, app.now())
    (seen,) = await views(db, [found])
    return seen


async def reject(app: App, db: AsyncSession, approval_id: UUID, note: str | None, by: str) -> ApprovalView:
    """It is not sent; the enrollment pauses."""
    found = await approvals.by_id(db, approval_id)
    await approvals.reject(db, found, by, app.now(), note)
    (seen,) = await views(db, [found])
    return seen


async def edit(
    app: App, db: AsyncSession, approval_id: UUID, fields: dict[str, str], by: str
) -> ApprovalView:
    """Change its text; it is then to be approved as it is."""
    found = await approvals.by_id(db, approval_id)
    edited = await approvals.edit(db, found, fields, by, app.now())
    (seen,) = await views(db, [edited])
    return seen


async def views(db: AsyncSession, found: Sequence[Approval]) -> list[ApprovalView]:
    """These approvals as clients see them."""
    handles = await handles_of(db, {one.account_id for one in found})
    return [view(one, handles[one.account_id]) for one in found]


def view(one: Approval, handle: str) -> ApprovalView:
    """An approval as clients see it."""
    columns = {name: getattr(one, name) for name in ApprovalView.model_fields if hasattr(one, name)}
    ids = {
        "approval_id": public_id("apr", one.id),
        "enrollment_id": public_id("enr", one.enrollment_id),
        "campaign_id": public_id("cmp", one.campaign_id),
        "lead_id": public_id("lead", one.lead_id),
    }
    allowed = list(approvals.allowed(one))
    return ApprovalView.model_validate({**columns, **ids, "handle": handle, "allowed_actions": allowed})
