"""What LinkedIn's answer to a write means: done, certainly not done (and why), or anybody's guess."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from overture.core.errors import Failure, NotPossible, Restricted, Throttled, Transient, Uncertain
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse import Answer
from overture.providers.linkedin_browser.fuse_rules import Charge, WriteKind
from overture.providers.linkedin_browser.voyager.client import throttled
from overture.touchpoints import REINVITE_AFTER, Accepted, Evidence

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
GENERAL: Final = ("rejected", "not_delivered")
"""Refusals without a reason of their own."""
ACCOUNT_LIMITS: Final = {
    "FUSE_LIMIT_EXCEEDED": "weekly_limit",
    "MAX_INVITATION_SENT": "weekly_limit",
    "TOO_MANY_PENDING_INVITATIONS": "too_many_pending",
    "CANT_INVITE_CONNECTION_LIMIT_REACHED": "connection_limit",
}
GAVE_UP: Final = (408, 425, 499)
"""Something on the way stopped waiting; what LinkedIn did is not known."""
STREAMS: Final = ("text/x-component", "application/octet-stream")
OUTSIDE: Final = re.compile(r"/(login|uas/login|authwall)(/|$)")
CHECKS: Final = re.compile(r"/checkpoint(/|$)")


async def carried_out(
    desk: Desk, charge: Charge, pull: Callable[[], Awaitable[None]], **facts: object
) -> Accepted:
    """Let the one request out and have LinkedIn's yes to it, with these facts, or raise."""
    answer = await desk.fuse.fire(charge, pull)
    accepted_value(desk, charge.kind, answer)
    return Accepted(Evidence("write_answer", {"status": answer.status, **facts}))


def accepted_value(desk: Desk, kind: WriteKind, answer: Answer) -> Mapping[str, object]:
    """The created thing as the answer describes it; raises for every other answer."""
    status = answer.status
    if status >= 500 or status in GAVE_UP:
        raise Uncertain("LinkedIn failed while it carried out the request", status=status)
    if status == 401:
        raise desk.standing.session_expired()
    if 300 <= status < 400:
        raise _sent_away(desk, answer)
    if status >= 400:
        raise _refusal(kind, answer, _code(_json(answer.text)), desk.clock.now())
    return _made(desk, kind, answer)


def _sent_away(desk: Desk, answer: Answer) -> Failure:
    """A redirect: to the login or a check it means that nothing was done, anywhere else nothing certain."""
    path = urlsplit(answer.location).path
    if OUTSIDE.match(path):
        return desk.standing.session_expired()
    if CHECKS.match(path):
        return desk.standing.challenged(path)
    return Uncertain("LinkedIn sent the request elsewhere", status=answer.status)


def _made(desk: Desk, kind: WriteKind, answer: Answer) -> Mapping[str, object]:
    """What a 2xx made; a page instead of data, or data that contradicts itself, is never a yes nor a no."""
    body, text = _json(answer.text), answer.text.strip()
    if "html" in answer.content_type or text.startswith("<"):
        desk.standing.is_dead = True  # whoever reads it back begins with a session that is known to live
        raise Uncertain("LinkedIn answered with a page where it answers with data", status=answer.status)
    if body is None:
        if answer.content_type.startswith(STREAMS) or (kind in NAMED_BY_THEMSELVES and not text):
            return {}  # it says yes by its status alone
        raise Uncertain("LinkedIn's answer could not be read", status=answer.status)
    value = body.get("value") or _part(body, "data").get("value")
    errors = _errors(body)
    if errors and not _has_content(body):
        raise _told_inside(kind, answer, errors, desk.clock.now())
    if errors or _says_no(body):
        raise Uncertain("LinkedIn said yes and no at once", status=answer.status)
    if isinstance(value, dict):
        return value
    if kind in NAMED_BY_THEMSELVES:
        return {}
    raise Uncertain("LinkedIn said yes without saying to what", status=answer.status)


def _errors(body: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The errors told inside an answer that is a yes by its status."""
    data = _part(body, "data")
    told = body.get("errors") or data.get("errors") or _part(data, "data").get("errors")
    if not told:
        return []
    return [one if isinstance(one, dict) else {} for one in (told if isinstance(told, list) else [told])]


def _has_content(body: Mapping[str, object]) -> bool:
    """Whether the answer tells of anything that was made, beside its errors."""
    data = _part(body, "data")
    made = (_part(body, "value"), _part(data, "value"), _part(data, "data"))
    return any(content for one in made for name, content in one.items() if name != "errors")


def _says_no(body: Mapping[str, object]) -> bool:
    status = body.get("status")
    return bool(_code(body)) or (isinstance(status, int) and status >= 400)


def _told_inside(
    kind: WriteKind, answer: Answer, errors: list[Mapping[str, object]], now: datetime
) -> Failure:
    """What the errors inside a yes mean: a refusal, unless one of them is a breakdown."""
    told = [{**one, **_part(one, "extensions")} for one in errors]
    statuses = [status for one in told if isinstance(status := one.get("status"), int)]
    if any(status >= 500 or status in GAVE_UP for status in statuses):
        return Uncertain("LinkedIn failed while it carried out the request", status=answer.status)
    code = next((str(one["code"]) for one in told if one.get("code")), "")
    inside = replace(answer, status=statuses[0] if statuses else answer.status)
    refusal = _refusal(kind, inside, code, now)
    if not isinstance(refusal, NotPossible) or refusal.code not in GENERAL:
        return refusal
    if kind == "comment":  # the page shows it all the same
        return NotPossible("not_persisted", "LinkedIn did not keep the comment", **refusal.facts)
    return NotPossible("rejected", "LinkedIn rejected the request", **refusal.facts)


def _refusal(kind: WriteKind, answer: Answer, code: str, now: datetime) -> Failure:
    """A refusal, by its status or told inside the answer: certainly not done."""
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
