"""Answers are read for what they say, however oddly they say it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.unipile.client import Unreadable, redact
from overture.providers.unipile.client.models.accounts import Account
from overture.providers.unipile.client.models.messaging import Chat, Message
from overture.providers.unipile.client.models.people import Relation, UserProfile
from overture.providers.unipile.client.models.webhooks import Webhook
from overture.providers.unipile.client.values import read_flag, read_moment
from scripted_unipile import ACCOUNT, ACO, Desk, Reply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        (["OK", "CREDENTIALS", "ERROR"], "CREDENTIALS"),
        (["OK", "CONNECTING"], "CONNECTING"),
        (["STOPPED", "ERROR", "PERMISSIONS"], "PERMISSIONS"),
        (["OK"], "OK"),
        (["OK", "ON_FIRE"], "ON_FIRE"),
        ([], None),
    ],
)
def test_an_account_is_as_well_as_its_worst_source(statuses: list[str], worst: str | None) -> None:
    sources = [{"id": str(index), "status": status} for index, status in enumerate(statuses)]

    assert Account.model_validate({"id": "a", "sources": sources}).status == worst


def test_unknown_fields_stay_and_odd_ones_are_none() -> None:
    profile = UserProfile.model_validate(
        {
            "object": "SomethingElse",
            "provider_id": ACO,
            "is_premium": 1,
            "is_open_profile": "maybe",
            "follower_count": "many",
            "work_experience": [{"company": "Acme", "current": 0, "start": 2021}, {"position": ["?"]}],
            "brand_new": {"x": 1},
        }
    )

    assert (profile.is_premium, profile.is_open_profile, profile.follower_count) == (True, None, None)
    assert profile.model_extra is not None
    assert profile.model_extra["brand_new"] == {"x": 1}
    assert profile.work_experience is not None
    assert [job.company for job in profile.work_experience] == ["Acme", None]
    assert profile.work_experience[0].start == "2021"


async def test_an_answer_without_its_key_is_none() -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", Reply(200, {"object": "UserProfile", "first_name": "Jane"}))

    with pytest.raises(Unreadable):
        await desk.client().users.get(ACCOUNT, "jane")


@given(values=st.dictionaries(st.sampled_from(sorted(UserProfile.model_fields)), JSON))
def test_no_odd_value_makes_a_profile_unreadable(values: dict[str, object]) -> None:
    profile = UserProfile.model_validate({**values, "provider_id": ACO})

    assert profile.provider_id == ACO
    assert isinstance(profile.is_invited, bool)


@given(values=st.dictionaries(st.sampled_from(sorted(Message.model_fields)), JSON))
def test_no_odd_value_makes_a_message_unreadable(values: dict[str, object]) -> None:
    message = Message.model_validate({**values, "id": "m"})

    assert message.is_theirs in (True, False, None)


@pytest.mark.parametrize(
    ("message", "theirs"),
    [
        ({"is_sender": 0, "is_event": 0, "hidden": 0}, True),
        ({"is_sender": False}, True),
        ({"is_sender": 1}, False),
        ({"is_sender": 0, "is_event": 1}, False),
        ({"is_sender": 0, "hidden": True}, False),
        ({}, None),
    ],
)
def test_whose_message_it_is(message: dict[str, object], theirs: bool | None) -> None:
    assert Message.model_validate({"id": "m", **message}).is_theirs is theirs


@pytest.mark.parametrize(
    ("profile", "connected", "invited"),
    [
        ({"is_relationship": True}, True, False),
        ({"network_distance": "FIRST_DEGREE"}, True, False),
        ({"network_distance": "SECOND_DEGREE"}, False, False),
        (
            {"invitation": {"type": "SENT", "status": "PENDING"}, "network_distance": "SECOND_DEGREE"},
            False,
            True,
        ),
        ({"invitation": {"type": "SENT", "status": "WITHDRAWN"}}, None, False),
        ({"invitation": {"type": "RECEIVED", "status": "PENDING"}}, None, False),
    ],
)
def test_how_somebody_stands_to_the_account(
    profile: dict[str, object], connected: bool | None, invited: bool
) -> None:
    seen = UserProfile.model_validate({"provider_id": ACO, **profile})

    assert (seen.is_connected, seen.is_invited) == (connected, invited)


MORNING = datetime(2026, 2, 24, 14, 35, 52, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1771943752000, MORNING),
        ("1771943752000", MORNING),
        (1771943752, MORNING),
        ("2026-02-24T14:35:52.000Z", MORNING),
        ("2026-02-24T15:35:52+01:00", MORNING),
        ("2026-02-24T14:35:52", MORNING),
        ("Sent 3 weeks ago", None),
        ("", None),
        (None, None),
        (True, None),
        (10**30, None),
        (float("nan"), None),
        ({"x": 1}, None),
    ],
    ids=repr,
)
def test_times_are_aware_or_none(value: object, moment: datetime | None) -> None:
    assert read_moment(value) == moment


@given(JSON)
def test_no_value_breaks_the_reading_of_times_and_flags(value: object) -> None:
    moment = read_moment(value)

    assert moment is None or moment.utcoffset() is not None
    assert read_flag(value) in (True, False, None)


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        (0, False),
        (1, True),
        ("1", True),
        ("false", False),
        (True, True),
        (2, None),
        ("x", None),
        (None, None),
    ],
    ids=repr,
)
def test_flags_are_yes_no_or_unknown(value: object, flag: bool | None) -> None:
    assert read_flag(value) is flag


def test_a_relation_needs_no_public_identifier() -> None:
    relation = Relation.model_validate({"member_id": ACO, "created_at": 1771943752000})

    assert (relation.public_identifier, relation.created_at) == (None, MORNING)


def test_a_chat_brings_its_last_message() -> None:
    chat = Chat.model_validate(
        {"id": "c", "type": 0, "muted_until": -1, "lastMessage": {"id": "m", "is_sender": 1}}
    )

    assert chat.is_group is False
    assert chat.muted_until == "-1"
    assert chat.lastMessage is not None
    assert chat.lastMessage.is_sender is True


def test_secrets_are_not_in_what_an_answer_looks_like() -> None:
    proxy = {"host": "h", "port": 1, "password": "pr0xy"}
    account = Account.model_validate(
        {
            "id": "a",
            "connection_params": {
                "im": {"proxy": proxy, "jsessionid": "c00kie"},
                "mail": {"imap_password": "im4p"},
            },
        }
    )
    webhook = Webhook.model_validate(
        {
            "id": "w",
            "headers": [{"key": "Unipile-Auth", "value": "s3cret"}, {"key": "Content-Type", "value": "j"}],
        }
    )
    params = account.connection_params
    assert params is not None
    assert params.im is not None
    assert params.im.proxy is not None
    assert params.im.proxy.password is not None
    assert params.im.proxy.password.get_secret_value() == "pr0xy"

    shown = f"{account!r} {account} {params!r} {params.im!r} {params.mail!r} {webhook!r} {webhook.headers!r}"

    assert not any(secret in shown for secret in ("pr0xy", "c00kie", "im4p", "s3cret"))


@given(secret=st.text("abcdef0123456789", min_size=12, max_size=24), name=st.sampled_from(
    ["X-API-KEY", "api_key", "access_token", "li_at", "password", "imap_password", "proxy_password", "cookie",
     "premium_token", "shared_secret", "Authorization", "connectionParams", "JSESSIONID", "refresh_token"]
), depth=st.integers(0, 4))  # fmt: skip
def test_a_secret_is_found_by_its_name_however_deep(secret: str, name: str, depth: int) -> None:
    value: object = {name: secret, "kept": "this"}
    for level in range(depth):
        value = [value] if level % 2 else {"inner": value}

    shown = repr(redact(value))

    assert secret not in shown
    assert "this" in shown


@given(secret=st.text("abcdef0123456789", min_size=12, max_size=24), before=st.text(max_size=9))
def test_a_known_secret_is_found_inside_any_text(secret: str, before: str) -> None:
    assert secret not in repr(redact({"detail": [f"{before}{secret}!"]}, secret))
