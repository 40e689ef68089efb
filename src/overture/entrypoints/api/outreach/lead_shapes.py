"""What the API takes and gives of people: leads, companies, merges, and the receipt of several at once."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from pydantic.config import JsonDict

from overture.core.instants import Instant
from overture.entrypoints.api.outreach.fields import LeadId, Line, Why
from overture.entrypoints.api.shapes import Page
from overture.people import KEY_FIELDS, PLAIN_FIELDS, NewLead, Stage

MOST_AT_ONCE: Final = 500
CustomName = Annotated[str, StringConstraints(pattern=r"^[^\x00.\s][^\x00.]{0,79}$")]
Custom = Annotated[dict[CustomName, JsonValue], Field(max_length=200)]

EXAMPLE: Final[JsonDict] = {
    "first_name": "Prisca",
    "last_name": "Hollowell",
    "company_name": "Hollow Works",
    "linkedin_url": "https://www.linkedin.com/in/prisca-hollowell-sbx/",
    "custom": {"topic": "wells"},
}


class LeadFields(BaseModel):
    """What a person is called, does and is reached by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_name: Line | None = None
    last_name: Line | None = None
    full_name: Line | None = None
    headline: Line | None = None
    title: Line | None = None
    company_name: Line | None = None
    location: Line | None = None
    country: Line | None = None
    zone: Line | None = Field(default=None, description="IANA time zone.", examples=["Europe/Berlin"])
    website: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    linkedin_url: Line | None = Field(default=None, description="Any address of a member.")
    linkedin_slug: Line | None = None
    linkedin_profile_id: Line | None = Field(default=None, description="`ACoAA…`")
    linkedin_member_id: Line | None = None
    sales_navigator: Line | None = None
    external_id: Line | None = Field(default=None, description="Your own id of the person.")
    custom: Custom = Field(default_factory=dict, description="Fields of your own.")

    def keys(self) -> NewLead:
        """Only what says who it is."""
        return NewLead(**{name: getattr(self, name) for name in KEY_FIELDS if hasattr(self, name)})

    def amendments(self) -> dict[str, object]:
        """The fields that were given, those that are to be emptied included."""
        given = self.model_fields_set
        found: dict[str, object] = {name: getattr(self, name) for name in PLAIN_FIELDS if name in given}
        return {**found, **({"custom": self.custom} if "custom" in given else {})}


class NewLeadBody(LeadFields):
    """A person to take in: found by any key and brought up to date, or else a new lead."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    company_domain: Line | None = None
    more_emails: tuple[Line, ...] = Field(default=(), max_length=20)

    def new(self) -> NewLead:
        """The same as people are taken in by."""
        return NewLead(**{name: getattr(self, name) for name in type(self).model_fields})


class NewLeads(BaseModel):
    """Several people to take in, each with its line in the receipt."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"leads": [EXAMPLE]}]}
    )

    leads: tuple[NewLeadBody, ...] = Field(min_length=1, max_length=MOST_AT_ONCE)
    mode: Literal["add_and_update", "add_only", "update_only"] = "add_and_update"
    do_not_overwrite: tuple[Line, ...] = Field(
        default=(), max_length=100, description="Fields that are filled when empty and never replaced."
    )


class IdentityView(BaseModel):
    """One key a person is recognised by."""

    kind: str = Field(examples=["email"])
    value: str = Field(examples=["prisca@hollow.test"])


class SuppressedView(BaseModel):
    """Why a person is not to be contacted."""

    suppression_id: str
    kind: str
    reason: str
    since: Instant


class LeadView(BaseModel):
    """One person we may want to reach."""

    lead_id: str = Field(examples=["lead_01kb3v6q2v8x0c5h2m9r4t7wze"])
    first_name: str | None
    last_name: str | None
    full_name: str | None
    headline: str | None
    title: str | None
    company_id: str | None
    company_name: str | None
    location: str | None
    country: str | None
    zone: str | None
    website: str | None
    phone: str | None
    custom: dict[str, Any]
    source: str
    stage: Stage
    identities: list[IdentityView]
    suppressed: SuppressedView | None = Field(description="Null when they may be contacted.")
    merged_into: str | None = Field(description="The lead this one went into; its row is then a record.")
    erased_at: Instant | None
    created_at: Instant
    updated_at: Instant


class LeadList(BaseModel):
    """One page of leads, newest first."""

    data: list[LeadView]
    page: Page


class RelationshipView(BaseModel):
    """What an account and a person are to each other."""

    handle: str
    state: str
    since: Instant
    observed_at: Instant
    source: str = Field(description="How it is known.")


class MergeView(BaseModel):
    """Two leads found to be one person."""

    merge_id: str
    kept_id: str
    merged_id: str
    reason: str
    by: str
    at: Instant
    undone_at: Instant | None


class MembershipView(BaseModel):
    """A campaign a person is or was in."""

    enrollment_id: str
    campaign_id: str
    campaign: str
    state: str
    reason: str
    next_action_at: Instant | None


class LeadDetail(LeadView):
    """A person with their relationships, campaigns and merges."""

    relationships: list[RelationshipView]
    enrollments: list[MembershipView]
    merges: list[MergeView]


class TakenLead(BaseModel):
    """What became of a person that was taken in."""

    outcome: Literal["created", "updated", "unchanged"]
    code: str | None = Field(description="`key_taken`: a key they name stays another person's.")
    dry_run: bool
    lead: LeadView


class TakenRow(BaseModel):
    """What became of one of several."""

    row: int = Field(description="Its place in the request, from 1.")
    outcome: Literal["created", "updated", "unchanged", "skipped", "invalid"]
    code: str | None
    lead_id: str | None


class LeadReceipt(BaseModel):
    """What became of several people; the parts add up to `total`."""

    total: int
    created: int
    updated: int
    unchanged: int
    skipped: dict[str, int] = Field(description="By code.")
    invalid: dict[str, int] = Field(description="By code.")
    dry_run: bool
    rows: list[TakenRow]


class StageChange(BaseModel):
    """An administrator's change of a lead's stage."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Stage
    why: Why = Field(description="Kept in the event log.")


class MergeWith(BaseModel):
    """The lead that goes into this one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    merged_id: LeadId
    why: Why = Field(default="one person", description="Kept with the merge.")


class ErasedView(BaseModel):
    """A person who was erased: what is left are hashes that keep them from coming back."""

    lead_ids: list[str]
    keys: int = Field(description="How many keys they had.")


class CompanyView(BaseModel):
    """An employer."""

    company_id: str
    name: str
    domain: str | None
    leads: int = Field(description="How many of our leads work there.")
    suppressed: bool
    created_at: Instant


class CompanyList(BaseModel):
    """One page of companies, newest first."""

    data: list[CompanyView]
    page: Page
