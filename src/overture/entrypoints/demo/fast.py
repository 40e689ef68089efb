"""The provider `linkedin_fast`: LinkedIn's JSON over plain HTTP, for sandbox worlds alone.

It reads and judges as `linkedin_browser` does, by the same code; what it has no use for is a page. The real
service is for the browser only, so whatever is no address of this machine is refused.
"""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, cast
from urllib.parse import urlencode
from uuid import UUID

import httpx2

from overture.core.clock import Clock
from overture.core.errors import NeedsHuman, NotPossible, Transient, Uncertain
from overture.core.settings import Settings
from overture.providers.linkedin_browser.connect import ConnectWrite
from overture.providers.linkedin_browser.desk import Desk, Standing
from overture.providers.linkedin_browser.fuse import Answer, Fuse
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

KINDS: Final = ("connect", "message", "check_connection", "sync_relations", "sync_inbox")
HERE: Final = ("127.0.0.1", "localhost", "::1")
INVITE: Final = "/voyager/api/voyagerRelationshipsDashMemberRelationships?action=verifyQuotaAndCreateV2"
SAY: Final = "/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"
VISITOR: Final = "00000000-0000-4000-8000-000000000001"
READ_BACK_LAG: Final = timedelta(seconds=45)


class HttpPage:
    """The part of a page that reading needs: it fetches, and knows its cookies."""

    def __init__(self, http: httpx2.AsyncClient, cookies: dict[str, str]) -> None:
        self.http = http
        self.cookies = cookies

    @property
    def headers(self) -> dict[str, str]:
        """What a browser would send along."""
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"cookie": jar, "csrf-token": self.cookies.get("JSESSIONID", "").strip('"')}

    async def cookie(self, name: str) -> str | None:
        """A cookie of the site."""
        return self.cookies.get(name)

    async def evaluate(self, script: str, argument: object) -> object:  # noqa: ARG002
        """Fetch what the script would fetch in a page."""
        path, headers, limit, _ = cast(tuple[str, dict[str, str], float, str], argument)
        try:
            got = await self.http.get(path, headers={**headers, **self.headers}, timeout=limit / 1000)
        except httpx2.HTTPError as error:
            return {"status": 0, "path": "", "type": "", "date": "", "retry": "", "text": repr(error)}
        names = {"type": "content-type", "date": "date", "retry": "retry-after"}
        told = {key: got.headers.get(name, "") for key, name in names.items()}
        return {"status": got.status_code, "path": got.url.path, "text": got.text, **told}

    async def log_in(self, username: str, password: str) -> bool:
        """Send the login form; whether it let us in."""
        form = {"session_key": username, "session_password": password, "loginCsrfParam": VISITOR}
        headers = {
            "cookie": f"bcookie=v=2&{VISITOR}",
            "content-type": "application/x-www-form-urlencoded",
        }
        got = await self.http.post("/checkpoint/lg/login-submit", content=urlencode(form), headers=headers)
        self.cookies.clear()
        for line in got.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return "li_at" in self.cookies

    async def post(self, path: str, body: dict[str, object], trace: Trace) -> httpx2.Response:  # noqa: ARG002
        """Send the one request of a write."""
        headers = {**self.headers, "content-type": "application/json", "accept": "application/json"}
        return await self.http.post(path, content=json.dumps(body), headers=headers)


async def released(desk: Desk, path: str, intent: Intent, body: dict[str, object]) -> Answer:
    """The answer to the one request, which goes out within the act window or not at all, and never again."""
    page = cast(HttpPage, desk.tab)
    await intent.last_check()
    desk.trace.step("write_released")
    if desk.clock.now() >= intent.act_before:  # the last thing before it: whoever stood still sends nothing
        raise Transient("the time in which the act may begin had passed", code="act_window_passed")
    try:
        got = await page.post(path, body, desk.trace)
    except httpx2.ConnectError as error:
        raise Transient("LinkedIn could not be reached", code="unreachable") from error
    except httpx2.HTTPError as error:
        raise Uncertain("the connection broke before LinkedIn answered", error=repr(error)) from error
    desk.trace.step("write_answered", status=got.status_code)
    return Answer(got.status_code, got.headers.get("content-type", ""), "", got.text)


