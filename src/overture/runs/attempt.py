"""One attempt of a run, step by step through the effect protocol (DESIGN §3).

begin ─ gate ─ session ─ prepare ─ last look ─ INTEND ─ act ─ confirm ─ record
                                                 │
   before: a failure is a failure                └ after: only evidence says what happened
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from overture.core.crypto import KeyUnusable
from overture.core.errors import Failure, Transient, Uncertain
from overture.core.ids import public_id
from overture.runs import store
from overture.runs.begin import Work, begin
from overture.runs.ends import (
    Absent,
    Bug,
    CannotTell,
    Done,
    End,
    Failed,
    Left,
    Unknown,
    done,
)
from overture.runs.halt import last_check
from overture.runs.intend import FenceLost, intend
from overture.runs.kit import Kit
from overture.runs.record import give_up, record
from overture.runs.trace import Timeline
from overture.touchpoints import Evidence, Intent, LastLook, Session, Write

log = structlog.get_logger()

KEEPING_SECONDS = 12.0
OPENING_SECONDS = 75.0  # a browser that has to be started first may take a minute


class Attempting:
    """The attempt under way: its timeline, and whether the intent is committed."""

    def __init__(self, kit: Kit, work: Work) -> None:
        self.kit = kit
        self.work = work
        self.hidden = work.sender.secrets.hidden_in
        self.timeline = Timeline(kit.clock, kit.on_step, self.hidden)
        self.intended = False
        self.accepted: Evidence | None = None
        self.left = Left(steps=self.timeline.steps)
        self._limit: asyncio.Timeout | None = None

    def after(self, failure: Failure) -> End:
        """What a failure means, given how far the attempt had come; its sentence shows no credential."""
        failure.message = self.hidden(failure.message)
        if self.accepted is not None or isinstance(failure, Uncertain):
            evidence = (self.accepted,) if self.accepted else ()
            return Unknown(failure.code, failure.message, evidence, failure)
        return Failed(failure, after_intent=self.intended)

    def limit(self) -> asyncio.Timeout:
        """The longest the attempt may take, from now on."""
        self._limit = asyncio.timeout(self.kit.settings.attempt_timeout.total_seconds())
        return self._limit

    @property
    def is_out_of_time(self) -> bool:
        """Whether that limit is what ends it, and not a worker that stops."""
        return self._limit is not None and self._limit.expired()

    def stopped(self) -> End:
        """What being cancelled means: the worker shuts down, the run is not to blame."""
        stop = Transient("The worker stopped before the attempt was over.", code="worker_stopped")
        return self.after(Uncertain(stop.message) if self.intended else stop)

    def broken(self, message: str) -> End:
        """What an error nobody foresaw means: before the intent a bug, after it an unknown outcome."""
        self.left.traceback, message = self.hidden(traceback.format_exc()), self.hidden(message)
        if self.intended:
            return Unknown("outcome_unknown", message, (self.accepted,) if self.accepted else ())
        return Bug(message, self.left.traceback)


async def execute(kit: Kit, worker: str, run_id: UUID, epoch: int) -> None:
    """Answer one wake-up: perform the run, or read its effect back, and record how it ended."""
    with structlog.contextvars.bound_contextvars(run_id=public_id("run", run_id), epoch=epoch):
        try:
            work = await begin(kit, worker, run_id, epoch)
        except (KeyUnusable, ValueError, LookupError) as error:  # secrets or input that cannot be read
            # Only our own error is quoted: one about the input would carry the message's text into the log.
            why = (
                str(error)
                if isinstance(error, KeyUnusable)
                else f"its stored form is unreadable ({type(error).__name__})"
            )
            log.error("run.cannot_begin", why=why)  # noqa: TRY400
            await give_up(kit, run_id, epoch, f"The run cannot begin: {why}")
            return
        if work is None:
            return
        with structlog.contextvars.bound_contextvars(
            handle=work.run.handle, touchpoint=work.run.touchpoint_type
        ):
            attempting = Attempting(kit, work)
            attempting.timeline.step("begun", purpose=work.purpose)
            try:
                end = await ended(attempting)
            except asyncio.CancelledError:  # the worker stops: say how far it came, then stop
                await record(kit, work, attempting.stopped(), attempting.left)
                raise
            attempting.timeline.step("recording", end=type(end).__name__)
            await record(kit, work, end, attempting.left)
            kit.on_step("recorded")


async def ended(attempting: Attempting) -> End:
    """Carry the attempt out; whatever happens in it becomes an End.

    One of the two places that catch everything: an attempt's error must end the run, not the process.
    """
    doing = perform if attempting.work.purpose == "perform" else read_back
    longest = attempting.kit.settings.attempt_timeout.total_seconds() + OPENING_SECONDS + 2 * KEEPING_SECONDS
    try:
        async with asyncio.timeout(longest):
            return await in_session(attempting, doing)
    except Failure as failure:
        return attempting.after(failure)
    except FenceLost:
        log.warning("run.fence_lost")
        return Bug("Another worker took this run over.", "")
    except TimeoutError:
        slow = Transient("The attempt took longer than OVERTURE_ATTEMPT_TIMEOUT.", code="attempt_timeout")
        return attempting.broken(slow.message) if attempting.intended else Failed(slow)
    except (OperationalError, InterfaceError) as error:
        # Not the run's fault. Should the intent have been kept all the same, recording the failure undoes it.
        log.warning("run.database_away", error=str(error.orig))
        away = Transient("The database was away before the act.", code="database_away")
        return attempting.broken(away.message) if attempting.intended else Failed(away)
    except Exception as error:  # noqa: BLE001  # logged below, without credentials
        bug = attempting.broken(f"{type(error).__name__}: {error}")
        log.error("run.broken", exception=attempting.left.traceback)  # noqa: TRY400
        return bug


Doing = Callable[[Attempting, Session], Awaitable[End]]


async def in_session(attempting: Attempting, doing: Doing) -> End:
    """Open the account's session, do the work, and keep what it leaves: session state, screen on failure."""
    work, timeline = attempting.work, attempting.timeline
    provider = attempting.kit.providers.get(work.sender.provider)
    if provider is None:
        return Bug(f"No provider {work.sender.provider!r} is set up in this process.", "")
    async with provider.open(work.sender, timeline) as session:
        try:
            async with attempting.limit():
                await session.enter()
                attempting.left.entered = True
                timeline.step("session_open")
                end = await doing(attempting, session)
        except Failure as failure:
            end = attempting.after(failure)
        except Exception:  # not answered here, only looked at: what the screen shows is gone with the session
            await keep_screen(attempting, session)
            raise
        if isinstance(end, Failed | Unknown | Bug | CannotTell):
            await keep_screen(attempting, session)
        await keep_session(attempting, session)
    return end


