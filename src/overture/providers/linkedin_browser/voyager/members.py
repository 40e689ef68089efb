"""Reads about people: the account itself, a member's profile, the invitations that are out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from overture.core.errors import NotPossible, PageChanged
from overture.providers.linkedin_browser.voyager.client import VoyagerClient
from overture.providers.linkedin_browser.voyager.normalized import ProfileUnavailable
from overture.providers.linkedin_browser.voyager.profile import parse_profile
from overture.touchpoints.profile import Profile, Relationship

FULL_PROFILE: Final = "com.linkedin.voyager.dash.deco.identity.profile.FullProfileWithEntities-91"
TOP_CARD: Final = "com.linkedin.voyager.dash.deco.identity.profile.WebTopCardCore-19"
SENT_COUNT: Final = 100
MOST_SENT_PAGES: Final = 30
"""An account may have some thousands of unanswered invitations at most: a longer list is not read whole."""


@dataclass(frozen=True)
class Me:
    """The member the account logs in as."""

    profile_id: str
    slug: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """What addresses may know the account by."""
        return frozenset(name for name in (self.profile_id, self.slug and self.slug.lower()) if name)


@dataclass(frozen=True)
class SentInvitation:
    """An invitation nobody has answered yet."""

    urn: str
    profile_id: str | None
    member_id: str | None
    sent_at: datetime | None
    slug: str | None = None

    @property
    def is_told(self) -> bool:
        """Whether it says whose it is."""
        return self.profile_id is not None or self.slug is not None


@dataclass(frozen=True)
class SentInvitations:
    """The newest invitations that are out, and whether these are all there are."""

    items: tuple[SentInvitation, ...]
    is_complete: bool

    def to(self, profile_id: str, member_id: int | None) -> SentInvitation | None:
        """The one to this member."""
        for item in self.items:
            if item.profile_id == profile_id or (member_id is not None and item.member_id == str(member_id)):
                return item
        return None

    def covers(self, since: datetime) -> bool:
        """Whether an invitation sent at or after this time would be among them."""
        oldest = self.items[-1].sent_at if self.items else None
        return self.is_complete or (oldest is not None and oldest < since)


async def read_me(client: VoyagerClient) -> Me:
    """Who the account is."""
    body = (await client.get("/me")).body
    data = body.get("data", body)
    urn = data.get("*miniProfile") if isinstance(data, dict) else None
    if not isinstance(urn, str):
        raise PageChanged("the account's own profile", code="api_changed")
    included = body.get("included")
    people = [one for one in included if isinstance(one, dict)] if isinstance(included, list) else []
    slug = next((one.get("publicIdentifier") for one in people if one.get("entityUrn") == urn), None)
    return Me(urn.rpartition(":")[2], slug if isinstance(slug, str) else None)


async def read_profile(client: VoyagerClient, key: str) -> Profile:
    """The profile under a slug or profile id; gone, hidden and unknown ones are all `profile_unavailable`."""
    return await _read_profile(client, key, FULL_PROFILE)


async def read_relationship(client: VoyagerClient, key: str) -> Relationship:
    """How the account stands to a member, from the small read that says it when the full one does not."""
    return (await _read_profile(client, key, TOP_CARD)).relationship


async def _read_profile(client: VoyagerClient, key: str, decoration: str) -> Profile:
    name = quote(key, safe="")
    path = f"/identity/dash/profiles?q=memberIdentity&memberIdentity={name}&decorationId={decoration}"
    try:
        return parse_profile((await client.get(path)).body)
    except ProfileUnavailable as error:
        raise NotPossible("profile_unavailable", error.message) from error
    except NotPossible as error:
        if error.code != "not_found":
            raise
        raise NotPossible("profile_unavailable", "there is no such LinkedIn profile") from error


async def read_sent_invitations(client: VoyagerClient) -> SentInvitations:
    """The newest invitations that are out, newest first: one page."""
    page = await _sent_page(client, 0)
    count = len(page.items)
    is_complete = count >= page.total if page.total is not None else count < SENT_COUNT
    return SentInvitations(page.items, is_complete)


async def read_all_sent_invitations(
    client: VoyagerClient, may_go_on: Callable[[], Awaitable[bool]]
) -> SentInvitations:
    """All invitations that are out, page by page; complete only if none can have been missed.

    Whoever answers meanwhile moves those behind up: then there are fewer than the list said, or it says less.
    """
    found: dict[str, SentInvitation] = {}
    start, total = 0, None
    for _ in range(MOST_SENT_PAGES):
        if not await may_go_on():
            break
        page = await _sent_page(client, start)
        has_shrunk = total is not None and page.total is not None and page.total < total
        found |= {one.urn: one for one in page.items}
        start, total = start + len(page.items), page.total
        is_end = len(page.items) < SENT_COUNT if total is None else start >= total or not page.items
        if has_shrunk or is_end:
            is_whole = is_end and not has_shrunk and len(found) >= (total or 0)
            return SentInvitations(tuple(found.values()), is_whole)
    return SentInvitations(tuple(found.values()), is_complete=False)


@dataclass(frozen=True)
class SentPage:
    """One page of the list, and how long the list is said to be."""

    items: tuple[SentInvitation, ...]
    total: int | None


async def _sent_page(client: VoyagerClient, start: int) -> SentPage:
    path = (
        "/relationships/sentInvitationViewsV2?q=invitationType&invitationType=CONNECTION"
        f"&start={start}&count={SENT_COUNT}"
    )
    body = (await client.get(path)).body
    data, included = body.get("data"), body.get("included")
    if not isinstance(data, dict) or not isinstance(included, list):
        raise PageChanged("the list of sent invitations", code="api_changed")
    views = data.get("*elements", data.get("elements"))
    if not isinstance(views, list):
        raise PageChanged("the list of sent invitations", code="api_changed")
    entities = {
        item["entityUrn"]: item for item in included if isinstance(item, dict) and "entityUrn" in item
    }
    items = tuple(_invitation(str(view), entities) for view in views)
    paging = data.get("paging")
    total = paging.get("total") if isinstance(paging, dict) else None
    return SentPage(items, total if isinstance(total, int) else None)


def _invitation(view_urn: str, entities: dict[str, dict[str, object]]) -> SentInvitation:
    urn = str(entities.get(view_urn, {}).get("*invitation", ""))
    entity = entities.get(urn)
    if entity is None:
        raise PageChanged("a sent invitation", code="api_changed")
    member, sent = entity.get("toMemberId"), entity.get("sentTime")
    profile = entity.get("*toMember")
    slug = entities.get(str(profile), {}).get("publicIdentifier")
    return SentInvitation(
        urn=f"urn:li:fsd_invitation:{urn.rpartition(':')[2]}",
        profile_id=profile.rpartition(":")[2] if isinstance(profile, str) else None,
        member_id=str(member) if member is not None else None,
        sent_at=datetime.fromtimestamp(sent / 1000, UTC) if isinstance(sent, int) else None,
        slug=slug if isinstance(slug, str) and slug else None,
    )
