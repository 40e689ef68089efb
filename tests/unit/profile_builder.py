"""Voyager answers about invented people, in both variants, with every section or with some left out."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Literal

Json = dict[str, object]
Situation = Literal["none", "connected", "pending", "incoming", "self", "absent"]

DASH = "com.linkedin.voyager.dash."
COLLECTION = "com.linkedin.restli.common.CollectionResponse"
SECTIONS = {
    "positions": "profilePositionGroups",
    "educations": "profileEducations",
    "skills": "profileSkills",
    "languages": "profileLanguages",
    "certifications": "profileCertifications",
}
INVITATION = "urn:li:fsd_invitation:7200000000000000123"
CONNECTED_AT_MS = 1_767_398_400_000


def a_profile_id(member: int) -> str:
    """An id as LinkedIn mints them: it contains the member's number."""
    tail = hashlib.sha1(str(member).encode()).digest()
    raw = b"\x00\x2a" + member.to_bytes(6, "big") + b"\x01" + tail
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


VIEWER = a_profile_id(900_000_001)


@dataclass
class Person:
    """One invented person and how the account stands to them."""

    member: int = 900_004_711
    slug: str = "odalys-brightwater"
    first_name: str = "Odalys"
    last_name: str = "Brightwater"
    situation: Situation = "none"
    distance: str = "DISTANCE_2"
    skills: int = 3
    skills_total: int | None = None
    jobs: int = 3
    wordy: int = 1
    fields: Json = field(default_factory=dict)

    @property
    def id(self) -> str:
        return a_profile_id(self.member)

    @property
    def urn(self) -> str:
        return f"urn:li:fsd_profile:{self.id}"


def a_rest_answer(person: Person) -> Json:
    """The full profile as the REST decoration delivers it, the viewer's own profile included."""
    profile = _profile(person)
    included = [*_sections(person, profile), *_places(person), *_rest_relationship(person, profile), profile]
    data = {"paging": {"count": 10, "start": 0, "links": []}, "*elements": [person.urn], "$type": COLLECTION}
    return {"data": data, "included": [*included, _viewer()]}


def a_graphql_answer(person: Person) -> Json:
    """The top card as the GraphQL query delivers it: hashed types, explicit nulls, one job and one school."""
    profile = _profile(person)
    for key in ("primaryLocale", "geoLocation"):
        profile.pop(key)
    profile["multiLocaleHeadline"] = [{"key": "en_US", "value": "Runs the harbour"}]
    profile["location"] = {
        "countryCode": "SE",
        "postalCode": None,
        "*preferredGeoPlace": "urn:li:fsd_geo:70001",
    }
    included = [entity for entity in _sections(person, {}) if _is_top(entity)]
    for key, kind in (
        ("profileTopPosition", "fsd_profilePosition:"),
        ("profileTopEducation", "fsd_profileEducation"),
    ):
        tops = [entity["entityUrn"] for entity in included if kind in str(entity["entityUrn"])]
        profile[key] = {"*elements": tops, "$type": COLLECTION}
    mutual = f"urn:li:fsd_connection:{a_profile_id(900_000_333)}"
    profile["connections"] = {"paging": {"start": 0, "count": 1, "total": 48}, "*elements": [mutual]}
    following = f"urn:li:fsd_followingState:{person.urn}"
    profile["*followingState"] = following
    included += [
        {
            "entityUrn": mutual,
            "createdAt": 1,
            "connectedMember": "urn:li:fsd_profile:" + a_profile_id(900_000_333),
        },
        {
            "entityUrn": following,
            "following": True,
            "followerCount": 812,
            "$type": DASH + "feed.FollowingState",
        },
        *_places(person),
        *_graphql_relationship(person),
        profile,
        _viewer(),
    ]
    answer = {"*elements": [person.urn], "$type": COLLECTION}
    inner = {"identityDashProfilesByMemberIdentity": answer, "$type": "com.linkedin.0a1b2c3d"}
    return {"data": {"data": inner}, "included": included}


def _is_top(entity: Json) -> bool:
    return str(entity["entityUrn"]).endswith((",p0)", ",e0)")) or "fsd_company" in str(entity["entityUrn"])


def _viewer() -> Json:
    return {
        "entityUrn": f"urn:li:fsd_profile:{VIEWER}",
        "publicIdentifier": "viewer-example",
        "firstName": "Vera",
        "lastName": "Viewer",
        "headline": "Looks at profiles",
        "memorialized": False,
        "$recipeTypes": [DASH + "deco.relationships.ProfileWithIweWarned"],
        "$type": DASH + "identity.profile.Profile",
    }


