"""Routes of webhook deliveries: how they fare, which there are, and applying them once more."""

import base64
import json
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from overture import inbox
from overture.core.errors import Conflict
from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.entrypoints.api.access import Product, needs_key
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.outreach.asking import WRITE
from overture.entrypoints.api.outreach.fields import DeliveryId, DeliveryIdPath, uuid_in
from overture.entrypoints.api.outreach.paging import Cut, Listed, cut
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.shapes import Page
from overture.entrypoints.api.webhooks import arrival_of
from overture.entrypoints.bootstrap import App
from overture.inbox import DELIVERY_STATES, SOURCE_OF, DeliveryFilter, WebhookDelivery

router = APIRouter(tags=["webhooks"], dependencies=[needs_key])

SPAN: Final = timedelta(days=7)
STATES_PATTERN: Final = f"^({'|'.join(DELIVERY_STATES)})$"
ENDPOINT_PATTERN: Final = f"^({'|'.join(SOURCE_OF)})$"
MOST_REPLAYED: Final = 10_000
State = Literal["received", "applied", "unmatched", "dead"]
Endpoint = Literal["users", "messaging", "accounts"]
EXAMPLE: Final[JsonDict] = {
    "endpoint": "users",
    "payload": {
        "event": "new_relation",
        "account_id": "dfXlh46vQYCsMbVarumWlg",
        "user_provider_id": "ACoAAAAAAAAB_4BqR0cT0n2m8h5c1x7d9e3f6g0",
        "user_public_identifier": "prisca-hollowell-sbx",
    },
}


class EndpointView(BaseModel):
    """How one address fares."""

    model_config = ConfigDict(from_attributes=True)

    endpoint: Endpoint
    last_received_at: Instant | None = Field(description="Null: nothing came in the last seven days.")
    last_applied_at: Instant | None
    counts: dict[str, int] = Field(description="Deliveries by state.", examples=[{"applied": 120}])
    misdirected: int = Field(
        description="Deliveries that belong to another address. They were applied; mend the webhook."
    )


class WebhookStatus(BaseModel):
    """How deliveries of the last seven days fare."""

    status: Literal["ok", "behind", "closed"] = Field(
        description="`closed`: no secret is set, so none is taken. `behind`: one has waited for five minutes."
    )
    lag_seconds: float = Field(description="How long the one that waits longest has waited to be applied.")
    endpoints: list[EndpointView]


class DeliveryView(BaseModel):
    """One delivery."""

    delivery_id: str
    endpoint: str = Field(description="The address it came to.")
    source: str = Field(description="What it is by its content.", examples=["messaging"])
    event: str = Field(examples=["message_received"])
    service_account: str | None = Field(description="The account as the service names it.")
    state: State
    error: str | None = Field(description="Why it is not applied.", examples=["unknown_account"])
    attempts: int
    received_at: Instant
    applied_at: Instant | None
    next_at: Instant | None = Field(description="When it is tried next.")


class DeliveryDetail(DeliveryView):
    """One delivery with what came."""

    content_type: str | None
    waits_for: list[str] = Field(description="What has to be known first.")
    body: str = Field(description="As it came, if it is UTF-8; else in base 64.")
    body_encoding: Literal["utf-8", "base64"]


class DeliveryList(BaseModel):
    """One page of deliveries, newest first."""

    data: list[DeliveryView]
    page: Page


class Chosen(Listed):
    """Which deliveries a list shows."""

    state: str | None = Field(default=None, pattern=STATES_PATTERN)
    source: str | None = Field(default=None, pattern=r"^[a-z_]{1,40}$", description="What they are.")
    endpoint: str | None = Field(default=None, pattern=ENDPOINT_PATTERN, description="Where they came to.")
    received_from: Instant | None = Field(default=None, description="Received at this time or later.")
    received_until: Instant | None = Field(default=None, description="Received before this time.")


class Replayed(BaseModel):
    """Which deliveries are applied once more: those named, or all that fit."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"state": "dead", "source": "messaging"}]},
    )

    delivery_ids: tuple[DeliveryId, ...] | None = Field(default=None, max_length=1000)
    state: Literal["applied", "unmatched", "dead"] | None = None
    source: str | None = Field(default=None, pattern=r"^[a-z_]{1,40}$")
    endpoint: Endpoint | None = None
    received_from: Instant | None = None
    received_until: Instant | None = None


class ReplayCount(BaseModel):
    """How many are applied once more."""

    replayed: int


class Simulated(BaseModel):
    """A delivery to be made up."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    endpoint: Endpoint
    payload: dict[str, Any] = Field(description="What the service would send.")


class SimulatedDelivery(BaseModel):
    """What became of it at the door."""

    delivery_id: str | None = Field(description="Null: it was there already.")
    is_new: bool


