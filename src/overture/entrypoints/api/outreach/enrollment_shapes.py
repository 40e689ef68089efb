"""What the API takes and gives of enrollments: who is in a campaign, where they stand, why they wait."""

from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from overture.campaigns import ENROLLMENT_STATES, REASONS
from overture.core.instants import Instant
from overture.entrypoints.api.outreach.enrollment_filter import EnrollmentFilter
from overture.entrypoints.api.outreach.fields import CampaignId, ImportId, LeadId, uuid_in
from overture.entrypoints.api.outreach.paging import Listed
from overture.entrypoints.api.shapes import Page

MOST_AT_ONCE: Final = 5000
ROWS_SHOWN: Final = 1000
ONE_STATE: Final = "(" + "|".join(ENROLLMENT_STATES) + ")"
ONE_REASON: Final = "(" + "|".join(sorted(REASONS)) + ")"
State = Literal["active", "paused", "replied", "completed", "failed", "ignored"]
EXAMPLE: Final[JsonDict] = {
    "campaign_id": "cmp_01kb3v6q2v8x0c5h2m9r4t7wze",
    "from_import": "imp_01kb3v6q2v8x0c5h2m9r4t7wze",
}


class ChosenEnrollments(Listed):
    """Which enrollments of a campaign a list shows."""

    state: str | None = Field(
        default=None,
        pattern=f"^{ONE_STATE}(,{ONE_STATE})*$",
        max_length=200,
        description="One or several, with commas.",
    )
    reason: str | None = Field(
        default=None,
        pattern=f"^{ONE_REASON}(,{ONE_REASON})*$",
        max_length=1000,
        description="One or several, with commas.",
    )

    def wanted(self, campaign_id: Any = None, lead_id: Any = None) -> EnrollmentFilter:
        """The same as enrollments are looked for by."""
        return EnrollmentFilter(
            campaign_id=campaign_id,
            lead_id=lead_id,
            states=tuple(self.state.split(",")) if self.state else (),
            reasons=tuple(self.reason.split(",")) if self.reason else (),
        )


class ChosenAnywhere(ChosenEnrollments):
    """Which enrollments a list shows."""

    campaign: CampaignId | None = Field(default=None, description="Of this campaign.")
    lead: LeadId | None = Field(default=None, description="Of this person.")

    def filter(self) -> EnrollmentFilter:
        """The same as enrollments are looked for by."""
        return self.wanted(
            uuid_in("cmp", self.campaign) if self.campaign else None,
            uuid_in("lead", self.lead) if self.lead else None,
        )


class NewEnrollments(BaseModel):
    """People to be put into a campaign: by id, or all of an import."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    campaign_id: CampaignId
    lead_ids: tuple[LeadId, ...] = Field(default=(), max_length=MOST_AT_ONCE)
    from_import: ImportId | None = Field(default=None, description="Everybody this import took in or knew.")
    scores: dict[LeadId, float] = Field(
        default_factory=dict, max_length=MOST_AT_ONCE, description="Higher ones go first."
    )

    @model_validator(mode="after")
    def names_somebody(self) -> Self:
        """Refuse nobody, and two ways of saying whom."""
        if bool(self.lead_ids) == (self.from_import is not None):
            raise ValueError("give lead_ids or from_import")
        return self


class EnrolledRow(BaseModel):
    """What became of one person."""

    row: int = Field(description="Their place, from 1.")
    outcome: Literal["enrolled", "ignored", "skipped"]
    code: str | None = Field(description="Why they were skipped or ignored.")
    lead_id: str
    enrollment_id: str | None


class EnrollmentReceipt(BaseModel):
    """What became of everybody; enrolled, ignored and skipped add up to `total`."""

    total: int
    enrolled: int
    ignored: int = Field(description="Known to an account already: kept, and not contacted.")
    skipped: dict[str, int] = Field(description="By code.")
    dry_run: bool
    rows: list[EnrolledRow] = Field(description=f"The first {ROWS_SHOWN}.")


class EnrollmentView(BaseModel):
    """Our plan for one person in one campaign."""

    enrollment_id: str = Field(examples=["enr_01kb3v6q2v8x0c5h2m9r4t7wze"])
    campaign_id: str
    lead_id: str
    name: str | None = Field(description="The person's.")
    handle: str = Field(description="The account of the present step.")
    state: State
    reason: str = Field(examples=["waiting_accept"])
    detail: str | None
    next_action_at: Instant | None = Field(description="When it is looked at again.")
    lane: str
    priority: float
    step: str | None = Field(description="Null before the first and after the last.")
    round: int
    fallback: int
    variants: dict[str, Any]
    entered_at: Instant
    enrolled_at: Instant
    finished_at: Instant | None
    allowed_actions: list[Literal["pause", "resume", "stop", "skip_step"]]


class EnrollmentList(BaseModel):
    """One page of enrollments, newest first."""

    data: list[EnrollmentView]
    page: Page


class TouchView(BaseModel):
    """One act of an enrollment."""

    step: str
    round: int
    fallback: int
    channel: str
    touchpoint_type: str
    variant: str | None
    run_id: str
    state: str
    code: str | None
    planned_at: Instant
    ended_at: Instant | None


class EnrollmentDetail(EnrollmentView):
    """One person's way through a campaign so far."""

    touches: list[TouchView]


class StepText(BaseModel):
    """One way of one step, rendered for this person."""

    step: str
    way: int = Field(description="0: its own; from 1 its fallbacks.")
    channel: str
    touchpoint_type: str
    variant: str | None
    outcome: Literal["rendered", "to_be_written", "unrenderable"]
    text: str | None
    touchpoint: dict[str, Any] | None = Field(description="As it would be submitted.")
    prompts: dict[str, str] | None = Field(description="What a language model would be asked.")
    reason: str | None = Field(description="Why there is no text.")
    detail: str | None


class TextList(BaseModel):
    """Every text of the sequence for one person."""

    data: list[StepText]


class StopReason(BaseModel):
    """How an enrollment is ended."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Literal["stopped_by_user", "goal_reached", "moved"] = "stopped_by_user"


class Recovered(BaseModel):
    """Enrollments that were stuck and are on their way again."""

    enrollment_ids: list[str]
    dry_run: bool


class ViolationView(BaseModel):
    """An enrollment that waits silently."""

    enrollment_id: str
    code: str
    sentence: str
    since: Instant | None


class ViolationList(BaseModel):
    """Everything that is stuck; empty as it should be."""

    data: list[ViolationView]
