"""What the API gives of imports: how a file was read, what it would become, and what became of it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from overture.core.instants import Instant
from overture.entrypoints.api.outreach.fields import Line
from overture.entrypoints.api.shapes import Page
from overture.people.importing import Mode, Options

State = Literal["waiting", "running", "finished", "failed", "rolled_back"]


class ReadingView(BaseModel):
    """How the file is read."""

    kind: Literal["text", "workbook"]
    encoding: str
    delimiter: str
    header_row: int = Field(description="As a spreadsheet counts; 0: there is none.")
    sheet: str | None
    sheets: list[str]


class ColumnView(BaseModel):
    """A column of the file, and what it is taken for."""

    position: int
    header: str
    field: str | None = Field(description="Null: left out. `custom.<name>`: a field of your own.")
    samples: list[str] = Field(description="Of an import that waits: the first different contents.")


class WarningView(BaseModel):
    """Something to know before starting."""

    code: str
    message: str


class PreviewView(BaseModel):
    """The beginning of the file as it would be imported."""

    title: str = Field(description="Which product's file it is.")
    is_remembered: bool = Field(description="The mapping is the one confirmed for this header before.")
    rows: list[list[str]]
    outlook: dict[str, int] = Field(
        description="Of the first 200 rows: how many are `good`, and how many have which trouble."
    )
    warnings: list[WarningView]


class OptionsView(BaseModel):
    """How people who are known already are treated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = "add_update"
    do_not_overwrite: tuple[Line, ...] = Field(
        default=(), max_length=200, description="Fields that are filled when empty and never replaced."
    )
    skip_suppressed: StrictBool = Field(
        default=True, description="False stores suppressed people too; nothing reaches them all the same."
    )

    def wanted(self) -> Options:
        """The same as imports take it."""
        return Options(self.mode, frozenset(self.do_not_overwrite), self.skip_suppressed)


class Counts(BaseModel):
    """Rows by what became of them."""

    created: int
    updated: int
    unchanged: int
    skipped: dict[str, int] = Field(description="By code.")
    invalid: dict[str, int] = Field(description="By code.")


class ImportView(BaseModel):
    """One file of people."""

    import_id: str = Field(examples=["imp_01kb3v6q2v8x0c5h2m9r4t7wze"])
    name: str
    state: State
    source_format: str
    total: int = Field(description="Rows with something in them.")
    done: int = Field(description="Rows that have an outcome.")
    problem: str | None
    by: str
    created_at: Instant
    finished_at: Instant | None
    rolled_back_at: Instant | None
    allowed_actions: list[Literal["map", "start", "rollback"]]


class ImportList(BaseModel):
    """One page of imports, newest first."""

    data: list[ImportView]
    page: Page


class ImportDetail(ImportView):
    """One file of people with its mapping and what became of it."""

    reading: ReadingView
    columns: list[ColumnView]
    options: OptionsView
    counts: Counts
    undone: dict[str, int] = Field(
        description="After a rollback: `removed`, `restored`, and by code those that were kept."
    )
    preview: PreviewView | None = Field(description="While it waits to be started.")


class Mapping(BaseModel):
    """What the columns of a file are, and how known people are treated."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"columns": {"E-Mail": "email", "Topic": "custom.topic"}}]},
    )

    mapping: tuple[Line | None, ...] | None = Field(
        default=None, max_length=2000, description="The field of each column, by position."
    )
    columns: dict[str, Line | None] | None = Field(
        default=None, max_length=2000, description="The fields of some columns, by header; others stay."
    )
    options: OptionsView | None = None

    @model_validator(mode="after")
    def says_it_once(self) -> "Mapping":
        """Refuse two mappings."""
        if self.mapping is not None and self.columns is not None:
            raise ValueError("give mapping or columns, not both")
        return self


class RowView(BaseModel):
    """What became of one row."""

    row: int = Field(description="As a spreadsheet shows it.")
    outcome: Literal["created", "updated", "unchanged", "skipped", "invalid"]
    code: str | None
    detail: str | None
    lead_id: str | None
    cells: list[str] | None = Field(description="Of a row that was not taken.")
    undone: str | None


class RowList(BaseModel):
    """One page of rows, in the order of the file."""

    data: list[RowView]
    page: Page
