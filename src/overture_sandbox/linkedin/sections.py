"""The sections of a profile: jobs by employer, schools, skills, languages, certificates."""

from base64 import b64encode

from overture_sandbox.linkedin.shapes import Json
from overture_sandbox.world import Member
from overture_sandbox.world.model import Education, Geo, Position, YearMonth

DASH = "com.linkedin.voyager.dash"
DECO = f"{DASH}.deco"
PROFILE_TYPE = f"{DASH}.identity.profile"
EMPTY = "urn:li:collectionResponse:EMPTY="
PAGE_OF_SECTIONS = 20
EMPTY_SECTIONS = (
    "Projects",
    "Publications",
    "Courses",
    "Honors",
    "Patents",
    "Organizations",
    "TestScores",
    "VolunteerExperiences",
    "TreasuryMediaProfile",
    "VideoPreview",
    "RingStatusCollection",
)


def section_urns(member: Member) -> dict[str, str]:
    """Which collection holds which section; all empty sections share one."""
    filled = {
        "PositionGroups": member.positions,
        "Educations": member.educations,
        "Skills": member.skills,
        "Languages": member.languages,
        "Certifications": member.certifications,
    }
    urns = {name: collection_urn(member, name) if rows else EMPTY for name, rows in filled.items()}
    return {**urns, **dict.fromkeys(EMPTY_SECTIONS, EMPTY)}


def section_entities(member: Member) -> list[Json]:
    """Every entity the sections refer to: collections first, then what is in them."""
    me = member.profile_id
    rows = {
        "Educations": [
            _education(row, f"urn:li:fsd_profileEducation:({me},{820000001 + index})")
            for index, row in enumerate(member.educations)
        ],
        "Skills": [
            _skill(name, f"urn:li:fsd_skill:({me},{index})") for index, name in enumerate(member.skills, 1)
        ],
        "Languages": [
            {
                "entityUrn": f"urn:li:fsd_profileLanguage:({me},{830000001 + index})",
                "name": row.name,
                "proficiency": row.proficiency,
                "$type": f"{PROFILE_TYPE}.Language",
            }
            for index, row in enumerate(member.languages)
        ],
        "Certifications": [
            {
                "entityUrn": f"urn:li:fsd_profileCertification:({me},{840000001 + index})",
                "name": row.name,
                "authority": row.authority,
                **_date_range(row.start, None),
                "$type": f"{PROFILE_TYPE}.Certification",
            }
            for index, row in enumerate(member.certifications)
        ],
    }
    collections = [collection(collection_urn(member, name), found) for name, found in rows.items() if found]
    groups, jobs = _position_entities(member)
    entities = [*groups, *jobs, *(row for found in rows.values() for row in found)]
    return [*collections, collection(EMPTY, []), *place_entities(member), *entities, *_organizations(member)]


def collection_urn(member: Member, name: str) -> str:
    """The URN of one collection of one person."""
    return f"urn:li:collectionResponse:{b64encode(f'{member.profile_id}.{name}'.encode()).decode()}"


def collection(urn: str, rows: list[Json]) -> Json:
    """A page of references; an empty one has `elements` without the star."""
    key, value = ("*elements", [row["entityUrn"] for row in rows]) if rows else ("elements", [])
    return {
        "entityUrn": urn,
        "paging": {
            "total": len(rows),
            "start": 0,
            "count": PAGE_OF_SECTIONS,
            "links": [],
            "$recipeTypes": [f"{DECO}.common.FullPaging"],
            "$type": "com.linkedin.restli.common.CollectionMetadata",
        },
        key: value,
        "$type": "com.linkedin.restli.common.CollectionResponse",
    }


def _position_entities(member: Member) -> tuple[list[Json], list[Json]]:
    """Jobs grouped by employer: the collection of groups and theirs, then groups and jobs."""
    jobs = [
        (row, _position(row, f"urn:li:fsd_profilePosition:({member.profile_id},{810000001 + index})"))
        for index, row in enumerate(member.positions)
    ]
    groups: list[Json] = []
    inner: list[Json] = []
    for index, name in enumerate(dict.fromkeys(row.company_name for row, _ in jobs), 1):
        rows = [(row, entity) for row, entity in jobs if row.company_name == name]
        urn = collection_urn(member, f"PositionsInGroup.{index}")
        inner.append(collection(urn, [entity for _, entity in rows]))
        groups.append(_group(member, f"a{index}", [row for row, _ in rows], urn))
    if groups:
        inner.insert(0, collection(collection_urn(member, "PositionGroups"), groups))
    return inner, [*groups, *(entity for _, entity in jobs)]


