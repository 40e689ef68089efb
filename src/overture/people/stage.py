"""The pipeline of a lead: which stage may follow which, and every move an event.

    DISCOVERED → ENRICHED → PENDING → CONNECTED → COMPLETED, and from each open one → FAILED or IGNORED

The world jumps: whoever is met already connected was never pending, and a mailing completes without an
invitation. Nothing goes back by itself; an administrator may move a lead anywhere, and says why.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import Conflict, Invalid
from overture.core.ids import public_id
from overture.db import About, Entry, append_events
from overture.people.tables import STAGES, Lead, Stage

CLOSED: Final = frozenset({"COMPLETED", "FAILED", "IGNORED"})
OPEN: Final = frozenset(STAGES) - CLOSED

LEGAL: Final[Mapping[str, frozenset[str]]] = {
    "DISCOVERED": frozenset({"ENRICHED", "PENDING", "CONNECTED"}) | CLOSED,
    "ENRICHED": frozenset({"PENDING", "CONNECTED"}) | CLOSED,
    "PENDING": frozenset({"CONNECTED"}) | CLOSED,
    "CONNECTED": CLOSED,
    "COMPLETED": frozenset(),
    "FAILED": frozenset(),
    "IGNORED": frozenset(),
}
"""What may follow each stage by itself."""


def may_move(frm: str, to: str) -> bool:
    """Whether a lead may go from one stage to the other without an administrator."""
    return to in LEGAL[frm]


def further(one: str, other: str) -> str:
    """Which of two stages tells more of what has happened: that of two leads found to be one person."""
    order = ("DISCOVERED", "IGNORED", "ENRICHED", "FAILED", "PENDING", "CONNECTED", "COMPLETED")
    return max(one, other, key=order.index)


async def move(db: AsyncSession, lead: Lead, to: Stage, why: str, by: str, now: datetime) -> None:
    """Move the lead on, or refuse; staying where it is changes nothing."""
    if lead.stage == to:
        return
    if not may_move(lead.stage, to):
        raise Conflict(
            "illegal_transition",
            f"{public_id('lead', lead.id)} is {lead.stage}; it does not become {to} by itself.",
            fix="An administrator may set the stage by hand.",
            current_state=lead.stage,
            allowed_actions=sorted(LEGAL[lead.stage]),
        )
    await change(db, lead, to, now, why=why, by=by, manual=False)


def may_advance(lead: Lead, to: Stage) -> bool:
    """Whether what is seen in the world moves the lead on."""
    return lead.stage != to and may_move(lead.stage, to)


async def advance(db: AsyncSession, lead: Lead, to: Stage, why: str, by: str, now: datetime) -> bool:
    """Move the lead on if it may go there; whether it did. For what is seen in the world, at any time."""
    if not may_advance(lead, to):
        return False
    await change(db, lead, to, now, why=why, by=by, manual=False)
    return True


async def set_by_hand(db: AsyncSession, lead: Lead, to: Stage, why: str, by: str, now: datetime) -> None:
    """An administrator's change, from any stage to any other; it is in the log with its reason."""
    if not why.strip():
        raise Invalid(
            "validation_error",
            "A stage set by hand needs a reason.",
            fix="Say why: it is kept in the log.",
            errors=[{"pointer": "/why", "code": "missing", "detail": "must say why"}],
        )
    if lead.stage != to:
        await change(db, lead, to, now, why=why, by=by, manual=True)


async def change(db: AsyncSession, lead: Lead, to: str, now: datetime, **facts: object) -> None:
    """Write the stage and its event."""
    entry = changed(lead, to, now, **facts)
    await db.flush()
    await append_events(db, [entry])


def changed(lead: Lead, to: str, now: datetime, **facts: object) -> Entry:
    """Put the lead at the stage; the event that tells of it."""
    data = {"from": lead.stage, "to": to, **facts}
    lead.stage, lead.updated_at = to, now
    return now, "lead.stage_changed", About(lead_id=lead.id), data


def folded(kinds_and_data: "list[tuple[str, Mapping[str, object]]]") -> str | None:
    """The stage that the events of a lead, oldest first, add up to."""
    stage: str | None = None
    for kind, data in kinds_and_data:
        if kind == "lead.created":
            stage = str(data["stage"])
        elif kind == "lead.stage_changed":
            stage = str(data["to"])
    return stage
