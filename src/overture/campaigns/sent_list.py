"""Accounts' lists of sent invitations: whoever is still on one has not answered, and needs no look by name.

Being on a list that was read whole says that the invitation was pending when the reading began. Not being on
it says nothing: they accepted, declined, go by other ids, or the invitation was taken back.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import WorkingHours, next_opening
from overture.campaigns.facts import Wait
from overture.campaigns.store import Standing
from overture.core.remembered import remembered
from overture.db import carry_out, fetch
from overture.inbox.whose import PROFILE_ID, SLUG
from overture.people.keys import STABLE_KINDS, linkedin_key
from overture.touchpoints import SentInvitations

LAG: Final = timedelta(hours=1)
"""How long after the time it is due a reading has surely come to its end, while the account works."""
LONGEST_WAIT: Final = timedelta(days=4)
"""The most that is waited for the next list: over a weekend."""


@dataclass(frozen=True)
class Reading:
    """A list that was read, by a run that began at this time."""

    account_id: UUID
    began_at: datetime
    invitations: SentInvitations


KEEP: Final = text("""
update syncs set pending = said.pending, pending_read_at = said.began_at
from jsonb_to_recordset(cast(:rows as jsonb)) as said(account_id uuid, pending text[], began_at timestamptz)
where syncs.account_id = said.account_id and syncs.kind = 'sync_relations'
  and (syncs.pending_read_at is null or syncs.pending_read_at < said.began_at)
""")


async def keep(db: AsyncSession, readings: Sequence[Reading]) -> None:
    """Keep the newest complete list of each account; one that is not whole leaves the old one as it is."""
    whole = sorted((one for one in readings if one.invitations.complete), key=lambda one: one.began_at)
    newest = {one.account_id: one for one in whole}
    rows = [
        {"account_id": str(account_id), "pending": names_on(one), "began_at": one.began_at.isoformat()}
        for account_id, one in sorted(newest.items())
    ]
    if rows:
        await carry_out(db, KEEP, {"rows": json.dumps(rows)})


def names_on(reading: Reading) -> list[str]:
    """Profile ids and names of everybody on the list, as identities spell them: only ids have capitals."""
    items = reading.invitations.items
    ids = {one.profile_id for one in items if one.profile_id}
    keys = (linkedin_key(one.public_identifier) for one in items if one.public_identifier)
    return sorted(ids | {key.value for key in keys if key is not None})


FORGET: Final = text("""
update syncs set pending = array(select one from unnest(pending) as one where one <> all(:names))
where pending && cast(:names as text[])
""")


async def forget(db: AsyncSession, names: Collection[str]) -> None:
    """Take somebody off every list."""
    if names:
        await db.execute(FORGET, {"names": sorted(names)})


@dataclass(frozen=True)
class Look:
    """A look at an invitation that is due, before it is known whether it has to be one by name."""

    standing: Standing
    seat: UUID
    """The account that invited."""
    said: Wait
    """What was decided: how the wait goes on when it is still pending."""
    due_at: datetime

    @property
    def invited_at(self) -> datetime:
        """Since when the invitation is out."""
        relationship = self.standing.facts.relationship
        return relationship.since if relationship is not None else self.due_at

    @property
    def names(self) -> list[str]:
        """What the person would be listed by: ids are theirs for ever, a name counts while none is known."""
        known = self.standing.known.of(self.standing.member_ids)
        stable = {key for lead in known for key in lead.keys if key.kind in STABLE_KINDS}
        name = self.standing.keys.get(SLUG)
        if stable or name is None:
            return sorted(key.value for key in stable if key.kind == PROFILE_ID)
        return [name]


@dataclass(frozen=True)
class Listed:
    """What the newest complete list of the account says of one invitation."""

    is_on: bool
    read_at: datetime
    next_by: datetime
    """When the next list will surely have been read, if the account works."""

    def answers(self, look: Look, now: datetime, every: timedelta) -> bool:
        """Whether it stands for a regular look: it is as new as lists are while the account works."""
        return (
            self.tells_of(look)
            and self.is_on
            and (self.read_at >= look.due_at or now - self.read_at <= every + LAG)
        )

    def tells_of(self, look: Look) -> bool:
        """Whether it was read since the invitation is out."""
        return self.read_at > look.invited_at

    def seen(self, standing: Standing) -> Standing:
        """The standing of somebody who is on it: their invitation was seen when it was read."""
        relationship = standing.facts.relationship
        assert relationship is not None
        at = max(self.read_at, relationship.seen_at or self.read_at)
        return replace(
            standing, facts=replace(standing.facts, relationship=replace(relationship, seen_at=at))
        )


ASK: Final = text("""
select w.enrollment_id, s.pending && w.names, s.pending_read_at, s.next_at, a.working_hours, a.zone
from jsonb_to_recordset(cast(:rows as jsonb)) as w(enrollment_id uuid, account_id uuid, names text[])
join syncs s on s.account_id = w.account_id and s.kind = 'sync_relations' and s.pending_read_at is not null
join accounts a on a.id = w.account_id
""")


async def ask(db: AsyncSession, looks: Sequence[Look], now: datetime) -> Mapping[UUID, Listed]:
    """What the lists say of these invitations, by enrollment; of accounts without a list, nothing."""
    if not looks:
        return {}
    rows = [
        {"enrollment_id": str(one.standing.enrollment.id), "account_id": str(one.seat), "names": one.names}
        for one in looks
    ]
    found = await fetch(db, ASK, {"rows": json.dumps(rows)})
    return {
        enrollment_id: Listed(is_on, read_at, next_list_by(next_at, hours, zone, now))
        for enrollment_id, is_on, read_at, next_at, hours, zone in found
    }


def next_list_by(next_at: datetime, hours: Mapping[str, object], zone: str, now: datetime) -> datetime:
    """When a list that is read next at this time, or as soon as the account works again, will be there."""
    begins = next_opening(remembered(WorkingHours, hours), zone, max(next_at, now))
    return min(begins + LAG, now + LONGEST_WAIT)
