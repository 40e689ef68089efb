"""A provider in memory, scripted per target, with a ledger of its own: what the world saw.

    provider.script("ada-lovelace", uncertain_committed(), ok())

makes the first attempt toward that target lose its answer after the act and every later one go well. What is
not scripted goes well. `provider.sent` is the ledger: every act that reached the world, doubled ones too.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from overture.core.clock import Clock, SystemClock
from overture.core.errors import Failure, NotPossible, Transient, Uncertain
from overture.entrypoints.bootstrap import App
from overture.touchpoints import (
    REGISTRY,
    Accepted,
    ConnectionState,
    Enriched,
    Evidence,
    InboxRead,
    InMailSent,
    Intent,
    Invited,
    LastLook,
    LoggedIn,
    MessageSent,
    Outcome,
    ReadBack,
    RelationsRead,
    Sender,
    Session,
    Snapshot,
    Touchpoint,
    Trace,
    Visited,
    Withdrawn,
    Write,
)
from overture.touchpoints.profile import Profile

Phase = Literal["open", "prepare", "look", "act", "confirm", "read_back"]
Kind = Literal["ok", "noop", "fail", "bug", "hang", "unseen", "cannot_tell"]

PICTURE: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8ffff3f0005fe02fea735818d0000000049454e44ae426082"
)
"""A PNG of one pixel."""


@dataclass(frozen=True)
class Behaviour:
    """What one attempt meets, and in which phase of it; `committed`: the world saw the act first."""

    kind: Kind
    at: Phase = "act"
    failure: Failure | None = None
    committed: bool = False


def ok() -> Behaviour:
    """All goes well."""
    return Behaviour("ok")


def noop() -> Behaviour:
    """It was so already: nothing to do."""
    return Behaviour("noop", "prepare")


def fail(failure: Failure, at: Phase = "prepare", *, committed: bool = False) -> Behaviour:
    """A phase raises this failure."""
    return Behaviour("fail", at, failure, committed)


def uncertain_committed() -> Behaviour:
    """The act reached the world and its answer was lost."""
    return fail(Uncertain("the answer was lost"), "act", committed=True)


def uncertain_not_committed() -> Behaviour:
    """The act never reached the world, and nobody can know from here."""
    return fail(Uncertain("the answer was lost"), "act")


def raise_bug(at: Phase = "prepare", *, committed: bool = False) -> Behaviour:
    """A phase raises what no provider should: a bug."""
    return Behaviour("bug", at, committed=committed)


def hang(at: Phase = "act", *, committed: bool = False) -> Behaviour:
    """A phase does not return until `provider.let_go()` is called."""
    return Behaviour("hang", at, committed=committed)


def replied() -> Behaviour:
    """The person wrote before we did: the last look stops the send."""
    return fail(NotPossible("replied_already", "They wrote first."), "look")


def confirm_none() -> Behaviour:
    """The service took it and does not show it yet."""
    return Behaviour("unseen", "confirm")


def cannot_tell(committed: bool = False) -> Behaviour:
    """The answer is lost and reading back shows nothing either way (script it last, so that it stays)."""
    return Behaviour("cannot_tell", "act", Uncertain("the answer was lost"), committed)


@dataclass(frozen=True)
class Sent:
    """One act the world saw."""

    handle: str
    kind: str
    target: str | None
    token: UUID
    at: datetime
    touchpoint: Touchpoint


@dataclass(frozen=True)
class Call:
    """One phase the runs layer asked for."""

    phase: str
    handle: str
    kind: str | None = None
    target: str | None = None


class ScriptedProvider:
    """A provider whose world is two lists: what was asked (`calls`) and what happened (`sent`)."""

    channel = "linkedin"
    credential_fields: tuple[str, ...] = ("username", "password", "totp_secret")
    lacks: str | None = None

    def __init__(self, clock: Clock | None = None, name: str = "linkedin_browser") -> None:
        self.name = name
        self.clock = clock or SystemClock()
        self.read_back_lag = timedelta(milliseconds=100)
        self.sent: list[Sent] = []
        self.calls: list[Call] = []
        self.senders: list[Sender] = []
        self.unsupported: set[str] = set()
        self.hanging = 0
        self.session_state: bytes | None = None
        self.looks: list[LastLook] = []
        self.wrote: dict[str, datetime] = {}
        """Who wrote to us, by target, and when: the last look stops at what is newer than it asks for."""
        self.session_failure: Failure | None = None
        self.open_sessions: dict[str, int] = {}
        self.most_open_at_once = 0
        self.answers: dict[tuple[str, str | None], Outcome] = {}
        self._scripts: dict[str | None, list[Behaviour]] = {}
        self._free = asyncio.Event()

    def script(self, target: str | None, *behaviours: Behaviour) -> None:
        """What successive attempts toward a target meet; the last one stays. None is every other target."""
        self._scripts[target] = list(behaviours)

    def answer(self, handle: str, touchpoint: Touchpoint) -> Outcome:
        """What a read brings: what the test put into `answers` under (handle or `*`, type and target)."""
        named = f"{touchpoint.kind()}:{touchpoint.target_key() or ''}"
        for key in ((handle, named), ("*", named), (handle, touchpoint.kind()), ("*", touchpoint.kind())):
            if key in self.answers:
                return self.answers[key]
        return outcome_of(touchpoint)

    def let_go(self) -> None:
        """End every hang, present and future."""
        self._free.set()

    def phases(self, target: str) -> list[str]:
        """The phases asked for toward a target, in order."""
        return [call.phase for call in self.calls if call.target == target]

    def supports(self, kind: str) -> bool:
        """Every registered touchpoint but those switched off."""
        return kind in REGISTRY and kind not in self.unsupported

    def open(self, sender: Sender, trace: Trace) -> AbstractAsyncContextManager[Session]:
        """A session; its opening is scripted under the handle."""
        return self._open(sender, trace)

    async def close(self) -> None:
        """Nothing is held."""
        self.let_go()

    @asynccontextmanager
    async def _open(self, sender: Sender, trace: Trace) -> AsyncIterator[Session]:
        self.calls.append(Call("open", sender.handle))
        self.senders.append(sender)
        opening = self.next_behaviour(sender.handle) if sender.handle in self._scripts else ok()
        self.open_sessions[sender.handle] = self.open_sessions.get(sender.handle, 0) + 1
        self.most_open_at_once = max(self.most_open_at_once, self.open_sessions[sender.handle])
        trace.step("scripted_session")
        try:
            yield ScriptedSession(self, sender, opening)
        finally:
            self.open_sessions[sender.handle] -= 1

    def next_behaviour(self, target: str | None) -> Behaviour:
        """What the attempt beginning now meets."""
        script = self._scripts.get(target) or self._scripts.get(None) or [ok()]
        return script.pop(0) if len(script) > 1 else script[0]

    def put_back(self, target: str | None, behaviour: Behaviour) -> None:
        """The attempt that took it never came to it: it is the next one's."""
        script = self._scripts.get(target) or self._scripts.get(None)
        if script is not None and script[0] is not behaviour:
            script.insert(0, behaviour)

    def last_behaviour(self, target: str | None) -> Behaviour:
        """What stays in the script, without using it up."""
        script = self._scripts.get(target) or self._scripts.get(None) or [ok()]
        return script[0]

    async def meet(self, behaviour: Behaviour, phase: Phase) -> None:
        """Do to the caller what the behaviour says for this phase."""
        if behaviour.at != phase:
            return
        if behaviour.failure is not None:
            raise behaviour.failure
        if behaviour.kind == "bug":
            raise ZeroDivisionError(f"a scripted bug in {phase}")
        if behaviour.kind == "hang":
            self.hanging += 1
            try:
                await self._free.wait()
            finally:
                self.hanging -= 1


