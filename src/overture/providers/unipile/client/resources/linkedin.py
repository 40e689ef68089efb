"""What only LinkedIn has: searches, companies, InMail credits, and its raw interface."""

from collections.abc import Mapping

from overture.providers.unipile.client.calls import Call, Kind
from overture.providers.unipile.client.encoding import bounded, given
from overture.providers.unipile.client.identifiers import path_part
from overture.providers.unipile.client.models.base import read_page
from overture.providers.unipile.client.models.linkedin import (
    Company,
    Endorsed,
    InmailBalance,
    RawData,
    SearchParameter,
    SearchResult,
    UserActionDone,
)
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.resources.base import Resource, act, live


class LinkedIn(Resource):
    """LinkedIn through an account's session."""

    async def search(
        self,
        account_id: str,
        query: Mapping[str, object] | str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[SearchResult]:
        """One page of a search: the URL of one made in LinkedIn, or parameters (`{api, category, …}`).

        Ids in parameters of a classic search come from `parameters`; free text is not taken there.
        """
        body: Mapping[str, object] = {"url": query} if isinstance(query, str) else dict(query)
        params = {"account_id": account_id, "limit": bounded(limit, 100), "cursor": cursor}
        if cursor:
            body = {"cursor": cursor}  # the search itself is inside
        path, kind, action = "/linkedin/search", Kind.LIVE_READ, "linkedin.search"
        call = Call("POST", path, kind, action, account_id, params, body)
        return read_page(SearchResult, await self._wire.send(call), call)

    def iter_search(
        self,
        account_id: str,
        query: Mapping[str, object] | str,
        bounds: Bounds[SearchResult] | None = None,
        *,
        limit: int = 50,
    ) -> Walk[SearchResult]:
        """Everything a search finds, as far as LinkedIn lets one read."""
        return Walk(
            lambda cursor: self.search(account_id, query, limit=limit, cursor=cursor), bounds or Bounds()
        )

    async def parameters(
        self, account_id: str, kind: str, keywords: str | None = None, *, limit: int | None = None
    ) -> Page[SearchParameter]:
        """Values a search takes (`LOCATION`, `INDUSTRY`, `COMPANY`…), by name."""
        path, action = "/linkedin/search/parameters", "linkedin.parameters"
        asked = bounded(limit, 100)
        return await self._page(
            SearchParameter, live(path, action, account_id, type=kind, keywords=keywords, limit=asked)
        )

    async def inmail_balance(self, account_id: str) -> InmailBalance:
        """How many InMails the account may still send."""
        return await self._ask(
            InmailBalance, live("/linkedin/inmail_balance", "linkedin.inmail_balance", account_id)
        )

    async def company(self, account_id: str, identifier: str) -> Company:
        """A company page, by its name in the URL or its number."""
        path = f"/linkedin/company/{path_part(identifier)}"
        return await self._ask(Company, live(path, "linkedin.company", account_id))

    async def raw(
        self,
        account_id: str,
        request_url: str,
        *,
        method: str = "GET",
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> RawData:
        """A request to LinkedIn's own interface; anything but a GET counts as a deed."""
        wish = given(
            account_id=account_id,
            request_url=request_url,
            method=method,
            body=body,
            query_params=query,
            headers=headers,
        )
        kind = Kind.LIVE_READ if method.upper() == "GET" else Kind.LIVE_WRITE
        path, action = "/linkedin", "linkedin.raw"
        call = Call("POST", path, kind, action, account_id, body=wish, answers="LinkedinRawData")
        return await self._ask(RawData, call)

    async def save_lead(self, account_id: str, user_id: str, *, list_id: str | None = None) -> UserActionDone:
        """Save somebody as a lead in Sales Navigator."""
        wish = given(account_id=account_id, api="sales_navigator", action="saveLead", list_id=list_id)
        path = f"/linkedin/user/{path_part(user_id)}"
        call = act(path, "linkedin.save_lead", account_id, wish, "LinkedinPerformActionOnUser")
        return await self._ask(UserActionDone, call)

    async def endorse(self, account_id: str, profile_id: str, skill_endorsement_id: int) -> Endorsed:
        """Endorse a skill of a connection."""
        wish = {
            "account_id": account_id,
            "profile_id": profile_id,
            "skill_endorsement_id": skill_endorsement_id,
        }
        path = "/linkedin/profile/endorse"
        return await self._ask(
            Endorsed, act(path, "linkedin.endorse", account_id, wish, "LinkedinProfileEndorse")
        )
