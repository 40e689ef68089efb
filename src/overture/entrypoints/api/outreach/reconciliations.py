"""Routes of reconciling connections: who accepted long ago, and nobody told."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response, status
from pydantic import Field

from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.fields import Handle, HandlePath
from overture.entrypoints.api.outreach import reconciliation_acts as acts
from overture.entrypoints.api.outreach.asking import WRITE, Ask, rehearsed
from overture.entrypoints.api.outreach.fields import ReconciliationIdPath, uuid_in
from overture.entrypoints.api.outreach.paging import Cut, Listed, cut
from overture.entrypoints.api.outreach.reconciliation_shapes import (
    Begun,
    ReconciliationList,
    ReconciliationView,
    Wish,
)
from overture.entrypoints.api.problems import declared

router = APIRouter(
    prefix="/api/v1/admin/reconcile/connections", tags=["reconciliation"], dependencies=[needs_key]
)


class Chosen(Listed):
    """Which reconciliations a list shows."""

    handle: Handle | None = Field(default=None, description="Of this account.")


@router.post("", status_code=status.HTTP_202_ACCEPTED, responses=declared(*WRITE, 404))
async def reconcile_all_connections(
    app: Product, ask: Ask, by: By, wish: Annotated[Wish | None, Body()] = None
) -> Begun:
    """Compare the connections of every account that may act with the leads, in the background."""
    return await ask.once(app, Begun, lambda db: acts.begin_all(app, db, wish or Wish(), by))


@router.post("/accounts/{handle}", status_code=status.HTTP_202_ACCEPTED, responses=declared(*WRITE, 404, 409))
async def reconcile_connections(
    app: Product, ask: Ask, by: By, handle: HandlePath, wish: Annotated[Wish | None, Body()] = None
) -> ReconciliationView:
    """Compare an account's connections with the leads, in the background; the answer says where to look.

    Whoever is among them is connected from then on, and their campaigns go on. What is read counts against
    the account's limits like any other run; `waiting_for` says what it waits for.
    """
    return await ask.once(app, ReconciliationView, lambda db: acts.begin(app, db, handle, wish or Wish(), by))


@router.get("", responses=declared(404))
async def list_connection_reconciliations(
    app: Product, request: Request, response: Response, wanted: Annotated[Chosen, Query()]
) -> ReconciliationList:
    """Reconciliations, newest first."""
    found = await acts.page(app, wanted.handle, wanted.after(app.api_key), wanted.limit + 1)
    shown, has_more = cut(found, wanted.limit)
    page = Cut(shown[-1][0] if has_more else None, wanted.limit).page(request, response, app.api_key)
    return ReconciliationList(data=[one for _, one in shown], page=page)


@router.get("/{reconciliation_id}", responses=declared(404))
async def get_connection_reconciliation(
    app: Product, reconciliation_id: ReconciliationIdPath
) -> ReconciliationView:
    """One reconciliation: how far it is, or what came of it."""
    return await acts.show(app, uuid_in("rec", reconciliation_id))


@router.post("/{reconciliation_id}/cancel", responses=declared(404, 409))
async def cancel_connection_reconciliation(
    app: Product, by: By, reconciliation_id: ReconciliationIdPath
) -> ReconciliationView:
    """Call it off; what it had found out stays."""
    found = uuid_in("rec", reconciliation_id)
    return await rehearsed(app, False, lambda db: acts.cancel(app, db, found, by))
