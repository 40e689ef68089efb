"""Posts at the site's JSON: reacting, commenting, following, and what reads of them show."""

from typing import Any
from urllib.parse import quote

import pytest
from visitor import ME, Answer, Visitor, entity

JONAS, PRISCA, TOMAS = "jonas-fernweh-sbx", "prisca-hollowell-sbx", "tomas-kettering-sbx"
MIRA = "mira-oxbow-sbx"
TEXT = "Clear 👩‍🚀 write-up,\r\nthank\u00a0you."
SDUI = "/flagship-web/rsc-action/actions/server-request?sduiid="
EXECUTE = "/voyager/api/graphql?action=execute&queryId="


def published(mira: Visitor, author: str = PRISCA, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = mira.sandbox.admin.post("/posts", author=author, **fields)
    return made


def reacted(mira: Visitor, urn: str, kind: str) -> Answer:
    path = f"/voyager/api/voyagerSocialDashReactions?threadUrn={quote(urn, safe='')}"
    return mira.post(path, {"reactionType": kind})


def commented(mira: Visitor, urn: str, text: str = TEXT) -> Answer:
    path = "/voyager/api/voyagerSocialDashNormComments?decorationId=x"
    return mira.post(path, {"commentary": {"text": text, "attributesV2": []}, "threadUrn": urn})


def comments_of(mira: Visitor, urn: str, **query: str) -> Any:
    path = "/voyager/api/feed/comments"
    return mira.get(path, q="comments", updateId=urn, sortOrder="CHRON", **query).json


def server_request(mira: Visitor, name: str, payload: dict[str, object]) -> Answer:
    return mira.post(
        SDUI + name, {"requestId": name, "serverRequest": {"requestId": name, "payload": payload}}
    )


def thread(post: dict[str, Any]) -> dict[str, object]:
    return {"threadUrnActivityThreadUrn": {"activityUrn": {"activityId": str(post["number"])}}}


def test_a_reaction_is_taken_without_a_body_and_is_read_back(mira: Visitor) -> None:
    post = published(mira, crowd=12)

    answer = reacted(mira, post["urn"], "PRAISE")

    me = mira.urn_of(MIRA)
    urn = f"urn:li:fsd_reaction:({me},{post['urn']},0)"
    assert (answer.status, answer.raw, answer.headers["x-restli-id"]) == (201, b"", urn)
    [entry] = mira.sandbox.admin.ledger(kind="react")
    assert (entry["account"], entry["target"], entry["text"], entry["urn"]) == (ME, PRISCA, "PRAISE", urn)
    read = mira.get("/voyager/api/voyagerSocialDashReactions", q="reactionType", threadUrn=post["urn"])
    assert read.json["data"]["paging"]["total"] == 13
    assert entity(read, urn)["reactionType"] == "PRAISE"


def test_another_reaction_replaces_the_first_and_the_same_is_nothing_new(mira: Visitor) -> None:
    post = published(mira)
    for kind in ("LIKE", "LIKE", "INTEREST"):
        assert reacted(mira, post["urn"], kind).status == 201

    assert [entry["text"] for entry in mira.sandbox.admin.ledger(kind="react")] == ["LIKE", "INTEREST"]
    assert mira.sandbox.admin.get(f"/posts/{post['urn']}")["reactions"] == {MIRA: "INTEREST"}


@pytest.mark.parametrize(("kind", "status"), [("MAYBE", 400), ("CELEBRATE", 400), ("LIKE", 201)])
def test_only_the_six_names_of_the_interface_are_reactions(mira: Visitor, kind: str, status: int) -> None:
    assert reacted(mira, published(mira)["urn"], kind).status == status


def test_the_graphql_and_sdui_forms_do_the_same(mira: Visitor) -> None:
    one, other = published(mira), published(mira)
    body = {"variables": {"entity": {"reactionType": "EMPATHY"}, "threadUrn": one["urn"]}}
    query = "voyagerSocialDashReactions.b731222600772fd42464c0fe19bd722b"

    executed = mira.post(EXECUTE + query, body)
    created = server_request(
        mira,
        "com.linkedin.sdui.reactions.create",
        {
            "threadUrn": thread(other),
            "reactionType": "ReactionType_ENTERTAINMENT",
            "reactionSource": "Update",
        },
    )
    removed = server_request(
        mira,
        "com.linkedin.sdui.reactions.delete",
        {"threadUrn": thread(one), "reactionType": "ReactionType_EMPATHY"},
    )

    assert (executed.status, created.status, removed.status) == (200, 200, 200)
    ledger = mira.sandbox.admin.ledger(account=ME)
    assert [(entry["kind"], entry["text"], entry["via"]) for entry in ledger] == [
        ("react", "EMPATHY", "voyager"),
        ("react", "ENTERTAINMENT", "sdui"),
        ("unreact", "EMPATHY", "sdui"),
    ]


def test_a_graphql_write_that_fails_says_so_with_status_200(mira: Visitor) -> None:
    answer = mira.post(
        EXECUTE + "voyagerSocialDashReactions." + "0" * 32, {"variables": {"threadUrn": "nobody"}}
    )

    assert answer.status == 200
    assert answer.json["data"]["errors"]


def test_a_comment_is_kept_byte_for_byte_and_listed_oldest_first(mira: Visitor) -> None:
    post = published(mira)
    mira.sandbox.admin.post(f"/posts/{post['urn']}/comments", member=JONAS, text="First.")

    answer = commented(mira, post["urn"])

    assert answer.status == 201
    listed = comments_of(mira, post["urn"])
    rows = [one for one in listed["included"] if one["$type"] == "com.linkedin.voyager.feed.Comment"]
    assert [one["commentary"]["text"] for one in rows] == ["First.", TEXT]
    assert rows[1]["commenter"]["*miniProfile"].endswith(mira.id_of(MIRA))
    [entry] = mira.sandbox.admin.ledger(kind="comment", account=ME)
    assert (entry["text"], entry["target"], entry["urn"]) == (TEXT, PRISCA, rows[1]["urn"])
    assert comments_of(mira, post["share_urn"])["data"]["*elements"] == []


def test_the_newer_pages_comment_with_the_state_they_have(mira: Visitor) -> None:
    post = published(mira)
    payload: dict[str, object] = {"threadUrn": thread(post), "commentary": {"text": TEXT, "attributes": []}}
    name = "com.linkedin.sdui.comments.createComment"

    replayed = server_request(mira, name, payload)
    real = server_request(mira, name, {**payload, "renderState": {"pageInstance": "p"}})

    assert (replayed.status, real.status) == (500, 200)
    assert [entry["via"] for entry in mira.sandbox.admin.ledger(kind="comment")] == ["sdui"]


@pytest.mark.parametrize(
    ("author", "scope", "status"),
    [
        (PRISCA, "NONE", 403),
        (PRISCA, "CONNECTIONS_ONLY", 403),
        (JONAS, "CONNECTIONS_ONLY", 201),
        (PRISCA, "ALL", 201),
    ],
)
def test_authors_say_who_may_comment(mira: Visitor, author: str, scope: str, status: int) -> None:
    assert commented(mira, published(mira, author, commenters=scope)["urn"]).status == status


def test_a_deleted_post_is_not_there(mira: Visitor) -> None:
    post = published(mira, deleted=True)

    assert reacted(mira, post["urn"], "LIKE").status == 400
    path = "/voyager/api/feed/comments"
    assert mira.get(path, q="comments", updateId=post["urn"]).status == 404
    assert "This post cannot be displayed" in mira.get(f"/feed/update/{post['urn']}/").text


def test_only_ones_own_comment_is_deleted_by_its_own_urn(mira: Visitor) -> None:
    post = published(mira)
    mira.sandbox.admin.post(f"/posts/{post['urn']}/comments", member=JONAS, text="His.")
    commented(mira, post["urn"])
    his, mine = (one["number"] for one in mira.sandbox.admin.get(f"/posts/{post['urn']}")["comments"])
    urns = [f"urn:li:comment:(activity:{post['number']},{number})" for number in (his, mine)]

    statuses = [
        mira.send("DELETE", f"/voyager/api/feed/comments/{quote(urn, safe='')}").status for urn in urns
    ]

    assert statuses == [400, 204]
    left = mira.sandbox.admin.get(f"/posts/{post['urn']}")["comments"]
    assert [one["text"] for one in left] == ["His."]


def test_following_shows_in_every_read(mira: Visitor) -> None:
    name = "com.linkedin.sdui.requests.mynetwork.addaUpdateFollowState"
    number = mira.sandbox.admin.get(f"/members/{TOMAS}")["number"]
    payload: dict[str, object] = {"memberUrn": {"memberId": str(number)}}
    before = following(mira, TOMAS)

    on = server_request(mira, name, {**payload, "followStateType": "FollowStateType_FOLLOW_ACTIVE"})

    assert (on.status, before, following(mira, TOMAS)) == (200, [False, False], [True, True])
    state = quote(f"urn:li:fsd_followingState:{mira.urn_of(TOMAS)}", safe="")
    off = mira.post(
        f"/voyager/api/feed/dash/followingStates/{state}", {"patch": {"$set": {"following": False}}}
    )
    assert (off.status, following(mira, TOMAS)) == (204, [False, False])
    kinds = [entry["kind"] for entry in mira.sandbox.admin.ledger(target=TOMAS, account=ME)]
    assert kinds == ["follow", "unfollow"]


def test_connections_are_followed_from_the_start(mira: Visitor) -> None:
    assert following(mira, JONAS) == [True, True]


def following(mira: Visitor, slug: str) -> list[bool]:
    card = entity(mira.top_card(slug), f"urn:li:fsd_followingState:{mira.urn_of(slug)}")["following"]
    return [card, mira.get(f"/voyager/api/identity/profiles/{slug}/networkinfo").json["data"]["following"]]
