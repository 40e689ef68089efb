"""What Unipile's refusal means for a run: certainly not done (and why), or anybody's guess."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal

from overture.core.errors import (
    Failure,
    NeedsHuman,
    NotPossible,
    PageChanged,
    Restricted,
    Throttled,
    Transient,
    Uncertain,
)
from overture.providers.unipile import client as api
from overture.providers.unipile.memory import Memory

Doing = Literal[
    "read", "visit", "invite", "accept", "withdraw", "message", "inmail", "reaction", "comment", "search"
]
"""What was being done when it was refused."""
Facts = dict[str, object]

LIMITS: Final[Mapping[Doing, str]] = {"invite": "weekly_limit", "search": "search_limited"}
"""What a limit is called, by what met it; else `rate_limited`."""
GONE: Final[Mapping[Doing, tuple[str, str]]] = {
    "invite": ("not_connectable", "LinkedIn lets nobody invite this member this way"),
    "message": ("not_connected", "LinkedIn allows no message to this member"),
    "inmail": ("inmail_unavailable", "LinkedIn allows no InMail to this member"),
    "withdraw": ("invitation_gone", "this invitation is not pending any more"),
    "accept": ("invitation_gone", "this invitation is not pending any more"),
    "reaction": ("post_unavailable", "this post cannot be reacted to"),
    "comment": ("post_unavailable", "this post cannot be commented on"),
}
"""What it is called that somebody or something cannot be reached this way; else `profile_unavailable`."""
MISSING: Final[Mapping[Doing, tuple[str, str]]] = {
    "inmail": ("not_entitled", "the account has not subscribed to InMail"),
    "comment": ("comments_disabled", "this account may not comment on this post"),
}
"""What it is called that the account is not let do this; else `unsupported`."""
OF_A_TYPE: Final[Mapping[tuple[str, Doing | None], tuple[str, str]]] = {
    ("too_many_characters", "invite"): ("note_too_long", "the note is longer than this account may write"),
    ("too_many_characters", "comment"): ("comment_too_long", "the comment is longer than the service takes"),
    ("cant_send_message", "message"): ("not_delivered", "LinkedIn does not let this message through"),
    ("cant_send_message", "inmail"): ("inmail_unavailable", "LinkedIn does not let this InMail through"),
    ("not_allowed_inmail", None): ("recipient_restricted", "this member takes no InMail"),
}
"""Types that say more than their class."""
CHECKS: Final = frozenset({"checkpoint_error", "action_required", "unknown_authentication_context"})
UNSENT: Final = frozenset({"message", "inmail"})
INVITE_LIMIT: Final = 2
"""Invitations begin with a day's rest: the limit behind it is a week's."""


def failure_of(error: api.UnipileError, doing: Doing, memory: Memory, now: datetime) -> Failure:
    """The failure this error stands for. Doubt comes first: a limit amid a write may hide a deed."""
    facts: Facts = {"status": error.status, "site_code": error.slug or None}
    if error.indeterminate:
        return Uncertain("Unipile did not say whether it was carried out", **facts)
    if isinstance(error, api.AccountLimit):
        return limited(error, doing, memory, now)
    for kind, failure in OF_THE_ACCOUNT.items():
        if isinstance(error, kind):
            return failure(error, facts)
    return _refusal(error, doing, facts)


def limited(error: api.UnipileError, doing: Doing, memory: Memory, now: datetime) -> Throttled:
    """The account's limit is reached: this kind of act rests, longer each time in a row.

    A read that meets it concerns all the account does.
    """
    until = memory.strike(doing, now, at_least=INVITE_LIMIT if doing == "invite" else 1)
    code = "connection_limit" if error.slug == "connection_limit_reached" else LIMITS.get(doing)
    scope = "account" if doing == "read" else "lane"
    message = "LinkedIn's limit for this is reached"
    return Throttled(
        code or "rate_limited", message, until=until, status=error.status, site_code=error.slug, scope=scope
    )


def _signed_out(error: api.UnipileError, facts: Facts) -> Failure:  # noqa: ARG001
    return NeedsHuman("login", "Unipile has no session of this account: connect it again", **facts)


def _misconfigured(error: api.UnipileError, facts: Facts) -> Failure:  # noqa: ARG001
    return NeedsHuman("login", "Unipile refuses the workspace's key or address", **facts)


def _held(error: api.UnipileError, facts: Facts) -> Failure:
    """LinkedIn holds the account; a check can be passed by connecting it again, a restriction cannot."""
    if error.slug in CHECKS:
        return NeedsHuman("login", "LinkedIn asks this account for a check: connect it again", **facts)
    return Restricted("LinkedIn restricts this account", **facts)


def _unreached(error: api.UnipileError, facts: Facts) -> Failure:  # noqa: ARG001
    return Transient("Unipile could not be reached", code="unreachable", **facts)


def _busy(error: api.UnipileError, facts: Facts) -> Failure:  # noqa: ARG001
    return Transient("Unipile cannot answer now", code="transient", **facts)


def _unknown(error: api.UnipileError, facts: Facts) -> Failure:  # noqa: ARG001
    return PageChanged("the answer that is known", code="api_changed", **facts)


OF_THE_ACCOUNT: Final[Mapping[type[api.UnipileError], Callable[[api.UnipileError, Facts], Failure]]] = {
    api.AccountDisconnected: _signed_out,
    api.SignInRefused: _signed_out,
    api.ConfigError: _misconfigured,
    api.AccountRestricted: _held,
    api.Unreached: _unreached,
    api.Transient: _busy,
    api.Unreadable: _unknown,
}
"""Errors that are not about the target; the first that fits counts."""


def _refusal(error: api.UnipileError, doing: Doing, facts: Facts) -> Failure:
    """A refusal of this very thing: the account is not at fault."""
    if isinstance(error, api.AlreadyDone):
        return _already(error, doing, facts)
    if isinstance(error, api.NotFound) and doing == "message":
        return Transient("the chat was there a moment ago", code="state_unclear", **facts)
    told = OF_A_TYPE.get((error.slug, doing)) or OF_A_TYPE.get((error.slug, None)) or _by_class(error, doing)
    code, message = told
    return NotPossible(code, message, **facts)


def _already(error: api.UnipileError, doing: Doing, facts: Facts) -> Failure:
    """What was asked for is so; what was read a moment ago said otherwise, so it is looked at again."""
    if doing == "invite" and error.slug == "already_connected":
        return NotPossible("already_connected", "this member is connected already", **facts)
    return Transient("it is so already, and was not a moment ago", code="state_unclear", **facts)


def _by_class(error: api.UnipileError, doing: Doing) -> tuple[str, str]:
    match error:
        case api.InsufficientCredits():
            return "inmail_no_credits", "the account has no InMail credits left"
        case api.FeatureMissing():
            return MISSING.get(doing, ("unsupported", "the account has not subscribed to this"))
        case api.RecipientPermanent() | api.NotFound():
            return GONE.get(doing, ("profile_unavailable", "LinkedIn shows no such member"))
    return "not_delivered" if doing in UNSENT else "rejected", "LinkedIn refused the request"
