"""Routes of suppressions: whom never to contact."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator
from pydantic.config import JsonDict

from overture.core.instants import Instant
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.outreach import suppressing
from overture.entrypoints.api.outreach.asking import WRITE, Ask, DryRun, or_ok, rehearsed
from overture.entrypoints.api.outreach.fields import Line, SuppressionIdPath, Why, uuid_in
from overture.entrypoints.api.outreach.paging import Cut, Listed, cut
from overture.entrypoints.api.outreach.suppressing import (
    AddedSuppression,
    SuppressionList,
    SuppressionView,
    TestedAddress,
)
from overture.entrypoints.api.problems import declared
from overture.people import SUPPRESSION_KINDS, SUPPRESSION_REASONS, suppression

router = APIRouter(prefix="/api/v1/suppressions", tags=["suppressions"], dependencies=[needs_key])

EXAMPLE: Final[JsonDict] = {"examples": [{"email": "ada@hollow.test"}]}
Kind = Literal["person", "email", "domain", "company", "linkedin"]
Reason = Literal["opt_out", "bounced", "complained", "declined", "manual", "imported"]


class NewSuppression(BaseModel):
    """Somebody who is not to be contacted any more."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"kind": "domain", "value": "hollow.test", "reason": "manual"}]},
    )

    kind: Kind = Field(description="What `value` is; `person` takes a lead's id.")
    value: Line = Field(min_length=1)
    reason: Reason = "manual"
    note: Line | None = None
    expires_at: Instant | None = Field(
        default=None, description="When it ends by itself. What a person asked for never does."
    )

    @model_validator(mode="after")
    def lasts(self) -> "NewSuppression":
        """Refuse an end of what a person asked for."""
        if self.expires_at is not None and self.reason in suppression.WISHES:
            raise ValueError("what a person asked for does not expire")
        return self


class Lifting(BaseModel):
    """Why somebody may be contacted again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    why: Why | None = Field(default=None, description="Needed for what the person asked for themselves.")
    as_admin: StrictBool = Field(
        default=False, description="Lift even what the person asked for; `why` is kept for ever."
    )

    @model_validator(mode="after")
    def says_why(self) -> "Lifting":
        """Refuse an administrator without a reason."""
        if self.as_admin and self.why is None:
            raise ValueError("as_admin needs why")
        return self


class Tested(BaseModel):
    """Somebody to hold against the list: anything that is known of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=EXAMPLE)

    email: Line | None = None
    linkedin_url: Line | None = None
    domain: Line | None = None
    company: Line | None = None


class Chosen(Listed):
    """Which suppressions a list shows."""

    kind: str | None = Field(default=None, pattern=f"^({'|'.join(SUPPRESSION_KINDS)})$")
    reason: str | None = Field(default=None, pattern=f"^({'|'.join(SUPPRESSION_REASONS)})$")
    lifted: bool | None = Field(default=False, description="Those that were lifted.")
    q: str | None = Field(
        default=None, pattern=r"^[^\x00]*$", max_length=200, description="Part of the value."
    )

    def wanted(self) -> suppression.SuppressionFilter:
        """The same as they are looked for by."""
        return suppression.SuppressionFilter(self.kind, self.reason, self.lifted, self.q)


@router.get("", responses=declared())
async def list_suppressions(
    app: Product, request: Request, response: Response, wanted: Annotated[Chosen, Query()]
) -> SuppressionList:
    """Suppressions, newest first; tombstones of erased people are hashes."""
    async with app.sessions() as db:
        found = await suppression.page(db, wanted.wanted(), wanted.after(app.api_key), wanted.limit + 1)
    shown, has_more = cut(found, wanted.limit)
    page = Cut(shown[-1].id if has_more else None, wanted.limit).page(request, response, app.api_key)
    return SuppressionList(data=[suppressing.view(one) for one in shown], page=page)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={**declared(*WRITE, 404), **or_ok(AddedSuppression)},
)
async def add_suppression(
    app: Product, by: By, new: NewSuppression, ask: Ask, response: Response, dry_run: DryRun = False
) -> AddedSuppression:
    """Suppress somebody; what is there already stays, and takes a stronger reason or a later end."""
    wanted = suppression.Wanted(new.kind, new.value, new.reason, by, by, new.note, new.expires_at)
    added = await ask.once(
        app, AddedSuppression, lambda db: suppressing.add(app, db, wanted), dry_run=dry_run
    )
    if not added.is_new:
        response.status_code = status.HTTP_200_OK
    if not dry_run:
        response.headers["Location"] = f"/api/v1/suppressions/{added.suppression_id}"
    return added


@router.post("/test", responses=declared(*WRITE))
async def test_suppression(app: Product, tested: Tested) -> TestedAddress:
    """Whether somebody may be contacted, as the gate would decide it; nothing is stored."""
    async with app.sessions() as db:
        return await suppressing.tried(
            app, db, suppressing.Person(tested.email, tested.linkedin_url, tested.domain, tested.company)
        )


@router.get("/{suppression_id}", responses=declared(404))
async def get_suppression(app: Product, suppression_id: SuppressionIdPath) -> SuppressionView:
    """One suppression, lifted or not."""
    async with app.sessions() as db:
        return suppressing.view(await suppression.by_id(db, uuid_in("sup", suppression_id)))


@router.post("/{suppression_id}/lift", responses=declared(*WRITE, 404, 409))
async def lift_suppression(
    app: Product, by: By, suppression_id: SuppressionIdPath, lifting: Lifting, dry_run: DryRun = False
) -> SuppressionView:
    """Allow contact again. What the person asked for is lifted by an administrator only, with a reason."""
    found, why = uuid_in("sup", suppression_id), lifting.why if lifting.as_admin else None
    return await rehearsed(app, dry_run, lambda db: suppressing.lift(app, db, found, by, why))
