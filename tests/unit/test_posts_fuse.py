"""The fuse's rules for posts: which reaction, comment or follow a request is, and whether it was meant."""

import json
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.linkedin_browser.fuse_rules import Charge, mismatch, read_write, rewritten

HOST = "https://www.linkedin.com"
VOYAGER = f"{HOST}/voyager/api"
SDUI = f"{HOST}/flagship-web/rsc-action/actions/server-request?sduiid=com.linkedin.sdui."
POST, OTHER = "urn:li:activity:7400000000000000001", "urn:li:activity:7400000000000000002"
WORDS = "Clear 👩‍🚀 write-up,\r\nthank\u00a0you."
TOKEN = UUID("5f0c0000-0000-4000-8000-000000000001")
LATER = datetime(2030, 1, 1, tzinfo=UTC)
TARGET, TARGET_NUMBER = "ACoAATarget", 417


def charged(kind: str, **more: object) -> Charge:
    given = {"profile_id": "", "member_id": None, "text": None, "thread_urns": frozenset({POST}), **more}
    return Charge(kind, token=TOKEN, release_before=LATER, **given)  # type: ignore[arg-type]


REACTION = charged("reaction", reaction="PRAISE")
COMMENT = charged("comment", text=WORDS)
FOLLOW = charged("follow", profile_id=TARGET, member_id=TARGET_NUMBER, thread_urns=frozenset())

Request = tuple[str, str]


def thread(urn: str) -> dict[str, object]:
    return {"threadUrnActivityThreadUrn": {"activityUrn": {"activityId": urn.rpartition(":")[2]}}}


def sdui(name: str, payload: dict[str, object]) -> Request:
    return f"{SDUI}{name}", json.dumps({"serverRequest": {"payload": payload}, "payload": payload})


def reactions(urn: str = POST, kind: str = "PRAISE") -> list[Request]:
    """The three forms of one reaction."""
    stored = "voyagerSocialDashReactions.b731222600772fd42464c0fe19bd722b"
    variables = {"entity": {"reactionType": kind}, "threadUrn": urn}
    return [
        (
            f"{VOYAGER}/voyagerSocialDashReactions?threadUrn={quote(urn, safe='')}",
            json.dumps({"reactionType": kind}),
        ),
        (f"{VOYAGER}/graphql?action=execute&queryId={stored}", json.dumps({"variables": variables})),
        sdui("reactions.create", {"threadUrn": thread(urn), "reactionType": f"ReactionType_{kind}"}),
    ]


def comments(urn: str = POST, text: str = WORDS) -> list[Request]:
    """The three forms of one comment."""
    said = {"text": text, "attributesV2": []}
    stored = "voyagerSocialDashNormComments." + "0" * 32
    variables = {"entity": {"commentary": said, "threadUrn": urn}}
    return [
        (
            f"{VOYAGER}/voyagerSocialDashNormComments?decorationId=x",
            json.dumps({"commentary": said, "threadUrn": urn}),
        ),
        (f"{VOYAGER}/graphql?action=execute&queryId={stored}", json.dumps({"variables": variables})),
        sdui("comments.createComment", {"threadUrn": thread(urn), "commentary": said, "renderState": {}}),
    ]


def follows(number: int = TARGET_NUMBER, profile_id: str = TARGET, *, on: bool = True) -> list[Request]:
    """The two forms of one follow."""
    state = quote(f"urn:li:fsd_followingState:urn:li:fsd_profile:{profile_id}", safe="")
    wanted = "FollowStateType_FOLLOW_ACTIVE" if on else "FollowStateType_INACTIVE"
    payload: dict[str, object] = {"followStateType": wanted, "memberUrn": {"memberId": str(number)}}
    return [
        (f"{VOYAGER}/feed/dash/followingStates/{state}", json.dumps({"patch": {"$set": {"following": on}}})),
        sdui("requests.mynetwork.addaUpdateFollowState", payload),
    ]


