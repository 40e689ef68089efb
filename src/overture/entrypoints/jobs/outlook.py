"""What was done of each job last, when it is done next, and what keeps it from that."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from overture.db import JobRun, last_jobs, newest_night
from overture.entrypoints.bootstrap import App
from overture.entrypoints.jobs.doing import Job
from overture.entrypoints.jobs.nightly import nights_of
from overture.entrypoints.jobs.registry import JOBS


@dataclass(frozen=True)
class Outlook:
    """How one job stands."""

    job: Job
    last: JobRun | None
    next_at: datetime | None
    """None: it is not done by itself."""
    held: str | None


async def outlook(app: App) -> list[Outlook]:
    """How every job stands."""
    now, plan = app.now(), nights_of(app)
    async with app.sessions() as db:
        last = await last_jobs(db)
        nights = {name: await newest_night(db, name, now) for name in JOBS}
    found = []
    for name, job in JOBS.items():
        newest = plan.newest(name, now)
        known = nights[name]
        is_done = known is None or known >= newest
        next_at = plan.at(name, newest + timedelta(days=1)) if is_done else now
        is_off = not app.settings.reconcile_nightly
        held = "off" if is_off else await job.held(app)
        found.append(Outlook(job, last.get(name), None if is_off else next_at, held))
    return found
