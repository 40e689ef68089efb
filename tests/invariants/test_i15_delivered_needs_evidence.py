"""I15: a send that is reported as done has a reference that can be read again at the service.

M17, the known bug: a send counts as done when its request was answered 200, whatever the answer said.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from onsite import OnSite, open_site
from overture.core.errors import Uncertain
from overture.providers.linkedin_browser.message import MessageWrite
from overture.providers.linkedin_browser.registry import WRITERS
from overture.runs import Run
from overture.touchpoints import (
    Accepted,
    Connect,
    Evidence,
    InMail,
    Intent,
    Message,
    MessageSent,
    Outcome,
    Touchpoint,
)
from product import MakeApp

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MESSAGES = "messengerMessages.5846eeb71c981f11e0134cb6626cc314"
CREATED: dict[str, object] = {
    "entityUrn": "urn:li:msg_message:(urn:li:fsd_profile:ACoAA,2-bm93aGVyZQ==)",
    "conversationUrn": "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAA,2-bm93aGVyZQ==)",
}
LIES: dict[str, object] = {
    "errors": {"data": {"errors": [{"message": "Something went wrong"}]}},
    "an empty value": {"value": {}},
    "a value without the message": {"value": {"conversationUrn": CREATED["conversationUrn"]}},
    "a message that is nowhere": {"value": CREATED},
    "a page of HTML": "<!doctype html><title>LinkedIn</title>",
}
"""Answers of status 200 to a message that was not taken in."""


class SuccessOn200(MessageWrite):
    """M17."""

    async def act(self, intent: Intent) -> Accepted:
        answer = await self._fire(intent)
        if answer.status != 200:
            raise Uncertain("not 200")
        return Accepted(Evidence("write_answer", {"status": answer.status}))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        identity = self._known()
        sent = MessageSent(message_urn="", public_identifier=identity.slug, profile_id=identity.profile_id)
        return sent, accepted.evidence


@pytest.fixture
def mutant() -> Iterator[None]:
    """The bug, put back for one test."""
    real = WRITERS["message"]
    WRITERS["message"] = SuccessOn200
    yield
    WRITERS["message"] = real


def can_be_read_again(site: OnSite, username: str, run: Run) -> bool:
    """The service shows the account what the run refers to, with exactly the run's words."""
    result, given = run.result or {}, run.touchpoint_input
    if "invitation_urn" in result:
        entries = site.ledger(kind="invite", account=username)
        return any(entry["urn"] == result["invitation_urn"] for entry in entries)
    conversation = result.get("conversation_urn")
    if not isinstance(conversation, str):
        return False
    words = given.get("message") or given.get("body")
    found = messages_of(site, username, conversation)
    return any(one["entityUrn"] == result["message_urn"] and one["body"]["text"] == words for one in found)


def messages_of(site: OnSite, username: str, conversation: str) -> list[dict[str, Any]]:
    """The thread as the service gives it to a fresh session of the account."""
    session = site.admin.post("/sessions", account=username)
    headers = {
        "accept": "application/graphql",
        "csrf-token": session["csrf_token"],
        "cookie": f'li_at={session["li_at"]}; JSESSIONID="{session["csrf_token"]}"',
    }
    path = f"/voyager/api/voyagerMessagingGraphQL/graphql?queryId={MESSAGES}"
    connection = HTTPConnection(urlsplit(site.sandbox.url).netloc, timeout=10)
    try:
        connection.request(
            "GET", f"{path}&variables=(conversationUrn:{quote(conversation, safe='')})", headers=headers
        )
        body = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    found: list[dict[str, Any]] = (
        body.get("data", {}).get("messengerMessagesBySyncToken", {}).get("elements", [])
    )
    return found


def is_kept(site: OnSite, username: str, run: Run) -> bool:
    """I15 for one run."""
    is_delivered = run.status == "completed" and run.effect == "confirmed"
    return not is_delivered or (bool(run.evidence) and can_be_read_again(site, username, run))


async def test_every_delivered_send_can_be_read_again(make_app: MakeApp) -> None:
    async with open_site(make_app) as site:
        username = await site.account("ada", inmail_credits=3)
        [login] = [one for one in site.admin.get("/logins") if one["username"] == username]
        site.admin.patch(f"/members/{login['slug']}", {"premium": True})
        friend, stranger, other = (
            site.person(username, "connected"),
            site.person(username),
            site.person(username),
        )
        sends: list[Touchpoint] = [
            Message(public_identifier=friend, message="Hello"),
            InMail(public_identifier=stranger, subject="Freight", body="Dear stranger"),
            Connect(public_identifier=other, note="Shall we connect?"),
        ]
        for send in sends:
            run = await site.perform("ada", send)

            assert (run.status, run.effect) == ("completed", "confirmed"), run.error_code
            assert is_kept(site, username, run)


@dataclass(frozen=True)
class LiedTo:
    """A message whose request was answered 200 with a lie; whether I15 holds for it; how often it left."""

    run: Run
    is_kept: bool
    sent: int


async def lied_to(make_app: MakeApp, lies: Iterable[str]) -> dict[str, LiedTo]:
    """Each lie is told to an account of its own; nothing is done by the request that is answered so."""

    async def tell(site: OnSite, number: int, answer: object) -> LiedTo:
        username = await site.account(f"ada-{number}")
        friend = site.person(username, "connected")
        site.admin.fault("status", "send_message", status=200, body=answer, account=username, times=1)
        run = await site.perform(f"ada-{number}", Message(public_identifier=friend, message="Hello"))
        return LiedTo(run, is_kept(site, username, run), len(site.ledger(kind="message", account=username)))

    async with open_site(make_app) as site:
        return {lie: await tell(site, number, LIES[lie]) for number, lie in enumerate(lies)}


@pytest.mark.parametrize(
    "lies",
    [
        pytest.param(("errors", "a message that is nowhere"), id="told"),
        # What these say is judged without a browser, too: unit/test_write_verdict.py.
        pytest.param(tuple(LIES), id="every", marks=pytest.mark.wide),
    ],
)
async def test_status_200_alone_is_no_success(make_app: MakeApp, lies: tuple[str, ...]) -> None:
    for lie, told in (await lied_to(make_app, lies)).items():
        is_done = told.run.status == "completed"
        was_tried_again = told.run.attempts > 1  # the attempt that was lied to did not succeed

        assert told.is_kept, lie
        assert not is_done or was_tried_again, lie
        assert told.sent == (1 if is_done else 0), lie


async def test_m17_success_on_200_is_caught(make_app: MakeApp, mutant: None) -> None:
    for lie, told in (await lied_to(make_app, ("an empty value",))).items():
        assert (told.run.status, told.sent) == ("completed", 0), lie
        assert not told.is_kept, lie
