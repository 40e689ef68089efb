"""What a client can do with reconciliations; the API's routes and the command line call these."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, campaigns
from overture.campaigns import reconcile
from overture.campaigns.reconcile import Order, Reconciliation
from overture.core.ids import public_id
from overture.entrypoints.api import standing
from overture.entrypoints.api.outreach.reconciliation_shapes import (
    Begun,
    PassedView,
    ReconciliationView,
    ScopeView,
    Unmatched,
    WaitView,
    Wish,
)
from overture.entrypoints.bootstrap import App


async def order_of(db: AsyncSession, wish: Wish, by: str) -> Order:
    """What is to be begun; refuses campaigns there are not."""
    scope = wish.scope()
    for campaign_id in scope.campaign_ids:
        await campaigns.campaign_by_id(db, campaign_id)
    return Order(scope, by, wish.why)


async def begin(app: App, db: AsyncSession, handle: str, wish: Wish, by: str) -> ReconciliationView:
    """Begin one of this account."""
    account = await accounts.by_handle(db, handle)
    made = await reconcile.begin(db, app.ids, account, await order_of(db, wish, by), app.now())
    return await view(app, db, made)


async def begin_all(app: App, db: AsyncSession, wish: Wish, by: str) -> Begun:
    """Begin one of every account that may act."""
    begun, passed = await reconcile.begin_all(db, app.ids, await order_of(db, wish, by), app.now())
    return Begun(
        data=await views(app, db, begun),
        passed_over=[PassedView(handle=one.handle, code=one.code) for one in passed],
    )


async def cancel(app: App, db: AsyncSession, reconciliation_id: UUID, by: str) -> ReconciliationView:
    """Call one off."""
    job = await reconcile.by_id(db, reconciliation_id, lock=True)
    return await view(app, db, await reconcile.cancel(db, job, by, app.now()))


async def show(app: App, reconciliation_id: UUID) -> ReconciliationView:
    """One reconciliation."""
    async with app.sessions() as db:
        return await view(app, db, await reconcile.by_id(db, reconciliation_id))


async def page(
    app: App, handle: str | None, before: UUID | None, size: int
) -> Sequence[tuple[UUID, ReconciliationView]]:
    """Reconciliations with their ids, newest first."""
    async with app.sessions() as db:
        account_id = (await accounts.by_handle(db, handle)).id if handle is not None else None
        found = await reconcile.page(db, account_id, before, size)
        return list(zip([one.id for one in found], await views(app, db, found), strict=True))


async def views(app: App, db: AsyncSession, found: Collection[Reconciliation]) -> list[ReconciliationView]:
    """Reconciliations as they are shown."""
    return [await view(app, db, one) for one in found]


async def view(app: App, db: AsyncSession, job: Reconciliation) -> ReconciliationView:
    """One as it is shown."""
    scope = reconcile.scope_of(job)
    return ReconciliationView(
        reconciliation_id=public_id("rec", job.id),
        handle=(await accounts.by_id(db, job.account_id)).handle,
        state=job.state,
        dry_run=scope.dry_run,
        scope=ScopeView(
            **scope.model_dump(exclude={"campaign_ids", "dry_run"}),
            campaign_ids=[public_id("cmp", one) for one in scope.campaign_ids],
        ),
        counts=reconcile.counts_of(job),
        unmatched=Unmatched.model_validate(job.unmatched),
        waiting_for=await waiting_for(app, db, job),
        problem=job.problem,
        run_ids=[public_id("run", one) for one in job.run_ids],
        by=job.by,
        why=job.why,
        created_at=job.created_at,
        updated_at=job.updated_at,
        finished_at=job.finished_at,
    )


async def waiting_for(app: App, db: AsyncSession, job: Reconciliation) -> WaitView | None:
    """The run it waits for, and what that waits for."""
    run = await reconcile.run_of(db, job)
    if run is None:
        return None
    wait = standing.waiting_for(run, await standing.surroundings(db, [run]), app.now())
    return WaitView(
        run_id=public_id("run", run.id),
        status=run.status,
        reason=wait.reason if wait else None,
        until=wait.until if wait else None,
        sentence=wait.sentence if wait else None,
    )
