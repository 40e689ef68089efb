"""What campaigns know of one person: told to them when they ask, forgotten when they are erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import approvals, due, sent_list, store
from overture.campaigns.facts import Finish
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


ERASED: Final = "erased"
UNNAMED: Final = text("""
update touches set target = null, text_hash = null where lead_id = any(:leads)
""")
UNHEARD: Final = text("""
update signals set source = 'erased:' || signal_id, channel = null where lead_id = any(:leads)
""")
"""That they answered or opted out stays; where it was said, does not."""


async def forget(db: AsyncSession, erased: Erased, now: datetime) -> None:
    """End what is planned for the person, and empty what shows them: the texts written for them, how they
    were addressed, what was said of them. The runs toward them are emptied by whoever has them.
    """
    leads = list(erased.lead_ids)
    # The enrollments first, as the planner locks them.
    ending = await store.of_leads(db, leads)
    for one in ending:
        due.finish(one, Finish(ERASED), now)
    await store.keep(db, ending, now, why="lead.erased", by="erasure")
    await db.execute(update(Enrollment).where(Enrollment.lead_id.in_(leads)).values(detail=None))
    live = select(Approval).where(Approval.lead_id.in_(leads), Approval.state != "stale")
    for approval in (await db.scalars(live.order_by(Approval.id).with_for_update())).all():
        await approvals.make_stale(db, approval, now, ERASED)
    empty: dict[str, object] = {"touchpoint": {}, "text": None, "note": None, "written": None}
    hashes: dict[str, object] = {"content_hash": ERASED, "rendered_hash": ERASED}
    await db.execute(update(Approval).where(Approval.lead_id.in_(leads)).values({**empty, **hashes}))
    await db.execute(UNNAMED, {"leads": leads})
    await db.execute(UNHEARD, {"leads": leads})
    await sent_list.forget(db, {key.value for key in erased.keys})
