"""Routes of analytics: a campaign's summary and its days."""

from datetime import date
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from overture import analytics, campaigns
from overture.accounts import Zone
from overture.analytics import Day
from overture.campaigns import CAMPAIGN_STATES, Funnel
from overture.core.instants import Instant
from overture.entrypoints.api.access import Product, needs_key
from overture.entrypoints.api.outreach.fields import CampaignIdPath, uuid_in
from overture.entrypoints.api.problems import declared

router = APIRouter(prefix="/api/v1/analytics", tags=["analytics"], dependencies=[needs_key])

WEEK: Final = 7
MOST: Final = 366


class Span(BaseModel):
    """Which days are counted, and by whose clock a day begins."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(default=30, ge=1, le=MOST, description="So many days; the last is today, up to now.")
    zone: Zone = Field(default="UTC", description="IANA zone whose midnights part the days.")


class Totals(BaseModel):
    """People of the campaign, each once in every number that is true of them; `Funnel` has more."""

    leads: int
    invite_sent: int
    connected: int
    messaged: int
    responded: int
    completed: int

    @classmethod
    def of(cls, funnel: Funnel) -> "Totals":
        """The same people by the names of this report."""
        return cls(
            leads=funnel.enrolled,
            invite_sent=funnel.invited,
            connected=funnel.accepted,
            messaged=funnel.messaged,
            responded=funnel.replied,
            completed=funnel.completed,
        )


class DayView(BaseModel):
    """One day: acts that arrived, and what was heard."""

    day: date
    invites: int
    messages: int
    replies: int
    connections: int = Field(description="Invitations of the campaign accepted.")


class SummaryView(BaseModel):
    """A campaign at a glance."""

    campaign_id: str = Field(examples=["cmp_01kb3v6q2v8x0c5h2m9r4t7wze"])
    name: str
    status: str = Field(description="Its state.", examples=[CAMPAIGN_STATES[0]])
    totals: Totals
    last_activity_at: Instant | None = Field(description="When its log was last written to.")
    last_7_days: list[DayView] = Field(description="Oldest first; the last is today.")
    days: int = Field(description="How many days `reply_count_last_n_days` and the rate are about.")
    reply_count_last_n_days: int
    reply_rate_last_n_days: float | None = Field(
        description="Of the people first written to in these days, the share that has answered since; "
        "null when nobody was written to."
    )


class SeriesView(BaseModel):
    """A campaign day by day: the n-th number of each list is that of the n-th day."""

    campaign_id: str = Field(examples=["cmp_01kb3v6q2v8x0c5h2m9r4t7wze"])
    zone: str
    days: list[date] = Field(description="Oldest first; the last is today, up to now.")
    invites_sent_per_day: list[int]
    connections_per_day: list[int]
    messages_sent_per_day: list[int]
    replies_received_per_day: list[int]


@router.get("/campaigns/{campaign_id}/summary", responses=declared(404))
async def get_campaign_summary(
    app: Product, campaign_id: CampaignIdPath, span: Annotated[Span, Query()]
) -> SummaryView:
    """How far the campaign's people are, its last seven days, and how many of those written to answer."""
    found, now, zone = uuid_in("cmp", campaign_id), app.clock.now(), ZoneInfo(span.zone)
    async with app.sessions() as db:
        campaign = await campaigns.campaign_by_id(db, found)
        funnel = (await campaigns.funnels(db, [found]))[found]
        days = await analytics.days_of(db, found, now, max(span.days, WEEK), zone)
        answered = await analytics.answered(db, found, now, span.days, zone)
        last = await analytics.last_activity(db, found)
    return SummaryView(
        campaign_id=campaign_id,
        name=campaign.name,
        status=campaign.state,
        totals=Totals.of(funnel),
        last_activity_at=last,
        last_7_days=[shown(day) for day in days[-WEEK:]],
        days=span.days,
        reply_count_last_n_days=sum(day.replies for day in days[-span.days :]),
        reply_rate_last_n_days=answered.rate,
    )


@router.get("/campaigns/{campaign_id}/timeseries", responses=declared(404))
async def get_campaign_timeseries(
    app: Product, campaign_id: CampaignIdPath, span: Annotated[Span, Query()]
) -> SeriesView:
    """What the campaign did and heard each day."""
    found = uuid_in("cmp", campaign_id)
    async with app.sessions() as db:
        await campaigns.campaign_by_id(db, found)
        days = await analytics.days_of(db, found, app.clock.now(), span.days, ZoneInfo(span.zone))
    return SeriesView(
        campaign_id=campaign_id,
        zone=span.zone,
        days=[day.day for day in days],
        invites_sent_per_day=[day.invites for day in days],
        connections_per_day=[day.connections for day in days],
        messages_sent_per_day=[day.messages for day in days],
        replies_received_per_day=[day.replies for day in days],
    )


def shown(day: Day) -> DayView:
    """A day as a client sees it."""
    return DayView(**vars(day))