@dataclass
class ScriptedSession:
    """An open door to the scripted world."""

    provider: ScriptedProvider
    sender: Sender
    opening: Behaviour

    async def enter(self) -> None:
        """Log in, as scripted under the handle."""
        await self.provider.meet(self.opening, "open")

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        """The outcome of a touchpoint that may be repeated; `prepare` and `act` behaviours both bite."""
        target = touchpoint.target_key()
        self.provider.calls.append(Call("read", self.sender.handle, touchpoint.kind(), target))
        behaviour = self.provider.next_behaviour(target)
        await self.provider.meet(behaviour, "prepare")
        await self.provider.meet(behaviour, "act")
        return self.provider.answer(self.sender.handle, touchpoint)

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        """A touchpoint of the effect protocol."""
        return ScriptedWrite(self.provider, self.sender, touchpoint, token)

    async def snapshot(self) -> Snapshot:
        """One pixel."""
        return Snapshot(PICTURE, {"url": "scripted:"})

    async def state(self) -> bytes | None:
        """What the test said the session should be, or the failure to say it."""
        if self.provider.session_failure is not None:
            raise self.provider.session_failure
        return self.provider.session_state


@dataclass
class ScriptedWrite:
    """One irreversible touchpoint in the scripted world."""

    provider: ScriptedProvider
    sender: Sender
    touchpoint: Touchpoint
    token: UUID
    behaviour: Behaviour = field(default_factory=ok)

    async def prepare(self) -> Outcome | None:
        """Take the next behaviour of the target's script."""
        self._note("prepare")
        self.behaviour = self.provider.next_behaviour(self.touchpoint.target_key())
        await self.provider.meet(self.behaviour, "prepare")
        return already(self.touchpoint) if self.behaviour.kind == "noop" else None

    async def last_look(self, look: LastLook) -> None:
        """Raise what is scripted for the look."""
        self._note("look")
        self.provider.looks.append(look)
        wrote_at = self.provider.wrote.get(self.touchpoint.target_key() or "")
        if wrote_at is not None and wrote_at > look.since:
            raise NotPossible("replied_already", "They wrote first.")
        await self.provider.meet(self.behaviour, "look")

    async def act(self, intent: Intent) -> Accepted:
        """Commit to the ledger: before what is scripted if it says so, else after it and in time."""
        self._note("act")
        if self.behaviour.committed:
            self._commit()
        await self.provider.meet(self.behaviour, "act")
        if not self.behaviour.committed:
            if self.provider.clock.now() > intent.act_before:
                # A slow machine, not the script: the attempt after this one meets what was meant for this.
                self.provider.put_back(self.touchpoint.target_key(), self.behaviour)
                raise Transient("The act window has closed.", code="act_window_closed")
            await intent.last_check()
            self._commit()
        return Accepted(Evidence("write", {"token": str(intent.token)}))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:  # noqa: ARG002 - the port has it
        """What the ledger shows."""
        self._note("confirm")
        await self.provider.meet(self.behaviour, "confirm")
        if self.behaviour.kind == "unseen":
            return None
        return outcome_of(self.touchpoint), Evidence("ledger", {"token": str(self.token)})

    async def abandon(self) -> None:
        """Note that it was asked for."""
        self._note("abandon")

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002 - the port has it
        """What the ledger shows of a token: nothing before `read_back_lag` has passed."""
        self._note("read_back")
        behaviour = self.provider.last_behaviour(self.touchpoint.target_key())
        await self.provider.meet(behaviour, "read_back")
        if behaviour.kind == "cannot_tell":
            return ReadBack("cannot_tell")
        visible = self.provider.clock.now() - self.provider.read_back_lag
        if any(sent.token == token and sent.at <= visible for sent in self.provider.sent):
            evidence = Evidence("ledger", {"token": str(token)})
            return ReadBack("found", outcome_of(self.touchpoint), evidence)
        return ReadBack("absent")

    def _commit(self) -> None:
        target = self.touchpoint.target_key()
        now = self.provider.clock.now()
        self.provider.sent.append(
            Sent(self.sender.handle, self.touchpoint.kind(), target, self.token, now, self.touchpoint)
        )

    def _note(self, phase: str) -> None:
        call = Call(phase, self.sender.handle, self.touchpoint.kind(), self.touchpoint.target_key())
        self.provider.calls.append(call)


