"""The pages of imports: bring a file, see what it is, map its columns, and get a receipt for every row."""

from collections.abc import AsyncIterator
from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from overture.core.errors import Invalid
from overture.core.ids import public_id
from overture.entrypoints.api.cursor import cursor_after, read_cursor
from overture.entrypoints.api.outreach import import_acts, uploads
from overture.entrypoints.api.outreach.import_shapes import Mapping
from overture.entrypoints.api.outreach.importer import Importer
from overture.entrypoints.web.campaigns import uuid_in
from overture.entrypoints.web.guard import Form
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.render import app_of, go, show, with_query
from overture.people import importing
from overture.people.importing import Hints

router = APIRouter(prefix="/imports")

PAGE: Final = 30
ROWS_SHOWN: Final = 50
LEFT_OUT: Final = ("skipped", "invalid")


@router.get("")
async def list_imports(request: Request, cursor: Annotated[str, Query()] = "") -> Response:
    """Every file there was."""
    app = app_of(request)
    before = read_cursor(cursor, app.api_key) if cursor else None
    async with app.sessions() as db:
        found = await importing.page(db, before, PAGE + 1)
    older = cursor_after(found[PAGE - 1].id, app.api_key) if len(found) > PAGE else None
    return show(
        request,
        "imports.html",
        fragment="imports_live.html",
        rows=[import_acts.view(one) for one in found[:PAGE]],
        older=with_query("/imports", {"cursor": older}) if older else None,
    )


@router.post("")
async def upload(request: Request) -> Response:
    """Look at a file; nobody is taken in before its mapping is confirmed."""
    app = app_of(request)
    with uploads.place(import_acts.folder_of(app), f"upload-{app.ids.new()}") as path:
        sent = await uploads.receive(request, path, None)
        looked = await import_acts.look(app, import_acts.File(path, sent.name, Hints(), BY))
        async with app.sessions.begin() as db:
            made = await import_acts.begin(app, db, looked)
    return go(request, f"/imports/{made.import_id}", "Look at the columns, then take everybody in.")


@router.get("/{import_id}")
async def show_import(request: Request, import_id: str) -> Response:
    """One file: its columns while it waits, its receipt afterwards."""
    app, found = app_of(request), uuid_in("imp", import_id)
    async with app.sessions() as db:
        imported = await importing.by_id(db, found)
        seen = await import_acts.detail(db, imported, await import_acts.previewed(app, imported))
        left_out = await importing.rows(db, found, 0, ROWS_SHOWN, LEFT_OUT)
    return show(
        request,
        "import.html",
        fragment="import_live.html",
        imported=seen,
        left_out=[import_acts.row_view(one) for one in left_out],
        rows_shown=ROWS_SHOWN,
        fields=importing.FIELDS,
        codes=importing.REASONS,
    )


@router.post("/{import_id}/start")
async def start(request: Request, import_id: str, form: Form) -> Response:
    """Take everybody in, with the columns as they were chosen."""
    app, found = app_of(request), uuid_in("imp", import_id)
    async with app.sessions.begin() as db:
        imported = await importing.by_id(db, found)
        width = len(cast(list[object], imported.mapping["columns"]))
        await import_acts.confirm(app, db, found, mapping_in(dict(form), width))
    importer_of(request).run(found)
    return go(request, f"/imports/{import_id}", "Everybody is being taken in.")


@router.post("/{import_id}/rollback")
async def roll_back(request: Request, import_id: str) -> Response:
    """Take the import back, as far as nothing was done with its leads since."""
    app, found = app_of(request), uuid_in("imp", import_id)
    async with app.sessions() as db:
        import_acts.check_allowed(await importing.by_id(db, found), "rollback")
    importer_of(request).roll_back(found, BY)
    return go(request, f"/imports/{import_id}", "It is being taken back.")


@router.get("/{import_id}/failed.csv")
async def failed_rows(request: Request, import_id: str) -> StreamingResponse:
    """The rows that were not taken, as a file to mend and bring again."""
    found = uuid_in("imp", import_id)
    name = f"{public_id('imp', found)}-failed.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines(request, found), media_type="text/csv", headers=headers)


async def lines(request: Request, import_id: UUID) -> AsyncIterator[str]:
    """The parts of the file, while its session is open."""
    async with app_of(request).sessions() as db:
        async for part in importing.failed_csv(db, await importing.by_id(db, import_id)):
            yield part


def mapping_in(form: dict[str, str], width: int) -> Mapping:
    """The mapping a form chose, column by column; a form without columns leaves it as it is."""
    if "column.0" not in form:
        return Mapping()
    chosen = tuple(form.get(f"column.{at}") or None for at in range(width))
    try:
        return Mapping(mapping=chosen)
    except ValidationError:
        raise Invalid("validation_error", "A column's field is none.", fix="Choose another one.") from None


def importer_of(request: Request) -> Importer:
    """The imports the pages have begun."""
    found = getattr(request.app.state, "importer", None)
    if found is None:
        found = request.app.state.importer = Importer(app_of(request))
    assert isinstance(found, Importer)
    return found
