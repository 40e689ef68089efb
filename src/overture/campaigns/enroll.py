"""Enrolling: leads into a campaign, each once, dealt to senders by weight, with a receipt for everybody."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, people
from overture.accounts import Account
from overture.campaigns import store
from overture.campaigns.facts import Finish
from overture.campaigns.settings import CampaignSettings
from overture.campaigns.tables import Campaign, CampaignAccount, Enrollment, Signal
from overture.core.errors import Conflict, Invalid
from overture.core.ids import Ids
from overture.people import Lead, stage

CHUNK: Final = 1000
SKIPS: Final = (
    *("not_found", "erased", "duplicate_in_request", "duplicate_in_campaign", "suppressed"),
    *("active_elsewhere", "replied_before"),
)
"""Why a lead was not enrolled."""


@dataclass(frozen=True)
class Row:
    """What became of one lead of a request, at its place."""

    lead_id: UUID
    outcome: str
    """`enrolled`, `ignored` (known to an account already; kept, not contacted) or `skipped`."""
    code: str | None = None
    enrollment_id: UUID | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of every lead of a request: the numbers add up to the total (I23)."""

    rows: Sequence[Row] = field(default_factory=tuple)

    @property
    def total(self) -> int:
        """How many were asked for."""
        return len(self.rows)

    @property
    def enrolled(self) -> int:
        """How many are in."""
        return sum(row.outcome == "enrolled" for row in self.rows)

    @property
    def ignored(self) -> int:
        """How many are kept but not contacted."""
        return sum(row.outcome == "ignored" for row in self.rows)

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many were left out, by code."""
        return dict(Counter(str(row.code) for row in self.rows if row.outcome == "skipped"))


async def enroll(  # noqa: PLR0913, PLR0917 - who, whom and when, as every verb has them
    db: AsyncSession,
    ids: Ids,
    campaign: Campaign,
    lead_ids: Sequence[UUID],
    by: str,
    now: datetime,
    scores: Mapping[UUID, float] | None = None,
) -> Receipt:
    """Enrol these leads; whoever is in already stays as they are (re-entry never restarts, bug zoo M6)."""
    if campaign.state not in ("draft", "active", "paused"):
        raise Conflict(
            "illegal_transition",
            f"The campaign is {campaign.state}; nobody can be enrolled.",
            fix="Duplicate it.",
            current_state=campaign.state,
            allowed_actions=["duplicate"],
        )
    dealing = await dealer(db, campaign)
    rows: list[Row] = []
    seen: set[UUID] = set()
    for start in range(0, len(lead_ids), CHUNK):
        chunk = lead_ids[start : start + CHUNK]
        known = await look(db, campaign, chunk, now)
        rows += await enter(db, ids, Entering(campaign, dealing, known, seen, scores or {}, by, now), chunk)
    await db.flush()
    return Receipt(tuple(rows))


@dataclass
class Dealer:
    """Deals leads to senders: the one furthest behind its share is next; channel by channel."""

    settings: CampaignSettings
    rows: Mapping[UUID, CampaignAccount]
    accounts: Mapping[UUID, Account]

    def seats(self, sticky: Collection[UUID]) -> dict[str, UUID]:
        """The accounts of one lead, by channel; an account the lead knows already keeps them."""
        found: dict[str, UUID] = {}
        for channel in sorted({one.channel for one in self.accounts.values()}):
            able = [one for one in self.accounts.values() if one.channel == channel]
            knows = [one for one in able if one.id in sticky]
            chosen = min(knows or able, key=lambda one: (self.load(one.id), one.handle))
            self.rows[chosen.id].dealt += 1
            found[channel] = chosen.id
        return found

    def load(self, account_id: UUID) -> float:
        """How much of its share it would have with one more."""
        row = self.rows[account_id]
        return (row.dealt + 1) / row.weight


async def dealer(db: AsyncSession, campaign: Campaign) -> Dealer:
    """The campaign's senders, locked: two who enrol at once deal one after the other."""
    settings = CampaignSettings.model_validate(campaign.settings)
    senders = {}
    for handle in settings.accounts:
        account = await accounts.by_handle(db, handle)
        senders[account.id] = account
    if not senders:
        raise Invalid(
            "no_account",
            "The campaign has no account to send from.",
            fix="Name its accounts in settings.accounts.",
            errors=[{"pointer": "/settings/accounts", "code": "missing", "detail": "at least one"}],
        )
    query = select(CampaignAccount).where(
        CampaignAccount.campaign_id == campaign.id, CampaignAccount.account_id.in_(senders)
    )
    rows = await db.scalars(query.order_by(CampaignAccount.account_id).with_for_update())
    return Dealer(settings, {one.account_id: one for one in rows}, senders)


@dataclass(frozen=True)
class Looked:
    """What enrolling must know of a chunk of leads."""

    persons: Mapping[UUID, people.Person]
    leads: Mapping[UUID, Lead]
    suppressed: Collection[UUID]
    enrolled: Collection[UUID]
    elsewhere: Collection[UUID]
    replied: Collection[UUID]
    relations: Mapping[UUID, Sequence[people.Relationship]]


