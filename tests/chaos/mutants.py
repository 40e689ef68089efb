"""Plugin: known bugs of the field, put back in one at a time (`OVERTURE_CHAOS_MUTANT=M1`).

The product has no switch for them. Each replaces one name in this process before a worker begins.
"""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account
from overture.core.reasons import Reason
from overture.entrypoints.bootstrap import App
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.registry import READERS
from overture.runs import Kit, Run, attempt, gate, record, settle
from overture.runs.attempt import Attempting, Doing
from overture.runs.begin import Work
from overture.runs.ends import End, Unknown
from overture.touchpoints import CheckConnection, ConnectionState, Intent, Outcome

VARIABLE: Final = "OVERTURE_CHAOS_MUTANT"


def m1_mark_after_send() -> None:
    """Nothing is committed before the act; only the record at the end says that it happened."""

    async def intend_nothing(kit: Kit, work: Work, _: gate.Prepared) -> Intent:
        return Intent(work.run.token, kit.clock.now() + kit.settings.act_window)

    vars(attempt)["intend"] = intend_nothing


def m22_reconcile_at_once() -> None:
    """An unknown outcome is read back before the service shows the effect."""

    def no_grace(kit: Kit, provider: str) -> timedelta:
        return timedelta()

    Kit.grace = no_grace  # type: ignore[assignment, method-assign]


def m16_accept_by_public_id() -> None:
    """A connection counts only under the slug that was invited, which its owner may have changed."""
    real = READERS["check_connection"]

    async def by_slug(desk: Desk, touchpoint: CheckConnection) -> Outcome:
        found = await real(desk, touchpoint)
        key = touchpoint.target.key
        if isinstance(found, ConnectionState) and found.public_identifier != key:
            return ConnectionState(state="none", public_identifier=key)
        return found

    READERS["check_connection"] = by_slug


def m18_one_browser_for_all() -> None:
    """Every account's run waits for the one before, so that a call that hangs stops them all."""
    lock, real = asyncio.Lock(), attempt.in_session

    async def in_turn(attempting: Attempting, doing: Doing) -> End:
        async with lock:
            return await real(attempting, doing)

    vars(attempt)["in_session"] = in_turn


def i16_try_again() -> None:
    """What became of an act is not known, so it is simply done again."""

    async def again(
        kit: Kit, db: AsyncSession, run: Run, account: Account, end: Unknown, now: datetime
    ) -> None:
        run.effect, run.intended_at = "none", None
        settle.put_back(run, now, Reason.RETRY)

    vars(record)["unknown"] = again


MUTANTS: Final[dict[str, Callable[[], None]]] = {
    "M1": m1_mark_after_send,
    "I16": i16_try_again,
    "M16": m16_accept_by_public_id,
    "M18": m18_one_browser_for_all,
    "M22": m22_reconcile_at_once,
}


def install(app: App) -> App:
    """Plugin entry."""
    MUTANTS[os.environ[VARIABLE]]()
    return app
