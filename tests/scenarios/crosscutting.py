"""What happens across all touchpoints: languages, slow and changed pages, windows in the way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from .house import PACE, open_house
from .scenario import Scenario, Variant, plays
from .stage import Json, Stage

NOTE: Final = "Hello, we both build freight tools – shall we connect? 🚚"
TEXT: Final = "Hi there,\n\nquick question about route planning.\n\n– Mira"
SUBJECT: Final = "Tourenplanung & more"
LEFT_BEHIND: Final = {"screenshot", "page", "dom", "network"}
PATIENCE: Final = timedelta(seconds=60)
POLL: Final = timedelta(milliseconds=100)
SHORT_LEASE: Final = {"LEASE": "PT2S", "BROWSER_CONFIRM": "0,3,5", "WORKER_EMBEDDED": "false"}


async def four_things(stage: Stage) -> AsyncIterator[Json]:
    """An invitation, a message, an InMail and a reaction, each once it is over."""
    for kind, fields in (
        ("connect", {"public_identifier": stage.who("stranger"), "note": NOTE}),
        ("message", {"public_identifier": stage.who("friend"), "message": TEXT}),
        ("inmail", {"public_identifier": stage.who("far"), "subject": SUBJECT, "body": TEXT}),
        ("react", {"post_url": stage.arranged["post"]["url"], "reaction": "CELEBRATE"}),
    ):
        yield await stage.over(await stage.ask(kind, **fields))


def all_four(name: str, only: tuple[Variant, str] | None = None) -> Scenario:
    """The play in which all four things come about, once each."""

    async def play(stage: Stage) -> None:
        async for run in four_things(stage):
            stage.expect(run, "completed", "confirmed")
        await stage.holds(
            ("invite", stage.who("stranger"), NOTE),
            ("message", stage.who("friend"), TEXT),
            ("inmail", stage.who("far"), TEXT),
            ("react", stage.who("author"), "PRAISE"),
        )

    return plays(name, only=only)(play)


def none_of_four(name: str, code: str, only: tuple[Variant, str] | None = None) -> Scenario:
    """The play in which each of the four fails before anything is done, and says why."""

    async def play(stage: Stage) -> None:
        async for run in four_things(stage):
            stage.expect(run, "failed", "none", code)
            left_behind(stage, run)
            if code == "unknown_modal":
                shown = 'aria-modal="true"' in await dom_of(stage, run)
                stage.equal("the window is still there", shown, True)
            await stage.account("POST", "/resume")  # an operator, whatever its breaker says
        await stage.holds()

    return plays(name, only=only)(play)


def left_behind(stage: Stage, run: Json) -> None:
    """The run left what a person needs to see why it failed."""
    kinds = {one["kind"] for one in run["artifacts"]}
    stage.equal(f"{run['touchpoint_type']}: artefacts missing", LEFT_BEHIND - kinds, set())


async def dom_of(stage: Stage, run: Json) -> str:
    """The page as the failed run left it."""
    found = next((one for one in run["artifacts"] if one["kind"] == "dom"), None)
    return await stage.overture.text(found["href"]) if found else ""


@plays("x-breaker")
async def breaker(stage: Stage) -> None:
    runs = [await stage.submit("connect", stage.who(f"person {number}")) for number in range(5)]
    ended = [await stage.over(run_id, ["account_paused", "circuit_open"]) for run_id in runs]

    failed = [run for run in ended if run["status"] == "failed"]
    stage.equal("codes", {run["error_code"] for run in failed}, {"selector_drift"})
    waiting = [run for run in ended if run["status"] == "pending"]
    stage.equal("never begun", [run["attempts_made"] for run in waiting], [0] * (5 - len(failed)))
    stage.equal("some wait", bool(waiting), True)
    account = await stage.account("GET")
    stage.equal("account", (account["state"], account["state_reason"]), ("paused", "circuit_open"))
    stage.reports.append(f"{len(failed)} × failed/none selector_drift, then paused by circuit_open")
    await stage.holds()


@plays("x-prospect-errors")
async def prospects(stage: Stage) -> None:
    gone = [part for part in stage.arranged["people"] if part.startswith("gone ")]
    for part in gone:
        run = await stage.perform("check_connection", stage.who(part))
        stage.expect(run, "failed", "none", "profile_unavailable")

    stage.expect(await stage.perform("connect", stage.who("there")), "completed", "confirmed")
    account = await stage.account("GET")
    stage.equal("account", account["state"], "active")


@plays("x-shutdown-midway")
async def shutdown(stage: Stage) -> None:
    """With programs of its own: a killed worker would take the other scenarios with it."""
    async with open_house(**SHORT_LEASE) as house:
        own = Stage(house.overture, house.sandbox, stage.handle, stage.variant)
        await own.enter("x-shutdown-midway")
        first = await house.programs.start_worker(PACE | SHORT_LEASE)
        run_id = await own.submit("connect", own.who("stranger"))
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while not await own.contacts():
                await house.clock.sleep(POLL)
        await house.programs.kill(first)
        await house.programs.start_worker(PACE | SHORT_LEASE)

        await own.read_back(run_id, state="pending")
        await own.holds(("invite", own.who("stranger"), None))
        await stage.adopt(own)


SCENARIOS: Final = (
    *(all_four(f"x-locale-{language}") for language in ("de", "fr", "da")),
    all_four("x-variant-flip"),
    all_four("x-slow-net"),
    all_four("x-drift-1"),
    all_four("x-drift-2"),
    none_of_four("x-drift-3", "selector_drift"),
    none_of_four("x-overlay-intercept", "control_blocked", only=("B", "has no such outlet")),
    all_four("x-hidden-dialogs", only=("B", "has no such dialogs")),
    none_of_four("x-popup-random", "unknown_modal"),
    all_four("x-popup-known"),
    breaker,
    prospects,
    shutdown,
)
