"""How fast a file of leads is taken in, and in how much memory, beside the bare COPY of the same file.

    uv run python -m benchmarks.imports [ROWS]        # 1,000,000 unless said otherwise

The baseline is PostgreSQL's own COPY of the same file, same server, same run, into a table of text columns
without keys: no import can be faster. The second number is the beginning of
the file again, which changes nothing.
"""

import asyncio
import os
import resource
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg
from sqlalchemy import text

from benchmarks import ground
from overture.core.clock import SystemClock
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.db import Sessions, connect
from overture.people import importing, suppression
from overture.people.importing import ImportKit, Options
from overture.people.suppression import Wanted
from overture.people.tables import Import

ROWS = 1_000_000
AIM = 8_000  # rows a second
MOST_MEMORY = 400  # MB, whatever the number of rows
COLUMNS = (
    "First Name",
    "Last Name",
    "Email",
    "LinkedIn URL",
    "Title",
    "Company",
    "Website",
    "Country",
    "Plan",
)
SUPPRESSED = 1_000
AGAIN = 100_000  # rows at most


def write_file(path: Path, rows: int) -> None:
    """People of 20 to a company, each with two keys and one field of the operator's own."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\r\n")
        for n in range(rows):
            firm = n // 20
            file.write(
                f"First{n % 5000},Last{n % 7919},p{n}@firm{firm}.example,"
                f'https://www.linkedin.com/in/person-{n}/,"Engineer, {n % 40}",Firm {firm} GmbH,'
                f"https://www.firm{firm}.example,Germany,plan {n % 7}\r\n"
            )


def bare_copy(url: str, path: Path) -> float:
    """Seconds PostgreSQL takes for the file as it is."""
    with psycopg.connect(ground.plain(url)) as connection, connection.cursor() as cursor:
        columns = ", ".join(f"c{at} text" for at in range(len(COLUMNS)))
        cursor.execute(f"create table bare ({columns})".encode())
        began = ground.watch()
        with cursor.copy(b"copy bare from stdin (format csv, header)") as copy, path.open("rb") as file:
            while block := file.read(1 << 20):
                copy.write(block)
        connection.commit()
        took = ground.watch() - began
        cursor.execute(b"drop table bare")
    return took


def megabytes() -> int:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def suppress(sessions: Sessions, ids: Ids) -> None:
    """Some people who are not to be contacted, as every product in use has them."""
    now = SystemClock().now() - timedelta(days=1)
    async with sessions.begin() as db:
        for n in range(SUPPRESSED):
            wanted = Wanted("email", f"p{n * 100}@firm{n * 5}.example", "opt_out", "benchmark", "benchmark")
            await suppression.add(db, ids, now, wanted)


class Took(NamedTuple):
    """What one import took, in seconds and in those of the processors."""

    seconds: float
    here: float
    database: float

    def per_row(self, rows: int) -> dict[str, int]:
        """Microseconds of processor time."""
        return {"python": round(self.here / rows * 1e6), "database": round(self.database / rows * 1e6)}


async def take(kit: ImportKit, path: Path) -> tuple[Took, Import]:
    """From upload to the last receipt."""
    before, began = await ground.spent(kit.sessions), ground.watch()
    seen = importing.preview(path)
    measured = importing.measure(path, seen.reading)
    now = kit.clock.now()
    async with kit.sessions.begin() as db:
        new = importing.New(path.name, seen, measured, "benchmark")
        imported = await importing.begin(db, kit.ids, now, new)
        await importing.confirm(db, imported, seen.mapping, Options(), now)
    imported = await importing.run(kit, imported.id, path)
    seconds, after = ground.watch() - began, await ground.spent(kit.sessions)
    return Took(seconds, after.here - before.here, after.database - before.database), imported


async def measure(url: str, path: Path, rows: int) -> dict[str, object]:
    """Both imports, against the bare COPY."""
    clock, rng = SystemClock(), Rng(b"benchmark")
    engine, sessions = connect(url)
    kit = ImportKit(sessions, clock, Ids(clock, rng))
    await suppress(sessions, kit.ids)
    at_rest = megabytes()
    first, imported = await take(kit, path)
    ground.screen.print(f"{imported.state} {imported.counts} in {first.seconds:.1f} s, {megabytes()} MB")
    known = path.with_name("again.csv")
    write_file(known, min(rows, AGAIN))
    again, repeated = await take(kit, known)
    async with sessions() as db:
        leads = await db.scalar(text("select count(*) from leads"))
    await engine.dispose()
    assert leads == rows - min(SUPPRESSED, -(-rows // 100)), leads
    assert repeated.counts["created"] == 0, repeated.counts
    return {
        "rows": rows,
        "rows_per_s": round(rows / first.seconds),
        "again_rows_per_s": round(min(rows, AGAIN) / again.seconds),
        "processor_us_per_row": first.per_row(rows),
        "again_processor_us_per_row": again.per_row(min(rows, AGAIN)),
        "memory_at_rest_mb": at_rest,
        "memory_mb": megabytes(),
    }


def main(argv: list[str]) -> int:
    """One JSON line."""
    rows = int(argv[0]) if argv else ROWS
    with tempfile.TemporaryDirectory(prefix="overture-bench-") as folder, ground.database() as server:
        path = Path(folder, "leads.csv")
        write_file(path, rows)
        url = ground.fresh(server, "imports")
        bare = bare_copy(url, path)
        result = asyncio.run(measure(url, path, rows))
    memory = result["memory_mb"]
    assert isinstance(memory, int)
    rate = result["rows_per_s"]
    assert isinstance(rate, int)
    ground.report(
        {
            "benchmark": "imports",
            **result,
            "baseline": "COPY of the same file into text columns without keys",
            "baseline_rows_per_s": round(rows / bare),
            "times_the_baseline": round(rows / bare / rate, 1),
            "met": rate >= AIM and memory <= MOST_MEMORY,
            "load": round(os.getloadavg()[0], 1),
        }
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
