"""Searches, companies, InMail credits."""

from typing import Any

from overture.providers.unipile.client.models.base import Done, Lenient
from overture.providers.unipile.client.values import Flag


class SearchResult(Lenient):
    """Something a search found; the id of a person belongs to the product that was searched."""

    type: str | None = None
    id: str | None = None
    public_identifier: str | None = None
    public_profile_url: str | None = None
    profile_url: str | None = None
    profile_picture_url: str | None = None
    member_urn: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    network_distance: str | None = None
    location: str | None = None
    industry: str | None = None
    headline: str | None = None
    pending_invitation: Flag = None
    can_send_inmail: Flag = None
    premium: Flag = None
    open_profile: Flag = None
    current_positions: list[dict[str, Any]] | None = None

    @property
    def is_nameless(self) -> bool:
        """Whether it is a person outside the network, of whom nothing can be asked for."""
        return self.type == "PEOPLE" and not self.public_identifier and not self.public_profile_url


class SearchParameter(Lenient):
    """A value a search takes, with its id."""

    id: str
    title: str | None = None
    additional_data: dict[str, Any] | None = None


class InmailBalance(Lenient):
    """Credits for InMails by product; None is no subscription."""

    premium: int | None = None
    recruiter: int | None = None
    sales_navigator: int | None = None


class Company(Lenient):
    """A company page."""

    id: str
    name: str | None = None
    description: str | None = None
    entity_urn: str | None = None
    public_identifier: str | None = None
    profile_url: str | None = None
    tagline: str | None = None
    followers_count: int | None = None
    is_following: Flag = None
    messaging: dict[str, Any] | None = None
    claimed: Flag = None
    locations: list[dict[str, Any]] | None = None
    logo: str | None = None
    industry: list[str] | None = None
    employee_count: int | None = None
    employee_count_range: dict[str, Any] | None = None
    website: str | None = None
    phone: str | None = None


class RawData(Done):
    """Whatever LinkedIn answered to a raw request."""

    data: Any = None


class UserActionDone(Done):
    """A lead was saved, or a candidate put into a pipeline."""

    success: Flag = None


class Endorsed(Done):
    """A skill was endorsed."""

    endorsed: Flag = None
