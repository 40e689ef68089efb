"""Routes of the event log: what happened, in order, for whoever wants to follow it."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.event_types import EVENT_TYPES
from overture.core.instants import Instant
from overture.db import Event
from overture.entrypoints.api.access import Product, needs_key
from overture.entrypoints.api.outreach.fields import CampaignId, EnrollmentId, LeadId, shown_id, uuid_in
from overture.entrypoints.api.outreach.lead_views import handles_of
from overture.entrypoints.api.outreach.paging import Cut, Listed, cut
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.shapes import Page
from overture.people import persons

router = APIRouter(prefix="/api/v1/events", tags=["events"], dependencies=[needs_key])

TYPE: Final = r"[a-z_]+(\.[a-z_]+)*"
SETTLED: Final = text("events.xid < pg_snapshot_xmin(pg_current_snapshot())")
"""Every transaction older than the event's own is over: nothing can appear before it any more."""
NUMBER_BITS: Final = 63


class EventView(BaseModel):
    """One thing that happened."""

    event_id: int
    at: Instant
    type: str = Field(examples=["lead.stage_changed"])
    says: str | None = Field(description="The type in one sentence.")
    handle: str | None = Field(description="The account it is about, if one.")
    run_id: str | None
    lead_id: str | None
    campaign_id: str | None
    enrollment_id: str | None
    data: dict[str, Any] = Field(description="Its keys are those of its type.")


class EventList(BaseModel):
    """One page of events."""

    data: list[EventView]
    page: Page


class Chosen(Listed):
    """Which events are meant."""

    lead: LeadId | None = Field(default=None, description="About this person (all leads that are them).")
    campaign: CampaignId | None = Field(default=None, description="About this campaign.")
    enrollment: EnrollmentId | None = Field(default=None, description="About this enrollment.")
    type: str | None = Field(
        default=None,
        pattern=f"^{TYPE}(,{TYPE})*$",
        max_length=500,
        description="One or several, with commas.",
    )
    order: Literal["newest", "oldest"] = Field(
        default="newest",
        description="`oldest` is for following along: keep the last cursor that was given, and ask again.",
    )


@router.get("", responses=declared())
async def list_events(
    app: Product, request: Request, response: Response, wanted: Annotated[Chosen, Query()]
) -> EventList:
    """The event log. Oldest first, no event is ever skipped, however it is followed."""
    async with app.sessions() as db:
        query = await chosen(db, wanted)
        after = wanted.after(app.api_key)
        ordered = newest(query, after) if wanted.order == "newest" else oldest(query, after)
        found = (await db.execute(ordered.limit(wanted.limit + 1))).all()
        shown, has_more = cut(found, wanted.limit)
        data = await event_views(db, [row[0] for row in shown])
    last = place_of(*shown[-1]) if shown and (has_more or wanted.order == "oldest") else None
    page = Cut(last, wanted.limit).page(request, response, app.api_key)
    if wanted.order == "oldest":  # there is always a place to go on from
        page = page.model_copy(
            update={"has_more": has_more, "next_cursor": page.next_cursor or wanted.cursor}
        )
    return EventList(data=data, page=page)


async def chosen(db: AsyncSession, wanted: Chosen) -> Select[Event, int]:
    """The query for a filter: each event, and its transaction."""
    query = select(Event, text("events.xid::text::bigint"))
    if wanted.lead is not None:
        lead_id = uuid_in("lead", wanted.lead)
        person = (await persons(db, [lead_id])).get(lead_id)
        query = query.where(Event.lead_id.in_(person.all_ids if person else [lead_id]))
    if wanted.campaign is not None:
        query = query.where(Event.campaign_id == uuid_in("cmp", wanted.campaign))
    if wanted.enrollment is not None:
        query = query.where(Event.enrollment_id == uuid_in("enr", wanted.enrollment))
    if wanted.type is not None:
        query = query.where(Event.type.in_(wanted.type.split(",")))
    return query


def newest(query: Select[Event, int], after: UUID | None) -> Select[Event, int]:
    """From the newest on."""
    if after is not None:
        query = query.where(Event.id < number_in(after))
    return query.order_by(Event.id.desc())


def oldest(query: Select[Event, int], after: UUID | None) -> Select[Event, int]:
    """From the oldest on, in the order of transactions; those still under way come later."""
    query = query.where(SETTLED)
    if after is not None:
        behind = text("(events.xid, events.id) > (cast(cast(:place_xid as text) as xid8), :place_id)")
        query = query.where(
            behind.bindparams(place_xid=str(after.int >> NUMBER_BITS), place_id=number_in(after))
        )
    return query.order_by(text("events.xid"), Event.id)


def place_of(event: Event, xid: int) -> UUID:
    """Where an event stands in the log, in either order."""
    return UUID(int=(xid << NUMBER_BITS) | event.id)


def number_in(place: UUID) -> int:
    """The event's number in its place."""
    return place.int & ((1 << NUMBER_BITS) - 1)


async def event_views(db: AsyncSession, events: Sequence[Event]) -> list[EventView]:
    """These events as clients see them."""
    handles = await handles_of(db, {one.account_id for one in events if one.account_id is not None})
    return [
        EventView(
            event_id=one.id,
            at=one.at,
            type=one.type,
            says=EVENT_TYPES[one.type].says if one.type in EVENT_TYPES else None,
            handle=handles.get(one.account_id) if one.account_id is not None else None,
            run_id=shown_id("run", one.run_id),
            lead_id=shown_id("lead", one.lead_id),
            campaign_id=shown_id("cmp", one.campaign_id),
            enrollment_id=shown_id("enr", one.enrollment_id),
            data=one.data,
        )
        for one in events
    ]
