"""A file of leads as records, whatever wrote it: text with any delimiter and encoding, or a workbook.

reading = read(path)                  # what was detected: encoding, delimiter, header row, sheet
for record in records(path, reading): # every row below the header that is not empty
    record.row, record.cells, record.problem
"""

import csv
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pydantic import TypeAdapter

from overture.core.errors import Invalid
from overture.people.importing import workbook
from overture.people.importing.encodings import DELIMITERS, decoded, encoding_of, found_encoding
from overture.people.importing.fields import ALIASES, TELLING, squashed
from overture.people.importing.formats import holds_a_person

HEADER_WITHIN: Final = 30
SAMPLE: Final = 256 * 1024  # characters looked at to find the delimiter and the header
LARGEST_RECORD: Final = 1_000_000  # characters; a longer one is a quote that was never closed
MOST_COLUMNS: Final = 2_000
JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[?\s*\{\s*[\"}]")


@dataclass(frozen=True)
class Hints:
    """What the operator says of the file; what is None is detected."""

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    """As a spreadsheet counts; 0: there is none."""
    sheet: str | None = None


@dataclass(frozen=True)
class Reading:
    """How a file is read."""

    kind: Literal["text", "workbook"]
    encoding: str
    delimiter: str
    header_row: int
    """0: the file has no header, its first line is a person."""
    header: tuple[str, ...]
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def stored(self) -> dict[str, object]:
        """As the database keeps it."""
        shown: dict[str, object] = READINGS.dump_python(self, mode="json")
        return shown

    @classmethod
    def restored(cls, stored: dict[str, object]) -> "Reading":
        """Back from the database."""
        return READINGS.validate_python(stored)


READINGS: Final = TypeAdapter(Reading)


class Record(NamedTuple):
    """One row as it stands in the file."""

    row: int
    """As a spreadsheet counts: 1 for the first line."""
    cells: list[str]
    problem: str | None = None
    """What is odd about it: `short_row`, `long_row`, `quote_not_closed`, `nul_removed`."""


def read(path: Path, hints: Hints | None = None) -> Reading:
    """What the file is; refused when it is none we can read."""
    hints = hints or Hints()
    if path.stat().st_size == 0:
        raise unreadable("The file is empty.")
    with path.open("rb") as file:
        start = file.read(64)
    if zipfile.is_zipfile(path) and start.startswith(b"PK"):
        return read_workbook(path, hints)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise unreadable("The file is a workbook of the old kind (.xls); save it as .xlsx or CSV.")
    if JSON.match(start):
        raise unreadable("The file is JSON; save it as CSV, or send its people to POST /api/v1/leads/bulk.")
    return read_text(path, hints)


def records(path: Path, reading: Reading) -> Iterator[Record]:
    """Every row below the header with something in it, made as wide as the header."""
    width = len(reading.header)
    for record in whole_rows(path, reading):
        if record.row > reading.header_row and any(map(str.strip, record.cells)):
            yield fitted(record, width)


def fitted(record: Record, width: int) -> Record:
    """The record with as many cells as there are columns: padded, or its empty tail cut off."""
    cells, problem = record.cells, record.problem
    if len(cells) < width:
        return Record(record.row, cells + [""] * (width - len(cells)), problem or "short_row")
    if len(cells) > width and any(map(str.strip, cells[width:])):
        return Record(record.row, cells, problem or "long_row")
    return Record(record.row, cells[:width], problem) if len(cells) > width else record


def whole_rows(path: Path, reading: Reading) -> Iterator[Record]:
    """All rows from the top of the file."""
    if reading.kind == "workbook":
        width = len(reading.header)
        for row, cells in workbook.rows(path, reading.sheet):  # which ends with the last cell that is filled
            yield Record(row, cells + [""] * (width - len(cells)))
        return
    with decoded(path, reading.encoding) as lines:
        yield from parsed(lines, reading.delimiter)


class Lines:
    """The lines of a text, counted out to the CSV reader, remembered until a record is whole."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.held: list[str] = []
        self.length = 0
        self.has_nul = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.length > LARGEST_RECORD:
            raise csv.Error("a quote is never closed")
        line = next(self.lines)
        if "\0" in line:
            line = line.replace("\0", "")
            self.has_nul = True
        self.held.append(line)
        self.length += len(line)
        return line

    def begin(self) -> None:
        """A record is whole: the next line begins another."""
        self.held.clear()
        self.length = 0
        self.has_nul = False

    def give_back(self) -> str:
        """The first line held; the others are to be read again."""
        first, *others = self.held
        self.lines = itertools.chain(others, self.lines)
        self.begin()
        return first


def parsed(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """The records of a text. A quote that is never closed costs its own line, not the rest of the file."""
    source = Lines(lines)
    reader = csv.reader(source, delimiter=delimiter)
    for row in itertools.count(1):
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        if cells is None or (len(source.held) > 1 and is_open(source)):
            first = source.give_back()
            cells = next(csv.reader([first], delimiter=delimiter, quoting=csv.QUOTE_NONE))
            reader = csv.reader(source, delimiter=delimiter)
            yield Record(row, cells, "quote_not_closed")
            continue
        problem = "nul_removed" if source.has_nul else None
        source.begin()
        yield Record(row, cells, problem)


def is_open(source: Lines) -> bool:
    """Whether the record ended with the file, inside a quote."""
    if sum(line.count('"') for line in source.held) % 2 == 0:
        return False
    following = next(source.lines, None)
    if following is not None:
        source.lines = itertools.chain([following], source.lines)
    return following is None


def read_text(path: Path, hints: Hints) -> Reading:
    """The reading of a text file: the encoding by its bytes, delimiter and header by the names in it."""
    found = encoding_of(hints.encoding) if hints.encoding else found_encoding(path)
    with decoded(path, found.name) as file:
        sample = file.read(SAMPLE)
    is_whole = len(sample) < SAMPLE
    lines = io.StringIO(sample, newline="").readlines()
    lines = lines if is_whole or len(lines) < 2 else lines[:-1]
    said = lines[0].strip().strip('"') if lines else ""
    after_sep = said[4:5] if said.casefold().startswith("sep=") and len(said) <= 5 else ""
    after_sep = "\t" if said.casefold() == "sep=" else after_sep
    choices = [hints.delimiter or after_sep] if hints.delimiter or after_sep else list(DELIMITERS)
    tables = {delimiter: top(lines, delimiter, is_whole) for delimiter in choices}
    best = max(tables, key=lambda delimiter: fitness(tables[delimiter]))
    header_row, header = placed(tables[best], hints, skip=1 if said.casefold().startswith("sep=") else 0)
    return Reading("text", found.name, best, header_row, header, warnings=found.warnings)


def top(lines: Sequence[str], delimiter: str, is_whole: bool) -> list[list[str]]:
    """The first rows as this delimiter cuts them; the last may be cut short and is left out."""
    found = [record.cells for record in itertools.islice(parsed(lines, delimiter), HEADER_WITHIN * 4)]
    return found if is_whole or len(found) < 2 else found[:-1]


def read_workbook(path: Path, hints: Hints) -> Reading:
    """The reading of a workbook: the sheet named, or the one that looks most like people."""
    sheets = workbook.sheets(path)
    if hints.sheet is not None and hints.sheet not in sheets:
        raise unreadable(f"There is no sheet {hints.sheet!r}; there are: {', '.join(sheets)}.")
    tops = {
        sheet: filled(itertools.islice(workbook.rows(path, sheet), HEADER_WITHIN * 4))
        for sheet in ([hints.sheet] if hints.sheet else sheets)
    }
    best = max(tops, key=lambda sheet: fitness(tops[sheet]))
    header_row, header = placed(tops[best], hints)
    return Reading("workbook", "xlsx", "", header_row, header, best, tuple(sheets))


def filled(rows: Iterable[tuple[int, list[str]]]) -> list[list[str]]:
    """The rows at their places, with empty ones where a sheet has gaps."""
    found: list[list[str]] = []
    for row, cells in rows:
        found.extend([] for _ in range(min(row - 1 - len(found), HEADER_WITHIN)))
        found.append(cells)
    return found


def known_names(cells: Sequence[str]) -> float:
    """How much a line looks like a header: its known names, each once, telling ones more."""
    found = {ALIASES[short] for short in map(squashed, cells) if short in ALIASES}
    telling = len(found & TELLING)
    filled_in = sum(1 for cell in cells if cell.strip()) or 1
    return 0.0 if holds_a_person(cells) else len(found) + telling + len(found) / filled_in


def fitness(rows: Sequence[Sequence[str]]) -> tuple[float, float, int]:
    """How well a delimiter (or a sheet) fits: its best header, then how even its rows are, then how wide."""
    if not rows:
        return (-1.0, 0.0, 0)
    names = max((known_names(row) for row in rows[:HEADER_WITHIN]), default=0.0)
    widths = [len(row) for row in rows if row]
    common = max(set(widths), key=widths.count, default=0)
    even = widths.count(common) / len(widths) if widths and common > 1 else 0.0
    return (names, even, common)


def placed(rows: Sequence[Sequence[str]], hints: Hints, skip: int = 0) -> tuple[int, tuple[str, ...]]:
    """Where the header is and what it says; without one, the columns are numbered."""
    at = hints.header_row if hints.header_row is not None else header_of(rows, skip)
    if at and at > len(rows):
        raise unreadable(f"There is no row {at} to be the header.")
    if at:
        names = [name.strip().strip("\ufeff") for name in rows[at - 1]]
        while names and not names[-1]:
            names.pop()
    else:
        names = [f"Column {number}" for number in range(1, max(map(len, rows), default=0) + 1)]
    if not names or len(names) > MOST_COLUMNS:
        raise unreadable("No row of the file can be its header.")
    return at, tuple(names)


def header_of(rows: Sequence[Sequence[str]], skip: int) -> int:
    """The row most of whose names are known, else the first that is no person and as wide as those below."""
    near = list(enumerate(rows[:HEADER_WITHIN], start=1))[skip:]
    scored = [(known_names(cells), -row) for row, cells in near]
    best = max(scored, default=(0.0, 0))
    if best[0] > 0:
        return -best[1]
    usual = fitness(rows)[2]
    first = next(((row, cells) for row, cells in near if len(cells) >= usual and any(cells)), (0, []))
    return 0 if holds_a_person(first[1]) else first[0]


def unreadable(why: str) -> Invalid:
    """The file cannot be taken as it is."""
    return Invalid(
        "file_unreadable",
        why,
        fix="Save it as CSV (UTF-8) or XLSX with one header row.",
    )
