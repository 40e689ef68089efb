"""What a client can do with files of people: routes and the command line call these."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import Conflict
from overture.core.ids import public_id
from overture.entrypoints.api.outreach.fields import shown_id
from overture.entrypoints.api.outreach.import_shapes import (
    ColumnView,
    Counts,
    ImportDetail,
    ImportView,
    Mapping,
    OptionsView,
    PreviewView,
    ReadingView,
    RowView,
    WarningView,
)
from overture.entrypoints.bootstrap import App
from overture.people import importing
from overture.people.importing import Hints, Import, ImportKit, ImportRow, Options, Preview, Reading

ALLOWED: Final = {
    "waiting": ("map", "start"),
    "running": (),
    "finished": ("rollback",),
    "failed": ("start", "rollback"),
    "rolled_back": (),
}


def folder_of(app: App) -> Path:
    """Where files of people lie until they are taken in."""
    return app.settings.data_dir / "imports"


def file_of(app: App, import_id: UUID) -> Path:
    """The file of an import."""
    return folder_of(app) / public_id("imp", import_id)


def kit_of(app: App, on_progress: Callable[[Import], None] = lambda _: None) -> ImportKit:
    """What running imports takes of the product."""
    return ImportKit(app.sessions, app.clock, app.ids, on_progress=on_progress)


@dataclass(frozen=True)
class File:
    """A file somebody wants to import, and what they say of it."""

    path: Path
    name: str
    hints: Hints
    by: str


@dataclass(frozen=True)
class Looked:
    """A file that was looked at from start to end."""

    file: File
    preview: Preview
    measured: importing.Measured


async def look(app: App, file: File) -> Looked:
    """Read the file: what it is, and how many rows it has."""
    reading = await asyncio.to_thread(importing.read, file.path, file.hints)
    async with app.sessions() as db:
        remembered = await importing.remembered(db, reading.header)
    seen = await asyncio.to_thread(importing.preview, file.path, file.hints, remembered)
    return Looked(file, seen, await asyncio.to_thread(importing.measure, file.path, seen.reading))


async def begin(app: App, db: AsyncSession, looked: Looked) -> ImportDetail:
    """An import that waits for its mapping to be confirmed; the file is put in its place."""
    new = importing.New(looked.file.name[:200], looked.preview, looked.measured, looked.file.by)
    imported = await importing.begin(db, app.ids, app.now(), new)
    looked.file.path.replace(file_of(app, imported.id))
    return await detail(db, imported, looked.preview)


async def remap(app: App, db: AsyncSession, import_id: UUID, wanted: Mapping) -> ImportDetail:
    """Another mapping, or other options, before it is started."""
    imported = await importing.by_id(db, import_id, lock=True)
    check_allowed(imported, "map")
    await importing.remap(db, imported, mapping_of(imported, wanted), options_of(imported, wanted))
    return await detail(db, imported, await previewed(app, imported))


async def confirm(app: App, db: AsyncSession, import_id: UUID, wanted: Mapping) -> ImportDetail:
    """Let it begin, or a failed one go on; whoever called then runs it."""
    imported = await importing.by_id(db, import_id, lock=True)
    check_allowed(imported, "start")
    if imported.state == "failed":
        await importing.resume(db, imported)
    else:
        mapping, options = mapping_of(imported, wanted), options_of(imported, wanted)
        await importing.confirm(db, imported, mapping, options, app.now())
    return await detail(db, imported)


async def run(app: App, import_id: UUID, on_progress: Callable[[Import], None] = lambda _: None) -> Import:
    """Take everybody in; when that is over the file goes, it is full of people."""
    path = file_of(app, import_id)
    imported = await importing.run(kit_of(app, on_progress), import_id, path)
    if imported.state == "finished":
        path.unlink(missing_ok=True)
    return imported


def check_allowed(imported: Import, wanted: str) -> None:
    """Refuse what the import's state does not allow."""
    allowed = ALLOWED[imported.state]
    if wanted not in allowed:
        raise Conflict(
            "illegal_transition",
            f"{public_id('imp', imported.id)} is {imported.state}.",
            fix="Choose one of `allowed_actions`." if allowed else "Upload the file again.",
            current_state=imported.state,
            allowed_actions=list(allowed),
        )


