"""What a client can do, as transactions: the API's routes and the command line call these same functions."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, AccountChange, AccountSecret, NewAccount
from overture.core.errors import Conflict, Invalid
from overture.core.ids import public_id
from overture.entrypoints.api.account_facts import standing_of, standings
from overture.entrypoints.api.account_standing import Standing
from overture.entrypoints.api.shapes import (
    AccountView,
    Past,
    RunDetail,
    account_view,
    run_as_taken,
    run_detail,
)
from overture.entrypoints.api.standing import surroundings
from overture.entrypoints.bootstrap import App
from overture.runs import Run, RunRequest, Submitted, Verdict, schedules
from overture.touchpoints import Provider

UNSETTLED_SHOWN = 20


async def list_accounts(app: App) -> list[AccountView]:
    """All accounts."""
    async with app.sessions() as db:
        found = await accounts.list_all(db)
        secrets = await db.scalars(
            select(AccountSecret).where(AccountSecret.account_id.in_([a.id for a in found]))
        )
        of = {secret.account_id: secret for secret in secrets}
        stand = await standings(app, db, found, of)
    return [view_of(account, of.get(account.id), stand[account.id]) for account in found]


async def show_account(app: App, handle: str) -> AccountView:
    """One account."""
    async with app.sessions() as db:
        account = await accounts.by_handle(db, handle)
        return await seen(app, db, account)


async def add_account(app: App, new: NewAccount) -> AccountView:
    """Add an account of a provider this installation has."""
    provider = app.provider(new.provider)
    check_credentials(provider, new.credentials)
    try:
        async with app.sessions.begin() as db:
            account = await accounts.create(db, app.vault, app.ids.new(), new, provider.channel, app.now())
            return await seen(app, db, account)
    except IntegrityError:  # another request took the handle between our look and our write
        raise Conflict(
            "handle_taken",
            f"There is an account {new.handle!r} already.",
            fix="Choose another handle, or change that account with PATCH.",
            handle=new.handle,
        ) from None


async def change_account(app: App, handle: str, wanted: AccountChange, by: str = "api") -> AccountView:
    """Change what was given of an account."""
    async with app.sessions.begin() as db:
        account = await accounts.to_change(db, handle)  # before its secrets, as when a run is recorded
        if wanted.credentials is not None:
            check_credentials(app.provider(account.provider), wanted.credentials)
        await accounts.change(db, app.vault, account, wanted, app.now(), by=by)
        return await seen(app, db, account)


async def pause_account(app: App, handle: str, detail: str | None, by: str = "api") -> AccountView:
    """Let the account begin nothing more."""
    async with app.sessions.begin() as db:
        account = await accounts.to_change(db, handle)
        if account.state != "paused":
            now = app.now()
            await accounts.set_state(db, account, "paused", now, reason="operator", detail=detail, by=by)
        return await seen(app, db, account)


async def resume_account(app: App, handle: str, why: str | None = None, by: str = "api") -> AccountView:
    """Let the account act again, and start what waits; who did it, why, and what had stopped it is kept."""
    async with app.sessions.begin() as db:
        account = await accounts.to_change(db, handle)  # a run that is being recorded may stop it right now
        if account.state != "active":
            before = {"was": account.state, "was_reason": account.state_reason, "why": why, "by": by}
            await accounts.set_state(db, account, "active", app.now(), **before)
            await admit(app, db, account.id)
        return await seen(app, db, account)


async def remove_account(app: App, handle: str, by: str = "api") -> None:
    """Take the account out of use; its waiting runs are cancelled, its secrets erased."""
    async with app.sessions.begin() as db:
        # Locked before its runs are looked at: nothing of a locked account is submitted or admitted.
        account = await accounts.to_remove(db, handle)
        live_or_unknown = or_(Run.admitted_at.is_not(None), Run.status == "held")
        mine = select(Run).where(Run.account_id == account.id)
        unsettled = await db.scalars(mine.where(live_or_unknown).limit(UNSETTLED_SHOWN))
        refuse_unsettled(handle, unsettled)
        now = app.now()
        for run in await db.scalars(mine.where(Run.status == "pending").with_for_update()):
            await runs.cancel(db, run, now, by=by)
        await schedules.pause_all(db, account.id, now, "account_removed")
        await accounts.remove(db, app.vault, account, now, by=by)


def refuse_unsettled(handle: str, unsettled: Iterable[Run]) -> None:
    """Refuse to remove an account while something of it is under way or unknown."""
    ids = [public_id("run", run.id) for run in unsettled]
    if ids:
        raise Conflict(
            "account_has_unsettled_runs",
            f"{handle!r} has a run under way or of unknown outcome: {ids[0]}.",
            fix="Wait until it has ended, or settle it with POST /api/v1/runs/{run_id}/resolve.",
            run_ids=ids,
        )


def check_credentials(provider: Provider, given: Iterable[str]) -> None:
    """Refuse credentials the provider has no use for."""
    known = ", ".join(provider.credential_fields) or "none"
    errors = [
        {"pointer": f"/credentials/{name}", "code": "unknown", "detail": f"{provider.name} has: {known}"}
        for name in given
        if name not in provider.credential_fields
    ]
    if errors:
        raise Invalid(
            "unknown_credential",
            f"The provider {provider.name!r} takes these credentials: {known}.",
            fix="Send only those.",
            errors=errors,
        )


async def seen(app: App, db: AsyncSession, account: Account) -> AccountView:
    """An account as it stands now."""
    secret = await db.get(AccountSecret, account.id)
    return view_of(account, secret, await standing_of(app, db, account, secret))


def view_of(account: Account, secret: AccountSecret | None, standing: Standing) -> AccountView:
    """An account with the names of its secrets."""
    names = list(secret.credential_names) if secret else []
    return account_view(account, names, secret is not None and secret.session is not None, standing)


async def submit_run(app: App, request: RunRequest) -> tuple[RunDetail, bool]:
    """Take a run, or find the one an earlier request with the same key led to."""
    async with app.sessions.begin() as db:
        now = app.now()
        submitted: Submitted = await runs.submit(db, app.ids, request, now, app.kit.lease(now))
        if not submitted.replayed:
            account = await accounts.by_id(db, submitted.run.account_id)
            check_supported(app.provider(account.provider), request)
            await db.refresh(submitted.run)  # JSONB orders keys its own way: answer as a replay will
    return run_as_taken(submitted.run), submitted.replayed


def check_supported(provider: Provider, request: RunRequest) -> None:
    """Refuse a touchpoint the account's provider cannot perform."""
    kind = request.touchpoint.kind()
    if not provider.supports(kind):
        raise Invalid(
            "touchpoint_not_supported",
            f"The provider {provider.name!r} of account {request.handle!r} cannot {kind}.",
            fix="Use an account of another provider.",
            errors=[{"pointer": "/touchpoint/type", "code": "not_supported", "detail": f"not {kind}"}],
        )


