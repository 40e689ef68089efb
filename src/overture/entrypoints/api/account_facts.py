"""What an account's standing depends on, read for any number of accounts in a handful of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, AccountCooldown, AccountSecret, WorkingHours, challenges
from overture.core.reasons import Reason
from overture.entrypoints.api.account_standing import Facts, Queue, Standing, standing
from overture.entrypoints.api.standing import SENTENCES, covers
from overture.entrypoints.bootstrap import App
from overture.runs import Run

NOT_OVER: Final = ("pending", "held")


async def standing_of(app: App, db: AsyncSession, account: Account, secret: AccountSecret | None) -> Standing:
    """How one account stands now."""
    await db.flush()
    secrets = {account.id: secret} if secret is not None else {}
    return (await standings(app, db, [account], secrets))[account.id]


async def standings(
    app: App, db: AsyncSession, found: Sequence[Account], secrets: Mapping[UUID, AccountSecret]
) -> dict[UUID, Standing]:
    """How each of these accounts stands now."""
    ids = [account.id for account in found]
    now = app.now()
    switches = await accounts.switches_on(db)
    stop_file = await accounts.file_says(app.settings.stop_file)
    breakers = await accounts.open_breakers(db, ids)
    rests, queues = await cooldowns_of(app, db, ids), await queues_of(app, db, ids)
    is_worker_seen = await runs.is_worker_seen(db, app.settings.lease)
    stand: dict[UUID, Standing] = {}
    for account in found:
        hours = WorkingHours.model_validate(account.working_hours)
        facts = Facts(
            account=account,
            now=now,
            opens_at=accounts.next_opening(hours, account.zone, now),
            has_credentials=signs_in_elsewhere(app, account) or has_credentials(secrets.get(account.id)),
            provider_lacks=lacking(app, account.provider),
            signs_in_elsewhere=signs_in_elsewhere(app, account),
            is_signed_in=account.external_id is not None or not signs_in_elsewhere(app, account),
            is_worker_seen=is_worker_seen,
            switch=next((one for one in switches if covers(one, account)), None),
            stop_file=stop_file,
            stop_path=str(app.settings.stop_file),
            challenge=await asked_last(db, account),
            breaker=breakers.get(account.id),
            cooldowns=rests[account.id],
            queues=queues[account.id],
        )
        stand[account.id] = standing(facts, SENTENCES)
    return stand


async def asked_last(db: AsyncSession, account: Account) -> str | None:
    """How the check stands that an account waits with; only one that needs a person is looked up."""
    asked = await challenges.newest(db, account.id) if account.state == "needs_attention" else None
    return asked.state if asked is not None else None


def has_credentials(secret: AccountSecret | None) -> bool:
    """Whether there is anything to log in with."""
    return secret is not None and (bool(secret.credential_names) or secret.session is not None)


def signs_in_elsewhere(app: App, account: Account) -> bool:
    """Whether its provider keeps the sign-in itself and takes no credentials."""
    provider = app.providers.get(account.provider)
    return provider is not None and not provider.credential_fields


def lacking(app: App, name: str) -> str | None:
    """What the provider needs and has not: itself, when this installation has none of the name."""
    provider = app.providers.get(name)
    return provider.lacks if provider is not None else f"the provider {name}"


async def cooldowns_of(
    app: App, db: AsyncSession, ids: Sequence[UUID]
) -> Mapping[UUID, list[tuple[str, datetime, str]]]:
    """The rests the service ordered that are not over."""
    query = select(AccountCooldown).where(
        AccountCooldown.account_id.in_(ids), AccountCooldown.until > app.now()
    )
    found: dict[UUID, list[tuple[str, datetime, str]]] = defaultdict(list)
    for rest in await db.scalars(query):
        found[rest.account_id].append((rest.category, rest.until, rest.code))
    return found


async def queues_of(app: App, db: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, list[Queue]]:
    """What the runs that are not over wait for: a later time, or a person."""
    is_waiting = and_(Run.admitted_at.is_(None), or_(Run.next_at > app.now(), Run.next_at.is_(None)))
    is_asked = Run.wait_reason == Reason.OUTCOME_UNKNOWN  # whether or not it is looked for meanwhile
    query = (
        select(Run.account_id, Run.wait_reason, func.count(), func.min(Run.next_at))
        .where(Run.account_id.in_(ids), Run.status.in_(NOT_OVER), or_(is_waiting, is_asked))
        .group_by(Run.account_id, Run.wait_reason)
    )
    found: dict[UUID, list[Queue]] = defaultdict(list)
    for account_id, reason, count, first_at in await db.execute(query):
        found[account_id].append(Queue(Reason(reason or Reason.READY), count, first_at))
    return found
