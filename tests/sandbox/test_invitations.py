"""Inviting, its refusals, its lists, and what people do with invitations: checked against the ledger."""

import pytest
from visitor import CREATE_INVITE, ME, PLAIN, Visitor, entity

PRISCA, JONAS, LENA = "prisca-hollowell-sbx", "jonas-fernweh-sbx", "lena-vogtmann-sbx"
NOTE = "Hi Prisca 👩‍💻,\nwe both build freight data tools.\r\n\u00a0M."


def test_an_invite_is_pending_and_its_note_is_kept_byte_for_byte(mira: Visitor) -> None:
    answer = mira.invite(PRISCA, NOTE)

    [entry] = mira.sandbox.admin.ledger(kind="invite")
    value = answer.json["data"]["value"]
    assert answer.status == 200
    assert entry["text"] == NOTE
    assert (entry["account"], entry["target"], entry["via"]) == (ME, PRISCA, "voyager")
    assert entry["urn"] == value["invitationUrn"] == value["*invitation"]
    assert len(value["invitationUrn"].rsplit(":", 1)[1]) == 19


def test_the_newer_pages_invite_with_a_server_request(mira: Visitor) -> None:
    path = "/flagship-web/rsc-action/actions/server-request?sduiid="
    payload = {
        "inviteeUrn": {"memberId": "900000532"},
        "nonIterableProfileId": mira.id_of(PRISCA),
        "renderMode": "IconAndText",
        "firstName": "Prisca",
        "lastName": "Hollowell",
    }
    arguments = {"$type": "proto.sdui.actions.requests.RequestedArguments", "payload": payload}
    name = "com.linkedin.sdui.requests.mynetwork.addaAddConnection"

    answer = mira.post(path + name, {"requestId": name, "serverRequest": {"requestedArguments": arguments}})
    half = mira.post(path + name, {"requestId": name})

    assert (answer.status, half.status) == (200, 500)
    [entry] = mira.sandbox.admin.ledger(kind="invite")
    assert (entry["target"], entry["via"], entry["text"]) == (PRISCA, "sdui", None)


@pytest.mark.parametrize(
    ("arranged", "code", "status"),
    [("pending", "ALREADY_INVITED", 400), ("connected", "ALREADY_CONNECTED", 400)],
)
def test_a_second_invite_is_refused(mira: Visitor, arranged: str, code: str, status: int) -> None:
    mira.sandbox.admin.put("/relationships", account=ME, member=PRISCA, state=arranged)

    answer = mira.invite(PRISCA)

    assert (answer.status, answer.json["data"]["code"]) == (status, code)
    assert mira.sandbox.admin.ledger(kind="invite") == []


def test_after_a_withdrawal_one_has_to_wait(mira: Visitor) -> None:
    urn = mira.invite(PRISCA).json["data"]["value"]["invitationUrn"]
    path = f"/voyager/api/voyagerRelationshipsDashInvitations/{urn}?action=withdraw"
    assert mira.post(path, {"invitationType": "CONNECTION"}).status == 200

    too_soon = mira.invite(PRISCA)
    mira.sandbox.admin.post("/clock", advance_s=22 * 86400)
    later = mira.invite(PRISCA)

    assert too_soon.json["data"]["code"] == "CANT_RESEND_YET"
    assert later.status == 200
    assert [one["kind"] for one in mira.sandbox.admin.ledger(target=PRISCA)] == [
        "invite",
        "withdraw",
        "invite",
    ]