async def keep_session(attempting: Attempting, session: Session) -> None:
    """Take what the session should remember; when it cannot be read, the attempt ended as it did."""
    try:
        async with asyncio.timeout(KEEPING_SECONDS):
            attempting.left.session = await session.state()
    except (Failure, TimeoutError) as error:
        log.warning("run.session_not_kept", reason=str(error))


async def keep_screen(attempting: Attempting, session: Session) -> None:
    """Take what the screen shows, once; a screen that cannot be had must not change how the attempt ended."""
    if attempting.left.snapshot is not None:
        return
    try:
        async with asyncio.timeout(KEEPING_SECONDS):
            attempting.left.snapshot = await session.snapshot()
    except (Failure, TimeoutError) as error:
        log.warning("run.no_screenshot", reason=str(error))
    else:
        attempting.timeline.step("screen", **attempting.left.snapshot.facts)


async def perform(attempting: Attempting, session: Session) -> End:
    """Do the touchpoint: at once when it may be repeated, through the protocol when not."""
    work = attempting.work
    if work.touchpoint.reversibility == "once":
        return await through_protocol(attempting, session)
    if work.run.dry_run and work.touchpoint.reversibility != "read":
        return Done({"dry_run": True})
    await last_check(attempting.kit, work.run.id, work.run.epoch, work.worker)
    outcome = await session.read(work.touchpoint)
    attempting.timeline.step("read")
    return done(outcome, acted=work.touchpoint.reversibility == "repeatable")


