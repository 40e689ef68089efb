"""Deliveries become conversations, relationships and account states, each once."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from crowd import a_lead, events, keys_of, observe, profile_id, see, submit, suppressed
from inbox_desk import Desk, a_desk
from overture import people
from overture.entrypoints.bootstrap import App
from overture.people import Key, Lead, Seen
from overture.touchpoints import Connect, Message
from product import add_account


@pytest.fixture
async def desk(app: App, account: str) -> Desk:
    return await a_desk(app, account)


async def lea(app: App, number: int = 1, **more: object) -> Lead:
    """The lead of this number."""
    fields = {"linkedin_slug": f"lea-{number}", "linkedin_profile_id": profile_id(number), **more}
    return await a_lead(app, **fields)


async def relation_of(app: App, lead: Lead) -> str:
    async with app.sessions() as db:
        found = await people.relationships_of(db, {lead.id})
    return found[0].state if found else "none"


async def intended(app: App, *, by: str, **fields: object) -> None:
    """A run whose act was begun, by its tag; what became of it is not known yet."""
    await submit(app, Message.model_validate({"message": "Hi Lea,\nhello!", **fields}), tags=(by,))
    async with app.sessions.begin() as db:
        await db.execute(text("update runs set effect = 'intended', intended_at = :now"), {"now": app.now()})


async def test_an_answer_opens_a_conversation_and_is_told_of_without_its_words(app: App, desk: Desk) -> None:
    lead = await lea(app)

    await desk.take(desk.message(1, "Sounds good!", key="a"))

    found = await desk.conversation()
    assert (found.lead_id, found.counterpart_name, found.unread_count) == (lead.id, "Lea 1", 1)
    assert (found.last_direction, found.last_text) == ("theirs", "Sounds good!")
    (message,) = await desk.messages()
    assert (message.direction, message.by, message.kind) == ("theirs", "them", "reply")
    ((kind, data),) = [one for one in await events(app, lead) if one[0] == "inbox.message"]
    assert kind == "inbox.message"
    assert data["key"] == "2-a"
    assert "Sounds good!" not in str(data)
    assert await desk.states() == [("applied", None)]


async def test_the_same_delivery_again_is_known_at_the_door(app: App, desk: Desk) -> None:
    await lea(app)
    payload = desk.message(1, "Sounds good!")
    assert await desk.put(payload)
    assert not await desk.put(payload)
    await desk.turn()
    assert not await desk.put(payload)
    await desk.turn()

    assert len(await desk.messages()) == 1
    assert len(await desk.told()) == 1


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Please stop contacting me", "opt_out"),
        ("No thanks", "decline"),
        ("I am out of office until Monday", "auto_reply"),
        ("Tell me more", "reply"),
    ],
)
async def test_answers_are_kept_as_what_they_mean(app: App, desk: Desk, words: str, kind: str) -> None:
    lead = await lea(app)

    await desk.take(desk.message(1, words))

    assert [one.kind for one in await desk.messages()] == [kind]
    assert await suppressed(app, lead) == ({str(lead.id)} if kind == "opt_out" else set())


async def test_what_a_run_wrote_is_no_word_by_hand_even_before_the_run_knows(app: App, desk: Desk) -> None:
    await lea(app)
    await intended(app, by="campaign", public_identifier="lea-1")

    await desk.take(desk.message(1, "Hi Lea,\r\nhello!", own=True))

    (message,) = await desk.messages()
    assert (message.direction, message.by, message.kind) == ("own", "run", "own")
    assert message.run_id is not None
    assert (await desk.conversation()).unread_count == 0


async def test_what_somebody_sent_from_the_inbox_is_theirs(app: App, desk: Desk) -> None:
    await lea(app)
    await intended(app, by="inbox", public_identifier="lea-1")

    await desk.take(desk.message(1, "Hi Lea,\nhello!", own=True))

    assert [one.by for one in await desk.messages()] == ["inbox"]


@pytest.mark.parametrize("told", ["is_sender", "user_id"])
async def test_a_word_by_hand_is_own_and_never_an_answer(app: App, desk: Desk, told: str) -> None:
    await lea(app)
    await intended(app, by="campaign", public_identifier="lea-1")
    payload = desk.message(1, "Something else", own=True)
    if told == "is_sender":
        payload |= {"is_sender": 1, "account_info": {}}

    await desk.take(payload)

    assert [(one.direction, one.by) for one in await desk.messages()] == [("own", "hand")]


async def test_the_same_words_to_somebody_else_were_not_written_by_that_run(app: App, desk: Desk) -> None:
    await lea(app, 1)
    await lea(app, 2)
    await intended(app, by="campaign", public_identifier="lea-1")

    await desk.take(desk.message(2, "Hi Lea,\nhello!", own=True))

    assert [one.by for one in await desk.messages()] == ["hand"]


async def test_an_unknown_account_is_quarantined_until_it_is_known(app: App, account: str) -> None:
    await lea(app)
    desk = Desk(app, account)

    await desk.take(desk.message(1, "Hello"))

    assert await desk.states() == [("unmatched", "unknown_account")]
    await desk.connect()
    await desk.turn()
    assert await desk.states() == [("applied", None)]
    assert len(await desk.told()) == 1


async def test_a_stranger_has_a_conversation_and_is_told_of_once_they_are_a_lead(
    app: App, desk: Desk
) -> None:
    await desk.take(desk.message(1, "Who are you?"), desk.message(1, "Hello?", own=True))
    assert (await desk.conversation()).lead_id is None
    assert await desk.told() == []

    lead = await lea(app)
    await desk.turn()

    assert (await desk.conversation()).lead_id == lead.id
    assert sorted(one[1] for one in await desk.told()) == ["own", "theirs"]


async def test_a_new_relation_accepts_our_invitation(app: App, desk: Desk) -> None:
    lead = await lea(app)
    await observe(app, "ada", lead, Seen("invited", app.now() - timedelta(days=2), "run:x"))

    await desk.take(desk.relation(1), endpoint="users")

    assert await relation_of(app, lead) == "connected"
    assert (await see(app, lead)).stage == "CONNECTED"
    assert [kind for kind, _ in await events(app, lead)].count("connection_accepted") == 1


async def test_a_relation_that_nobody_invited_is_no_acceptance(app: App, desk: Desk) -> None:
    lead = await lea(app)

    await desk.take(desk.relation(1), endpoint="users")

    assert await relation_of(app, lead) == "connected"
    assert "connection_accepted" not in [kind for kind, _ in await events(app, lead)]


@pytest.mark.parametrize("by", ["slug", "address"])
async def test_a_lead_known_by_name_is_found_and_known_by_its_id_from_then_on(
    app: App, desk: Desk, by: str
) -> None:
    lead = await a_lead(app, linkedin_slug="lea-1")
    payload = desk.relation(1) | ({"user_public_identifier": None} if by == "address" else {})

    await desk.take(payload, endpoint="users")

    assert await relation_of(app, lead) == "connected"
    assert Key("linkedin_profile_id", profile_id(1)) in await keys_of(app, lead)


async def test_a_name_that_changed_hands_is_nobody_we_know(app: App, desk: Desk) -> None:
    lead = await a_lead(app, linkedin_slug="lea-1", linkedin_profile_id=profile_id(77))

    await desk.take(desk.relation(1), endpoint="users")

    assert await relation_of(app, lead) == "none"
    assert await desk.states() == [("unmatched", "unknown_person")]


async def test_a_relation_is_taken_in_once_its_person_is_known(app: App, desk: Desk) -> None:
    await desk.take(desk.relation(1), endpoint="users")
    assert await desk.states() == [("unmatched", "unknown_person")]

    lead = await lea(app)
    await desk.turn()

    assert await relation_of(app, lead) == "connected"
    assert await desk.states() == [("applied", None)]


async def test_the_note_of_our_invitation_in_a_thread_is_an_acceptance(app: App, desk: Desk) -> None:
    lead = await lea(app)
    await submit(app, Connect(public_identifier="lea-1", note="Shall we connect?"))
    async with app.sessions.begin() as db:
        await db.execute(text("update runs set effect = 'confirmed', intended_at = :now"), {"now": app.now()})
    await observe(app, "ada", lead, Seen("invited", app.now() - timedelta(days=2), "run:x"))
    long_ago = app.now() - timedelta(days=2)

    note = desk.message(1, "Shall we connect?", own=True, message_type="INVITATION", at=long_ago)
    await desk.take(note)

    assert [(one.kind, one.by) for one in await desk.messages()] == [("note", "run")]
    assert await relation_of(app, lead) == "connected"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("CREDENTIALS", "reported_credentials"),
        ("PERMISSIONS", "reported_permissions"),
        ("ERROR", "reported_error"),
        ("STOPPED", "reported_stopped"),
    ],
)
async def test_an_account_that_cannot_act_needs_a_person_and_gets_well_by_itself(
    desk: Desk, word: str, reason: str
) -> None:
    await desk.take(desk.status(word), endpoint="accounts")
    assert await desk.state() == ("needs_attention", reason)

    await desk.take(desk.status("CONNECTING"), endpoint="accounts")
    assert (await desk.state())[0] == "needs_attention"
    await desk.take(desk.status("RECONNECTED"), endpoint="accounts")
    assert await desk.state() == ("active", None)


async def test_a_pause_of_a_person_stays_whatever_is_reported(app: App, desk: Desk) -> None:
    async with app.sessions.begin() as db:
        await db.execute(text("update accounts set state = 'paused', state_reason = 'operator'"))

    await desk.take(desk.status("CREDENTIALS"), desk.status("OK"), endpoint="accounts")

    assert await desk.state() == ("paused", "operator")


async def test_an_older_report_that_comes_late_changes_nothing(app: App, desk: Desk) -> None:
    now = app.now()
    await desk.put(desk.status("OK"), "accounts", now)
    await desk.turn()
    await desk.put(desk.status("CREDENTIALS"), "accounts", now - timedelta(minutes=5))
    await desk.turn()

    assert await desk.state() == ("active", None)


async def test_what_happens_to_a_message_is_taken_down_even_when_it_comes_first(app: App, desk: Desk) -> None:
    await lea(app)
    said = desk.message(1, "Sonds good", key="a")
    await desk.take({**said, "event": "message_edited", "message": "Sounds good"})
    await desk.take(
        {**said, "event": "message_reaction", "reaction": "👍", "reaction_sender": said["sender"]}
    )
    assert [state for state, _ in await desk.states()] == ["unmatched", "unmatched"]

    await desk.take(said)

    (message,) = await desk.messages()
    assert message.text == "Sounds good"
    assert message.edited_at is not None
    assert message.reactions == [f"{profile_id(1)}|👍"]
    assert (await desk.conversation()).last_text == "Sounds good"
    assert {state for state, _ in await desk.states()} == {"applied"}


async def test_words_that_become_an_opt_out_count_as_one(app: App, desk: Desk) -> None:
    lead = await lea(app)
    said = desk.message(1, "Hm", key="a")

    await desk.take(said, {**said, "event": "message_edited", "message": "Please do not contact me"})

    assert [one[3] for one in await desk.told()] == ["reply", "opt_out"]
    assert await suppressed(app, lead) == {str(lead.id)}


async def test_a_message_that_was_read_or_taken_back_says_so(app: App, desk: Desk) -> None:
    await lea(app)
    said = desk.message(1, "Oops", key="a")
    await desk.take(said, {**said, "event": "message_deleted", "message": None})
    mine = desk.message(1, "Hello", key="b", own=True)
    await desk.take(mine, {**mine, "event": "message_read"})

    taken_back, read = await desk.messages()
    assert taken_back.deleted_at is not None
    assert taken_back.text == "Oops"
    assert read.seen_at is not None
    assert (await desk.conversation()).unread_count == 0


async def test_writing_back_by_hand_reads_what_stands_above(app: App, desk: Desk) -> None:
    await lea(app)
    now = app.now() - timedelta(hours=1)
    await desk.take(desk.message(1, "Hello?", at=now))
    assert (await desk.conversation()).unread_count == 1

    await desk.take(desk.message(1, "Hello!", own=True, at=now + timedelta(minutes=1)))
    assert (await desk.conversation()).unread_count == 0
    await desk.take(desk.message(1, "Great", at=now + timedelta(minutes=2)))

    assert (await desk.conversation()).unread_count == 1


async def test_a_group_is_nobodys_answer(app: App, desk: Desk) -> None:
    await lea(app)

    await desk.take(desk.message(1, "Hello all", is_group=True))

    found = await desk.conversation()
    assert (found.is_group, found.lead_id) == (True, None)
    assert await desk.told() == []


async def test_a_sender_nobody_can_tell_is_tried_again_and_then_left(app: App, desk: Desk) -> None:
    await lea(app)
    payload = desk.message(1, "Hello", account_info={}, sender={}, attendees=[])

    await desk.take(payload)
    assert await desk.states() == [("received", "sender_unknown")]
    for hours in range(1, 9):
        await desk.turn(timedelta(hours=hours))

    assert await desk.states() == [("dead", "sender_unknown")]
    assert await desk.messages() == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"event": "moon_phase", "account_id": "x"}', "unknown_type"),
        (b'{"event": "mail_received", "account_id": "x", "email_id": "e"}', "not_for_the_inbox"),
        (b"\xff\xfe not a thing", "unreadable"),
        (b'{"event": "message_received", "account_id": "unipile-ada"}', "message_without_thread"),
        (b'{"event": "new_relation", "account_id": "unipile-ada"}', "relation_without_person"),
    ],
)
async def test_what_nothing_follows_from_is_kept_with_the_reason(desk: Desk, body: bytes, why: str) -> None:
    await desk.take(body)

    (one,) = await desk.deliveries()
    assert (one.state, one.error, one.body) == ("dead", why, body)


async def test_text_the_database_cannot_hold_does_no_harm(app: App, desk: Desk) -> None:
    await lea(app)

    await desk.take(b'{"x":"\\u0000"}', desk.message(1, "nul \x00 half \ud800 end", key="\x00odd"))

    assert [one.text for one in await desk.messages()] == ["nul  half � end"]


async def test_one_that_cannot_be_applied_keeps_nobody_waiting(app: App, desk: Desk) -> None:
    await lea(app)
    async with app.sessions.begin() as db:
        await db.execute(text("alter table inbox_messages add constraint no_poison check (text <> 'poison')"))

    await desk.take(desk.message(1, "one"), desk.message(1, "poison"), desk.message(1, "two"))

    assert [one.text for one in await desk.messages()] == ["one", "two"]
    assert sorted(state for state, _ in await desk.states()) == ["applied", "applied", "received"]
    for hours in range(1, 9):
        await desk.turn(timedelta(hours=hours))
    assert ("dead", "error:IntegrityError") in await desk.states()


async def test_accounts_of_one_person_have_conversations_of_their_own(app: App, desk: Desk) -> None:
    await lea(app)
    other = await a_desk(app, await add_account(app, "bob"), "unipile-bob")

    await desk.take(desk.message(1, "Hello", key="a"))
    await other.take(other.message(1, "Hello", key="a"))

    assert len(await desk.conversations()) == 2
    assert len(await desk.told()) == 2
