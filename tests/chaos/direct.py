"""A provider without a browser: the product's own reading and judging, over plain HTTP.

What differs from `linkedin_browser` is `prepare` (no page, no dialog) and the one request of `act`. Sessions
are opened in milliseconds, so that hundreds of kills fit into minutes.
"""

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, cast
from urllib.parse import urlencode
from uuid import UUID

import httpx2

from overture.core.clock import Clock
from overture.core.errors import NeedsHuman, NotPossible, PageChanged, Transient, Uncertain
from overture.core.settings import Settings
from overture.entrypoints.bootstrap import App
from overture.providers.linkedin_browser.connect import ConnectWrite
from overture.providers.linkedin_browser.desk import Desk, Standing
from overture.providers.linkedin_browser.fuse import Answer, Fuse
from overture.providers.linkedin_browser.fuse_rules import WriteKind
from overture.providers.linkedin_browser.identity import resolve
from overture.providers.linkedin_browser.message import MessageWrite
from overture.providers.linkedin_browser.registry import READERS
from overture.providers.linkedin_browser.tab import Tab
from overture.providers.linkedin_browser.verdict import accepted_value
from overture.providers.linkedin_browser.voyager.members import read_me
from overture.touchpoints import (
    Accepted,
    Connect,
    Evidence,
    Intent,
    Message,
    Outcome,
    Sender,
    Session,
    Snapshot,
    Touchpoint,
    Trace,
    Write,
)
from overture.touchpoints.profile import RelationshipState

LAG: Final = "OVERTURE_CHAOS_LAG_S"
INVITE: Final = "/voyager/api/voyagerRelationshipsDashMemberRelationships?action=verifyQuotaAndCreateV2"
SAY: Final = "/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"
MOMENTS: Final = (("write_under_way", 0.04), ("write_waiting", 0.12))
"""Steps between sending and the answer: before and after the service has taken it in."""
VISITOR: Final = "00000000-0000-4000-8000-000000000001"


class HttpPage:
    """The part of a page that reads need: it fetches and knows its cookies."""

    def __init__(self, http: httpx2.AsyncClient, cookies: dict[str, str]) -> None:
        self.http = http
        self.cookies = cookies

    @property
    def headers(self) -> dict[str, str]:
        """What a browser would send along."""
        token = self.cookies.get("JSESSIONID", "").strip('"')
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"cookie": jar, "csrf-token": token}

    async def cookie(self, name: str) -> str | None:
        """A cookie of the site."""
        return self.cookies.get(name)

    async def evaluate(self, script: str, argument: object) -> object:  # noqa: ARG002
        """Fetch what the script would fetch; it is always the same script."""
        path, headers, limit, _ = cast(tuple[str, dict[str, str], float, str], argument)
        seconds = limit / 1000
        try:
            got = await self.http.get(path, headers={**headers, **self.headers}, timeout=seconds)
        except httpx2.HTTPError as error:
            return {"status": 0, "path": "", "type": "", "date": "", "retry": "", "text": repr(error)}
        header = got.headers.get
        return {
            "status": got.status_code,
            "path": got.url.path,
            "type": header("content-type", ""),
            "date": header("date", ""),
            "retry": header("retry-after", ""),
            "text": got.text,
        }

    async def log_in(self, username: str, password: str) -> bool:
        """Send the login form; whether it let us in."""
        self.cookies.clear()
        form = {"session_key": username, "session_password": password, "loginCsrfParam": VISITOR}
        got = await self.http.post(
            "/checkpoint/lg/login-submit",
            content=urlencode(form),
            headers={
                "cookie": f"bcookie=v=2&{VISITOR}",
                "content-type": "application/x-www-form-urlencoded",
            },
        )
        for line in got.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return "li_at" in self.cookies


async def post(desk: Desk, kind: WriteKind, intent: Intent, body: dict[str, object]) -> Answer:
    """The one request, released within the act window or not at all, never repeated."""
    page = cast(HttpPage, desk.tab)
    path = INVITE if kind == "invite" else SAY
    headers = {**page.headers, "content-type": "application/json", "accept": "application/json"}
    desk.trace.step("write_released", kind=kind)
    if desk.clock.now() >= intent.act_before:
        raise Transient("the time in which the act may begin had passed", code="act_window_passed")
    await intent.last_check()
    sending = asyncio.ensure_future(page.http.post(path, content=json.dumps(body), headers=headers))
    try:
        for step, after in MOMENTS:
            await asyncio.wait([sending], timeout=after)
            if not sending.done():
                desk.trace.step(step)
        got = await sending
    except httpx2.ConnectError as error:
        raise Transient("LinkedIn could not be reached", code="unreachable") from error
    except httpx2.HTTPError as error:
        raise Uncertain("the connection broke before LinkedIn answered", error=repr(error)) from error
    finally:
        sending.cancel()
    desk.trace.step("write_answered", status=got.status_code)
    return Answer(got.status_code, got.headers.get("content-type", ""), "", got.text)


