"""A Unipile workspace, spoken to by one typed client."""

import random
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

import httpx2

from overture.providers.unipile.client import doubt
from overture.providers.unipile.client.calls import (
    Call,
    Chance,
    Clock,
    Json,
    Kind,
    Limiter,
    QueryValue,
    Unlimited,
)
from overture.providers.unipile.client.doubt import Invited, Sought, SoughtComment
from overture.providers.unipile.client.dsn import Dsn, parse_dsn
from overture.providers.unipile.client.models.messaging import Message
from overture.providers.unipile.client.models.posts import Comment
from overture.providers.unipile.client.reconcile import Receivers, Reconciled, ensure_webhooks
from overture.providers.unipile.client.resources.accounts import Accounts
from overture.providers.unipile.client.resources.attendees import Attendees
from overture.providers.unipile.client.resources.chats import Chats
from overture.providers.unipile.client.resources.emails import Emails
from overture.providers.unipile.client.resources.hosted import Hosted
from overture.providers.unipile.client.resources.invitations import Invitations
from overture.providers.unipile.client.resources.linkedin import LinkedIn
from overture.providers.unipile.client.resources.messages import Messages
from overture.providers.unipile.client.resources.posts import Posts
from overture.providers.unipile.client.resources.relations import Relations
from overture.providers.unipile.client.resources.users import Users
from overture.providers.unipile.client.resources.webhooks import Webhooks
from overture.providers.unipile.client.wire import Conduct, Intended, Ports, SystemClock, Wire


class UnipileClient:
    """API v1 of one workspace; the key sees all its accounts. Close it, or use it as a context."""

    def __init__(  # noqa: PLR0913 - each is a port with a default, given by name
        self,
        dsn: str | Dsn,
        api_key: str,
        *,
        conduct: Conduct | None = None,
        limiter: Limiter | None = None,
        clock: Clock | None = None,
        rng: Chance | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        on_answer: Callable[[Mapping[str, str]], None] | None = None,
    ) -> None:
        self.dsn = dsn if isinstance(dsn, Dsn) else parse_dsn(dsn)
        ports = Ports(
            limiter or Unlimited(),
            clock or SystemClock(),
            rng or random.SystemRandom(),
            transport,
            on_answer,
        )
        wire = Wire(self.dsn, api_key, conduct or Conduct(), ports)
        self._wire = wire
        self.accounts = Accounts(wire)
        self.hosted = Hosted(wire, self.dsn.origin)
        self.users = Users(wire)
        self.invitations = Invitations(wire)
        self.relations = Relations(wire)
        self.chats = Chats(wire)
        self.messages = Messages(wire)
        self.attendees = Attendees(wire)
        self.posts = Posts(wire)
        self.linkedin = LinkedIn(wire)
        self.emails = Emails(wire)
        self.webhooks = Webhooks(wire)

    def __repr__(self) -> str:
        return f"UnipileClient({self.dsn.origin})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._wire.aclose()

    @property
    def intended(self) -> list[Intended]:
        """The writes a dry run left out, in order."""
        return self._wire.intended

    async def request(
        self,
        method: str,
        path: str,
        *,
        account_id: str | None = None,
        query: dict[str, QueryValue] | None = None,
        body: Json | None = None,
        kind: Kind | None = None,
    ) -> dict[str, object]:
        """Any call below `/api/v1`, for what this client does not know; anything but a GET counts as a write.

        `account_id` takes the account's turn; put it into query or body where the API wants it.
        """
        method = method.upper()
        kind = kind or (Kind.LIVE_READ if method == "GET" else Kind.LIVE_WRITE)
        if not path.startswith("/") or path.startswith("/api/"):
            raise ValueError("a path begins with / and goes below /api/v1")
        return await self._wire.send(Call(method, path, kind, "request", account_id, query or {}, body))

    async def was_invited(self, account_id: str, provider_id: str) -> Invited:
        """How somebody stands to the account after an invitation in doubt."""
        return await doubt.was_invited(self.invitations, self.users, account_id, provider_id)

    async def find_sent_message(self, account_id: str, sought: Sought) -> Message | None:
        """Our own message after a sending in doubt; None proves nothing within the first minute."""
        return await doubt.find_sent_message(self.chats, self.messages, account_id, sought)

    async def has_reacted(self, account_id: str, post: str, *, comment_id: str | None = None) -> str | None:
        """The account's own reaction, as it is read back (`PRAISE` for celebrate), or None."""
        return await doubt.has_reacted(self.posts, self.users, account_id, post, comment_id)

    async def find_comment(self, account_id: str, social_id: str, sought: SoughtComment) -> Comment | None:
        """Our own comment after one in doubt, or None."""
        return await doubt.find_comment(self.posts, self.users, account_id, social_id, sought)

    async def ensure_webhooks(self, base_url: str, secret: str) -> Reconciled:
        """One webhook for each source we receive, at our address, with our secret; wrong ones of ours go."""
        return await ensure_webhooks(self.webhooks, Receivers(base_url, secret))

    async def ensure_receivers(self, receivers: Receivers) -> Reconciled:
        """The same, with paths, name or header of one's own."""
        return await ensure_webhooks(self.webhooks, receivers)
