"""Taking an import back: leads it made are removed, leads it changed are as before.

Not those something has happened to since: who was enrolled, contacted, seen or changed by others stays as
they are, and the row says why. What others changed of a restored lead stays changed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.core.errors import Conflict
from overture.core.ids import public_id, read_public_id
from overture.people import merging
from overture.people import store as people_store
from overture.people.importing import running, store
from overture.people.importing.running import ImportKit
from overture.people.new_lead import PLAIN_FIELDS
from overture.people.tables import Import

KEPT: Final = {
    "enrolled": "They are or were in a campaign since.",
    "contacted": "An account acted toward them since.",
    "changed_since": "Something else was learnt or changed of them since.",
    "merged": "They were merged with another lead, and that cannot be undone by itself.",
    "erased": "They were erased.",
}
"""Why a lead stays as it is."""


@dataclass(frozen=True)
class Undone:
    """What became of the rows of an import that was taken back."""

    removed: int
    restored: int
    kept: Mapping[str, int]
    """By code; `KEPT` says what each means."""


@dataclass(frozen=True)
class Change:
    """A row that changed something."""

    row: int
    outcome: str
    lead_id: UUID
    before: Mapping[str, Any]


async def roll_back(kit: ImportKit, import_id: UUID, by: str) -> Undone:
    """Take the import back, the last row first; safe to begin again after a crash."""
    now = kit.clock.now()
    async with kit.sessions.begin() as db:
        imported = await running.by_id(db, import_id, lock=True)
        if imported.state not in ("finished", "failed", "rolled_back"):
            raise running.refused(imported, "be rolled back")
        imported.state, imported.rolled_back_at = "rolled_back", imported.rolled_back_at or now
    more = True
    while more:
        async with kit.sessions.begin() as db:
            imported = await running.by_id(db, import_id, lock=True)
            more = await undo_batch(db, kit, imported, by)
    async with kit.sessions.begin() as db:
        return await close(db, kit, import_id, by)


CHANGES: Final = text("""
select row, outcome, lead_id, before from import_rows
where import_id = :import_id and undone is null and lead_id is not null
    and (outcome = 'created' or before is not null)
order by row desc limit :size
""")


async def undo_batch(db: AsyncSession, kit: ImportKit, imported: Import, by: str) -> bool:
    """Take the last rows back that are not yet; whether there were any."""
    rows = await db.execute(CHANGES, {"import_id": imported.id, "size": kit.batch})
    changes = [Change(row, outcome, lead_id, before or {}) for row, outcome, lead_id, before in rows]
    if not changes:
        return False
    undoing = Undoing(db, kit, imported, by)
    done = await undoing.merges(changes)
    kept = await undoing.kept({change.lead_id for change in changes})
    await undoing.restore([change for change in changes if undoing.is_open(change, done, kept)])
    await undoing.remove(
        [
            one
            for one in changes
            if one.outcome == "created" and one.lead_id not in kept and one.row not in done
        ]
    )
    marks = {one.row: done.get(one.row) or kept.get(one.lead_id) or undone_as(one) for one in changes}
    await db.execute(MARK, {"import_id": imported.id, "rows": list(marks), "words": list(marks.values())})
    return True


MARK: Final = text("""
update import_rows r set undone = m.word
from unnest(cast(:rows as int[]), cast(:words as text[])) as m(row, word)
where r.import_id = :import_id and r.row = m.row
""")


def undone_as(change: Change) -> str:
    """What was done with a row that could be taken back."""
    return "removed" if change.outcome == "created" else "restored"


def own_source(imported: Import) -> str:
    """What the leads, keys, events and merges of the import are marked with."""
    return f"import:{public_id('imp', imported.id)}"


HAPPENED: Final = text("""
select e.lead_id, bool_or(e.enrollment_id is not null), bool_or(e.run_id is not null)
from (
    select lead_id, min(id) as id from events
    where lead_id = any(:ids) and data ->> 'source' = :source group by lead_id
) own
join events e on e.lead_id = own.lead_id and e.id > own.id
where coalesce(e.data ->> 'source', '') <> :source and coalesce(e.data ->> 'by', '') <> :source
    and coalesce(e.data ->> 'why', '') <> 'merge_undone' and e.type <> 'lead.merge_undone'
