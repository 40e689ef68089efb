"""A person's LinkedIn profile: who they are, what they did, and how the account stands to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeVar, dataclass_transform

from pydantic import TypeAdapter

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """A dataclass that type checkers hold frozen. At run time it is not: a frozen one takes eight times as
    long to make, and a profile is made of some sixty.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


Degree = Literal[1, 2, 3, "out_of_network"]


class RelationshipState(StrEnum):
    """How the account stands to the person; `unknown` is never "not connected"."""

    SELF = "self"
    CONNECTED = "connected"
    PENDING = "pending"
    INCOMING = "incoming"
    NONE = "none"
    UNKNOWN = "unknown"


@record
class PartialDate:
    """A date as people enter it: a year, perhaps a month, rarely a day."""

    year: int
    month: int | None = None
    day: int | None = None


@record
class Geo:
    """A place, with the country it lies in."""

    urn: str | None = None
    name: str | None = None
    name_without_country: str | None = None
    country_urn: str | None = None
    country: str | None = None
    country_code: str | None = None


@record
class Company:
    """An employer: a company page where there is one, else only the name the person typed."""

    urn: str | None = None
    name: str | None = None
    universal_name: str | None = None
    url: str | None = None
    industries: tuple[str, ...] = ()
    industry_urns: tuple[str, ...] = ()
    employees_from: int | None = None
    employees_to: int | None = None
    logo_url: str | None = None


@record
class Position:
    """A job the person lists. `is_current` is None when it carries no dates to tell from."""

    urn: str | None = None
    title: str | None = None
    company_name: str | None = None
    company_urn: str | None = None
    company: Company | None = None
    location: str | None = None
    description: str | None = None
    started: PartialDate | None = None
    ended: PartialDate | None = None
    is_current: bool | None = None


@record
class Education:
    """A school or degree the person lists."""

    urn: str | None = None
    school_name: str | None = None
    school_urn: str | None = None
    school_url: str | None = None
    company_urn: str | None = None
    degree: str | None = None
    field_of_study: str | None = None
    grade: str | None = None
    activities: str | None = None
    description: str | None = None
    started: PartialDate | None = None
    ended: PartialDate | None = None


@record
class Skill:
    """A skill the person claims."""

    urn: str | None = None
    name: str | None = None


@record
class Language:
    """A language the person speaks, and how well by their own account."""

    urn: str | None = None
    name: str | None = None
    proficiency: str | None = None


@record
class Certification:
    """A certificate or licence, and who issued it."""

    urn: str | None = None
    name: str | None = None
    authority: str | None = None
    license_number: str | None = None
    url: str | None = None
    company_urn: str | None = None
    started: PartialDate | None = None
    ended: PartialDate | None = None


@record
class Invitation:
    """An invitation between account and person. Its id is text: it exceeds what JSON numbers carry."""

    urn: str
    id: str
    direction: Literal["sent", "received"] | None = None
    state: str | None = None
    shared_secret: str | None = None
    message: str | None = None
    sent_at: datetime | None = None


@record
class Relationship:
    """How the account stands to the person; a degree of None means unknown, or the account's own profile."""

    state: RelationshipState = RelationshipState.UNKNOWN
    degree: Degree | None = None
    invitation: Invitation | None = None
    connected_at: datetime | None = None
    is_followed: bool | None = None

    @property
    def invitation_urn(self) -> str | None:
        """The invitation to accept or withdraw."""
        return self.invitation.urn if self.invitation else None


@record
class Counts:
    """How many people the person knows and is followed by; None when the page did not say."""

    connections: int | None = None
    followers: int | None = None


@record
class Flags:
    """Marks LinkedIn puts on the person; None when the page did not say."""

    premium: bool | None = None
    influencer: bool | None = None
    creator: bool | None = None
    memorialized: bool | None = None
    email_required: bool | None = None
    open_link: bool | None = None


@record
class Profile:
    """Everything one profile read says about one person.

    An empty list means "none" only if its section is in none of `missing_sections` (referred to, not
    delivered), `absent_sections` (never asked for) and `truncated_sections` (there are more than shown).
    """

    urn: str
    profile_id: str
    member_id: int | None = None
    public_identifier: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    headline: str | None = None
    summary: str | None = None
    picture_url: str | None = None
    primary_locale: str | None = None
    supported_locales: tuple[str, ...] = ()
    location_name: str | None = None
    country_code: str | None = None
    geo: Geo | None = None
    industry: str | None = None
    industry_urn: str | None = None
    company: Company | None = None
    positions: tuple[Position, ...] = ()
    educations: tuple[Education, ...] = ()
    skills: tuple[Skill, ...] = ()
    languages: tuple[Language, ...] = ()
    certifications: tuple[Certification, ...] = ()
    relationship: Relationship = field(default_factory=Relationship)
    counts: Counts = field(default_factory=Counts)
    flags: Flags = field(default_factory=Flags)
    missing_sections: tuple[str, ...] = ()
    absent_sections: tuple[str, ...] = ()
    truncated_sections: tuple[str, ...] = ()
    unrecognised: tuple[str, ...] = ()

    @property
    def degree(self) -> Degree | None:
        """Steps between the account and the person; None is unknown."""
        return self.relationship.degree

    @property
    def current_position(self) -> Position | None:
        """The job the person has now; the first they list if there are several."""
        return next((position for position in self.positions if position.is_current), None)


_PROFILE = TypeAdapter(Profile)


def to_json(profile: Profile) -> bytes:
    """The whole profile as JSON text, every field by its name."""
    return _PROFILE.dump_json(profile)


def from_json(raw: bytes | str) -> Profile:
    """The profile that `to_json` wrote."""
    return _PROFILE.validate_json(raw)
