"""Sync relations: the account's connections and sent invitations, by classic ids; nobody is told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from overture.core.errors import NotPossible, PageChanged, Transient
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.person import number_in
from overture.providers.unipile.registry import reads
from overture.touchpoints import PendingInvitation, Relation, RelationsRead, SentInvitations, SyncRelations
from overture.touchpoints.sync_relations import RelationsEnd

PAGE: Final = 1000
RESUMABLE: Final = ("limit", "time")
MOST_INVITATIONS: Final = 3000
"""An account may have some thousands of unanswered invitations at most: a longer list is not read whole."""
SHARE_OF_INVITATIONS: Final = 0.2  # of an attempt; the connections after them may take what they always may


@dataclass
class Reading:
    """A list of connections while it is read; those before `start` are passed over."""

    wanted: SyncRelations
    relations: dict[str, Relation] = field(default_factory=dict)
    place: int = 0
    unreadable: int = 0
    pages: int = 0
    ended_by: RelationsEnd | None = None

    def take(self, page: api.Page[api.Relation]) -> None:
        """Take in a page; end at `since` or at the limit."""
        self.pages += 1
        self.unreadable += page.unreadable
        for row in page.items:
            if self.place >= self.wanted.start and self._ends_at(row):
                return
            self.place += 1

    def _ends_at(self, row: api.Relation) -> bool:
        """Take a row in, unless the reading ends before it."""
        if len(self.relations) >= self.wanted.limit:
            self.ended_by = "limit"
        elif self.wanted.since is not None and row.created_at and row.created_at < self.wanted.since:
            self.ended_by = "since"
        elif row.member_id is None or not api.is_classic_id(row.member_id):
            self.unreadable += 1
        else:
            self.relations.setdefault(row.member_id, _relation(row.member_id, row))
        return self.ended_by is not None


@reads
async def sync_relations(desk: Desk, touchpoint: SyncRelations) -> RelationsRead:
    """The connections back to `since` or `limit`, and whether any that were asked for are missing.

    Before them, if that is asked for, who has not answered an invitation.
    """
    invitations = await sent_invitations(desk) if touchpoint.with_invitations else None
    reading = Reading(touchpoint)
    ended_by = await _read(desk, reading, desk.patience())
    desk.trace.step("relations", read=len(reading.relations), ended_by=ended_by)
    return RelationsRead(
        relations=list(reading.relations.values()),
        complete=ended_by in ("end", "since") and not reading.unreadable,
        ended_by=ended_by,
        next_start=reading.place if ended_by in RESUMABLE else None,
        unreadable=reading.unreadable,
        pages=reading.pages,
        invitations=invitations,
    )


async def sent_invitations(desk: Desk) -> SentInvitations:
    """Who has not answered an invitation. A list that cannot be read fails nothing else: it is not complete.

    What concerns the whole account (a login, a limit, a restriction) is raised, as by any other read.
    """
    read_at = desk.clock.now()
    may_go_on = desk.patience(SHARE_OF_INVITATIONS)
    bounds = api.Bounds[api.Invitation](max_items=MOST_INVITATIONS, stop_when=lambda _: not may_go_on())
    walk = desk.client.invitations.iter_sent(desk.account, bounds)
    try:
        sent = await walk.all()
    except api.UnipileError as error:
        failure = desk.failure(error, "read")
        if not isinstance(failure, PageChanged | NotPossible | Transient):
            raise failure from error
        desk.trace.step("invitations", failed=failure.code)
        return SentInvitations(items=[], complete=False, read_at=read_at)
    items = [pending for one in sent if (pending := _pending(one)) is not None]
    is_whole = walk.is_complete and len(items) == len(sent)
    desk.trace.step("invitations", read=len(items), complete=is_whole)
    return SentInvitations(items=items, complete=is_whole, read_at=read_at)


def _pending(sent: api.Invitation) -> PendingInvitation | None:
    """An invitation as readings have it; None if it does not say whose it is."""
    known = sent.invited_user_id
    profile_id = known if known is not None and api.is_classic_id(known) else None
    if profile_id is None and not sent.invited_user_public_id:
        return None
    return PendingInvitation(profile_id=profile_id, public_identifier=sent.invited_user_public_id or None)


async def _read(desk: Desk, reading: Reading, may_go_on: Callable[[], bool]) -> RelationsEnd:
    """Page by page: a page is one look through the account's session."""
    size = min(PAGE, reading.wanted.start + reading.wanted.limit + 1)
    cursor: str | None = None
    seen: set[str] = set()
    while True:
        page = await desk.client.relations.list(desk.account, limit=size, cursor=cursor)
        reading.take(page)
        if reading.ended_by is not None:
            return reading.ended_by
        if page.cursor is None:
            return "end"
        if page.cursor in seen:
            return "repeated"
        if not may_go_on():
            return "time"
        seen.add(page.cursor)
        cursor = page.cursor


def _relation(profile_id: str, row: api.Relation) -> Relation:
    names = [part for part in (row.first_name, row.last_name) if part]
    return Relation(
        profile_id=profile_id,
        public_identifier=row.public_identifier,
        member_id=number_in(row.member_urn),
        full_name=" ".join(names) or None,
        headline=row.headline,
        connected_at=row.created_at,
    )
