"""Profiles, relations and searches: ids by product, sections, long lists."""

import time
from typing import Any

import pytest
from unipile_desk import FRIEND, ME, STRANGER, Desk


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    return Desk(open_sandbox.sandbox).connect()


def test_each_product_calls_the_same_person_otherwise(desk: Desk) -> None:
    desk.connect(products=["sales_navigator"])
    classic = desk.id_of(STRANGER)

    sales = desk.get(f"/users/{STRANGER}", linkedin_api="sales_navigator").json["provider_id"]
    back = desk.get(f"/users/{sales}").json["provider_id"]
    found = desk.post("/linkedin/search", api="sales_navigator", category="people", keywords="Prisca").json

    assert classic.startswith("ACo")
    assert sales.startswith("ACw")
    assert sales[3:] != classic[3:]
    assert back == classic
    assert [one["id"] for one in found["items"]] == [sales]


def test_an_identifier_with_a_query_leads_to_somebody_else(desk: Desk) -> None:
    answer = desk.send(
        "GET", f"/users/{STRANGER}?miniProfileUrn=urn%3Ali".replace("?", "%3F"), account_id=desk.account
    )

    assert (answer.status, answer.json["public_identifier"] == STRANGER) == (200, False)


def test_products_have_to_be_subscribed(desk: Desk) -> None:
    answer = desk.get(f"/users/{STRANGER}", linkedin_api="recruiter")

    assert (answer.status, answer.kind) == (403, "feature_not_subscribed")


def test_people_who_are_not_there_and_people_who_are_locked(desk: Desk) -> None:
    desk.admin.patch(f"/members/{STRANGER}", inaccessible=True)

    nobody, locked = desk.get("/users/no-such-person"), desk.get(f"/users/{STRANGER}")

    assert (nobody.status, nobody.json["detail"].splitlines()[1]) == (404, "User not found")
    assert (locked.status, locked.kind) == (422, "invalid_recipient")


@pytest.mark.parametrize("sections", ["experience,skills", "*", "experience_preview"])
def test_sections_come_when_asked_for(desk: Desk, sections: str) -> None:
    bare = desk.get(f"/users/{STRANGER}").json
    full = desk.get(f"/users/{STRANGER}", linkedin_sections=sections).json

    assert "work_experience" not in bare
    assert full["work_experience"][0]["company"] == "Brindle Freight"
    assert ("skills" in full) is (sections != "experience_preview")


def test_repeated_sections_are_understood_and_unknown_ones_refused(desk: Desk) -> None:
    both = desk.get(f"/users/{STRANGER}", linkedin_sections=["experience", "skills"])
    unknown = desk.get(f"/users/{STRANGER}", linkedin_sections="hobbies")

    assert {"work_experience", "skills"} <= set(both.json)
    assert unknown.kind == "invalid_parameters"


def test_throttled_sections_come_empty_and_are_named(desk: Desk) -> None:
    desk.fault("throttled_sections", "user", times=1)

    throttled = desk.get(f"/users/{STRANGER}", linkedin_sections="experience").json
    later = desk.get(f"/users/{STRANGER}", linkedin_sections="experience").json

    assert (throttled["throttled_sections"], throttled["work_experience"]) == (["experience"], [])
    assert later["work_experience"]


def test_a_profile_is_only_visited_when_the_person_is_to_notice(desk: Desk) -> None:
    desk.get(f"/users/{STRANGER}")
    desk.get(f"/users/{STRANGER}", notify="false")
    before = desk.kinds(kind="visit")
    desk.get(f"/users/{STRANGER}", notify="true")

    assert (before, desk.kinds(kind="visit")) == ([], ["visit"])


def test_the_owner_says_what_is_subscribed(desk: Desk) -> None:
    plain = desk.get("/users/me").json
    desk.connect(products=["sales_navigator"], inmail_credits=7)
    sales, balance = desk.get("/users/me").json, desk.get("/linkedin/inmail_balance").json

    assert (plain["premium"], plain["sales_navigator"]) == (False, None)
    assert sales["sales_navigator"]["contract_id"]
    assert balance == {
        "object": "LinkedinInmailBalance",
        "premium": 7,
        "recruiter": None,
        "sales_navigator": 7,
    }


def test_a_big_network_is_walked_in_ten_pages_and_quickly(desk: Desk) -> None:
    desk.admin.post("/populate", count=9368, connected_to=ME, apart_s=60, quiet=True)
    seen: list[dict[str, Any]] = []
    cursor, pages, began = None, 0, time.monotonic()
    while pages == 0 or cursor:
        page = desk.get("/users/relations", limit=1000, **({"cursor": cursor} if cursor else {})).json
        seen, cursor, pages = seen + page["items"], page["cursor"], pages + 1
    took = time.monotonic() - began

    dates = [one["created_at"] for one in seen]
    assert (pages, len(seen), len({one["member_id"] for one in seen})) == (10, 9369, 9369)
    assert dates == sorted(dates, reverse=True)
    assert all(str(one["member_id"]).startswith("ACo") for one in seen)
    assert took < 10


def test_a_part_of_the_relations_comes_without_public_identifier(desk: Desk) -> None:
    desk.admin.post("/populate", count=200, connected_to=ME, quiet=True)
    desk.settings(nameless_fraction=0.3)

    items = desk.get("/users/relations", limit=1000).json["items"]

    nameless = [one for one in items if "public_identifier" not in one]
    assert 30 < len(nameless) < 90


