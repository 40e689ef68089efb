"""InMail: its price read, sent exactly once with subject and body exactly as given; judged by the ledger."""

import asyncio
from typing import Any

import pytest
from linkedin_stage import USERNAME, Stage, prepared
from pydantic import ValidationError

from carrying import CLOCK, IDS, intent
from overture.core.errors import NotPossible, PageChanged, Uncertain
from overture.providers.linkedin_browser.inmail_box import Credits, credits_in
from overture.touchpoints import InMail, InMailSent, LastLook

pytestmark = pytest.mark.browser

ME, PRISCA, TOMAS = "mira-oxbow-sbx", "prisca-hollowell-sbx", "tomas-kettering-sbx"
JONAS = "jonas-fernweh-sbx"
SUBJECT = "Frachtbriefe & 🚚 „Tourenplanung“"
BODY = "Dear Prisca,\r\n\r\nquick question\u00a0about 👩‍👩‍👧‍👦 e\u0301 \u05e9\u05dc\u05d5\u05dd.\n\tMira  "


def premium(stage: Stage, left: int = 45, **look: object) -> None:
    stage.member(ME, premium=True)
    stage.look(inmail_credits=left, **look)


def to(slug: str = PRISCA, subject: str | None = SUBJECT, body: str = BODY) -> InMail:
    return InMail(public_identifier=slug, subject=subject, body=body)


def sent(stage: Stage) -> list[dict[str, Any]]:
    return stage.ledger("inmail", account=USERNAME)


async def refused(stage: Stage, touchpoint: InMail) -> str:
    with pytest.raises(NotPossible) as caught:
        await stage.write(touchpoint)
    assert sent(stage) == []
    return caught.value.code


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "da_DK"])
async def test_one_of_45_credits_is_spent_and_proved(on_both: Stage, locale: str) -> None:
    premium(on_both, locale=locale)

    done = await on_both.write(to())

    assert isinstance(done.outcome, InMailSent)
    [entry] = sent(on_both)
    assert (entry["target"], entry["subject"], entry["text"], entry["cost"]) == (PRISCA, SUBJECT, BODY, 1)
    assert entry["origin_token"] == str(done.token)
    assert entry["urn"].rpartition(":")[2] in done.outcome.message_urn
    told = (done.outcome.credits_cost, done.outcome.credits_before, done.outcome.credits_after)
    assert (told, done.outcome.warning) == ((1, 45, 44), None)


async def test_without_a_subject_none_is_sent(stage: Stage) -> None:
    premium(stage)

    await stage.write(to(subject=None))
    assert [entry["subject"] for entry in sent(stage)] == [None]


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "da_DK"])
async def test_to_an_open_profile_it_is_free(stage: Stage, locale: str) -> None:
    premium(stage, left=0, locale=locale)
    stage.member(PRISCA, open_link=True)

    done = await stage.write(to())
    assert isinstance(done.outcome, InMailSent)
    assert (done.outcome.credits_cost, done.outcome.credits_before) == (0, None)
    assert [entry["cost"] for entry in sent(stage)] == [0]


async def test_message_behind_more_serves_too(on_both: Stage) -> None:
    premium(on_both)
    on_both.member(PRISCA, message_placement="more_menu")

    await on_both.write(to())
    assert [entry["target"] for entry in sent(on_both)] == [PRISCA]


async def test_no_credits_left(on_both: Stage) -> None:
    premium(on_both, left=0)
    assert await refused(on_both, to()) == "inmail_no_credits"


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "da_DK"])
async def test_no_credits_left_on_pages_that_moved_a_little(on_both: Stage, level: int, locale: str) -> None:
    premium(on_both, left=0, locale=locale, drift=level)
    assert await refused(on_both, to()) == "inmail_no_credits"


@pytest.mark.parametrize("level", [1, 2])
async def test_pages_that_moved_a_little_still_send(on_both: Stage, level: int) -> None:
    premium(on_both, drift=level)

    done = await on_both.write(to())

    assert isinstance(done.outcome, InMailSent)
    assert (done.outcome.credits_before, done.outcome.credits_after) == (45, 44)


@pytest.mark.parametrize("left", [0, 45])
async def test_unknown_words_stop_an_inmail(on_both: Stage, left: int) -> None:
    premium(on_both, left=left, drift=3)

    with pytest.raises(PageChanged) as caught:
        await on_both.write(to())
    assert caught.value.code == "selector_drift"
    assert sent(on_both) == []


async def test_a_free_account_is_shown_an_advertisement(on_both: Stage) -> None:
    assert await refused(on_both, to()) == "not_entitled"


async def test_a_member_who_takes_no_inmail(on_both: Stage) -> None:
    premium(on_both)
    on_both.member(PRISCA, inmail_restricted=True)
    assert await refused(on_both, to()) == "recipient_restricted"


async def test_a_page_without_message_offers_none(on_both: Stage) -> None:
    premium(on_both)
    on_both.member(PRISCA, message_placement="none")
    assert await refused(on_both, to()) == "inmail_unavailable"


async def test_connections_are_written_to_for_nothing(stage: Stage) -> None:
    premium(stage)
    assert await refused(stage, to(JONAS)) == "use_message"


