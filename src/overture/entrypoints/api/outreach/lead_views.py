"""Leads as clients see them, with everything around them read in a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people
from overture.accounts import Account
from overture.campaigns import Campaign, Enrollment
from overture.core.ids import public_id
from overture.entrypoints.api.outreach.fields import shown_id
from overture.entrypoints.api.outreach.lead_shapes import (
    IdentityView,
    LeadDetail,
    LeadView,
    MembershipView,
    MergeView,
    RelationshipView,
    SuppressedView,
)
from overture.entrypoints.bootstrap import App
from overture.people import PLAIN_FIELDS, Key, Lead, Merge, Suppression


async def lead_views(app: App, db: AsyncSession, leads: Sequence[Lead]) -> list[LeadView]:
    """These leads with their keys and whether they may be contacted."""
    lead_ids = [lead.id for lead in leads]
    keys = await people.keys_of(db, lead_ids)
    suppressed = await people.is_suppressed(db, lead_ids, app.now())
    return [lead_view(lead, keys[lead.id], suppressed.get(lead.id)) for lead in leads]


def lead_view(lead: Lead, keys: Iterable[Key], suppressed: Suppression | None) -> LeadView:
    """One lead as lists show it."""
    return LeadView(
        lead_id=public_id("lead", lead.id),
        **{name: getattr(lead, name) for name in PLAIN_FIELDS},
        company_id=shown_id("com", lead.company_id),
        custom=lead.custom,
        source=lead.source,
        stage=lead.stage,
        identities=[IdentityView(kind=key.kind, value=key.value) for key in keys],
        suppressed=suppressed_view(suppressed) if suppressed is not None else None,
        merged_into=shown_id("lead", lead.merged_into),
        erased_at=lead.erased_at,
        created_at=lead.created_at,
        updated_at=lead.updated_at,
    )


def suppressed_view(one: Suppression) -> SuppressedView:
    """Why somebody is not to be contacted."""
    return SuppressedView(
        suppression_id=public_id("sup", one.id), kind=one.kind, reason=one.reason, since=one.created_at
    )


async def lead_detail(app: App, db: AsyncSession, lead: Lead) -> LeadDetail:
    """One lead with all that is around it; of all leads that are the same person."""
    person = await people.person(db, lead.id)
    (seen,) = await lead_views(app, db, [lead])
    return LeadDetail(
        **seen.model_dump(),
        relationships=await relationships(db, person.all_ids),
        enrollments=await memberships(db, person.all_ids),
        merges=[merge_view(one) for one in await people.merges_of(db, person.all_ids)],
    )


async def relationships(db: AsyncSession, lead_ids: frozenset[UUID]) -> list[RelationshipView]:
    """What accounts are to the person."""
    found = await people.relationships_of(db, lead_ids)
    handles = await handles_of(db, {one.account_id for one in found})
    return [
        RelationshipView(
            handle=handles[one.account_id],
            state=one.state,
            since=one.since,
            observed_at=one.observed_at,
            source=one.source,
        )
        for one in found
    ]


async def handles_of(db: AsyncSession, account_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The handles of accounts, removed ones included."""
    rows = await db.execute(select(Account.id, Account.handle).where(Account.id.in_(set(account_ids))))
    return {row[0]: row[1] for row in rows}


async def memberships(db: AsyncSession, lead_ids: frozenset[UUID]) -> list[MembershipView]:
    """The campaigns the person is or was in, newest first."""
    query = (
        select(Enrollment, Campaign.name)
        .join(Campaign, Campaign.id == Enrollment.campaign_id)
        .where(Enrollment.lead_id.in_(lead_ids))
        .order_by(Enrollment.id.desc())
    )
    return [
        MembershipView(
            enrollment_id=public_id("enr", one.id),
            campaign_id=public_id("cmp", one.campaign_id),
            campaign=name,
            state=one.state,
            reason=one.reason,
            next_action_at=one.next_action_at,
        )
        for one, name in await db.execute(query)
    ]


def merge_view(one: Merge) -> MergeView:
    """A merge as clients see it."""
    return MergeView(
        merge_id=public_id("mrg", one.id),
        kept_id=public_id("lead", one.kept_id),
        merged_id=public_id("lead", one.merged_id),
        reason=one.reason,
        by=one.by,
        at=one.at,
        undone_at=one.undone_at,
    )
