"""The sheets of an XLSX workbook as rows of text, read from start to end without holding them."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from overture.core.errors import Invalid

LARGEST_UNPACKED: Final = 4 << 30  # bytes; a workbook of a million rows has about one
MOST_COLUMNS: Final = 2_000
SAME_EMPTY: Final = 1_000
"""So many empty rows in a row end a sheet: formatting often reaches to the last possible one."""


DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    InvalidFileException,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    ParseError,
    OSError,
)
"""What the library raises when a workbook is not whole."""


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The workbook; refused when it is damaged, locked by a password or larger than could be meant."""
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as parts:
                size = sum(part.file_size for part in parts.infolist())
            if size > LARGEST_UNPACKED:
                raise Invalid(
                    "file_too_large", f"Unpacked the workbook has {size} bytes.", fix="Save it as CSV."
                )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions it leaves out
                book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except DAMAGED as error:
            raise damaged(error) from error
        try:
            yield book
        finally:
            book.close()


def damaged(error: Exception) -> Invalid:
    """The workbook cannot be read to its end."""
    return Invalid("file_unreadable", f"The workbook is damaged: {error}", fix="Save it again, or as CSV.")


def sheets(path: Path) -> list[str]:
    """The names of the sheets that hold cells, in order."""
    with opened(path) as book:
        return [sheet.title for sheet in book.worksheets]


def rows(path: Path, sheet: str | None) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet that are not empty, with their numbers."""
    with opened(path) as book:
        page = book[sheet] if sheet is not None else book.worksheets[0]
        page.reset_dimensions()  # what the file says of its size is often wrong
        cells_of = enumerate(page.iter_rows(values_only=True), start=1)
        empty = 0
        while empty <= SAME_EMPTY:
            try:
                row, cells = next(cells_of, (0, ()))
            except DAMAGED as error:
                raise damaged(error) from error
            if row == 0:
                return
            if all(cell is None for cell in cells):
                empty += 1
                continue
            empty = 0
            yield row, [shown(cell) for cell in cells[:MOST_COLUMNS]]


def shown(value: object) -> str:
    """A cell as text: whole numbers without a point, times as ISO 8601."""
    match value:
        case str():
            return value.replace("\0", "")
        case None | bool():
            return {None: "", True: "true", False: "false"}[value]
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
    return str(value)
