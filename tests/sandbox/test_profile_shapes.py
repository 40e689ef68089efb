"""A person reads the same whichever way they are asked for, and every relationship has its own shape."""

from base64 import urlsafe_b64decode

import pytest
from visitor import PLAIN, Visitor, entity

PRISCA, JONAS, TOMAS, LENA = (
    "prisca-hollowell-sbx",
    "jonas-fernweh-sbx",
    "tomas-kettering-sbx",
    "lena-vogtmann-sbx",
)
PROFILE = "com.linkedin.voyager.dash.identity.profile.Profile"


def relationship(mira: Visitor, slug: str) -> dict[str, object]:
    urn = f"urn:li:fsd_memberRelationship:{mira.id_of(slug)}"
    union: dict[str, object] = entity(mira.profile(slug), urn)["memberRelationshipUnion"]
    return union


def test_me_names_the_person_behind_the_account(mira: Visitor) -> None:
    answer = mira.get("/voyager/api/me")

    urn = answer.json["data"]["*miniProfile"]
    assert answer.json["data"]["plainId"] == 900000001
    assert entity(answer, urn)["publicIdentifier"] == "mira-oxbow-sbx"
    assert answer.headers["content-type"].startswith("application/vnd.linkedin.normalized+json+2.1")


def test_plain_json_puts_references_in_place(mira: Visitor) -> None:
    me = mira.get("/voyager/api/me", PLAIN).json
    page = mira.profile(PRISCA, PLAIN).json

    assert me["miniProfile"]["publicIdentifier"] == "mira-oxbow-sbx"
    groups = page["elements"][0]["profilePositionGroups"]["elements"]
    jobs = groups[0]["profilePositionInPositionGroup"]["elements"]
    assert [job["title"] for job in jobs] == ["Head of Data"]
    assert jobs[0]["company"]["name"] == "Brindle Freight"


def test_a_full_profile_is_found_by_following_its_references(mira: Visitor) -> None:
    answer = mira.profile(PRISCA)

    [urn] = answer.json["data"]["*elements"]
    target = entity(answer, urn)
    assert target["publicIdentifier"] == PRISCA
    groups = entity(answer, target["*profilePositionGroups"])["*elements"]
    second = entity(answer, entity(answer, groups[1])["*profilePositionInPositionGroup"])["*elements"]
    titles = [entity(answer, job)["title"] for job in second]
    assert titles == ["Lead Analyst", "Analyst"]
    assert entity(answer, target["*industry"])["name"] == "IT Services and IT Consulting"
    assert entity(answer, target["geoLocation"]["*geo"])["defaultLocalizedName"] == "Leipzig, Saxony, Germany"
    assert entity(answer, target["*profileCertifications"])["elements"] == []


def test_a_current_job_has_no_end_at_all(mira: Visitor) -> None:
    answer = mira.profile(PRISCA)
    jobs = {
        one["title"]: one for one in answer.json["included"] if str(one["$type"]).endswith("profile.Position")
    }

    assert "end" not in jobs["Head of Data"]["dateRange"]
    assert jobs["Lead Analyst"]["dateRange"]["end"]["year"] == 2022


def test_the_viewer_is_the_other_profile_and_comes_first(mira: Visitor) -> None:
    answer = mira.profile(PRISCA)

    profiles = [one["publicIdentifier"] for one in answer.json["included"] if one["$type"] == PROFILE]
    assert profiles == ["mira-oxbow-sbx", PRISCA]


def test_references_of_a_full_profile_resolve(mira: Visitor) -> None:
    answer = mira.profile(PRISCA)

    known = {one["entityUrn"] for one in answer.json["included"]}
    for one in answer.json["included"]:
        for key, value in one.items():
            if key.startswith("*") and value is not None:
                assert set([value] if isinstance(value, str) else value) <= known, key


