"""The job that catches up with messages: from the service's store, else by a run that reads the inbox."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import text

from overture import accounts, inbox, runs
from overture.accounts import Account
from overture.core.ids import public_id
from overture.entrypoints.bootstrap import App
from overture.entrypoints.jobs.doing import Doing, Job, JobFailed
from overture.entrypoints.jobs.stores import readable, store_of
from overture.entrypoints.receiving import inbox_kit
from overture.inbox import MessageStore, NotSetUp, StoreAway
from overture.touchpoints import SyncInbox

log = structlog.get_logger()

NIGHTLY: Final = "nightly"
ON_DEMAND: Final = frozenset({"api", "cli"})
NIGHT_OVERLAP: Final = timedelta(days=2)
"""How far before the mark the nightly walk begins: what the service itself got late is found by it."""
TRY_AGAIN: Final = timedelta(minutes=10)
FIRST: Final = timedelta(days=30)
TAGS: Final = ("reconcile", "sync_inbox")

UNDER_WAY: Final = text("""
select run_id from runs where account_id = :account and touchpoint_type = 'sync_inbox'
  and status in ('pending', 'running', 'held') and not dry_run order by run_id limit 1
""")

OfAccount = Callable[[Doing, Account, MessageStore], Awaitable[dict[str, object]]]


async def perform(doing: Doing) -> dict[str, object]:
    """Catch up with every account that is meant."""
    return await each(doing, catch_up, without_store=read_as_run)


async def catch_up(doing: Doing, account: Account, store: MessageStore) -> dict[str, object]:
    """Read what the service has stored since the account's mark."""
    overlap = NIGHT_OVERLAP if doing.trigger == NIGHTLY else timedelta()
    found = await inbox.catch_up(
        inbox_kit(doing.app), account, store, doing.app.now(), since=doing.scope.since, overlap=overlap
    )
    if found.new:
        log.warning("inbox.deliveries_missed", handle=account.handle, new=found.new, trigger=doing.trigger)
    return found.shown()


async def read_as_run(doing: Doing, account: Account) -> dict[str, object]:
    """Without a store the inbox is read by a run, within the account's hours and limits.

    The planner has it read regularly while a campaign uses the account, so this is only done when asked for.
    """
    app = doing.app
    await drop(app, account)
    if doing.trigger not in ON_DEMAND:
        return {"state": "read_by_planner"}
    provider = app.providers.get(account.provider)
    if provider is None or not provider.supports("sync_inbox"):
        return {"state": "no_inbox"}
    async with app.sessions.begin() as db:
        now = app.now()
        under_way = await db.scalar(UNDER_WAY, {"account": account.id})
        if under_way is not None:
            return {"state": "run_under_way", "run_id": public_id("run", under_way)}
        touchpoint = SyncInbox(since=doing.scope.since or now - FIRST)
        request = runs.RunRequest(account.handle, touchpoint, tags=TAGS)
        submitted = await runs.submit(db, app.ids, request, now, app.kit.lease(now))
    return {"state": "run_submitted", "run_id": public_id("run", submitted.run.id)}


async def each(
    doing: Doing,
    perform_one: OfAccount,
    *,
    without_store: Callable[[Doing, Account], Awaitable[dict[str, object]]],
) -> dict[str, object]:
    """Do it account by account: one that cannot be read keeps no other waiting, and is said to be so."""
    result: dict[str, object] = {}
    failed = succeeded = 0
    for account in await meant(doing.app, doing.scope.handles):
        await doing.goes_on()
        try:
            store = store_of(doing.app, account)
            result[account.handle] = (
                await perform_one(doing, account, store) if store else await without_store(doing, account)
            )
            succeeded += 1
        except NotSetUp as error:
            await drop(doing.app, account)
            result[account.handle] = {"state": "not_set_up", "lacks": error.lacks}
        except StoreAway as error:
            failed += 1
            log.warning("job.store_away", handle=account.handle, error=error.code)
            result[account.handle] = {"state": "failed", "error": error.code}
            await put_off(doing.app, account)
    whole = {"accounts": result, "failed": failed}
    if failed and not succeeded:
        raise JobFailed("no_account_could_be_read", whole)
    return whole


async def put_off(app: App, account: Account) -> None:
    """Try an account again later, if it was to be caught up with."""
    async with app.sessions.begin() as db:
        await inbox.marks.put_off(db, account.id, app.now() + TRY_AGAIN)


async def drop(app: App, account: Account) -> None:
    """Nothing can be read of an account: it is not to be caught up with by itself."""
    async with app.sessions.begin() as db:
        await inbox.marks.drop(db, account.id)


async def meant(app: App, handles: Sequence[str] | None) -> list[Account]:
    """The accounts of these handles, or all; one that is unknown is refused."""
    async with app.sessions() as db:
        if handles is None:
            return list(await accounts.list_all(db))
        return [await accounts.by_handle(db, handle) for handle in handles]


async def refuse_unknown(app: App, handles: Sequence[str] | None) -> None:
    """Refuse accounts there are not."""
    await meant(app, handles)


async def want_at_start(app: App, now: datetime) -> None:
    """We were away: have every account caught up with that nobody has just read."""
    async with app.sessions.begin() as db:
        found = await inbox.marks.unwalked(db, readable(app), now - timedelta(minutes=1))
        await inbox.marks.want(db, found, "start", now)


async def want_silent(app: App, now: datetime) -> None:
    """No delivery came for a while: have every account caught up with that was not read meanwhile."""
    async with app.sessions.begin() as db:
        for provider in readable(app):
            found = await inbox.marks.silent(db, provider, now - app.settings.catch_up_silence)
            await inbox.marks.want(db, found, "silent", now)


JOB: Final = Job(
    "messages",
    "What the service has of messages and nobody told us of is taken in.",
    perform,
)