class FastConnect(ConnectWrite):
    """An invitation, sent without a dialog."""

    async def _open(self) -> None:
        """There is no page to open; their own invitation is for the browser to accept."""
        if self._incoming is not None:
            raise NotPossible("incoming_request", "this member has invited the account; accept that instead")

    async def act(self, intent: Intent) -> Accepted:
        """Ask."""
        urn = f"urn:li:fsd_profile:{self._known().profile_id}"
        body: dict[str, object] = {"invitee": {"inviteeUnion": {"memberProfile": urn}}}
        if self._note is not None:
            body["customMessage"] = self._note
        answer = await released(self._desk, INVITE, intent, body)
        value = accepted_value(self._desk, "invite", answer)
        self._note_went = self._note is not None
        facts = {"status": answer.status, "invitation_urn": value.get("invitationUrn")}
        return Accepted(Evidence("write_answer", facts))


class FastMessage(MessageWrite):
    """A message, sent without a box."""

    async def _open(self) -> None:
        """There is no page to open."""

    async def _fire(self, intent: Intent) -> Answer:
        """Say it, under the run's token."""
        message: dict[str, object] = {
            "body": {"attributes": [], "text": self._words},
            "renderContentUnions": [],
            "originToken": str(intent.token),
        }
        whom: dict[str, object] = {"hostRecipientUrns": [f"urn:li:fsd_profile:{self._known().profile_id}"]}
        if self._conversation is not None:
            message["conversationUrn"] = self._conversation
            whom = {}
        body: dict[str, object] = {
            "message": message,
            "mailboxUrn": f"urn:li:fsd_profile:{self._desk.me}",
            "trackingId": secrets.token_hex(8),
            "dedupeByClientGeneratedToken": False,
            **whom,
        }
        return await released(self._desk, SAY, intent, body)


@dataclass
class FastSession:
    """One account's session: its cookies."""

    desk: Desk
    is_new: bool

    async def enter(self) -> None:
        """The door was opened with the session."""

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        """The browser provider's own handler, without the browser."""
        return await READERS[touchpoint.kind()](self.desk, touchpoint)

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        """An invitation or a message."""
        match touchpoint:
            case Connect():
                return FastConnect(self.desk, touchpoint, token)
            case Message():
                return FastMessage(self.desk, touchpoint, token)
            case _:
                raise NotPossible("unsupported", f"the fast path has no write called {touchpoint.kind()}")

    async def snapshot(self) -> Snapshot:
        """There is no screen."""
        return Snapshot(None, {})

    async def state(self) -> bytes | None:
        """The cookies, when they are new."""
        return json.dumps(cast(HttpPage, self.desk.tab).cookies).encode() if self.is_new else None


@dataclass
class Fast:
    """The provider."""

    settings: Settings
    clock: Clock
    read_back_lag: timedelta = READ_BACK_LAG
    name: str = "linkedin_fast"
    channel: str = "linkedin"
    credential_fields: tuple[str, ...] = ("username", "password")
    page: type[HttpPage] = HttpPage
    http: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        limit = self.settings.browser_timeout.total_seconds()
        url = str(self.settings.linkedin_url or "")
        # trust_env: a proxy of the environment has no way to our own machine
        self.http = httpx2.AsyncClient(base_url=url, timeout=limit, trust_env=False)

    @property
    def lacks(self) -> str | None:
        """A sandbox of this machine, as long as there is none."""
        url = self.settings.linkedin_url
        return None if url is not None and url.host in HERE else "OVERTURE_LINKEDIN_URL"

    def supports(self, kind: str) -> bool:
        """What can be done without a page."""
        return kind in KINDS

    def open(self, sender: Sender, trace: Trace) -> AbstractAsyncContextManager[Session]:
        """A logged-in session."""
        return self._open(sender, trace)

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    @asynccontextmanager
    async def _open(self, sender: Sender, trace: Trace) -> AsyncIterator[Session]:
        if self.lacks is not None:
            raise NotPossible("linkedin_url_unset", "the fast path is for a sandbox of this machine alone")
        kept = sender.secrets.session
        page = self.page(self.http, json.loads(kept) if kept else {})
        desk = self._desk(sender, page, trace)
        is_new = not (kept and await desk.client.is_logged_in())
        values = sender.secrets.values
        if is_new and not await page.log_in(values["username"], values["password"]):
            raise NeedsHuman("login", "LinkedIn refused the user name or password")
        desk.me = (await read_me(desk.client)).profile_id
        self.http.cookies.clear()
        yield FastSession(desk, is_new)

    def _desk(self, sender: Sender, page: HttpPage, trace: Trace) -> Desk:
        """The browser provider's desk with nothing on it that needs a browser."""
        nothing, tab = cast(Fuse, None), cast(Tab, page)
        return Desk(sender, self.settings, self.clock, tab, nothing, trace, Standing(has_credentials=True))
