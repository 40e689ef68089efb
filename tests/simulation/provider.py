"""The product's port into the model world: a provider whose service is `Society`, with everything that goes
wrong between the two.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Final, Literal
from uuid import UUID

from overture.core.errors import (
    NeedsHuman,
    NotPossible,
    PageChanged,
    Throttled,
    Transient,
    Uncertain,
)
from overture.touchpoints import (
    Accepted,
    CheckConnection,
    Connect,
    ConnectionState,
    Enrich,
    Enriched,
    Evidence,
    InboxConversation,
    InboxMessage,
    InboxRead,
    InMail,
    InMailSent,
    Intent,
    Invited,
    LastLook,
    LoggedIn,
    LogIn,
    Message,
    MessageSent,
    Outcome,
    PendingInvitation,
    ReadBack,
    Relation,
    RelationsRead,
    Sender,
    SentInvitations,
    Session,
    Snapshot,
    SyncInbox,
    SyncRelations,
    Touchpoint,
    Trace,
    Visit,
    Visited,
    WithdrawInvite,
    Withdrawn,
    Write,
)
from overture.touchpoints.profile import Profile
from overture.touchpoints.target import TargetInput

from .society import LONGEST_LAG_S, Bond, Person, Society, chance
from .turns import CURRENT, VirtualClock, pause, run_out

LAG: Final = timedelta(seconds=LONGEST_LAG_S + 5)
LOOKS_S: Final = (0.0, 3.0, 8.0)
"""Seconds after the act at which it is looked for."""


@dataclass(frozen=True)
class Faults:
    """How often what goes wrong, per attempt."""

    lost_before: float = 0.02
    """The answer is lost and nothing was done."""
    lost_after: float = 0.03
    """It is lost and it was done."""
    hang_before: float = 0.005
    hang_after: float = 0.01
    throttled: float = 0.01
    transient: float = 0.03
    changed: float = 0.005
    cannot_tell: float = 0.03
    expired: float = 0.002
    challenged: float = 0.001
    invites_per_week: int = 60
    """The service's own limit of invitations in a calendar week."""

    @classmethod
    def none(cls) -> "Faults":
        """A world in which nothing goes wrong."""
        return cls(*(0.0,) * 10, invites_per_week=10_000)


@dataclass(frozen=True)
class Call:
    """One thing the product asked for about a run, as the service saw it."""

    at: datetime
    what: Literal["act", "lost", "read_back", "look"]
    token: str
    verdict: str = ""


@dataclass
class ModelProvider:
    """The provider."""

    society: Society
    clock: VirtualClock
    faults: Faults
    attempt_timeout: timedelta
    seed: int
    name: str = "linkedin_browser"
    channel: str = "linkedin"
    read_back_lag: timedelta = LAG
    credential_fields: tuple[str, ...] = ("username", "password")
    lacks: str | None = None
    calls: list[Call] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)
    read_backs: Counter[str] = field(default_factory=Counter)
    """How often each run's act was read back."""
    at_pause: Callable[[str], None] = lambda _: None
    """Told of each pause, before it; may let time pass, or be the end of the worker."""
    is_alone: bool = False
    """Whether there is one worker only: nobody else's turn ever comes."""
    only_last_message: ClassVar[bool] = False
    """Bug M21: a reply counts only as the last message of a thread."""

    def supports(self, kind: str) -> bool:
        """What the model world has."""
        return kind in (
            *("connect", "message", "inmail", "withdraw_invite", "visit", "enrich", "log_in"),
            *("check_connection", "sync_relations", "sync_inbox"),
        )

    def open(self, sender: Sender, trace: Trace) -> AbstractAsyncContextManager[Session]:
        """A session for a sender."""
        return self._open(sender, trace)

    async def close(self) -> None:
        """Nothing is held."""

    @asynccontextmanager
    async def _open(self, sender: Sender, trace: Trace) -> AsyncIterator[Session]:
        trace.step("model_session")
        yield ModelSession(self, sender)

    async def moment(self, name: str) -> None:
        """A moment passes; somebody else's turn may come."""
        self.at_pause(name)
        self.society.until(self.clock.true)
        if self.is_alone:
            return
        await pause()
        self.society.until(self.clock.true)

    def luck(self, *key: object) -> float:
        """A number in [0, 1) for this key."""
        return chance(self.seed, "fault", *key).random()