def outcome_of(touchpoint: Touchpoint) -> Outcome:
    """An outcome of the kind the touchpoint promises."""
    slug = touchpoint.target_key() or "self"
    note_sent = bool(getattr(touchpoint, "note", None))
    outcomes: Mapping[str, Outcome] = {
        "log_in": LoggedIn(profile_id="ACoAAself", how="login"),
        "visit": Visited(public_identifier=slug, duration_s=0.0, scrolled=0.0),
        "connect": Invited(state="pending", public_identifier=slug, note_sent=note_sent),
        "inmail": InMailSent(message_urn=f"urn:li:msg:{slug}", public_identifier=slug),
        "message": MessageSent(message_urn=f"urn:li:msg:{slug}", public_identifier=slug),
        "check_connection": ConnectionState(
            state="connected",
            public_identifier=slug,
            source="page" if getattr(touchpoint, "may_visit", False) else "api",
        ),
        "withdraw_invite": Withdrawn(public_identifier=slug),
        "enrich": Enriched(profile=a_profile(slug)),
        "sync_relations": RelationsRead(relations=[], complete=True, ended_by="end"),
        "sync_inbox": InboxRead(conversations=[], complete=True, ended_by="end"),
    }
    return outcomes.get(touchpoint.kind()) or type(touchpoint).outcome()


def already(touchpoint: Touchpoint) -> Outcome:
    """The outcome when there was nothing to do."""
    outcome = outcome_of(touchpoint)
    return outcome.model_copy(update={"noop": True}) if "noop" in type(outcome).model_fields else outcome


def a_profile(slug: str) -> Profile:
    """The least profile that is one."""
    return Profile(urn=f"urn:li:fsd_profile:{slug}", profile_id=slug, public_identifier=slug)


def install(app: App) -> App:
    """Plugin entry (`OVERTURE_PLUGINS=fakes`): put the scripted provider in place of the real ones."""
    provider = ScriptedProvider(app.clock)
    return replace(app, providers={provider.name: provider})
