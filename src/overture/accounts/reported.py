"""What a service between us and the channel reports of an account, and the state that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts.register import set_state
from overture.accounts.tables import Account
from overture.db import append_event

STOPPING: Final[Mapping[str, str]] = {
    "CREDENTIALS": "its sign-in has to be renewed",
    "PERMISSIONS": "it lacks permissions that have to be given",
    "ERROR": "it fails; restart or reconnect it",
    "STOPPED": "it is stopped; restart it",
    "DELETED": "it was deleted there; connect it again",
    "CREATION_FAIL": "connecting it failed; connect it again",
}
"""Words after which an account cannot act, and what they mean."""
GOOD: Final = frozenset({"OK", "RECONNECTED", "CREATION_SUCCESS", "SYNC_SUCCESS"})
"""Words after which it can."""
REPORTED: Final = "reported_"
"""How the reason of a state that follows from a report begins."""


@dataclass(frozen=True)
class Report:
    """What was said of an account, when, and by whom (`webhook`, `health`)."""

    word: str
    at: datetime
    source: str


async def take_report(db: AsyncSession, account: Account, report: Report, now: datetime) -> bool:
    """Let the account's state follow; whether the report was news. One that is older than the last is none.

    It gets well only from what a report had brought: a person's pause and any other trouble stay.
    """
    rows = await db.scalars(
        select(Account).where(Account.id == account.id).with_for_update(key_share=True),
        execution_options={"populate_existing": True},
    )
    found = rows.one()
    if found.removed_at is not None or (found.reported_at is not None and report.at < found.reported_at):
        return False
    is_news = found.reported != report.word
    found.reported, found.reported_at = report.word, report.at
    if is_news:
        data = {"word": report.word, "at": report.at.isoformat(), "source": report.source}
        await append_event(db, now, "account.reported", account_id=found.id, data=data)
    await follow(db, found, report, now, is_news=is_news)
    return is_news


async def follow(db: AsyncSession, account: Account, report: Report, now: datetime, *, is_news: bool) -> None:
    """The state that follows from a report.

    A run that was turned away at the sign-in waits for the news that it is well, and not for the same again:
    else each look would let another run be turned away.
    """
    reason_now = account.state_reason or ""
    was_turned_away = reason_now == "login" and account.external_id is not None and is_news
    is_ill = account.state == "needs_attention" and (reason_now.startswith(REPORTED) or was_turned_away)
    reason = f"{REPORTED}{report.word.lower()}"
    if report.word in STOPPING and (account.state == "active" or is_ill):
        if account.state_reason != reason:
            detail = f"{account.provider} says: {STOPPING[report.word]}"
            await set_state(
                db, account, "needs_attention", now, reason=reason, detail=detail, source=report.source
            )
    elif report.word in GOOD and is_ill:
        await set_state(db, account, "active", now, source=report.source)