async def test_the_pages_own_limit_of_the_subject(stage: Stage) -> None:
    premium(stage, inmail_subject_limit=20)
    assert await refused(stage, to()) == "subject_too_long"
    assert stage.trace.all("write_released") == []


async def test_what_it_costs_is_waited_for(stage: Stage) -> None:
    premium(stage)
    stage.admin.post("/page-quirks", kind="inmail_credits_late", after_s=2.0)

    done = await stage.write(to())
    assert isinstance(done.outcome, InMailSent)
    assert (done.outcome.credits_before, done.outcome.credits_after) == (45, 44)


async def test_a_price_that_stays_unknown_is_never_guessed(stage: Stage) -> None:
    premium(stage)
    stage.admin.post("/page-quirks", kind="inmail_credits_late", after_s=60.0)

    with pytest.raises(PageChanged) as caught:
        await stage.write(to())
    assert caught.value.code == "ui_changed"
    assert sent(stage) == []


async def test_a_second_one_waits_for_the_answer(stage: Stage) -> None:
    premium(stage)
    await stage.write(to())

    with pytest.raises(NotPossible) as caught:
        await stage.write(to(body="Following up"))
    assert caught.value.code == "inmail_unavailable"
    assert len(sent(stage)) == 1


@pytest.mark.parametrize(
    ("kind", "verdict"), [("drop_after_commit", "found"), ("drop_before_commit", "absent")]
)
async def test_a_lost_answer_is_read_back_and_costs_one_credit(
    on_both: Stage, kind: str, verdict: str
) -> None:
    premium(on_both)
    on_both.admin.fault(kind, "send_message")
    touchpoint, since, token = to(), CLOCK.now(), IDS.token()

    async with on_both.session() as session:
        write = await prepared(session, touchpoint, token)
        with pytest.raises(Uncertain):
            await write.act(intent(token))
        await write.abandon()
    found = await on_both.read_back(touchpoint, token, since)

    assert found.verdict == verdict
    assert [entry["cost"] for entry in sent(on_both)] == ([1] if verdict == "found" else [])
    if isinstance(found.outcome, InMailSent):
        assert (found.outcome.credits_cost, found.outcome.credits_after) == (None, 44)


async def test_an_answer_since_the_plan_stops_it(stage: Stage) -> None:
    """They were connected once and have a thread; now they wrote in it."""
    premium(stage)
    since = CLOCK.now()
    async with stage.session() as session:
        write = await prepared(session, to(), IDS.token())
        stage.admin.put("/relationships", account=USERNAME, member=PRISCA, state="connected")
        stage.admin.post(f"/people/{PRISCA}/reply", account=USERNAME, text="Hello Mira")
        with pytest.raises(NotPossible) as caught:
            await write.last_look(LastLook(since))
        await write.abandon()
    assert caught.value.code == "replied_already"
    assert sent(stage) == []


async def test_two_clicks_are_one_inmail(stage: Stage) -> None:
    premium(stage)
    stage.admin.fault("slow_ack", "send_message", seconds=1.5)
    async with stage.session() as session:
        token = IDS.token()
        write = await prepared(session, to(), token)
        act = asyncio.create_task(write.act(intent(token)))
        page = session.desk.tab.page
        await page.wait_for_event("request", lambda request: "createMessage" in request.url)
        await page.locator('form button[type="submit"]').filter(visible=True).first.click()
        await act

    assert len(sent(stage)) == 1
    assert stage.admin.get("/logins")[0]["inmail_credits"] == 44


@pytest.mark.parametrize(
    ("line", "stated"),
    [
        ("Use 1 of 45 InMail credits", Credits(1, 45)),
        ("1 von 45 InMail-Guthaben verwenden", Credits(1, 45)),
        ("Utiliser 1 crédit InMail sur 45", Credits(1, 45)),
        ("Af 45 InMail-kreditter: brug 1", Credits(1, 45)),
        ("Use 1 of 1,045 InMail credits", Credits(1, 1045)),
        ("Use 1 of 0 InMail credits", Credits(1, 0)),
        ("Use 1 of 1 InMail credits", Credits(1, 1)),
        ("44 InMail credits left", Credits(None, 44)),
        ("Free message ?", Credits(0, None)),
        ("KOSTENLOSE Nachricht", Credits(0, None)),
        ("Loading", None),
        ("1 of 2 of 3", None),
    ],
)
def test_the_credits_line_is_read(line: str, stated: Credits | None) -> None:
    assert credits_in(line) == stated


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"subject": "x" * 201, "body": "Hello"}, "subject_too_long"),
        ({"subject": "🚚" * 101, "body": "Hello"}, "subject_too_long"),
        ({"subject": "two\nlines", "body": "Hello"}, "subject_not_one_line"),
        ({"subject": " ", "body": "Hello"}, "blank"),
        ({"body": "🚚" * 951}, "body_too_long"),
    ],
)
def test_the_sites_own_limits_are_known_before_anything_is_opened(words: dict[str, str], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        InMail.model_validate({"public_identifier": PRISCA, **words})
    assert [error["type"] for error in caught.value.errors()] == [code]


def test_as_long_as_the_site_allows() -> None:
    assert InMail(public_identifier=PRISCA, subject="🚚" * 100, body="x" * 1900).subject == "🚚" * 100
