"""The health of Unipile accounts: every one is asked for its state now and then, whatever webhooks said."""

import asyncio
from typing import Final

import psycopg
import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from overture import accounts
from overture.accounts import Account, Report
from overture.entrypoints.bootstrap import App
from overture.entrypoints.loop import rest
from overture.providers.unipile.client import AccountDisconnected, UnipileClient, UnipileError
from overture.providers.unipile.provider import Unipile

log = structlog.get_logger()

OUTAGE: Final = (SQLAlchemyError, psycopg.Error, OSError)
SOURCE: Final = "health"
DELETED: Final = "DELETED"


def unipile_of(app: App) -> Unipile | None:
    """The provider, where a workspace is set up for it."""
    found = app.providers.get(Unipile.name)
    return found if isinstance(found, Unipile) and found.lacks is None else None


async def keep_asking(app: App, stop: asyncio.Event) -> None:
    """Ask after every account, again and again until told to stop; what goes wrong is logged and outlived."""
    provider = unipile_of(app)
    if provider is None:
        return
    while not stop.is_set():
        try:
            await ask_all(app, provider.workspace.client)
        except OUTAGE as error:
            log.warning("unipile.health_failed", error=f"{type(error).__name__}: {error}")
        await rest(app.clock, app.settings.unipile_health_every, stop)


async def ask_all(app: App, client: UnipileClient) -> int:
    """Ask after every account once; how many of them told something new."""
    async with app.sessions() as db:
        query = select(Account.external_id).where(
            Account.provider == Unipile.name, Account.external_id.is_not(None), Account.removed_at.is_(None)
        )
        external_ids = [one for one in await db.scalars(query.order_by(Account.id)) if one is not None]
    news = 0
    for external_id in external_ids:
        word = await word_of(client, external_id)
        if word is not None:
            news += await take_in(app, external_id, word)
    return news


async def word_of(client: UnipileClient, external_id: str) -> str | None:
    """What Unipile says of an account, by its store; None when it does not answer now."""
    try:
        return (await client.accounts.get(external_id)).status
    except AccountDisconnected:  # of a stored read: there is no such account any more
        return DELETED
    except UnipileError as error:
        log.warning("unipile.account_not_told", external_id=external_id, error=str(error))
        return None


async def take_in(app: App, external_id: str, word: str) -> bool:
    """Let the account's state follow from the word; whether it was news."""
    async with app.sessions.begin() as db:
        now = app.now()
        account = (await accounts.by_external(db, Unipile.name, [external_id])).get(external_id)
        if account is None:
            return False
        return await accounts.take_report(db, account, Report(word, now, SOURCE), now)
