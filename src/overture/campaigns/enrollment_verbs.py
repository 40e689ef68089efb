"""What a person may do to one enrollment: pause it, resume it, stop it, or pass over its step."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.campaigns import approvals, due, held_runs, store
from overture.campaigns.facts import Finish
from overture.campaigns.tables import Enrollment, Touch
from overture.core.errors import Conflict
from overture.core.ids import public_id

LEGAL: Final = {
    "pause": ("active",),
    "resume": ("paused",),
    "stop": ("active", "paused"),
    "skip_step": ("active", "paused"),
}


def allowed(enrollment: Enrollment) -> list[str]:
    """What may be done to it in its present state."""
    return [verb for verb, states in LEGAL.items() if enrollment.state in states]


def check(enrollment: Enrollment, verb: str) -> None:
    """Refuse what its state does not allow."""
    if enrollment.state not in LEGAL[verb]:
        raise Conflict(
            "illegal_transition",
            f"{public_id('enr', enrollment.id)} is {enrollment.state} ({enrollment.reason}).",
            fix="Do one of allowed_actions.",
            current_state=enrollment.state,
            allowed_actions=allowed(enrollment),
        )


async def pause(db: AsyncSession, enrollment: Enrollment, by: str, now: datetime) -> None:
    """Let it rest until somebody resumes it; a run that has not acted yet waits at the gate."""
    check(enrollment, "pause")
    enrollment.state = "paused"
    due.wait(enrollment, "paused_by_user", None)
    await store.keep(db, [enrollment], now, why="pause", by=by)


async def resume(db: AsyncSession, enrollment: Enrollment, by: str, now: datetime) -> None:
    """Let it go on: it is decided upon at once."""
    check(enrollment, "resume")
    enrollment.state = "active"
    due.wait(enrollment, "delay", now)
    await approvals.forget_rejected(db, enrollment, now)
    await store.keep(db, [enrollment], now, why="resume", by=by)
    await held_runs.hurry(db, "enrollment", enrollment.id, now)


async def stop(
    db: AsyncSession, enrollment: Enrollment, by: str, now: datetime, reason: str = "stopped_by_user"
) -> None:
    """End it; a run that has not acted yet is called back."""
    check(enrollment, "stop")
    await call_back(db, enrollment, now)
    due.finish(enrollment, Finish(reason), now)
    await store.keep(db, [enrollment], now, why="stop", by=by)


async def skip_step(db: AsyncSession, enrollment: Enrollment, by: str, now: datetime) -> None:
    """Pass over the step it stands at, unless its act is under way."""
    check(enrollment, "skip_step")
    campaign = await store.campaign_by_id(db, enrollment.campaign_id)
    live = await live_touch(db, enrollment)
    if enrollment.step is None or campaign.version_id is None or live is not None:
        raise Conflict(
            "illegal_transition",
            "There is no step to pass over now: it has not begun, or its act is under way.",
            fix="Cancel or await the run first.",
            current_state=enrollment.state,
            allowed_actions=[verb for verb in allowed(enrollment) if verb != "skip_step"],
        )
    sequence = await store.Shelf().plan(db, campaign.version_id)
    step = sequence.by_id.get(enrollment.step)
    target = sequence.target(step.id, step.next) if step is not None else "end"
    if target == "end":
        due.finish(enrollment, Finish("completed", f"the last step, {enrollment.step}, was passed over"), now)
    else:
        touches = (await store.touches_of(db, [enrollment.id])).get(enrollment.id, [])
        first = 1 + max((one.round for one in touches if one.step == target), default=-1)
        enrollment.step, enrollment.round, enrollment.fallback = target, first, 0
        enrollment.entered_at, enrollment.state, enrollment.version_id = now, "active", campaign.version_id
        due.wait(enrollment, "delay", now)
    await store.keep(db, [enrollment], now, why="skip_step", by=by)


async def live_touch(db: AsyncSession, enrollment: Enrollment) -> Touch | None:
    """The touch whose end is still to come."""
    query = select(Touch).where(
        Touch.enrollment_id == enrollment.id, Touch.state.in_(("submitted", "unknown"))
    )
    found: Touch | None = await db.scalar(query.limit(1))
    return found


async def call_back(db: AsyncSession, enrollment: Enrollment, now: datetime) -> None:
    """Cancel its run, if that has not acted."""
    touch = await live_touch(db, enrollment)
    if touch is None:
        return
    run = await runs.by_id(db, touch.run_id, lock=True)
    if run.status in ("pending", "running"):
        await runs.cancel(db, run, now)
