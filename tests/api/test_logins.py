"""Logins over the API: what is asked is shown, answered and tried once; cookies come along; no secret out."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, Final

import httpx2
import pytest
from sqlalchemy import text
from test_secrets import dump

from fakes import ScriptedProvider, fail, ok
from overture.accounts import Vault, by_handle, challenges, set_state
from overture.core import crypto, log
from overture.core.errors import NeedsHuman, Transient
from overture.entrypoints.api import create_api
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.providers.linkedin_browser import LinkedInBrowser
from product import API_KEY
from waiting import eventually

LOGIN: Final = "/api/v1/accounts/ada/login"
ANSWER: Final = f"{LOGIN}/answer"
SESSION: Final = "/api/v1/accounts/ada/session"
CODE: Final = "734912"
FACTS: Final[dict[str, Any]] = {
    "path": "/checkpoint/challenge",
    "asked": "Enter the code we sent to a•••@example.test",
    "said": "",
}
SOON: Final = 4_000_000_000
COOKIES: Final = (
    {"name": "li_at", "value": "canary-li-at", "domain": ".linkedin.test", "path": "/", "secure": True},
    {"name": "JSESSIONID", "value": '"ajax:canary"', "domain": ".www.linkedin.test", "path": "/"},
)


def asks(kind: str = "pin", **facts: Any) -> NeedsHuman:
    """The failure of a login that the service stops to ask something."""
    return NeedsHuman(kind, "the service asks for a code", **{**FACTS, **facts})


async def until_over(client: httpx2.AsyncClient, run_id: str) -> dict[str, Any]:
    """The run once it is over."""

    async def over() -> dict[str, Any] | None:
        run: dict[str, Any] = (await client.get(f"/api/v1/runs/{run_id}")).json()
        return run if run["completed_at"] else None

    return await eventually(over)


async def performed(client: httpx2.AsyncClient) -> dict[str, Any]:
    """A read of somebody, once it is over."""
    body = {"handle": "ada", "touchpoint": {"type": "enrich", "public_identifier": "grace"}}
    return await until_over(client, (await client.post("/api/v1/runs", json=body)).json()["run_id"])


async def events(app: App, kind: str) -> list[dict[str, Any]]:
    """The data of every event of a type, oldest first."""
    async with app.sessions() as db:
        found = await db.scalars(
            text("select data from events where type = :kind order by id"), {"kind": kind}
        )
        return list(found)


async def test_what_is_asked_is_shown_and_told(
    client: httpx2.AsyncClient, account: str, app: App, provider: ScriptedProvider, worker: None
) -> None:
    provider.script("ada", fail(asks(), "open"))
    run = await performed(client)

    shown = (await client.get(LOGIN)).json()

    assert (run["status"], run["error_code"]) == ("failed", "challenge_required")
    assert (shown["state"], shown["state_reason"]) == ("needs_attention", "pin")
    asked = shown["challenge"]
    assert (asked["kind"], asked["state"], asked["attempts"]) == ("pin", "open", 0)
    assert (asked["prompt"], asked["path"]) == (FACTS["asked"], FACTS["path"])
    assert (shown["next_action"]["method"], shown["next_action"]["path"]) == ("POST", ANSWER)
    [told] = await events(app, "account.needs_attention")
    assert (told["kind"], told["asked"], told["where"]) == ("pin", FACTS["asked"], FACTS["path"])
    assert told["since"]
    assert told["run_id"] == run["run_id"]


async def test_an_answer_is_tried_once_and_lets_everything_go_on(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    provider.script("ada", fail(asks(), "open"), ok())
    await performed(client)
    body = {"handle": "ada", "touchpoint": {"type": "enrich", "public_identifier": "hopper"}}
    waiting = (await client.post("/api/v1/runs", json=body)).json()["run_id"]

    answered = await client.post(ANSWER, json={"code": CODE})

    assert answered.status_code == 202
    run = answered.json()
    assert answered.headers["Location"] == f"/api/v1/runs/{run['run_id']}"
    assert (run["touchpoint_type"], run["priority"]) == ("log_in", 9)
    assert (await until_over(client, run["run_id"]))["status"] == "completed"
    assert (await until_over(client, waiting))["status"] == "completed"
    assert [sender.secrets.answer for sender in provider.senders] == [None, CODE, None]
    shown = (await client.get(LOGIN)).json()
    assert (shown["state"], shown["challenge"]["state"], shown["challenge"]["attempts"]) == (
        "active",
        "passed",
        1,
    )
    assert CODE not in str(shown)
    assert (await client.post(ANSWER, json={"code": CODE})).json()["code"] == "nothing_asked"


async def test_the_same_answer_twice_is_one_run(
    client: httpx2.AsyncClient, account: str, app: App, provider: ScriptedProvider
) -> None:
    await asked_of(app, provider)

    answers = await asyncio.gather(*(client.post(ANSWER, json={"code": CODE}) for _ in range(4)))
    other = await client.post(ANSWER, json={"code": "555555"})

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["run_id"] for answer in answers}) == 1
    assert (other.status_code, other.json()["code"]) == (409, "answer_under_way")


async def asked_of(app: App, provider: ScriptedProvider, failure: NeedsHuman | None = None) -> None:
    """Let one run meet the check, with a worker that is gone afterwards."""
    provider.script("ada", fail(failure or asks(), "open"), ok())
    transport = httpx2.ASGITransport(app=create_api(app))
    headers = {"X-API-Key": API_KEY}
    async with (
        background(app, worker=True),
        httpx2.AsyncClient(transport=transport, base_url="http://overture.test", headers=headers) as client,
    ):
        await performed(client)


async def test_a_wrong_code_is_asked_for_again_and_never_tried_twice(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    provider.script("ada", fail(asks(), "open"), fail(asks(said="not the right code"), "open"), ok())
    await performed(client)
    wrong = (await client.post(ANSWER, json={"code": "000000"})).json()["run_id"]
    assert (await until_over(client, wrong))["error_code"] == "challenge_required"

    shown = (await client.get(LOGIN)).json()["challenge"]
    again = await client.post(ANSWER, json={"code": "000000"})
    right = (await client.post(ANSWER, json={"code": CODE})).json()["run_id"]

    assert (shown["state"], shown["attempts"], shown["said"]) == ("open", 1, "not the right code")
    assert (again.status_code, again.json()["code"]) == (409, "code_tried_already")
    assert (await until_over(client, right))["status"] == "completed"
    assert [sender.secrets.answer for sender in provider.senders] == [None, "000000", CODE]


async def test_an_answer_that_was_lost_makes_room_for_another(
    client: httpx2.AsyncClient, account: str, app: App, provider: ScriptedProvider, worker: None
) -> None:
    lost = [fail(Transient("the browser died"), "open") for _ in range(app.settings.max_attempts)]
    provider.script("ada", fail(asks(), "open"), *lost, ok())
    await performed(client)
    first = (await client.post(ANSWER, json={"code": CODE})).json()["run_id"]
    assert (await until_over(client, first))["status"] == "failed"

    refused = await client.post(ANSWER, json={"code": CODE})
    second = await client.post(ANSWER, json={"code": "555555"})

    assert refused.json()["code"] == "code_tried_already"
    assert (await until_over(client, second.json()["run_id"]))["status"] == "completed"
    tried = [sender.secrets.answer for sender in provider.senders]
    assert [answer for answer in tried if answer] == [CODE, "555555"], "no answer goes to two attempts"


@pytest.mark.parametrize(
    ("kind", "answer", "status"),
    [
        ("pin", {"approved": True}, 409),
        ("app_approval", {"code": CODE}, 409),
        ("app_approval", {"approved": False}, 409),
        ("app_approval", {"approved": True}, 202),
        ("totp", {"code": CODE}, 202),
        ("captcha", {"done": True}, 409),
        ("captcha", {"code": CODE}, 409),
        ("challenge", {"approved": True}, 409),
    ],
)
async def test_only_a_fitting_answer_is_taken(
    linked: tuple[App, httpx2.AsyncClient], account: str, kind: str, answer: dict[str, object], status: int
) -> None:
    app, client = linked
    async with app.sessions.begin() as db:
        found = await by_handle(db, account)
        await set_state(db, found, "needs_attention", app.now(), reason=kind)
        await challenges.note(db, found.id, asks(kind), app.now())

    given = await client.post(ANSWER, json=answer)

    assert given.status_code == status
    if kind in ("captcha", "challenge"):
        assert given.json()["code"] == "answer_does_not_fit"
        assert "/session" in given.json()["fix"]
        shown = (await client.get(LOGIN)).json()["next_action"]
        assert (shown["method"], shown["path"]) == ("PUT", SESSION)


async def test_when_nothing_is_asked_an_answer_is_refused(client: httpx2.AsyncClient, account: str) -> None:
    refused = await client.post(ANSWER, json={"code": CODE})

    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_asked")
    assert (await client.get(LOGIN)).json()["challenge"] is None


@pytest.mark.parametrize("wrong", [{}, {"code": ""}, {"code": "12 34"}, {"approved": "yes"}, {"pin": CODE}])
async def test_an_answer_that_is_none_is_not_quoted(
    client: httpx2.AsyncClient, account: str, wrong: dict[str, str]
) -> None:
    refused = await client.post(ANSWER, json=wrong)

    assert (refused.status_code, refused.json()["code"]) == (422, "validation_error")
    assert CODE not in refused.text


async def test_a_login_on_demand_is_a_run(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    run = (await client.post(LOGIN)).json()

    assert (await until_over(client, run["run_id"]))["result"]["how"] in (
        "kept",
        "stored",
        "login",
        "answered",
    )


async def test_what_is_asked_comes_before_another_login_unless_one_starts_over(
    client: httpx2.AsyncClient, account: str, app: App, provider: ScriptedProvider
) -> None:
    provider.session_state = b'{"cookies": []}'
    await asked_of(app, provider)

    refused = await client.post(LOGIN)
    over = await client.post(LOGIN, json={"start_over": True})

    assert (refused.status_code, refused.json()["code"]) == (409, "login_challenge_open")
    assert over.status_code == 202
    shown = (await client.get(LOGIN)).json()
    assert (shown["state"], shown["has_session"], shown["challenge"]["state"]) == ("active", False, "expired")


async def test_a_paused_account_stays_paused(client: httpx2.AsyncClient, account: str) -> None:
    await client.post("/api/v1/accounts/ada/pause")

    assert (await client.post(LOGIN)).json()["code"] == "account_paused"


async def test_a_refused_login_ends_what_was_asked(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    over = NeedsHuman("login", "the check is over")
    provider.script("ada", fail(asks(), "open"), fail(over, "open"), ok())
    await performed(client)
    run = (await client.post(ANSWER, json={"code": CODE})).json()["run_id"]
    assert (await until_over(client, run))["error_code"] == "account_needs_login"

    shown = (await client.get(LOGIN)).json()

    assert (shown["state_reason"], shown["challenge"]["state"]) == ("login", "expired")
    again = await client.post(LOGIN)
    assert (await until_over(client, again.json()["run_id"]))["status"] == "completed"


async def test_a_check_that_takes_no_more_is_refused_for_good(
    client: httpx2.AsyncClient, account: str, app: App, provider: ScriptedProvider, worker: None
) -> None:
    provider.script("ada", fail(asks(), "open"), fail(asks(is_final=True), "open"))
    await performed(client)
    run = (await client.post(ANSWER, json={"code": CODE})).json()["run_id"]
    await until_over(client, run)

    assert (await client.get(LOGIN)).json()["challenge"]["state"] == "refused"
    async with app.sessions() as db:
        assert await db.scalar(text("select count(*) from login_challenges where answer is not null")) == 0


async def test_new_credentials_end_what_was_asked(
    client: httpx2.AsyncClient, account: str, app: App, provider: ScriptedProvider
) -> None:
    await asked_of(app, provider)
    await client.patch("/api/v1/accounts/ada", json={"credentials": {"password": "x"}})

    assert (await client.get(LOGIN)).json()["challenge"]["state"] == "expired"


async def test_answers_that_wait_are_sealed_anew_with_a_new_key(
    client: httpx2.AsyncClient, account: str, app: App, provider: ScriptedProvider
) -> None:
    await asked_of(app, provider)
    await client.post(ANSWER, json={"code": CODE})
    ring = crypto.add_key(app.settings.keys_path)
    async with app.sessions.begin() as db:
        assert await Vault(ring).reseal_all(db) == 2  # credentials and answer
    async with app.sessions() as db:
        sealed = await db.scalar(text("select answer from login_challenges"))
    assert ring.is_newest(bytes(sealed))


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, at the most talkative level."""
    stream = io.StringIO()
    log.configure("debug", stream)
    yield stream
    log.configure("error")


