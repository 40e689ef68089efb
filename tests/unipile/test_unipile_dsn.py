"""Every spelling of a DSN means the same workspace, and none is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.unipile.client import BadDsn, UnipileClient, parse_dsn


@pytest.mark.parametrize(
    "text",
    [
        "api6.unipile.com:13670",
        "https://api6.unipile.com:13670",
        "https://api6.unipile.com:13670/",
        "https://api6.unipile.com:13670/api/v1",
        "https://api6.unipile.com:13670/api/v1/",
        "api6.unipile.com:13670//api/v1",
        "https://https://api6.unipile.com:13670",
        "  HTTPS://API6.unipile.com:13670\n",
    ],
)
def test_all_spellings_of_a_dsn_are_one_origin(text: str) -> None:
    assert parse_dsn(text).api == "https://api6.unipile.com:13670/api/v1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "https://",
        "https://api.unipile.com/v1",
        "api.unipile.com",
        "https://api6.unipile.com:13670/v1",
        "https://api6.unipile.com:13670/api/v2",
        "https://api6.unipile.com:99999",
        "https://api6.unipile.com:port",
        "ftp://api6.unipile.com:13670",
        "http://api6.unipile.com:13670",
        "https://me:pass@api6.unipile.com:13670",
        "https://api6.unipile.com:13670?x=1",
        "api6.unipile.com:13670#x",
        "two words.com",
    ],
)
def test_what_names_no_workspace_is_refused(text: str) -> None:
    with pytest.raises(BadDsn):
        parse_dsn(text)


@pytest.mark.parametrize("text", ["127.0.0.1:3114", "http://127.0.0.1:3114", "http://127.0.0.1:3114/api/v1"])
def test_a_sandbox_on_this_machine_needs_no_https(text: str) -> None:
    assert parse_dsn(text).origin == "http://127.0.0.1:3114"
    assert parse_dsn(text).is_loopback


def test_an_own_host_is_taken_as_it_is_written() -> None:
    assert parse_dsn("http://sandbox:9000").origin == "http://sandbox:9000"
    assert parse_dsn("[::1]:3114").origin == "http://[::1]:3114"
    assert parse_dsn("unipile.example.com:443").origin == "https://unipile.example.com"


@given(
    host=st.from_regex(r"\Aapi[0-9]{1,3}\.unipile\.com\Z"),
    port=st.integers(1, 65535).filter(lambda port: port != 443),
    before=st.sampled_from(["", "https://", "https://https://"]),
    after=st.sampled_from(["", "/", "/api/v1", "/api/v1/"]),
)
def test_normalising_is_done_once_and_for_all(host: str, port: int, before: str, after: str) -> None:
    dsn = parse_dsn(f"{before}{host}:{port}{after}")

    assert dsn.origin == f"https://{host}:{port}"
    assert parse_dsn(dsn.origin) == parse_dsn(dsn.api) == dsn


@pytest.mark.parametrize("key", ["", " key", "key\n", "kéy"])
def test_a_client_without_a_proper_key_is_not_made(key: str) -> None:
    with pytest.raises(ValueError, match="API key"):
        UnipileClient("api6.unipile.com:13670", key)