@pytest.mark.parametrize(
    ("charge", "request_"),
    [
        *((REACTION, one) for one in reactions()),
        *((COMMENT, one) for one in comments()),
        *((FOLLOW, one) for one in follows()),
    ],
)
def test_what_was_meant_passes_in_every_form(charge: Charge, request_: Request) -> None:
    assert mismatch(charge, read_write(*request_)) is None


@pytest.mark.parametrize("request_", reactions(OTHER))
def test_a_reaction_to_another_post_is_blocked(request_: Request) -> None:
    assert mismatch(REACTION, read_write(*request_)) == "identity"


@pytest.mark.parametrize("request_", reactions(kind="LIKE"))
def test_another_reaction_is_blocked(request_: Request) -> None:
    assert mismatch(REACTION, read_write(*request_)) == "reaction"


@pytest.mark.parametrize(
    "request_",
    [
        sdui("reactions.delete", {"threadUrn": thread(POST), "reactionType": "ReactionType_PRAISE"}),
        (f"{VOYAGER}/feed/comments/x", ""),
        *follows(on=False),
        *comments(),
        *follows(),
    ],
)
def test_taking_away_and_every_other_kind_is_blocked(request_: Request) -> None:
    assert mismatch(REACTION, read_write(*request_)) == "kind"


@pytest.mark.parametrize("request_", comments(OTHER))
def test_a_comment_below_another_post_is_blocked(request_: Request) -> None:
    assert mismatch(COMMENT, read_write(*request_)) == "identity"


@pytest.mark.parametrize("request_", comments("urn:li:comment:(activity:7400000000000000001,9)")[:2])
def test_an_answer_to_a_comment_is_no_comment_on_the_post(request_: Request) -> None:
    assert mismatch(COMMENT, read_write(*request_)) == "identity"


@pytest.mark.parametrize("request_", comments(text="Something else"))
def test_other_words_are_blocked(request_: Request) -> None:
    assert mismatch(COMMENT, read_write(*request_)) == "text"


@pytest.mark.parametrize("request_", [follows(profile_id="ACoAAOther")[0], follows(number=418)[1]])
def test_following_somebody_else_is_blocked(request_: Request) -> None:
    assert mismatch(FOLLOW, read_write(*request_)) == "identity"


@pytest.mark.parametrize("request_", [*reactions(), *comments(), *follows()])
@pytest.mark.parametrize("body", ["", "[]", "{}", "not json"])
def test_what_cannot_be_read_never_passes(request_: Request, body: str) -> None:
    seen = read_write(request_[0], body)
    assert all(mismatch(charge, seen) is not None for charge in (REACTION, COMMENT, FOLLOW))


def test_a_request_that_names_two_posts_or_two_texts_never_passes() -> None:
    url, body = reactions()[0]
    both = json.loads(body) | {"threadUrn": OTHER}
    assert mismatch(REACTION, read_write(url, json.dumps(both))) == "identity"

    url, _ = comments()[2]
    payload = {"threadUrn": thread(POST), "commentary": {"text": WORDS}}
    second = {"threadUrn": thread(POST), "commentary": {"text": "More"}}
    seen = read_write(url, json.dumps({"payload": payload, "serverRequest": {"payload": second}}))
    assert mismatch(COMMENT, seen) is not None


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(TEXT)
@pytest.mark.parametrize("form", [0, 1, 2])
def test_a_comment_leaves_exactly_as_given(form: int, text: str) -> None:
    out = rewritten(charged("comment", text=text), comments(text="as the page had it")[form][1])

    assert read_write(comments()[form][0], out).text == text


@pytest.mark.parametrize(("charge", "request_"), [(REACTION, reactions()[0]), (FOLLOW, follows()[0])])
def test_what_has_no_words_leaves_as_the_page_made_it(charge: Charge, request_: Request) -> None:
    assert json.loads(rewritten(charge, request_[1])) == json.loads(request_[1])
