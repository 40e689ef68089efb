"""Which requests would change something, what each would do to whom, and whether it is the one allowed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from overture.providers.linkedin_browser.fuse_posts import PROFILE, every, read_social_write, with_comment
from overture.providers.linkedin_browser.text import canonical

WriteKind = Literal[
    "invite", "accept", "withdraw", "message", "inmail", "reaction", "comment", "follow", "other"
]
Mismatch = Literal["kind", "identity", "reaction", "text"]

ROUTED: Final = re.compile(r"^https?://[^/?#]+/(voyager/api|flagship-web/rsc-action|sales-api|mwlite)/")
"""What passes the fuse at all. Pages, scripts and images do not: routed requests cost a round trip each."""

READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
HARMLESS: Final = re.compile(
    r"""action=(typing|sendDeliveryAcknowledgement|markAllMessagesAsSeen|updateSeenReceipts|sendHeartbeat)\b
    |/voyagerMessagingDashMessengerConversations\?ids=    # marks a thread as read
    |/rsc-action/actions/(navigation|pagination|component)\b
    |/voyagerMessagingDash(Presence|SyncPresence)\w*
    |/(tracking|li/track|realtime\w*)\b""",
    re.VERBOSE,
)
"""Non-GET requests that reach nobody and keep no state one could regret."""

INVITATION: Final = re.compile(r"/(voyagerRelationshipsDashInvitations|relationships/invitations)/[^/]+/?$")
INVITATION_ACTION: Final = re.compile(
    r"\.adda(Invitation|WithdrawInvitation)Action$|\.addaWithdrawInvitation$"
)
INVITATION_ACTIONS: Final[Mapping[str, Literal["accept", "withdraw"]]] = {
    "accept": "accept",
    "withdraw": "withdraw",
}
"""What may be done with an invitation; declining one is never let through."""


@dataclass(frozen=True)
class WriteSeen:
    """A request that would change something, as far as its address and body tell."""

    kind: WriteKind
    path: str
    profile_ids: frozenset[str] = frozenset()
    member_ids: frozenset[str] = frozenset()
    conversation_urn: str | None = None
    text: str | None = None
    invitation_id: str | None = None
    subject: str | None = None
    thread_urns: frozenset[str] = frozenset()
    reaction: str | None = None


@dataclass(frozen=True)
class Charge:
    """The one request that may pass: its kind, its person, its exact text, its last moment."""

    kind: Literal["invite", "accept", "withdraw", "message", "inmail", "reaction", "comment", "follow"]
    profile_id: str
    member_id: int | None
    text: str | None
    token: UUID
    release_before: datetime
    conversation_urns: frozenset[str] = frozenset()
    invitation_id: str | None = None
    """The number of the invitation that is answered or taken back."""
    subject: str | None = None
    """The exact subject of an InMail."""
    thread_urns: frozenset[str] = frozenset()
    """The URNs of the post that is reacted to or commented on."""
    reaction: str | None = None
    """The reaction by the name the interface has for it."""


def is_write(method: str, url: str, headers: Mapping[str, str]) -> bool:
    """Whether a routed request must be stopped unless it is the one allowed."""
    if method.upper() in READING_METHODS or HARMLESS.search(url):
        return False
    return headers.get("x-http-method-override", "").upper() not in READING_METHODS


def read_write(url: str, body: str | None) -> WriteSeen:
    """What a write would do; a body that cannot be read makes it `other`, which is never let through."""
    parts = urlsplit(url)
    content = _json(body)
    if content is None:
        return WriteSeen("other", parts.path)
    query = parse_qs(parts.query)
    if "createMessage" in query.get("action", []):
        return _message(parts.path, content)
    is_sdui_invite = any(name.endswith(".addaAddConnection") for name in query.get("sduiid", []))
    creates = any(action.startswith("verifyQuotaAndCreate") for action in query.get("action", []))
    if creates or is_sdui_invite or parts.path.endswith("/normInvitations"):
        return _invite(parts.path, content)
    if INVITATION.search(parts.path):
        return _about_invitation(parts.path, query.get("action", []), content)
    if any(INVITATION_ACTION.search(name) for name in query.get("sduiid", [])):
        return _sdui_about_invitation(parts.path, content)
    social = read_social_write(parts.path, query, content)
    return WriteSeen(path=parts.path, **vars(social)) if social else WriteSeen("other", parts.path)


def mismatch(charge: Charge, seen: WriteSeen) -> Mismatch | None:
    """What is wrong with letting this request through; None: it is the very one that was meant."""
    # An InMail to somebody is a message that costs; a message must never become one that does.
    if seen.kind != charge.kind and (charge.kind, seen.kind) != ("inmail", "message"):
        return "kind"
    if not _is_for(charge, seen):
        return "identity"
    if seen.reaction != charge.reaction:
        return "reaction"
    if canonical(seen.text or "") != canonical(charge.text or ""):
        return "text"
    if canonical(seen.subject or "") != canonical(charge.subject or ""):
        return "text"
    return None


def rewritten(charge: Charge, body: str) -> str:
    """The body with the run's own token and the text exactly as it was given."""
    content = json.loads(body)
    if charge.kind in ("message", "inmail"):
        content["message"]["originToken"] = str(charge.token)
        content["message"]["body"]["text"] = charge.text
        if charge.subject is not None:
            (content["message"] if "subject" in content["message"] else content)["subject"] = charge.subject
    elif charge.kind == "comment":
        with_comment(content, charge.text)
    elif charge.text is not None:
        content["customMessage" if "customMessage" in content else "message"] = charge.text
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _is_for(charge: Charge, seen: WriteSeen) -> bool:
    """Everybody the request names is the target, and it names somebody."""
    if seen.kind in ("accept", "withdraw"):  # such a request names the invitation, never the person
        return seen.invitation_id is not None and seen.invitation_id == charge.invitation_id
    if seen.kind in ("reaction", "comment"):
        return bool(seen.thread_urns) and seen.thread_urns <= charge.thread_urns
    if not seen.profile_ids <= {charge.profile_id}:
        return False
    member = {str(charge.member_id)} if charge.member_id is not None else set()
    if not seen.member_ids <= member:
        return False
    if seen.conversation_urn is not None:
        return seen.conversation_urn in charge.conversation_urns
    return bool(seen.profile_ids or seen.member_ids)


