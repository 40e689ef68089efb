"""Lets every request in: its key, its account, the switches that are set, and the journal of it all."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from overture_sandbox.linkedin.auth import world_of
from overture_sandbox.linkedin.gate import CutConnection, Silence
from overture_sandbox.unipile.call import Call, stamp
from overture_sandbox.unipile.errors import ApiError, body_of, not_found, refusal, usual_body
from overture_sandbox.unipile.forms import Form, read_form
from overture_sandbox.unipile.tenant import Account, MailAccount, Tenant, tenant_of
from overture_sandbox.world import FaultRule, Refused

Json = dict[str, Any]
Answer = Callable[[Call], Json | Response]
Whose = Callable[[Call], Account | MailAccount | None]
Needs = Literal["nothing", "store", "session"]
PREFIX: Final = "/api/v1"
BAD_GATEWAY: Final = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
SECRET_FIELDS: Final = (
    "password",
    "access_token",
    "premium_token",
    "imap_password",
    "smtp_password",
    "headers",
)
SHOWN: Final = 2000  # characters of a field in the journal


@dataclass(frozen=True)
class Door:
    """One route: what faults call it, what it needs, and what it answers."""

    method: str
    path: str
    name: str
    answer: Answer
    needs: Needs = "session"
    status: int = 200
    whose: Whose | None = None
    """Finds the account of requests that need not name it."""

    def routes(self) -> list[Route]:
        """The address under the prefix of the service, with and without a slash at its end."""
        opened = _opened(self)
        path = f"{PREFIX}{self.path}"
        return [Route(one, opened, methods=[self.method]) for one in (path, f"{path}/")]


def _opened(door: Door) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        tenant = tenant_of(world_of(request))
        record: Json = {
            "seq": len(tenant.journal) + 1,
            "at": stamp(tenant.world.clock.now()),
            "endpoint": door.name,
            "method": request.method,
            "path": request.url.path,
            "query": list(request.query_params.multi_items()),
            "content_type": request.headers.get("content-type"),
        }
        tenant.journal.append(record)
        response = await _answered(door, request, tenant, record)
        is_cut = isinstance(response, CutConnection | Silence)
        record["status"] = None if is_cut else response.status_code
        return response

    return endpoint


async def _answered(door: Door, request: Request, tenant: Tenant, record: Json) -> Response:
    key = request.headers.get("x-api-key", "")
    if not secrets.compare_digest(key.encode(), tenant.world.unipile_key.encode()):
        return JSONResponse(ApiError("missing_credentials").body(), 401)
    path = request.url.path
    if path.endswith("/") and tenant.settings.redirects_slashes:
        return RedirectResponse(str(request.url.replace(path=path.rstrip("/"))), 301)
    raw = await request.body()
    call = Call(request, tenant, Form({}))
    try:
        call.form = read_form(request.headers.get("content-type", ""), raw)
        record["form"] = _shown(call.form)
        found = _account(door, call)
        if isinstance(found, MailAccount):
            call.found_mail = found
        else:
            call.found = found
        record["account_id"] = found.id if found else call.named_account()
        if door.needs == "session":
            _check_session(call)
    except ApiError as error:
        return JSONResponse(error.body(), error.status)
    return await _through(door, call, record)


async def _through(door: Door, call: Call, record: Json) -> Response:
    """Do what is asked, unless a switch says otherwise; nothing happens before `act` runs."""
    world = call.world
    accounts = call.tenant.names(call.found or call.found_mail)
    targets = _targets(call)
    for name in (f"unipile:{door.name}", "unipile:*"):
        call.rules += world.faults.fire(name, accounts, targets)
    if call.rules:
        record["faults"] = [rule.kind for rule in call.rules]
    for rule in call.rules:
        refused = await _before(call, rule)
        if refused is not None:
            return refused
    response = _act(door, call)
    for rule in call.rules:
        response = await _after(rule, response)
    return response


def _act(door: Door, call: Call) -> Response:
    try:
        answer = door.answer(call)
    except Refused as refused:
        error = refusal(refused)
        return JSONResponse(error.body(), error.status)
    except ApiError as error:
        return JSONResponse(error.body(), error.status)
    return answer if isinstance(answer, Response) else JSONResponse(answer, door.status)


async def _before(call: Call, rule: FaultRule) -> Response | None:
    match rule.kind:
        case "latency":
            await asyncio.sleep(rule.seconds)
        case "hang":
            return Silence()
        case "drop_before_commit":
            return CutConnection(silent=rule.silent)
        case "status":
            return _given(rule)
        case "html_502":
            return Response(BAD_GATEWAY, 502, media_type="text/html")
        case "expire_session" if call.found is not None or call.found_mail is not None:
            call.tenant.set_status(call.found_mail or call.account, "CREDENTIALS")
            return JSONResponse(body_of("disconnected_account"), 401)
        case _:
            pass
    return None


async def _after(rule: FaultRule, response: Response) -> Response:
    match rule.kind:
        case "slow_ack":
            await asyncio.sleep(rule.seconds)
        case "drop_after_commit":
            return CutConnection(silent=rule.silent)
        case "status_after_commit":
            return _given(rule)
        case "truncated_json":
            body = bytes(response.body)
            return Response(body[: len(body) // 2], response.status_code, media_type="application/json")
        case _:
            pass
    return response


def _given(rule: FaultRule) -> Response:
    """The answer a switch dictates: text as it is, an error by its type alone, or what mostly comes so."""
    status = rule.status or 500
    if isinstance(rule.body, str):
        response = Response(rule.body, status, media_type=rule.headers.get("content-type", "text/html"))
    elif isinstance(rule.body, dict) and set(rule.body) <= {"type", "detail"} and "type" in rule.body:
        kind = str(rule.body["type"]).removeprefix("errors/")
        body = body_of(kind, rule.body.get("detail"), rule.status)
        response = JSONResponse(body, body["status"])
    else:
        response = JSONResponse(usual_body(status) if rule.body is None else rule.body, status)
    for name, value in rule.headers.items():
        response.headers[name] = value
    return response


def _account(door: Door, call: Call) -> Account | MailAccount | None:
    named = call.named_account()
    found = call.tenant.account(named) if named else None
    if door.whose is not None:
        return door.whose(call) or found
    if door.needs != "session":
        return found
    if named is None:
        raise ApiError("missing_parameters", "account_id is required.")
    if found is None:
        raise ApiError("invalid_account") if call.tenant.mail_account(named) else not_found("Account")
    return found


def _check_session(call: Call) -> None:
    """What an account that is not connected, or in trouble at the site, is answered."""
    match (call.found_mail or call.account).status:
        case "CREDENTIALS":
            raise ApiError("disconnected_account")
        case "PERMISSIONS":
            raise ApiError("insufficient_permissions")
        case "STOPPED" | "CONNECTING" | "ERROR":
            raise ApiError("no_client_session")
        case _:
            pass
    if call.found is not None:
        _check_trouble(call)


def _check_trouble(call: Call) -> None:
    match call.login.trouble:
        case "restricted" | "unusual_activity":
            raise ApiError("account_restricted")
        case "rate_limited":
            call.world.turn_away(call.login)
            raise ApiError("too_many_requests")
        case "bot_wall" | "empty_shell":
            raise ApiError("provider_error")
        case _:
            pass


def _targets(call: Call) -> set[str]:
    """Every name of the person a request is about."""
    named: list[object] = [call.path("identifier"), call.body.get("provider_id"), call.path("attendee_id")]
    attendees = call.body.get("attendees_ids")
    named += attendees if isinstance(attendees, list) else [attendees]
    names: set[str] = set()
    for name in named:
        member = call.tenant.member(name) if isinstance(name, str) and name else None
        names |= call.world.names_of(member)
    return names | _partners(call)


def _partners(call: Call) -> set[str]:
    chat = call.path("chat_id")
    found = call.tenant.thread(chat) if chat else None
    if found is None:
        return set()
    account, thread = found
    people = [call.world.members[one] for one in thread.others(call.tenant.owner(account).profile_id)]
    return set().union(*(call.world.names_of(one) for one in people))


def _shown(form: Form) -> Json:
    """The fields and files of a request, without what is secret."""
    shown = {name: "***" if name in SECRET_FIELDS else _short(value) for name, value in form.fields.items()}
    if form.files:
        shown["files"] = [
            {"field": one.field, "name": one.name, "size": len(one.content)} for one in form.files
        ]
    return shown


def _short(value: object) -> object:
    text = value if isinstance(value, str) else json.dumps(value)
    return value if len(text) <= SHOWN else text[:SHOWN]
