"""What a reaction, a comment or a follow looks like as a request, in every form the pages send it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote

THREAD_KEYS: Final = {"activityId": "activity", "ugcPostId": "ugcPost", "shareId": "share"}
FOLLOWING_STATE: Final = re.compile(r"/feed/dash/followingStates/([^/]+)/?$")
PROFILE: Final = "urn:li:fsd_profile:"

Query = Mapping[str, Sequence[str]]
Content = dict[str, object]


@dataclass(frozen=True)
class SocialWrite:
    """What such a request would do: to which posts or people, with which words or which reaction."""

    kind: Literal["reaction", "comment", "follow"]
    thread_urns: frozenset[str] = frozenset()
    profile_ids: frozenset[str] = frozenset()
    member_ids: frozenset[str] = frozenset()
    text: str | None = None
    reaction: str | None = None


def read_social_write(path: str, query: Query, content: Content) -> SocialWrite | None:
    """The reaction, comment or follow a request is; None when it is none of them, or takes one back."""
    server_request = next(iter(query.get("sduiid", ())), "")
    stored_query = next(iter(query.get("queryId", ())), "") if "execute" in query.get("action", ()) else ""
    if server_request.endswith(".addaUpdateFollowState"):
        return _sdui_follow(content)
    state = FOLLOWING_STATE.search(unquote(path))
    if state is not None:
        return _dash_follow(state[1], content)
    is_reaction = path.endswith("/voyagerSocialDashReactions") or stored_query.startswith(
        "voyagerSocialDashReactions."
    )
    if is_reaction or server_request.endswith(".reactions.create"):
        return _reaction(query, content)
    is_comment = path.endswith("/voyagerSocialDashNormComments") or stored_query.startswith(
        "voyagerSocialDashNormComments."
    )
    if is_comment or server_request.endswith(".comments.createComment"):
        return _comment(content)
    return None


def with_comment(content: Content, text: str | None) -> None:
    """Put the words of the comment, exactly as given, wherever the request has them."""
    for commentary in every(content, "commentary"):
        if isinstance(commentary, dict):
            commentary["text"] = text


def every(value: object, key: str) -> list[object]:
    """Every value under this key, however deep."""
    if isinstance(value, list):
        return [found for item in value for found in every(item, key)]
    if not isinstance(value, dict):
        return []
    own = [value[key]] if value.get(key) is not None else []
    return own + [found for name, inner in value.items() if name != key for found in every(inner, key)]


def _reaction(query: Query, content: Content) -> SocialWrite | None:
    kinds = {str(kind).removeprefix("ReactionType_") for kind in every(content, "reactionType")}
    if len(kinds) != 1:
        return None
    threads = _threads(content) | set(query.get("threadUrn", ()))
    return SocialWrite("reaction", frozenset(threads), reaction=kinds.pop())


def _comment(content: Content) -> SocialWrite | None:
    """One text, however often the request repeats it; an answer to a comment names another thread."""
    commentaries = every(content, "commentary")
    texts = {str(one.get("text")) for one in commentaries if isinstance(one, dict)}
    if len(texts) != 1 or not all(isinstance(one, dict) for one in commentaries):
        return None
    return SocialWrite("comment", frozenset(_threads(content)), text=texts.pop())


def _threads(content: Content) -> set[str]:
    """Every thread the request names: a URN, or the newer pages' nested numbers."""
    found: set[str] = set()
    for thread in every(content, "threadUrn"):
        if isinstance(thread, str):
            found.add(thread)
            continue
        numbers = {
            f"urn:li:{kind}:{number}" for key, kind in THREAD_KEYS.items() for number in every(thread, key)
        }
        found |= numbers or {"?"}
    return found


def _sdui_follow(content: Content) -> SocialWrite | None:
    states = {str(state) for state in every(content, "followStateType")}
    if states != {"FollowStateType_FOLLOW_ACTIVE"}:
        return None
    members = {str(value) for holder in every(content, "memberUrn") for value in every(holder, "memberId")}
    return SocialWrite("follow", member_ids=frozenset(members))


def _dash_follow(urn: str, content: Content) -> SocialWrite | None:
    if every(content, "following") != [True]:
        return None
    found = urn.rpartition(PROFILE)
    return SocialWrite("follow", profile_ids=frozenset({found[2]} if found[1] else {"?"}))
