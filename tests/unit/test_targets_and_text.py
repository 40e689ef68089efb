"""What a touchpoint accepts: profile addresses in every spelling, and text that is kept byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from overture.touchpoints import REGISTRY, Connect, Enrich, Message, read_touchpoint
from overture.touchpoints.post import read_post

ID = "ACoAADWk6xQBlT2e9iqTzUCiizNuNmh5kF4RJiQ"


@pytest.mark.parametrize(
    ("given_as", "key"),
    [
        ("https://www.linkedin.com/in/Prisca-Hollowell/", "prisca-hollowell"),
        ("http://de.linkedin.com/in/prisca-hollowell?trk=x#top", "prisca-hollowell"),
        ("linkedin.com/in/prisca-hollowell", "prisca-hollowell"),
        ("https://www.linkedin.com/in/prisca-hollowell/overlay/contact-info/", "prisca-hollowell"),
        ("https://www.linkedin.com/in/j%C3%BCrgen-m", "jürgen-m"),
        (f"https://www.linkedin.com/in/{ID}/", ID),
        ("http://127.0.0.1:9000/in/prisca-hollowell/", "prisca-hollowell"),
    ],
)
def test_a_profile_address_is_read_in_every_spelling(given_as: str, key: str) -> None:
    assert Enrich(url=given_as).target.key == key


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"url": "https://www.linkedin.com/in/a", "public_identifier": "a"},
        {"url": "https://www.linkedin.com/company/acme/"},
        {"url": "https://www.linkedin.com/sales/lead/ACwAA,NAME_SEARCH,xx"},
        {"url": "https://evil.example/in/prisca-hollowell"},
        {"url": "https://notlinkedin.com/in/prisca-hollowell"},
        {"url": "https://[broken/in/x"},
        {"url": "https://www.linkedin.com/in/me/"},
        {"public_identifier": "a/b"},
        {"public_identifier": ""},
        {"public_identifier": "with space"},
    ],
)
def test_what_names_no_member_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Enrich.model_validate(wrong)


@given(st.text(min_size=1, max_size=300).filter(lambda t: t.strip() and "\x00" not in t))
def test_text_is_kept_byte_for_byte(text: str) -> None:
    message = read_touchpoint({"type": "message", "public_identifier": "ada", "message": text})

    assert isinstance(message, Message)
    assert message.message.encode() == text.encode()
    assert read_touchpoint(message.model_dump(mode="json")) == message


@pytest.mark.parametrize("wrong", ["", "  \n ", "nul \x00", "half \ud83d", "x" * 8001])
def test_text_that_cannot_arrive_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Message(public_identifier="ada", message=wrong)


def test_a_note_has_its_limit() -> None:
    assert Connect(public_identifier="ada", note="n" * 300).note == "n" * 300
    with pytest.raises(ValidationError):
        Connect(public_identifier="ada", note="n" * 301)


def test_the_hash_follows_the_exact_text() -> None:
    one, other = (
        Message(public_identifier="ada", message="a b"),
        Message(public_identifier="ada", message="a\u00a0b"),
    )

    assert one.content_hash() != other.content_hash()
    assert one.content_hash() == Message(public_identifier="ada", message="a b").content_hash()


POST = "https://www.linkedin.com/feed/update/urn:li:activity:7400000000000000001/"


@pytest.mark.parametrize(
    "address",
    [
        POST,
        "urn:li:activity:7400000000000000001",
        "linkedin.com/posts/ada-b_a-title-activity-7400000000000000001-AbCd/?utm=1",
        "https://www.linkedin.com/feed/update/urn%3Ali%3Aactivity%3A7400000000000000001",
    ],
)
def test_a_post_is_known_by_any_of_its_addresses(address: str) -> None:
    assert read_post(address).urn == "urn:li:activity:7400000000000000001"


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/feed/update/urn:li:activity:7400000000000000001/", "urn:li:activity:x", "in/ada"],
)
def test_what_is_no_post_is_refused(address: str) -> None:
    with pytest.raises(PydanticCustomError, match="not a post"):
        read_post(address)


def test_every_type_is_in_the_union() -> None:
    for kind, touchpoint in REGISTRY.items():
        smallest = {"type": kind, "public_identifier": "ada", "message": "x", "body": "x", "text": "x"}
        smallest |= {"post_url": POST, "reaction": "LIKE", "keywords": "x"}
        fields = {name: value for name, value in smallest.items() if name in touchpoint.model_fields}
        assert type(read_touchpoint(fields)) is touchpoint


def test_an_unknown_type_names_the_known_ones() -> None:
    with pytest.raises(ValidationError, match="check_connection"):
        read_touchpoint({"type": "poke", "public_identifier": "ada"})
