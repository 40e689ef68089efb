"""What a handler works with in one session: the open page, the JSON behind it, the fuse, the account."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from overture.core.clock import Clock
from overture.core.errors import Failure, NeedsHuman, NotPossible, Restricted, Transient
from overture.core.settings import Settings
from overture.providers.linkedin_browser.fuse import Fuse
from overture.providers.linkedin_browser.pages import PageClass, Sight
from overture.providers.linkedin_browser.tab import Tab
from overture.providers.linkedin_browser.voyager.client import VoyagerClient
from overture.touchpoints import Sender, Trace


@dataclass
class Standing:
    """Whether the account's session still lives, and what it means when it does not."""

    has_credentials: bool
    is_dead: bool = False

    def session_expired(self) -> Failure:
        """Nothing was done. With credentials the next session logs in; without, a person must."""
        self.is_dead = True
        if self.has_credentials:
            return Transient("the LinkedIn session ended; the next attempt logs in", code="session_expired")
        return NeedsHuman("login", "the LinkedIn session ended and there are no credentials to log in with")

    def challenged(self, path: str) -> Failure:
        """LinkedIn wants to see a person; the session is kept as it is."""
        self.is_dead = True
        return NeedsHuman("challenge", "LinkedIn asks for a check that only a person can pass", path=path)


@dataclass
class Desk:
    """One session's tools."""

    sender: Sender
    settings: Settings
    clock: Clock
    tab: Tab
    fuse: Fuse
    trace: Trace
    standing: Standing
    me: str = ""
    client: VoyagerClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = VoyagerClient(self.tab, self.standing, self.clock, self.settings.browser_timeout)

    async def open(self, path: str) -> Sight:
        """Load a page as the logged-in member, or the failure that keeps one from it."""
        sight = await self.tab.goto(path)
        failure = self.failure_of(sight)
        if failure is not None:
            raise failure
        return sight

    async def tidy(self, closing: Callable[[], Awaitable[None]]) -> None:
        """Clean up as far as it goes: what fails here must not hide what happened before."""
        try:
            await closing()
        except Failure as failure:
            self.trace.step("tidy_failed", code=failure.code)

    def failure_of(self, sight: Sight) -> Failure | None:
        """What stands in the way on this page; None when it is an ordinary page."""
        match sight.page_class:
            case PageClass.LOGIN | PageClass.AUTHWALL:
                return self.standing.session_expired()
            case PageClass.CHECKPOINT:
                self.standing.is_dead = True
                return NeedsHuman(
                    sight.challenge, "LinkedIn asks for a check that only a person can pass", path=sight.path
                )
            case PageClass.RESTRICTED:
                self.standing.is_dead = True
                return Restricted("LinkedIn restricts this account", path=sight.path, title=sight.title)
            case PageClass.EMPTY:
                return Transient("LinkedIn served an empty page", code="empty_page", path=sight.path)
            case PageClass.NOT_FOUND:
                return NotPossible(
                    "profile_unavailable", "this LinkedIn page does not exist", path=sight.path
                )
            case _:
                return None
