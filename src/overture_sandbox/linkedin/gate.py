"""Lets every request through the switches that are set: late, never, cut off, refused, or as usual."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from overture_sandbox.linkedin.auth import Caller, api_caller, current_login, session_died, world_of
from overture_sandbox.linkedin.shapes import rest_error
from overture_sandbox.world import FaultRule, Member, World

TRANSPORT_KEY = "sandbox.transport"  # where the server leaves the connection, to be cut on demand
PAGES = (
    ("page:login", re.compile(r"/(uas/)?login/?\Z|/checkpoint/lg/")),
    ("page:post", re.compile(r"/(feed/update|posts)/")),
    ("page:feed", re.compile(r"/\Z|/feed(/|\Z)")),
    ("page:profile", re.compile(r"/in/(?P<slug>[^/]+)")),
    ("page:messaging", re.compile(r"/messaging/")),
    ("page:invite", re.compile(r"/preload/(search-)?custom-invite/?\Z")),
    ("page:sent", re.compile(r"/mynetwork/invitation-manager/sent/")),
    ("page:received", re.compile(r"/mynetwork/invitation-manager/?\Z")),
    ("page:connections", re.compile(r"/mynetwork/invite-connect/connections/?\Z")),
    ("page:search", re.compile(r"/search/results/people/?\Z")),
)
# Not HTTP at all. Browsers send a request again by themselves, even a POST, when a connection they had open
# before ends without a word; after this they do not, and report a network error.
GARBAGE = b"\x00" * 16
Act = Callable[[], Response]
Endpoint = Callable[[Request], Awaitable[Response]]
Answer = Callable[[Request, Caller], Awaitable[Response]]


@dataclass(frozen=True)
class Call:
    """One request to the JSON interface: which endpoint, who asks, about whom."""

    request: Request
    caller: Caller
    endpoint: str
    target: Member | None = None


class Silence(Response):
    """No answer: the connection stays open until the client gives up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        while (await receive())["type"] != "http.disconnect":
            pass


class CutConnection(Response):
    """No answer: the connection is cut, which every client reports as a network error."""

    def __init__(self, *, silent: bool = False) -> None:
        super().__init__()
        self._is_silent = silent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = scope.get(TRANSPORT_KEY)
        if transport is None:
            raise RuntimeError("this server does not let its connections be cut")
        is_browser = any(name == b"sec-fetch-mode" for name, _ in scope["headers"])  # nobody else sends it
        if is_browser and not self._is_silent:
            transport.write(GARBAGE)
        transport.abort()
        await Silence()(scope, receive, send)


def api(answer: Answer) -> Endpoint:
    """An endpoint of the JSON interface, open only to logged-in callers with the right token."""

    async def endpoint(request: Request) -> Response:
        caller = api_caller(request)
        return caller if isinstance(caller, Response) else await answer(request, caller)

    return endpoint


async def through(call: Call, act: Act) -> Response:
    """Do what was asked and answer, unless a switch says otherwise; nothing happens before `act` runs."""
    world = call.caller.world
    accounts = world.names_of(call.caller.member)
    rules = world.faults.fire(call.endpoint, accounts, world.names_of(call.target))
    refusal = await before_commit(call.request, rules)
    if refusal is not None:
        return refusal
    response = act()
    return await after_commit(rules, response)


async def before_commit(request: Request, rules: list[FaultRule]) -> Response | None:
    """The answer of the switches that keep anything from happening; None to go on."""
    for rule in rules:
        if rule.kind == "latency":
            await asyncio.sleep(rule.seconds)
        refusal = _refusal(request, rule)
        if refusal is not None:
            return refusal
    if any(rule.kind == "optimistic_revert" for rule in rules):
        return rest_error(request, 429, "FUSE_LIMIT_EXCEEDED", "Fuse limit exceeded")
    return None


async def after_commit(rules: Iterable[FaultRule], response: Response) -> Response:
    """The answer after it happened: late, or never."""
    for rule in rules:
        if rule.kind == "slow_ack":
            await asyncio.sleep(rule.seconds)
        elif rule.kind == "drop_after_commit":
            return CutConnection(silent=rule.silent)
    return response


def _refusal(request: Request, rule: FaultRule) -> Response | None:
    match rule.kind:
        case "hang":
            return Silence()
        case "drop_before_commit":
            return CutConnection(silent=rule.silent)
        case "status" | "failed_marker":
            return _given_answer(rule)
        case "expire_session":
            return _expire(request)
        case _:
            return None


def _given_answer(rule: FaultRule) -> Response:
    status = rule.status or 500
    if isinstance(rule.body, str):
        response = Response(rule.body, status, media_type=rule.headers.get("content-type", "text/html"))
    else:
        body = {"status": status} if rule.body is None else rule.body
        response = Response(json.dumps(body), status, media_type="application/json")
    for name, value in rule.headers.items():
        response.headers[name] = value
    return response


def _expire(request: Request) -> Response:
    login = current_login(request)
    if login is not None:
        world_of(request).expire_sessions(login, via="page")
    return session_died(request)


def page_endpoint(path: str) -> tuple[str, str | None] | None:
    """Which page a path shows, by the name faults use, and the slug it is about."""
    for endpoint, pattern in PAGES:
        found = pattern.match(path)
        if found:
            return endpoint, found.groupdict().get("slug")
    return None


class PageFaults:
    """Puts the switches in front of the pages, which know nothing of them."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = page_endpoint(scope["path"]) if scope["type"] == "http" else None
        if page is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        rules = self._fired(request, *page)
        refusal = await before_commit(request, rules)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif any(rule.kind in ("slow_ack", "drop_after_commit") for rule in rules):
            await self._after(rules, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _fired(self, request: Request, endpoint: str, slug: str | None) -> list[FaultRule]:
        login = current_login(request)
        query = request.query_params
        slug = slug or query.get("vanityName") or query.get("recipient")
        accounts = self._world.names_of(self._world.owner(login)) if login else set()
        targets = self._world.names_of(self._world.member(slug)) if slug else set()
        return self._world.faults.fire(endpoint, accounts, targets)

    async def _after(self, rules: list[FaultRule], scope: Scope, receive: Receive, send: Send) -> None:
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._app(scope, receive, keep)
        cut = await after_commit(rules, Response())
        if isinstance(cut, CutConnection):
            await cut(scope, receive, send)
            return
        for message in kept:
            await send(message)
