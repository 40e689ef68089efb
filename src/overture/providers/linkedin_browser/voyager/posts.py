"""Reads about posts: how the account reacts to one, and the comments under it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from overture.core.errors import NotPossible, PageChanged
from overture.providers.linkedin_browser.voyager.client import Answer, VoyagerClient
from overture.touchpoints import Reaction

REACTION_TYPES: Final[dict[str, Reaction]] = {
    "LIKE": "LIKE",
    "PRAISE": "CELEBRATE",
    "APPRECIATION": "SUPPORT",
    "EMPATHY": "LOVE",
    "INTEREST": "INSIGHTFUL",
    "ENTERTAINMENT": "FUNNY",
}
"""LinkedIn's names for its reactions, and ours."""
SITE_NAMES: Final[dict[Reaction, str]] = {ours: theirs for theirs, ours in REACTION_TYPES.items()}
PAGE: Final = 100
DECORATION: Final = "com.linkedin.voyager.dash.deco.social.ReactionsByTypeWithProfileActions-13"


@dataclass(frozen=True)
class OwnReaction:
    """The account's reaction as far as the list of reactions tells."""

    reaction: str | None
    """None: it is not in the list."""
    is_complete: bool
    """Whether the list held everybody."""


@dataclass(frozen=True)
class PostComment:
    """One comment as LinkedIn has it."""

    urn: str
    author_id: str
    text: str
    created_at: datetime


@dataclass(frozen=True)
class Comments:
    """The newest comments under a post, oldest first, and how far the server's clock is ahead of ours."""

    items: tuple[PostComment, ...]
    is_complete: bool
    skew: timedelta

    def covers(self, since: datetime) -> bool:
        """Whether a comment made at or after this time would be among them."""
        return self.is_complete or (bool(self.items) and self.items[0].created_at < since)


async def read_own_reaction(client: VoyagerClient, post_urn: str, me: str) -> OwnReaction:
    """How the account reacts to a post, from the newest of its reactions."""
    path = (
        f"/voyagerSocialDashReactions?q=reactionType&threadUrn={quote(post_urn, safe='')}"
        f"&decorationId={DECORATION}&start=0&count={PAGE}"
    )
    answer = await _of_post(client, path)
    rows, total = _rows(answer, "the list of reactions")
    entities = _entities(answer)
    for urn in rows:
        entity = entities.get(urn, {})
        if str(entity.get("actorUrn")).rpartition(":")[2] == me:
            kind = str(entity.get("reactionType"))
            return OwnReaction(REACTION_TYPES.get(kind, kind), is_complete=True)
    return OwnReaction(None, is_complete=len(rows) >= total if total is not None else len(rows) < PAGE)


async def read_comments(client: VoyagerClient, post_urn: str) -> Comments:
    """The newest comments under a post; answers to comments are not among them."""
    first = await _of_post(client, _comments_path(post_urn, 0))
    rows, total = _rows(first, "the list of comments")
    if total is None or total <= len(rows):
        is_all = total is not None or len(rows) < PAGE
        return Comments(tuple(_comment(first, urn) for urn in rows), is_all, first.skew)
    last = await _of_post(client, _comments_path(post_urn, max(0, total - PAGE)))
    newest, _ = _rows(last, "the list of comments")
    return Comments(tuple(_comment(last, urn) for urn in newest), is_complete=False, skew=last.skew)


def _comments_path(post_urn: str, start: int) -> str:
    query = f"q=comments&updateId={quote(post_urn, safe='')}&sortOrder=CHRON&start={start}&count={PAGE}"
    return f"/feed/comments?{query}"


async def _of_post(client: VoyagerClient, path: str) -> Answer:
    try:
        return await client.get(path)
    except NotPossible as error:
        if error.code not in ("not_found", "profile_inaccessible"):
            raise
        raise NotPossible("post_unavailable", "this post does not exist any more, or is not shown") from error


def _rows(answer: Answer, what: str) -> tuple[list[str], int | None]:
    """The URNs of a collection and its total, where it tells one."""
    data = answer.body.get("data")
    rows = data.get("*elements", data.get("elements")) if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(rows, list):
        raise PageChanged(what, code="api_changed")
    paging = data.get("paging")
    total = paging.get("total") if isinstance(paging, dict) else None
    return [str(row) for row in rows], total if isinstance(total, int) else None


def _entities(answer: Answer) -> dict[str, dict[str, object]]:
    included = answer.body.get("included")
    rows = included if isinstance(included, list) else []
    return {str(item["entityUrn"]): item for item in rows if isinstance(item, dict) and "entityUrn" in item}


def _comment(answer: Answer, urn: str) -> PostComment:
    entity = _entities(answer).get(urn, {})
    commentary, created = entity.get("commentary"), entity.get("createdTime")
    author, name = _author(entity.get("commenter")), entity.get("urn")
    if author is None or not isinstance(created, int) or not isinstance(name, str):
        raise PageChanged("a comment in the answer", code="api_changed")
    text = commentary.get("text") if isinstance(commentary, dict) else None
    return PostComment(name, author, str(text or ""), datetime.fromtimestamp(created / 1000, UTC))


def _author(commenter: object) -> str | None:
    """The id of a person or company, whichever form names it."""
    values = commenter.values() if isinstance(commenter, dict) else ()
    return next((str(value).rpartition(":")[2] for value in values if str(value).startswith("urn:li:")), None)
