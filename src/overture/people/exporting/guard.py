"""Cells a spreadsheet would run as formulas are made plain text."""

from typing import Final

FORMULA: Final = frozenset("=+-@\t\r")


def guarded(cell: str) -> str:
    """The cell with an apostrophe before it if a spreadsheet would take it for a formula."""
    plain = cell.lstrip(" \n\u00a0\ufeff")
    return f"'{cell}" if cell[:1] in FORMULA or plain[:1] in FORMULA else cell
