"""Messages: typed into the site's own box, sent exactly once, exactly as given; judged by the ledger."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from linkedin_stage import USERNAME, Stage, prepared

from carrying import CLOCK, IDS, intent
from overture.core.errors import NotPossible, PageChanged, Transient, Uncertain
from overture.providers.linkedin_browser import composer
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.identity import open_profile, resolve
from overture.providers.linkedin_browser.voyager.threads import find_conversation
from overture.touchpoints import Connect, LastLook, Message, MessageSent, Target

pytestmark = pytest.mark.browser

JONAS, PRISCA = "jonas-fernweh-sbx", "prisca-hollowell-sbx"
PARAGRAPHS = "Hi Jonas,\n\nquick question about route planning.\n\n– Mira"
EXOTIC = 'Zeile eins\r\n  eingerückt,\u00a0geschützt 👩‍👩‍👧‍👦 Ünïcode e\u0301 @Jonas :smile: \r\n\r\n"Ende"  '


@pytest.fixture(params=["click", "enter"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def sent(stage: Stage) -> list[dict[str, Any]]:
    return stage.ledger("message", account=USERNAME)


async def test_sends_a_first_message(on_both: Stage) -> None:
    done = await on_both.write(Message(public_identifier=JONAS, message="Hello Jonas"))

    assert isinstance(done.outcome, MessageSent)
    (entry,) = sent(on_both)
    assert (entry["target"], entry["text"]) == (JONAS, "Hello Jonas")
    assert entry["urn"].rpartition(":")[2] in done.outcome.message_urn
    assert entry["origin_token"] == str(done.token)
    assert done.evidence is not None
    assert done.evidence.source == "thread"


@pytest.mark.parametrize("text", [PARAGRAPHS, EXOTIC])
async def test_paragraphs_arrive_as_one_exact_message(on_both: Stage, mode: str, text: str) -> None:
    on_both.look(composer_mode=mode)

    await on_both.write(Message(public_identifier=JONAS, message=text))
    assert [entry["text"] for entry in sent(on_both)] == [text]


async def test_answers_in_the_thread_there_is(on_both: Stage) -> None:
    on_both.admin.post(f"/people/{JONAS}/reply", account=USERNAME, text="Sounds good")
    since = CLOCK.now() + timedelta(minutes=1)

    done = await on_both.write(Message(public_identifier=JONAS, message="Tuesday?"), since=since)
    assert isinstance(done.outcome, MessageSent)
    assert [entry["text"] for entry in sent(on_both)] == ["Tuesday?"]


async def test_only_connections_can_be_written_to(stage: Stage) -> None:
    with pytest.raises(NotPossible) as caught:
        await stage.write(Message(public_identifier=PRISCA, message="Hello"))
    assert caught.value.code == "not_connected"
    assert sent(stage) == []


@pytest.mark.parametrize(
    ("kind", "verdict"), [("drop_after_commit", "found"), ("drop_before_commit", "absent")]
)
async def test_a_lost_answer_is_uncertain_and_read_back(on_both: Stage, kind: str, verdict: str) -> None:
    on_both.admin.fault(kind, "send_message")
    touchpoint, since, token = Message(public_identifier=JONAS, message=PARAGRAPHS), CLOCK.now(), IDS.token()

    async with on_both.session() as session:
        write = await prepared(session, touchpoint, token)
        with pytest.raises(Uncertain):
            await write.act(intent(token))
        await write.abandon()
    found = await on_both.read_back(touchpoint, token, since)

    assert found.verdict == verdict
    assert len(sent(on_both)) == (1 if verdict == "found" else 0)


async def test_a_refused_message_is_not_delivered(on_both: Stage) -> None:
    on_both.admin.fault("failed_marker", "send_message", status=422)

    with pytest.raises(NotPossible) as caught:
        await on_both.write(Message(public_identifier=JONAS, message="Hello"))
    assert caught.value.code == "not_delivered"
    assert sent(on_both) == []


async def test_a_second_click_on_a_slow_send_sends_nothing_more(on_both: Stage) -> None:
    on_both.admin.fault("slow_ack", "send_message", seconds=1.5)
    async with on_both.session() as session:
        token = IDS.token()
        write = await prepared(session, Message(public_identifier=JONAS, message="Once"), token)
        act = asyncio.create_task(write.act(intent(token)))
        page = session.desk.tab.page
        await page.wait_for_event("request", lambda request: "createMessage" in request.url)
        await page.locator('form button[type="submit"]').filter(visible=True).first.click()
        await act

    assert len(sent(on_both)) == 1
    assert [step["why"] for step in on_both.trace.all("write_blocked")] == ["closed"]


async def test_a_reply_since_the_plan_stops_the_message(stage: Stage) -> None:
    await stage.write(Message(public_identifier=JONAS, message="Hello"))
    since = CLOCK.now()
    async with stage.session() as session:
        write = await prepared(session, Message(public_identifier=JONAS, message="Following up"), IDS.token())
        stage.admin.post(f"/people/{JONAS}/reply", account=USERNAME, text="Got it, thanks")
        with pytest.raises(NotPossible) as caught:
            await write.last_look(LastLook(since))
        await write.abandon()

    assert caught.value.code == "replied_already"
    assert len(sent(stage)) == 1


async def test_a_message_by_hand_stops_but_our_own_do_not(stage: Stage) -> None:
    since = CLOCK.now() - timedelta(minutes=1)
    first = await stage.write(Message(public_identifier=JONAS, message="Hello"))
    async with stage.session() as session:
        write = session.write(Message(public_identifier=JONAS, message="Again"), IDS.token())
        assert await write.prepare() is None
        await write.last_look(LastLook(since, frozenset({str(first.token)})))
        with pytest.raises(NotPossible) as caught:
            await write.last_look(LastLook(since))
        await write.abandon()
    assert caught.value.code == "operator_wrote"


async def test_the_note_of_our_own_invitation_does_not_stop_the_first_message(stage: Stage) -> None:
    """Once accepted, the note opens the thread: without a token, and after the message was planned."""
    since, note = CLOCK.now() - timedelta(minutes=1), "Hello Prisca, shall we connect?"
    await stage.write(Connect(public_identifier=PRISCA, note=note))
    stage.admin.post(f"/people/{PRISCA}/accept", account=USERNAME)
    async with stage.session() as session:
        write = await prepared(session, Message(public_identifier=PRISCA, message="Thank you"), IDS.token())
        await write.last_look(LastLook(since, own_notes=frozenset({note})))
        with pytest.raises(NotPossible) as caught:
            await write.last_look(LastLook(since))
        await write.abandon()
    assert caught.value.code == "operator_wrote"


async def test_after_its_window_the_act_does_not_begin(stage: Stage) -> None:
    async with stage.session() as session:
        token = IDS.token()
        write = await prepared(session, Message(public_identifier=JONAS, message="Late"), token)
        with pytest.raises(Transient) as caught:
            await write.act(intent(token, window=timedelta(0)))
        await write.abandon()
    assert caught.value.code == "act_window_passed"
    assert sent(stage) == []


async def test_an_old_draft_is_replaced(on_both: Stage) -> None:
    on_both.without_session()
    async with on_both.session() as session:
        await prepared(session, Message(public_identifier=JONAS, message="An old draft"), IDS.token())
        state = await session.state()
    assert state is not None
    on_both.remembers(state)

    await on_both.write(Message(public_identifier=JONAS, message="The real one"))
    assert [entry["text"] for entry in sent(on_both)] == ["The real one"]


@pytest.mark.parametrize(("losses", "arrives"), [(1, True), (9, False)])
async def test_text_lost_by_the_page_is_typed_once_more(stage: Stage, losses: int, arrives: bool) -> None:
    stage.admin.post("/page-quirks", kind="composer_loses_text", after_chars=20, losses=losses)
    touchpoint = Message(
        public_identifier=JONAS, message="A message\nthat is long enough\nto be lost underway"
    )

    if arrives:
        await stage.write(touchpoint)
        assert [entry["text"] for entry in sent(stage)] == [touchpoint.message]
    else:
        with pytest.raises(PageChanged) as caught:
            await stage.write(touchpoint)
        assert caught.value.code == "composer_unstable"
        assert sent(stage) == []


async def test_a_send_button_that_sleeps_is_told(stage: Stage) -> None:
    stage.look(composer_broken=True)

    with pytest.raises(PageChanged) as caught:
        await stage.write(Message(public_identifier=JONAS, message="Hello"))
    assert caught.value.code == "send_disabled"
    assert sent(stage) == []


async def test_the_wrong_open_bubble_is_left_alone(on_both: Stage) -> None:
    on_both.member(first_name="Jonas", last_name="Fernweh", slug="jonas-fernweh-2-sbx")
    on_both.admin.put("/relationships", account=USERNAME, member="jonas-fernweh-2-sbx", state="connected")
    on_both.admin.post("/page-quirks", kind="open_bubble", slug="jonas-fernweh-2-sbx")

    await on_both.write(Message(public_identifier=JONAS, message="For the first Jonas"))
    assert [entry["target"] for entry in sent(on_both)] == [JONAS]


async def test_a_server_error_after_the_click_is_uncertain(stage: Stage) -> None:
    stage.admin.fault("status", "send_message", status=500)

    with pytest.raises(Uncertain):
        await stage.write(Message(public_identifier=JONAS, message="Hello"))


async def test_a_page_as_answer_to_a_send_is_uncertain_and_read_back(on_both: Stage) -> None:
    page = "<!DOCTYPE html><title>LinkedIn Login</title><form></form>"
    on_both.admin.fault("status", "send_message", status=200, body=page, times=1)
    touchpoint, since, token = Message(public_identifier=JONAS, message="Hello"), CLOCK.now(), IDS.token()

    async with on_both.session() as session:
        write = await prepared(session, touchpoint, token)
        with pytest.raises(Uncertain):
            await write.act(intent(token))
        await write.abandon()
    found = await on_both.read_back(touchpoint, token, since)

    assert (found.verdict, sent(on_both)) == ("absent", [])


async def test_a_hung_account_holds_nobody_up(stage: Stage) -> None:
    other = Stage(stage.sandbox, stage.provider)
    started = CLOCK.monotonic()

    async def hang() -> None:
        async with stage.session() as session:
            spinning = asyncio.ensure_future(session.desk.tab.page.evaluate("() => { while (true) {} }"))
            try:
                with pytest.raises(Transient):
                    await session.desk.client.get("/me")
            finally:
                spinning.cancel()

    async def work() -> float:
        await other.write(Message(public_identifier=JONAS, message="Meanwhile"))
        return CLOCK.monotonic() - started

    _, took = await asyncio.gather(hang(), work())
    assert [entry["text"] for entry in sent(stage)] == ["Meanwhile"]
    assert CLOCK.monotonic() - started < 40
    assert took < 25


async def test_what_cannot_be_seen_yet_is_not_confirmed_and_found_later(stage: Stage) -> None:
    for endpoint in ("messages", "conversations"):
        stage.admin.fault("read_lag", endpoint, seconds=30)
    touchpoint, since = Message(public_identifier=JONAS, message=PARAGRAPHS), CLOCK.now()

    done = await stage.write(touchpoint)
    assert done.accepted is not None
    assert done.outcome is None

    stage.admin.post("/clock", advance_s=45)
    found = await stage.read_back(touchpoint, done.token, since)
    assert found.verdict == "found"
    assert len(sent(stage)) == 1


async def test_the_last_look_goes_by_the_servers_clock(stage: Stage) -> None:
    stage.admin.post("/clock", advance_s=3600)
    stage.admin.post(f"/people/{JONAS}/reply", account=USERNAME, text="Before the plan")
    async with stage.session() as session:
        write = await prepared(session, Message(public_identifier=JONAS, message="Hello"), IDS.token())
        await write.last_look(LastLook(CLOCK.now() + timedelta(seconds=5)))
        with pytest.raises(NotPossible):
            await write.last_look(LastLook(CLOCK.now() - timedelta(minutes=1)))
        await write.abandon()


@pytest.mark.parametrize("has_thread", [False, True])
async def test_without_a_message_control_the_messaging_page_serves(stage: Stage, has_thread: bool) -> None:
    if has_thread:
        stage.admin.post(f"/people/{JONAS}/reply", account=USERNAME, text="Sounds good")
    async with stage.session() as session:
        desk, token = session.desk, IDS.token()
        identity, _ = await resolve(desk, Target(JONAS))
        thread, _ = await find_conversation(desk.client, desk.me, identity.profile_id)
        box = await composer._on_messaging_page(desk, identity, thread)
        await box.write(PARAGRAPHS)
        threads = frozenset({thread} if thread else ())
        before = CLOCK.now() + timedelta(seconds=20)
        charge = Charge(
            "message", identity.profile_id, identity.member_id, PARAGRAPHS, token, before, threads
        )
        answer = await desk.fuse.fire(charge, box.send)

    assert (thread is not None) == has_thread
    assert answer.status == 200
    assert [(entry["target"], entry["text"]) for entry in sent(stage)] == [(JONAS, PARAGRAPHS)]


async def test_the_right_person_under_a_cut_name(on_both: Stage) -> None:
    on_both.admin.post("/page-quirks", kind="truncated_name")

    await on_both.write(Message(public_identifier=JONAS, message="Hello"))
    assert [entry["target"] for entry in sent(on_both)] == [JONAS]


async def test_a_namesake_is_never_written_to(on_both: Stage) -> None:
    on_both.member(first_name="Jonas", last_name="Fernweher", slug="jonas-fernweher-sbx")
    on_both.admin.put("/relationships", account=USERNAME, member="jonas-fernweher-sbx", state="connected")
    on_both.admin.post("/page-quirks", kind="wrong_recipient", slug="jonas-fernweher-sbx")

    with pytest.raises(NotPossible) as caught:
        await on_both.write(Message(public_identifier=JONAS, message="Hello"))
    assert caught.value.code == "recipient_not_resolved"
    assert sent(on_both) == []
    assert on_both.trace.all("write_released") == []


@pytest.mark.parametrize("where", ["bubble", "both"])
async def test_a_greeting_card_is_gone_around(on_both: Stage, where: str) -> None:
    on_both.admin.post("/page-quirks", kind="say_hello", where=where)
    touchpoint = Message(public_identifier=JONAS, message="Hello")

    if where == "bubble":
        await on_both.write(touchpoint)
        assert [entry["text"] for entry in sent(on_both)] == ["Hello"]
    else:
        with pytest.raises(PageChanged) as caught:
            await on_both.write(touchpoint)
        assert caught.value.code == "composer_missing"
        assert sent(on_both) == []


async def test_a_message_never_becomes_an_inmail(on_both: Stage) -> None:
    """Between the read and the click they ceased to be connected: the page now offers a paid InMail."""
    on_both.member("mira-oxbow-sbx", premium=True)
    on_both.look(inmail_credits=5)
    async with on_both.session() as session:
        desk = session.desk
        identity, _ = await resolve(desk, Target(JONAS))
        on_both.admin.put("/relationships", account=USERNAME, member=JONAS, state="none")
        await open_profile(desk, identity)
        with pytest.raises(NotPossible) as caught:
            await composer.open_composer(desk, identity, None)

    assert caught.value.code == "not_connected"
    assert on_both.ledger("inmail", account=USERNAME) == sent(on_both) == []


@pytest.mark.parametrize("body", [{"value": {}}, {"value": {"conversationUrn": "urn:li:msg_conversation:x"}}])
async def test_a_yes_that_names_no_message_is_uncertain(stage: Stage, body: object) -> None:
    stage.admin.fault("status", "send_message", status=200, body=body)

    with pytest.raises(Uncertain):
        await stage.write(Message(public_identifier=JONAS, message="Hello"))


async def test_a_draft_of_the_site_is_replaced(on_both: Stage) -> None:
    on_both.admin.post("/page-quirks", kind="old_draft", text="I never finished\nthis one")

    await on_both.write(Message(public_identifier=JONAS, message=PARAGRAPHS))
    assert [entry["text"] for entry in sent(on_both)] == [PARAGRAPHS]


async def test_a_box_whose_send_sleeps_is_left_empty(stage: Stage) -> None:
    stage.look(composer_broken=True)
    async with stage.session() as session:
        write = session.write(Message(public_identifier=JONAS, message="Hello"), IDS.token())
        with pytest.raises(PageChanged):
            await write.prepare()
        box = session.desk.tab.page.locator(composer.EDITOR).filter(visible=True).first
        assert (await box.inner_text()).strip() == ""