@router.get("/webhooks/status", responses=declared())
async def get_webhook_status(app: Product) -> WebhookStatus:
    """Whether deliveries come in and are applied, by address."""
    async with app.sessions() as db:
        found = await inbox.health(db, app.now(), SPAN)
    secret = app.settings.unipile_webhook_secret
    is_open = secret is not None and bool(secret.get_secret_value())
    is_behind = found.lag > timedelta(minutes=5)
    return WebhookStatus(
        status=("behind" if is_behind else "ok") if is_open else "closed",
        lag_seconds=found.lag.total_seconds(),
        endpoints=[EndpointView.model_validate(one) for one in found.endpoints],
    )


router.add_api_route(
    "/api/v1/webhooks/status",
    get_webhook_status,
    name="get_webhook_status_v1",
    responses=declared(),
    response_model=WebhookStatus,
)


@router.get("/api/v1/webhooks/deliveries", responses=declared())
async def list_deliveries(
    app: Product, request: Request, response: Response, wanted: Annotated[Chosen, Query()]
) -> DeliveryList:
    """Deliveries, newest first."""
    chosen = DeliveryFilter(
        wanted.state, wanted.source, wanted.endpoint, wanted.received_from, wanted.received_until
    )
    async with app.sessions() as db:
        found = await inbox.delivery_page(db, chosen, wanted.after(app.api_key), wanted.limit + 1)
    shown, has_more = cut(found, wanted.limit)
    page = Cut(shown[-1].id if has_more else None, wanted.limit).page(request, response, app.api_key)
    return DeliveryList(data=[DeliveryView.model_validate(facts_of(one)) for one in shown], page=page)


@router.get("/api/v1/webhooks/deliveries/{delivery_id}", responses=declared(404))
async def get_delivery(app: Product, delivery_id: DeliveryIdPath) -> DeliveryDetail:
    """One delivery, with what came byte for byte."""
    async with app.sessions() as db:
        return detail_of(await inbox.delivery_by_id(db, uuid_in("whd", delivery_id)))


@router.post("/api/v1/webhooks/deliveries/replay", responses=declared(*WRITE))
async def replay_deliveries(app: Product, wanted: Replayed) -> ReplayCount:
    """Apply deliveries once more, up to 10,000 at a time; what was applied before is not doubled by it."""
    chosen = DeliveryFilter(
        wanted.state, wanted.source, wanted.endpoint, wanted.received_from, wanted.received_until
    )
    named = wanted.delivery_ids
    ids = [uuid_in("whd", one) for one in named] if named is not None else None
    async with app.sessions.begin() as db:
        count = await inbox.replay(db, chosen, ids, app.now(), MOST_REPLAYED)
    return ReplayCount(replayed=count)


@router.post("/api/v1/webhooks/deliveries/{delivery_id}/replay", responses=declared(404))
async def replay_delivery(app: Product, delivery_id: DeliveryIdPath) -> DeliveryDetail:
    """Apply one delivery once more."""
    found = uuid_in("whd", delivery_id)
    async with app.sessions.begin() as db:
        await inbox.delivery_by_id(db, found)
        await inbox.replay(db, DeliveryFilter(), [found], app.now(), 1)
    async with app.sessions() as db:
        return detail_of(await inbox.delivery_by_id(db, found))


@router.post(
    "/api/v1/webhooks/simulate", status_code=status.HTTP_201_CREATED, responses=declared(*WRITE, 409)
)
async def simulate_delivery(app: Product, wanted: Simulated) -> SimulatedDelivery:
    """Make a delivery up, as if the service had sent it (development only)."""
    if not app.settings.webhook_simulate:
        entry = PROBLEMS["simulate_off"]
        raise Conflict("simulate_off", entry.meaning, fix=entry.fix)
    return await simulated(app, wanted)


async def simulated(app: App, wanted: Simulated) -> SimulatedDelivery:
    """Put it where deliveries are put."""
    body = json.dumps(wanted.payload).encode()
    arrival = arrival_of(app.ids.new(), wanted.endpoint, body, "application/json", app.now())
    is_new = await app.letterbox.put(arrival)
    return SimulatedDelivery(delivery_id=public_id("whd", arrival.id) if is_new else None, is_new=is_new)


def facts_of(one: WebhookDelivery) -> dict[str, object]:
    """What is shown of a delivery."""
    names = ("endpoint", "source", "event", "service_account", "state", "error", "attempts")
    times = ("received_at", "applied_at", "next_at")
    return {"delivery_id": public_id("whd", one.id)} | {name: getattr(one, name) for name in names + times}


def detail_of(one: WebhookDelivery) -> DeliveryDetail:
    """A delivery with what came."""
    try:
        body, encoding = one.body.decode(), "utf-8"
    except UnicodeDecodeError:
        body, encoding = base64.b64encode(one.body).decode(), "base64"
    more = {"content_type": one.content_type, "waits_for": one.waits_for or [], "body": body}
    return DeliveryDetail.model_validate({**facts_of(one), **more, "body_encoding": encoding})
