"""The breaker: what is the account's fault pauses it once an episode; what is a target's never does."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

import fakes
from fakes import ScriptedProvider
from overture import accounts, runs
from overture.accounts import Account, AccountBreaker
from overture.core.errors import (
    Failure,
    NeedsHuman,
    NotPossible,
    PageChanged,
    Restricted,
    Throttled,
    Transient,
)
from overture.db.events import Event
from overture.entrypoints.api import acts
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.runs import Run, RunRequest
from overture.touchpoints import CheckConnection, Message
from product import MakeApp, add_account
from waiting import eventually

OVER = ("completed", "failed", "cancelled", "held")


async def message(app: App, target: str, handle: str = "ada", **more: object) -> Run:
    async with app.sessions.begin() as db:
        request = RunRequest(handle, Message(public_identifier=target, message="Hello"), **more)  # type: ignore[arg-type]
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


async def over(app: App, run: Run) -> Run:
    async def look() -> Run | None:
        async with app.sessions() as db:
            found = await runs.by_id(db, run.id)
        return found if found.status in OVER else None

    return await eventually(look)


async def one_after_another(app: App, targets: list[str], handle: str = "ada") -> list[str | None]:
    """The error codes of messages to these targets, each sent when the one before is over."""
    return [(await over(app, await message(app, target, handle))).error_code for target in targets]


async def see(app: App, handle: str = "ada") -> Account:
    async with app.sessions() as db:
        return await accounts.by_handle(db, handle)


async def tallies(app: App, handle: str = "ada") -> dict[str, int]:
    async with app.sessions() as db:
        found = await accounts.breaker_view(db, await accounts.by_handle(db, handle))
        return {one.cause: one.consecutive for one in found}


async def trips(app: App) -> list[dict[str, object]]:
    """Every event of an account that was paused by its breaker."""
    async with app.sessions() as db:
        found = await db.scalars(select(Event).where(Event.type == "account.paused").order_by(Event.id))
        return [event.data for event in found if event.data["reason"] == "circuit_open"]


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}-{number}" for number in range(count)]


async def test_five_blocks_in_a_row_are_one_trip(make_app: MakeApp) -> None:
    """x-breaker: the account stops, the rest of its queue stays whole, and one event tells of it."""
    app = await make_app(max_attempts=1)
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada")
    provider.script(None, fakes.fail(Transient("blocked", code="unreachable")))
    async with background(app, worker=True):
        codes = await one_after_another(app, names("p", 5))
        waiting = [await message(app, target) for target in names("q", 10)]

        async def paused() -> bool:
            return (await see(app)).state == "paused"

        await eventually(paused)

    account = await see(app)
    assert codes == ["unreachable"] * 5
    assert account.state_reason == "circuit_open"
    assert "5 runs in a row" in (account.state_detail or "")
    told = await trips(app)
    assert [(one["cause"], one["consecutive"]) for one in told] == [("transient", 5)]
    async with app.sessions() as db:
        assert {(await runs.by_id(db, run.id)).status for run in waiting} == {"pending"}
    assert len({call.target for call in provider.calls if call.phase == "prepare"}) == 5


async def test_twenty_targets_that_refuse_are_no_trip(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    """x-prospect-errors."""
    provider.script(None, fakes.fail(NotPossible("not_connected", "Only connections can be written to.")))
    codes = await one_after_another(app, names("p", 20))

    assert codes == ["not_connected"] * 20
    assert ((await see(app)).state, await tallies(app), await trips(app)) == ("active", {}, [])


async def test_a_changed_page_trips_after_three(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(None, fakes.fail(PageChanged("the Message button")))
    await one_after_another(app, names("p", 2))
    assert (await see(app)).state == "active"
    await one_after_another(app, ["p-3"])

    found = await see(app)
    assert (found.state, found.state_reason, len(await trips(app))) == ("paused", "circuit_open", 1)


async def test_targets_neither_count_nor_reset_and_a_success_resets(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    drift, refusal = fakes.fail(PageChanged("a button")), fakes.fail(NotPossible("self", "It is you."))
    for target in ("drift-d1", "drift-d2", "drift-d3", "drift-d4", "drift-d5"):
        provider.script(target, drift)
    provider.script("refusing", refusal)

    await one_after_another(app, ["drift-d1", "refusing", "drift-d2", "refusing"])
    assert await tallies(app) == {"page_changed": 2}
    await one_after_another(app, ["fine"])
    assert await tallies(app) == {}
    await one_after_another(app, ["drift-d3", "drift-d4"])
    assert (await see(app)).state == "active"
    await one_after_another(app, ["drift-d5"])
    assert (await see(app)).state_reason == "circuit_open"


async def test_causes_are_counted_apart(make_app: MakeApp) -> None:
    app = await make_app(max_attempts=1, breaker_failures=3)
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada")
    for number in range(2):
        provider.script(f"t-{number}", fakes.fail(Transient("away")))
        provider.script(f"d-{number}", fakes.fail(PageChanged("a button")))
    async with background(app, worker=True):
        await one_after_another(app, ["t-0", "d-0", "t-1", "d-1"])

    assert ((await see(app)).state, await tallies(app)) == ("active", {"transient": 2, "page_changed": 2})


async def test_a_transient_failure_counts_once_its_tries_are_used_up(make_app: MakeApp) -> None:
    app = await make_app(max_attempts=3, retry_backoff=timedelta(milliseconds=5))
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada")
    provider.script(None, fakes.fail(Transient("away")))
    async with background(app, worker=True):
        await one_after_another(app, ["pia"])

    assert await tallies(app) == {"transient": 1}


@pytest.mark.parametrize("code", ["note_quota", "note_not_possible"])
async def test_a_note_that_is_refused_is_no_fault_of_the_account(make_app: MakeApp, code: str) -> None:
    """The invitation is tried again without it; that its tries are used up says nothing of the service."""
    app = await make_app(max_attempts=1)
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada")
    provider.script(None, fakes.fail(Transient("LinkedIn refused the note", code=code), "act"))
    async with background(app, worker=True):
        assert await one_after_another(app, ["pia", "jonas"]) == [code, code]

    assert ((await see(app)).state, await tallies(app)) == ("active", {})


async def test_five_accounts_of_one_cause_are_five_trips(make_app: MakeApp) -> None:
    app = await make_app(max_attempts=1, breaker_failures=2)
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    handles = [await add_account(app, f"acc{number}") for number in range(5)]
    provider.script(None, fakes.fail(Transient("away")))
    async with background(app, worker=True):
        await asyncio.gather(*(one_after_another(app, names(handle, 2), handle) for handle in handles))

    assert {(await see(app, handle)).state_reason for handle in handles} == {"circuit_open"}
    assert len(await trips(app)) == 5


async def test_after_resuming_the_count_starts_at_nothing_and_who_resumed_is_kept(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(None, fakes.fail(PageChanged("a button")))
    await one_after_another(app, names("p", 3))
    resumed = await acts.resume_account(app, account, "updated Overture", by="api")
    assert (resumed.state, await tallies(app)) == ("active", {})

    await one_after_another(app, names("q", 2))
    assert (await see(app)).state == "active"
    await one_after_another(app, ["q-3"])

    assert len(await trips(app)) == 2
    async with app.sessions() as db:
        event = (await db.scalars(select(Event).where(Event.type == "account.active"))).one()
    kept = {name: event.data[name] for name in ("was_reason", "why", "by")}
    assert kept == {"was_reason": "circuit_open", "why": "updated Overture", "by": "api"}


async def test_further_failures_of_an_episode_are_no_second_trip(app: App, account: str) -> None:
    """Ten workers report the same trouble at once: one of them opens the breaker."""

    async def report() -> int | None:
        async with app.sessions.begin() as db:
            found = await accounts.by_handle(db, account)
            await db.refresh(found, with_for_update={"key_share": True})
            blow = accounts.Blow(accounts.Cause.UNCERTAIN, "outcome_unknown", app.ids.new(), 5)
            in_a_row = await accounts.strike(db, found, blow, app.now())
            if in_a_row is not None:
                await accounts.set_state(db, found, "paused", app.now(), reason=accounts.CIRCUIT_OPEN)
            return in_a_row

    said = await asyncio.gather(*(report() for _ in range(10)))

    assert sorted(one for one in said if one is not None) == [5]
    assert (await tallies(app), len(await trips(app))) == ({"uncertain": 10}, 1)


@pytest.mark.parametrize("failure", [NeedsHuman("captcha", "a captcha"), Restricted("restricted")])
async def test_a_challenge_or_restriction_stops_at_once_without_the_breaker(
    app: App, provider: ScriptedProvider, account: str, worker: None, failure: Failure
) -> None:
    provider.script(None, fakes.fail(failure))
    await one_after_another(app, ["pia"])
    waiting = await message(app, "quinn")

    found = await see(app)
    assert found.state in ("paused", "needs_attention")
    assert (await tallies(app), await trips(app)) == ({}, [])
    assert provider.phases("quinn") == []
    assert (await acts.show_run(app, waiting.id)).status == "pending"


async def test_being_throttled_rests_a_lane_and_only_again_and_again_trips(make_app: MakeApp) -> None:
    app = await make_app(breaker_failures=3)
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada")

    def slow_down() -> fakes.Behaviour:
        until = app.now() + timedelta(milliseconds=150)
        return fakes.fail(Throttled("rate_limited", "slow down", until=until))

    async with background(app, worker=True):
        provider.script("pia", slow_down())
        run = await message(app, "pia")

        async def counted() -> bool:
            return await tallies(app) == {"throttled": 1}

        await eventually(counted)
        assert (await see(app)).state == "active"

        async def tripped() -> bool:
            provider.script("pia", slow_down())
            return (await see(app)).state_reason == "circuit_open"

        await eventually(tripped)

    assert [one["cause"] for one in await trips(app)] == ["throttled"]
    assert (await acts.show_run(app, run.id)).status == "pending"


async def test_an_unknown_outcome_counts_and_its_proof_takes_it_back(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script("pia", fakes.uncertain_committed(), fakes.ok())
    run = await message(app, "pia")
    assert (await over(app, run)).status == "held"
    assert await tallies(app) == {"uncertain": 1}

    async def proved() -> bool:
        return (await acts.show_run(app, run.id)).status == "completed"

    await eventually(proved)
    assert await tallies(app) == {}


async def test_a_dry_run_that_goes_well_proves_nothing_to_the_breaker(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script("drift", fakes.fail(PageChanged("a button")))
    await one_after_another(app, ["drift"])
    await over(app, await message(app, "fine", dry_run=True))

    assert await tallies(app) == {"page_changed": 1}


async def test_reads_count_as_sends_do(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(None, fakes.fail(PageChanged("the top card")))
    for target in names("p", 3):
        async with app.sessions.begin() as db:
            request = RunRequest("ada", CheckConnection(public_identifier=target))
            now = app.now()
            run = (await runs.submit(db, app.ids, request, now, app.kit.lease(now))).run
        await over(app, run)

    async with app.sessions() as db:
        tally = (await db.scalars(select(AccountBreaker))).one()
    assert (tally.cause, tally.last_run_id) == ("page_changed", run.id)
    assert (await see(app)).state_reason == "circuit_open"
