"""What happens across all touchpoints: languages, slow and changed pages, windows in the way."""

import asyncio
import secrets
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Final

from overture.core.clock import SystemClock
from overture.entrypoints.demo.clients import Overture, Sandbox
from overture.entrypoints.demo.programs import Programs

from .house import PACE
from .scenario import VARIANTS, Scenario, Variant, plays
from .stage import Json, Stage

NOTE: Final = "Hello, we both build freight tools – shall we connect? 🚚"
TEXT: Final = "Hi there,\n\nquick question about route planning.\n\n– Mira"
SUBJECT: Final = "Tourenplanung & more"
LEFT_BEHIND: Final = {"screenshot", "page", "dom", "network"}
PATIENCE: Final = timedelta(seconds=60)
POLL: Final = timedelta(milliseconds=100)


def all_four(name: str) -> Scenario:
    """The play in which an invitation, a message, an InMail and a reaction all come about, once each."""

    async def play(stage: Stage) -> None:
        who, post = stage.who, stage.arranged["post"]
        run = await stage.perform("connect", who("stranger"), note=NOTE)
        stage.expect(run, "completed", "confirmed", state="pending", note_sent=True)
        stage.expect(await stage.perform("message", who("friend"), message=TEXT), "completed", "confirmed")
        inmail = await stage.perform("inmail", who("far"), subject=SUBJECT, body=TEXT)
        stage.expect(inmail, "completed", "confirmed")
        reaction = await stage.ask({"type": "react", "post_url": post["url"], "reaction": "CELEBRATE"})
        stage.expect(await stage.over(reaction), "completed", "confirmed")

        kinds = [(one["kind"], one["text"]) for one in await stage.contacts()]
        stage.equal("ledger", kinds[:3], [("invite", NOTE), ("message", TEXT), ("inmail", TEXT)])
        stage.equal("reactions", [kind for kind, _ in kinds[3:]], ["react"])

    return plays(name)(play)


def left_behind(stage: Stage, run: Json) -> None:
    """The run left what a person needs to see why it failed."""
    kinds = {one["kind"] for one in run["artifacts"]}
    stage.equal(f"{run['touchpoint_type']}: artefacts missing", LEFT_BEHIND - kinds, set())


async def dom_of(stage: Stage, run: Json) -> str:
    """The page as the failed run left it."""
    found = next((one for one in run["artifacts"] if one["kind"] == "dom"), None)
    return await stage.overture.text(found["href"]) if found else ""


@plays("x-drift-3")
async def drift(stage: Stage) -> None:
    for kind, part, words in (("connect", "stranger", {}), ("message", "friend", {"message": TEXT})):
        run = await stage.perform(kind, stage.who(part), **words)
        stage.expect(run, "failed", "none", "selector_drift")
        left_behind(stage, run)
    await stage.holds()


def blocked(name: str, code: str, variants: tuple[Variant, ...] = VARIANTS) -> Scenario:
    """The play in which something lies over the control and nothing is forced."""

    async def play(stage: Stage) -> None:
        run = await stage.perform("connect", stage.who("stranger"))
        stage.expect(run, "failed", "none", code)
        left_behind(stage, run)
        if code == "unknown_modal":
            stage.equal("the window is still there", 'aria-modal="true"' in await dom_of(stage, run), True)
        await stage.holds()

    return plays(name, variants=variants)(play)


def invites(name: str, variants: tuple[Variant, ...] = VARIANTS) -> Scenario:
    """The play in which one invitation is sent, whatever else is on the page."""

    async def play(stage: Stage) -> None:
        run = await stage.perform("connect", stage.who("stranger"))
        stage.expect(run, "completed", "confirmed", state="pending")
        await stage.holds(("invite", stage.who("stranger"), None))

    return plays(name, variants=variants)(play)


@plays("x-breaker")
async def breaker(stage: Stage) -> None:
    runs = [await stage.submit("connect", stage.who(f"person {number}")) for number in range(5)]
    ended = [await stage.over(run_id, ["account_paused", "circuit_open"]) for run_id in runs]

    failed = [run for run in ended if run["status"] == "failed"]
    stage.equal("codes", {run["error_code"] for run in failed}, {"selector_drift"})
    waiting = [run for run in ended if run["status"] == "pending"]
    stage.equal("never begun", [run["attempts_made"] for run in waiting], [0] * (5 - len(failed)))
    stage.equal("some wait", bool(waiting), True)
    account = await stage.overture.ask("GET", f"/api/v1/accounts/{stage.handle}")
    stage.equal("account", (account["state"], account["state_reason"]), ("paused", "circuit_open"))
    stage.reports.append(f"{len(failed)} × failed/none selector_drift, then paused by circuit_open")
    await stage.holds()


@plays("x-prospect-errors")
async def prospects(stage: Stage) -> None:
    for number in range(stage.arranged["gone"]):
        run = await stage.perform("check_connection", stage.who(f"gone {number}"))
        stage.expect(run, "failed", "none", "profile_unavailable")

    stage.expect(await stage.perform("connect", stage.who("there")), "completed", "confirmed")
    account = await stage.overture.ask("GET", f"/api/v1/accounts/{stage.handle}")
    stage.equal("account", account["state"], "active")


@plays("x-shutdown-midway")
async def shutdown(stage: Stage) -> None:
    """With programs of its own: a killed worker would take the other scenarios with it."""
    clock, key = SystemClock(), f"ov_{secrets.token_urlsafe(16)}"
    pace = {**PACE, "LEASE": "PT2S", "BROWSER_CONFIRM": "0,3,5", "WORKER_EMBEDDED": "false"}
    with tempfile.TemporaryDirectory(prefix="overture-midway-") as name:
        async with Programs(Path(name), clock) as programs:
            site = await programs.start_sandbox()
            api = await programs.start_server(key, pace)
            async with Overture(api, key, clock) as overture, Sandbox(site) as sandbox:
                own = Stage(overture, sandbox, stage.handle, stage.variant)
                await own.enter("x-shutdown-midway")
                first = await programs.start_worker(pace)
                run_id = await own.submit("connect", own.who("stranger"))
                async with asyncio.timeout(PATIENCE.total_seconds()):
                    while not await own.contacts():
                        await clock.sleep(POLL)
                await programs.kill(first)
                await programs.start_worker(pace)

                own.expect(
                    await own.over(run_id, ["waiting_reconcile"]), "held", "unknown", "waiting_reconcile"
                )
                own.expect(await own.over(run_id), "completed", "confirmed", state="pending")
                await own.holds(("invite", own.who("stranger"), None))
                stage.equal("false successes", await own.false_successes(), [])
        stage.reports += own.reports
        stage.differences += own.differences


SCENARIOS: Final = (
    *(all_four(f"x-locale-{language}") for language in ("de", "fr", "da")),
    all_four("x-variant-flip"),
    all_four("x-slow-net"),
    all_four("x-drift-1"),
    all_four("x-drift-2"),
    drift,
    blocked("x-overlay-intercept", "control_blocked", variants=("B",)),
    invites("x-hidden-dialogs", variants=("B",)),
    blocked("x-popup-random", "unknown_modal"),
    invites("x-popup-known"),
    breaker,
    prospects,
    shutdown,
)
