"""What a failure means for the run's account: it stops, rests a lane, or takes a blow to its breaker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account, Blow, Cause
from overture.core.ids import public_id
from overture.runs import store
from overture.runs.kit import Kit
from overture.runs.react import Reaction
from overture.runs.tables import Run

TOLD: Final[Mapping[str, str]] = {"asked": "asked", "where": "path", "said": "said"}
"""What the event of a stopped account tells of the page, and the fact it comes from."""


@dataclass(frozen=True)
class Trouble:
    """A failure as the account sees it; without a `cause` it is none of the breaker's business."""

    code: str
    message: str
    reaction: Reaction | None = None
    cause: Cause | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


async def concern(
    kit: Kit, db: AsyncSession, run: Run, account: Account, trouble: Trouble, now: datetime
) -> None:
    """Let the account, whose row is locked, take what concerns it and not the target."""
    reaction, account = trouble.reaction, store.belonging(db, account)
    if reaction is not None and reaction.account is not None and account.state == "active":
        stop, run_id = reaction.account, public_id("run", run.id)
        detail = trouble.message
        asked: dict[str, object]
        asked = {"kind": stop.reason, "since": now.isoformat()} if stop.state == "needs_attention" else {}
        asked |= {name: trouble.facts[key] for name, key in TOLD.items() if trouble.facts.get(key)}
        await accounts.set_state(
            db, account, stop.state, now, reason=stop.reason, detail=detail, run_id=run_id, **asked
        )
    if reaction is not None and reaction.rest_until is not None:
        is_general = trouble.facts.get("scope") == "account"
        category = accounts.EVERY_LANE if is_general else run.category
        await accounts.rest(db, account.id, category, reaction.rest_until, trouble.code)
    if trouble.cause is not None:
        await take_blow(db, account, Blow(trouble.cause, trouble.code, run.id, kit.blows(trouble.cause)), now)


async def take_blow(db: AsyncSession, account: Account, blow: Blow, now: datetime) -> None:
    """Count it; the one that opens the breaker pauses the account, and says so once."""
    in_a_row = await accounts.strike(db, account, blow, now)
    if in_a_row is None:
        return
    run_id = public_id("run", blow.run_id)
    runs = "1 run" if in_a_row == 1 else f"{in_a_row} runs in a row"
    detail = f"{runs}: {accounts.CAUSES[blow.cause]} (last: {blow.code}, {run_id})"
    facts = {"cause": blow.cause, "code": blow.code, "consecutive": in_a_row, "run_id": run_id}
    await accounts.set_state(db, account, "paused", now, reason=accounts.CIRCUIT_OPEN, detail=detail, **facts)
