"""Which class an error has, and above all: whether the call may have been performed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.unipile.client import (
    CATALOGUE,
    AccountDisconnected,
    AccountLimit,
    AccountRestricted,
    AlreadyDone,
    Call,
    ConfigError,
    ContentInvalid,
    FeatureMissing,
    Indeterminate,
    InsufficientCredits,
    Kind,
    NotFound,
    RecipientPermanent,
    Refusal,
    Rejected,
    SignInRefused,
    Transient,
    UnipileError,
)
from overture.providers.unipile.client.classify import classify

READ = Call("GET", "/users/jane", Kind.LIVE_READ, "users.get", "acc_1")
STORED = Call("GET", "/chats", Kind.STORED_READ, "chats.list")
WRITE = Call("POST", "/chats", Kind.LIVE_WRITE, "chats.start", "acc_1")
INVITE = Call("POST", "/users/invite", Kind.LIVE_WRITE, "invitations.send", "acc_1")

SLUGS = sorted(
    {*CATALOGUE, "request_timeout", "provider_error", "unexpected_error", "proxy_error", "network_down"}
)


def classed(call: Call, status: int, slug: str = "", detail: str = "") -> UnipileError:
    kind = f"errors/{slug}" if slug else ""
    return classify(call, Refusal(status=status, type=kind, detail=detail))


@pytest.mark.parametrize(
    ("status", "slug", "kind"),
    [
        (401, "missing_credentials", ConfigError),
        (401, "insufficient_privileges", ConfigError),
        (401, "disconnected_account", AccountDisconnected),
        (401, "expired_credentials", AccountDisconnected),
        (401, "wrong_account", AccountDisconnected),
        (401, "multiple_sessions", AccountDisconnected),
        (403, "account_restricted", AccountRestricted),
        (401, "checkpoint_error", AccountRestricted),
        (403, "action_required", AccountRestricted),
        (403, "feature_not_subscribed", FeatureMissing),
        (422, "invalid_account", FeatureMissing),
        (501, "feature_not_implemented", FeatureMissing),
        (429, "too_many_requests", AccountLimit),
        (429, "", AccountLimit),
        (422, "limit_exceeded", AccountLimit),
        (422, "cannot_resend_yet", AccountLimit),
        (422, "invalid_recipient", RecipientPermanent),
        (422, "no_connection_with_recipient", RecipientPermanent),
        (422, "not_allowed_inmail", RecipientPermanent),
        (422, "already_connected", AlreadyDone),
        (422, "already_invited_recently", AlreadyDone),
        (422, "insufficient_credits", InsufficientCredits),
        (400, "too_many_characters", ContentInvalid),
        (415, "unsupported_media_type", ContentInvalid),
        (400, "", ContentInvalid),
        (401, "invalid_checkpoint_solution", SignInRefused),
        (407, "proxy_auth_error", SignInRefused),
        (503, "no_client_session", Transient),
        (503, "", Transient),
        (422, "something_new", Rejected),
    ],
)
def test_the_type_decides(status: int, slug: str, kind: type[UnipileError]) -> None:
    for call in (READ, WRITE):
        error = classed(call, status, slug)

        assert type(error) is kind
        assert not error.indeterminate


@pytest.mark.parametrize(
    ("status", "slug"),
    [
        (408, "request_timeout"),
        (504, "request_timeout"),
        (500, "unexpected_error"),
        (502, "proxy_error"),
        (502, ""),
        (502, "invalid_parameters"),
        (500, "too_many_requests"),
        (503, "network_down"),
        (422, "provider_unreachable"),
        (520, ""),
        (302, ""),
        (303, ""),
    ],
)
def test_a_write_that_may_have_happened_is_never_retryable(status: int, slug: str) -> None:
    error = classed(WRITE, status, slug)

    assert type(error) is Indeterminate
    assert error.indeterminate
    assert not error.retryable


@pytest.mark.parametrize(
    ("status", "slug"),
    [
        (408, "request_timeout"),
        (504, "request_timeout"),
        (500, "unexpected_error"),
        (502, ""),
        (503, "network_down"),
    ],
)
def test_a_read_that_broke_off_may_be_asked_again(status: int, slug: str) -> None:
    assert classed(READ, status, slug).retryable


def test_a_provider_error_is_the_accounts_limit_and_leaves_a_write_in_doubt() -> None:
    assert type(classed(READ, 500, "provider_error")) is AccountLimit
    assert not classed(READ, 500, "provider_error").indeterminate
    assert type(classed(WRITE, 500, "provider_error")) is AccountLimit
    assert classed(WRITE, 500, "provider_error").indeterminate
    assert classed(STORED, 500, "provider_error").retryable


def test_types_with_two_meanings_say_so() -> None:
    assert classed(INVITE, 422, "cannot_resend_yet").ambiguous
    assert classed(INVITE, 422, "already_invited_recently").ambiguous
    assert not classed(INVITE, 422, "already_connected").ambiguous


@pytest.mark.parametrize(
    ("call", "detail", "kind"),
    [
        (READ, "The requested resource were not found.\nUser not found", RecipientPermanent),
        (READ, "The requested resource were not found.\nAccount not found", AccountDisconnected),
        (WRITE, "Account not found", AccountDisconnected),
        (INVITE, "", AccountDisconnected),
        (STORED, "Chat not found", NotFound),
        (STORED, "Attendee not found", NotFound),
        (READ, "", RecipientPermanent),
    ],
)
def test_a_404_is_about_what_its_text_says(call: Call, detail: str, kind: type[UnipileError]) -> None:
    assert type(classed(call, 404, "resource_not_found", detail)) is kind


def test_an_address_that_is_not_unipiles_is_a_configuration_error() -> None:
    assert type(classed(READ, 404)) is ConfigError
    assert type(classed(READ, 403)) is ConfigError
    assert type(classed(READ, 301)) is ConfigError
    assert type(classed(WRITE, 308)) is ConfigError


def test_an_unknown_401_is_the_accounts_when_there_is_one() -> None:
    assert type(classed(READ, 401, "unauthorized")) is AccountDisconnected
    assert type(classed(STORED, 401, "unauthorized")) is ConfigError


@given(
    call=st.sampled_from([READ, STORED, WRITE, INVITE]),
    status=st.integers(300, 599),
    slug=st.sampled_from(["", *SLUGS]) | st.text(max_size=30),
    detail=st.text(max_size=60),
)
def test_whatever_comes_has_a_class_and_doubt_excludes_trying_again(
    call: Call, status: int, slug: str, detail: str
) -> None:
    error = classed(call, status, slug, detail)

    assert not (error.retryable and error.indeterminate)
    assert call.kind.is_write or not error.indeterminate
    assert str(error)
    certain = CATALOGUE.get(slug.strip()) is not None and status in (501, 503)
    if call.kind.is_write and status >= 500 and status not in (501, 503) and not certain:
        assert error.indeterminate or type(error) is SignInRefused