def _message(path: str, content: dict[str, object]) -> WriteSeen:
    message = content.get("message")
    body = message.get("body") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(body, dict) or not isinstance(body.get("text"), str):
        return WriteSeen("other", path)
    recipients = content.get("hostRecipientUrns") or message.get("hostRecipientUrns") or []
    conversation = message.get("conversationUrn") or content.get("conversationUrn")
    subject = message.get("subject", content.get("subject"))
    is_inmail = bool(subject) or "INMAIL" in str(message.get("subtype", "")).upper()
    return WriteSeen(
        "inmail" if is_inmail else "message",
        path,
        subject=str(subject) if subject else None,
        profile_ids=frozenset(_id(urn) for urn in recipients)
        if isinstance(recipients, list)
        else frozenset("?"),
        conversation_urn=str(conversation) if conversation is not None else None,
        text=body["text"],
    )


def _invite(path: str, content: dict[str, object]) -> WriteSeen:
    """All three request forms: Dash (`memberProfile`), SDUI (`inviteeUrn`), legacy (`profileId`)."""
    profiles = {
        _id(value)
        for key in ("memberProfile", "profileId", "nonIterableProfileId")
        for value in every(content, key)
    }
    members = {str(value) for holder in every(content, "inviteeUrn") for value in every(holder, "memberId")}
    text = content.get("customMessage", content.get("message"))
    if text is not None and not isinstance(text, str):
        return WriteSeen("other", path)
    return WriteSeen("invite", path, frozenset(profiles), frozenset(members), text=text)


def _about_invitation(path: str, actions: list[str], content: dict[str, object]) -> WriteSeen:
    """An answer to an invitation or taking one back, Dash and legacy: the address names it, the body may."""
    kind = INVITATION_ACTIONS.get(actions[0]) if len(actions) == 1 else None
    number = unquote(path).rstrip("/").rpartition("/")[2].rpartition(":")[2]
    named = {str(value).rpartition(":")[2] for value in every(content, "invitationId")}
    if kind is None or not number.isdigit() or not named <= {number}:
        return WriteSeen("other", path)
    return WriteSeen(kind, path, invitation_id=number)


def _sdui_about_invitation(path: str, content: dict[str, object]) -> WriteSeen:
    """The same as a server request; who acts in it decides the name of the field, its value ends alike."""
    verbs = {
        str(value).rpartition("_")[2].lower()
        for key in ("inviteeActionType", "inviterActionType", "actionType")
        for value in every(content, key)
    }
    named = {
        str(value) for holder in every(content, "invitationUrn") for value in every(holder, "invitationId")
    }
    kind = INVITATION_ACTIONS.get(verbs.pop()) if len(verbs) == 1 else None
    if kind is None or len(named) != 1:
        return WriteSeen("other", path)
    return WriteSeen(kind, path, invitation_id=named.pop())


def _id(urn: object) -> str:
    return str(urn).removeprefix(PROFILE)


def _json(body: str | None) -> dict[str, object] | None:
    try:
        content = json.loads(body or "")
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