class DirectConnect(ConnectWrite):
    """An invitation, sent without a dialog."""

    async def prepare(self) -> Outcome | None:
        """Resolve the member and see whether inviting makes sense."""
        self._identity, profile = await resolve(self._desk, self._touchpoint.target)
        return await self._already(profile)

    async def act(self, intent: Intent) -> Accepted:
        """Ask."""
        urn = f"urn:li:fsd_profile:{self._known().profile_id}"
        body: dict[str, object] = {"invitee": {"inviteeUnion": {"memberProfile": urn}}}
        if self._touchpoint.note is not None:
            body["customMessage"] = self._touchpoint.note
        value = accepted_value(self._desk, "invite", await post(self._desk, "invite", intent, body))
        return Accepted(Evidence("write_answer", {"invitation_urn": value.get("invitationUrn")}))


class DirectMessage(MessageWrite):
    """A message, sent without a box."""

    async def prepare(self) -> Outcome | None:
        """Resolve the member and see whether they can be written to."""
        self._identity, profile = await resolve(self._desk, self._touchpoint.target)
        if profile.relationship.state is not RelationshipState.CONNECTED:
            raise NotPossible("not_connected", "only connections can be written to")
        return None

    async def act(self, intent: Intent) -> Accepted:
        """Say it, under the run's token."""
        body: dict[str, object] = {
            "message": {
                "body": {"attributes": [], "text": self._touchpoint.message},
                "renderContentUnions": [],
                "originToken": str(intent.token),
            },
            "mailboxUrn": f"urn:li:fsd_profile:{self._desk.me}",
            "trackingId": secrets.token_hex(8),
            "dedupeByClientGeneratedToken": False,
            "hostRecipientUrns": [f"urn:li:fsd_profile:{self._known().profile_id}"],
        }
        value = accepted_value(self._desk, "message", await post(self._desk, "message", intent, body))
        return Accepted(Evidence("write_answer", {"conversation_urn": value.get("conversationUrn")}))


@dataclass
class DirectSession:
    """One account's session: its cookies."""

    desk: Desk
    is_new: bool

    async def enter(self) -> None:
        """The door was opened with the session."""

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        """The product's own handler, over plain HTTP."""
        return await READERS[touchpoint.kind()](self.desk, touchpoint)

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        """An invitation or a message."""
        match touchpoint:
            case Connect():
                return DirectConnect(self.desk, touchpoint, token)
            case Message():
                return DirectMessage(self.desk, touchpoint, token)
            case _:
                raise PageChanged("a way to do this without a browser", code="unsupported")

    async def snapshot(self) -> Snapshot:
        """There is no screen."""
        return Snapshot(None, {})

    async def state(self) -> bytes | None:
        """The cookies, when they are new."""
        return json.dumps(cast(HttpPage, self.desk.tab).cookies).encode() if self.is_new else None


@dataclass
class Direct:
    """The provider; it takes the name of the browser's."""

    settings: Settings
    clock: Clock
    read_back_lag: timedelta
    name: str = "linkedin_browser"
    channel: str = "linkedin"
    credential_fields: tuple[str, ...] = ("username", "password")
    lacks: str | None = None
    http: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        limit = self.settings.browser_timeout.total_seconds()
        self.http = httpx2.AsyncClient(base_url=str(self.settings.linkedin_url), timeout=limit)

    def supports(self, kind: str) -> bool:
        """What can be done without a page."""
        return kind in ("connect", "message", "check_connection")

    def open(self, sender: Sender, trace: Trace) -> AbstractAsyncContextManager[Session]:
        """A logged-in session."""
        return self._open(sender, trace)

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    @asynccontextmanager
    async def _open(self, sender: Sender, trace: Trace) -> AsyncIterator[Session]:
        kept = sender.secrets.session
        page = HttpPage(self.http, json.loads(kept) if kept else {})
        desk = self._desk(sender, page, trace)
        is_new = not (kept and await desk.client.is_logged_in())
        values = sender.secrets.values
        if is_new and not await page.log_in(values["username"], values["password"]):
            raise NeedsHuman("login", "LinkedIn refused the user name or password")
        desk.me = (await read_me(desk.client)).profile_id
        self.http.cookies.clear()
        try:
            yield DirectSession(desk, is_new)
        finally:
            trace.step("session_end")

    def _desk(self, sender: Sender, page: HttpPage, trace: Trace) -> Desk:
        """The product's desk with nothing on it that needs a browser."""
        nothing = cast(Fuse, None)
        tab = cast(Tab, page)
        return Desk(sender, self.settings, self.clock, tab, nothing, trace, Standing(has_credentials=True))


def install(app: App) -> App:
    """Plugin entry: in place of the browser."""
    provider = Direct(app.settings, app.clock, timedelta(seconds=float(os.environ[LAG])))
    return replace(app, providers={provider.name: provider})