def test_relations_are_filtered_by_name_and_the_cursor_keeps_the_filter(desk: Desk) -> None:
    people = desk.admin.post("/populate", count=60, connected_to=ME)
    name = people[0]["first_name"]
    wanted = {one["profile_id"] for one in people if name.casefold() in one["full_name"].casefold()}

    first = desk.get("/users/relations", filter=name, limit=1).json
    rest = []
    cursor = first["cursor"]
    while cursor:
        page = desk.get("/users/relations", cursor=cursor).json
        rest += page["items"]
        cursor = page["cursor"]

    assert {one["member_id"] for one in first["items"] + rest} == wanted


def test_search_pages_carry_the_question_in_the_cursor(desk: Desk) -> None:
    desk.admin.post("/populate", count=30, quiet=True)
    question = {"api": "classic", "category": "people", "keywords": ""}

    first = desk.post("/linkedin/search", **question).json
    second = desk.post("/linkedin/search", cursor=first["cursor"]).json

    assert first["object"] == "LinkedinSearch"
    assert (first["paging"]["start"], second["paging"]["start"]) == (0, 10)
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}
    assert second["config"]["params"] == question


def test_a_search_can_be_an_address_of_the_site(desk: Desk) -> None:
    url = "https://www.linkedin.com/search/results/people/?keywords=coffee&network=%5B%22F%22%5D"

    (found,) = desk.post("/linkedin/search", url=url).json["items"]

    assert (found["public_identifier"], found["network_distance"]) == (FRIEND, "DISTANCE_1")


def test_classic_filters_take_ids_that_are_looked_up(desk: Desk) -> None:
    listed = desk.get("/linkedin/search/parameters", type="COMPANY", keywords="brindle").json["items"]
    by_id = desk.post("/linkedin/search", api="classic", category="people", company=[listed[0]["id"]]).json
    by_name = desk.post("/linkedin/search", api="classic", category="people", company=["Brindle Freight"])

    assert listed[0]["title"] == "Brindle Freight"
    assert [one["public_identifier"] for one in by_id["items"]] == [STRANGER]
    assert by_name.kind == "invalid_parameters"


def test_companies_are_found_by_number_and_unknown_ones_not(desk: Desk) -> None:
    assert desk.get("/linkedin/company/970001").json["name"] == "Brindle Freight"
    assert desk.get("/linkedin/company/1").status == 404


def test_the_raw_route_says_back_what_would_be_sent(desk: Desk) -> None:
    url = "https://www.linkedin.com/voyager/api/me"

    echoed = desk.post("/linkedin", request_url=url, method="GET", query_params={"a": "b"}).json
    elsewhere = desk.post("/linkedin", request_url="https://example.test/")

    assert (echoed["object"], echoed["data"]["request_url"]) == ("LinkedinRawData", url)
    assert elsewhere.kind == "malformed_request"


def test_a_skill_is_endorsed_by_its_number(desk: Desk) -> None:
    skill = desk.get(f"/users/{FRIEND}", linkedin_sections="skills").json["skills"][0]["endorsement_id"]

    done = desk.post("/linkedin/profile/endorse", profile_id=desk.id_of(FRIEND), skill_endorsement_id=skill)

    assert done.json == {"object": "LinkedinProfileEndorse", "endorsed": True}


def test_a_lead_is_saved_by_the_id_of_that_product(desk: Desk) -> None:
    desk.connect(products=["sales_navigator"])
    sales = desk.get(f"/users/{STRANGER}", linkedin_api="sales_navigator").json["provider_id"]
    action = {"api": "sales_navigator", "action": "saveLead"}

    right = desk.post(f"/linkedin/user/{sales}", **action)
    wrong = desk.post(f"/linkedin/user/{desk.id_of(STRANGER)}", **action)

    assert right.json == {"object": "LinkedinPerformActionOnUser", "success": True}
    assert wrong.kind == "invalid_recipient"


def test_posts_are_read_reacted_to_and_commented(desk: Desk) -> None:
    post = desk.admin.post("/posts", author=FRIEND, text="A plain post")
    shown = desk.get(f"/posts/{post['number']}").json
    reacted = desk.post("/posts/reaction", post_id=shown["social_id"], reaction_type="celebrate")
    commented = desk.post(f"/posts/{shown['social_id']}/comments", text="Well said")
    after = desk.get(f"/posts/{shown['social_id']}").json
    (comment,) = desk.get(f"/posts/{shown['social_id']}/comments").json["items"]
    (reaction,) = desk.get(f"/posts/{shown['social_id']}/reactions").json["items"]

    assert (reacted.status, commented.status) == (201, 201)
    assert "user_reacted" not in shown
    assert (after["user_reacted"], after["comment_counter"]) == ("PRAISE", 1)
    assert (comment["text"], reaction["value"]) == ("Well said", "PRAISE")
    assert desk.kinds() == ["react", "comment"]


def test_posts_refuse_what_the_site_refuses(desk: Desk) -> None:
    made = desk.admin.post("/posts", author=FRIEND, commenters="NONE")
    post = made["urn"]

    answers = [
        desk.post(f"/posts/{post}/comments", text="Well said"),
        desk.post(f"/posts/{post}/comments", text="x" * 1251),
        desk.post("/posts/reaction", post_id=post, reaction_type="curious"),
        desk.post("/posts/reaction", post_id="urn:li:activity:1"),
        desk.post("/posts/reaction", post_id=made["share_urn"]),
    ]

    assert [(one.status, one.kind) for one in answers] == [
        (403, "resource_access_restricted"),
        (400, "too_many_characters"),
        (400, "invalid_parameters"),
        (404, "resource_not_found"),
        (422, "invalid_post"),
    ]
    assert desk.get(f"/posts/{made['share_urn']}").json["social_id"] == post
    assert desk.get(f"/posts/{post}").json["permissions"]["can_post_comments"] is False
