"""What a command prints: tables for people, JSON lines for programs; results only on stdout."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

Row = Mapping[str, Any]


def rows_of(models: Sequence[BaseModel]) -> list[dict[str, Any]]:
    """Answers of the API's shapes as plain rows."""
    return [model.model_dump(mode="json") for model in models]


def print_rows(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """A list: one row a line; a terminal sees a table of the columns, a pipe each row whole as JSON."""
    if not sys.stdout.isatty():
        for row in rows:
            print_json(row)
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.table import Table  # noqa: PLC0415

    table = Table(*columns)
    for row in rows:
        table.add_row(*(cell(row.get(column)) for column in columns))
    Console().print(table)


def print_one(row: Row) -> None:
    """One thing: a terminal sees a field a line, a pipe one line of JSON."""
    if not sys.stdout.isatty():
        print_json(row)
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(show_header=False, box=None)
    for name, value in row.items():
        table.add_row(name, cell(value))
    Console().print(table)


def print_json(row: Row) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def cell(value: object) -> str:
    """A value in a table; brackets of its own are no markup."""
    from rich.markup import escape  # noqa: PLC0415

    if value is None:
        return ""
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def complain(message: str, fix: str | None = None) -> None:
    """One line on stderr: what is wrong and what to do."""
    line = f"{message} {fix}" if fix else message
    sys.stderr.write("error: " + " ".join(line.split()) + "\n")
