"""What LinkedIn's answer to a write means: done, certainly not done (and why), or anybody's guess."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from overture.core.errors import Failure, NotPossible, Restricted, Throttled, Transient, Uncertain
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse import Answer
from overture.providers.linkedin_browser.fuse_rules import WriteKind
from overture.providers.linkedin_browser.voyager.client import throttled

REINVITE_AFTER: Final = timedelta(days=21)  # after a withdrawal or refusal; the service tells no date
NAMED_BY_THEMSELVES: Final[tuple[WriteKind, ...]] = ("accept", "withdraw", "reaction", "comment", "follow")
"""The request says what it is about; the answer need not, and may be empty."""
WEEKLY_LIMIT_REST: Final = timedelta(days=7)  # the window rolls; when it frees the first place is not told
REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "CANT_RESEND_YET": (
        "invite_cooldown",
        "this member was invited before; LinkedIn blocks another for about 3 weeks",
    ),
    "INVITATION_NOT_FOUND": ("invitation_gone", "this invitation is not pending any more"),
    "ALREADY_INVITED": ("already_pending", "an invitation to this member is pending already"),
    "ALREADY_CONNECTED": ("already_connected", "this member is connected already"),
    "PERSONALIZED_INVITATION_QUOTA_EXCEEDED": (
        "note_quota",
        "the account has used up its notes for this month",
    ),
    "COMMENTS_DISABLED": ("comments_disabled", "the author lets nobody comment on this post"),
    "COMMENTS_CONNECTIONS_ONLY": (
        "comments_connections_only",
        "only the author's connections may comment on this post",
    ),
    "NOT_ALLOWED_PREMIUM_INMAIL": ("not_connected", "LinkedIn allows no message to this member"),
    "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY": (
        "not_connected",
        "LinkedIn allows no further message here",
    ),
}
INMAIL_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "NOT_ALLOWED_PREMIUM_INMAIL": ("inmail_unavailable", "LinkedIn allows no InMail to this member"),
    "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY": (
        "inmail_unavailable",
        "an InMail to this member awaits their answer; LinkedIn allows no other",
    ),
}
ACCOUNT_LIMITS: Final = {
    "FUSE_LIMIT_EXCEEDED": "weekly_limit",
    "MAX_INVITATION_SENT": "weekly_limit",
    "TOO_MANY_PENDING_INVITATIONS": "too_many_pending",
    "CANT_INVITE_CONNECTION_LIMIT_REACHED": "connection_limit",
}
GAVE_UP: Final = (408, 425, 499)
"""Something on the way stopped waiting; what LinkedIn did is not known."""
STREAMS: Final = ("text/x-component", "application/octet-stream")


def accepted_value(desk: Desk, kind: WriteKind, answer: Answer) -> Mapping[str, object]:
    """The created thing as the answer describes it; raises for every other answer."""
    body = _json(answer.text)
    failure = _failure(desk, kind, answer, body)
    if failure is not None:
        raise failure
    if body is None:
        return {}  # a component stream, which says yes by its status alone
    value = body.get("value") or _part(body, "data").get("value")
    if not isinstance(value, dict):
        if kind in NAMED_BY_THEMSELVES:
            return {}
        raise Uncertain("LinkedIn said yes without saying to what", status=answer.status)
    return value


def _failure(
    desk: Desk, kind: WriteKind, answer: Answer, body: Mapping[str, object] | None
) -> Failure | None:
    status, code = answer.status, _code(body)
    if status in (301, 302, 303, 307, 308, 401) or (
        status < 400 and body is None and "html" in answer.content_type
    ):
        return desk.standing.session_expired()
    if status >= 500 or status in GAVE_UP:
        return Uncertain("LinkedIn failed while it carried out the request", status=status)
    if status >= 400:
        return _refusal(kind, answer, code, desk.clock.now())
    if _part(body, "data").get("errors") or (body or {}).get("errors"):
        return NotPossible("rejected", "LinkedIn rejected the request", status=status)
    is_enough = kind in NAMED_BY_THEMSELVES and not answer.text.strip()
    if body is None and not is_enough and not answer.content_type.startswith(STREAMS):
        return Uncertain("LinkedIn's answer could not be read", status=status)
    return None


def _refusal(kind: WriteKind, answer: Answer, code: str, now: datetime) -> Failure:
    """A 4xx: certainly not done."""
    facts: dict[str, object] = {"status": answer.status, "site_code": code}
    if code in ACCOUNT_LIMITS:
        return Throttled(
            ACCOUNT_LIMITS[code],
            "LinkedIn's limit for invitations is reached",
            until=now + WEEKLY_LIMIT_REST,
            **facts,
        )
    refusals = {**REFUSALS, **INMAIL_REFUSALS} if kind == "inmail" else REFUSALS
    if code in refusals:
        name, message = refusals[code]
        if name == "invite_cooldown":
            facts["until"] = (now + REINVITE_AFTER).isoformat()
            message = f"{message}, until {(now + REINVITE_AFTER).date().isoformat()} at the latest"
        return NotPossible(name, message, **facts)
    if answer.status == 429:
        return throttled("", answer.retry_after, now)
    if code == "ACCOUNT_RESTRICTED":
        return Restricted("LinkedIn restricts this account", **facts)
    if answer.status == 403 and "CSRF" in answer.text:
        return Transient("the page's CSRF token was stale", code="csrf_invalid", status=403)
    return NotPossible(
        "not_delivered" if kind in ("message", "inmail") else "rejected",
        "LinkedIn refused the request",
        **facts,
    )


def _code(body: Mapping[str, object] | None) -> str:
    """The site's own word for it; two shapes are in use."""
    return str(_part(body, "data").get("code") or (body or {}).get("code") or "")


def _part(body: Mapping[str, object] | None, key: str) -> Mapping[str, object]:
    value = (body or {}).get(key)
    return value if isinstance(value, dict) else {}


def _json(text: str) -> Mapping[str, object] | None:
    try:
        body = json.loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
