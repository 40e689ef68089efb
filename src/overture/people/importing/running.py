"""An import from the file to its receipt: begun, confirmed, run in batches, gone on with after a crash.

imported = await begin(db, ids, now, New(name, seen, measured, by))  # waiting for the operator
await confirm(db, imported, mapping, options, now)                   # running
await run(kit, imported.id, path)                                    # finished, or failed
"""

import asyncio
import gc
import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, cast
from uuid import UUID

import psycopg
from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.clock import Clock
from overture.core.errors import Conflict, Invalid, NotFound
from overture.core.ids import Ids, public_id
from overture.db import About, Sessions, append_events
from overture.people.importing import employers, store
from overture.people.importing.batches import Batch, Importing, Row, take
from overture.people.importing.cleaning import Person, Plan, person_of, plan_of
from overture.people.importing.deciding import Decision, Options
from overture.people.importing.preview import Preview, checked, hash_of
from overture.people.importing.reading import Reading, records
from overture.people.tables import Import, ImportMapping

BATCH: Final = 5_000
MOST_TRIES: Final = 6
"""How often a batch is tried anew that somebody else got in the way of."""
CROSSED: Final = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.SerializationFailure,
    psycopg.errors.ForeignKeyViolation,
)
"""Somebody else took in, merged or erased one of the same people at the same moment: look again."""

Told = Callable[[Import], None]


@dataclass(frozen=True)
class ImportKit:
    """What running an import needs."""

    sessions: Sessions
    clock: Clock
    ids: Ids
    batch: int = BATCH
    on_progress: Told = field(default=lambda _: None)
    """Called after every batch that is stored."""


@dataclass(frozen=True)
class Measured:
    """A file as a whole: what tells it from another, and how many rows it has."""

    sha256: str
    rows: int


def measure(path: Path, reading: Reading) -> Measured:
    """Read the file from start to end; blocking, and for a large one slow."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Measured(digest, sum(1 for _ in records(path, reading)))


@dataclass(frozen=True)
class New:
    """A file somebody wants to import."""

    name: str
    seen: Preview
    measured: Measured
    by: str
    options: Options = field(default_factory=Options)


async def remembered(db: AsyncSession, header: Sequence[str]) -> dict[str, Sequence[str | None]]:
    """The mapping confirmed for this header before, by its hash; for `preview`."""
    found = await db.get(ImportMapping, hash_of(header))
    return {found.header_hash: cast(list[str | None], found.mapping["columns"])} if found else {}


async def begin(db: AsyncSession, ids: Ids, now: datetime, new: New) -> Import:
    """An import that waits for its mapping to be confirmed."""
    seen = new.seen
    made = Import(
        id=ids.new(),
        name=new.name,
        sha256=new.measured.sha256,
        source_format=seen.source_format,
        reading=seen.reading.stored(),
        mapping={"columns": list(seen.mapping)},
        options=new.options.stored(),
        state="waiting",
        total=new.measured.rows,
        done=0,
        counts={},
        by=new.by,
        created_at=now,
    )
    db.add(made)
    await db.flush()
    return made


async def confirm(
    db: AsyncSession, imported: Import, mapping: Sequence[str | None], options: Options, now: datetime
) -> None:
    """Take the operator's word for what the columns are, remember it for the next file like it, and go."""
    if imported.state != "waiting":
        raise refused(imported, "begin")
    columns = checked(mapping, Reading.restored(imported.reading))
    imported.mapping = {"columns": list(columns)}
    imported.options = options.stored()
    imported.state = "running"
    made = insert(cast(Table, ImportMapping.__table__)).values(
        header_hash=hash_of(Reading.restored(imported.reading).header),
        mapping=imported.mapping,
        updated_at=now,
    )
    await db.execute(
        made.on_conflict_do_update(
            index_elements=["header_hash"],
            set_={"mapping": made.excluded.mapping, "updated_at": made.excluded.updated_at},
        )
    )
    await db.flush()


def refused(imported: Import, act: str) -> Conflict:
    """The import is not in a state for this."""
    name = public_id("imp", imported.id)
    return Conflict(
        "illegal_transition",
        f"{name} is {imported.state}: it cannot {act}.",
        fix=f"Look at GET /api/v1/imports/{name}.",
        current_state=imported.state,
    )


async def by_id(db: AsyncSession, import_id: UUID, *, lock: bool = False) -> Import:
    """The import, or a refusal."""
    found = await db.get(Import, import_id, with_for_update=lock, populate_existing=True)
    if found is None:
        raise NotFound(
            "import_not_found",
            f"There is no import {public_id('imp', import_id)}.",
            fix="Look at GET /api/v1/imports for those there are.",
        )
    return found


async def under_way(db: AsyncSession) -> list[UUID]:
    """Imports that were begun and are not over: to be gone on with when the process starts."""
    rows = await db.scalars(select(Import.id).where(Import.state == "running").order_by(Import.id))
    return list(rows)


async def run(kit: ImportKit, import_id: UUID, path: Path) -> Import:
    """Take in every row that was not decided yet; safe to begin again at any time, and beside another."""
    async with kit.sessions.begin() as db:
        imported = await by_id(db, import_id)
        after = await store.last_row(db, import_id)
    if imported.state != "running":
        return imported
    try:
        await asyncio.to_thread(same_file, path, imported.sha256)
        rows = people_in(path, imported, after)
        batch = await asyncio.to_thread(next_batch, rows, kit.batch)
        while batch:
            batch = await take_and_read_on(kit, imported, batch, rows)
    except Invalid as error:
        return await failed(kit, import_id, error.message)
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        return await failed(kit, import_id, f"The database refused a row: {type(error).__name__}.")
    return await finish(kit, import_id)


