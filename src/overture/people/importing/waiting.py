"""Imports that wait for their mapping, and the list of all there were."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.people.importing.deciding import Options
from overture.people.importing.preview import checked
from overture.people.importing.reading import Reading
from overture.people.importing.running import refused, tell
from overture.people.tables import Import


async def remap(db: AsyncSession, imported: Import, mapping: Sequence[str | None], options: Options) -> None:
    """Take another mapping or other options for an import that has not begun."""
    if imported.state != "waiting":
        raise refused(imported, "be mapped anew")
    imported.mapping = {"columns": list(checked(mapping, Reading.restored(imported.reading)))}
    imported.options = options.stored()
    await db.flush()


async def page(db: AsyncSession, before: UUID | None, size: int) -> Sequence[Import]:
    """Imports newest first, older than the cursor."""
    query = select(Import)
    if before is not None:
        query = query.where(Import.id < before)
    return (await db.scalars(query.order_by(Import.id.desc()).limit(size))).all()


UNDONE: Final = text("""
select undone, count(*) from import_rows where import_id = :import_id and undone is not null group by undone
""")


async def undone_counts(db: AsyncSession, import_id: UUID) -> Mapping[str, int]:
    """What taking the import back has done with its rows so far."""
    return {row[0]: row[1] for row in await db.execute(UNDONE, {"import_id": import_id})}


async def of(db: AsyncSession, import_ids: Collection[UUID]) -> Sequence[Import]:
    """These imports, as far as there are any, oldest first."""
    return (await db.scalars(select(Import).where(Import.id.in_(import_ids)).order_by(Import.id))).all()


async def at_rest(db: AsyncSession, import_ids: Collection[UUID], before: datetime) -> Sequence[Import]:
    """Those of these imports that nobody has gone on with and that are older than this, locked."""
    query = select(Import).where(Import.id.in_(import_ids), Import.created_at < before)
    query = query.where(Import.state.in_(("waiting", "failed"))).order_by(Import.id)
    return (await db.scalars(query.with_for_update(skip_locked=True))).all()


async def give_up(db: AsyncSession, imports: Iterable[Import], problem: str, now: datetime) -> None:
    """Their files are gone: what waited or failed cannot go on, and says why."""
    for imported in imports:
        if imported.state in ("waiting", "failed"):
            imported.state, imported.problem = "failed", problem
            await tell(db, imported, "import.failed", now, problem=problem)
    await db.flush()
