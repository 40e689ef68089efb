"""After a write in doubt the world is looked at, and absence is only claimed with proof."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.unipile.client import (
    AccountDisconnected,
    Indeterminate,
    Sought,
    SoughtComment,
    Standing,
    without_blanks,
)
from scripted_unipile import ACCOUNT, ACO, Desk, Reply, listed, problem

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OTHER = {"id": "1", "invited_user_id": "ACoAAB00000000009"}
PENDING = {"id": "2", "invited_user_id": ACO, "parsed_datetime": "2026-03-01T11:59:00.000Z"}
POST = "urn:li:activity:7332661864792854528"
ME = Reply(200, {"object": "AccountOwnerProfile", "provider_id": "ACoSELF"})


def profile(**said: object) -> Reply:
    return Reply(200, {"provider_id": ACO, **said})


def desk_with(invitations: Reply, seen_as: Reply) -> Desk:
    desk = Desk()
    desk.on("GET", "/users/invite/sent", invitations)
    desk.on("GET", f"/users/{ACO}", seen_as)
    return desk


async def test_a_pending_invitation_is_proof_without_a_profile_read() -> None:
    desk = desk_with(listed(OTHER, PENDING), problem(404, "resource_not_found"))

    found = await desk.client().was_invited(ACCOUNT, ACO)

    assert found.standing is Standing.PENDING
    assert found.invitation is not None
    assert found.invitation.id == "2"
    assert desk.asked("GET", f"/users/{ACO}") == []


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ({"network_distance": "FIRST_DEGREE"}, Standing.CONNECTED),
        (
            {"network_distance": "SECOND_DEGREE", "invitation": {"type": "SENT", "status": "PENDING"}},
            Standing.PENDING,
        ),
        ({"network_distance": "SECOND_DEGREE"}, Standing.NONE),
        ({"is_relationship": False, "invitation": {"type": "SENT", "status": "WITHDRAWN"}}, Standing.NONE),
        ({}, Standing.UNKNOWN),
    ],
)
async def test_without_one_the_profile_tells(said: dict[str, object], standing: Standing) -> None:
    desk = desk_with(listed(OTHER), profile(**said))

    assert (await desk.client().was_invited(ACCOUNT, ACO)).standing is standing


@pytest.mark.parametrize(
    "partial",
    [
        listed(OTHER, cursor="same"),  # leads in circles
        listed(OTHER, {"invited_user": "Somebody, unreadably"}),
    ],
)
async def test_a_list_that_was_not_seen_whole_proves_no_absence(partial: Reply) -> None:
    desk = desk_with(partial, profile(network_distance="SECOND_DEGREE"))

    assert (await desk.client().was_invited(ACCOUNT, ACO)).standing is Standing.UNKNOWN


async def test_an_invitation_is_found_by_the_classic_id_when_asked_for_by_another() -> None:
    desk = desk_with(listed(PENDING), profile())
    desk.on("GET", "/users/ACwAAB12345678901", profile(network_distance="SECOND_DEGREE"))

    found = await desk.client().was_invited(ACCOUNT, "ACwAAB12345678901")

    assert found.standing is Standing.PENDING
    assert found.invitation is not None


async def test_looking_that_fails_says_nothing_about_the_invitation() -> None:
    desk = desk_with(problem(401, "disconnected_account"), profile())

    with pytest.raises(AccountDisconnected):
        await desk.client().was_invited(ACCOUNT, ACO)


async def test_an_invitation_cut_off_is_found_and_not_sent_twice() -> None:
    desk = desk_with(listed(PENDING), profile())
    desk.on("POST", "/users/invite", problem(504, "request_timeout"))
    client = desk.client()

    with pytest.raises(Indeterminate):
        await client.invitations.send(ACCOUNT, ACO)
    found = await client.was_invited(ACCOUNT, ACO)

    assert found.standing is Standing.PENDING
    assert len(desk.asked("POST", "/users/invite")) == 1


def said(text: str, *, own: int = 1, name: str = "m1", **more: object) -> dict[str, object]:
    return {"id": name, "text": text, "is_sender": own, **more}


async def test_our_message_is_found_whatever_happened_to_its_blanks() -> None:
    desk = Desk()
    theirs = said("Hi Jane,\n\nshall we talk?", own=0, name="m0")
    desk.on("GET", "/chats/c1/messages", listed(theirs, said(" Hi Jane,\r\n\r\nshall  we talk? ")))
    sought = Sought("Hi Jane,\n\nshall we talk?", NOW, chat_id="c1")

    found = await desk.client().find_sent_message(ACCOUNT, sought)

    assert found is not None
    assert found.id == "m1"
    assert desk.seen[0].asked["after"] == "2026-03-01T11:58:00.000Z"


@pytest.mark.parametrize(
    "there",
    [
        said("Hi Jane", own=0),
        said("Hi Jane", name="older"),
        said("Hi Jane", deleted=1),
        said("Hi Jana"),
        {"id": "m1", "text": "Hi Jane"},
    ],
    ids=["theirs", "known", "deleted", "other text", "nobody's"],
)
async def test_no_other_message_is_taken_for_ours(there: dict[str, object]) -> None:
    desk = Desk()
    desk.on("GET", "/chats/c1/messages", listed(there))
    sought = Sought("Hi Jane", NOW, chat_id="c1", known_ids={"older"})

    assert await desk.client().find_sent_message(ACCOUNT, sought) is None


async def test_a_new_chats_message_is_found_through_the_person() -> None:
    desk = Desk()
    chats = listed({"id": "group", "type": 1}, {"id": "c1", "type": 0})
    desk.on("GET", f"/chat_attendees/{ACO}/chats", chats)
    desk.on("GET", "/chats/c1/messages", listed(said("Hi")))
    client, sought = desk.client(), Sought("Hi", NOW, attendee_id=ACO)

    found = await client.find_sent_message(ACCOUNT, sought)
    assert found is not None
    assert desk.seen[0].asked["account_id"] == ACCOUNT
    assert desk.asked("GET", "/chats/group/messages") == []

    desk.on("GET", f"/chat_attendees/{ACO}/chats", problem(404, "resource_not_found", "Attendee not found"))
    assert await client.find_sent_message(ACCOUNT, sought) is None


async def test_an_inmail_is_found_in_a_chat_of_its_own() -> None:
    desk = Desk()
    desk.on(
        "GET", f"/chat_attendees/{ACO}/chats", listed({"id": "c1", "type": 0}, {"id": "inmail", "type": 0})
    )
    desk.on("GET", "/chats/c1/messages", listed())
    desk.on("GET", "/chats/inmail/messages", listed(said("Hi", name="m9")))

    found = await desk.client().find_sent_message(ACCOUNT, Sought("Hi", NOW, attendee_id=ACO))

    assert found is not None
    assert found.id == "m9"


async def test_a_vanished_account_is_not_taken_for_a_missing_chat() -> None:
    desk = Desk()
    gone = problem(404, "resource_not_found", "Account not found")
    desk.on("GET", f"/chat_attendees/{ACO}/chats", gone)

    with pytest.raises(AccountDisconnected):
        await desk.client().chats.find_with(ACCOUNT, ACO)


async def test_a_reaction_is_read_from_the_post() -> None:
    desk = Desk()
    desk.on(
        "GET",
        f"/posts/{POST.rsplit(':', 1)[1]}",
        Reply(200, {"id": "7", "user_reacted": "PRAISE"}),
        Reply(200, {"id": "7"}),
    )
    client = desk.client()

    assert await client.has_reacted(ACCOUNT, POST) == "PRAISE"
    assert await client.has_reacted(ACCOUNT, POST) is None


async def test_a_reaction_on_a_comment_is_ours_by_its_author() -> None:
    desk = Desk()
    desk.on("GET", f"/posts/{POST.rsplit(':', 1)[1]}", Reply(200, {"id": "7", "social_id": POST}))
    desk.on("GET", "/users/me", ME)
    theirs = {"value": "LIKE", "author": {"id": ACO}}
    desk.on(
        "GET",
        f"/posts/{POST}/reactions",
        listed(theirs),
        listed(theirs, {"value": "EMPATHY", "author": {"id": "ACoSELF"}}),
    )
    client = desk.client()

    assert await client.has_reacted(ACCOUNT, POST, comment_id="c9") is None
    assert await client.has_reacted(ACCOUNT, POST, comment_id="c9") == "EMPATHY"
    assert desk.asked("GET", f"/posts/{POST}/reactions")[0].asked["comment_id"] == "c9"


async def test_our_comment_is_found_by_author_and_text() -> None:
    desk = Desk()
    desk.on("GET", "/users/me", ME)
    theirs = {"id": "k1", "text": "Well said", "author_details": {"id": ACO}}
    ours = {"id": "k2", "text": "Well\r\nsaid", "author_details": {"id": "ACoSELF"}}
    desk.on("GET", f"/posts/{POST}/comments", listed(theirs, ours))
    client = desk.client()

    found = await client.find_comment(ACCOUNT, POST, SoughtComment("Well said"))
    assert found is not None
    assert found.id == "k2"
    assert await client.find_comment(ACCOUNT, POST, SoughtComment("Well said", known_ids={"k2"})) is None


@given(
    words=st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1), min_size=1),
    data=st.data(),
)
def test_blanks_do_not_tell_texts_apart_and_everything_else_does(
    words: list[str], data: st.DataObject
) -> None:
    blanks = st.sampled_from([" ", "\n", "\r\n", "\t", " \u00a0 "])
    spread = "".join(word + data.draw(blanks) for word in words)

    assert without_blanks(spread) == without_blanks(" ".join(words))
    assert without_blanks(spread + "!") != without_blanks(spread)
