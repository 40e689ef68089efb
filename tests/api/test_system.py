"""The kill switch over the API and the command line, and what an account says is wrong with it."""

import itertools
import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

import fakes
from fakes import ScriptedProvider
from forked import Shell
from overture import accounts
from overture.accounts import Account, AccountBreaker, KillSwitch
from overture.core.errors import NeedsHuman, PageChanged, Restricted
from overture.core.reasons import Reason
from overture.entrypoints.api.account_standing import Facts, Queue, Standing, standing
from overture.entrypoints.api.account_states import OF_KIND, OF_PAUSE, TABLE, State
from overture.entrypoints.api.reasons_of_runs import OF_RUNS_ONLY
from overture.entrypoints.api.standing import SENTENCES
from overture.entrypoints.bootstrap import App
from product import MakeApp, add_account
from waiting import eventually

SWITCH = "/api/v1/system/kill_switch"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)


def run_of(handle: str = "ada", who: str = "prisca") -> dict[str, Any]:
    return {"handle": handle, "touchpoint": {"type": "message", "public_identifier": who, "message": "Hi"}}


async def account_of(client: httpx2.AsyncClient, handle: str = "ada") -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/api/v1/accounts/{handle}")).json()
    return found


async def test_the_switch_is_off_turned_on_shown_everywhere_and_turned_off(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    assert (await client.get(SWITCH)).json()["everything_stopped"] is False
    assert (await client.get("/health")).json()["kill_switch"] == "off"

    on = await client.post(SWITCH, json={"scope": "global", "on": True, "reason": "wrong list"})
    assert on.status_code == 200
    assert [(one["scope"], one["reason"], one["set_by"]) for one in on.json()["switches"]] == [
        ("global", "wrong list", "api")
    ]
    assert (await client.get("/health")).json()["kill_switch"] == "on"

    taken = await client.post("/api/v1/runs", json=run_of())  # runs may still be queued
    assert taken.status_code == 201
    address = taken.headers["Location"]

    async def waits() -> bool:
        found = (await client.get(address)).json()
        return bool(found["wait_reason"] == "kill_switch" and found["waiting_for"]["reason"] == "kill_switch")

    await eventually(waits)
    found = (await account_of(client))["standing"]
    assert found["state"] == "kill_switch"
    assert "wrong list" in found["what_is_wrong"]
    assert found["next_action"]["cli"] == "overture kill-switch off"
    assert provider.sent == []

    off = await client.post(SWITCH, json={"scope": "global", "on": False})
    assert off.json()["everything_stopped"] is False

    async def done() -> bool:
        return bool((await client.get(address)).json()["status"] == "completed")

    await eventually(done)


async def test_an_account_or_a_channel_is_stopped_alone(client: httpx2.AsyncClient, app: App) -> None:
    for handle in ("ada", "bob"):
        await add_account(app, handle)
    await client.post(SWITCH, json={"scope": "account", "handle": "ada", "on": True})
    states = {handle: (await account_of(client, handle))["standing"] for handle in ("ada", "bob")}

    assert states["ada"]["state"] == "kill_switch"
    assert states["ada"]["next_action"]["cli"] == "overture kill-switch off --account ada"
    assert states["bob"]["state"] != "kill_switch"
    assert (await client.get("/health")).json()["kill_switch"] == "partial"

    await client.post(SWITCH, json={"scope": "channel", "channel": "linkedin", "on": True})
    assert (await account_of(client, "bob"))["standing"]["state"] == "kill_switch"


@pytest.mark.parametrize(
    "body",
    [
        {"scope": "account", "on": True},
        {"scope": "global", "handle": "ada", "on": True},
        {"scope": "channel", "on": True},
        {"scope": "file", "on": True},
        {"scope": "global", "on": "yes"},
        {"scope": "global"},
    ],
)
async def test_an_order_that_says_too_much_or_too_little_is_refused(
    client: httpx2.AsyncClient, body: dict[str, Any]
) -> None:
    refused = await client.post(SWITCH, json=body)

    assert (refused.status_code, refused.json()["code"]) == (422, "validation_error")


async def test_an_unknown_account_is_not_stopped(client: httpx2.AsyncClient) -> None:
    refused = await client.post(SWITCH, json={"scope": "account", "handle": "nobody", "on": True})

    assert (refused.status_code, refused.json()["code"]) == (404, "account_not_found")


async def test_the_switch_needs_the_key(client: httpx2.AsyncClient) -> None:
    for ask in (
        client.get(SWITCH, headers={"X-API-Key": "no"}),
        client.post(SWITCH, headers={"X-API-Key": "no"}),
    ):
        assert (await ask).status_code == 401


async def test_the_stop_file_is_seen_without_a_worker(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    app.settings.stop_file.touch()

    assert (await client.get("/health")).json()["kill_switch"] == "on"
    found = (await account_of(client))["standing"]
    assert (found["state"], found["next_action"]["text"]) == (
        "kill_switch",
        "Remove the stop file when it may act again.",
    )


async def test_resuming_says_why_in_the_event_log(client: httpx2.AsyncClient, app: App, account: str) -> None:
    await client.post("/api/v1/accounts/ada/pause", json={"reason": "lunch"})
    resumed = await client.post("/api/v1/accounts/ada/resume", json={"reason": "back"})
    assert resumed.json()["state"] == "active"
    async with app.sessions() as db:
        data = await db.scalar(text("select data from events where type = 'account.active'"))

    assert (data["why"], data["by"], data["was"], data["was_reason"]) == ("back", "api", "paused", "operator")


async def test_an_open_breaker_names_its_cause_its_run_and_the_way_back(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    provider.script(None, fakes.fail(PageChanged("the Message button")))
    runs = [(await client.post("/api/v1/runs", json=run_of(who=f"p-{n}"))).json()["run_id"] for n in range(3)]

    async def tripped() -> bool:
        return bool((await account_of(client))["standing"]["state"] == "circuit_open")

    await eventually(tripped)
    found = (await account_of(client))["standing"]
    assert found["run_id"] in runs
    assert "ui_changed" in found["what_is_wrong"]
    assert found["next_action"]["path"] == "/api/v1/accounts/ada/resume"
    assert found["next_action"]["cli"] == "overture accounts resume ada"
    shown = (await client.get(f"/api/v1/runs/{found['run_id']}")).json()
    assert shown["error_screenshot"]


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (NeedsHuman("login", "refused"), "needs_login"),
        (NeedsHuman("pin", "a PIN"), "needs_pin"),
        (NeedsHuman("totp", "a code"), "needs_totp"),
        (NeedsHuman("app_approval", "the app"), "needs_app_approval"),
        (NeedsHuman("captcha", "a captcha"), "needs_captcha"),
        (NeedsHuman("checkpoint", "something new"), "needs_challenge"),
        (Restricted("too many invitations"), "restricted"),
    ],
)
async def test_whatever_the_service_asks_the_account_says_what_to_do(
    client: httpx2.AsyncClient,
    account: str,
    provider: ScriptedProvider,
    worker: None,
    failure: NeedsHuman | Restricted,
    state: str,
) -> None:
    provider.script(None, fakes.fail(failure))
    await client.post("/api/v1/runs", json=run_of())

    async def stopped() -> bool:
        return bool((await account_of(client))["state"] != "active")

    await eventually(stopped)
    found = (await account_of(client))["standing"]
    assert found["state"] == state
    assert failure.message in found["what_is_wrong"]
    goes_on = ("then resume it.", "goes on by itself.", "/ada/login.")
    assert found["next_action"]["text"].endswith(goes_on)
    assert found["next_action"]["cli"].split()[:2] == ["overture", "accounts"]


async def test_an_account_that_lacks_something_says_what(make_app: MakeApp) -> None:
    """The account page without credentials, without a worker, without LinkedIn's address."""
    app = await make_app()
    await add_account(app, "ada")
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    from overture.entrypoints.api import acts

    assert (await acts.show_account(app, "ada")).standing.state == State.NO_WORKER
    provider.lacks = "OVERTURE_LINKEDIN_URL"
    shown = (await acts.show_account(app, "ada")).standing
    assert (shown.state, "OVERTURE_LINKEDIN_URL" in shown.next_action.text) == (
        State.PROVIDER_NOT_CONFIGURED,
        True,
    )
    provider.lacks = None
    async with app.sessions.begin() as db:
        await app.vault.put_credentials(db, (await accounts.by_handle(db, "ada")).id, {}, app.now())
    assert (await acts.show_account(app, "ada")).standing.state == State.NO_CREDENTIALS


def an_account(state: str = "active", reason: str | None = None) -> Account:
    return Account(
        id=UUID(int=1),
        handle="ada",
        channel="linkedin",
        provider="linkedin_browser",
        zone="UTC",
        state=state,
        state_reason=reason,
        state_detail="what the service said" if reason else None,
        state_since=NOW,
    )


def facts(**changes: Any) -> Facts:
    return Facts(**{"account": an_account(), "now": NOW, "opens_at": NOW, **changes})


def a_switch(scope: str, subject: str = "") -> KillSwitch:
    return KillSwitch(scope=scope, subject=subject, is_on=True, reason="a drill", set_by="x", since_at=NOW)


BREAKER = AccountBreaker(
    account_id=UUID(int=1),
    cause="page_changed",
    consecutive=3,
    tripped_at=NOW,
    last_at=NOW,
    last_code="ui_changed",
    last_run_id=UUID(int=7),
)
CASES: dict[State, Facts] = {
    State.KILL_SWITCH: facts(switch=a_switch("channel", "linkedin")),
    State.RESTRICTED: facts(account=an_account("paused", "blocked_by_provider")),
    State.CIRCUIT_OPEN: facts(account=an_account("paused", "circuit_open"), breaker=BREAKER),
    State.PAUSED: facts(account=an_account("paused", "operator")),
    State.NEEDS_CHALLENGE: facts(account=an_account("needs_attention", "challenge")),
    **{state: facts(account=an_account("needs_attention", kind)) for kind, state in OF_KIND.items()},
    State.NEEDS_RECONNECT: facts(account=an_account("needs_attention", "reported_credentials")),
    State.PROVIDER_NOT_CONFIGURED: facts(provider_lacks="OVERTURE_LINKEDIN_URL"),
    State.NOT_SIGNED_IN: facts(is_signed_in=False),
    State.NO_CREDENTIALS: facts(has_credentials=False),
    State.NO_WORKER: facts(is_worker_seen=False),
    State.OUTCOME_UNKNOWN: facts(queues=[Queue(Reason.OUTCOME_UNKNOWN, 2, None)]),
    State.OUTSIDE_HOURS: facts(opens_at=LATER),
    State.COOLDOWN: facts(cooldowns=[("invite", LATER, "weekly_limit")]),
    State.QUOTA_USED: facts(queues=[Queue(Reason.DAILY_QUOTA, 4, LATER)]),
    State.FINE: facts(),
}
"""What makes each state, in the order in which the table is read."""


def stands(given: Facts) -> Standing:
    return standing(given, SENTENCES)


@pytest.mark.parametrize("state", State)
def test_every_state_says_what_is_wrong_and_one_thing_to_do(state: State) -> None:
    found = stands(CASES[state])

    assert found.state == state
    assert (found.what_is_wrong is None) == (state is State.FINE)
    action = found.next_action
    words = " ".join(str(one) for one in (found.what_is_wrong, action.text, action.path, action.cli))
    assert "{" not in words
    assert found.next_action.text
    is_ours = found.next_action.path is None or found.next_action.path.startswith("/api/v1/")
    assert is_ours
    assert (found.next_action.method is None) == (found.next_action.path is None)


def test_every_state_has_a_row_and_a_case() -> None:
    assert set(TABLE) == set(CASES) == set(State)
    assert {*OF_KIND.values(), *OF_PAUSE.values()} < set(State)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_and_a_place_in_the_account(reason: Reason) -> None:
    assert SENTENCES[reason].endswith(".")
    found = stands(facts(queues=[Queue(reason, 1, LATER)]))

    if reason is Reason.OUTCOME_UNKNOWN:
        assert found.state is State.OUTCOME_UNKNOWN
    else:
        assert found.state is (State.FINE if reason in OF_RUNS_ONLY else State.QUOTA_USED)
        assert found.what_is_wrong is None or SENTENCES[reason] in found.what_is_wrong


WIDEST_FIRST = [
    State.KILL_SWITCH,
    State.CIRCUIT_OPEN,
    State.PROVIDER_NOT_CONFIGURED,
    State.NO_CREDENTIALS,
    State.NO_WORKER,
    State.OUTCOME_UNKNOWN,
    State.OUTSIDE_HOURS,
    State.COOLDOWN,
    State.QUOTA_USED,
]


@pytest.mark.parametrize(("wider", "narrower"), list(itertools.combinations(WIDEST_FIRST, 2)))
def test_of_two_troubles_the_wider_is_told(wider: State, narrower: State) -> None:
    plain = vars(facts())
    both = {**plain, **different(CASES[narrower], plain), **different(CASES[wider], plain)}
    if {wider, narrower} == {State.OUTCOME_UNKNOWN, State.QUOTA_USED}:
        both["queues"] = [*CASES[wider].queues, *CASES[narrower].queues]

    assert stands(Facts(**both)).state == wider


def different(given: Facts, plain: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(given).items()
        if value != plain[name] and not (name == "account" and given.account.state == "active")
    }


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def overture(shell: Shell, tmp_path: Path, database_url: str) -> Command:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OVERTURE_")}
    environment |= {
        "OVERTURE_DATA_DIR": str(tmp_path / "data"),
        "OVERTURE_DATABASE_URL": database_url,
        "OVERTURE_PLUGINS": "fakes",
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return shell.run(arguments, {**environment, **more}, tmp_path)

    return run


@pytest.mark.slow
def test_the_command_turns_it_and_makes_the_file_when_the_database_is_away(
    overture: Command, tmp_path: Path
) -> None:
    on = overture("kill-switch", "on", "--reason", "a drill")
    off = json.loads(overture("kill-switch", "off").stdout)
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    away = overture("kill-switch", "on", OVERTURE_DATABASE_URL=nowhere)

    assert on.returncode == 0, on.stderr
    shown = json.loads(on.stdout)
    assert (shown["everything_stopped"], shown["switches"][0]["reason"]) == (True, "a drill")
    assert shown["switches"][0]["set_by"].startswith("cli:")
    assert off["everything_stopped"] is False
    assert away.returncode == 0, away.stderr
    assert (tmp_path / "data" / "STOP").exists()
    assert json.loads(overture("kill-switch", "status").stdout)["everything_stopped"] is True
