"""Sync relations: the account's connections and sent invitations by JSON, newest first; nobody is told."""

from typing import Final

from overture.core.errors import NotPossible, PageChanged, Transient
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.patience import patience
from overture.providers.linkedin_browser.registry import reads
from overture.providers.linkedin_browser.voyager.members import SentInvitation, read_all_sent_invitations
from overture.providers.linkedin_browser.voyager.network import (
    Reading,
    VoyagerConnections,
    read_connections,
)
from overture.touchpoints import PendingInvitation, RelationsRead, SentInvitations, SyncRelations

RESUMABLE: Final = ("limit", "time")
SHARE_OF_INVITATIONS: Final = 0.2  # of an attempt; the connections after them may take what they always may


@reads
async def sync_relations(desk: Desk, touchpoint: SyncRelations) -> RelationsRead:
    """The connections back to `since` or `limit`, and whether any that were asked for are missing.

    Before them, if that is asked for, who has not answered an invitation.
    """
    invitations = await sent_invitations(desk) if touchpoint.with_invitations else None
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
        invitations=invitations,
    )


async def sent_invitations(desk: Desk) -> SentInvitations:
    """Who has not answered an invitation. A list that cannot be read fails nothing else: it is not complete.

    What concerns the whole account (a login, a limit, a restriction) is raised, as by any other read.
    """
    read_at = desk.clock.now()
    try:
        sent = await read_all_sent_invitations(desk.client, patience(desk, SHARE_OF_INVITATIONS))
    except (PageChanged, NotPossible, Transient) as error:
        desk.trace.step("invitations", failed=error.code)
        return SentInvitations(items=[], complete=False, read_at=read_at)
    items = [pending(one) for one in sent.items if one.is_told]
    is_whole = sent.is_complete and len(items) == len(sent.items)
    desk.trace.step("invitations", read=len(items), complete=is_whole)
    return SentInvitations(items=items, complete=is_whole, read_at=read_at)


def pending(sent: SentInvitation) -> PendingInvitation:
    """An invitation as readings have it."""
    number = int(sent.member_id) if sent.member_id and sent.member_id.isdecimal() else None
    return PendingInvitation(profile_id=sent.profile_id, public_identifier=sent.slug, member_id=number)
