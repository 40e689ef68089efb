"""`overture leads import` and `overture imports …`: files of people."""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from overture.core.errors import Invalid
from overture.entrypoints.api.outreach import import_acts, uploads
from overture.entrypoints.api.outreach.asking import rehearsed
from overture.entrypoints.api.outreach.fields import uuid_in
from overture.entrypoints.api.outreach.import_acts import File
from overture.entrypoints.api.outreach.import_shapes import ImportDetail, ImportView, Mapping
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.acting import Limit, Yes
from overture.entrypoints.cli.exits import ExitCode
from overture.entrypoints.cli.opened import person, with_app
from overture.entrypoints.cli.output import print_one, print_rows, rows_of
from overture.people import importing
from overture.people.importing import Hints

commands = typer.Typer(help="Imports: files of people, and what became of them.", no_args_is_help=True)

COLUMNS = ("import_id", "name", "state", "source_format", "done", "total", "created_at")
ImportId = Annotated[str, typer.Argument(help="The import's id, imp_….")]


def import_file(  # noqa: PLR0913, PLR0917 - one parameter an option
    file: Annotated[Path, typer.Argument(help="CSV (any delimiter, any encoding) or XLSX.")],
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="column=field; an empty field leaves it out.")
    ] = None,
    mode: Annotated[str, typer.Option(help="add_update, add_only or update_only")] = "add_update",
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help="A field that is filled when empty, never replaced.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="When it is not what is detected.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="When it is not what is detected.")] = None,
    header_row: Annotated[int | None, typer.Option(min=0, help="0: there is none.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook.")] = None,
    yes: Yes = False,
) -> None:
    """Take the people of a file in: shown first, then asked, then done with a receipt for every row."""
    if not file.is_file():
        raise Invalid("file_unreadable", f"There is no file {file}.", fix="Name a CSV or XLSX file.")
    wanted = Mapping.model_validate(
        {
            "columns": columns_in(map_ or ()) or None,
            "options": {"mode": mode, "do_not_overwrite": keep or ()},
        }
    )
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to be asked: give --yes.")
    hints = Hints(encoding, delimiter, header_row, sheet)
    done = with_app(lambda app: imported(app, file, hints, wanted, ask=not yes))
    print_one(done.model_dump(mode="json"))
    raise typer.Exit(ExitCode.OK if done.state in ("finished", "waiting") else ExitCode.GENERAL)


def columns_in(pairs: Sequence[str]) -> dict[str, str | None]:
    """The fields of columns, from `column=field`."""
    found: dict[str, str | None] = {}
    for pair in pairs:
        column, sign, field = pair.rpartition("=")
        if not sign or not column:
            raise typer.BadParameter(f"--map takes column=field, not {pair!r}.")
        found[column] = field.strip() or None
    return found


async def imported(app: App, file: Path, hints: Hints, wanted: Mapping, *, ask: bool) -> ImportDetail:
    """Look at the file, ask, and take everybody in; left alone it waits."""
    with uploads.place(import_acts.folder_of(app), f"upload-{app.ids.new()}") as path:
        shutil.copyfile(file, path)
        looked = await import_acts.look(app, File(path, file.name, hints, person()))
        made = await rehearsed(app, False, lambda db: import_acts.begin(app, db, looked))
    import_id = uuid_in("imp", made.import_id)
    try:
        made = await rehearsed(app, False, lambda db: import_acts.remap(app, db, import_id, wanted))
    except Invalid:
        import_acts.file_of(app, import_id).unlink(missing_ok=True)
        raise
    if ask:
        show_preview(made)
        if not typer.confirm(f"Take in {made.total} rows?", err=True):
            return made
    await rehearsed(app, False, lambda db: import_acts.confirm(app, db, import_id, wanted))
    with progress(made.total) as advance:
        await import_acts.run(app, import_id, lambda one: advance(one.done))
    async with app.sessions() as db:
        return await import_acts.detail(db, await importing.by_id(db, import_id))


def show_preview(made: ImportDetail) -> None:
    """How the file is read, and what its columns are taken for; on stderr."""
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console, seen = Console(stderr=True), made.preview
    reading = made.reading
    how = (
        f"sheet {reading.sheet}"
        if reading.kind == "workbook"
        else f"{reading.encoding}, {reading.delimiter!r}"
    )
    console.print(
        escape(f"{made.name}: {made.total} rows, {seen.title if seen else made.source_format}, {how}")
    )
    table = Table("column", "taken as", "for example")
    for column in made.columns:
        table.add_row(escape(column.header), column.field or "-", escape(", ".join(column.samples)[:60]))
    console.print(table)
    for warning in seen.warnings if seen else ():
        console.print(escape(warning.message))
    outlook = ", ".join(f"{count} {word}" for word, count in (seen.outlook if seen else {}).items())
    console.print(escape(f"Of the first rows: {outlook}"))


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr while rows are taken in; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("taking in"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("rows", total=total)
        yield lambda done: bar.update(task, completed=done)


@commands.command("list")
def list_imports(limit: Limit = 50) -> None:
    """Imports, newest first."""

    async def listed(app: App) -> list[ImportView]:
        async with app.sessions() as db:
            return [import_acts.view(one) for one in await importing.page(db, None, limit)]

    print_rows(rows_of(with_app(listed)), COLUMNS)


@commands.command()
def show(import_id: ImportId) -> None:
    """One import: its mapping, and how many rows became what."""
    found = uuid_in("imp", import_id)

    async def shown(app: App) -> ImportDetail:
        async with app.sessions() as db:
            return await import_acts.detail(db, await importing.by_id(db, found))

    print_one(with_app(shown).model_dump(mode="json"))


@commands.command()
def failed(import_id: ImportId) -> None:
    """The rows that were not taken, as CSV with the reason, to mend and import again."""
    found = uuid_in("imp", import_id)

    async def written(app: App) -> None:
        async with app.sessions() as db:
            imported = await importing.by_id(db, found)
            async for part in importing.failed_csv(db, imported):
                sys.stdout.write(part)

    with_app(written)


@commands.command()
def rollback(import_id: ImportId, yes: Yes = False) -> None:
    """Take an import back: leads it made go, leads it changed are as before."""
    found = uuid_in("imp", import_id)
    if not yes:
        typer.confirm(f"Take {import_id} back?", abort=True, err=True)

    async def undone(app: App) -> ImportDetail:
        async with app.sessions() as db:
            import_acts.check_allowed(await importing.by_id(db, found), "rollback")
        await importing.roll_back(import_acts.kit_of(app), found, person())
        async with app.sessions() as db:
            return await import_acts.detail(db, await importing.by_id(db, found))

    print_one(with_app(undone).model_dump(mode="json"))