async def through_protocol(attempting: Attempting, session: Session) -> End:
    """Steps 3 to 7 of the effect protocol."""
    work, timeline = attempting.work, attempting.timeline
    write = session.write(work.touchpoint, work.run.token)
    try:
        already = await before_the_act(attempting, write)
        if already is not None:
            return already
        intent = await intend(attempting.kit, work)
        if not isinstance(intent, Intent):
            return intent
        attempting.intended = True
        timeline.step("intended")
        return await act_and_confirm(attempting, write, intent)
    except BaseException as error:
        # Before `abandon` clears away what the screen shows; a worker that stops has no time for it.
        if isinstance(error, Exception) or attempting.is_out_of_time:
            await keep_screen(attempting, session)
        raise
    finally:
        if attempting.accepted is None:
            await write.abandon()


async def before_the_act(attempting: Attempting, write: Write) -> End | None:
    """Prepare and look a last time; an End when there is nothing (more) to do."""
    work, timeline = attempting.work, attempting.timeline
    if work.again and work.run.intended_at is not None:
        # An earlier attempt was read back as absent. Should it show by now after all, it is not sent again.
        earlier = await write.read_back(work.run.token, work.run.intended_at)
        timeline.step("earlier_read_back", verdict=earlier.verdict)
        if earlier.verdict == "found" and earlier.outcome is not None:
            return done(earlier.outcome, *([earlier.evidence] if earlier.evidence else []), acted=True)
    noop = await write.prepare()
    timeline.step("prepared", noop=noop is not None)
    if noop is not None:
        return done(noop)
    if work.touchpoint.reaches_person:
        await write.last_look(await last_look_of(attempting))
        timeline.step("looked")
    return Done({"dry_run": True}) if work.run.dry_run else None


async def last_look_of(attempting: Attempting) -> LastLook:
    """What in the thread would stop this send: anything after it was asked for that no run of ours wrote."""
    run = attempting.work.run
    async with attempting.kit.sessions() as db:
        tokens, notes = await store.own_words(db, run)
    return LastLook(since=run.created_at, own_tokens=tokens, own_notes=notes)


async def act_and_confirm(attempting: Attempting, write: Write, intent: Intent) -> End:
    """Act once, then prove it by an independent read."""
    accepted = await write.act(intent)
    attempting.accepted = accepted.evidence
    attempting.timeline.step("accepted", source=accepted.evidence.source)
    confirmed = await write.confirm(accepted)
    attempting.timeline.step("confirmed" if confirmed else "not_seen")
    if confirmed is None:
        return Unknown(
            "outcome_unknown", "The service took it, and it is not to be seen yet.", (accepted.evidence,)
        )
    outcome, evidence = confirmed
    return done(outcome, accepted.evidence, evidence, acted=True)


async def read_back(attempting: Attempting, session: Session) -> End:
    """Find out what became of an act whose end was not seen."""
    run = attempting.work.run
    write = session.write(attempting.work.touchpoint, run.token)
    if run.intended_at is None:
        raise ValueError("a held run without an intent")
    await last_check(attempting.kit, run.id, run.epoch, attempting.work.worker)
    found = await write.read_back(run.token, run.intended_at)
    attempting.timeline.step("read_back", verdict=found.verdict)
    if found.verdict == "found" and found.outcome is not None:
        return done(found.outcome, *([found.evidence] if found.evidence else []), acted=True)
    return Absent() if found.verdict == "absent" else CannotTell()
