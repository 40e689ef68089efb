"""Writes through Unipile, judged by the sandbox's ledger: done once, proved, and in doubt only read back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from provider_stage import Stage, settings_for
from unipile_desk import ASKED, FRIEND, ME, STRANGER, Desk

from carrying import CLOCK, IDS, intent
from overture.core.clock import SystemClock
from overture.core.errors import NeedsHuman, NotPossible, Restricted, Throttled, Transient
from overture.core.rng import Rng
from overture.providers.unipile.provider import Unipile
from overture.touchpoints import (
    Comment,
    Commented,
    Connect,
    InMail,
    InMailSent,
    Intent,
    Invited,
    LastLook,
    Message,
    MessageSent,
    React,
    Reacted,
    Touchpoint,
    WithdrawInvite,
    Withdrawn,
)

TEXT = "Hello there,\r\nnice to meet you!"


@pytest.fixture
async def stage(open_sandbox: Desk) -> AsyncIterator[Stage]:
    open_sandbox.sandbox.reset()
    desk = Desk(open_sandbox.sandbox).connect(premium=True, inmail_credits=5)
    provider = Unipile(settings_for(desk.sandbox.url), SystemClock(), Rng())
    yield Stage(desk, provider)
    await provider.close()


def a_post(stage: Stage) -> str:
    made = stage.admin.post("/posts", author=FRIEND, text="A plain post")
    return str(made["urn"])


async def test_an_invitation_goes_out_with_its_note_and_is_proved(stage: Stage) -> None:
    done = await stage.write(Connect(public_identifier=STRANGER, note="Hello Prisca"))

    assert isinstance(done.outcome, Invited)
    assert (done.outcome.state, done.outcome.noop, done.outcome.note_sent) == ("pending", False, True)
    assert done.outcome.profile_id == stage.desk.id_of(STRANGER)
    assert done.evidence is not None
    assert done.evidence.source == "sent_invitations"
    (entry,) = stage.admin.ledger(kind="invite")
    assert (entry["target"], entry["text"]) == (STRANGER, "Hello Prisca")
    assert str(done.outcome.invitation_urn).rpartition(":")[2] in str(entry)


@pytest.mark.parametrize(("slug", "state"), [(FRIEND, "connected"), (ASKED, "pending")])
async def test_who_is_invited_or_connected_is_not_invited_again(stage: Stage, slug: str, state: str) -> None:
    done = await stage.write(Connect(public_identifier=slug))

    assert isinstance(done.outcome, Invited)
    assert (done.outcome.state, done.outcome.noop) == (state, True)
    assert stage.desk.kinds(kind="invite") == []


async def test_their_invitation_is_accepted_only_when_asked_to(stage: Stage) -> None:
    stage.admin.put("/relationships", account=ME, member=STRANGER, state="incoming")

    with pytest.raises(NotPossible) as caught:
        await stage.write(Connect(public_identifier=STRANGER))
    done = await stage.write(Connect(public_identifier=STRANGER, on_incoming="accept"))

    assert caught.value.code == "incoming_request"
    assert isinstance(done.outcome, Invited)
    assert (done.outcome.state, done.is_answer) == ("connected", True)
    assert stage.desk.kinds(kind="invite") == []


async def test_a_note_longer_than_a_free_account_may_write_is_known_before(stage: Stage) -> None:
    stage.admin.patch(f"/unipile/accounts/{stage.desk.account}", premium=False)
    long = "x" * 250

    with pytest.raises(NotPossible) as caught:
        await stage.write(Connect(public_identifier=STRANGER, note=long))
    assert (caught.value.code, stage.desk.kinds(kind="invite")) == ("note_too_long", [])

    done = await stage.write(Connect(public_identifier=STRANGER, note=long, on_note_refused="send_without"))
    assert isinstance(done.outcome, Invited)
    assert (done.outcome.note_sent, done.outcome.note_dropped) == (False, True)


async def test_a_cooldown_of_the_person_and_a_limit_of_the_account_are_told_apart(stage: Stage) -> None:
    await stage.write(Connect(public_identifier=STRANGER))
    await stage.write(WithdrawInvite(public_identifier=STRANGER))

    with pytest.raises(NotPossible) as cooldown:
        await stage.write(Connect(public_identifier=STRANGER))
    assert cooldown.value.code == "invite_cooldown"

    stage.admin.patch(f"/unipile/accounts/{stage.desk.account}", invites_per_day=1)
    with pytest.raises(Throttled) as limit:
        await stage.write(Connect(public_identifier="tomas-kettering-sbx"))
    assert limit.value.code == "weekly_limit"
    assert limit.value.until >= CLOCK.now() + timedelta(hours=23)
    with pytest.raises(Throttled) as again:
        await stage.write(Connect(public_identifier="tomas-kettering-sbx"))
    assert again.value.until >= CLOCK.now() + timedelta(days=6)
    assert len(stage.desk.kinds(kind="invite")) == 1


@pytest.mark.parametrize("kind", ["cannot_resend_yet", "already_invited_recently"])
async def test_an_ambiguous_refusal_of_somebody_invited_is_no_limit(stage: Stage, kind: str) -> None:
    """The profile did not show it yet; the list of sent invitations does."""
    async with stage.session() as session:
        token = IDS.token()
        write = session.write(Connect(public_identifier=STRANGER), token)
        assert await write.prepare() is None
        stage.desk.invite(STRANGER)
        stage.desk.fault("status", "invite", status=422, body={"type": kind}, times=1)
        with pytest.raises(NotPossible) as caught:
            await write.act(intent(token))

    assert caught.value.code == "already_pending"
    assert len(stage.desk.kinds(kind="invite")) == 1


async def test_an_invitation_is_withdrawn_and_gone(stage: Stage) -> None:
    done = await stage.write(WithdrawInvite(public_identifier=ASKED))
    again = await stage.write(WithdrawInvite(public_identifier=ASKED))

    assert isinstance(done.outcome, Withdrawn)
    assert isinstance(again.outcome, Withdrawn)
    assert (done.outcome.noop, again.outcome.noop) == (False, True)
    assert stage.desk.kinds(kind="withdraw") == ["withdraw"]


async def test_a_message_is_in_the_thread_exactly_as_given(stage: Stage) -> None:
    done = await stage.write(Message(public_identifier=FRIEND, message=TEXT))

    assert isinstance(done.outcome, MessageSent)
    (entry,) = stage.admin.ledger(kind="message", account=ME)
    assert (entry["target"], entry["text"]) == (FRIEND, TEXT.replace("\r\n", "\n"))
    assert entry["urn"].endswith(done.outcome.message_urn)
    assert done.evidence is not None
    assert done.evidence.facts["message_urn"] == done.outcome.message_urn


async def test_a_message_whose_answer_names_no_id_is_found_by_its_text(stage: Stage) -> None:
    stage.desk.settings(null_ids=True)

    done = await stage.write(Message(public_identifier=FRIEND, message=TEXT))
    assert isinstance(done.outcome, MessageSent)


async def test_only_connections_are_written_to(stage: Stage) -> None:
    with pytest.raises(NotPossible) as caught:
        await stage.write(Message(public_identifier=STRANGER, message=TEXT))

    assert caught.value.code == "not_connected"
    assert stage.desk.kinds(kind="message") == []


async def test_a_reply_between_planning_and_sending_stops_the_send(stage: Stage) -> None:
    since = CLOCK.now()
    async with stage.session() as session:
        write = session.write(Message(public_identifier=FRIEND, message=TEXT), IDS.token())
        assert await write.prepare() is None
        stage.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Got it, thanks")
        with pytest.raises(NotPossible) as caught:
            await write.last_look(LastLook(since))

    assert caught.value.code == "replied_already"
    assert stage.desk.kinds(kind="message", account=ME) == []


NOT_READ: dict[str, object] = {"object": "Message", "text": "Got it, thanks"}
THEIRS: dict[str, object] = {"object": "Message", "id": "m1", "text": "Got it, thanks", "is_sender": 0}
HOLES: dict[str, tuple[str, dict[str, object], str]] = {
    "a message": ("messages", {"items": [NOT_READ], "cursor": None}, "state_unclear"),
    "a chat": ("attendee.chats", {"items": [{"object": "Chat"}], "cursor": None}, "state_unclear"),
    "a page": ("messages", {"items": [], "cursor": "the-same-again"}, "state_unclear"),
    "a message before theirs": ("messages", {"items": [NOT_READ, THEIRS]}, "replied_already"),
}


@pytest.mark.parametrize("missing", HOLES)
async def test_nobody_is_written_to_whose_thread_cannot_be_read_whole(stage: Stage, missing: str) -> None:
    endpoint, body, code = HOLES[missing]
    stage.desk.write(FRIEND, "Something else")
    async with stage.session() as session:
        write = session.write(Message(public_identifier=FRIEND, message=TEXT), IDS.token())
        assert await write.prepare() is None
        stage.desk.fault("status", endpoint, status=200, body={"object": "List", **body})
        with pytest.raises(NotPossible if code == "replied_already" else Transient) as caught:
            await write.last_look(LastLook(stage.now()))

    assert caught.value.code == code


async def test_a_message_by_hand_stops_but_our_own_do_not(stage: Stage) -> None:
    since = CLOCK.now() - timedelta(minutes=1)
    first = await stage.write(Message(public_identifier=FRIEND, message=TEXT))
    assert isinstance(first.outcome, MessageSent)
    by_id = LastLook(since, own_messages=frozenset({first.outcome.message_urn}))
    by_text = LastLook(since, own_texts=frozenset({TEXT}))
    async with stage.session() as session:
        write = session.write(Message(public_identifier=FRIEND, message="Again"), IDS.token())
        assert await write.prepare() is None
        await write.last_look(by_id)
        await write.last_look(by_text)
        with pytest.raises(NotPossible) as caught:
            await write.last_look(LastLook(since))
    assert caught.value.code == "operator_wrote"


async def test_the_note_of_our_own_invitation_does_not_stop_the_first_message(stage: Stage) -> None:
    since, note = CLOCK.now() - timedelta(minutes=1), "Hello Prisca, shall we connect?"
    await stage.write(Connect(public_identifier=STRANGER, note=note))
    stage.admin.post(f"/people/{STRANGER}/accept", account=ME)

    done = await stage.write(
        Message(public_identifier=STRANGER, message=TEXT), LastLook(since, own_notes=frozenset({note}))
    )
    assert isinstance(done.outcome, MessageSent)


async def test_an_inmail_costs_a_credit_and_says_so(stage: Stage) -> None:
    done = await stage.write(InMail(public_identifier=STRANGER, subject="Routes", body=TEXT))

    assert isinstance(done.outcome, InMailSent)
    spent = (done.outcome.credits_before, done.outcome.credits_cost, done.outcome.credits_after)
    assert (spent, done.outcome.warning) == ((5, 1, 4), None)
    assert stage.desk.kinds(kind="inmail") == ["inmail"]


async def test_an_inmail_is_not_spent_on_a_connection_nor_without_credits(stage: Stage) -> None:
    with pytest.raises(NotPossible) as friend:
        await stage.write(InMail(public_identifier=FRIEND, body=TEXT))
    stage.admin.patch(f"/unipile/accounts/{stage.desk.account}", inmail_credits=0)
    with pytest.raises(NotPossible) as broke:
        await stage.write(InMail(public_identifier=STRANGER, body=TEXT))

    assert (friend.value.code, broke.value.code) == ("use_message", "inmail_no_credits")
    assert stage.desk.kinds(kind="inmail") == []


async def test_a_reaction_is_put_changed_and_never_doubled(stage: Stage) -> None:
    urn = a_post(stage)
    first = await stage.write(React(post_url=urn, reaction="CELEBRATE"))
    same = await stage.write(React(post_url=urn, reaction="CELEBRATE"))
    other = await stage.write(React(post_url=urn, reaction="INSIGHTFUL"))

    for done, shape in ((first, (False, None)), (same, (True, None)), (other, (False, "CELEBRATE"))):
        assert isinstance(done.outcome, Reacted)
        assert (done.outcome.noop, done.outcome.replaced) == shape
    assert stage.desk.kinds(kind="react") == ["react", "react"]


async def test_a_comment_is_a_new_one_even_if_the_same_words_stand_there(stage: Stage) -> None:
    urn = a_post(stage)
    first = await stage.write(Comment(post_url=urn, text=TEXT))
    second = await stage.write(Comment(post_url=urn, text=TEXT))

    assert isinstance(first.outcome, Commented)
    assert isinstance(second.outcome, Commented)
    assert first.outcome.comment_urn != second.outcome.comment_urn
    assert stage.desk.kinds(kind="comment") == ["comment", "comment"]


async def test_what_is_not_there_or_not_offered_is_told_with_the_known_codes(stage: Stage) -> None:
    asked: list[tuple[Touchpoint, str]] = [
        (Message(public_identifier="nobody-of-that-name", message=TEXT), "profile_unavailable"),
        (React(post_url="urn:li:activity:7399999999999999999", reaction="LIKE"), "post_unavailable"),
        (React(post_url=a_post(stage), reaction="CURIOUS"), "unsupported_reaction"),
        (Comment(post_url=a_post(stage), text="x" * 1300), "comment_too_long"),
    ]
    for touchpoint, code in asked:
        with pytest.raises(NotPossible) as caught:
            await stage.write(touchpoint)
        assert caught.value.code == code


async def test_after_its_window_or_a_stop_the_act_does_not_begin(stage: Stage) -> None:
    async def stopped() -> None:
        raise Transient("a kill switch is on", code="kill_switch_on")

    touchpoint = Message(public_identifier=FRIEND, message=TEXT)
    async with stage.session() as session:
        token = IDS.token()
        write = session.write(touchpoint, token)
        assert await write.prepare() is None
        with pytest.raises(Transient) as late:
            await write.act(intent(token, timedelta(0)))
        with pytest.raises(Transient) as halted:
            await write.act(Intent(token, CLOCK.now() + timedelta(seconds=20), stopped))

    assert (late.value.code, halted.value.code) == ("act_window_passed", "kill_switch_on")
    assert stage.desk.kinds(kind="message") == []


async def test_what_the_store_does_not_show_yet_is_not_confirmed_and_found_later(stage: Stage) -> None:
    stage.desk.settings(read_lag_s=30)
    touchpoint, since = Message(public_identifier=FRIEND, message=TEXT), CLOCK.now()

    done = await stage.write(touchpoint)
    assert (done.accepted is not None, done.outcome) == (True, None)
    stage.desk.settings(read_lag_s=0)
    found = await stage.read_back(touchpoint, done.token, since)
    assert found.verdict == "found"


@pytest.mark.parametrize("status", ["CREDENTIALS", "PERMISSIONS", "ERROR", "STOPPED"])
async def test_an_account_that_cannot_act_needs_a_person(stage: Stage, status: str) -> None:
    stage.admin.post(f"/unipile/accounts/{stage.desk.account}/status", status=status)

    with pytest.raises(NeedsHuman) as caught:
        await stage.write(Message(public_identifier=FRIEND, message=TEXT))
    assert caught.value.code == "account_needs_login"


async def test_troubles_of_the_account_are_told_as_what_they_are(stage: Stage) -> None:
    touchpoint = Message(public_identifier=FRIEND, message=TEXT)
    for kind, failure in (
        ("disconnected_account", NeedsHuman),
        ("account_restricted", Restricted),
        ("checkpoint_error", NeedsHuman),
        ("too_many_requests", Throttled),
        ("missing_credentials", NeedsHuman),
    ):
        stage.desk.fault("status", "chat.start", body={"type": kind}, status=None, times=1)
        with pytest.raises(failure):
            await stage.write(touchpoint)
    stage.of(None)
    with pytest.raises(NeedsHuman):
        await stage.write(touchpoint)
    assert stage.desk.kinds(kind="message") == []
