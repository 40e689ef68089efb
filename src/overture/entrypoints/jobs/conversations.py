"""The job that finds the conversations of connected leads."""

from typing import Final

from overture import inbox
from overture.accounts import Account
from overture.entrypoints.jobs.doing import Doing, Job
from overture.entrypoints.jobs.messages import each
from overture.entrypoints.receiving import inbox_kit
from overture.inbox import MessageStore


async def perform(doing: Doing) -> dict[str, object]:
    """Walk once through the threads of every account that is meant."""
    return await each(doing, of_account, without_store=left_out)


async def of_account(doing: Doing, account: Account, store: MessageStore) -> dict[str, object]:
    """The conversations of one account."""
    found = await inbox.backfill(inbox_kit(doing.app), account, store, doing.app.now())
    return found.shown()


async def left_out(_: Doing, __: Account) -> dict[str, object]:
    """Without a store, conversations become known as the inbox is read."""
    return {"state": "read_by_planner"}


JOB: Final = Job("conversations", "Connected leads get the conversation the service has with them.", perform)