def mapping_of(imported: Import, wanted: Mapping) -> Sequence[str | None]:
    """The mapping that was asked for; columns that are not named stay as they are."""
    stored = cast(list[str | None], imported.mapping["columns"])
    if wanted.mapping is not None:
        return wanted.mapping
    if wanted.columns is None:
        return stored
    reading = Reading.restored(imported.reading)
    by_name = importing.by_header(reading, wanted.columns)
    named = importing.by_header(reading, dict.fromkeys(wanted.columns, "named"))
    return [new if name else old for old, new, name in zip(stored, by_name, named, strict=True)]


def options_of(imported: Import, wanted: Mapping) -> Options:
    """The options that were asked for, or those there are."""
    return wanted.options.wanted() if wanted.options else Options.restored(imported.options)


async def previewed(app: App, imported: Import) -> Preview | None:
    """What a waiting import would make of its file; None when there is nothing to look at any more."""
    path = file_of(app, imported.id)
    if imported.state != "waiting" or not path.exists():
        return None
    reading = Reading.restored(imported.reading)
    hints = Hints(reading.encoding, reading.delimiter, reading.header_row, reading.sheet)
    if reading.kind == "workbook":
        hints = Hints(header_row=reading.header_row, sheet=reading.sheet)
    mapping = cast(list[str | None], imported.mapping["columns"])
    first = await asyncio.to_thread(importing.preview, path, hints)
    return await asyncio.to_thread(importing.preview, path, hints, {first.header_hash: mapping})


async def detail(db: AsyncSession, imported: Import, preview: Preview | None = None) -> ImportDetail:
    """One import as clients see it."""
    counted = await importing.receipt(db, imported)
    reading = Reading.restored(imported.reading)
    fields = cast(list[str | None], imported.mapping["columns"])
    samples = [list(column.samples) for column in preview.columns] if preview else [[] for _ in fields]
    columns = zip(reading.header, fields, samples, strict=True)
    options = Options.restored(imported.options)
    return ImportDetail(
        **view(imported).model_dump(),
        reading=ReadingView(
            kind=reading.kind,
            encoding=reading.encoding,
            delimiter=reading.delimiter,
            header_row=reading.header_row,
            sheet=reading.sheet,
            sheets=list(reading.sheets),
        ),
        columns=[
            ColumnView(position=at, header=header, field=field, samples=shown)
            for at, (header, field, shown) in enumerate(columns)
        ],
        options=OptionsView(
            mode=options.mode,
            do_not_overwrite=tuple(sorted(options.do_not_overwrite)),
            skip_suppressed=options.skip_suppressed,
        ),
        counts=Counts(
            created=counted.created,
            updated=counted.updated,
            unchanged=counted.unchanged,
            skipped=dict(counted.skipped),
            invalid=dict(counted.invalid),
        ),
        undone=dict(await importing.undone_counts(db, imported.id)),
        preview=preview_view(preview) if preview is not None else None,
    )


def view(imported: Import) -> ImportView:
    """One import as lists show it."""
    plain = {name: getattr(imported, name) for name in ImportView.model_fields if hasattr(imported, name)}
    return ImportView(
        **plain,
        import_id=public_id("imp", imported.id),
        allowed_actions=list(ALLOWED[imported.state]),
    )


def preview_view(seen: Preview) -> PreviewView:
    """The beginning of the file."""
    return PreviewView(
        title=seen.title,
        is_remembered=seen.is_remembered,
        rows=[record.cells for record in seen.rows],
        outlook=dict(seen.outlook),
        warnings=[WarningView(code=one.code, message=one.message) for one in seen.warnings],
    )


def row_view(row: ImportRow) -> RowView:
    """What became of a row."""
    return RowView(
        row=row.row,
        outcome=row.outcome,
        code=row.code,
        detail=row.detail,
        lead_id=shown_id("lead", row.lead_id),
        cells=row.raw,
        undone=row.undone,
    )
