"""One batch of an import: looked up, decided and written in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import Ids, public_id
from overture.people import merging
from overture.people.importing import barring, codes, store
from overture.people.importing.cleaning import Person, Unfit
from overture.people.importing.deciding import Decision, Joins, Ledger, Options
from overture.people.merging import Merging

MOST_MERGES: Final = 500
"""In one batch; it ends there and goes on with the next."""


@dataclass(frozen=True)
class Importing:
    """The import a batch belongs to."""

    import_id: UUID
    options: Options
    ids: Ids

    @property
    def source(self) -> str:
        """What the leads and keys it makes are marked with."""
        return f"import:{public_id('imp', self.import_id)}"


Row = Person | Unfit


@dataclass(frozen=True)
class Batch:
    """Rows in the order of the file, with the employers that were found for them."""

    rows: Sequence[Row]
    companies: dict[int, UUID]


async def take(db: AsyncSession, now: datetime, importing: Importing, batch: Batch) -> list[Decision]:
    """Decide and write the rows, or the first of them: those after a row that joins leads come next time."""
    await store.plan_by_size(db)
    ledger = await known(db, now, importing, batch)
    decisions: list[Decision] = []
    merges: dict[int, list[str]] = {}
    for row in batch.rows:
        found = ledger.decide(row)
        if isinstance(found, Joins):
            is_pending = any(one.lead_id in found.leads and is_change(one) for one in decisions)
            if is_pending or len(merges) >= MOST_MERGES:
                break  # what earlier rows make or change of the leads has to be stored before they are merged
            merges[row.row] = await join(db, now, importing, ledger, found)
            again = ledger.decide(row)
            assert isinstance(again, Decision)
            found = with_merges(again, merges[row.row])
        decisions.append(found)
    await write(db, now, importing, decisions)
    await barring.carry(db, importing.ids, now, ledger, batch.rows[: len(decisions)])
    return decisions


async def known(db: AsyncSession, now: datetime, importing: Importing, batch: Batch) -> Ledger:
    """All that is known of the people a batch names."""
    people = [row for row in batch.rows if isinstance(row, Person)]
    owners = await store.owners_of(db, (key for person in people for key in person.keys))
    standings = await store.standings(db, set(owners.values()), importing.import_id)
    return Ledger(
        importing.options,
        importing.ids.new,
        owners=owners,
        standings=standings,
        barred=await barring.barred_rows(db, now, people, barring.People(owners, standings)),
        companies=batch.companies,
    )


async def join(
    db: AsyncSession, now: datetime, importing: Importing, ledger: Ledger, joins: Joins
) -> list[str]:
    """Merge the leads a row shows to be one person into the oldest, and know them as that from here on."""
    kept, *others = sorted(joins.leads)
    made = []
    for other in others:
        wanted = Merging(kept, other, "same_keys", importing.source)
        made.append(public_id("mrg", (await merging.merge(db, importing.ids, now, wanted)).id))
    await db.flush()
    was_taken = any(ledger.standings[one].is_taken for one in joins.leads)
    standing = (await store.standings(db, [kept], importing.import_id))[kept]
    standing.is_taken = standing.is_taken or was_taken
    for one in joins.leads:
        ledger.standings.pop(one)
    ledger.standings[kept] = standing
    ledger.owners.update({key: kept for key, owner in ledger.owners.items() if owner in others})
    return made


def with_merges(decision: Decision, merges: list[str]) -> Decision:
    """The decision of a row that merged leads: that alone is a change, and can be undone."""
    before = {**(decision.before or {"fields": {}, "custom": {}, "keys": []}), "merges": merges}
    outcome = "updated" if decision.outcome == "unchanged" else decision.outcome
    return replace(decision, outcome=outcome, before=before, codes=(*decision.codes, "merged"))


async def write(db: AsyncSession, now: datetime, importing: Importing, decisions: Sequence[Decision]) -> None:
    """Everything the decisions change, their events and their receipts."""
    created = [one for one in decisions if one.outcome == "created"]
    updated = [one for one in decisions if one.outcome == "updated"]
    source = importing.source
    further = [replace(one, outcome="updated") for one in decisions if is_further(one)]
    told = sorted([*created, *updated, *further], key=row_of)
    await store.plan_once(db)
    await store.change_leads(db, updated, now)
    fillings = [
        store.new_leads(created, source, now),
        store.new_keys(decisions, source, now),
        store.events(told, source, now),
        store.receipts(importing.import_id, [(one, detail_of(one)) for one in decisions]),
    ]
    await store.copy_all(db, fillings)


def is_change(decision: Decision) -> bool:
    """Whether a row writes anything of its lead."""
    return decision.outcome in ("created", "updated") or is_further(decision)


def is_further(decision: Decision) -> bool:
    """Whether a row that was left out nevertheless gave its lead keys."""
    return decision.outcome == "skipped" and bool(decision.keys)


def row_of(decision: Decision) -> int:
    """Its row."""
    return decision.row


def detail_of(decision: Decision) -> str | None:
    """What the code says in words, with the warnings that came besides."""
    told = [codes.REASONS[code] for code in decision.codes if code in codes.REASONS]
    if decision.outcome == "invalid" and decision.codes:
        told[0] = codes.INVALID[decision.codes[0]]
    return " ".join(told) or None
