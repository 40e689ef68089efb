"""People as an account sees them: profiles, visits, what they post."""

from collections.abc import Iterable
from dataclasses import replace

from overture.providers.unipile.client.calls import Call, Kind
from overture.providers.unipile.client.encoding import bounded, comma_joined
from overture.providers.unipile.client.identifiers import path_part, profile_identifier
from overture.providers.unipile.client.models.people import OwnProfile, UserProfile
from overture.providers.unipile.client.models.posts import Comment, Post, PostReaction
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.resources.base import Resource, live
from overture.providers.unipile.client.vocabulary import LinkedInApi


class Users(Resource):
    """Profiles and activity of members."""

    async def get(
        self,
        account_id: str,
        identifier: str,
        *,
        sections: Iterable[str] = (),
        api: LinkedInApi | None = None,
    ) -> UserProfile:
        """A profile, without the member noticing. Without `api`, ids are those of classic LinkedIn."""
        return await self._ask(UserProfile, self._profile(account_id, identifier, sections, api))

    async def visit(
        self,
        account_id: str,
        identifier: str,
        *,
        sections: Iterable[str] = (),
        api: LinkedInApi | None = None,
    ) -> UserProfile:
        """A profile, and the member is told of the visit: a deed, never tried twice by itself."""
        quiet = self._profile(account_id, identifier, sections, api)
        call = replace(
            quiet.with_query(notify=True), kind=Kind.LIVE_WRITE, action="users.visit", instead=quiet
        )
        return await self._ask(UserProfile, call)

    async def me(self, account_id: str) -> OwnProfile:
        """The member this account is."""
        return await self._ask(OwnProfile, live("/users/me", "users.me", account_id))

    async def posts(
        self, account_id: str, member_id: str, *, cursor: str | None = None, is_company: bool | None = None
    ) -> Page[Post]:
        """One page of what a member or company posted."""
        return await self._page(Post, self._activity("posts", account_id, member_id, is_company), cursor)

    def iter_posts(
        self,
        account_id: str,
        member_id: str,
        bounds: Bounds[Post] | None = None,
        *,
        is_company: bool | None = None,
    ) -> Walk[Post]:
        """What a member or company posted."""
        return self._walk(Post, self._activity("posts", account_id, member_id, is_company), bounds)

    def iter_comments(
        self, account_id: str, member_id: str, bounds: Bounds[Comment] | None = None
    ) -> Walk[Comment]:
        """What a member commented."""
        return self._walk(Comment, self._activity("comments", account_id, member_id), bounds)

    def iter_reactions(
        self, account_id: str, member_id: str, bounds: Bounds[PostReaction] | None = None
    ) -> Walk[PostReaction]:
        """What a member reacted to."""
        return self._walk(PostReaction, self._activity("reactions", account_id, member_id), bounds)

    def _profile(
        self, account_id: str, identifier: str, sections: Iterable[str], api: LinkedInApi | None
    ) -> Call:
        path = f"/users/{path_part(profile_identifier(identifier))}"
        product = None if api == "classic" else api
        wanted = comma_joined(sections)
        return live(path, "users.get", account_id, linkedin_sections=wanted, linkedin_api=product)

    def _activity(self, what: str, account_id: str, member_id: str, is_company: bool | None = None) -> Call:
        path = f"/users/{path_part(member_id)}/{what}"
        limit = bounded(100, 100)
        return live(path, f"users.{what}", account_id, limit=limit, is_company=is_company)