group by e.lead_id
""")
BOUND: Final = text("""
select l.lead_id, l.erased_at is not null, l.merged_into is not null
from leads l where l.lead_id = any(:ids) and (l.erased_at is not null or l.merged_into is not null
    or exists (select from relationships r where r.lead_id = l.lead_id and r.observed_at >= :since)
    or exists (select from profiles p where p.lead_id = l.lead_id and p.read_at >= :since))
""")
LOCK: Final = text("select lead_id from leads where lead_id = any(:ids) order by lead_id for update")


@dataclass(frozen=True)
class Undoing:
    """The taking back of some rows."""

    db: AsyncSession
    kit: ImportKit
    imported: Import
    by: str

    @property
    def now(self) -> datetime:
        """The time it is."""
        return self.kit.clock.now()

    async def merges(self, changes: Sequence[Change]) -> dict[int, str]:
        """Undo the merges rows made; the rows whose merges cannot be, with the reason."""
        held: dict[int, str] = {}
        for change in changes:
            for name in reversed(change.before.get("merges", [])):
                merge_id = read_public_id("mrg", name)
                assert merge_id is not None
                try:
                    done = await merging.by_id(self.db, merge_id)
                    if done.undone_at is None:
                        await merging.undo(self.db, done, self.by, self.now)
                except Conflict:
                    held[change.row] = "merged"
        return held

    async def kept(self, lead_ids: Collection[UUID]) -> dict[UUID, str]:
        """The leads something has happened to since, and what."""
        ids = list(lead_ids)
        await self.db.execute(LOCK, {"ids": ids})
        since = self.imported.created_at
        found: dict[UUID, str] = {}
        happened = await self.db.execute(HAPPENED, {"ids": ids, "source": own_source(self.imported)})
        for lead_id, is_enrolled, is_contacted in happened:
            found[lead_id] = "enrolled" if is_enrolled else "contacted" if is_contacted else "changed_since"
        for lead_id, is_erased, is_merged in await self.db.execute(BOUND, {"ids": ids, "since": since}):
            reason = "erased" if is_erased else "merged" if is_merged else "changed_since"
            found.setdefault(lead_id, reason)
        keys = await people_store.keys_of(self.db, [one for one in ids if one not in found])
        targets = {one: people_store.targets_in(of_one) for one, of_one in keys.items()}
        return found | dict.fromkeys(await contacted(self.db, targets), "contacted")

    def is_open(self, change: Change, held: Mapping[int, str], kept: Mapping[UUID, str]) -> bool:
        """Whether a row's changes are to be taken back field by field."""
        return change.row not in held and change.lead_id not in kept and bool(change.before)

    async def restore(self, changes: Sequence[Change]) -> None:
        """Put back what rows changed, where it is still as they left it, and take their keys away."""
        if not changes:
            return
        ids = {change.lead_id for change in changes}
        standings = await store.standings(self.db, ids, self.imported.id)
        for change in changes:  # the last row first
            standing = standings[change.lead_id]
            put_back(standing.fields, change.before.get("fields", {}))
            put_back(standing.custom, change.before.get("custom", {}))
            was, became = change.before.get("company_id", (None, None))
            if became and standing.company_id == UUID(became):
                standing.company_id = UUID(was) if was else None
        await self.db.execute(AS_BEFORE)
        rows = (
            (
                *(str(one.lead_id), one.company_id and str(one.company_id), store.as_json(one.custom)),
                *(one.fields.get(name) for name in PLAIN_FIELDS),
            )
            for one in standings.values()
        )
        await store.copy_in(self.db, "leads_before", ("lead_id", "company_id", "custom", *PLAIN_FIELDS), rows)
        await self.db.execute(RESTORE, {"now": self.now})
        await self.db.execute(text("drop table leads_before"))
        keys = [(kind, value) for change in changes for kind, value in change.before.get("keys", ())]
        await self.take_keys(keys)
        updated = {change.lead_id: change for change in changes if change.outcome == "updated"}
        await self.tell("lead.restored", {lead_id: told_of(one) for lead_id, one in updated.items()})

    async def take_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Take away keys the import gave, if they are still as it gave them."""
        if keys:
            kinds, values = zip(*keys, strict=True)
            source = own_source(self.imported)
            await self.db.execute(TAKE_KEYS, {"kinds": list(kinds), "values": list(values), "source": source})

    async def remove(self, changes: Sequence[Change]) -> None:
        """Remove leads the import made and nothing has happened to."""
        ids = [change.lead_id for change in changes]
        if not ids:
            return
        await self.db.execute(FORGET_MERGES, {"ids": ids, "source": own_source(self.imported)})
        await self.db.execute(FORGET_KEYS, {"ids": ids})
        employers = set((await self.db.scalars(FORGET_LEADS, {"ids": ids})).all())
        since = {"ids": list(employers), "since": self.imported.created_at}
        await self.db.execute(FORGET_COMPANIES, since)
        await self.tell("lead.removed", {lead_id: {} for lead_id in ids})

    async def tell(self, kind: str, told: Mapping[UUID, Mapping[str, object]]) -> None:
        """An event for each lead."""
        at = self.now.isoformat()
        source = own_source(self.imported)
        rows = (
            (at, kind, str(lead_id), store.as_json({"source": source, "by": self.by, **more}))
            for lead_id, more in told.items()
        )
        await store.copy_in(self.db, "events", ("at", "type", "lead_id", "data"), rows)


AS_BEFORE: Final = text(f"""
create temporary table leads_before (
    lead_id uuid, company_id uuid, custom jsonb, {", ".join(f"{name} text" for name in PLAIN_FIELDS)}
) on commit drop
""")
# The company of before may be gone with another import that was taken back.
RESTORE: Final = text(f"""
update leads l set updated_at = :now, custom = b.custom,
    company_id = (select c.company_id from companies c where c.company_id = b.company_id),
    {", ".join(f"{name} = b.{name}" for name in PLAIN_FIELDS)}
