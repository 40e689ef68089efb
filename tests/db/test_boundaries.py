"""The edges of the effect protocol: what goes wrong beside the act never changes what is said of the act."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

import fakes
from fakes import ScriptedProvider, ScriptedSession, ScriptedWrite
from overture import accounts, runs
from overture.accounts import Limits, Window
from overture.core.errors import Failure, NotPossible, PageChanged, Throttled, Transient, Uncertain
from overture.core.reasons import Reason
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.runs import Run, RunRequest
from overture.touchpoints import (
    CheckConnection,
    ConnectionState,
    Message,
    Outcome,
    ReadBack,
    Sender,
    Session,
    Snapshot,
    Touchpoint,
    Trace,
    Write,
)
from product import MakeApp, add_account
from waiting import eventually

WHO = "prisca"
HELLO = Message(public_identifier=WHO, message="Hello")
OVER = ("completed", "failed", "cancelled")


class TroubledProvider(ScriptedProvider):
    """A scripted provider in which tidying, closing or reading may go wrong; it counts the pictures."""

    tidying: Failure | None = None
    closing: Failure | None = None
    reading_back: ReadBack | None = None
    read_answer: Outcome | None = None
    pictures = 0

    def open(self, sender: Sender, trace: Trace) -> AbstractAsyncContextManager[Session]:
        """A session with the trouble in it."""
        return self._troubled(sender, trace)

    @asynccontextmanager
    async def _troubled(self, sender: Sender, trace: Trace) -> AsyncIterator[Session]:
        async with super().open(sender, trace) as session:
            assert isinstance(session, ScriptedSession)
            yield TroubledSession(self, session.sender, session.opening)
        if self.closing is not None:
            raise self.closing


@dataclass
class TroubledSession(ScriptedSession):
    """The session of a troubled provider."""

    provider: TroubledProvider

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        """A write with the trouble in it."""
        return TroubledWrite(self.provider, self.sender, touchpoint, token)

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        """The answer a test gave, else what the fake says."""
        return self.provider.read_answer or await super().read(touchpoint)

    async def snapshot(self) -> Snapshot:
        """One pixel, counted."""
        self.provider.pictures += 1
        return await super().snapshot()


@dataclass
class TroubledWrite(ScriptedWrite):
    """The write of a troubled provider."""

    provider: TroubledProvider

    async def abandon(self) -> None:
        """Fail, if that is the trouble."""
        await super().abandon()
        if self.provider.tidying is not None:
            raise self.provider.tidying

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:
        """Say what is scripted here, else what the ledger shows."""
        found = await super().read_back(token, intended_at)
        return self.provider.reading_back or found


async def troubled(make_app: MakeApp, **settings: object) -> tuple[App, TroubledProvider]:
    provider = TroubledProvider()
    app = await make_app(provider=provider, **settings)  # type: ignore[arg-type]
    await add_account(app, "ada")
    return app, provider


async def submit(app: App, touchpoint: Touchpoint, handle: str = "ada", **more: object) -> Run:
    async with app.sessions.begin() as db:
        request = RunRequest(handle, touchpoint, **more)  # type: ignore[arg-type]
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


async def see(app: App, run: Run) -> Run:
    async with app.sessions() as db:
        return await runs.by_id(db, run.id)


async def over(app: App, run: Run, *statuses: str) -> Run:
    async def look() -> Run | None:
        found = await see(app, run)
        return found if found.status in (statuses or OVER) else None

    return await eventually(look)


async def waits(app: App, run: Run, status: str, reason: Reason) -> Run:
    async def look() -> Run | None:
        found = await see(app, run)
        return found if (found.status, found.wait_reason) == (status, reason) else None

    return await eventually(look)


async def for_a_person(app: App, run: Run) -> Run:
    found = await waits(app, run, "held", Reason.OUTCOME_UNKNOWN)
    assert found.next_at is None
    return found


async def rest_all(app: App, handle: str, until: datetime) -> None:
    """The service said slow down, whatever it is."""
    async with app.sessions.begin() as db:
        account = await accounts.by_handle(db, handle)
        await accounts.rest(db, account.id, accounts.EVERY_LANE, until, "rate_limited")


@pytest.mark.parametrize("trouble", ["tidying", "closing"])
async def test_trouble_after_a_lost_answer_does_not_make_it_certainly_not_sent(
    make_app: MakeApp, trouble: str
) -> None:
    """It was sent, nobody knows, the channel cannot tell: a second one would be the worst of all."""
    app, provider = await troubled(make_app)
    setattr(provider, trouble, Transient("the tab crashed"))
    provider.script(WHO, fakes.cannot_tell(committed=True))
    async with background(app, worker=True):
        run = await over(app, await submit(app, HELLO), "held", *OVER)
        assert (run.status, run.effect) == ("held", "unknown")
        provider.tidying = provider.closing = None
        await for_a_person(app, run)

    assert len(provider.sent) == 1


async def test_what_was_proved_stays_proved_when_closing_the_session_fails(make_app: MakeApp) -> None:
    app, provider = await troubled(make_app)
    provider.closing = Transient("the browser died")
    async with background(app, worker=True):
        run = await over(app, await submit(app, HELLO), "held", *OVER)

    assert (run.status, run.effect, len(provider.sent)) == ("completed", "confirmed", 1)


async def test_a_lost_answer_before_the_intent_is_no_unknown_outcome(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.fail(Uncertain("the profile's answer was lost"), "prepare"), fakes.ok())
    run = await over(app, await submit(app, HELLO), "held", *OVER)

    assert (run.status, run.attempts, len(provider.sent)) == ("completed", 2, 1)


async def test_an_earlier_act_that_shows_is_not_sent_again_even_if_nothing_more_is_told(
    make_app: MakeApp,
) -> None:
    app, provider = await troubled(make_app)
    provider.reading_back = ReadBack("found")
    provider.script(WHO, fakes.fail(Transient("refused by the wire"), "act"), fakes.ok())
    async with background(app, worker=True):
        await for_a_person(app, await submit(app, HELLO))

    assert provider.sent == []


@pytest.mark.parametrize("failure", [PageChanged("the thread"), NotPossible("not_found", "gone")])
async def test_a_reading_back_that_would_find_the_same_again_ends_with_a_person(
    app: App, provider: ScriptedProvider, account: str, worker: None, failure: Failure
) -> None:
    provider.script(WHO, fakes.uncertain_committed(), fakes.fail(failure, "read_back"))
    run = await for_a_person(app, await submit(app, HELLO))

    assert (run.effect, len(provider.sent)) == ("unknown", 1)


async def test_a_picture_is_taken_of_what_went_wrong_and_not_by_a_worker_that_stops(
    make_app: MakeApp,
) -> None:
    app, provider = await troubled(make_app, attempt_timeout=timedelta(milliseconds=300))
    provider.script("bug", fakes.raise_bug("prepare"))
    provider.script("reads", fakes.raise_bug("prepare"))
    provider.script("slow", fakes.hang("prepare"))
    for touchpoint in (
        Message(public_identifier="bug", message="Hi"),
        CheckConnection(public_identifier="reads"),
        Message(public_identifier="slow", message="Hi"),
    ):
        before = provider.pictures
        run = await submit(app, touchpoint)
        await runs.execute(app.kit, "w", run.id, (await see(app, run)).epoch)
        assert provider.pictures == before + 1
        async with app.sessions() as db:
            assert (await runs.attempts_of(db, run.id))[0].screenshot is not None

    await retire(app)
    unhurried = replace(
        app.kit, settings=app.kit.settings.model_copy(update={"attempt_timeout": timedelta(minutes=1)})
    )
    run = await submit(app, Message(public_identifier="slow", message="Hi"))
    task = asyncio.create_task(runs.execute(unhurried, "w", run.id, (await see(app, run)).epoch))
    await over(app, run, "running")

    async def hanging() -> bool:
        return provider.hanging > 0

    await eventually(hanging)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert provider.pictures == before + 1


async def retire(app: App) -> None:
    """Put what still waits out of the way."""
    async with app.sessions.begin() as db:
        late = "update runs set next_at = next_at + interval '1 day' where next_at is not null"
        await db.execute(text(late))


async def test_what_the_client_cancelled_while_it_was_live_does_not_wait_to_be_cancelled(
    make_app: MakeApp,
) -> None:
    app, provider = await troubled(make_app, retry_backoff=timedelta(hours=1))
    provider.script(WHO, fakes.hang("prepare"))
    provider.closing = Transient("the browser died")
    run = await submit(app, HELLO)
    task = asyncio.create_task(runs.execute(app.kit, "w", run.id, 1))
    await over(app, run, "running")
    async with app.sessions.begin() as db:
        await runs.cancel(db, await runs.by_id(db, run.id, lock=True), app.now())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ((await see(app, run)).status, provider.sent) == ("cancelled", [])


async def test_a_run_that_expires_while_it_waits_ends_when_it_does(make_app: MakeApp) -> None:
    app = await make_app()
    await add_account(app, "ada", Limits(message=Window(per_day=1), min_gap_s=0))
    async with background(app, worker=True):
        await over(app, await submit(app, HELLO))
        late = await submit(
            app,
            Message(public_identifier="jonas", message="Hi"),
            expires_at=app.now() + timedelta(seconds=1),
        )
        found = await over(app, late)

    assert (found.status, found.error_code, found.effect) == ("failed", "expired", "none")


async def test_a_reading_back_waits_out_what_the_service_ordered_for_everything(
    app: App, provider: ScriptedProvider, account: str
) -> None:
    provider.script(WHO, fakes.uncertain_committed(), fakes.ok())
    run = await submit(app, HELLO)
    await runs.execute(app.kit, "w", run.id, 1)
    assert (await see(app, run)).status == "held"
    until = app.now() + timedelta(seconds=2)
    await rest_all(app, account, until)
    async with background(app, worker=True):
        found = await waits(app, run, "held", Reason.PROVIDER_COOLDOWN)
        assert (found.next_at, "read_back" in provider.phases(WHO)) == (until, False)
        opened = len(provider.senders)
        done = await over(app, run)

    assert (done.status, len(provider.sent), opened) == ("completed", 1, 1)
    assert done.completed_at is not None
    assert done.completed_at >= until


async def test_a_service_that_names_no_rest_is_given_one(make_app: MakeApp) -> None:
    app, provider = await troubled(make_app, retry_backoff=timedelta(hours=1))
    began = app.now()
    provider.script(WHO, fakes.fail(Throttled("rate_limited", "slow down", until=began)))
    async with background(app, worker=True):
        found = await waits(app, await submit(app, HELLO), "pending", Reason.PROVIDER_COOLDOWN)

    assert found.next_at is not None
    assert found.next_at >= began + timedelta(hours=1)


async def test_a_dry_run_waits_out_what_the_service_ordered_for_everything(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    await rest_all(app, account, app.now() + timedelta(hours=1))
    await waits(app, await submit(app, HELLO, dry_run=True), "pending", Reason.PROVIDER_COOLDOWN)

    assert provider.senders == []


async def test_a_reading_back_of_a_paused_account_opens_nothing_and_says_why(
    app: App, provider: ScriptedProvider, account: str
) -> None:
    """The account is paused between the admission and the beginning."""
    provider.script(WHO, fakes.uncertain_committed(), fakes.ok())
    run = await submit(app, HELLO)
    await runs.execute(app.kit, "w", run.id, 1)

    async def admitted() -> bool:
        async with app.sessions.begin() as db:
            return await runs.admit(db, app.now(), app.kit.lease(app.now())) == 1

    await eventually(admitted)
    async with app.sessions.begin() as db:
        await accounts.set_state(db, await accounts.by_handle(db, account), "paused", app.now())
    await runs.execute(app.kit, "w", run.id, 2)

    found = await see(app, run)
    assert (found.status, found.wait_reason) == ("held", Reason.ACCOUNT_PAUSED)
    assert len(provider.senders) == 1


async def test_a_check_that_may_visit_counts_as_the_visit_it_may_be(make_app: MakeApp) -> None:
    app = await make_app()
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada", Limits(visit=Window(per_day=1), min_gap_s=0))
    visits = CheckConnection(public_identifier="prisca", may_visit=True)
    async with background(app, worker=True):
        dry = await over(app, await submit(app, visits, dry_run=True))
        assert (dry.effect, provider.phases("prisca")) == ("none", [])
        first = await over(app, await submit(app, visits))
        assert (first.status, first.effect, first.category) == ("completed", "confirmed", "visit")
        second = await submit(app, CheckConnection(public_identifier="jonas", may_visit=True))
        await waits(app, second, "pending", Reason.DAILY_QUOTA)
        read = await over(app, await submit(app, CheckConnection(public_identifier="jonas")))

    assert (read.status, read.effect, read.category) == ("completed", "none", "profile_read")


async def test_a_check_that_needed_no_visit_was_none(make_app: MakeApp) -> None:
    """The service answered without the page: nothing showed, nothing counts."""
    app, provider = await troubled(make_app)
    provider.read_answer = ConnectionState(state="connected", public_identifier="prisca", source="api")
    run = await submit(app, CheckConnection(public_identifier="prisca", may_visit=True))
    await runs.execute(app.kit, "w", run.id, 1)

    found = await see(app, run)
    assert (found.status, found.effect, found.category) == ("completed", "none", "visit")