@dataclass
class ModelSession:
    """One account's open door."""

    provider: ModelProvider
    sender: Sender

    async def enter(self) -> None:
        """The service may want to see the owner first."""
        await self.provider.moment("enter")
        faults, at = self.provider.faults, self.provider.clock.true.isoformat()
        luck = self.provider.luck("enter", self.sender.handle, at)
        if luck < faults.expired:
            raise NeedsHuman("login", "The session is over.")
        if luck < faults.expired + faults.challenged:
            raise NeedsHuman("pin", "The service wants a PIN.")

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        """What can be read, as it shows now."""
        await self.provider.moment("read")
        faults, at = self.provider.faults, self.provider.clock.true.isoformat()
        if self.provider.luck("read", self.sender.handle, at) < faults.transient:
            raise Transient("the service did not answer")
        match touchpoint:
            case CheckConnection() | Visit() | Enrich():
                return self._person_read(touchpoint)
            case SyncRelations():
                if not touchpoint.with_invitations:
                    return self._relations(touchpoint)
                sent = self._sent()
                await self.provider.moment("listed")
                return self._relations(touchpoint).model_copy(update={"invitations": sent})
            case SyncInbox():
                return self._inbox(touchpoint)
            case LogIn():
                return LoggedIn(profile_id=profile_of(self.sender.handle), how="login")
            case _:
                raise NotPossible("unsupported", "the model world has no such thing")

    def _person_read(self, touchpoint: CheckConnection | Visit | Enrich) -> Outcome:
        person = self.person(touchpoint)
        if isinstance(touchpoint, Visit):
            return Visited(public_identifier=person.slug, duration_s=1.0, scrolled=0.5)
        if isinstance(touchpoint, Enrich):
            profile = Profile(
                urn=f"urn:li:fsd_profile:{person.profile_id}",
                profile_id=person.profile_id,
                public_identifier=person.slug,
            )
            return Enriched(profile=profile)
        bond, now = self.bond(person), self.provider.society.now
        is_pending = bond.relation == "pending" and (bond.visible_at or now) <= now
        state: Literal["connected", "pending", "none"]
        state = "connected" if bond.relation == "connected" else "pending" if is_pending else "none"
        return ConnectionState(
            state=state,
            connected_at=shown(self.provider, bond.since) if state == "connected" else None,
            public_identifier=person.slug,
            profile_id=person.profile_id,
            member_id=person.member_id,
        )

    def _sent(self) -> SentInvitations:
        """Who has not answered, as the list shows it."""
        society, now = self.provider.society, self.provider.society.now
        items = [
            PendingInvitation(
                profile_id=person.profile_id, public_identifier=person.slug, member_id=person.member_id
            )
            for person in society.by_account.get(self.sender.handle, ())
            if (bond := person.bonds[self.sender.handle]).relation == "pending"
            and (bond.visible_at or now) <= now
            and not person.is_gone(now)
        ]
        return SentInvitations(items=items, complete=True, read_at=now)

    def _relations(self, asked: SyncRelations) -> RelationsRead:
        society, now = self.provider.society, self.provider.society.now
        found: list[Relation] = []
        for person in society.by_account.get(self.sender.handle, ()):
            bond = person.bonds[self.sender.handle]
            is_listed = bond.listed_at is not None and bond.listed_at <= now and not person.is_gone(now)
            if bond.relation != "connected" or not is_listed:
                continue
            since = shown(self.provider, bond.since)
            if asked.since is not None and since is not None and since < asked.since:
                continue
            found.append(
                Relation(
                    profile_id=person.profile_id,
                    public_identifier=person.slug,
                    member_id=person.member_id,
                    full_name=f"{person.first_name} {person.last_name}",
                    connected_at=since,
                )
            )
        found.sort(key=lambda one: (one.connected_at or now, one.profile_id), reverse=True)
        ended: Literal["since", "end"] = "since" if asked.since is not None else "end"
        return RelationsRead(relations=found, total=len(found), complete=True, ended_by=ended)

    def _inbox(self, asked: SyncInbox) -> Outcome:
        society, now = self.provider.society, self.provider.society.now
        found: list[InboxConversation] = []
        for person in society.by_account.get(self.sender.handle, ()):
            words = [one for one in person.bonds[self.sender.handle].words if one.visible_at <= now]
            last = shown(self.provider, words[-1].at) if words else None
            if last is None or (asked.since is not None and last < asked.since):
                continue
            newest = [
                InboxMessage(
                    message_urn=one.urn,
                    sender_profile_id=person.profile_id
                    if one.by == "person"
                    else profile_of(self.sender.handle),
                    is_own=one.by == "account",
                    text=one.text,
                    delivered_at=shown(self.provider, one.at),
                    origin_token=one.token,
                )
                for one in words[-asked.messages :]
            ]
            found.append(
                InboxConversation(
                    conversation_urn=f"urn:li:conv:{self.sender.handle}:{person.slug}",
                    participant_profile_ids=[person.profile_id],
                    participant_names=[f"{person.first_name} {person.last_name}"],
                    last_activity_at=last,
                    messages=newest,
                    complete=len(newest) == len(words),
                )
            )
        found.sort(key=lambda one: (one.last_activity_at or now, one.conversation_urn), reverse=True)
        is_cut = len(found) > asked.limit
        ended: Literal["limit", "since", "end"]
        ended = "limit" if is_cut else "since" if asked.since is not None else "end"
        return InboxRead(conversations=found[: asked.limit], complete=not is_cut, ended_by=ended)

    def person(self, touchpoint: TargetInput) -> Person:
        """Whom it is about, if they are still there."""
        found = self.provider.society.find(touchpoint.target.key)
        if found is None or found.is_gone(self.provider.society.now):
            raise NotPossible("profile_unavailable", "there is no such profile")
        return found

    def bond(self, person: Person) -> Bond:
        """What they are to this account."""
        return self.provider.society.bond(self.sender.handle, person)

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        """A touchpoint of the effect protocol."""
        assert isinstance(touchpoint, Connect | Message | InMail | WithdrawInvite)
        return ModelWrite(self, touchpoint, str(token))

    async def snapshot(self) -> Snapshot:
        """There is no screen."""
        return Snapshot(None, {})

    async def state(self) -> bytes | None:
        """Nothing to remember."""
        return None


