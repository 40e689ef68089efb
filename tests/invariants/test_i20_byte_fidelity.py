"""I20: what arrives is what was given, byte for byte: as a message, an InMail with its subject, and a note.

Whatever text there can be is tried on the fuse, which puts the given bytes in on release, with the page's own
version of it beside; a few of the nastiest go the whole way, from the run to the ledger, through Chromium.
"""

import json
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onsite import open_site
from overture.providers.linkedin_browser.fuse_rules import Charge, mismatch, read_write, rewritten
from overture.providers.linkedin_browser.text import canonical
from overture.touchpoints import Connect, InMail, Message, Touchpoint, read_touchpoint
from product import MakeApp

Kind = Literal["message", "inmail", "invite"]

HOST: Final = "https://www.linkedin.com/voyager/api"
MESSAGE: Final = f"{HOST}/voyagerMessagingDashMessengerMessages?action=createMessage"
INVITE: Final = f"{HOST}/voyagerRelationshipsDashMemberRelationships?action=verifyQuotaAndCreateV2"
TARGET: Final = "ACoAATarget"
TOKEN: Final = UUID("5f0c0000-0000-4000-8000-000000000001")
LATER: Final = datetime(2030, 1, 1, tzinfo=UTC)

NASTY: Final = (
    "  two spaces before, \u00a0two after \r\n\r\n\tTab\rold Mac\nEnd\n\n  ",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 𝔘𠮷 e\u0301=é \u212b=\u00c5 "
    "\u05e9\u05dc\u05d5\u05dd \u200fab\u200e \u0627\u0644\u0633\u0644\u0627\u0645.",
    'zero\u200bwidth\u2060 thin\u202fspace line\u2028sep @Jonas :smile: <b>&amp;</b> "\\n" {{it}} % \u001f.',
)
ALL_AT_ONCE: Final = f"{NASTY[0].rstrip()}{NASTY[1]}{NASTY[2]}\r\nEnd\n\n  "
"""It begins and ends as the first one does."""
SUBJECT: Final = "\u00a0e\u0301 \u05e9\u05dc\u05d5\u05dd 👩‍🚀  <b>&amp; \\ %41 "
FRAGMENTS: Final = st.sampled_from(
    [*NASTY, SUBJECT, "\r\n", "\r", "\n\n", "\t", " ", "\u00a0", "e\u0301", "👩‍🚀"]
)
TEXT: Final = (
    st.lists(
        FRAGMENTS | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=6
    )
    .map("".join)
    .filter(str.strip)
)
PAGES: Final[tuple[Callable[[str], str], ...]] = (
    str,
    lambda text: text.replace("\r\n", "\n").replace("\r", "\n"),
    lambda text: text.strip().replace(" ", "\u00a0"),
    lambda text: unicodedata.normalize("NFC", text) + "\n",
    canonical,
)
"""What message boxes make of a text before they send it."""


def request_of(kind: Kind, text: str, subject: str | None) -> tuple[str, str]:
    """The request a page makes of it: address and body."""
    if kind == "invite":
        urn = f"urn:li:fsd_profile:{TARGET}"
        return INVITE, json.dumps(
            {"invitee": {"inviteeUnion": {"memberProfile": urn}}, "customMessage": text}
        )
    message: dict[str, object] = {"body": {"attributes": [], "text": text}, "originToken": "the-page's-own"}
    if subject is not None:
        message |= {"subtype": "INMAIL", "subject": subject}
    return MESSAGE, json.dumps({"message": message, "hostRecipientUrns": [f"urn:li:fsd_profile:{TARGET}"]})


def words_in(kind: Kind, body: str) -> tuple[str, str | None]:
    """The text and the subject a request carries."""
    content = json.loads(body)
    if kind == "invite":
        return content["customMessage"], None
    return content["message"]["body"]["text"], content["message"].get("subject")


@pytest.mark.parametrize("kind", ["message", "inmail", "invite"])
@given(text=TEXT, subject=TEXT, page=st.sampled_from(PAGES))
def test_the_fuse_puts_in_what_was_given(
    kind: Kind, text: str, subject: str, page: Callable[[str], str]
) -> None:
    line = subject if kind == "inmail" else None
    charge = Charge(kind, TARGET, 417, text, TOKEN, LATER, subject=line)
    url, body = request_of(kind, page(text), page(line) if line is not None else None)

    assert mismatch(charge, read_write(url, body)) is None
    assert words_in(kind, rewritten(charge, body)) == (text, line)


@given(text=TEXT, other=TEXT)
def test_another_subject_never_leaves(text: str, other: str) -> None:
    charge = Charge("inmail", TARGET, 417, "Hello", TOKEN, LATER, subject=text)
    wrong = mismatch(charge, read_write(*request_of("inmail", "Hello", other)))
    lost = mismatch(charge, read_write(*request_of("message", "Hello", None)))

    assert wrong == (None if canonical(text) == canonical(other) else "text")
    assert lost == ("text" if canonical(text) else None)


def test_a_message_never_becomes_an_inmail_that_costs() -> None:
    charge = Charge("message", TARGET, 417, "Hello", TOKEN, LATER)
    assert mismatch(charge, read_write(*request_of("inmail", "Hello", "Freight"))) == "kind"


@given(text=TEXT)
def test_what_is_stored_is_what_was_given(text: str) -> None:
    given = Message.model_construct(public_identifier="jonas", message=text)
    stored = json.loads(json.dumps(given.model_dump(mode="json")))

    assert isinstance(again := read_touchpoint(stored), Message)
    assert again.message == text


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(
    ("variant", "texts"),
    [
        pytest.param("A", NASTY, id="A", marks=pytest.mark.wide),
        pytest.param("B", NASTY, id="B", marks=pytest.mark.wide),
        pytest.param("B", (ALL_AT_ONCE,), id="B-at_once"),
    ],
)
async def test_the_nastiest_texts_arrive_through_the_browser(
    make_app: MakeApp, variant: str, texts: tuple[str, ...]
) -> None:
    async with open_site(make_app) as site:
        username = await site.account("ada", variant=variant, inmail_credits=9)
        [login] = [one for one in site.admin.get("/logins") if one["username"] == username]
        site.admin.patch(f"/members/{login['slug']}", {"premium": True})
        sent: list[Touchpoint] = []
        for text in texts:
            friend, stranger, other = (
                site.person(username, state) for state in ("connected", "none", "none")
            )
            sent += [
                Message(public_identifier=friend, message=text),
                InMail(public_identifier=stranger, subject=SUBJECT, body=text),
                Connect(public_identifier=other, note=text),
            ]
        runs = [await site.perform("ada", touchpoint) for touchpoint in sent]
        found = [
            (entry["kind"], entry["subject"], entry["text"])
            for entry in site.ledger(account=username)
            if entry["kind"] in ("message", "inmail", "invite")
        ]

    assert [(run.status, run.error_code) for run in runs] == [("completed", None)] * len(runs)
    wanted = (("message", None), ("inmail", SUBJECT), ("invite", None))
    assert found == [(kind, subject, text) for text in texts for kind, subject in wanted]
