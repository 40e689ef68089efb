"""Which touchpoints a sequence may hold, by channel, and the input each takes of its step.

A type that the touchpoint layer knows is taken from there. Types that are still to come there have their
input here, and give way to the registered one as soon as it exists.
"""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from overture.touchpoints import REGISTRY, SentText

Channel = Literal["linkedin", "email", "contact_form", "phone"]

TARGET_FIELDS: Final = ("url", "public_identifier", "to")
"""Whom a touchpoint is about: filled in when it is planned, never written in a sequence."""

TEXT_FIELDS: Final = ("note", "message", "subject", "body", "text", "title", "instructions")
"""Fields that hold prose: they may have spintax, or be written by a model."""

LINKED_FIELDS: Final[dict[str, str]] = {
    "message": "message",
    "inmail": "body",
    "email": "body",
    "contact_form": "message",
}
"""Where the booking link is appended, by touchpoint."""


class PlannedTouchpoint(BaseModel):
    """Input of a touchpoint that no provider carries out yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedEmail(PlannedTouchpoint):
    """Send an e-mail."""

    type: Literal["email"] = "email"
    to: str | None = Field(default=None, max_length=320)
    subject: Annotated[SentText, Field(max_length=255, pattern=r"^[^\r\n]*$")]
    body: SentText = Field(max_length=100_000)


class PlannedContactForm(PlannedTouchpoint):
    """Fill in a website's contact form."""

    type: Literal["contact_form"] = "contact_form"
    url: str | None = Field(default=None, max_length=2000)
    subject: SentText | None = Field(default=None, max_length=255)
    message: SentText = Field(max_length=5000)


class PlannedManualTask(PlannedTouchpoint):
    """Ask a person of ours to do something: call, write by hand."""

    type: Literal["manual_task"] = "manual_task"
    title: SentText = Field(max_length=200)
    instructions: SentText | None = Field(default=None, max_length=5000)


PLANNED: Final[dict[str, type[BaseModel]]] = {
    "email": PlannedEmail,
    "contact_form": PlannedContactForm,
    "manual_task": PlannedManualTask,
}

CHANNEL_TOUCHPOINTS: Final[dict[Channel, tuple[str, ...]]] = {
    "linkedin": (
        *("enrich", "check_connection", "visit", "follow", "react", "comment"),
        *("connect", "withdraw_invite", "message", "inmail", "manual_task"),
    ),
    "email": ("email", "manual_task"),
    "contact_form": ("contact_form", "manual_task"),
    "phone": ("manual_task",),
}
"""What a step of a channel may do. Touchpoints about the account itself (`sync_inbox`, …) are none of it."""

NEEDS: Final[dict[Channel, tuple[frozenset[str], str]]] = {
    "linkedin": (frozenset({"linkedin", "linkedin_profile_id"}), "missing_linkedin_url"),
    "email": (frozenset({"email"}), "missing_email"),
    "contact_form": (frozenset({"website"}), "form_not_found"),
    "phone": (frozenset(), "missing_variable"),
}
"""One of which keys of a lead a channel needs, and the reason when it has none."""


def input_of(kind: str) -> type[BaseModel] | None:
    """The input model of a touchpoint type, or None when there is no such type."""
    return REGISTRY.get(kind) or PLANNED.get(kind)


def text_fields(kind: str) -> tuple[str, ...]:
    """The fields of a touchpoint that hold prose."""
    model = input_of(kind)
    return tuple(name for name in TEXT_FIELDS if model is not None and name in model.model_fields)
