"""How saved profile pages are read, beside what is true of them.

    ./dev eval pages DIR [--out FILE]

DIR holds `NAME.html` and `NAME.json` with `{"slug", "degree": 1|2|3|null, "state": "connected|pending|
incoming|connectable|follow_first|unknown"}`. Each page is opened in Chromium, offline and without its
scripts, under the address the slug says. A table of every miss goes to stderr; stdout ends with one JSON
line of totals. FILE gets one JSON line a page. The exit code is 1 when a page is misread, 2 when there is
none.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel
from rich.console import Console
from rich.progress import track
from rich.table import Table

from overture.core import log
from overture.core.settings import Settings
from overture.providers.linkedin_browser import ProfileSight, open_saved_pages


class Truth(BaseModel):
    """What is true of a page."""

    slug: str | None = None
    degree: Literal[1, 2, 3] | None = None
    state: Literal["connected", "pending", "incoming", "connectable", "follow_first", "unknown"] = "unknown"


@dataclass(frozen=True)
class Row:
    """One page: what was read and what is true."""

    name: str
    sight: ProfileSight
    truth: Truth

    @property
    def state_is_right(self) -> bool:
        """The state agrees."""
        return self.sight.state == self.truth.state

    @property
    def degree_is_right(self) -> bool:
        """The degree agrees."""
        return self.sight.degree == self.truth.degree


def main(argv: list[str]) -> int:
    """Read every page of a folder and say how often that was right."""
    parser = argparse.ArgumentParser(prog="./dev eval pages", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--out", type=Path, help="write one JSON line a page here")
    given = parser.parse_args(argv)
    log.configure("warning")
    pages = sorted(file for file in given.folder.rglob("*.html") if file.with_suffix(".json").is_file())
    if not pages:
        sys.stderr.write(f"{given.folder} has no NAME.html with a NAME.json beside it.\n")
        return 2
    console = Console(stderr=True)
    rows = asyncio.run(read_all(pages, given.folder, console))
    if given.out is not None:
        lines = [json.dumps({"name": row.name, **asdict(row.sight)}) for row in rows]
        given.out.write_text("\n".join(lines) + "\n")
    show_misses(rows, console)
    sys.stdout.write(json.dumps(totals(rows)) + "\n")
    return 0 if all(row.state_is_right and row.degree_is_right for row in rows) else 1


async def read_all(pages: Sequence[Path], folder: Path, console: Console) -> list[Row]:
    """Open one after the other."""
    rows = []
    async with open_saved_pages(Settings()) as saved:
        for file in track(pages, "reading pages", console=console, transient=True):
            truth = Truth.model_validate_json(file.with_suffix(".json").read_bytes())
            name = str(file.relative_to(folder).with_suffix(""))
            rows.append(Row(name, await saved.look(file.read_bytes(), truth.slug), truth))
    return rows


def show_misses(rows: Sequence[Row], console: Console) -> None:
    """Every page that was misread."""
    table = Table("page", "state read", "told by", "true state", "degree read", "true degree", title="Misses")
    for row in rows:
        if not (row.state_is_right and row.degree_is_right):
            degrees = (str(row.sight.degree), str(row.truth.degree))
            table.add_row(row.name, row.sight.state, row.sight.told_by, row.truth.state, *degrees)
    if table.row_count:
        console.print(table)


def totals(rows: Sequence[Row]) -> dict[str, object]:
    """How often state, degree, and both were right."""
    states = sum(row.state_is_right for row in rows)
    degrees = sum(row.degree_is_right for row in rows)
    both = sum(row.state_is_right and row.degree_is_right for row in rows)
    return {
        "pages": len(rows),
        "state_right": states,
        "degree_right": degrees,
        "both_right": both,
        "accuracy": round(both / len(rows), 4),
        "state_accuracy": round(states / len(rows), 4),
        "degree_accuracy": round(degrees / len(rows), 4),
        "misses": [row.name for row in rows if not (row.state_is_right and row.degree_is_right)],
    }
