"""Sync relations: the account's connections by JSON, newest first; nobody is told."""

from typing import Final

from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.patience import patience
from overture.providers.linkedin_browser.registry import reads
from overture.providers.linkedin_browser.voyager.network import (
    Reading,
    VoyagerConnections,
    read_connections,
)
from overture.touchpoints import RelationsRead, SyncRelations

RESUMABLE: Final = ("limit", "time")


@reads
async def sync_relations(desk: Desk, touchpoint: SyncRelations) -> RelationsRead:
    """The connections back to `since` or `limit`, and whether any that were asked for are missing."""
    reading = Reading(touchpoint.since, touchpoint.limit, touchpoint.start)
    ended_by = await read_connections(VoyagerConnections(desk.client), reading, patience(desk))
    desk.trace.step("relations", read=len(reading.relations), total=reading.total, ended_by=ended_by)
    return RelationsRead(
        relations=list(reading.relations.values()),
        total=reading.total,
        complete=ended_by in ("end", "since") and not reading.unreadable,
        ended_by=ended_by,
        next_start=reading.start if ended_by in RESUMABLE else None,
        unreadable=reading.unreadable,
    )
