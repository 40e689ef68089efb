"""A database that goes away in the middle of an attempt costs time, never the run."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from fakes import ScriptedProvider
from overture import runs
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.runs import Run, RunRequest
from overture.touchpoints import Message
from product import MakeApp, Server, add_account
from waiting import eventually


@dataclass
class Outage:
    """Takes the test's database away and gives it back."""

    server: Server
    name: str

    def begin(self) -> None:
        """Refuse connections and cut those there are."""
        self.server.execute(f"alter database {self.name} allow_connections false")
        self.server.execute(
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{self.name}'"
        )

    def end(self) -> None:
        """Accept connections again."""
        self.server.execute(f"alter database {self.name} allow_connections true")


@pytest.fixture
def outage(server: Server, database_url: str) -> Outage:
    """The test's database, to be taken away."""
    name = make_url(database_url).database
    assert name is not None
    return Outage(server, name)


def at(steps: dict[str, Callable[[], None]]) -> Callable[[str], None]:
    """Does something the first time a step is reached."""
    return lambda step: steps.pop(step, lambda: None)()


async def sent(app: App) -> Run:
    """A message asked for."""
    handle = await add_account(app, "ada")
    async with app.sessions.begin() as db:
        request = RunRequest(handle, Message(public_identifier="prisca", message="Hello"))
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


async def over(app: App, run: Run) -> Run:
    """The run, once it is over."""

    async def look() -> Run | None:
        try:
            async with app.sessions() as db:
                found = await runs.by_id(db, run.id)
        except OperationalError:
            return None
        return found if found.status in runs.TERMINAL else None

    return await eventually(look)


async def test_away_before_the_intent_the_run_is_tried_again(make_app: MakeApp, outage: Outage) -> None:
    app = await make_app()
    run = await sent(app)
    steps = {"prepared": outage.begin, "recording": outage.end}
    async with background(replace(app, on_step=at(steps)), worker=True):
        done = await over(app, run)

    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    assert (done.status, done.effect, done.error_code) == ("completed", "confirmed", None)
    assert len(provider.sent) == 1


async def test_away_at_the_end_the_record_waits_for_it(make_app: MakeApp, outage: Outage) -> None:
    app = await make_app()
    run = await sent(app)
    with structlog.testing.capture_logs() as logs:

        async def waits() -> bool:
            return any(
                line["event"] == "run.record_waits" and "connections" in line["error"] for line in logs
            )

        async with background(replace(app, on_step=at({"recording": outage.begin})), worker=True):
            try:
                await eventually(waits)
            finally:
                outage.end()
            done = await over(app, run)

    async with app.sessions() as db:
        [attempt] = await runs.attempts_of(db, run.id)
    assert (done.status, done.effect, attempt.ended_as) == ("completed", "confirmed", "done")
