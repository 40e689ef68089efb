"""A person as a file, a client or a profile names them: nothing is stored yet, nothing is checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class NewLead:
    """What is known of a person; None is "not said", which never empties a field that is filled."""

    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    headline: str | None = None
    title: str | None = None
    company_name: str | None = None
    company_domain: str | None = None
    location: str | None = None
    country: str | None = None
    zone: str | None = None
    website: str | None = None
    phone: str | None = None
    email: str | None = None
    more_emails: tuple[str, ...] = ()
    linkedin_url: str | None = None
    """Any address of a member: `/in/<slug>`, `/in/ACoAA…`, `/sales/lead/<id>,…`."""
    linkedin_slug: str | None = None
    linkedin_profile_id: str | None = None
    linkedin_member_id: str | None = None
    sales_navigator: str | None = None
    """An id, or the address of a lead in Sales Navigator."""
    external_id: str | None = None
    custom: Mapping[str, object] = field(default_factory=dict)


PLAIN_FIELDS: Final = (
    "first_name",
    "last_name",
    "full_name",
    "headline",
    "title",
    "company_name",
    "location",
    "country",
    "zone",
    "website",
    "phone",
)
"""Fields of a `NewLead` that are columns of a lead under the same name."""

KEY_FIELDS: Final = (
    "email",
    "more_emails",
    "linkedin_url",
    "linkedin_slug",
    "linkedin_profile_id",
    "linkedin_member_id",
    "sales_navigator",
    "external_id",
)
"""Fields of a `NewLead` that say who it is; they become keys (`keys_in`)."""
