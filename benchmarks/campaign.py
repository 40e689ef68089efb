"""A campaign of 60 days with 10,000 leads and 20 accounts, lived through on the real database.

`python -m benchmarks.campaign [--leads N] [--accounts N] [--days N] [--profile FILE]`; the last line is JSON.
"""

import argparse
import cProfile
import resource
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import ground as bench
from overture.core import log
from tests.simulation.ground import ground
from tests.simulation.plan import START, quiet
from tests.simulation.trial import Report, try_out

LIMIT_S = 240.0
SEED = 7


def lived(leads: int, accounts: int, days: int) -> Report:
    """The campaign, with a bar."""
    plan = quiet(SEED, leads, accounts, days)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} days"))
    with ground() as on, on.database() as url, Progress(
        *columns, TimeElapsedColumn(), console=bench.screen, transient=True
    ) as bar:
        task = bar.add_task(f"{leads} leads, {accounts} accounts", total=days)

        def on_tick(at: datetime) -> None:
            bar.update(task, completed=min(days, (at - START) // timedelta(days=1)))

        return try_out(plan, url, on_tick=on_tick)


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--profile", help="write a cProfile file")
    asked = parser.parse_args(argv)
    log.configure("error")
    profile = cProfile.Profile()
    if asked.profile:
        profile.enable()
    report = lived(asked.leads, asked.accounts, asked.days)
    if asked.profile:
        profile.disable()
        profile.dump_stats(asked.profile)
    used = resource.getrusage(resource.RUSAGE_SELF)
    bench.report(
        {
            "benchmark": "campaign",
            "leads": asked.leads,
            "accounts": asked.accounts,
            "days": asked.days,
            "seconds": round(report.seconds, 1),
            "processor_s": round(used.ru_utime + used.ru_stime, 1),
            "ticks": report.ticks,
            "runs": report.runs,
            "statements": report.statements,
            "events": report.events,
            "ledger": report.kinds,
            "findings": [str(one) for one in report.findings[:5]],
            "events_hash": report.events_hash,
            "met": report.seconds < LIMIT_S and report.is_clean,
        }
    )
    return 0 if report.seconds < LIMIT_S and report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