from leads_before b where b.lead_id = l.lead_id
""")
TAKE_KEYS: Final = text("""
delete from identities i using unnest(cast(:kinds as text[]), cast(:values as text[])) as k(kind, value)
where i.kind = k.kind and i.value = k.value and i.source = :source
""")
FORGET_MERGES: Final = text("""
delete from merges where by = :source and undone_at is not null
    and (kept_id = any(:ids) or merged_id = any(:ids))
""")
FORGET_KEYS: Final = text("delete from identities where lead_id = any(:ids)")
FORGET_LEADS: Final = text("delete from leads where lead_id = any(:ids) returning company_id")
FORGET_COMPANIES: Final = text("""
delete from companies c where c.company_id = any(:ids) and c.created_at >= :since
    and not exists (select from leads l where l.company_id = c.company_id)
    and not exists (select from merges m where m.before #>> '{fields,company_id}' = c.company_id::text)
""")
"""Those the import made for leads that are gone, unless somebody works there or undoing a merge needs it."""


def put_back(now: dict[str, Any], before: Mapping[str, Sequence[object]]) -> None:
    """The old of each field that still is what the row made of it."""
    for name, (was, became) in before.items():
        if now.get(name) == became:
            if was is None:
                now.pop(name, None)
            else:
                now[name] = was


def told_of(change: Change) -> dict[str, object]:
    """The data of a restored lead's event."""
    custom = ("custom",) if change.before.get("custom") else ()
    keys = ("keys",) if change.before.get("keys") else ()
    return {"fields": sorted((*change.before.get("fields", ()), *custom, *keys))}


async def contacted(db: AsyncSession, targets: Mapping[UUID, frozenset[str]]) -> set[UUID]:
    """The leads runs went toward; found by halves, since mostly there are none."""
    wanted = {target for of_one in targets.values() for target in of_one}
    if not targets or not await runs.toward(db, wanted):
        return set()
    if len(targets) == 1:
        return set(targets)
    items = list(targets.items())
    middle = len(items) // 2
    return await contacted(db, dict(items[:middle])) | await contacted(db, dict(items[middle:]))


UNDONE: Final = text("""
select undone, count(*) from import_rows where import_id = :import_id and undone is not null group by undone
""")


async def close(db: AsyncSession, kit: ImportKit, import_id: UUID, by: str) -> Undone:
    """Count what was done, and say so once."""
    imported = await running.by_id(db, import_id, lock=True)
    marked = await db.execute(UNDONE, {"import_id": import_id})
    counts = {row[0]: row[1] for row in marked}
    if "undone" not in imported.counts:
        imported.counts = {**imported.counts, "undone": counts}
        await running.tell(db, imported, "import.rolled_back", kit.clock.now(), by=by, undone=counts)
    kept = {word: count for word, count in counts.items() if word in KEPT}
    return Undone(counts.get("removed", 0), counts.get("restored", 0), kept)
