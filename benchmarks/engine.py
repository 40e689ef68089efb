"""No-op runs per second through admission and engine: 1, 2 and 4 workers, and 1k to 1M runs waiting.

Baseline of the same run: Procrastinate alone, no lock, no run row, one worker. `python -m benchmarks.engine`.
"""

import asyncio
import sys

import psycopg
from procrastinate import App

from benchmarks import ground
from overture.runs import engine

ACCOUNTS = 200
SECONDS = 10.0
WARM_UP = 3.0
BASELINE_JOBS = 1500
TARGET = 100.0
FLAT_WITHIN = 0.20

SEED = """
insert into accounts (id, handle, channel, provider, zone, working_hours, limits, state, state_since,
    created_at, updated_at)
select gen_random_uuid(), 'a' || n, 'linkedin', 'noop', 'UTC',
    '{"days": [0,1,2,3,4,5,6], "start": "00:00:00", "end": "00:00:00"}', '{"min_gap_s": 0}', 'active',
    now(), now(), now()
from generate_series(1, %(accounts)s) n;
"""
PENDING = """
insert into runs (run_id, account_id, handle, touchpoint_type, touchpoint_input, category, target,
    content_hash, token, dry_run, tags, priority, created_at, status, effect, next_at, wait_reason,
    cancel_requested, attempts, read_backs, epoch, evidence)
select gen_random_uuid(), a.id, a.handle, 'check_connection',
    jsonb_build_object('type', 'check_connection', 'public_identifier', 'person-' || n),
    'profile_read', 'person-' || n, 'x', gen_random_uuid(), false, '[]', 5, now(), 'pending', 'none',
    now(), 'ready', false, 0, 0, 0, '[]'
from generate_series(1, %(runs)s) n join accounts a on a.handle = 'a' || (n %% %(accounts)s + 1);
"""
OVERLAPS = """
select count(*) from (
    select t.started_at,
        lag(t.ended_at) over (partition by r.account_id order by t.started_at, t.epoch) as before
    from attempts t join runs r using (run_id)) x where started_at < before
"""
COMPLETED = "select count(*) from runs where status = 'completed'"


def prepare(url: str, runs: int) -> None:
    """Accounts and waiting runs, and statistics as a server that has run for a while would have."""
    with psycopg.connect(ground.plain(url), autocommit=True) as connection:
        connection.execute(SEED, {"accounts": ACCOUNTS})
        connection.execute(PENDING, {"accounts": ACCOUNTS, "runs": runs})
        connection.execute("vacuum analyze")


def runs_per_second(url: str, workers: int) -> float:
    """Completed runs per second, after a warm-up."""
    with ground.workers(url, workers, OVERTURE_WORKER_CONCURRENCY="20"):
        while ground.count(url, COMPLETED) == 0:
            ground.rest(0.1)
        ground.rest(WARM_UP)
        before, began = ground.count(url, COMPLETED), ground.watch()
        ground.rest(SECONDS)
        after, ended = ground.count(url, COMPLETED), ground.watch()
    return (after - before) / (ended - began)


async def baseline(url: str) -> float:
    """Jobs per second of Procrastinate alone."""
    app: App = engine.queue_app(url)

    @app.task(name="noop", queue="noop")
    async def noop() -> None:
        return

    async with app.open_async():
        await noop.batch_defer_async(*({} for _ in range(BASELINE_JOBS)))
        began = ground.watch()
        await app.run_worker_async(queues=["noop"], concurrency=20, wait=False, delete_jobs="always")
        return BASELINE_JOBS / (ground.watch() - began)


def main(argv: list[str] | None = None) -> int:
    """Measure, print, and say whether the targets are met."""
    sizes = [1_000, 1_000_000] if argv and "--short" in argv else [1_000, 100_000, 1_000_000]
    violations, by_workers, by_size = 0, {}, {}
    with ground.database() as server:
        alone = asyncio.run(baseline(ground.fresh(server, "alone")))
        ground.screen.print(f"Procrastinate alone (baseline): {alone:.0f} jobs/s")
        for workers in (1, 2, 4):
            url = ground.fresh(server, f"workers_{workers}")
            prepare(url, 20_000)
            by_workers[workers] = runs_per_second(url, workers)
            violations += ground.count(url, OVERLAPS)
            ground.screen.print(f"{workers} worker(s): {by_workers[workers]:.0f} runs/s")
        for size in sizes:
            url = ground.fresh(server, "sized")
            prepare(url, max(size, 3_000))
            by_size[size] = runs_per_second(url, 1)
            violations += ground.count(url, OVERLAPS)
            ground.screen.print(f"{size:>9,} waiting: {by_size[size]:.0f} runs/s")
    flatness = by_size[1_000_000] / by_size[1_000]
    met = by_workers[1] >= TARGET and violations == 0 and flatness >= 1 - FLAT_WITHIN
    ground.report(
        {
            "benchmark": "engine",
            "baseline_jobs_per_s": round(alone, 1),
            "runs_per_s": {str(k): round(v, 1) for k, v in by_workers.items()},
            "ratio_to_baseline": round(by_workers[1] / alone, 3),
            "waiting": {str(k): round(v, 1) for k, v in by_size.items()},
            "flatness_1k_to_1m": round(flatness, 3),
            "exclusivity_violations": violations,
            "met": met,
        }
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