def profile_of(handle: str) -> str:
    """The profile id of an account of ours."""
    return f"ACoAA{handle:_<34}"


def shown(provider: ModelProvider, at: datetime | None) -> datetime | None:
    """A time of the service; it is told in true time, whatever the product's clock says."""
    return at


@dataclass
class ModelWrite:
    """One irreversible touchpoint."""

    session: ModelSession
    touchpoint: Connect | Message | InMail | WithdrawInvite
    token: str
    looked_at: datetime | None = None

    @property
    def provider(self) -> ModelProvider:
        """The world's door."""
        return self.session.provider

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.provider.faults

    def met(self, what: Literal["act", "lost", "read_back", "look"], verdict: str = "") -> None:
        """Note what was asked for."""
        self.provider.calls.append(Call(self.provider.clock.true, what, self.token, verdict))
        self.provider.read_backs[self.token] += what == "read_back"

    async def prepare(self) -> Outcome | None:  # noqa: C901 - one row for each refusal
        """See whether there is anything to do, and whether it can be done."""
        await self.provider.moment("prepare")
        tries = self.provider.tries
        tries[self.token] = tries.get(self.token, 0) + 1
        luck = self.luck("prepare")
        if luck < self.faults.transient:
            raise Transient("the service did not answer")
        if luck < self.faults.transient + self.faults.changed:
            raise PageChanged("the button")
        person = self.session.person(self.touchpoint)
        if (worker := CURRENT.get()) is not None:
            worker.doing = (self.session.sender.handle, person)
        bond, now = self.session.bond(person), self.provider.society.now
        is_pending = bond.relation == "pending" and (bond.visible_at or now) <= now
        match self.touchpoint:
            case Connect() if bond.relation == "connected":
                return Invited(state="connected", noop=True, public_identifier=person.slug)
            case Connect() if is_pending:
                return Invited(state="pending", noop=True, public_identifier=person.slug)
            case Connect() if bond.relation == "declined":
                raise NotPossible("invite_cooldown", "they declined not long ago")
            case Connect() if person.is_shy:
                self.provider.society.note("refused", self.session.sender.handle, person, token=self.token)
                raise NotPossible("email_required", "only who knows their address may invite them")
            case Message() if bond.relation != "connected":
                raise NotPossible("not_connected", "only connections can be written to")
            case WithdrawInvite() if not is_pending:
                return Withdrawn(public_identifier=person.slug, noop=True)
        return None

    def luck(self, *key: object) -> float:
        """A number for this try of the run."""
        return self.provider.luck(*key, self.token, self.provider.tries.get(self.token, 0))

    async def last_look(self, look: LastLook) -> None:
        """Read the thread: anything after `since` that is not ours stops it."""
        await self.provider.moment("look")
        person, society = self.session.person(self.touchpoint), self.provider.society
        self.looked_at = society.now
        words = [one for one in self.session.bond(person).words if one.visible_at <= society.now]
        if self.provider.only_last_message:
            words = words[-1:]
        for word in words:
            is_ours = word.token in look.own_tokens or word.text in look.own_notes
            if word.at <= look.since - self.provider.clock.skew or is_ours:
                continue
            if word.by == "person":
                raise NotPossible("replied_already", "they wrote")
            raise NotPossible("operator_wrote", "the operator wrote by hand")

    async def act(self, intent: Intent) -> Accepted:
        """Do it, once; the answer may be lost on the way."""
        await self.provider.moment("act")
        luck, faults = self.luck("act"), self.faults
        if luck < faults.throttled:
            raise Throttled(
                "rate_limited", "too many requests", until=self.provider.clock.now() + timedelta(minutes=20)
            )
        luck -= faults.throttled
        if luck < faults.lost_before:
            self.met("lost", "before")
            raise Uncertain("the answer was lost")
        luck -= faults.lost_before
        if luck < faults.hang_before:
            self.met("lost", "before")
            self.provider.clock.advance(self.provider.attempt_timeout)
            await run_out(self.provider.attempt_timeout + timedelta(seconds=1))
        luck -= faults.hang_before
        if self.provider.clock.now() >= intent.act_before:
            raise Transient("the time to act is over", code="act_window_closed")
        await intent.last_check()
        self._commit()
        self.met("act")
        await self.provider.moment("acted")
        if luck < faults.lost_after:
            self.met("lost", "after")
            raise Uncertain("the answer was lost")
        if luck < faults.lost_after + faults.hang_after:
            self.met("lost", "after")
            self.provider.clock.advance(self.provider.attempt_timeout)
            await run_out(self.provider.attempt_timeout + timedelta(seconds=1))
        return Accepted(Evidence("write", {"token": self.token}))

    def _commit(self) -> None:
        person, society = self.session.person(self.touchpoint), self.provider.society
        handle, bond = self.session.sender.handle, self.session.bond(person)
        match self.touchpoint:
            case Connect(note=note):
                self._within_the_week()
                society.invited(handle, person, note or "", self.token, self.looked_at)
            case Message(message=text):
                if bond.relation != "connected":
                    raise NotPossible("not_connected", "only connections can be written to")
                society.written_to("message", handle, person, text, self.token, self.looked_at)
            case InMail(body=text):
                society.written_to("inmail", handle, person, text, self.token, self.looked_at)
            case WithdrawInvite():
                bond.relation, bond.since = "none", society.now
                society.note("withdraw", handle, person, token=self.token)

    def _within_the_week(self) -> None:
        """The service lets an account invite so many people in a week, and says when the next one begins."""
        society, handle = self.provider.society, self.session.sender.handle
        monday = (society.now - timedelta(days=society.now.weekday())).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        invited_at = society.invited_at.get(handle, [])
        sent = len(invited_at) - bisect_left(invited_at, monday)
        if sent >= self.faults.invites_per_week:
            until = monday + timedelta(days=7) + self.provider.clock.skew
            raise Throttled("weekly_limit", "you reached the weekly limit", until=until)

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:  # noqa: ARG002 - the port has it
        """What reads show of it."""
        for after in LOOKS_S:
            self.provider.clock.advance(timedelta(seconds=after))
            await self.provider.moment("confirm")
            found = self._seen()
            if found is not None:
                return found, Evidence("read", {"token": self.token})
        return None

    def _seen(self) -> Outcome | None:
        """The outcome, when it shows by now."""
        person, now = self.session.person(self.touchpoint), self.provider.society.now
        bond = self.session.bond(person)
        match self.touchpoint:
            case Connect(note=note):
                if bond.invited_token != self.token or (bond.visible_at or now) > now:
                    return None
                state: Literal["connected", "pending"]
                state = "connected" if bond.relation == "connected" else "pending"
                return Invited(
                    state=state,
                    note_sent=bool(note),
                    public_identifier=person.slug,
                    profile_id=person.profile_id,
                )
            case WithdrawInvite():
                is_out = bond.relation == "pending"
                return None if is_out else Withdrawn(public_identifier=person.slug)
        shown_words = (one for one in bond.words if one.token == self.token and one.visible_at <= now)
        word = next(shown_words, None)
        if word is None:
            return None
        kind = MessageSent if isinstance(self.touchpoint, Message) else InMailSent
        return kind(message_urn=word.urn, public_identifier=person.slug, profile_id=person.profile_id)

    async def abandon(self) -> None:
        """Nothing is left behind."""

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002 - the port has it
        """What became of it, as far as reads show."""
        await self.provider.moment("read_back")
        number = self.provider.read_backs[self.token]
        if self.provider.luck("tell", self.token, number) < self.faults.cannot_tell:
            self.met("read_back", "cannot_tell")
            return ReadBack("cannot_tell")
        found = self._seen()
        self.met("read_back", "found" if found else "absent")
        if found is None:
            return ReadBack("absent")
        return ReadBack("found", found, Evidence("read", {"token": self.token}))
