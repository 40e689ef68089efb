"""Suppressions as parts of a transaction, and as clients see them."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people
from overture.core.errors import Invalid
from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.entrypoints.api.shapes import Page
from overture.entrypoints.bootstrap import App
from overture.people import NewLead, Suppression, keys_in, suppression
from overture.people.suppression import Known


class SuppressionView(BaseModel):
    """Somebody never to be contacted."""

    suppression_id: str = Field(examples=["sup_01kb3v6q2v8x0c5h2m9r4t7wze"])
    kind: str
    value: str = Field(description="In one spelling; of a person the lead's id, of an erased one a hash.")
    reason: str
    note: str | None
    source: str
    by: str
    created_at: Instant
    expires_at: Instant | None
    lifted_at: Instant | None
    lifted_by: str | None


class AddedSuppression(SuppressionView):
    """The suppression that holds now."""

    is_new: bool = Field(description="Whether this request made it.")


class SuppressionList(BaseModel):
    """One page of suppressions, newest first."""

    data: list[SuppressionView]
    page: Page


class TestedAddress(BaseModel):
    """Whether somebody may be contacted."""

    suppressed: bool
    by: SuppressionView | None = Field(description="The strongest suppression that names them.")


@dataclass(frozen=True)
class Person:
    """What is known of somebody."""

    email: str | None = None
    linkedin_url: str | None = None
    domain: str | None = None
    company: str | None = None


def view(one: Suppression) -> SuppressionView:
    """A suppression as clients see it."""
    return SuppressionView(**columns(one))


def columns(one: Suppression) -> dict[str, object]:
    """Its fields."""
    plain = {name: getattr(one, name) for name in SuppressionView.model_fields if hasattr(one, name)}
    value = public_id("lead", UUID(one.value)) if one.kind == "person" else one.value
    return {**plain, "value": value, "suppression_id": public_id("sup", one.id)}


async def add(app: App, db: AsyncSession, wanted: suppression.Wanted) -> AddedSuppression:
    """Suppress somebody."""
    if wanted.kind == "person":
        await people.by_id(db, UUID(suppression.canonical("person", wanted.value)))
    added = await suppression.add(db, app.ids, app.now(), wanted)
    return AddedSuppression.model_validate({**columns(added.suppression), "is_new": added.is_new})


async def lift(app: App, db: AsyncSession, suppression_id: UUID, by: str, why: str | None) -> SuppressionView:
    """Allow contact again; with a reason also what the person asked for."""
    found = await suppression.by_id(db, suppression_id)
    if why is None:
        await suppression.lift(db, found, by, app.now())
    else:
        await suppression.lift_as_admin(db, found, by, why, app.now())
    return view(found)


async def tried(app: App, db: AsyncSession, person: Person) -> TestedAddress:
    """Hold somebody against the list, with everything we know of them already."""
    keys = frozenset(keys_in(NewLead(email=person.email, linkedin_url=person.linkedin_url)))
    works = suppression.employed((person.company,), (person.domain,))
    if not keys and not works.companies and not works.domains:
        raise Invalid(
            "validation_error",
            "Nothing of this can be recognised.",
            fix="Give an e-mail address, a LinkedIn address, a domain or a company.",
            errors=[{"pointer": "", "code": "no_key", "detail": "names nobody"}],
        )
    owners = set((await people.owners(db, keys)).values())
    asked = {
        "given": Known(keys=keys, companies=works.companies, domains=works.domains),
        **{str(lead_id): one for lead_id, one in (await suppression.known_of(db, owners)).items()},
    }
    holding = (await suppression.of(db, asked, app.now())).values()
    strongest = min(holding, key=suppression.strength, default=None)
    return TestedAddress(suppressed=bool(holding), by=view(strongest) if strongest is not None else None)
