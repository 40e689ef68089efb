"""A member's profile as Unipile tells it, in our words; nothing is made up for what it does not tell."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from overture.providers.unipile import client as api
from overture.providers.unipile.client.models.people import Position as ApiPosition
from overture.providers.unipile.client.models.people import School as ApiSchool
from overture.providers.unipile.resolve import state_of
from overture.touchpoints.profile import (
    Certification,
    Company,
    Counts,
    Degree,
    Education,
    Flags,
    Language,
    PartialDate,
    Position,
    Profile,
    Relationship,
    RelationshipState,
    Skill,
)

SECTIONS: Final = ("about", "experience", "education", "skills", "languages", "certifications")
"""What an enrichment asks for. The more sections, the sooner LinkedIn leaves some of them empty."""
OURS: Final = {
    "experience": "positions",
    "education": "educations",
    "skills": "skills",
    "languages": "languages",
    "certifications": "certifications",
    "about": "summary",
}
"""Unipile's names of sections in the profile's."""
TOTALS: Final = {
    "experience": "work_experience",
    "education": "education",
    "skills": "skills",
    "languages": "languages",
    "certifications": "certifications",
}
DEGREES: Final[Mapping[str, Degree]] = {
    "FIRST_DEGREE": 1,
    "SECOND_DEGREE": 2,
    "THIRD_DEGREE": 3,
    "OUT_OF_NETWORK": "out_of_network",
    "DISTANCE_1": 1,
    "DISTANCE_2": 2,
    "DISTANCE_3": 3,
}
DATE: Final = re.compile(r"(?:(?P<month>\d{1,2})/(?P<day>\d{1,2})/)?(?P<year>[12]\d{3})")


def profile_of(read: api.UserProfile, asked: Iterable[str] = SECTIONS) -> Profile:
    """The profile; sections that were not asked for are absent, those held back are missing."""
    asked, throttled = set(asked), set(read.throttled_sections or ())
    names = [part for part in (read.first_name, read.last_name) if part]
    return Profile(
        urn=f"urn:li:fsd_profile:{read.provider_id}",
        profile_id=read.provider_id,
        member_id=number_in(read.member_urn),
        public_identifier=read.public_identifier,
        first_name=read.first_name,
        last_name=read.last_name,
        full_name=" ".join(names) or None,
        headline=read.headline,
        summary=read.summary,
        picture_url=read.profile_picture_url_large or read.profile_picture_url,
        primary_locale=_locale(read),
        location_name=read.location,
        positions=tuple(_position(one) for one in read.work_experience or ()),
        educations=tuple(_education(one) for one in read.education or ()),
        skills=tuple(Skill(name=_text(one, "name")) for one in read.skills or ()),
        languages=tuple(
            Language(name=_text(one, "name"), proficiency=_text(one, "proficiency"))
            for one in read.languages or ()
        ),
        certifications=tuple(_certification(one) for one in read.certifications or ()),
        relationship=Relationship(state=state_of(read), degree=degree_of(read)),
        counts=Counts(connections=read.connections_count, followers=read.follower_count),
        flags=Flags(
            premium=read.is_premium,
            influencer=read.is_influencer,
            creator=read.is_creator,
            open_link=read.is_open_profile,
        ),
        missing_sections=tuple(sorted(OURS[name] for name in throttled & OURS.keys())),
        absent_sections=tuple(sorted(OURS[name] for name in OURS.keys() - asked)),
        truncated_sections=tuple(sorted(OURS[name] for name in OURS if _is_cut(read, name))),
    )


def degree_of(read: api.UserProfile) -> Degree | None:
    """Steps between the account and the person; of oneself there are none."""
    if state_of(read) is RelationshipState.SELF:
        return None
    if read.is_connected:
        return 1
    return DEGREES.get(read.network_distance or "")


def number_in(urn: str | None) -> int | None:
    """The member's number in a URN like `urn:li:member:123`."""
    number = (urn or "").rpartition(":")[2]
    return int(number) if number.isascii() and number.isdigit() else None


def _locale(read: api.UserProfile) -> str | None:
    told = (read.model_extra or {}).get("primary_locale")
    if not isinstance(told, Mapping) or not told.get("language"):
        return None
    return "_".join(str(part) for part in (told["language"], told.get("country")) if part)


def _is_cut(read: api.UserProfile, section: str) -> bool:
    """Whether there are more of a section than came."""
    total = (read.model_extra or {}).get(f"{section}_total_count")
    came = getattr(read, TOTALS[section]) if section in TOTALS else None
    return isinstance(total, int) and came is not None and total > len(came)


def _position(one: ApiPosition) -> Position:
    company = f"urn:li:fsd_company:{one.company_id}" if one.company_id else None
    return Position(
        title=one.position,
        company_name=one.company,
        company_urn=company,
        company=Company(urn=company, name=one.company) if company else None,
        location=one.location,
        description=one.description,
        started=_date(one.start),
        ended=_date(one.end),
        is_current=one.current if one.current is not None else (one.end is None if one.start else None),
    )


def _education(one: ApiSchool) -> Education:
    return Education(
        school_name=one.school,
        school_urn=f"urn:li:fsd_school:{one.school_id}" if one.school_id else None,
        degree=one.degree,
        field_of_study=one.field_of_study,
        started=_date(one.start),
        ended=_date(one.end),
    )


def _certification(one: Mapping[str, Any]) -> Certification:
    return Certification(name=_text(one, "name"), authority=_text(one, "organization"), url=_text(one, "url"))


def _date(told: str | None) -> PartialDate | None:
    """A date of no fixed form; Unipile writes `month/day/year` with a made-up day."""
    found = DATE.search(told or "")
    if found is None:
        return None
    month = int(found["month"]) if found["month"] else None
    return PartialDate(int(found["year"]), month if month and month <= 12 else None)


def _text(one: Mapping[str, Any], name: str) -> str | None:
    value = one.get(name)
    return value if isinstance(value, str) and value else None