@pytest.mark.parametrize("degree", ["2", "3", "OUT"])
def test_strangers_show_their_distance(mira: Visitor, degree: str) -> None:
    stranger = {"account": "mira@sandbox.test", "member": PRISCA, "state": "none", "degree": degree}
    mira.sandbox.admin.put("/relationships", stranger)

    union = relationship(mira, PRISCA)

    distance = {"2": "DISTANCE_2", "3": "DISTANCE_3", "OUT": "OUT_OF_NETWORK"}[degree]
    assert union["noConnection"]["memberDistance"] == distance  # type: ignore[index]
    assert union["noConnection"]["invitationUnion"]["noInvitation"]["targetInvitee"] == mira.urn_of(PRISCA)  # type: ignore[index]


def test_a_connection_shows_no_distance(mira: Visitor) -> None:
    union = relationship(mira, JONAS)

    assert set(union) == {"*connection"}
    assert entity(mira.profile(JONAS), str(union["*connection"]))["createdAt"] > 0


def test_oneself_is_self(mira: Visitor) -> None:
    assert set(relationship(mira, "mira-oxbow-sbx")) == {"self"}


@pytest.mark.parametrize(("state", "kind"), [("pending", "SENT"), ("incoming", "RECEIVED")])
def test_an_open_invitation_is_named_and_included(mira: Visitor, state: str, kind: str) -> None:
    mira.sandbox.admin.put(
        "/relationships", account="mira@sandbox.test", member=PRISCA, state=state, degree="2"
    )

    answer = mira.profile(PRISCA)
    union = relationship(mira, PRISCA)["noConnection"]

    invitation = entity(answer, union["invitationUnion"]["*invitation"])  # type: ignore[index]
    assert union["memberDistance"] == "DISTANCE_2"  # type: ignore[index]
    assert (invitation["invitationType"], invitation["invitationState"]) == (kind, "PENDING")
    assert (invitation["sharedSecret"] is None) == (kind == "SENT")


def test_some_decorations_know_nothing_of_the_relationship(mira: Visitor) -> None:
    deco = "com.linkedin.voyager.dash.deco.identity.profile."
    without = mira.profile(PRISCA, decoration=f"{deco}SomethingElse-1").json["included"]
    core = mira.profile(PRISCA, decoration=f"{deco}WebTopCardCore-19").json["included"]

    assert not [one for one in without if one["$type"].endswith("MemberRelationship")]
    assert [one for one in core if one["$type"].endswith("MemberRelationship")]
    assert not [one for one in core if one["$type"].endswith("profile.Position")]


def test_graphql_says_every_member_of_a_union_and_models_the_buttons(mira: Visitor) -> None:
    answer = mira.top_card(TOMAS)

    [urn] = answer.json["data"]["data"]["identityDashProfilesByMemberIdentity"]["*elements"]
    actions = entity(answer, urn)["profileStatefulProfileActions"]
    relation = entity(answer, f"urn:li:fsd_memberRelationship:{mira.id_of(TOMAS)}")
    assert relation["memberRelationship"]["connection"] is None
    assert relation["memberRelationship"]["noConnection"]["memberDistance"] == "DISTANCE_3"
    assert relation["memberRelationship"]["noConnection"]["invitation"]["invitation"] is None
    assert any("*personalizedConnect" in one for one in actions["overflowActionsResolutionResults"])


def test_graphql_after_an_invite_names_the_invitation(mira: Visitor) -> None:
    answer = mira.top_card(LENA)

    relation = entity(answer, f"urn:li:fsd_memberRelationship:{mira.id_of(LENA)}")
    urn = relation["memberRelationship"]["noConnection"]["invitation"]["*invitation"]
    actions = entity(answer, mira.urn_of(LENA))["profileStatefulProfileActions"]
    assert entity(answer, urn)["invitationType"] == "SENT"
    assert not any("*personalizedConnect" in one for one in actions["overflowActionsResolutionResults"])


def test_a_stale_query_id_is_a_bad_request(mira: Visitor) -> None:
    path = f"/voyager/api/graphql?variables=(vanityName:{PRISCA})&queryId=voyagerIdentityDashProfiles.old"

    assert mira.get(path).status == 400


