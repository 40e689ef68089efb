"""Routes of requests to the language model: how many there were, what they took, what they cost."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import ModelCall
from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.entrypoints.api.access import Product, needs_key
from overture.entrypoints.api.outreach.fields import CampaignId, shown_id, uuid_in
from overture.entrypoints.api.outreach.paging import Cut, Listed, cut
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.shapes import Page

router = APIRouter(prefix="/api/v1/model-calls", tags=["approvals"], dependencies=[needs_key])


class ModelCallView(BaseModel):
    """One request to the model; its words are kept nowhere."""

    call_id: str = Field(examples=["mdl_01kb3v6q2v8x0c5h2m9r4t7wze"])
    at: Instant
    campaign_id: str | None
    enrollment_id: str | None
    model: str
    prompt_tokens: int | None = Field(description="Null when the service did not say.")
    completion_tokens: int | None
    cost: float | None = Field(description="In the currency of the prices set; null without prices.")
    duration_ms: int
    outcome: str = Field(description="`ok`, or the code of what went wrong.", examples=["ok"])


class Spent(BaseModel):
    """What all of the requests took together, those of other pages too."""

    calls: int
    failed: int = Field(description="Those that brought no text.")
    prompt_tokens: int
    completion_tokens: int
    cost: float | None = Field(description="Of those whose cost is known.")


class ModelCallList(BaseModel):
    """One page of requests, newest first."""

    data: list[ModelCallView]
    spent: Spent
    page: Page


class Chosen(Listed):
    """Which requests are meant."""

    campaign: CampaignId | None = Field(default=None, description="Of this campaign.")
    since: Instant | None = Field(default=None, description="Not before.")

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for a query."""
        found: list[ColumnElement[bool]] = []
        if self.campaign is not None:
            found.append(ModelCall.campaign_id == uuid_in("cmp", self.campaign))
        if self.since is not None:
            found.append(ModelCall.at >= self.since)
        return found


@router.get("", responses=declared())
async def list_model_calls(
    app: Product, request: Request, response: Response, wanted: Annotated[Chosen, Query()]
) -> ModelCallList:
    """Requests to the language model, newest first, and what they took together."""
    conditions = wanted.conditions()
    query = select(ModelCall).where(*conditions).order_by(ModelCall.id.desc()).limit(wanted.limit + 1)
    before: UUID | None = wanted.after(app.api_key)
    if before is not None:
        query = query.where(ModelCall.id < before)
    async with app.sessions() as db:
        shown, has_more = cut((await db.scalars(query)).all(), wanted.limit)
        spent = await spent_on(db, conditions)
    last = shown[-1].id if has_more else None
    page = Cut(last, wanted.limit).page(request, response, app.api_key)
    return ModelCallList(data=[view(one) for one in shown], spent=spent, page=page)


async def spent_on(db: AsyncSession, conditions: list[ColumnElement[bool]]) -> Spent:
    """What these took."""
    query = select(
        func.count(),
        func.count().filter(ModelCall.outcome != "ok"),
        func.coalesce(func.sum(ModelCall.prompt_tokens), 0),
        func.coalesce(func.sum(ModelCall.completion_tokens), 0),
        func.sum(ModelCall.cost),
    )
    calls, failed, asked, written, cost = (await db.execute(query.where(*conditions))).one()
    return Spent(calls=calls, failed=failed, prompt_tokens=asked, completion_tokens=written, cost=cost)


def view(one: ModelCall) -> ModelCallView:
    """A request as clients see it."""
    columns = {name: getattr(one, name) for name in ModelCallView.model_fields if hasattr(one, name)}
    ids = {
        "campaign_id": shown_id("cmp", one.campaign_id),
        "enrollment_id": shown_id("enr", one.enrollment_id),
    }
    return ModelCallView.model_validate({**columns, **ids, "call_id": public_id("mdl", one.id)})
