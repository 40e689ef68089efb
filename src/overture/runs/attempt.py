"""One attempt of a run, step by step through the effect protocol (DESIGN §3).

begin ─ gate ─ session ─ prepare ─ last look ─ INTEND ─ act ─ confirm ─ record
                                                 │
   before: a failure is a failure                └ after: only evidence says what happened
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self
from uuid import UUID

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from overture.core.crypto import KeyUnusable
from overture.core.errors import Failure, Transient, Uncertain
from overture.core.ids import public_id
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
from overture.touchpoints import (
    Evidence,
    Intent,
    LastLook,
    MayAnswer,
    ReadBack,
    Rehearsed,
    Rehearses,
    Session,
    Write,
)

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
        self.end: End | None = None
        """How it ended, once that is known; what goes wrong while the session is closed changes nothing."""
        self.left = Left(steps=self.timeline.steps)
        self._limit: asyncio.Timeout | None = None

    def after(self, failure: Failure) -> End:
        """What a failure means, given how far the attempt had come; its sentence shows no credential."""
        failure.message = self.hidden(failure.message)
        is_lost = isinstance(failure, Uncertain)
        if is_lost and not self.intended and self.work.purpose == "perform":
            return Failed(Transient(failure.message))  # nothing was sent yet that could be unknown
        if self.accepted is not None or is_lost:
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
                await record(kit, work, attempting.end or attempting.stopped(), attempting.left)
                raise
            attempting.timeline.step("recording", end=type(end).__name__)
            await record(kit, work, end, attempting.left)
            kit.on_step("recorded")


async def ended(attempting: Attempting) -> End:
    """Carry the attempt out; what was known before the session closed stands, whatever closing it brought."""
    found = await carried_out(attempting)
    if attempting.end is not None and found is not attempting.end:
        log.warning("run.session_closed_badly", end=type(found).__name__)
    return attempting.end or found


async def carried_out(attempting: Attempting) -> End:
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
        async with ScreenKept(attempting, session):
            try:
                async with attempting.limit():
                    await session.enter()
                    attempting.left.entered = True
                    timeline.step("session_open")
                    end = await doing(attempting, session)
            except Failure as failure:
                end = attempting.after(failure)
        attempting.end = end
        if isinstance(end, Failed | Unknown | Bug | CannotTell):
            await keep_screen(attempting, session)
        await keep_session(attempting, session)
    return end


class ScreenKept:
    """Who leaves this by an error leaves a picture: what the screen shows is gone with what comes next.

    A worker that stops has no time for it.
    """

    def __init__(self, attempting: Attempting, session: Session) -> None:
        self._attempting = attempting
        self._session = session

    async def __aenter__(self) -> Self:
        """Nothing to take yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Look at the screen, and let the error go on."""
        if isinstance(error, Exception) or (error is not None and self._attempting.is_out_of_time):
            await keep_screen(self._attempting, self._session)


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
    if work.run.dry_run and work.touchpoint.acts_as != "read":
        return Done({"dry_run": True})
    await last_check(attempting.kit, work.run, work.worker)
    outcome = await session.read(work.touchpoint)
    attempting.timeline.step("read")
    return done(outcome, acted=work.touchpoint.acts_as == "repeatable" and outcome.was_seen)


async def through_protocol(attempting: Attempting, session: Session) -> End:
    """Steps 3 to 7 of the effect protocol."""
    write = session.write(attempting.work.touchpoint, attempting.work.run.token)
    try:
        async with ScreenKept(attempting, session):  # before `abandon` clears away what the screen shows
            already = await before_the_act(attempting, write)
            if already is not None:
                return already
            is_answer = isinstance(write, MayAnswer) and write.is_answer
            intent = await intend(attempting.kit, attempting.work, "theirs" if is_answer else "undone")
            if not isinstance(intent, Intent):
                return intent
            attempting.intended = True
            attempting.timeline.step("intended")
            return await act_and_confirm(attempting, write, intent)
    finally:
        if attempting.accepted is None:
            await leave(write)


async def leave(write: Write) -> None:
    """Clear away what was prepared; a failure in this must not stand for how the act went."""
    try:
        await write.abandon()
    except Failure as failure:
        log.warning("run.not_tidied", code=failure.code)


async def before_the_act(attempting: Attempting, write: Write) -> End | None:
    """Prepare and look a last time; an End when there is nothing (more) to do."""
    work, timeline = attempting.work, attempting.timeline
    if work.again and work.run.intended_at is not None:
        # An earlier attempt was read back as absent. Should it show by now after all, it is not sent again.
        earlier = await write.read_back(work.run.token, work.run.intended_at)
        timeline.step("earlier_read_back", verdict=earlier.verdict)
        if earlier.verdict == "found":
            return found_again(earlier)
    ready = await prepared(attempting, write)
    timeline.step("prepared", noop=ready.outcome is not None)
    if ready.outcome is not None:
        return done(ready.outcome)
    if work.touchpoint.reaches_person:
        await write.last_look(last_look_of(work))
        timeline.step("looked")
    if not work.run.dry_run:
        return None
    return Done({"dry_run": True} | ({"not_checked": list(ready.unchecked)} if ready.unchecked else {}))


async def prepared(attempting: Attempting, write: Write) -> Rehearsed:
    """Ready to act; in a dry run only as far as nobody at the service notices."""
    if attempting.work.run.dry_run and isinstance(write, Rehearses):
        return await write.rehearse()
    return Rehearsed(await write.prepare())


def last_look_of(work: Work) -> LastLook:
    """What in the thread would stop this send: anything no run of ours wrote, since whoever asked looked."""
    run, own = work.run, work.own
    since = min(run.created_at, run.look_since or run.created_at)
    return LastLook(since, own.tokens, own.notes, own.messages, own.texts)


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
    await last_check(attempting.kit, run, attempting.work.worker)
    found = await write.read_back(run.token, run.intended_at)
    attempting.timeline.step("read_back", verdict=found.verdict)
    if found.verdict == "found":
        return found_again(found)
    return Absent() if found.verdict == "absent" else CannotTell()


def found_again(found: ReadBack) -> End:
    """What an earlier act that shows after all means: done; not sent again either if nothing more is told."""
    if found.outcome is None:
        return CannotTell()
    return done(found.outcome, *([found.evidence] if found.evidence else []), acted=True)