def _profile(person: Person) -> Json:
    return {
        "entityUrn": person.urn,
        "objectUrn": f"urn:li:member:{person.member}",
        "publicIdentifier": person.slug,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "multiLocaleFirstName": {"en_US": person.first_name},
        "headline": "Harbour master at Quillon Docks",
        "summary": "Keeps ships apart. " * person.wordy,
        "primaryLocale": {"country": "US", "language": "en"},
        "supportedLocales": [{"country": "US", "language": "en"}, {"country": "SE", "language": "sv"}],
        "location": {"countryCode": "se"},
        "geoLocation": {"*geo": "urn:li:fsd_geo:70001", "geoUrn": "urn:li:fsd_geo:70001"},
        "locationName": None,
        "*industry": "urn:li:fsd_industry:95",
        "industryUrn": "urn:li:fsd_industry:95",
        "industryV2Urn": None,
        "premium": True,
        "influencer": False,
        "creator": False,
        "memorialized": False,
        "emailRequired": False,
        "birthDateOn": None,
        "tempStatus": None,
        "profilePicture": {"displayImageReference": {"vectorImage": _image("https://media.example/p/")}},
        "$recipeTypes": [DASH + "deco.identity.profile.FullProfileWithEntities"],
        "$type": DASH + "identity.profile.Profile",
    } | person.fields


def _image(root: str) -> Json:
    sizes = [{"width": width, "fileIdentifyingUrlPathSegment": f"{width}.png"} for width in (100, 400, 200)]
    return {"rootUrl": root, "artifacts": sizes, "$type": "com.linkedin.common.VectorImage"}


def _sections(person: Person, profile: Json) -> list[Json]:
    """The entities of all list sections; the profile is given the references to them."""
    included: list[Json] = []
    groups = [_group(person, number, included) for number in range(person.jobs)]
    school: Json = {
        "entityUrn": "urn:li:fsd_school:81",
        "name": "Saltmarsh College",
        "url": "https://example.org/school",
    }
    lists: dict[str, list[Json]] = {
        "profilePositionGroups": groups,
        "profileEducations": [_education(person, 0)],
        "profileSkills": [_skill(person, number) for number in range(person.skills)],
        "profileLanguages": [
            _language(person, "Swedish", "NATIVE_OR_BILINGUAL"),
            _language(person, "Latin", None),
        ],
        "profileCertifications": [_certification(person)],
        "profileCourses": [],
    }
    for key, entities in lists.items():
        included += entities
        total = person.skills_total if key == "profileSkills" else None
        included.append(_collection(f"{person.id}-{key}", entities, total))
        profile["*" + key] = included[-1]["entityUrn"]
    return [*included, school, *_companies()]


def _collection(name: str, entities: list[Json], total: int | None = None) -> Json:
    paging = {"start": 0, "count": 20, "total": len(entities) if total is None else total, "links": []}
    body: Json = {"entityUrn": f"urn:li:collectionResponse:{name}", "paging": paging, "$type": COLLECTION}
    if entities:
        return body | {"*elements": [entity["entityUrn"] for entity in entities]}
    return body | {"elements": []}


def _group(person: Person, number: int, included: list[Json]) -> Json:
    """Jobs at one employer: the newest is current, the others ended; only the first employer has a page."""
    company: Json = (
        {"companyUrn": "urn:li:fsd_company:5150", "*company": "urn:li:fsd_company:5150"}
        if number == 0
        else {}
    )
    name = "Quillon Docks" if number == 0 else f"Small Jetty {number}"
    span: Json = {"start": {"year": 2020 - number, "month": 4, "$type": "com.linkedin.common.Date"}}
    if number:
        span["end"] = {"year": 2021 - number, "$type": "com.linkedin.common.Date"}
    position: Json = {
        "entityUrn": f"urn:li:fsd_profilePosition:({person.id},p{number})",
        "title": f"Harbour master {number}",
        "multiLocaleTitle": {"en_US": f"Harbour master {number}"},
        "companyName": name,
        "description": "Berths, tides and tugs. " * person.wordy,
        "locationName": "Gothenburg",
        "dateRange": span,
        "$type": DASH + "identity.profile.Position",
    }
    position |= company
    members = _collection(f"{person.id}-g{number}", [position])
    included += [position, members]
    return {
        "entityUrn": f"urn:li:fsd_profilePositionGroup:({person.id},{number})",
        "companyName": name,
        "dateRange": span,
        "*profilePositionInPositionGroup": members["entityUrn"],
        "$type": DASH + "identity.profile.PositionGroup",
    } | company


def _education(person: Person, number: int) -> Json:
    return {
        "entityUrn": f"urn:li:fsd_profileEducation:({person.id},e{number})",
        "schoolName": "Saltmarsh College",
        "schoolUrn": "urn:li:fsd_school:81",
        "*school": "urn:li:fsd_school:81" if person.jobs else None,
        "degreeName": "BSc",
        "fieldOfStudy": "Hydrography",
        "grade": None,
        "activities": None,
        "dateRange": {"end": {"year": 2011}},
        "$type": DASH + "identity.profile.Education",
    }


def _skill(person: Person, number: int) -> Json:
    name = f"Knot {number}"
    return {
        "entityUrn": f"urn:li:fsd_skill:({person.id},{number})",
        "name": name,
        "multiLocaleName": {"en_US": name},
        "$type": DASH + "identity.profile.Skill",
    }