async def test_a_code_never_comes_out(
    client: httpx2.AsyncClient,
    account: str,
    app: App,
    provider: ScriptedProvider,
    worker: None,
    logged: io.StringIO,
) -> None:
    again = asks(said="not the right code")
    provider.script("ada", fail(asks(), "open"), fail(again, "open"), fail(asks("captcha"), "open"))
    await performed(client)
    answers = []
    for code in (CODE, "canary9"):
        given = await client.post(ANSWER, json={"code": code})
        ended = await until_over(client, given.json()["run_id"])
        answers += [given.text, str(ended), (await client.get(LOGIN)).text]
    answers.append((await client.post(ANSWER, json={"code": CODE})).text)

    everything = "\n".join([*answers, await dump(app), logged.getvalue()])
    for secret in (CODE, CODE.encode().hex(), "canary9", b"canary9".hex()):
        assert secret not in everything
    assert "run.ended" in logged.getvalue()


@pytest.fixture
async def linked(app: App) -> AsyncIterator[tuple[App, httpx2.AsyncClient]]:
    """The API with the real browser provider, whose browser nobody starts."""
    settings = app.settings.model_copy(update={"linkedin_url": "https://www.linkedin.test"})
    provider = LinkedInBrowser(settings, app.clock, app.rng)
    real = replace(app, settings=settings, providers={provider.name: provider})
    transport = httpx2.ASGITransport(app=create_api(real))
    headers = {"X-API-Key": API_KEY}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://overture.test", headers=headers
    ) as client:
        yield real, client


