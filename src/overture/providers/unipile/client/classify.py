"""Which class of error an answer stands for: by its type, by its status, by what was asked."""

from dataclasses import replace
from typing import Final

from overture.providers.unipile.client.calls import Call
from overture.providers.unipile.client.errors import (
    AccountDisconnected,
    AccountLimit,
    AccountRestricted,
    AlreadyDone,
    ConfigError,
    ContentInvalid,
    FeatureMissing,
    Indeterminate,
    InsufficientCredits,
    NotFound,
    RecipientPermanent,
    Refusal,
    Rejected,
    SignInRefused,
    Transient,
    UnipileError,
)

ErrorClass = type[UnipileError]

_FAMILIES: Final[dict[ErrorClass, str]] = {
    ConfigError: "missing_credentials insufficient_privileges",
    AccountDisconnected: """disconnected_account disconnected_feature expired_credentials invalid_credentials
        wrong_account multiple_sessions account_mismatch session_mismatch account_configuration_error
        insufficient_permissions""",
    AccountRestricted: """account_restricted checkpoint_error action_required unknown_authentication_context
        sender_rejected ip_rejected_by_server""",
    FeatureMissing: """feature_not_subscribed subscription_required
        resource_access_restricted invalid_account feature_not_implemented send_as_denied""",
    AccountLimit: """too_many_requests limit_exceeded connection_limit_reached cannot_resend_yet
        cannot_resend_within_24hrs""",
    RecipientPermanent: """invalid_recipient cannot_invite_attendee blocked_recipient user_unreachable
        not_allowed_inmail no_connection_with_recipient cant_send_message recipient_rejected""",
    AlreadyDone: "already_connected action_already_performed already_invited_recently already_exists",
    InsufficientCredits: "insufficient_credits payment_error",
    ContentInvalid: """too_many_characters invalid_message unsupported_media_type content_too_large
        malformed_request invalid_parameters missing_parameters invalid_request invalid_url
        unescaped_characters limit_too_high invalid_action invalid_label
        invalid_reply_subject invalid_headers invalid_folder unprocessable_entity""",
    NotFound: "invalid_post invalid_thread parent_mail_not_found invalid_invitation_id",
    SignInRefused: """invalid_checkpoint_solution captcha_not_supported expired_link invalid_proxy_credentials
        invalid_imap_configuration invalid_smtp_configuration invalid_credentials_but_valid_account_imap
        proxy_auth_error operation_canceled auth_in_progress authentication_intent_error""",
    Transient: """no_client_session no_channel no_handler service_unavailable
        realtime_client_not_initialized""",
}

CATALOGUE: Final[dict[str, ErrorClass]] = {
    slug: kind for kind, slugs in _FAMILIES.items() for slug in slugs.split()
}
"""Every type with one meaning. Those decided by status and call: `resource_not_found`,
`invalid_resource_identifier`, `unauthorized`, `request_timeout`, `provider_error`, `unexpected_error`,
`proxy_error`, `network_down`, `provider_unreachable`."""

_IN_THE_MIDDLE: Final = frozenset({"network_down", "provider_unreachable", "proxy_error", "request_timeout"})
_BY_STATUS: Final[dict[int, ErrorClass]] = {
    400: ContentInvalid,
    405: ConfigError,
    407: SignInRefused,
    409: Rejected,
    413: ContentInvalid,
    415: ContentInvalid,
    425: SignInRefused,
    429: AccountLimit,
    501: FeatureMissing,
    503: Transient,
}


def classify(call: Call, refusal: Refusal) -> UnipileError:
    """The error an answer that is no success stands for."""
    refusal = replace(refusal, type=refusal.type.strip())
    known = CATALOGUE.get(refusal.slug)
    if known is not None:
        return _doubted(call, refusal, known)
    if refusal.slug in _IN_THE_MIDDLE:
        return in_the_middle(call, refusal)
    return _by_status(call, refusal)


def in_the_middle(call: Call, refusal: Refusal) -> UnipileError:
    """Broken off somewhere on the way: a read may be asked again, a write must be looked after."""
    return Indeterminate(refusal) if call.kind.is_write else Transient(refusal)


def may_repeat_once_only(error: UnipileError) -> bool:
    """Whether a read that failed thus is worth one more try, and not several."""
    return error.status == 500


def _doubted(call: Call, refusal: Refusal, known: ErrorClass) -> UnipileError:
    """The known class, unless a server's failure leaves open whether a write went through."""
    is_server = refusal.status is not None and refusal.status >= 500
    if call.kind.is_write and is_server and refusal.status not in (501, 503) and known is not SignInRefused:
        return Indeterminate(refusal)  # such types also come wrapped in a 502, far behind LinkedIn
    return known(refusal)


def _by_status(call: Call, refusal: Refusal) -> UnipileError:
    status = refusal.status or 0
    if status in (401, 403, 404) or 300 <= status < 400:
        return _standing_or_path(call, refusal)
    if status == 500 and refusal.slug == "provider_error" and call.kind.is_live:
        # LinkedIn throttles like this; in the middle of a write it may yet have done it
        return AccountLimit(replace(refusal, indeterminate=call.kind.is_write))
    if known := _BY_STATUS.get(status):
        return known(refusal)
    if status == 408 or status >= 500:
        return in_the_middle(call, refusal)
    return Rejected(refusal)


def _standing_or_path(call: Call, refusal: Refusal) -> UnipileError:
    """Not let in, or not found: the account's matter, or that of key and address."""
    match refusal.status:
        case 401:
            return AccountDisconnected(refusal) if call.account_id else ConfigError(refusal)
        case 403 if refusal.type:
            return AccountRestricted(refusal)  # until a human has looked: the careful reading
        case 403:
            return ConfigError(refusal)  # a firewall's page, not an account's trouble
        case 404:
            return _not_found(call, refusal)
    return _redirected(call, refusal)


def _not_found(call: Call, refusal: Refusal) -> UnipileError:
    """A 404 is about the base path, the account, the person or another thing: its text says which."""
    said = f"{refusal.title} {refusal.detail}".lower()
    if not refusal.type.startswith("errors/"):
        return ConfigError(refusal)
    if "account not found" in said:
        return AccountDisconnected(refusal)
    if any(f"{person} not found" in said for person in ("user", "profile", "recipient")):
        return RecipientPermanent(refusal)
    if call.action == "invitations.send":
        return AccountDisconnected(refusal)  # its only documented 404
    if call.action in ("users.get", "users.visit"):
        return RecipientPermanent(refusal)
    return NotFound(refusal)


def _redirected(call: Call, refusal: Refusal) -> UnipileError:
    """A write is never carried along by a redirect; 302 and 303 are also how a done deed answers."""
    if call.kind.is_write and refusal.status in (302, 303):
        return Indeterminate(refusal)
    return ConfigError(refusal)
