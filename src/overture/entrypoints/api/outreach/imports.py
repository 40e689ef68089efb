"""Routes of imports: a file of people, looked at, mapped, taken in, and taken back."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Query, Request, Response, status
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.outreach import import_acts, uploads
from overture.entrypoints.api.outreach.asking import WRITE, Ask, rehearsed
from overture.entrypoints.api.outreach.fields import ImportIdPath, uuid_in
from overture.entrypoints.api.outreach.import_acts import File, check_allowed, detail, previewed
from overture.entrypoints.api.outreach.import_shapes import (
    ImportDetail,
    ImportList,
    Mapping,
    RowList,
)
from overture.entrypoints.api.outreach.importer import AtWork
from overture.entrypoints.api.outreach.paging import Cut, Listed, cut, numbered
from overture.entrypoints.api.problems import declared
from overture.people import importing
from overture.people.importing import OUTCOMES, Hints

router = APIRouter(prefix="/api/v1/imports", tags=["imports"], dependencies=[needs_key])

FILE: Final = {"schema": {"type": "string", "format": "binary"}}
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORM: Final = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
}
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The file as it is: CSV (any delimiter, any encoding) or XLSX; or a form with it.",
        "content": {"text/csv": FILE, WORKBOOK: FILE, "multipart/form-data": FORM},
    }
}
ONE_OUTCOME: Final = "(" + "|".join(OUTCOMES) + ")"
TEXT: Final = r"^[^\x00]*$"


class Said(BaseModel):
    """What the client says of the file; what is left out is detected."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(default=None, pattern=TEXT, max_length=200, description="What to call it.")
    encoding: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]+$", max_length=40)
    delimiter: str | None = Field(default=None, pattern=r"^[,;\t|]$")
    header_row: int | None = Field(default=None, ge=0, le=1000, description="0: there is none.")
    sheet: str | None = Field(default=None, pattern=TEXT, max_length=100)

    def hints(self) -> Hints:
        """The same as files are read by."""
        return Hints(self.encoding, self.delimiter, self.header_row, self.sheet)


class ChosenRows(Listed):
    """Which rows a list shows."""

    outcome: str | None = Field(
        default=None,
        pattern=f"^{ONE_OUTCOME}(,{ONE_OUTCOME})*$",
        max_length=200,
        description="One or several, with commas.",
    )


@router.post("", status_code=status.HTTP_201_CREATED, responses=declared(), openapi_extra=BODY)
async def upload_import(
    app: Product, by: By, ask: Ask, request: Request, response: Response, said: Annotated[Said, Query()]
) -> ImportDetail:
    """Look at a file of people; nobody is taken in before `start`."""
    folder = import_acts.folder_of(app)
    with uploads.place(folder, f"upload-{app.ids.new()}") as path:
        upload = await uploads.receive(request, path, said.name)
        looked = await import_acts.look(app, File(path, upload.name, said.hints(), by))
        made = await ask.once(
            app,
            ImportDetail,
            lambda db: import_acts.begin(app, db, looked),
            content=looked.measured.sha256.encode(),
        )
    response.headers["Location"] = f"/api/v1/imports/{made.import_id}"
    return made


@router.get("", responses=declared())
async def list_imports(
    app: Product, request: Request, response: Response, wanted: Annotated[Listed, Query()]
) -> ImportList:
    """Imports, newest first."""
    async with app.sessions() as db:
        found = await importing.page(db, wanted.after(app.api_key), wanted.limit + 1)
    shown, has_more = cut(found, wanted.limit)
    page = Cut(shown[-1].id if has_more else None, wanted.limit).page(request, response, app.api_key)
    return ImportList(data=[import_acts.view(one) for one in shown], page=page)


@router.get("/{import_id}", responses=declared(404))
async def get_import(app: Product, import_id: ImportIdPath) -> ImportDetail:
    """One import: how far it is, what became of its rows, and a preview while it waits."""
    async with app.sessions() as db:
        imported = await importing.by_id(db, uuid_in("imp", import_id))
        return await detail(db, imported, await previewed(app, imported))


@router.patch("/{import_id}", responses=declared(*WRITE, 404, 409))
async def map_import(app: Product, import_id: ImportIdPath, wanted: Mapping) -> ImportDetail:
    """Say what the columns are, before it is started; the answer has the new preview."""
    found = uuid_in("imp", import_id)
    return await rehearsed(app, False, lambda db: import_acts.remap(app, db, found, wanted))


@router.post("/{import_id}/start", status_code=status.HTTP_202_ACCEPTED, responses=declared(*WRITE, 404, 409))
async def start_import(
    app: Product,
    import_id: ImportIdPath,
    at_work: AtWork,
    wanted: Annotated[Mapping | None, Body()] = None,
) -> ImportDetail:
    """Take everybody in, in the background; the mapping is remembered for files with the same header.

    A failed import goes on behind the last row that was decided.
    """
    found = uuid_in("imp", import_id)
    begun = await rehearsed(app, False, lambda db: import_acts.confirm(app, db, found, wanted or Mapping()))
    at_work.run(found)
    return begun


@router.post("/{import_id}/rollback", status_code=status.HTTP_202_ACCEPTED, responses=declared(404, 409))
async def roll_back_import(app: Product, by: By, import_id: ImportIdPath, at_work: AtWork) -> ImportDetail:
    """Take the import back, in the background: leads it made go, leads it changed are as before.

    Whoever was enrolled, contacted or changed since stays; `rows` say why.
    """
    found = uuid_in("imp", import_id)
    async with app.sessions() as db:
        imported = await importing.by_id(db, found)
        check_allowed(imported, "rollback")
        seen = await detail(db, imported)
    at_work.roll_back(found, by)
    return seen


@router.get("/{import_id}/rows", responses=declared(404))
async def list_rows(
    app: Product,
    import_id: ImportIdPath,
    request: Request,
    response: Response,
    wanted: Annotated[ChosenRows, Query()],
) -> RowList:
    """What became of each row, in the order of the file."""
    found_id, outcomes = uuid_in("imp", import_id), tuple((wanted.outcome or "").split(","))
    async with app.sessions() as db:
        await importing.by_id(db, found_id)
        after = wanted.place(app.api_key) or 0
        rows = await importing.rows(db, found_id, after, wanted.limit + 1, tuple(filter(None, outcomes)))
    shown, has_more = cut(rows, wanted.limit)
    last = numbered(shown[-1].row) if has_more else None
    page = Cut(last, wanted.limit).page(request, response, app.api_key)
    return RowList(data=[import_acts.row_view(one) for one in shown], page=page)


CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The rows that were not taken, as they stood in the file, each with the reason.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


@router.get("/{import_id}/failed.csv", response_class=StreamingResponse, responses={**declared(404), **CSV})
async def get_failed_rows(app: Product, import_id: ImportIdPath) -> StreamingResponse:
    """The rows that were not taken as a file to mend and upload again."""
    async with app.sessions() as db:
        imported = await importing.by_id(db, uuid_in("imp", import_id))

    async def parts() -> AsyncIterator[str]:
        async with app.sessions() as db:
            async for part in importing.failed_csv(db, imported):
                yield part

    headers = {"Content-Disposition": 'attachment; filename="failed.csv"'}
    return StreamingResponse(parts(), media_type="text/csv; charset=utf-8", headers=headers)