def netscape(cookies: tuple[dict[str, Any], ...] = COOKIES) -> str:
    """The cookies as lines of a cookies.txt."""
    rows = [
        f"#HttpOnly_{one['domain']}\tTRUE\t/\tTRUE\t{SOON}\t{one['name']}\t{one['value']}" for one in cookies
    ]
    return "\n".join(["# Netscape HTTP Cookie File", "", *rows, ""])


def exported() -> list[dict[str, Any]]:
    """The cookies as Cookie-Editor exports them."""
    more = {"expirationDate": SOON + 0.5, "hostOnly": False, "session": False, "storeId": "0"}
    return [{**one, **more, "sameSite": "no_restriction", "httpOnly": True} for one in COOKIES]


def storage_state() -> dict[str, Any]:
    """The cookies as Playwright stores them."""
    more = {"expires": SOON, "sameSite": "None", "httpOnly": True}
    return {"cookies": [{**one, **more} for one in COOKIES], "origins": [{"origin": "x", "localStorage": []}]}


@pytest.mark.parametrize(
    "body", [{"cookies": exported()}, storage_state(), {"cookies": netscape()}], ids=["list", "state", "txt"]
)
async def test_cookies_of_every_format_become_the_session(
    linked: tuple[App, httpx2.AsyncClient], account: str, body: dict[str, Any]
) -> None:
    app, client = linked

    answer = await client.put(SESSION, json=body)

    assert (answer.status_code, answer.json()["has_session"]) == (200, True)
    assert "canary" not in answer.text
    async with app.sessions() as db:
        account_id = await db.scalar(text("select id from accounts"))
        kept = await app.vault.open(db, account_id)
    assert kept.session is not None
    assert b"canary-li-at" in kept.session
    assert kept.session_version == 2
    assert "canary" not in await dump(app)


