"""What the API takes and gives of campaigns: settings, drafts, what publishing would do, the funnel."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from pydantic.config import JsonDict

from overture.campaigns import CampaignSettings, Funnel
from overture.core.instants import Instant
from overture.entrypoints.api.outreach.fields import Line
from overture.entrypoints.api.shapes import Page

Name = Annotated[str, StringConstraints(pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", max_length=120)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
Document = Annotated[
    dict[str, JsonValue],
    Field(description="A sequence; its shape is GET /api/v1/sequence.schema.json."),
]
Verb = Literal["start", "pause", "resume", "complete", "stop", "archive", "duplicate", "publish"]
State = Literal["draft", "active", "paused", "completed", "stopped", "archived"]

EXAMPLE: Final[JsonDict] = {
    "name": "Wells, autumn",
    "template": "invite-and-follow-up",
    "settings": {"accounts": {"ada": 1}},
}


class NewCampaignBody(BaseModel):
    """A campaign to be; it is a draft and sends nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    name: Name
    sequence: Document | None = None
    template: Key | None = Field(
        default=None, description="A sequence to start from (GET /api/v1/sequence-templates)."
    )
    settings: CampaignSettings = CampaignSettings()


class CampaignPatch(BaseModel):
    """What is changed of a campaign; of the settings, only those that are given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name | None = None
    settings: CampaignSettings | None = None


class Reason(BaseModel):
    """Why a campaign is paused or stopped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Line | None = Field(default=None, description="Shown wherever the campaign is.")


class Duplicate(BaseModel):
    """What the copy is called."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name | None = None


class VersionView(BaseModel):
    """The published sequence that is in force."""

    number: int
    published_at: Instant
    published_by: str


class CampaignView(BaseModel):
    """What is wanted of whom, from which accounts."""

    campaign_id: str = Field(examples=["cmp_01kb3v6q2v8x0c5h2m9r4t7wze"])
    name: str
    state: State
    state_reason: str | None
    settings: CampaignSettings
    revision: int = Field(description="Counts every change; the ETag of its draft.")
    version: VersionView | None = Field(description="Null until the sequence is published.")
    created_at: Instant
    updated_at: Instant
    started_at: Instant | None
    allowed_actions: list[Verb]


class CampaignList(BaseModel):
    """One page of campaigns, newest first."""

    data: list[CampaignView]
    page: Page


class StepCounts(BaseModel):
    """What became of one step's acts."""

    step: str
    waiting: int = Field(description="Enrollments that stand at it.")
    submitted: int
    delivered: int
    noop: int = Field(description="It was so already.")
    failed: int
    unknown: int
    cancelled: int


class CampaignDetail(CampaignView):
    """A campaign, and how far it is."""

    funnel: Funnel
    states: dict[str, int] = Field(description="Enrollments by state.")
    reasons: dict[str, int] = Field(description="Enrollments by what they wait for, or why they are over.")
    steps: list[StepCounts]


class SequenceView(BaseModel):
    """The draft of a campaign's sequence."""

    revision: int
    sequence: dict[str, Any]
    is_published: bool = Field(description="Whether this is what is in force.")


class FaultView(BaseModel):
    """One thing that is wrong with a sequence."""

    pointer: str
    code: str
    detail: str
    severity: Literal["error", "warning"]


class MoveView(BaseModel):
    """Where live enrollments go when the draft is published."""

    step: str | None = Field(description="Where they stand; null: before the first step.")
    to: str | None = Field(description="Where they go on.")
    count: int
    busy: int = Field(description="Of them, those that finish an act first.")
    is_over: bool = Field(description="Nothing of their way is left; they are completed.")


class PublishView(BaseModel):
    """What publishing does, or would do."""

    is_valid: bool
    is_new: bool = Field(description="Whether the draft differs from what is in force.")
    problems: list[FaultView]
    moves: list[MoveView]
    dry_run: bool
    version: VersionView | None = Field(description="What is in force now.")


class WhyView(BaseModel):
    """One reason, in a word and in a sentence."""

    code: str = Field(examples=["working_hours"])
    sentence: str
    next_action: str = Field(description="What to do about it; that may be nothing.")
    next_at: Instant | None = Field(description="When it is looked at again.")
    needs_someone: bool = Field(description="Whether it stays so until somebody acts.")
    detail: str | None
    count: int | None = Field(description="How many people it holds.")


class WhyList(BaseModel):
    """Everything that keeps a campaign from sending, the weightiest first."""

    data: list[WhyView]


class StarterView(BaseModel):
    """A sequence to start from."""

    key: str
    name: str
    description: str
    sequence: dict[str, Any]
    yaml: str = Field(description="As it is written, comments and all.")


class StarterList(BaseModel):
    """Sequences to start from."""

    data: list[StarterView]
