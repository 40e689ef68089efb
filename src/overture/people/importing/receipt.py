"""What became of every row of an import, and the rows that were not taken as a file to mend."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.people.exporting import guarded
from overture.people.importing import store
from overture.people.importing.reading import Reading
from overture.people.tables import Import, ImportRow

PAGE: Final = 2_000
ADDED: Final = ("Overture row", "Overture outcome", "Overture code", "Overture reason")
"""Columns a file of failed rows has besides its own; `formats.RECEIPT` knows them again."""


@dataclass(frozen=True)
class Receipt:
    """The rows of an import by what became of them; their sum is the number of rows."""

    total: int
    created: int
    updated: int
    unchanged: int
    skipped: Mapping[str, int]
    """By code."""
    invalid: Mapping[str, int]
    """By code."""

    @property
    def decided(self) -> int:
        """How many rows have an outcome; at the end all of them."""
        left_out = sum(self.skipped.values()) + sum(self.invalid.values())
        return self.created + self.updated + self.unchanged + left_out


async def receipt(db: AsyncSession, imported: Import) -> Receipt:
    """The count of an import, from its rows."""
    counts = await store.counts_of(db, imported.id)
    return Receipt(
        total=imported.total,
        created=cast(int, counts["created"]),
        updated=cast(int, counts["updated"]),
        unchanged=cast(int, counts["unchanged"]),
        skipped=cast(dict[str, int], counts["skipped"]),
        invalid=cast(dict[str, int], counts["invalid"]),
    )


async def rows(
    db: AsyncSession, import_id: UUID, after: int = 0, size: int = 100, outcomes: Sequence[str] = ()
) -> Sequence[ImportRow]:
    """Rows with their outcomes, in the order of the file, behind this one."""
    query = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.row > after)
    if outcomes:
        query = query.where(ImportRow.outcome.in_(outcomes))
    found = await db.scalars(query.order_by(ImportRow.row).limit(size))
    return found.all()


async def failed_csv(db: AsyncSession, imported: Import) -> AsyncIterator[str]:
    """The rows that were not taken, as they stood in the file, each with the reason; a part at a time."""
    header = Reading.restored(imported.reading).header
    yield as_csv([[*map(guarded, header), *ADDED]])
    after = 0
    while page := await rows(db, imported.id, after, PAGE, ("skipped", "invalid")):
        after = page[-1].row
        yield as_csv([failed_row(one, len(header)) for one in page])
        for one in page:
            db.expunge(one)  # a file may be larger than memory


def failed_row(one: ImportRow, width: int) -> list[object]:
    """A row that was not taken: its cells, then what became of it. An erased person's cells are gone."""
    cells = (one.raw or [])[:width]
    padded = cells + [""] * (width - len(cells))
    return [*map(guarded, padded), one.row, one.outcome, one.code, one.detail]


def as_csv(lines: Sequence[Sequence[object]]) -> str:
    """Lines of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()