@pytest.mark.parametrize(
    ("cookies", "code", "told"),
    [
        (exported()[:1], "session_unusable", "JSESSIONID: is missing"),
        ([{**one, "domain": ".example.test"} for one in exported()], "session_unusable", "another site"),
        ([{**one, "expirationDate": 1000} for one in exported()], "session_unusable", "has expired"),
        ([{**one, "value": ""} for one in exported()], "session_unusable", "expired or is empty"),
        ("li_at=canary", "session_unreadable", "seven columns"),
        ('[{"name": "li_at", "canary": 1}]', "session_unreadable", "no name, value and domain"),
        ("{canary", "session_unreadable", "begins like JSON"),
        ("# only a comment", "session_unreadable", "no cookies"),
    ],
)
async def test_cookies_that_are_no_session_are_refused_by_what_is_missing(
    linked: tuple[App, httpx2.AsyncClient], account: str, cookies: object, code: str, told: str
) -> None:
    refused = await linked[1].put(SESSION, json={"cookies": cookies})

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert told in refused.json()["detail"]
    assert "canary" not in refused.text


async def test_an_imported_session_puts_the_account_back_to_work(
    linked: tuple[App, httpx2.AsyncClient], account: str, app: App, provider: ScriptedProvider
) -> None:
    await asked_of(app, provider, asks("captcha"))
    client = linked[1]

    shown = (await client.put(SESSION, json={"cookies": exported()})).json()

    assert (shown["state"], shown["challenge"]["state"]) == ("active", "expired")
    assert [told["why"] for told in await events(app, "account.active")] == ["a session was imported"]
    assert len(await events(app, "account.session_imported")) == 1


async def test_a_provider_without_sessions_says_so(client: httpx2.AsyncClient, account: str) -> None:
    refused = await client.put(SESSION, json={"cookies": exported()})

    assert (refused.status_code, refused.json()["code"]) == (422, "session_not_supported")
