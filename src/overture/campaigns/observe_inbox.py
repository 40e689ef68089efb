"""What messages in the inbox show of people: answers, and words that a person of ours wrote."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import observe
from overture.campaigns.observe import Sight, SignalKind
from overture.campaigns.observe_threads import AWAY_FOR
from overture.core.ids import Ids
from overture.db import Entered
from overture.inbox import MEANING_OF

BY_A_PERSON: Final = ("hand", "inbox")
"""Who writes words of ours that no campaign sent: the conversation is theirs from then on."""


async def of_messages(db: AsyncSession, ids: Ids, said: Sequence[Entered], now: datetime) -> set[UUID]:
    """Take down what messages show; whom they are about.

    A message is known by the same source here and in a reading of the inbox: both together are one sight.
    """
    sights = [sight for event in said for sight in sights_in(event)]
    await observe.see_all(db, ids, sights, now)
    for kind, sight in sights:
        if kind == "opted_out":
            await observe.silence(db, ids, sight, now)
    return {sight.lead_id for _, sight in sights}


def sights_in(event: Entered) -> Iterator[tuple[SignalKind, Sight]]:
    """What one message shows; what a run of a campaign sent shows nothing."""
    about, data = event.about, event.data
    if about.lead_id is None:
        return
    at = datetime.fromisoformat(str(data["at"]))
    sight = Sight(about.lead_id, at, str(data["key"]), about.account_id, str(data["channel"]))
    if data["direction"] == "own":
        if data["by"] in BY_A_PERSON:
            yield "manual_contact", sight
        return
    meaning = MEANING_OF[str(data["kind"])]
    yield meaning, replace(sight, until=at + AWAY_FOR) if meaning == "auto_replied" else sight
