"""Routes of observations: what was seen of a person outside, told by whoever saw it."""

from datetime import datetime
from typing import Final, Literal, Self
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, people
from overture.campaigns import Sight, Touch, observe
from overture.core.errors import Invalid
from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.entrypoints.api.access import Product, needs_key
from overture.entrypoints.api.fields import Handle
from overture.entrypoints.api.outreach.asking import WRITE, Ask, DryRun, or_ok
from overture.entrypoints.api.outreach.fields import LeadId, Line, RunId, uuid_in
from overture.entrypoints.api.problems import declared
from overture.entrypoints.bootstrap import App

router = APIRouter(prefix="/api/v1/observations", tags=["observations"], dependencies=[needs_key])

Kind = Literal[
    "replied",
    "auto_replied",
    "declined",
    "opted_out",
    "bounced",
    "manual_contact",
    "accepted",
    "opened",
]
EXAMPLE: Final[JsonDict] = {"type": "replied", "lead_id": "lead_01kb3v6q2v8x0c5h2m9r4t7wze"}


class NewObservation(BaseModel):
    """Something a person did, or that was done to them outside of Overture."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    type: Kind
    lead_id: LeadId
    at: Instant | None = Field(default=None, description="When it happened; now when absent.")
    handle: Handle | None = Field(default=None, description="The account it concerns. `accepted` needs it.")
    channel: Literal["linkedin", "email", "contact_form", "phone"] | None = None
    until: Instant | None = Field(default=None, description="Of `auto_replied`: when they are back.")
    address: Line | None = Field(default=None, description="Of `bounced`: which one; else the lead's e-mail.")
    run_id: RunId | None = Field(
        default=None, description="Of `opened`, which needs it: the run that sent it."
    )
    source: Line | None = Field(
        default=None,
        min_length=1,
        description="What makes it one thing (a message's id): the same is kept once.",
    )

    @model_validator(mode="after")
    def is_whole(self) -> Self:
        """Refuse an acceptance of nobody's invitation, and what was opened if it is not said what."""
        if self.type == "accepted" and self.handle is None:
            raise ValueError("accepted needs handle")
        if (self.type == "opened") is not (self.run_id is not None):
            raise ValueError("opened, and nothing else, needs run_id")
        return self


class ObservationView(BaseModel):
    """What was taken down."""

    type: Kind
    lead_id: str
    at: Instant
    source: str
    is_new: bool = Field(description="False: it was known already.")
    dry_run: bool


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={**declared(*WRITE, 404, 409), **or_ok(ObservationView)},
)
async def add_observation(
    app: Product, new: NewObservation, ask: Ask, dry_run: DryRun = False
) -> ObservationView:
    """Take down what was seen; campaigns react at once: a reply or an opt-out ends what is planned."""
    return await ask.once(app, ObservationView, lambda db: observed(app, db, new, dry_run), dry_run=dry_run)


async def observed(app: App, db: AsyncSession, new: NewObservation, dry_run: bool) -> ObservationView:
    """Take an observation down, for the person the lead is."""
    person = await people.person(db, uuid_in("lead", new.lead_id))
    now = app.now()
    account = await accounts.by_handle(db, new.handle) if new.handle is not None else None
    at = new.at or now
    if at > now:
        raise ahead()
    source = f"api:{new.source}" if new.source else f"api:{app.ids.new()}"
    run_id = await run_to(db, new, person) if new.run_id is not None else None
    account_id = account.id if account else None
    sight = Sight(person.lead_id, at, source, account_id, new.channel, new.until, run_id)
    is_new = await take_down(app, db, new, sight, now)
    return ObservationView(
        type=new.type,
        lead_id=public_id("lead", person.lead_id),
        at=at,
        source=source,
        is_new=is_new,
        dry_run=dry_run,
    )


async def take_down(app: App, db: AsyncSession, new: NewObservation, sight: Sight, now: datetime) -> bool:
    """Keep the sight as what it is; whether it is new."""
    if new.type == "bounced":
        address = new.address or await address_of(db, sight.lead_id)
        return await observe.bounced(db, app.ids, sight, address, now)
    return await SEEN[new.type](db, app.ids, sight, now)


SEEN: Final = {
    "replied": observe.replied,
    "auto_replied": observe.auto_replied,
    "declined": observe.declined,
    "opted_out": observe.opted_out,
    "manual_contact": observe.manual_contact,
    "accepted": observe.accepted,
    "opened": observe.opened,
}


async def run_to(db: AsyncSession, new: NewObservation, person: people.Person) -> UUID:
    """The run that wrote to this person, or a refusal."""
    found = uuid_in("run", str(new.run_id))
    query = select(Touch.run_id).where(
        Touch.run_id == found, Touch.lead_id.in_(person.all_ids), Touch.channel == "email"
    )
    if await db.scalar(query) is None:
        raise Invalid(
            "validation_error",
            "No campaign sent this person an e-mail by that run.",
            fix="Give the run of the e-mail: GET /api/v1/enrollments/{enrollment_id} lists them.",
            errors=[{"pointer": "/run_id", "code": "not_theirs", "detail": "no e-mail to this person"}],
        )
    return found


async def address_of(db: AsyncSession, lead_id: UUID) -> str:
    """The lead's e-mail address, or a refusal."""
    for key in (await people.keys_of(db, [lead_id]))[lead_id]:
        if key.kind == "email":
            return key.value
    raise Invalid(
        "validation_error",
        "The lead has no e-mail address that could have bounced.",
        fix="Give `address`.",
        errors=[{"pointer": "/address", "code": "missing", "detail": "the lead has no e-mail address"}],
    )


def ahead() -> Invalid:
    """Nothing is seen before it happens."""
    return Invalid(
        "validation_error",
        "What was seen lies in the future.",
        fix="Give the time at which it happened.",
        errors=[{"pointer": "/at", "code": "in_the_future", "detail": "must not be in the future"}],
    )
