"""Every switch does what it says, and the ledger tells what really happened."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from visitor import ME, Visitor, entity

from overture_sandbox.testing import AdminError

PRISCA, JONAS, LENA = "prisca-hollowell-sbx", "jonas-fernweh-sbx", "lena-vogtmann-sbx"
CUT = (ConnectionError, OSError)


def state_of(mira: Visitor, slug: str) -> str:
    state: str = mira.sandbox.admin.get(f"/members/{slug}")["relationships"][ME]["state"]
    return state


def test_dropped_after_commit_has_happened(mira: Visitor) -> None:
    mira.sandbox.admin.fault("drop_after_commit", "invite", times=1)

    with pytest.raises(CUT):
        mira.invite(PRISCA)

    assert len(mira.sandbox.admin.ledger(kind="invite")) == 1
    assert state_of(mira, PRISCA) == "pending"
    assert mira.get("/voyager/api/me").status == 200


def test_dropped_before_commit_has_not(mira: Visitor) -> None:
    mira.sandbox.admin.fault("drop_before_commit", "send_message", times=1)

    with pytest.raises(CUT):
        mira.message(JONAS, "hello")

    assert mira.sandbox.admin.ledger(kind="message") == []
    assert mira.message(JONAS, "hello").status == 200


def test_a_given_status_commits_nothing_and_keeps_its_body_and_headers(mira: Visitor) -> None:
    body = {"data": {"status": 429, "code": "FUSE_LIMIT_EXCEEDED"}, "included": []}
    mira.sandbox.admin.fault("status", "invite", status=429, body=body, headers={"Retry-After": "600"})

    answer = mira.invite(PRISCA)

    assert (answer.status, answer.json, answer.headers["retry-after"]) == (429, body, "600")
    assert mira.sandbox.admin.ledger() == []


def test_html_instead_of_json(mira: Visitor) -> None:
    mira.sandbox.admin.fault("status", "profile", status=200, body="<html>Sign in</html>")

    answer = mira.profile(PRISCA)

    assert (answer.status, answer.text) == (200, "<html>Sign in</html>")
    assert answer.headers["content-type"].startswith("text/html")


def test_a_rule_counts_what_it_lets_pass_and_how_often_it_fires(mira: Visitor) -> None:
    rule = mira.sandbox.admin.fault("status", "me", status=500, skip=1, times=2)

    statuses = [mira.get("/voyager/api/me").status for _ in range(5)]

    assert statuses == [200, 500, 500, 200, 200]
    [seen] = mira.sandbox.admin.get("/faults")
    assert (seen["id"], seen["fired"]) == (rule["id"], 2)


def test_a_rule_may_mean_one_account_and_one_target(mira: Visitor) -> None:
    mira.sandbox.admin.post("/logins", username="other@sandbox.test", password="pw")
    other = Visitor(mira.sandbox).log_in_as("other@sandbox.test")
    mira.sandbox.admin.fault("status", "profile", status=500, account=ME, target=PRISCA)

    assert [mira.profile(one).status for one in (PRISCA, JONAS)] == [500, 200]
    assert other.profile(PRISCA).status == 200


def test_lagging_reads_hide_only_what_came_after_the_lag_began(mira: Visitor) -> None:
    mira.sandbox.admin.post("/clock", freeze=True)
    mira.sandbox.admin.fault("read_lag", "sent_invitations", seconds=20)
    mira.invite(PRISCA)

    def sent() -> int:
        total: int = mira.sent().json["data"]["paging"]["total"]
        return total

    assert sent() == 1
    assert state_of(mira, PRISCA) == "pending"
    mira.sandbox.admin.post("/clock", advance_s=21)
    assert sent() == 2


def test_lagging_profiles_and_inboxes(mira: Visitor) -> None:
    mira.sandbox.admin.post("/clock", freeze=True)
    for endpoint in ("profile", "conversations", "messages"):
        mira.sandbox.admin.fault("read_lag", endpoint, seconds=15)
    mira.invite(PRISCA)
    urn = mira.message(JONAS, "hello").json["value"]["conversationUrn"]

    def seen() -> tuple[bool, int, int]:
        relation = entity(mira.profile(PRISCA), f"urn:li:fsd_memberRelationship:{mira.id_of(PRISCA)}")
        union = relation["memberRelationshipUnion"]["noConnection"]["invitationUnion"]
        threads = mira.conversations().json["data"]["messengerConversationsBySyncToken"]["elements"]
        messages = mira.messages(urn).json["data"]["messengerMessagesBySyncToken"]["elements"]
        return "*invitation" in union, len(threads), len(messages)

    assert seen() == (False, 0, 0)
    mira.sandbox.admin.post("/clock", advance_s=16)
    assert seen() == (True, 1, 1)


def test_latency_and_slow_acknowledgement(mira: Visitor) -> None:
    mira.sandbox.admin.fault("latency", "me", seconds=0.2, times=1)
    mira.sandbox.admin.fault("slow_ack", "invite", seconds=0.4, times=1)
    started = time.monotonic()
    mira.get("/voyager/api/me")
    assert time.monotonic() - started >= 0.2

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(mira.invite, PRISCA)
        while not mira.sandbox.admin.ledger(kind="invite"):
            assert not answer.done(), "answered before it happened"
        assert not answer.done(), "the answer came as soon as it had happened"
        assert answer.result().status == 200


def test_a_hanging_request_never_answers_and_changes_nothing(mira: Visitor) -> None:
    mira.sandbox.admin.fault("hang", "me", times=1)

    with pytest.raises(TimeoutError):
        mira.send("GET", "/voyager/api/me", timeout=0.3)

    assert mira.get("/voyager/api/me").status == 200


def test_an_optimistic_page_is_lied_to(mira: Visitor) -> None:
    mira.sandbox.admin.fault("optimistic_revert", "invite", revert_after_s=4)

    answer = mira.invite(PRISCA)

    assert (answer.status, answer.json["data"]["code"]) == (429, "FUSE_LIMIT_EXCEEDED")
    assert mira.sandbox.admin.ledger() == []


def test_a_message_that_fails_is_not_in_the_ledger(mira: Visitor) -> None:
    mira.sandbox.admin.fault("failed_marker", "send_message", times=1)

    assert mira.message(JONAS, "hello").status == 500
    assert mira.sandbox.admin.ledger() == []


def test_pages_are_behind_the_same_switches(mira: Visitor) -> None:
    mira.sandbox.admin.fault("status", "page:profile", status=999, target=PRISCA)
    mira.sandbox.admin.fault("expire_session", "page:feed")

    assert mira.get(f"/in/{PRISCA}/").status == 999
    feed = mira.get("/feed/")
    assert (feed.status, feed.headers["location"].split("?")[0]) == (302, "/uas/login")
    assert mira.get("/voyager/api/me").status == 401


def test_switches_can_be_removed(mira: Visitor) -> None:
    one = mira.sandbox.admin.fault("status", "me", status=500)
    mira.sandbox.admin.delete(f"/faults/{one['id']}")
    assert mira.get("/voyager/api/me").status == 200

    mira.sandbox.admin.fault("status", "me", status=500)
    mira.sandbox.admin.delete("/faults")
    assert mira.get("/voyager/api/me").status == 200


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"kind": "explode", "endpoint": "me"}, "kind"),
        ({"kind": "status", "endpoint": "nowhere"}, "endpoint"),
        ({"kind": "status", "endpoint": "me", "times": "often"}, "times"),
        ({"kind": "status", "endpoint": "me", "target": "nobody"}, "target"),
        ({"kind": "status", "endpoint": "me", "colour": "red"}, "colour"),
    ],
)
def test_a_bad_rule_is_refused_by_field(mira: Visitor, rule: dict[str, object], field: str) -> None:
    with pytest.raises(AdminError, match=rf'"field":\s*"{field}"') as refused:
        mira.sandbox.admin.post("/faults", rule)

    assert refused.value.status == 400
