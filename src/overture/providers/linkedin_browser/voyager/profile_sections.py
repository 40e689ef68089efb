"""What a person did and can do: jobs, schools, skills, languages and certificates, in their own order."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from overture.providers.linkedin_browser.voyager.normalized import (
    Entity,
    Included,
    UnknownShape,
    found,
    part,
    plain,
    urn_of,
    whole,
)
from overture.providers.linkedin_browser.voyager.profile_places import company_of
from overture.touchpoints.profile import (
    Certification,
    Education,
    Language,
    PartialDate,
    Position,
    Skill,
)

_POSITION_KEYS = ("title", "multiLocaleTitle", "companyName", "*company", "companyUrn")
_GROUP_KEYS = ("*profilePositionInPositionGroup", "profilePositionInPositionGroup", "companyName", "*company")
_EDUCATION_KEYS = ("schoolName", "*school", "schoolUrn", "degreeName", "fieldOfStudy")
_NAME_KEYS = ("name", "multiLocaleName")

# A career is a few hundred months: building each date once saves a tenth of the reading.
_year_and_month = lru_cache(maxsize=4096)(PartialDate)


def positions_of(profile: Entity, included: Included) -> tuple[Position, ...]:
    """All jobs, group by group; where the answer has no groups, the top job alone, marked as cut off."""
    positions: list[Position] = []
    for group in included.collection(profile, "profilePositionGroups", "positions"):
        _known(group, _GROUP_KEYS, "a group of positions")
        members = included.collection(group, "profilePositionInPositionGroup", "positions")
        positions += [_position(member, group, len(members), included) for member in members]
    if positions or "positions" not in (included.absent | included.missing):
        return tuple(positions)
    return tuple(_top_positions(profile, included))


def _top_positions(profile: Entity, included: Included) -> list[Position]:
    entities = _top(profile, "profileTopPosition", "positions", included)
    positions = [_position(entity, {}, 1, included) for entity in entities]
    # The page shows the top job as the present one, dated or not.
    return [replace(job, is_current=True) if job.is_current is None else job for job in positions]


def _top(profile: Entity, key: str, section: str, included: Included) -> list[Entity]:
    if profile.get("*" + key) is None and profile.get(key) is None:
        return []
    included.absent.pop(section, None)
    entities = included.collection(profile, key, section)
    included.truncated[section] = None
    return entities


def _position(entity: Entity, group: Entity, siblings: int, included: Included) -> Position:
    _known(entity, _POSITION_KEYS, "a position")
    company_name = included.text(entity, "companyName")
    company, company_urn = company_of(entity, included)
    if company_urn is None and group:
        company, company_urn = company_of(group, included)
    if company_name is None:
        company_name = included.text(group, "companyName") or (company.name if company else None)
    # A group's dates span all its jobs, so they speak for a job only when it is the one.
    dated = entity if siblings > 1 or part(entity, "dateRange") else group
    started, ended, is_current = _dates(dated)
    return Position(
        plain(entity, "entityUrn"),
        included.text(entity, "title"),
        company_name,
        company_urn,
        company,
        included.text(entity, "locationName") or included.text(entity, "geoLocationName"),
        included.text(entity, "description"),
        started,
        ended,
        is_current,
    )


def educations_of(profile: Entity, included: Included) -> tuple[Education, ...]:
    """All schools; where the answer has no list of them, the top one alone, marked as cut off."""
    entities = included.collection(profile, "profileEducations", "educations")
    if not entities and "educations" in (included.absent | included.missing):
        entities = _top(profile, "profileTopEducation", "educations", included)
    return tuple([_education(entity, included) for entity in entities])


def _education(entity: Entity, included: Included) -> Education:
    _known(entity, _EDUCATION_KEYS, "an education")
    school = included.follow(entity, "school", "schools")
    name = included.text(entity, "schoolName") or (included.text(school, "name") if school else None)
    started, ended, _ = _dates(entity)
    return Education(
        plain(entity, "entityUrn"),
        name,
        urn_of(entity, "school"),
        plain(school, "url") if school else None,
        urn_of(entity, "company"),
        included.text(entity, "degreeName"),
        included.text(entity, "fieldOfStudy"),
        included.text(entity, "grade"),
        included.text(entity, "activities"),
        included.text(entity, "description"),
        started,
        ended,
    )


def skills_of(profile: Entity, included: Included) -> tuple[Skill, ...]:
    """The skills, as listed."""
    entities = included.collection(profile, "profileSkills", "skills")
    return tuple([Skill(plain(skill, "entityUrn"), _name(skill, included, "a skill")) for skill in entities])


def languages_of(profile: Entity, included: Included) -> tuple[Language, ...]:
    """The languages, as listed."""
    entities = included.collection(profile, "profileLanguages", "languages")
    return tuple([_language(entity, included) for entity in entities])


def _language(entity: Entity, included: Included) -> Language:
    name = _name(entity, included, "a language")
    return Language(plain(entity, "entityUrn"), name, plain(entity, "proficiency"))


def certifications_of(profile: Entity, included: Included) -> tuple[Certification, ...]:
    """The certificates, as listed."""
    entities = included.collection(profile, "profileCertifications", "certifications")
    return tuple([_certification(entity, included) for entity in entities])


def _certification(entity: Entity, included: Included) -> Certification:
    started, ended, _ = _dates(entity)
    return Certification(
        plain(entity, "entityUrn"),
        _name(entity, included, "a certification"),
        included.text(entity, "authority"),
        included.text(entity, "licenseNumber"),
        plain(entity, "url"),
        urn_of(entity, "company"),
        started,
        ended,
    )


def _name(entity: Entity, included: Included, kind: str) -> str | None:
    if "name" not in entity:
        _known(entity, _NAME_KEYS, kind)
    return included.text(entity, "name")


def _known(entity: Entity, keys: tuple[str, ...], kind: str) -> None:
    """Refuses an entity that has none of the fields its kind is known by: renamed is not empty."""
    for key in keys:
        if key in entity:
            return
    urn = entity.get("entityUrn")
    raise UnknownShape(f"{kind} is {found(entity)}", urn if isinstance(urn, str) else kind)


def _dates(entity: Entity) -> tuple[PartialDate | None, PartialDate | None, bool | None]:
    """Start, end, and whether it is still going on, as a range without an end says."""
    span = part(entity, "dateRange")
    if span is not None:
        return _date(span, "start"), _date(span, "end"), span.get("end") is None
    span = part(entity, "timePeriod")
    if span is not None:
        return _date(span, "startDate"), _date(span, "endDate"), span.get("endDate") is None
    return None, None, None


def _date(span: Entity, key: str) -> PartialDate | None:
    date = part(span, key)
    if date is None:
        return None
    year, month = date.get("year"), date.get("month")
    if type(year) is int and type(month) is int and "day" not in date:
        return _year_and_month(year, month)
    year = whole(date, "year")
    return None if year is None else PartialDate(year, whole(date, "month"), whole(date, "day"))