async def show_run(app: App, run_id: UUID) -> RunDetail:
    """One run with all there is to know."""
    async with app.sessions() as db:
        return await detail(app, db, await runs.by_id(db, run_id))


async def cancel_run(app: App, run_id: UUID, by: str = "api") -> RunDetail:
    """Cancel a run that has not acted."""
    async with app.sessions.begin() as db:
        run = await runs.by_id(db, run_id, lock=True)
        await runs.cancel(db, run, app.now(), by=by)
        return await after(app, db, run)


async def retry_run(app: App, run_id: UUID, by: str = "api") -> RunDetail:
    """Let a run that ended without effect run again."""
    async with app.sessions.begin() as db:
        run = await runs.by_id(db, run_id, lock=True)
        await runs.retry(db, run, app.now(), by=by)
        return await after(app, db, run)


async def resolve_run(
    app: App, run_id: UUID, verdict: Verdict, note: str | None, by: str = "api"
) -> RunDetail:
    """Write down what a person found of a held run."""
    async with app.sessions.begin() as db:
        run = await runs.by_id(db, run_id, lock=True)
        await runs.resolve(db, run, verdict, note, app.now(), by=by)
        return await after(app, db, run)


async def after(app: App, db: AsyncSession, run: Run) -> RunDetail:
    """Hand on the account's next run, which may be this one, and show how this one stands now."""
    await admit(app, db, run.account_id)
    await db.refresh(run)
    return await detail(app, db, run)


async def admit(app: App, db: AsyncSession, account_id: UUID) -> None:
    """Hand the account's best due run to the engine, as submitting does."""
    await db.flush()
    now = app.now()
    await runs.admit(db, now, app.kit.lease(now), account_id=account_id)


async def detail(app: App, db: AsyncSession, run: Run) -> RunDetail:
    """A run with its attempts and surroundings."""
    past = Past(await runs.attempts_of(db, run.id), await runs.artifacts.of_run(db, run.id))
    return run_detail(run, past, await surroundings(db, [run]), app.now())
