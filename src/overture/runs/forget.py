"""Forgetting a person: what runs toward them asked and brought, and where others mention them.

That something was done, when, by which account and with which end stays: quotas are computed from it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Text, cast, delete, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import Conflict
from overture.core.ids import public_id
from overture.db import append_event
from overture.runs import artifacts, settle
from overture.runs.schedules import Schedule, remove
from overture.runs.tables import TERMINAL, Artifact, Attempt, Run

ERASED: Final = "erased"

TOWARD: Final = text("""
select r.run_id from accounts a
join runs r on r.account_id = a.id and r.target = any(cast(:targets as text[]))
order by r.run_id
""")


async def toward(db: AsyncSession, targets: Collection[str]) -> Sequence[UUID]:
    """The runs about whoever is named so, by any account."""
    if not targets:
        return []
    return (await db.scalars(TOWARD, {"targets": sorted(targets)})).all()


@dataclass(frozen=True)
class Whom:
    """Who is to be forgotten: how runs name them, and the words that give them away elsewhere."""

    targets: frozenset[str]
    words: frozenset[str]

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds the words where they stand by themselves, in any case."""
        return re.compile(self.expression(r"(?<![\w-])", r"(?![\w-])"), re.IGNORECASE)

    @property
    def sql_pattern(self) -> str:
        """The same for PostgreSQL, not minding what stands around."""
        return self.expression("", "")

    def expression(self, before: str, after: str) -> str:
        """All words as one regular expression; without words one that finds nothing."""
        escaped = [re.sub(r"([^\w\s@])", r"\\\1", word) for word in sorted(self.words, key=len, reverse=True)]
        return f"{before}(?:{'|'.join(escaped)}){after}" if escaped else r"a\Ab"


async def forget(db: AsyncSession, whom: Whom, root: Path, now: datetime) -> Sequence[UUID]:
    """Empty every run toward the person and cut them out of all others; the runs toward them.

    Refuses while one is under way: it is over in a minute, and would write again what was just removed.
    """
    found = await toward(db, whom.targets)
    rows = await db.scalars(select(Run).where(Run.id.in_(found)).order_by(Run.id).with_for_update())
    own = rows.all()
    for run in own:
        await end(db, run, now)
    await db.flush()
    await remove_artifacts(db, found, root)
    await empty(db, found)
    await forget_schedules(db, whom, now)
    await cut_out(db, whom)
    return found


async def end(db: AsyncSession, run: Run, now: datetime) -> None:
    """End a run toward the person: not begun, it is cancelled; of unknown outcome, it stays that for ever."""
    if run.status in TERMINAL:
        return
    if run.worker is not None:
        raise Conflict(
            "run_under_way",
            f"{public_id('run', run.id)} toward this person is under way.",
            fix="Erase them again in a minute, or cancel the run first.",
        )
    data = {"status": "cancelled", "effect": run.effect, "code": ERASED}
    if run.status == "held":
        settle.fail(run, now, ERASED, "The person was erased before the outcome was known.")
        await append_event(
            db, now, "run.failed", account_id=run.account_id, run_id=run.id, data={**data, "status": "failed"}
        )
        return
    settle.cancel(run, now)
    await append_event(db, now, "run.cancelled", account_id=run.account_id, run_id=run.id, data=data)


async def remove_artifacts(db: AsyncSession, run_ids: Sequence[UUID], root: Path) -> None:
    """Remove the files that show the person, and their names."""
    kept = (await db.scalars(select(Artifact).where(Artifact.run_id.in_(run_ids)))).all()
    for artifact in kept:
        artifacts.remove(root, artifact)
    await db.execute(delete(Artifact).where(Artifact.run_id.in_(run_ids)))


async def empty(db: AsyncSession, run_ids: Sequence[UUID]) -> None:
    """Take out of the runs and their attempts whatever may tell of the person."""
    blank_run: dict[str, object] = {
        "touchpoint_input": {ERASED: True},
        "target": None,
        "known_as": None,
        "content_hash": ERASED,
        "tags": [],
        "result": None,
        "evidence": [],
        "error": None,
        "error_screenshot": None,
    }
    blank_attempt: dict[str, object] = {"steps": [], "error": None, "traceback": None, "screenshot": None}
    await db.execute(update(Run).where(Run.id.in_(run_ids)).values(blank_run))
    await db.execute(update(Attempt).where(Attempt.run_id.in_(run_ids)).values(blank_attempt))


async def forget_schedules(db: AsyncSession, whom: Whom, now: datetime) -> None:
    """End schedules that go on contacting the person."""
    mentions = cast(Schedule.touchpoint_input, Text).op("~*")(whom.sql_pattern)
    for schedule in (await db.scalars(select(Schedule).where(mentions).with_for_update())).all():
        if not mentioned(schedule.touchpoint_input, whom.pattern):
            continue
        if schedule.state != "removed":
            await remove(db, schedule, now)
        schedule.touchpoint_input = {ERASED: True}
    await db.flush()


async def cut_out(db: AsyncSession, whom: Whom) -> None:
    """Cut the person out of what runs about others brought: lists of people, conversations, traces."""
    columns = (Run.result, Run.evidence, Run.touchpoint_input, Run.tags, Run.error)
    found = or_(*(cast(column, Text).op("~*")(whom.sql_pattern) for column in columns))
    for run in (await db.scalars(select(Run).where(found, Run.status.in_(TERMINAL)))).all():
        for column in columns:
            setattr(run, column.key, without(getattr(run, column.key), whom.pattern))
    traced = (Attempt.steps, Attempt.error, Attempt.traceback)
    spoken = or_(*(cast(column, Text).op("~*")(whom.sql_pattern) for column in traced))
    for attempt in (await db.scalars(select(Attempt).where(spoken))).all():
        for column in traced:
            setattr(attempt, column.key, without(getattr(attempt, column.key), whom.pattern))
    await db.flush()


def mentioned(value: object, words: re.Pattern[str]) -> bool:
    """Whether one of the words stands anywhere in a JSON value."""
    match value:
        case str():
            return words.search(value) is not None
        case Mapping():
            return any(mentioned(inside, words) for inside in value.values())
        case list():
            return any(mentioned(inside, words) for inside in value)
        case _:
            return False


def without(value: object, words: re.Pattern[str]) -> object:
    """The JSON value without what mentions the words: a list loses the element, a text becomes null."""
    match value:
        case str():
            return None if words.search(value) else value
        case Mapping():
            return {key: without(inside, words) for key, inside in value.items()}
        case list():
            return [inside for inside in value if not mentioned(inside, words)]
        case _:
            return value