def _language(person: Person, name: str, proficiency: str | None) -> Json:
    return {
        "entityUrn": f"urn:li:fsd_profileLanguage:({person.id},{name})",
        "name": name,
        "proficiency": proficiency,
        "$type": DASH + "identity.profile.Language",
    }


def _certification(person: Person) -> Json:
    return {
        "entityUrn": f"urn:li:fsd_profileCertification:({person.id},1)",
        "name": "Pilot licence",
        "authority": "Coastal Board",
        "licenseNumber": "SE-44",
        "url": "https://example.org/licence",
        "dateRange": {"start": {"year": 2018, "month": 2}},
        "$type": DASH + "identity.profile.Certification",
    }


def _companies() -> list[Json]:
    return [
        {
            "entityUrn": "urn:li:fsd_company:5150",
            "name": "Quillon Docks",
            "url": "https://www.linkedin.com/company/quillon-docks/",
            "universalName": "quillon-docks",
            "industryUrns": ["urn:li:fsd_industry:95"],
            "industry": {"*urn:li:fsd_industry:95": "urn:li:fsd_industry:95"},
            "employeeCountRange": {"start": 201, "end": 500},
            "logo": {"vectorImage": _image("https://media.example/l/")},
            "$type": DASH + "organization.Company",
        }
    ]


def _places(person: Person) -> list[Json]:
    return [
        {
            "entityUrn": "urn:li:fsd_geo:70001",
            "defaultLocalizedName": "Gothenburg, Västra Götaland, Sweden",
            "defaultLocalizedNameWithoutCountryName": "Gothenburg, Västra Götaland",
            "*country": "urn:li:fsd_geo:70000",
            "countryUrn": "urn:li:fsd_geo:70000",
            "$type": DASH + "common.Geo",
        },
        {"entityUrn": "urn:li:fsd_geo:70000", "defaultLocalizedName": "Sweden", "$type": DASH + "common.Geo"},
        {"entityUrn": "urn:li:fsd_industry:95", "name": "Maritime", "$type": DASH + "common.Industry"},
        {
            "entityUrn": f"urn:li:fsd_novelty:{person.member}",
            "$type": DASH + "future.Novelty",
            "shape": [1, None],
        },
    ]


def _rest_relationship(person: Person, profile: Json) -> list[Json]:
    if person.situation == "absent":
        return []
    urn = f"urn:li:fsd_memberRelationship:{person.id}"
    profile["*memberRelationship"] = urn
    entity: Json = {"entityUrn": urn, "$type": DASH + "relationships.MemberRelationship"}
    if person.situation == "self":
        return [entity | {"memberRelationshipUnion": {"self": {}}}]
    if person.situation == "connected":
        return [
            entity | {"memberRelationshipUnion": {"*connection": _connection(person)["entityUrn"]}},
            _connection(person),
        ]
    if person.situation == "none":
        nothing = {"inviter": f"urn:li:fsd_profile:{VIEWER}", "targetInvitee": person.urn}
        union: Json = {"noInvitation": nothing}
        invitations: list[Json] = []
    else:
        union, invitations = {"*invitation": INVITATION}, [_invitation(person)]
    apart = {"memberDistance": person.distance, "invitationUnion": union}
    return [
        entity | {"memberRelationshipUnion": {"noConnection": apart}, "memberRelationshipData": union},
        *invitations,
    ]


def _graphql_relationship(person: Person) -> list[Json]:
    """The same, under the query's names and with every other member of a union present as null."""
    if person.situation == "absent":
        return []
    nulls: Json = {"self": None, "connection": None, "noConnection": None}
    entity: Json = {"entityUrn": f"urn:li:fsd_memberRelationship:{person.id}"}
    if person.situation == "self":
        return [entity | {"memberRelationship": nulls | {"self": {}}}]
    if person.situation == "connected":
        return [entity | {"memberRelationship": nulls | {"connection": _connection(person)}}]
    is_open = person.situation != "none"
    form = {"noInvitation": {"*inviterResolutionResult": f"urn:li:fsd_profile:{VIEWER}"}, "invitation": None}
    union = {"noInvitation": None, "*invitation": INVITATION} if is_open else form
    apart = {"memberDistance": person.distance, "invitation": union}
    second = {"connection": None} | union
    body = {
        "memberRelationship": nulls | {"noConnection": apart},
        "memberRelationshipDataResolutionResult": second,
    }
    return [entity | body, *([_invitation(person)] if is_open else [])]


def _connection(person: Person) -> Json:
    return {
        "entityUrn": f"urn:li:fsd_connection:{person.id}",
        "createdAt": CONNECTED_AT_MS,
        "connectedMember": person.urn,
        "$type": DASH + "relationships.Connection",
    }


def _invitation(person: Person) -> Json:
    incoming = person.situation == "incoming"
    return {
        "entityUrn": INVITATION,
        "invitationId": 7200000000000000123,
        "invitationType": "RECEIVED" if incoming else "SENT",
        "invitationState": "PENDING",
        "message": "Shall we trade tide tables?" if incoming else None,
        "sharedSecret": "s3cr3t-example" if incoming else None,
        "$type": DASH + "relationships.invitation.Invitation",
    }
