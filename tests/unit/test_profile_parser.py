"""The profile parser on answers about invented people: what it reads, what it reports, what it refuses."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

import pytest
from profile_builder import (
    INVITATION,
    VIEWER,
    Json,
    Person,
    Situation,
    a_graphql_answer,
    a_profile_id,
    a_rest_answer,
)

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.voyager import (
    ProfileUnavailable,
    UnknownShape,
    parse_profile,
    parse_profile_json,
)
from overture.touchpoints.profile import Company, PartialDate, RelationshipState, from_json, to_json

VARIANTS = pytest.mark.parametrize("answer", [a_rest_answer, a_graphql_answer])
Builder = Callable[[Person], Json]


def entities(answer: Json) -> list[Json]:
    return cast("list[Json]", answer["included"])


def the_profile(answer: Json, person: Person) -> Json:
    return next(entity for entity in entities(answer) if entity["entityUrn"] == person.urn)


def an_entity(answer: Json, part_of_urn: str) -> Json:
    return next(entity for entity in entities(answer) if part_of_urn in str(entity["entityUrn"]))


@VARIANTS
def test_the_person_asked_for_is_read_not_the_viewer(answer: Builder) -> None:
    person = Person()
    payload = answer(person)
    payload["included"] = list(reversed(entities(payload)))

    profile = parse_profile(payload)

    assert (profile.urn, profile.profile_id, profile.member_id) == (person.urn, person.id, person.member)
    assert (profile.full_name, profile.public_identifier) == ("Odalys Brightwater", "odalys-brightwater")


def test_every_section_of_a_full_profile_is_read() -> None:
    profile = parse_profile(a_rest_answer(Person()))

    assert [job.title for job in profile.positions] == [
        "Harbour master 0",
        "Harbour master 1",
        "Harbour master 2",
    ]
    assert [job.is_current for job in profile.positions] == [True, False, False]
    assert (profile.positions[1].started, profile.positions[1].ended) == (
        PartialDate(2019, 4),
        PartialDate(2020),
    )
    school = profile.educations[0]
    assert (school.school_name, school.degree, school.field_of_study) == (
        "Saltmarsh College",
        "BSc",
        "Hydrography",
    )
    assert (school.started, school.ended, school.school_url) == (
        None,
        PartialDate(2011),
        "https://example.org/school",
    )
    assert [skill.name for skill in profile.skills] == ["Knot 0", "Knot 1", "Knot 2"]
    assert [(each.name, each.proficiency) for each in profile.languages] == [
        ("Swedish", "NATIVE_OR_BILINGUAL"),
        ("Latin", None),
    ]
    licence = profile.certifications[0]
    assert (licence.name, licence.authority, licence.license_number) == (
        "Pilot licence",
        "Coastal Board",
        "SE-44",
    )
    assert licence.started == PartialDate(2018, 2)
    assert (profile.industry, profile.industry_urn) == ("Maritime", "urn:li:fsd_industry:95")
    assert profile.picture_url == "https://media.example/p/400.png"
    assert (profile.primary_locale, profile.supported_locales) == ("en_US", ("en_US", "sv_SE"))
    assert (profile.flags.premium, profile.flags.email_required, profile.flags.open_link) == (
        True,
        False,
        None,
    )
    assert profile.missing_sections == profile.absent_sections == profile.truncated_sections == ()
    assert profile.unrecognised == ()


def test_the_present_employer_comes_with_its_page() -> None:
    profile = parse_profile(a_rest_answer(Person()))

    assert profile.company == Company(
        urn="urn:li:fsd_company:5150",
        name="Quillon Docks",
        universal_name="quillon-docks",
        url="https://www.linkedin.com/company/quillon-docks/",
        industries=("Maritime",),
        industry_urns=("urn:li:fsd_industry:95",),
        employees_from=201,
        employees_to=500,
        logo_url="https://media.example/l/400.png",
    )
    assert profile.current_position == profile.positions[0]
    assert profile.positions[1].company is None
    assert profile.positions[1].company_name == "Small Jetty 1"


def test_an_employer_without_a_page_keeps_the_name_as_typed() -> None:
    person = Person()
    payload = a_rest_answer(person)
    for part in ("fsd_profilePosition:", "fsd_profilePositionGroup:"):
        entity = an_entity(payload, part)
        entity.pop("*company")
        entity["companyUrn"] = None

    assert parse_profile(payload).company == Company(name="Quillon Docks")


def test_a_small_company_page_has_only_a_name() -> None:
    payload = a_rest_answer(Person())
    company = an_entity(payload, "fsd_company")
    for key in ("universalName", "industryUrns", "industry", "employeeCountRange", "logo"):
        company.pop(key)

    read = parse_profile(payload).company

    assert read is not None
    assert (read.name, read.industries, read.employees_from) == ("Quillon Docks", (), None)


@VARIANTS
def test_a_place_comes_with_its_country(answer: Builder) -> None:
    geo = parse_profile(answer(Person())).geo

    assert geo is not None
    assert (geo.name_without_country, geo.country, geo.country_code) == (
        "Gothenburg, Västra Götaland",
        "Sweden",
        "se",
    )


def test_a_place_that_did_not_come_along_falls_back_to_the_typed_name() -> None:
    payload = a_rest_answer(Person(fields={"locationName": "Somewhere by the sea", "location": None}))
    payload["included"] = [
        entity for entity in entities(payload) if "fsd_geo" not in str(entity["entityUrn"])
    ]

    profile = parse_profile(payload)

    assert (profile.location_name, profile.country_code) == ("Somewhere by the sea", None)
    assert profile.missing_sections == ("geo",)


def test_the_top_card_has_one_job_and_says_that_there_may_be_more() -> None:
    profile = parse_profile(a_graphql_answer(Person()))

    assert [job.title for job in profile.positions] == ["Harbour master 0"]
    assert profile.positions[0].is_current is True
    assert profile.truncated_sections == ("positions", "educations")
    assert profile.absent_sections == ("skills", "languages", "certifications")
    assert (profile.counts.connections, profile.counts.followers) == (48, 812)
    assert profile.relationship.is_followed is True


def test_a_top_job_as_a_bare_list_is_read_and_counts_as_current() -> None:
    person = Person(jobs=1)
    payload = a_rest_answer(person)
    profile = the_profile(payload, person)
    profile.pop("*profilePositionGroups")
    position = an_entity(payload, "fsd_profilePosition:")
    position.pop("dateRange")
    profile["*profileTopPosition"] = [position["entityUrn"]]

    read = parse_profile(payload)

    assert (len(read.positions), read.truncated_sections) == (1, ("positions",))
    assert read.current_position is not None


@VARIANTS
@pytest.mark.parametrize(
    ("situation", "state", "degree"),
    [
        ("none", RelationshipState.NONE, 2),
        ("pending", RelationshipState.PENDING, 2),
        ("incoming", RelationshipState.INCOMING, 2),
        ("connected", RelationshipState.CONNECTED, 1),
        ("self", RelationshipState.SELF, None),
        ("absent", RelationshipState.UNKNOWN, None),
    ],
)
def test_the_relationship_is_what_the_answer_says(
    answer: Builder, situation: Situation, state: RelationshipState, degree: object
) -> None:
    relationship = parse_profile(answer(Person(situation=situation))).relationship

    assert (relationship.state, relationship.degree) == (state, degree)
    assert relationship.invitation_urn == (INVITATION if situation in ("pending", "incoming") else None)
    connected_at = datetime(2026, 1, 3, tzinfo=UTC) if situation == "connected" else None
    assert relationship.connected_at == connected_at


@VARIANTS
def test_an_incoming_invitation_can_be_accepted_with_what_was_read(answer: Builder) -> None:
    invitation = parse_profile(answer(Person(situation="incoming"))).relationship.invitation

    assert invitation is not None
    assert (invitation.id, invitation.direction) == ("7200000000000000123", "received")
    assert (invitation.shared_secret, invitation.message) == ("s3cr3t-example", "Shall we trade tide tables?")


@VARIANTS
@pytest.mark.parametrize(("distance", "degree"), [("DISTANCE_3", 3), ("OUT_OF_NETWORK", "out_of_network")])
def test_distances_are_degrees(answer: Builder, distance: str, degree: object) -> None:
    assert parse_profile(answer(Person(distance=distance))).degree == degree


def test_an_unknown_distance_is_reported_and_no_degree() -> None:
    profile = parse_profile(a_rest_answer(Person(distance="DISTANCE_9")))

    assert profile.degree is None
    assert profile.unrecognised == ("distance: the text 'DISTANCE_9'",)


def test_an_invitation_without_its_entity_is_neither_sent_nor_received() -> None:
    payload = a_rest_answer(Person(situation="pending"))
    payload["included"] = [entity for entity in entities(payload) if entity["entityUrn"] != INVITATION]

    profile = parse_profile(payload)

    assert profile.relationship.state is RelationshipState.UNKNOWN
    assert profile.relationship.invitation_urn == INVITATION
    assert profile.missing_sections == ("invitation",)


def test_a_withdrawn_invitation_is_not_pending() -> None:
    payload = a_rest_answer(Person(situation="pending"))
    an_entity(payload, "fsd_invitation")["invitationState"] = "WITHDRAWN"

    assert parse_profile(payload).relationship.state is RelationshipState.NONE


@pytest.mark.parametrize("key", ["connection", "*connection", "connectedMember", "connected"])
def test_every_way_to_say_connected_is_understood(key: str) -> None:
    person = Person(situation="connected")
    payload = a_rest_answer(person)
    entity = an_entity(payload, "fsd_memberRelationship")
    urns = {"*connection": f"urn:li:fsd_connection:{person.id}", "connectedMember": person.urn}
    value: object = urns.get(key, {})
    entity["memberRelationshipUnion"] = {key: value, "noConnection": None}

    relationship = parse_profile(payload).relationship

    assert (relationship.state, relationship.degree) == (RelationshipState.CONNECTED, 1)
    assert relationship.connected_at == datetime(2026, 1, 3, tzinfo=UTC)


def test_a_mutual_connection_neither_connects_nor_dates_the_target() -> None:
    stranger = a_profile_id(900_000_333)
    payload = a_graphql_answer(Person(situation="connected"))
    relationship = an_entity(payload, "fsd_memberRelationship")
    relationship["memberRelationship"] = {"*connection": f"urn:li:fsd_connection:{stranger}"}
    assert parse_profile(payload).relationship.connected_at is None

    assert parse_profile(a_graphql_answer(Person(situation="none"))).degree == 2


def test_an_unknown_kind_of_relationship_is_unknown_and_reported() -> None:
    payload = a_rest_answer(Person())
    entity = an_entity(payload, "fsd_memberRelationship")
    entity["memberRelationshipUnion"] = {"subscriber": {"since": 1}, "$type": "x"}
    entity.pop("memberRelationshipData")

    profile = parse_profile(payload)

    assert profile.relationship.state is RelationshipState.UNKNOWN
    assert profile.unrecognised == ("relationship: subscriber",)


def test_a_list_cut_off_by_its_page_is_reported() -> None:
    assert parse_profile(a_rest_answer(Person(skills_total=34))).truncated_sections == ("skills",)


def test_the_members_number_is_in_the_profile_id() -> None:
    person = Person(fields={"objectUrn": None})

    assert parse_profile(a_rest_answer(person)).member_id == person.member


@pytest.mark.parametrize("translations", [{"sv_SE": "Odalys"}, [{"key": "sv_SE", "value": "Odalys"}]])
def test_a_missing_name_comes_from_its_translations(translations: object) -> None:
    person = Person(fields={"firstName": None, "multiLocaleFirstName": translations})

    assert parse_profile(a_rest_answer(person)).first_name == "Odalys"


def test_the_profiles_own_language_is_preferred_among_translations() -> None:
    translations = {"en_US": "Runs the harbour", "sv_SE": "Sköter hamnen"}
    person = Person(
        fields={
            "headline": None,
            "multiLocaleHeadline": translations,
            "primaryLocale": {"language": "sv", "country": "SE"},
        }
    )

    assert parse_profile(a_rest_answer(person)).headline == "Sköter hamnen"


def test_the_last_name_undefined_is_none() -> None:
    profile = parse_profile(a_rest_answer(Person(last_name="undefined")))

    assert (profile.last_name, profile.full_name) == (None, "Odalys")


def test_a_profile_survives_its_json() -> None:
    profile = parse_profile(a_rest_answer(Person(situation="incoming")))

    assert from_json(to_json(profile)) == profile


def test_renamed_fields_are_refused_rather_than_empty() -> None:
    payload = a_rest_answer(Person())
    skill = an_entity(payload, "fsd_skill")
    skill["skillName"] = skill.pop("name")
    skill.pop("multiLocaleName")

    with pytest.raises(UnknownShape, match=r"a skill is an object with entityUrn, .*skillName"):
        parse_profile(payload)


ROOT: Json = {"*elements": [f"urn:li:fsd_profile:{VIEWER}"]}
QUERY = "identityDashProfilesByMemberIdentity"


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ("<!DOCTYPE html><html>", "an HTML page, not an object"),
        ([], "a list of 0, not an object"),
        (None, "null, not an object"),
        ({}, "an empty object without data"),
        ({"data": None, "included": []}, "without data"),
        ({"data": {"paging": {}}, "included": []}, "an object with paging, without elements"),
        ({"data": {"*elements": None}, "included": []}, "null, not a list"),
        ({"data": {"*elements": ["urn:li:fs_miniProfile:x"]}, "included": []}, "not the URN of a profile"),
        ({"data": ROOT}, "the included entities are null, not a list"),
        ({"data": ROOT, "included": []}, "not among the included"),
        ({"data": ROOT, "included": ["x"]}, "an entity is the text 'x'"),
        ({"data": {"data": {QUERY: None}}, "included": []}, "the query's answer is null"),
        (
            {"data": {"data": {QUERY: ROOT}, "errors": [{"message": "rotated"}]}, "included": []},
            "errors: rotated",
        ),
        ({"data": {"data": None, "errors": [{"message": "no"}]}, "included": []}, "errors: no"),
        ({"data": {"status": 403, "code": "DENIED"}, "included": []}, "an error, the text 'DENIED'"),
    ],
)
def test_what_is_not_a_profile_is_refused_with_what_was_found(payload: object, message: str) -> None:
    with pytest.raises(UnknownShape, match=message) as caught:
        parse_profile(cast("Json", payload))

    assert isinstance(caught.value, PageChanged)
    assert caught.value.code == "unknown_shape"


@pytest.mark.parametrize("raw", [b"<html>Sign in</html>", b"", b"\xff\xfe", "{"])
def test_text_that_is_no_json_is_refused(raw: bytes | str) -> None:
    with pytest.raises(UnknownShape, match="not JSON"):
        parse_profile_json(raw)


@pytest.mark.parametrize("data", [{"*elements": []}, {"elements": []}, {"data": {QUERY: {"*elements": []}}}])
def test_no_such_profile_is_unavailable(data: Json) -> None:
    with pytest.raises(ProfileUnavailable):
        parse_profile({"data": data, "included": []})
