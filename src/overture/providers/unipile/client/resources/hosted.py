"""Links to Unipile's own sign-in pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from overture.providers.unipile.client.calls import Call, Kind
from overture.providers.unipile.client.encoding import given
from overture.providers.unipile.client.models.accounts import HostedLink
from overture.providers.unipile.client.resources.base import Resource
from overture.providers.unipile.client.values import write_moment
from overture.providers.unipile.client.wire import Wire


@dataclass(frozen=True)
class HostedOptions:
    """Where a sign-in ends and who hears of it; `notify_url` is not signed: hide a state in it."""

    expires_at: datetime
    notify_url: str | None = field(default=None, repr=False)
    name: str | None = None
    success_redirect_url: str | None = None
    failure_redirect_url: str | None = None
    disabled_options: Sequence[str] = ()
    bypass_success_screen: bool | None = None

    def body(self) -> dict[str, object]:
        """The fields of the request."""
        return given(
            expiresOn=write_moment(self.expires_at),
            notify_url=self.notify_url,
            name=self.name,
            success_redirect_url=self.success_redirect_url,
            failure_redirect_url=self.failure_redirect_url,
            disabled_options=list(self.disabled_options) or None,
            bypass_success_screen=self.bypass_success_screen,
        )


class Hosted(Resource):
    """Sign-in pages; make one link for each click, they die with the daily restart."""

    def __init__(self, wire: Wire, api_url: str) -> None:
        super().__init__(wire)
        self._api_url = api_url

    async def connect_link(
        self, options: HostedOptions, providers: Sequence[str] | str = ("LINKEDIN",)
    ) -> HostedLink:
        """A page on which somebody connects a new account."""
        chosen = providers if isinstance(providers, str) else list(providers)
        return await self._link({"type": "create", "providers": chosen}, options)

    async def reconnect_link(self, account_id: str, options: HostedOptions) -> HostedLink:
        """A page on which the owner connects this account again."""
        return await self._link({"type": "reconnect", "reconnect_account": account_id}, options)

    async def _link(self, wish: dict[str, object], options: HostedOptions) -> HostedLink:
        body = {**wish, "api_url": self._api_url, **options.body()}
        path, action = "/hosted/accounts/link", "hosted.link"
        call = Call("POST", path, Kind.STORED_WRITE, action, body=body, answers="HostedAuthUrl")
        return await self._ask(HostedLink, call)