def _group(member: Member, key: str, rows: list[Position], jobs_urn: str) -> Json:
    starts = [row.start for row in rows if row.start]
    ends = [row.end for row in rows if row.end]
    is_current = any(row.end is None for row in rows)
    first = min(starts, key=lambda one: (one.year, one.month or 0), default=None)
    last = None if is_current else max(ends, key=lambda one: (one.year, one.month or 0), default=None)
    return {
        "entityUrn": f"urn:li:fsd_profilePositionGroup:({member.profile_id},{key})",
        "companyName": rows[0].company_name,
        **_company_reference(rows[0].company_id),
        **in_one_locale("CompanyName", rows[0].company_name),
        **_date_range(first, last),
        "*profilePositionInPositionGroup": jobs_urn,
        "$type": f"{PROFILE_TYPE}.PositionGroup",
    }


def _position(row: Position, urn: str) -> Json:
    optional = {
        "locationName": row.location,
        "geoLocationName": row.location,
        "description": row.description,
    }
    return {
        "entityUrn": urn,
        "title": row.title,
        "companyName": row.company_name,
        **_company_reference(row.company_id),
        **_date_range(row.start, row.end),
        "shouldShowSourceOfHireBadge": False,
        **in_one_locale("Title", row.title),
        **{key: value for key, value in optional.items() if value is not None},
        "$type": f"{PROFILE_TYPE}.Position",
    }


def _education(row: Education, urn: str) -> Json:
    school = f"urn:li:fsd_school:{row.school_id}" if row.school_id else None
    return {
        "entityUrn": urn,
        "schoolName": row.school_name,
        "schoolUrn": school,
        **({"*school": school} if school else {}),
        "degreeName": row.degree,
        "fieldOfStudy": row.field_of_study,
        "grade": row.grade,
        "activities": row.activities,
        **_date_range(
            YearMonth(row.start_year) if row.start_year else None,
            YearMonth(row.end_year) if row.end_year else None,
        ),
        "$type": f"{PROFILE_TYPE}.Education",
    }


def _skill(name: str, urn: str) -> Json:
    return {
        "entityUrn": urn,
        "name": name,
        **in_one_locale("Name", name),
        "$type": f"{PROFILE_TYPE}.Skill",
    }


def _organizations(member: Member) -> list[Json]:
    companies = {row.company_id: row.company_name for row in member.positions if row.company_id}
    schools = {row.school_id: row.school_name for row in member.educations if row.school_id}
    return [_company(number, name) for number, name in companies.items()] + [
        {
            "entityUrn": f"urn:li:fsd_school:{number}",
            "name": name,
            "active": True,
            "url": f"https://www.linkedin.com/school/{number}/",
            "$type": f"{DASH}.organization.School",
        }
        for number, name in schools.items()
    ]


def _company(number: int, name: str) -> Json:
    image = {
        "rootUrl": "https://media.sandbox.local/logo/",
        "artifacts": [],
        "$type": "com.linkedin.common.VectorImage",
    }
    return {
        "entityUrn": f"urn:li:fsd_company:{number}",
        "name": name,
        "url": f"https://www.linkedin.com/company/{number}/",
        "logo": {"vectorImage": image},
        "$type": f"{DASH}.organization.Company",
    }


def _company_reference(number: int | None) -> Json:
    urn = f"urn:li:fsd_company:{number}" if number else None
    return {"companyUrn": urn, "*company": urn}


def place_entities(member: Member) -> list[Json]:
    """The town, the country and the industry a profile refers to."""
    entities = _geo_entities(member.geo) if member.geo else []
    if member.industry:
        urn = f"urn:li:fsd_industry:{member.industry.id}"
        entities.append({"entityUrn": urn, "name": member.industry.name, "$type": f"{DASH}.common.Industry"})
    return entities


def _geo_entities(geo: Geo) -> list[Json]:
    country = f"urn:li:fsd_geo:{geo.country_id}"
    return [
        {
            "entityUrn": f"urn:li:fsd_geo:{geo.id}",
            "defaultLocalizedName": geo.name,
            "defaultLocalizedNameWithoutCountryName": geo.name_without_country,
            "countryUrn": country,
            "*country": country,
            "$type": f"{DASH}.common.Geo",
        },
        {"entityUrn": country, "defaultLocalizedName": geo.country, "$type": f"{DASH}.common.Geo"},
    ]


def _date_range(start: YearMonth | None, end: YearMonth | None) -> Json:
    """`dateRange` with only the ends that are known: a current job has no `end` key at all."""
    ends = {name: _date(one) for name, one in (("start", start), ("end", end)) if one}
    marks = {"$recipeTypes": [f"{DECO}.common.DateRange"], "$type": "com.linkedin.common.DateRange"}
    return {"dateRange": {**ends, **marks}} if ends else {}


def _date(one: YearMonth) -> Json:
    month = {"month": one.month} if one.month else {}
    marks = {"$recipeTypes": [f"{DECO}.common.Date"], "$type": "com.linkedin.common.Date"}
    return {"year": one.year, **month, **marks}


def in_one_locale(name: str, value: str | None) -> Json:
    """The twin of a text field that gives it by language."""
    return {f"multiLocale{name}": None if value is None else {"en_US": value}}
