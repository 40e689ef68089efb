"""Comparing what was read with the leads, and taking down what follows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people, runs
from overture.campaigns.observe_runs import keys_of_relation
from overture.campaigns.reconcile import store
from overture.campaigns.reconcile.matching import Listed, Match, Matching, match
from overture.campaigns.reconcile.report import matched_by, sample
from overture.campaigns.reconcile.scope import sought
from overture.campaigns.reconcile.tables import Reconciliation
from overture.core.ids import Ids, public_id
from overture.db import fetch
from overture.people import Key, Met, Named, Observed, Seen
from overture.touchpoints import Relation, RelationsRead

NAME: Final = "linkedin"
LASTING: Final = "linkedin_profile_id"


async def read(db: AsyncSession, job: Reconciliation) -> dict[str, Relation]:
    """The connections that were read, by id, newest first."""
    rows = {one.id: one for one in await db.scalars(select(runs.Run).where(runs.Run.id.in_(job.run_ids)))}
    found: dict[str, Relation] = {}
    for run in (rows[run_id] for run_id in job.run_ids):
        if run.status == "completed":
            for one in RelationsRead.model_validate(run.result).relations:
                found.setdefault(one.profile_id, one)
    return found


async def compared(db: AsyncSession, job: Reconciliation) -> Matching:
    """Who of the leads in scope is among the connections."""
    listed = [Listed(one, tuple(keys_of_relation(one))) for one in (await read(db, job)).values()]
    keys = {key for one in listed for key in one.keys}
    owners = await people.owners(db, list(keys)) if keys else {}
    known = await people.keys_of(db, set(owners.values())) if owners else {}
    whose = {key: (lead_id, known[lead_id]) for key, lead_id in owners.items()}
    scope, counts = store.scope_of(job), store.counts_of(job)
    leads = await sought(db, job.account_id, scope)
    return match(listed, leads, whose, is_all=counts.is_complete and scope.since is None)


def source_of(job: Reconciliation) -> str:
    """How what it finds is known."""
    return f"reconcile:{store.shown(job)}"


async def take_down(ids: Ids, db: AsyncSession, job: Reconciliation, found: Matching, now: datetime) -> None:
    """Whoever is among the connections is connected, and known from now on by the id and the name there."""
    first = await runs.by_id(db, job.run_ids[0])
    at, source = first.started_at or now, source_of(job)
    fresh = [one for one in found.matches if one.lead.state != "connected"]
    observed = [
        Observed(
            job.account_id,
            one.lead.lead_id,
            Seen("connected", at, source, since=one.relation.connected_at),
        )
        for one in fresh
    ]
    await people.observe_all(db, observed, now)
    await people.learn(db, ids, now, met(found.matches, source))
    await people.learn_names(db, now, named(found.matches, source))


def met(matches: Collection[Match], source: str) -> list[Met]:
    """Ids behind names that were known alone."""
    return [
        Met(one.lead.lead_id, one.by.value, one.relation.profile_id, source)
        for one in matches
        if one.by.kind == NAME and Key(LASTING, one.relation.profile_id) not in one.lead.keys
    ]


def named(matches: Collection[Match], source: str) -> list[Named]:
    """Names of the moment that were not known yet."""
    return [
        Named(one.lead.lead_id, key.value, source)
        for one in matches
        for key in keys_of_relation(one.relation)
        if key.kind == NAME and one.by.kind != NAME and key not in one.lead.keys
    ]


NEW: Final = text("""
select lead_id from relationships
where account_id = :account and state = 'connected' and source = any(cast(:sources as text[]))
""")
CHECKS: Final = text(
    "select run_id from reconciliation_leads where reconciliation_id = :id and run_id is not null"
)


async def report(db: AsyncSession, job: Reconciliation, found: Matching) -> None:
    """Take down what came of it."""
    counts = store.counts_of(job)
    new = await newly_connected(db, job, found)
    counts.leads_in_scope = len(found.matches) + len(found.unmatched)
    counts.matched_by = matched_by(found, counts)
    counts.matched = len(found.matches)
    counts.newly_connected = len(new)
    counts.already_connected = len({one.lead.lead_id for one in found.matches} - new)
    counts.unmatched_leads, counts.unmatched_relations = len(found.unmatched), len(found.strangers)
    counts.unresolved = sum(why == "not_resolved" for _, why in found.unmatched)
    job.counts, job.unmatched = counts.model_dump(mode="json"), sample(found)


async def newly_connected(db: AsyncSession, job: Reconciliation, found: Matching) -> set[UUID]:
    """Whose connection this found: itself, or who took in the same runs before it could."""
    if store.scope_of(job).dry_run:
        return {one.lead.lead_id for one in found.matches if one.lead.state != "connected"}
    checks: Sequence[UUID] = [row[0] for row in await fetch(db, CHECKS, {"id": job.id})]
    sources = [source_of(job), *(f"run:{public_id('run', one)}" for one in [*job.run_ids, *checks])]
    rows = await fetch(db, NEW, {"account": job.account_id, "sources": sources})
    return {row[0] for row in rows}
