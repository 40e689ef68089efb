"""What an operator sets of a campaign: who sends, when, how often, and what a person approves first."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, model_validator
from pydantic_core import PydanticCustomError

from overture.accounts import WorkingHours
from overture.campaigns.calendar import RestDays

TOUCH_SPAN: Final = timedelta(days=30)
"""The span in which a person is touched at most `max_touches_30d` times, by all campaigns together."""
SAME_TEXT_SPAN: Final = timedelta(days=180)
"""For how long the same text is not sent to the same person again (I3)."""

Weight = Annotated[int, Field(strict=True, ge=1, le=1000)]


class Setting(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Approvals(Setting):
    """Which texts a person approves before they are sent."""

    mode: Literal["none", "first_n", "sample", "all"] = "none"
    n: int = Field(
        default=10, strict=True, ge=1, le=10_000, description="Of `first_n`: until so many were approved."
    )
    percent: float = Field(
        default=10, strict=True, gt=0, le=100, description="Of `sample`: the share, chosen by chance."
    )


class CampaignSettings(Setting):
    """Everything of a campaign but its sequence."""

    accounts: dict[str, Weight] = Field(
        default_factory=dict,
        description="Senders by handle, with their weight: leads are dealt out by it, then stay.",
        examples=[{"ada": 2, "grace": 1}],
    )
    zone: Literal["account", "both"] = Field(
        default="account", description="Whose working hours count: the account's, or the lead's as well."
    )
    lead_hours: WorkingHours = Field(
        default=WorkingHours(), description="Hours in which a lead is reached, with `zone: both`."
    )
    rest_days: RestDays = RestDays()
    approvals: Approvals = Approvals()
    drafts_need_approval: bool = Field(
        default=True,
        strict=True,
        description="Texts of a language model are approved by a person, whatever `approvals`.",
    )
    existing_connections: Literal["ignore", "enroll"] = Field(
        default="ignore", description="What becomes of leads an account is connected with already."
    )
    active_elsewhere: Literal["skip", "enroll"] = Field(
        default="skip", description="What becomes of leads another campaign is working on."
    )
    replied_before: Literal["skip", "enroll"] = "skip"
    stop_for_company: bool = Field(
        default=False,
        strict=True,
        description="One person of a company at a time; when one answers, the others are left alone.",
    )
    max_touches_30d: int = Field(default=4, strict=True, ge=1, le=100)
    daily_cap: int | None = Field(
        default=None, strict=True, ge=1, le=100_000, description="Touches in rolling 24 hours."
    )
    check_after_h: float = Field(
        default=24,
        strict=True,
        ge=1,
        le=720,
        description="First look at an invitation; the time doubles with each.",
    )
    booking_link: HttpUrl | None = None
    note: str = Field(default="", max_length=2000)

    @model_validator(mode="after")
    def has_known_handles(self) -> "CampaignSettings":
        """Refuse a handle that can be none."""
        if any(not handle for handle in self.accounts):
            raise PydanticCustomError("empty_handle", "an account's handle is empty")
        return self
