"""What a handler works with in one session: client, account at Unipile, clock, what is remembered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

from overture.core.clock import Clock
from overture.core.errors import Failure, PageChanged, Transient
from overture.core.settings import Settings
from overture.providers.unipile import client as api
from overture.providers.unipile.known import KnownPeople
from overture.providers.unipile.memory import Memory
from overture.providers.unipile.verdict import Doing, failure_of
from overture.touchpoints import Intent, Sender, Trace

CLOCK_TOLERANCE: Final = timedelta(seconds=1)
"""The server's clock is known to the second only; a reply within it stops the send rather than not."""
SHARE_OF_ATTEMPT: Final = 0.6  # what a long list brought by then is kept, with where to go on

T = TypeVar("T")


@dataclass
class ServerClock:
    """How far the server's clock is from ours."""

    clock: Clock
    skew: timedelta = timedelta(0)

    def note(self, headers: Mapping[str, str]) -> None:
        """Read the server's clock off an answer."""
        try:
            dated = parsedate_to_datetime(headers.get("date", ""))
        except ValueError:
            return
        aware = dated if dated.tzinfo is not None else dated.replace(tzinfo=UTC)
        self.skew = aware - self.clock.now()


@dataclass(frozen=True)
class Workspace:
    """The one client of this process, and the clock of the server it speaks to."""

    client: api.UnipileClient
    times: ServerClock
    people: KnownPeople = field(default_factory=KnownPeople)


@dataclass(frozen=True)
class Owner:
    """The member the account is, and what they pay for."""

    profile_id: str
    slug: str | None = None
    features: frozenset[str] = field(default_factory=frozenset)
    features_told: bool = False
    """Whether these are all there are."""

    @property
    def tier(self) -> api.Tier:
        """What decides how long a note may be."""
        return "paid" if self.features else "free"


@dataclass
class Desk:
    """One session's tools."""

    sender: Sender
    settings: Settings
    clock: Clock
    workspace: Workspace
    trace: Trace
    memory: Memory
    account: str
    """The account's id at Unipile."""
    owner: Owner = field(default_factory=lambda: Owner(""))

    @property
    def client(self) -> api.UnipileClient:
        """The workspace's client."""
        return self.workspace.client

    def there(self, moment: datetime) -> datetime:
        """An instant of ours as the server's clock had it, and a little earlier: for looking from it on."""
        return moment + self.workspace.times.skew - CLOCK_TOLERANCE

    def over(self, intended_at: datetime) -> datetime:
        """When an act intended at an instant was over whatever became of it, by the server's clock."""
        longest = self.settings.act_window + self.settings.unipile_timeout
        return intended_at + longest + self.workspace.times.skew + CLOCK_TOLERANCE

    async def settled(self) -> None:
        """Wait as long as a message that was accepted is given to show."""
        await self.clock.sleep(timedelta(seconds=max(self.settings.unipile_confirm, default=0.0)))

    def failure(self, error: api.UnipileError, doing: Doing) -> Failure:
        """What the error means for the run."""
        self.trace.step("refused", doing=doing, status=error.status, site_code=error.slug)
        return failure_of(error, doing, self.memory, self.clock.now())

    async def release(self, intent: Intent) -> None:
        """The last thing before the one irreversible call: may it still be made?"""
        await intent.last_check()
        if self.clock.now() >= intent.act_before:
            raise Transient("the time in which the act may begin had passed", code="act_window_passed")

    async def fire(self, intent: Intent, doing: Doing, call: Callable[[], Awaitable[T]]) -> T:
        """Make the one call, within its window; its refusal as a failure."""
        await self.release(intent)
        try:
            answer = await call()
        except api.UnipileError as error:
            raise self.failure(error, doing) from error
        self.memory.went_well(doing)
        return answer

    async def keep_looking(self, look: Callable[[], Awaitable[T | None]]) -> T | None:
        """Look at the settled times after the act; a read that fails is a look that showed nothing.

        Whatever goes wrong here, the act was accepted: no failure may leave that would mean "not done".
        """
        waited = 0.0
        for at in self.settings.unipile_confirm:
            await self.clock.sleep(timedelta(seconds=max(0.0, at - waited)))
            waited = max(waited, at)
            try:
                found = await look()
            except (Failure, api.UnipileError) as error:
                self.trace.step("confirm", found=False, error=type(error).__name__)
                continue
            self.trace.step("confirm", found=found is not None, after_s=at)
            if found is not None:
                return found
        return None

    def patience(self, share: float = SHARE_OF_ATTEMPT) -> Callable[[], bool]:
        """Asked before each further page of a long list; false when there is no time for another."""
        until = self.clock.monotonic() + (self.settings.attempt_timeout * share).total_seconds()
        return lambda: self.clock.monotonic() < until


def ready(thing: T | None) -> T:
    """What preparing has made ready; to ask for it earlier is a mistake of ours."""
    if thing is None:
        raise PageChanged("what has to be prepared first", code="not_prepared")
    return thing
