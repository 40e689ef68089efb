"""The job that counts what accounts did day by day, and puts right what was written down of it."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account
from overture.entrypoints.jobs.doing import Doing, Job
from overture.entrypoints.jobs.messages import meant
from overture.runs import usage

DAYS: Final = 7
TOLD_BY_INTENT: Final = frozenset(
    {"invite", "withdraw", "message", "inmail", "reaction", "comment", "follow"}
)
"""Categories whose every act is told of in the log before it is made."""


async def perform(doing: Doing) -> dict[str, object]:
    """Count the days of every account that is meant, from its runs, and compare."""
    result: dict[str, object] = {}
    corrected = 0
    for account in await meant(doing.app, doing.scope.handles):
        await doing.goes_on()
        async with doing.app.sessions.begin() as db:
            found, wrong = await of_account(db, account, doing.app.now(), doing.scope.days or DAYS)
        result[account.handle] = found
        corrected += wrong
    return {"accounts": result, "corrected": corrected}


async def of_account(
    db: AsyncSession, account: Account, now: datetime, days: int
) -> tuple[dict[str, object], int]:
    """One account's days: written down anew, and compared with what the log tells."""
    last = now.astimezone(ZoneInfo(account.zone)).date()
    first = last - timedelta(days=days - 1)
    changed, wrong = await usage.write_days(db, account, first, last, now)
    silent = await unlike_the_log(db, account, first, last)
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "written": changed,
        "corrected": [usage.shown(one) for one in wrong],
        "unlike_the_log": silent,
    }, len(wrong)


async def unlike_the_log(
    db: AsyncSession, account: Account, first: date, last: date
) -> list[dict[str, object]]:
    """Days on which the log tells of another number of acts than there are runs; there should be none."""
    told = await usage.told_days(db, account, first, last)
    runs = {
        (one.day, one.category): one.total
        for one in await usage.count_days(db, account, first, last)
        if one.category in TOLD_BY_INTENT
    }
    keys = sorted(runs.keys() | {key for key in told if key[1] in TOLD_BY_INTENT})
    return [
        {
            "day": day.isoformat(),
            "category": kind,
            "runs": runs.get((day, kind), 0),
            "log": told.get((day, kind), 0),
        }
        for day, kind in keys
        if runs.get((day, kind), 0) != told.get((day, kind), 0)
    ]


JOB: Final = Job("rate_usage", "What accounts did day by day is counted anew from their runs.", perform)