def test_the_limits_of_an_account(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/logins/{ME}", notes_remaining=0, note_limit=200, invites_per_week=2)
    people = mira.sandbox.admin.post("/populate", count=2)

    too_long = mira.invite(PRISCA, "x" * 201)
    no_notes_left = mira.invite(PRISCA, "x" * 198)
    mira.invite(PRISCA)  # the second of the week: Lena was asked before
    one_too_many = mira.invite(people[0]["slug"])

    assert (too_long.status, too_long.json["data"]["code"]) == (400, "CUSTOM_MESSAGE_TOO_LONG")
    assert no_notes_left.json["data"]["code"] == "PERSONALIZED_INVITATION_QUOTA_EXCEEDED"
    assert (one_too_many.status, one_too_many.json["data"]["code"]) == (429, "FUSE_LIMIT_EXCEEDED")
    assert len(mira.sandbox.admin.ledger(kind="invite")) == 1


def test_errors_have_two_shapes(mira: Visitor) -> None:
    body = {"invitee": {"inviteeUnion": {"memberProfile": mira.urn_of(JONAS)}}}

    plain = mira.post(CREATE_INVITE, body, PLAIN).json

    assert (plain["status"], plain["code"]) == (400, "ALREADY_CONNECTED")


def test_some_people_ask_for_their_email_address(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/members/{PRISCA}", email_required=True, email="p@h.test")
    union = {"memberProfile": mira.urn_of(PRISCA)}

    without = mira.post(CREATE_INVITE, {"invitee": {"inviteeUnion": union}})
    named = {"invitee": {"inviteeUnion": {**union, "email": {"email": "P@h.test"}}}}

    assert without.status == 422
    assert mira.post(CREATE_INVITE, named).status == 200
    assert mira.profile(PRISCA).json["data"]["*elements"]


def test_the_sent_list_is_newest_first_and_counted(mira: Visitor) -> None:
    mira.invite(PRISCA)

    answer = mira.sent()
    facet = mira.get("/voyager/api/voyagerRelationshipsDashGenericInvitationFacets", q="sent").json["data"]

    rows = [entity(answer, urn)["*invitation"] for urn in answer.json["data"]["*elements"]]
    people = [entity(answer, entity(answer, row)["*toMember"])["publicIdentifier"] for row in rows]
    assert people == [PRISCA, LENA]
    assert answer.json["data"]["paging"]["total"] == facet["numTotalSentInvitations"] == 2


def test_received_invitations_and_accepting_one(mira: Visitor) -> None:
    mira.sandbox.admin.post(f"/people/{PRISCA}/invite", account=ME, text="Hello Mira")
    path = "/voyager/api/relationships/invitationViews?q=receivedInvitation&start=0&count=10"
    [view] = mira.get(path, PLAIN).json["elements"]
    invitation = view["invitation"]
    number = invitation["entityUrn"].rsplit(":", 1)[1]

    body = {"invitationId": number, "invitationSharedSecret": invitation["sharedSecret"]}
    accepted = mira.post(f"/voyager/api/relationships/invitations/{number}?action=accept", body)

    assert (invitation["fromMember"]["publicIdentifier"], invitation["message"]) == (PRISCA, "Hello Mira")
    assert accepted.status == 200
    assert [one["kind"] for one in mira.sandbox.admin.ledger()] == ["incoming_invite", "accept"]
    assert mira.sandbox.admin.ledger(kind="accept")[0]["account"] == ME


def test_an_accepted_invite_appears_at_the_top_of_the_connections(mira: Visitor) -> None:
    mira.invite(PRISCA)
    mira.sandbox.admin.post(f"/people/{PRISCA}/accept", account=ME)

    answer = mira.get("/voyager/api/relationships/dash/connections", q="search", sortType="RECENTLY_ADDED")

    first, second = (entity(answer, urn) for urn in answer.json["data"]["*elements"])
    assert entity(answer, first["connectedMember"])["publicIdentifier"] == PRISCA
    assert first["createdAt"] >= second["createdAt"]
    assert len(mira.sent().json["data"]["*elements"]) == 1
    [entry] = mira.sandbox.admin.ledger(kind="accept")
    assert (entry["account"], entry["target"]) == (PRISCA, "mira-oxbow-sbx")


def test_nobody_can_answer_for_another(mira: Visitor) -> None:
    urn = mira.invite(PRISCA).json["data"]["value"]["invitationUrn"]

    answer = mira.post(f"/voyager/api/voyagerRelationshipsDashInvitations/{urn}?action=accept", {})

    assert answer.status == 404
    assert mira.sandbox.admin.ledger(kind="accept") == []


ACTION = "com.linkedin.sdui.requests.mynetwork.addaInvitationAction"


def server_request(mira: Visitor, number: str, **action: str) -> int:
    """E12 as the newer pages send it; the status of the answer."""
    payload = {**action, "invitationUrn": {"invitationId": number}}
    body = {"requestId": ACTION, "serverRequest": {"requestId": ACTION, "payload": payload}}
    path = f"/flagship-web/rsc-action/actions/server-request?sduiid={ACTION}"
    return mira.post(path, body).status


@pytest.mark.parametrize(("verb", "kind"), [("ACCEPT", "accept"), ("IGNORE", "decline")])
def test_the_newer_pages_answer_with_a_server_request(mira: Visitor, verb: str, kind: str) -> None:
    mira.sandbox.admin.post(f"/people/{PRISCA}/invite", account=ME)
    [entry] = mira.sandbox.admin.ledger(kind="incoming_invite")
    number = entry["urn"].rsplit(":", 1)[1]

    status = server_request(mira, number, inviteeActionType=f"InviteeActionType_{verb}")
    nonsense = server_request(mira, number, inviteeActionType="InviteeActionType_SHRUG")

    assert (status, nonsense) == (200, 500)
    [done] = mira.sandbox.admin.ledger(kind=kind)
    assert (done["account"], done["target"], done["via"]) == (ME, PRISCA, "sdui")


def test_only_the_sender_takes_an_invitation_back(mira: Visitor) -> None:
    mine = mira.invite(PRISCA).json["data"]["value"]["invitationUrn"].rsplit(":", 1)[1]
    mira.sandbox.admin.put("/relationships", account=ME, member=JONAS, state="none")
    mira.sandbox.admin.post(f"/people/{JONAS}/invite", account=ME)
    [theirs] = mira.sandbox.admin.ledger(kind="incoming_invite")
    action = {"inviterActionType": "InviterActionType_WITHDRAW"}

    assert server_request(mira, mine, **action) == 200
    assert server_request(mira, theirs["urn"].rsplit(":", 1)[1], **action) == 500
    assert [one["target"] for one in mira.sandbox.admin.ledger(kind="withdraw")] == [PRISCA]


def test_an_invitation_taken_back_long_ago_blocks_no_more(mira: Visitor) -> None:
    made = mira.sandbox.admin.post("/scenarios/inv-cant-resend", username="wait@sandbox.test")
    target = made["people"]["target"]["slug"]
    assert mira.sandbox.admin.ledger(account="wait@sandbox.test") == []

    other = Visitor(mira.sandbox).log_in_as("wait@sandbox.test")
    too_soon = other.invite(target)
    mira.sandbox.admin.post("/clock", advance_s=13 * 86400)
    later = other.invite(target)

    assert too_soon.json["data"]["code"] == "CANT_RESEND_YET"
    assert later.status == 200