def test_network_info_and_relationship_agree_with_the_profile(mira: Visitor) -> None:
    info = mira.get(f"/voyager/api/identity/profiles/{PRISCA}/networkinfo").json["data"]
    urn = f"urn:li:fsd_memberRelationship:{mira.id_of(PRISCA)}"
    alone = mira.get(f"/voyager/api/relationships/dash/memberRelationships/{urn}").json["data"]

    assert info["distance"]["value"] == "DISTANCE_2"
    assert info["followersCount"] == 812
    assert alone["memberRelationshipUnion"]["noConnection"]["memberDistance"] == "DISTANCE_2"


def test_ids_carry_the_member_number(mira: Visitor) -> None:
    profile_id = mira.id_of(PRISCA)

    raw = urlsafe_b64decode(profile_id + "=")
    assert len(profile_id) == 39
    assert profile_id.startswith("ACoAA")
    assert int.from_bytes(raw[2:8], "big") == 900000532


def test_a_profile_answers_to_slug_id_and_former_slug(mira: Visitor) -> None:
    profile_id = mira.id_of(PRISCA)
    mira.sandbox.admin.patch(f"/members/{PRISCA}", slug="prisca-h")

    for name in (profile_id, "prisca-h", PRISCA):
        answer = mira.profile(name)
        assert answer.status == 200
        assert entity(answer, answer.json["data"]["*elements"][0])["publicIdentifier"] == "prisca-h"


def test_missing_deleted_and_hidden_people_are_refused(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/members/{TOMAS}", deleted=True)
    mira.sandbox.admin.patch(f"/members/{LENA}", inaccessible=True)

    assert mira.profile("nobody-at-all").status == 404
    assert mira.profile(TOMAS).status == 404
    assert mira.profile(LENA).status == 403
    assert mira.get("/voyager/api/me").status == 200


def test_contact_details_are_for_connections(mira: Visitor) -> None:
    query = "voyagerIdentityDashProfiles.c7452e58fa37646d09dae4920fc5b4b9"
    mira.sandbox.admin.patch(f"/members/{PRISCA}", email="prisca@hollowell.test")

    def contact(slug: str) -> dict[str, object]:
        answer = mira.get(f"/voyager/api/graphql?variables=(memberIdentity:{slug})&queryId={query}")
        return entity(answer, mira.urn_of(slug))

    assert contact(JONAS)["emailAddress"]["emailAddress"] == "jonas@fernweh.test"  # type: ignore[index]
    assert contact(PRISCA)["emailAddress"] is None


def test_the_older_contact_details_say_the_same(mira: Visitor) -> None:
    path = f"/voyager/api/identity/profiles/{JONAS}/profileContactInfo"

    assert mira.get(path).json["data"]["emailAddress"] == "jonas@fernweh.test"
    mira.sandbox.admin.patch(f"/members/{PRISCA}", email="prisca@hollowell.test")
    assert mira.get(path.replace(JONAS, PRISCA)).json["data"]["emailAddress"] is None


def test_people_who_blocked_the_account_are_found_by_nobody(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/members/{PRISCA}", unavailable=True)

    answer = mira.profile(PRISCA)
    assert (answer.status, answer.json["data"]["*elements"], answer.json["included"]) == (200, [], [])
    page = mira.get(f"/in/{PRISCA}/", "text/html")
    assert page.headers["location"] == "/in/unavailable/"


def test_a_profile_may_say_nothing_of_the_relationship(mira: Visitor) -> None:
    mira.sandbox.admin.patch("/logins/mira@sandbox.test", relationship_hidden=True)
    core = "com.linkedin.voyager.dash.deco.identity.profile.WebTopCardCore-19"

    for answer in (mira.profile(JONAS), mira.profile(JONAS, decoration=core), mira.top_card(JONAS)):
        assert answer.status == 200
        kinds = [str(one["$type"]) for one in answer.json["included"]]
        assert not [kind for kind in kinds if kind.endswith(("MemberRelationship", ".Connection"))]
        assert "*memberRelationship" not in entity(answer, mira.urn_of(JONAS))
