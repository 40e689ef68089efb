"""What campaigns know of one person: told to them when they ask, forgotten when they are erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns.tables import Approval, Enrollment, Signal, Touch
from overture.core.ids import public_id
from overture.people import Erased

TOLD: Final[dict[str, tuple[Any, tuple[str, ...]]]] = {
    "enrollments": (Enrollment, ("state", "reason", "detail", "step", "enrolled_at", "finished_at")),
    "touches": (Touch, ("step", "channel", "touchpoint_type", "state", "code", "planned_at", "ended_at")),
    "approvals": (Approval, ("state", "step", "channel", "text", "note", "decided_by", "created_at")),
    "signals": (Signal, ("kind", "at", "until", "channel", "source", "seen_at")),
}
"""What is told of each table, besides ids that say nothing to the person."""


async def tell(db: AsyncSession, lead_ids: frozenset[Any]) -> object:
    """Everything campaigns have about these leads."""
    found: dict[str, Sequence[object]] = {}
    for name, (table, columns) in TOLD.items():
        rows = await db.scalars(select(table).where(table.lead_id.in_(lead_ids)).order_by(table.id))
        found[name] = [
            {"lead_id": public_id("lead", row.lead_id), **{one: shown(getattr(row, one)) for one in columns}}
            for row in rows
        ]
    return found


def shown(value: object) -> object:
    """A value as JSON."""
    return value.isoformat() if isinstance(value, datetime) else value


END: Final = text("update touches set target = null where lead_id = any(:leads)")


async def forget(db: AsyncSession, erased: Erased, now: datetime) -> None:
    """Empty what shows the person: texts written for them, how they were addressed, what was said of them.

    Their enrollments end by the event of the erasure.
    """
    del now
    leads = erased.lead_ids
    empty: dict[str, object] = {"touchpoint": {}, "text": None, "note": None, "written": None}
    await db.execute(update(Approval).where(Approval.lead_id.in_(leads)).values(**empty))
    open_ones = update(Approval).where(Approval.lead_id.in_(leads), Approval.state != "stale")
    await db.execute(open_ones.values(state="stale"))
    await db.execute(END, {"leads": list(leads)})
    await db.execute(update(Enrollment).where(Enrollment.lead_id.in_(leads)).values(detail=None))