def same_file(path: Path, sha256: str) -> None:
    """Refuse to go on with another file than the one that was looked at."""
    if not path.exists():
        raise Invalid("file_gone", "The file of the import is no longer there.", fix="Upload it again.")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise Invalid("file_changed", "The file is not the one that was looked at.", fix="Upload it again.")


def people_in(path: Path, imported: Import, after: int) -> Iterator[Row]:
    """The rows of the file behind the last that was decided, as people."""
    reading = Reading.restored(imported.reading)
    plan: Plan = plan_of(cast(list[str | None], imported.mapping["columns"]), imported.source_format)
    for record in records(path, reading):
        if record.row > after:
            yield person_of(record, plan)


def next_batch(rows: Iterator[Row], size: int) -> list[Row]:
    """The next rows; none at the end."""
    return list(itertools.islice(rows, size))


async def take_and_read_on(
    kit: ImportKit, imported: Import, batch: Sequence[Row], rows: Iterator[Row]
) -> list[Row]:
    """Take in a batch while the next one is read; the next one."""
    with collecting_later():
        reading_on = asyncio.create_task(asyncio.to_thread(next_batch, rows, kit.batch))
        try:
            await take_all(kit, imported, batch)
        finally:
            following = await reading_on
    return following


@contextmanager
def collecting_later() -> Iterator[None]:
    """Let the collector of cycles wait: a batch has none, and would have it walk through all there is."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


async def take_all(kit: ImportKit, imported: Import, rows: Sequence[Row]) -> None:
    """Take in a batch, in several transactions if rows of it have to be stored before others are decided."""
    rest = rows
    while rest:
        taken = await tried(kit, imported, rest)
        rest = rest[taken:]


async def tried(kit: ImportKit, imported: Import, rows: Sequence[Row]) -> int:
    """Take in the first rows, again if another got in the way; how many were decided."""
    for attempt in itertools.count(1):
        try:
            return await take_once(kit, imported, rows)
        except (*CROSSED, DBAPIError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if attempt == MOST_TRIES or not isinstance(cause, CROSSED):
                raise
    raise AssertionError("the loop returns or raises")


async def take_once(kit: ImportKit, imported: Import, rows: Sequence[Row]) -> int:
    """One transaction for the employers, one for the people and their receipts."""
    importing = Importing(imported.id, Options.restored(imported.options), kit.ids)
    now = kit.clock.now()
    people = [row for row in rows if isinstance(row, Person)]
    async with kit.sessions.begin() as db:
        companies = await employers.settle(db, kit.ids, now, people)
    async with kit.sessions.begin() as db:
        stored = await by_id(db, imported.id, lock=True)
        if stored.state != "running":
            raise refused(stored, "go on")
        decided = await store.last_row(db, imported.id)
        left = [row for row in rows if row.row > decided]  # another may be at the same import
        decisions = await take(db, now, importing, Batch(left, companies))
        stored.done += len(decisions)
        stored.counts = counted(stored.counts, decisions)
    kit.on_progress(stored)
    return len(rows) - len(left) + len(decisions)


def counted(counts: dict[str, object], decisions: Sequence[Decision]) -> dict[str, object]:
    """How many rows had each outcome so far."""
    found = dict(counts)
    for outcome, number in Counter(one.outcome for one in decisions).items():
        found[outcome] = cast(int, found.get(outcome, 0)) + number
    return found


async def finish(kit: ImportKit, import_id: UUID) -> Import:
    """Every row is decided: count them, and say so once."""
    now = kit.clock.now()
    async with kit.sessions.begin() as db:
        imported = await by_id(db, import_id, lock=True)
        if imported.state != "running":
            return imported
        counts = await store.counts_of(db, import_id)
        imported.state, imported.finished_at, imported.counts = "finished", now, counts
        imported.problem = None
        await tell(db, imported, "import.finished", now)
    kit.on_progress(imported)
    return imported


async def failed(kit: ImportKit, import_id: UUID, problem: str) -> Import:
    """It cannot go on; what was taken in stays, and can be rolled back or gone on with."""
    now = kit.clock.now()
    async with kit.sessions.begin() as db:
        imported = await by_id(db, import_id, lock=True)
        if imported.state == "running":
            imported.state, imported.problem = "failed", problem
            imported.counts = await store.counts_of(db, import_id)
            await tell(db, imported, "import.failed", now, problem=problem)
    return imported


async def resume(db: AsyncSession, imported: Import) -> None:
    """Let a failed import go on behind the last row it decided."""
    if imported.state != "failed":
        raise refused(imported, "go on")
    imported.state, imported.problem = "running", None
    await db.flush()


async def tell(db: AsyncSession, imported: Import, kind: str, now: datetime, **more: object) -> None:
    """Its event."""
    data = {
        "import_id": public_id("imp", imported.id),
        "source_format": imported.source_format,
        "total": imported.total,
        "done": imported.done,
        "counts": imported.counts,
        **more,
    }
    await append_events(db, [(now, kind, About(), data)])
