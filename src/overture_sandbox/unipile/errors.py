"""What the service answers when it does not do as asked: its catalogue of errors, with the exact words."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from overture_sandbox.world import Refused

UNREACHABLE: Final = "Recipient cannot be reached"
UNUSABLE: Final = "Make sure that the recipient ID is valid and that the corresponding profile is not locked."
NOT_CONNECTED: Final = "The recipient appears not to be first degree connection."
TEMPORARY: Final = "You have reached a temporary provider limit. Please try again later."
NOT_FOUND: Final = "The requested resource were not found."  # the service's own grammar
SUBSCRIBE: Final = "The requested feature has either not been subscribed or not been authenticated properly."
TIMED_OUT: Final = "Request Timeout. Please try again, and if the issue persists, contact support."
BUSY: Final = "The provider cannot accept any more requests at the moment. Please try again later."
TROUBLED: Final = "The provider is experiencing operational problems. Please try again later."
DISCONNECTED: Final = "The account appears to be disconnected from the provider service."
NOT_DESIGNED: Final = "Provided account is not designed for this feature."

CATALOGUE: Final[dict[str, tuple[int, str, str | None]]] = {
    "invalid_parameters": (400, "Invalid parameters", None),
    "missing_parameters": (400, "Missing parameters", None),
    "malformed_request": (400, "Malformed request", None),
    "content_too_large": (400, "Content too large", None),
    "too_many_characters": (
        400,
        "Too many characters",
        "The provided content exceeds the character limit.",
    ),
    "invalid_invitation_id": (400, "Invalid invitation id", None),
    "missing_credentials": (401, "Missing credentials", None),
    "invalid_credentials": (401, "Invalid credentials", "The provided credentials are invalid."),
    "wrong_account": (401, "Wrong account", "The provided credentials are those of another account."),
    "invalid_checkpoint_solution": (
        401,
        "Invalid checkpoint solution",
        "The provided solution is not the right one.",
    ),
    "checkpoint_error": (401, "Checkpoint error", "The checkpoint cannot be passed any more."),
    "captcha_not_supported": (401, "Captcha not supported", None),
    "disconnected_account": (401, "Disconnected account", DISCONNECTED),
    "insufficient_permissions": (403, "Insufficient permissions", None),
    "account_restricted": (403, "Account restricted", "The account is restricted by the provider."),
    "feature_not_subscribed": (403, "Feature not subscribed", SUBSCRIBE),
    "resource_access_restricted": (403, "Resource access restricted", None),
    "resource_not_found": (404, "Resource not found", NOT_FOUND),
    "request_timeout": (504, "Request timeout", TIMED_OUT),
    "unsupported_media_type": (415, "Unsupported media type", None),
    "invalid_account": (422, "Invalid account", NOT_DESIGNED),
    "invalid_recipient": (422, UNREACHABLE, UNUSABLE),
    "no_connection_with_recipient": (422, UNREACHABLE, NOT_CONNECTED),
    "cannot_invite_attendee": (422, "Cannot invite attendee", "This person cannot be invited."),
    "already_connected": (422, "Already connected", "The recipient is already a connection."),
    "already_invited_recently": (
        422,
        "Already invited recently",
        "Should delay new invitation to this recipient",
    ),
    "cannot_resend_yet": (422, "Cannot resend yet", TEMPORARY),
    "limit_exceeded": (422, "Limit exceeded", "You have reached a provider limit."),
    "not_allowed_inmail": (422, "Not allowed InMail", "The recipient does not accept InMail."),
    "insufficient_credits": (422, "Insufficient credits", "There are no credits left for this."),
    "cant_send_message": (422, "Can't send message", "The provider does not let this message through."),
    "invalid_message": (422, "Invalid message", None),
    "invalid_post": (422, "Invalid post", None),
    "parent_mail_not_found": (422, "Parent mail not found", None),
    "invalid_reply_subject": (422, "Invalid reply subject", None),
    "invalid_headers": (422, "Invalid headers", None),
    "send_as_denied": (422, "Send as denied", None),
    "recipient_rejected": (422, "Recipient rejected", None),
    "action_already_performed": (422, "Action already performed", None),
    "unprocessable_entity": (422, "Unprocessable entity", None),
    "too_many_requests": (429, "Too many requests", BUSY),
    "unexpected_error": (500, "Unexpected error", None),
    "provider_error": (500, "Provider error", TROUBLED),
    "feature_not_implemented": (501, "Feature not implemented", None),
    "proxy_error": (502, "Proxy error", None),
    "no_client_session": (503, "No client session", "No client session is currently running."),
    "service_unavailable": (503, "Service unavailable", None),
}
"""Status, title and detail by the last part of `errors/<type>`."""

USUAL: Final = {
    400: "invalid_parameters",
    401: "disconnected_account",
    403: "insufficient_permissions",
    404: "resource_not_found",
    422: "unprocessable_entity",
    429: "too_many_requests",
    500: "provider_error",
    501: "feature_not_implemented",
    502: "proxy_error",
    503: "no_client_session",
    504: "request_timeout",
}
"""What a switch that only gives a status answers."""

BY_REFUSAL: Final = {
    "CANT_INVITE_SELF": "invalid_recipient",
    "SELF_MESSAGE": "invalid_recipient",
    "ALREADY_CONNECTED": "already_connected",
    "ALREADY_INVITED": "already_invited_recently",
    "CANT_RESEND_YET": "already_invited_recently",
    "FUSE_LIMIT_EXCEEDED": "cannot_resend_yet",
    "CUSTOM_MESSAGE_TOO_LONG": "too_many_characters",
    "PERSONALIZED_INVITATION_QUOTA_EXCEEDED": "limit_exceeded",
    "EMAIL_REQUIRED": "cannot_invite_attendee",
    "INVITATION_NOT_FOUND": "resource_not_found",
    "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY": "cant_send_message",
    "MESSAGE_REQUEST_DECLINED": "cant_send_message",
    "INMAIL_RECIPIENT_RESTRICTED": "not_allowed_inmail",
    "INSUFFICIENT_INMAIL_CREDITS": "insufficient_credits",
    "SUBJECT_TOO_LONG": "too_many_characters",
    "BODY_TOO_LONG": "too_many_characters",
    "COMMENTS_CONNECTIONS_ONLY": "resource_access_restricted",
    "COMMENTS_DISABLED": "resource_access_restricted",
    "CANT_FOLLOW_SELF": "invalid_recipient",
}
"""How the service words what the site refuses."""


@dataclass
class ApiError(Exception):
    """One of the catalogue, with another detail if one is given."""

    kind: str
    detail: str | None = None

    @property
    def status(self) -> int:
        """The HTTP status it is sent with."""
        return CATALOGUE[self.kind][0]

    def body(self) -> dict[str, Any]:
        """`status`, `type`, `title`, and `detail` where there is one."""
        return body_of(self.kind, self.detail)


def body_of(kind: str, detail: str | None = None, status: int | None = None) -> dict[str, Any]:
    """The body of an error of the catalogue; an unknown one is worded from its name."""
    usual = (status or 422, kind.replace("_", " ").capitalize(), None)
    known, title, said = CATALOGUE.get(kind, usual)
    body: dict[str, Any] = {"status": status or known, "type": f"errors/{kind}", "title": title}
    if detail or said:
        body["detail"] = detail or said
    return body


def usual_body(status: int) -> dict[str, Any]:
    """The body that mostly comes with a status."""
    kind = USUAL.get(status)
    if kind is None:
        return {"status": status, "type": "errors/unexpected_error", "title": HTTPStatus(status).phrase}
    return body_of(kind, status=status)


def not_found(what: str) -> ApiError:
    """404, naming what is not there."""
    return ApiError("resource_not_found", f"{NOT_FOUND}\n{what} not found")


def refusal(refused: Refused) -> ApiError:
    """What the site refused, as the service passes it on."""
    if refused.code == "NOT_ALLOWED_PREMIUM_INMAIL":
        is_plan = "Premium" in refused.message
        return ApiError("feature_not_subscribed" if is_plan else "no_connection_with_recipient")
    return ApiError(BY_REFUSAL.get(refused.code, "unprocessable_entity"))
