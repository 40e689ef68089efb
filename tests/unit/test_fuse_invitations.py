"""The fuse and invitations of others: accepting and withdrawing pass by number, declining never."""

import json
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import pytest

from overture.providers.linkedin_browser.fuse_rules import Charge, WriteSeen, mismatch, read_write, rewritten

SITE = "https://www.linkedin.com"
DASH = f"{SITE}/voyager/api/voyagerRelationshipsDashInvitations/urn%3Ali%3Afsd_invitation%3A790"
LEGACY = f"{SITE}/voyager/api/relationships/invitations/790"
SDUI = f"{SITE}/flagship-web/rsc-action/actions/server-request?sduiid=com.linkedin.sdui.requests.mynetwork."
Verb = Literal["accept", "withdraw"]


def charge(kind: Verb, number: str = "790") -> Charge:
    return Charge(
        kind, "ACoAAsomebody", 7, None, UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC), invitation_id=number
    )


def sdui(number: str = "790", **action: str) -> str:
    payload = {**action, "invitationUrn": {"invitationId": number}}
    return json.dumps({"requestId": "x", "serverRequest": {"payload": payload}, "payload": payload})


@pytest.mark.parametrize("verb", ["accept", "withdraw"])
@pytest.mark.parametrize("address", [DASH, LEGACY])
def test_the_one_invitation_that_was_meant_passes(verb: Verb, address: str) -> None:
    seen = read_write(f"{address}?action={verb}", '{"invitationType":"CONNECTION","sharedSecret":null}')

    assert (seen.kind, seen.invitation_id) == (verb, "790")
    assert mismatch(charge(verb), seen) is None
    assert mismatch(charge(verb, "791"), seen) == "identity"
    assert mismatch(charge("accept" if verb == "withdraw" else "withdraw"), seen) == "kind"


@pytest.mark.parametrize(
    ("verb", "action"),
    [
        ("accept", {"inviteeActionType": "InviteeActionType_ACCEPT"}),
        ("withdraw", {"inviterActionType": "InviterActionType_WITHDRAW"}),
    ],
)
def test_the_newer_form_passes_too(verb: Verb, action: dict[str, str]) -> None:
    seen = read_write(f"{SDUI}addaInvitationAction", sdui(**action))

    assert mismatch(charge(verb), seen) is None
    assert mismatch(charge(verb, "791"), seen) == "identity"


@pytest.mark.parametrize("verb", ["accept", "withdraw"])
@pytest.mark.parametrize(
    ("url", "body"),
    [
        (f"{DASH}?action=reject", "{}"),
        (f"{DASH}?action=ignore", "{}"),
        (f"{DASH}?action=accept&action=reject", "{}"),
        (f"{DASH}?action=accept", '{"invitationId":"791"}'),
        (f"{LEGACY}?action=reject", '{"invitationId":"790"}'),
        (f"{SDUI}addaInvitationAction", sdui(inviteeActionType="InviteeActionType_IGNORE")),
        (f"{SDUI}addaInvitationAction", sdui(inviteeActionType="A_ACCEPT", inviterActionType="B_WITHDRAW")),
        (f"{SDUI}addaInvitationAction", sdui(number="", inviteeActionType="InviteeActionType_ACCEPT")),
    ],
)
def test_declining_and_whatever_is_ambiguous_never_passes(verb: Verb, url: str, body: str) -> None:
    assert mismatch(charge(verb), read_write(url, body)) is not None


def test_a_request_without_a_number_is_nobodys() -> None:
    assert mismatch(charge("accept"), WriteSeen("accept", "/x")) == "identity"


def test_nothing_is_changed_in_such_a_request() -> None:
    body = '{"invitationType":"CONNECTION","sharedSecret":"s"}'

    assert json.loads(rewritten(charge("accept"), body)) == json.loads(body)
