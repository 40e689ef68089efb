"""How requests are written: names, times, forms, the limits of a note."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.unipile.client import (
    Address,
    Attachment,
    BadIdentifier,
    ChatFilter,
    ConnectOptions,
    ContentInvalid,
    HostedOptions,
    Letter,
    LinkedInCookie,
    LinkedInOptions,
    LinkedInPassword,
    MessageFilter,
    Proxy,
    Reaction,
    Tier,
    is_classic_id,
    note_fits,
    post_identifier,
    profile_identifier,
)
from overture.providers.unipile.client.values import read_moment, write_moment
from scripted_unipile import ACCOUNT, ACO, Desk, Reply

CHAT = Reply(201, {"object": "ChatStarted", "chat_id": "c1", "message_id": None})
PROFILE = Reply(200, {"provider_id": ACO})
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_sections_are_joined_by_commas() -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", PROFILE)
    client = desk.client()

    await client.users.get(ACCOUNT, "jane", sections=("experience", "skills"), api="sales_navigator")
    await client.users.get(ACCOUNT, "jane", sections="*", api="classic")

    assert desk.seen[0].asked == {
        "account_id": ACCOUNT,
        "linkedin_sections": "experience,skills",
        "linkedin_api": "sales_navigator",
    }
    assert desk.seen[1].asked == {"account_id": ACCOUNT, "linkedin_sections": "*"}


async def test_a_chat_is_started_as_the_official_client_does_it() -> None:
    desk = Desk()
    desk.on("POST", "/chats", CHAT)
    options = LinkedInOptions(inmail=True)

    started = await desk.client().chats.start(
        ACCOUNT, ["ACoA1", "ACoA2"], "Hi Jane,\r\nä 👋", subject="Hello", linkedin=options
    )

    assert started.chat_id == "c1"
    assert started.message_id is None
    assert desk.seen[0].parts() == [
        ("account_id", ACCOUNT, None),
        ("text", "Hi Jane,\r\nä 👋", None),
        ("subject", "Hello", None),
        ("attendees_ids", "ACoA1", None),
        ("attendees_ids", "ACoA2", None),
        ("linkedin[api]", "classic", None),
        ("linkedin[inmail]", "true", None),
    ]


@given(text=st.text(min_size=1, max_size=80).filter(lambda text: text.isprintable() and text.strip() == text))
async def test_a_message_arrives_letter_by_letter(text: str) -> None:
    desk = Desk()
    desk.on("POST", "/chats/c1/messages", Reply(201, {"object": "MessageSent", "message_id": "m1"}))

    await desk.client().messages.send(ACCOUNT, "c1", text)

    assert desk.seen[0].parts() == [("account_id", ACCOUNT, None), ("text", text, None)]


async def test_files_go_under_their_names() -> None:
    desk = Desk()
    desk.on("POST", "/chats/c1/messages", Reply(201, {"object": "MessageSent", "message_id": None}))
    files = [
        Attachment("a.pdf", b"one", "application/pdf"),
        Attachment("b.pdf", b"two", "application/pdf"),
        Attachment("v.m4a", b"three", "audio/mp4", part="voice_message"),
    ]

    await desk.client().messages.send(ACCOUNT, "c1", "See these", attachments=files)

    assert desk.seen[0].parts()[2:] == [
        ("attachments", "one", "a.pdf"),
        ("attachments", "two", "b.pdf"),
        ("voice_message", "three", "v.m4a"),
    ]


@pytest.mark.parametrize("wrong", ["ACoA1", [], ["ACoA1,ACoA2"], [""]])
async def test_attendees_are_a_list_of_single_ids(wrong: list[str]) -> None:
    desk = Desk()
    with pytest.raises(ValueError, match="attendee"):
        await desk.client().chats.start(ACCOUNT, wrong, "Hi")
    assert desk.seen == []


async def test_an_invitation_is_json_with_only_what_is_set() -> None:
    desk = Desk()
    answer = {"object": "UserInvitationSent", "invitation_id": 7012345678901234567, "usage": 75}
    desk.on("POST", "/users/invite", Reply(201, answer))
    client = desk.client()

    sent = await client.invitations.send(ACCOUNT, ACO)
    await client.invitations.send(ACCOUNT, ACO, "Hi", email="jane@acme.example")

    assert (sent.invitation_id, sent.usage) == ("7012345678901234567", 75)
    assert desk.seen[0].json() == {"account_id": ACCOUNT, "provider_id": ACO}
    assert desk.seen[1].json() == {
        "account_id": ACCOUNT,
        "provider_id": ACO,
        "message": "Hi",
        "user_email": "jane@acme.example",
    }


@pytest.mark.parametrize(("tier", "most"), [("free", 200), ("paid", 300), (None, 300)])
async def test_a_note_too_long_for_the_account_is_not_sent(tier: Tier | None, most: int) -> None:
    desk = Desk()
    desk.on("POST", "/users/invite", Reply(200, {"object": "UserInvitationSent"}))
    client = desk.client()

    with pytest.raises(ContentInvalid) as caught:
        await client.invitations.send(ACCOUNT, ACO, "x" * (most + 1), tier=tier)
    assert caught.value.slug == "too_many_characters"
    assert desk.seen == []
    await client.invitations.send(ACCOUNT, ACO, "x" * most, tier=tier)
    assert len(desk.seen) == 1


@given(note=st.text(max_size=310))
def test_a_note_that_fits_is_short_on_every_count(note: str) -> None:
    if note_fits(note, "free"):
        assert len(note) <= 200
        assert len(note.encode("utf-16-le")) <= 400
    else:
        assert len(note) > 100


def test_a_waving_hand_counts_as_two() -> None:
    assert note_fits("👋" * 100, "free")
    assert not note_fits("👋" * 101, "free")


async def test_a_comment_is_bounded_and_a_reaction_is_a_known_one() -> None:
    desk = Desk()
    desk.on("POST", "/posts/urn:li:activity:7/comments", Reply(201, {"object": "CommentSent"}))
    desk.on("POST", "/posts/reaction", Reply(201, {"object": "ReactionAdded"}))
    client, post = desk.client(), "urn:li:activity:7"

    for text in ("", "x" * 1251):
        with pytest.raises(ContentInvalid):
            await client.posts.comment(ACCOUNT, post, text)
    with pytest.raises(ValueError, match="curious"):
        await client.posts.react(ACCOUNT, post, "curious")
    assert desk.seen == []
    await client.posts.comment(ACCOUNT, post, "Well said {{0}}", mentions=[{"name": "J", "profile_id": ACO}])
    await client.posts.react(ACCOUNT, post, Reaction.CELEBRATE)

    assert desk.seen[0].json()["mentions"] == [{"name": "J", "profile_id": ACO}]
    assert desk.seen[1].json() == {"account_id": ACCOUNT, "post_id": post, "reaction_type": "celebrate"}


async def test_an_email_carries_its_nested_values_as_json_texts() -> None:
    desk = Desk()
    desk.on("POST", "/emails", Reply(201, {"object": "EmailSent", "tracking_id": "t1"}))
    letter = Letter([Address("jane@acme.example", "Jane")], "Hi", "<p>Hi</p>", headers={"X-Run": "1"})

    await desk.client().emails.send("mail_1", letter)

    assert desk.seen[0].parts() == [
        ("account_id", "mail_1", None),
        ("subject", "Hi", None),
        ("body", "<p>Hi</p>", None),
        ("to", '[{"display_name": "Jane", "identifier": "jane@acme.example"}]', None),
        ("custom_headers", '[{"name": "X-Run", "value": "1"}]', None),
    ]


async def test_connecting_sends_secrets_and_shows_none() -> None:
    desk = Desk()
    desk.on(
        "POST",
        "/accounts",
        Reply(202, {"object": "Checkpoint", "account_id": "a", "checkpoint": {"type": "2FA"}}),
    )
    proxy = Proxy("proxy.example", 8080, username="u", password="pr0xy")
    cookie = LinkedInCookie("li-at-value", user_agent="Mozilla/5.0")
    options = ConnectOptions(country="DE", proxy=proxy)

    answer = await desk.client().accounts.connect(cookie, options)

    body = desk.seen[0].json()
    assert body["access_token"] == "li-at-value"
    assert body["proxy"]["password"] == "pr0xy"
    assert (answer.is_connected, answer.checkpoint and answer.checkpoint.type) == (False, "2FA")
    shown = repr([cookie, options, LinkedInPassword("jane", "hunter2")])
    assert not any(secret in shown for secret in ("li-at-value", "pr0xy", "hunter2"))


async def test_a_connection_is_told_by_its_object_not_by_its_status() -> None:
    desk = Desk()
    desk.on("POST", "/accounts", Reply(202, {"object": "AccountCreated", "account_id": "a"}))
    assert (await desk.client().accounts.connect(LinkedInPassword("j", "p"))).is_connected

    desk.on("POST", "/accounts/a/restart", Reply(200, {"object": "AccountFailedToRestart"}))
    assert not await desk.client().accounts.restart("a")


async def test_times_are_written_with_milliseconds_and_z() -> None:
    desk = Desk()
    desk.on("GET", "/messages", Reply(200, {"items": []}))
    desk.on("GET", "/chats", Reply(200, {"items": []}))
    desk.on("POST", "/hosted/accounts/link", Reply(200, {"object": "HostedAuthURL", "url": "https://x"}))
    berlin = timezone(timedelta(hours=1))
    client = desk.client()

    await client.messages.list(MessageFilter(account_id=ACCOUNT, after=NOON.astimezone(berlin)))
    await client.chats.list(ChatFilter(account_ids=["a", "b"], unread=True, before=NOON))
    link = await client.hosted.connect_link(HostedOptions(NOON, name="user-42"))

    assert desk.seen[0].asked == {"account_id": ACCOUNT, "after": "2026-03-01T12:00:00.000Z"}
    assert desk.seen[1].asked == {"account_id": "a,b", "unread": "true", "before": "2026-03-01T12:00:00.000Z"}
    assert desk.seen[2].json()["expiresOn"] == "2026-03-01T12:00:00.000Z"
    assert desk.seen[2].json()["api_url"] == "http://127.0.0.1:3114"
    assert link.url == "https://x"


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1900 <= moment.year <= 2999))
def test_a_written_time_reads_back_to_the_millisecond(moment: datetime) -> None:
    assert read_moment(write_moment(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_a_time_without_zone_is_not_sent() -> None:
    with pytest.raises(ValueError, match="zone"):
        write_moment(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("jane-doe", "jane-doe"),
        ("https://www.linkedin.com/in/jane-doe/?miniProfileUrn=urn%3Ali%3Afs_miniProfile%3AACoX", "jane-doe"),
        ("linkedin.com/in/jane-doe/details/experience/", "jane-doe"),
        ("https://www.linkedin.com/in/j%C3%BCrgen-m/", "jürgen-m"),
        ("https://www.linkedin.com/sales/lead/ACwAAA1,NAME_SEARCH,abcd", "ACwAAA1"),
        ("urn:li:fsd_profile:ACoAAB12345678901", ACO),
        (ACO, ACO),
    ],
)
def test_who_is_meant_is_read_out_of_whatever_was_pasted(text: str, who: str) -> None:
    assert profile_identifier(text) == who


@pytest.mark.parametrize("text", ["", "..", ".", "/", "?x=1", "https://www.linkedin.com/feed/"])
def test_what_names_nobody_is_not_asked_for(text: str) -> None:
    with pytest.raises(BadIdentifier):
        profile_identifier(text)


async def test_an_identifier_stays_one_part_of_the_path() -> None:
    desk = Desk()
    desk.on("GET", "/users/jürgen m", PROFILE)

    await desk.client().users.get(ACCOUNT, "jürgen m")
    with pytest.raises(BadIdentifier):
        await desk.client().accounts.get("")
    with pytest.raises(BadIdentifier):
        await desk.client().chats.get("..")

    assert len(desk.seen) == 1


@pytest.mark.parametrize(
    ("text", "post"),
    [
        ("https://www.linkedin.com/feed/update/urn:li:activity:7332661864792854528/", "7332661864792854528"),
        (
            "https://www.linkedin.com/posts/jane_topic-activity-7332661864792854528-aB1c?x=1",
            "7332661864792854528",
        ),
        (
            "https://www.linkedin.com/feed/update/urn%3Ali%3AugcPost%3A7332661864792854528",
            "urn:li:ugcPost:7332661864792854528",
        ),
        ("7332661864792854528", "7332661864792854528"),
    ],
)
def test_which_post_is_meant_is_read_out_of_a_link(text: str, post: str) -> None:
    assert post_identifier(text) == post


def test_only_classic_ids_are_matched_with_relations() -> None:
    assert is_classic_id("ACoAAB12345678901")
    assert is_classic_id("ADoAAB12345678901")
    assert not is_classic_id("ACwAAB12345678901")
    assert not is_classic_id("jane-doe")
