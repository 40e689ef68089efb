"""Accounts of the workspace: connecting them, their checkpoints, their health."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from overture.providers.unipile.client.calls import Call, Kind
from overture.providers.unipile.client.encoding import bounded, given
from overture.providers.unipile.client.identifiers import path_part
from overture.providers.unipile.client.models.accounts import (
    Account,
    CheckpointResent,
    ConnectAnswer,
    SyncState,
)
from overture.providers.unipile.client.models.base import Done
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.resources.base import Resource, act, stored
from overture.providers.unipile.client.values import write_epoch, write_moment
from overture.providers.unipile.client.vocabulary import LinkedInApi


class Credentials(Protocol):
    """What an account is connected with."""

    def body(self) -> Mapping[str, object]:
        """The fields of the request, secrets in clear."""
        ...


@dataclass(frozen=True)
class LinkedInPassword:
    """A LinkedIn account by user name and password."""

    username: str
    password: str = field(repr=False)

    def body(self) -> Mapping[str, object]:
        """The fields of the request, secrets in clear."""
        return {"provider": "LINKEDIN", "username": self.username, "password": self.password}


@dataclass(frozen=True)
class LinkedInCookie:
    """A LinkedIn account by the cookie of a browser, whose exact user agent belongs to it."""

    access_token: str = field(repr=False)  # li_at
    user_agent: str | None = None
    premium_token: str | None = field(default=None, repr=False)  # li_a

    def body(self) -> Mapping[str, object]:
        """The fields of the request, secrets in clear."""
        tokens = {"access_token": self.access_token, "premium_token": self.premium_token}
        return given(provider="LINKEDIN", user_agent=self.user_agent, **tokens)


@dataclass(frozen=True)
class OtherCredentials:
    """An account of another provider, by the fields Unipile wants for it."""

    provider: str
    fields: Mapping[str, object] = field(repr=False)

    def body(self) -> Mapping[str, object]:
        """The fields of the request, secrets in clear."""
        return {**self.fields, "provider": self.provider}


@dataclass(frozen=True)
class Proxy:
    """A proxy of ours an account shall go through."""

    host: str
    port: int
    protocol: str = "http"
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def body(self) -> dict[str, object]:
        """The fields of the request, secrets in clear."""
        login = {"username": self.username, "password": self.password}
        return given(host=self.host, port=self.port, protocol=self.protocol, **login)


@dataclass(frozen=True)
class ConnectOptions:
    """From where an account appears and how much of its past is fetched."""

    country: str | None = None
    ip: str | None = None
    proxy: Proxy | None = None
    disabled_features: Sequence[str] = ()
    sync_chats_since: datetime | None = None
    sync_messages_since: datetime | None = None
    recruiter_contract_id: str | None = None

    def body(self) -> dict[str, object]:
        """The fields of the request."""
        limits = given(
            chats=self.sync_chats_since and write_moment(self.sync_chats_since),
            messages=self.sync_messages_since and write_moment(self.sync_messages_since),
        )
        return given(
            country=self.country,
            ip=self.ip,
            proxy=self.proxy.body() if self.proxy else None,
            disabled_features=list(self.disabled_features) or None,
            sync_limit=limits or None,
            recruiter_contract_id=self.recruiter_contract_id,
        )


class Accounts(Resource):
    """Accounts connected to the workspace."""

    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Account]:
        """One page of the accounts."""
        return await self._page(Account, self._list(limit), cursor)

    def iter(self, bounds: Bounds[Account] | None = None) -> Walk[Account]:
        """All accounts."""
        return self._walk(Account, self._list(250), bounds)

    async def get(self, account_id: str) -> Account:
        """One account as Unipile has it stored: the cheapest look at its health."""
        return await self._ask(Account, stored(f"/accounts/{path_part(account_id)}", "accounts.get"))

    async def connect(self, credentials: Credentials, options: ConnectOptions | None = None) -> ConnectAnswer:
        """Connect an account; a checkpoint in the answer has to be solved within five minutes."""
        body = {**credentials.body(), **(options or ConnectOptions()).body()}
        return await self._ask(ConnectAnswer, act("/accounts", "accounts.connect", None, body))

    async def reconnect(
        self, account_id: str, credentials: Credentials, options: ConnectOptions | None = None
    ) -> ConnectAnswer:
        """Give a disconnected account new credentials; those of another person are refused."""
        body = {**credentials.body(), **(options or ConnectOptions()).body()}
        path = f"/accounts/{path_part(account_id)}"
        return await self._ask(ConnectAnswer, act(path, "accounts.reconnect", account_id, body))

    async def solve_checkpoint(
        self, account_id: str, code: str, *, provider: str = "LINKEDIN"
    ) -> ConnectAnswer:
        """Answer a checkpoint by its code, a phone number, or `TRY_ANOTHER_WAY`; another may follow."""
        body = {"account_id": account_id, "provider": provider, "code": code}
        return await self._ask(
            ConnectAnswer, act("/accounts/checkpoint", "accounts.solve_checkpoint", account_id, body)
        )

    async def resend_checkpoint(self, account_id: str, *, provider: str = "LINKEDIN") -> CheckpointResent:
        """Have the code of a checkpoint sent again."""
        body = {"account_id": account_id, "provider": provider}
        path = "/accounts/checkpoint/resend"
        call = act(path, "accounts.resend_checkpoint", account_id, body, "CheckpointResend")
        return await self._ask(CheckpointResent, call)

    async def restart(self, account_id: str) -> bool:
        """Start a frozen account again; whether Unipile says it did."""
        path = f"/accounts/{path_part(account_id)}/restart"
        answer = await self._ask(Done, act(path, "accounts.restart", account_id, {}, "AccountRestarted"))
        return answer.object == "AccountRestarted" and not answer.dry_run

    async def delete(self, account_id: str) -> Done:
        """Take an account out of the workspace."""
        path = f"/accounts/{path_part(account_id)}"
        call = Call(
            "DELETE", path, Kind.STORED_WRITE, "accounts.delete", account_id, answers="AccountDeleted"
        )
        return await self._ask(Done, call)

    async def resync(
        self,
        account_id: str,
        *,
        product: LinkedInApi | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        chunk_size: int | None = None,
    ) -> SyncState:
        """Start fetching the chats anew, or see how far that is; stop asking at its first end.

        A GET that starts something: asked again after its end, it begins from the start. Its `before` is
        the lowest and its `after` the highest instant, the other way round than in lists.
        """
        query = {
            "linkedin_product": product,
            "before": write_epoch(since) if since else None,
            "after": write_epoch(until) if until else None,
            "chunk_size": chunk_size,
        }
        path = f"/accounts/{path_part(account_id)}/sync"
        call = Call(
            "GET", path, Kind.LIVE_WRITE, "accounts.resync", account_id, query, answers="AccountResync"
        )
        return await self._ask(SyncState, call)

    def _list(self, limit: int | None) -> Call:
        return stored("/accounts", "accounts.list", limit=bounded(limit, 250))
