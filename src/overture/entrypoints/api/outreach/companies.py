"""Routes of companies: the employers of leads."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.entrypoints.api.access import Product, needs_key
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.outreach.fields import CompanyIdPath, uuid_in
from overture.entrypoints.api.outreach.lead_shapes import CompanyList, CompanyView
from overture.entrypoints.api.outreach.paging import Cut, Listed, cut
from overture.entrypoints.api.problems import declared
from overture.entrypoints.bootstrap import App
from overture.people import Company, Lead
from overture.people.suppression import Known, of

router = APIRouter(prefix="/api/v1/companies", tags=["leads"], dependencies=[needs_key])

NOT_FOUND: Final = "company_not_found"


class Chosen(Listed):
    """Which companies a list shows."""

    q: str | None = Field(
        default=None, pattern=r"^[^\x00]*$", max_length=200, description="Part of a name or domain."
    )


@router.get("", responses=declared())
async def list_companies(
    app: Product, request: Request, response: Response, wanted: Annotated[Chosen, Query()]
) -> CompanyList:
    """Companies, newest first."""
    query = select(Company)
    if wanted.q is not None and wanted.q.strip():
        part = wanted.q.strip()
        like = (column.icontains(part, autoescape=True) for column in (Company.name, Company.domain))
        query = query.where(or_(*like))
    after = wanted.after(app.api_key)
    if after is not None:
        query = query.where(Company.id < after)
    async with app.sessions() as db:
        found = (await db.scalars(query.order_by(Company.id.desc()).limit(wanted.limit + 1))).all()
        shown, has_more = cut(found, wanted.limit)
        data = await views(app, db, shown)
    last = shown[-1].id if has_more else None
    return CompanyList(data=data, page=Cut(last, wanted.limit).page(request, response, app.api_key))


@router.get("/{company_id}", responses=declared(404))
async def get_company(app: Product, company_id: CompanyIdPath) -> CompanyView:
    """One company; its people are `GET /leads?company=`."""
    async with app.sessions() as db:
        found = await db.get(Company, uuid_in("com", company_id))
        if found is None:
            raise NotFound(NOT_FOUND, f"There is no company {company_id}.", fix=PROBLEMS[NOT_FOUND].fix)
        (seen,) = await views(app, db, [found])
    return seen


async def views(app: App, db: AsyncSession, companies: Sequence[Company]) -> list[CompanyView]:
    """These companies, with how many leads work there and whether they are suppressed."""
    counted = (
        select(Lead.company_id, func.count())
        .where(
            Lead.company_id.in_([one.id for one in companies]),
            Lead.merged_into.is_(None),
            Lead.erased_at.is_(None),
        )
        .group_by(Lead.company_id)
    )
    leads = {row[0]: row[1] for row in await db.execute(counted)}
    known = {
        one.id: Known(
            companies=frozenset({one.name_key}), domains=frozenset({one.domain} if one.domain else ())
        )
        for one in companies
    }
    suppressed = await of(db, known, app.now())
    return [
        CompanyView(
            company_id=public_id("com", one.id),
            name=one.name,
            domain=one.domain,
            leads=leads.get(one.id, 0),
            suppressed=one.id in suppressed,
            created_at=one.created_at,
        )
        for one in companies
    ]
