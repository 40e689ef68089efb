"""Connections of an account, and who follows whom."""

from overture.providers.unipile.client.calls import Call
from overture.providers.unipile.client.encoding import bounded
from overture.providers.unipile.client.models.people import Follower, Relation
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.resources.base import Resource, live


class Relations(Resource):
    """The account's network, the newest first."""

    async def list(
        self,
        account_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        name: str | None = None,
    ) -> Page[Relation]:
        """One page of the connections."""
        return await self._page(Relation, self._list(account_id, limit, name), cursor)

    def iter(
        self, account_id: str, bounds: Bounds[Relation] | None = None, *, name: str | None = None
    ) -> Walk[Relation]:
        """All connections; stop at the first known one to see only what is new."""
        return self._walk(Relation, self._list(account_id, 1000, name), bounds)

    def iter_followers(self, account_id: str, bounds: Bounds[Follower] | None = None) -> Walk[Follower]:
        """Who follows the account."""
        return self._walk(
            Follower, live("/users/followers", "relations.followers", account_id, limit=100), bounds
        )

    def iter_following(self, account_id: str, bounds: Bounds[Follower] | None = None) -> Walk[Follower]:
        """Whom the account follows."""
        return self._walk(
            Follower, live("/users/following", "relations.following", account_id, limit=100), bounds
        )

    def _list(self, account_id: str, limit: int | None, name: str | None) -> Call:
        asked = bounded(limit, 1000)
        return live("/users/relations", "relations.list", account_id, limit=asked, filter=name)
