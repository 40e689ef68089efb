"""What the API shows and takes of the webhooks registered at a service."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl

Source = Literal["users", "messaging", "account_status"]


class WebhookAddress(BaseModel):
    """Where deliveries go."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"base_url": "https://app.example"}]}
    )

    base_url: HttpUrl | None = Field(
        default=None,
        description="Where this server is reached from outside; else OVERTURE_UNIPILE_NOTIFY_URL, else where "
        "this request came in.",
    )


class NewWebhookWish(WebhookAddress):
    """A source to have delivered."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"source": "messaging"}]}
    )

    source: Source


class WebhookView(BaseModel):
    """A webhook as the service has it, without its secret."""

    webhook_id: str
    name: str | None
    source: str | None = Field(description="What it tells of, by its events.", examples=["messaging"])
    events: list[str]
    request_url: str | None
    is_enabled: bool | None
    accounts: list[str] = Field(description="The service's ids of the accounts it is about; empty is all.")
    headers: list[str] = Field(description="Names of the headers it sends; their values are secrets.")
    is_ours: bool = Field(description="It bears our name or points at one of our addresses.")
    is_right: bool = Field(description="It delivers what is wanted as it is wanted.")


class WebhookList(BaseModel):
    """Every webhook of the workspace, and what is missing."""

    data: list[WebhookView]
    missing: list[Source] = Field(description="Sources nothing delivers to us.")


class WebhooksMended(BaseModel):
    """What was done about the webhooks, by their ids at the service."""

    kept: list[str] = Field(description="Those that were right.")
    created: list[str]
    deleted: list[str] = Field(description="Those of ours that were wrong, double or misdirected.")
    foreign: list[str] = Field(description="Those of others, left alone.")