async def look(db: AsyncSession, campaign: Campaign, lead_ids: Sequence[UUID], now: datetime) -> Looked:
    """Look a chunk of leads up, in a fixed number of queries."""
    persons = await people.persons(db, lead_ids)
    members = {one: person.lead_id for person in persons.values() for one in person.all_ids}
    roots = set(members.values())
    rows = await db.execute(
        select(Enrollment.lead_id, Enrollment.campaign_id, Enrollment.state).where(
            Enrollment.lead_id.in_(members)
        )
    )
    enrolled, elsewhere = set(), set()
    for lead_id, campaign_id, state in rows:
        if campaign_id == campaign.id:
            enrolled.add(members[lead_id])
        elif state in ("active", "paused"):
            elsewhere.add(members[lead_id])
    said = await db.scalars(
        select(Signal.lead_id).where(
            Signal.lead_id.in_(members), Signal.kind.in_(("replied", "declined", "manual_contact"))
        )
    )
    relations: dict[UUID, list[people.Relationship]] = {}
    for one in await people.relationships_of(db, members):
        relations.setdefault(members[one.lead_id], []).append(one)
    return Looked(
        persons,
        {one.id: one for one in await db.scalars(select(Lead).where(Lead.id.in_(roots)))},
        set(await people.is_suppressed(db, roots, now)),
        enrolled,
        elsewhere,
        {members[one] for one in said},
        relations,
    )


@dataclass(frozen=True)
class Entering:
    """A chunk of leads on their way in."""

    campaign: Campaign
    dealing: Dealer
    known: Looked
    seen: set[UUID]
    scores: Mapping[UUID, float]
    by: str
    now: datetime

    def refusal(self, lead_id: UUID) -> str | None:
        """Why a lead is left out, if so."""
        person = self.known.persons.get(lead_id)
        if person is None:
            return "not_found"
        root, settings = person.lead_id, self.dealing.settings
        is_elsewhere = settings.active_elsewhere == "skip" and root in self.known.elsewhere
        did_reply = settings.replied_before == "skip" and root in self.known.replied
        refusals = {
            "erased": self.known.leads[root].erased_at is not None,
            "duplicate_in_request": root in self.seen,
            "duplicate_in_campaign": root in self.known.enrolled,
            "suppressed": root in self.known.suppressed,
            "active_elsewhere": is_elsewhere,
            "replied_before": did_reply,
        }
        return next((code for code, holds in refusals.items() if holds), None)


async def enter(db: AsyncSession, ids: Ids, entering: Entering, lead_ids: Sequence[UUID]) -> list[Row]:
    """Enter a chunk: rows and events in one statement each."""
    rows: list[Row] = []
    made: list[Enrollment] = []
    for lead_id in lead_ids:
        code = entering.refusal(lead_id)
        if code is not None:
            rows.append(Row(lead_id, "skipped", code))
            continue
        root = entering.known.persons[lead_id].lead_id
        entering.seen.add(root)
        one = fresh(ids, entering, root)
        made.append(one)
        outcome = "ignored" if one.state == "ignored" else "enrolled"
        rows.append(Row(root, outcome, one.reason if outcome == "ignored" else None, one.id))
    db.add_all(made)
    await db.flush()
    await store.keep(db, made, entering.now, why="enrolled", by=entering.by)
    for one in made:
        if one.state == "ignored":
            lead = entering.known.leads[one.lead_id]
            await stage.advance(
                db, lead, "IGNORED", why="already_connected", by=entering.by, now=entering.now
            )
    return rows


def fresh(ids: Ids, entering: Entering, lead_id: UUID) -> Enrollment:
    """A new enrollment: due at once, parked until its campaign runs, or over because they are connected."""
    campaign, now = entering.campaign, entering.now
    relations = entering.known.relations.get(lead_id, ())
    ours = set(entering.dealing.accounts)
    sticky = {one.account_id for one in relations if one.state in ("connected", "invited")} & ours
    connected = {one.account_id for one in relations if one.state == "connected"} & ours
    seats = entering.dealing.seats(connected or sticky)
    is_active = campaign.state == "active"
    one = Enrollment(
        id=ids.new(),
        campaign_id=campaign.id,
        lead_id=lead_id,
        account_id=seats.get("linkedin") or next(iter(seats.values())),
        seats={channel: str(seat) for channel, seat in seats.items()},
        version_id=campaign.version_id,
        state="active",
        reason="delay" if is_active else "campaign_paused",
        detail=None,
        next_action_at=now if is_active else now + timedelta(days=30),
        lane="connect",
        priority=entering.scores.get(lead_id, 0.0),
        step=None,
        round=0,
        fallback=0,
        entered_at=now,
        backoff_hours=None,
        variants={},
        enrolled_at=now,
        finished_at=None,
    )
    if connected and entering.dealing.settings.existing_connections == "ignore":
        end(one, Finish("already_connected"), now)
    return one


def end(one: Enrollment, why: Finish, now: datetime) -> None:
    """It is over before it began."""
    one.state, one.reason, one.detail = "ignored", why.reason, why.detail
    one.next_action_at, one.finished_at = None, now
