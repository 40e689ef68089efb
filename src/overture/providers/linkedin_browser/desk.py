"""What a handler works with in one session: the open page, the JSON behind it, the fuse, the account."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from overture.core.clock import Clock
from overture.core.errors import Failure, NeedsHuman, NotPossible, Restricted, Transient
from overture.core.settings import Settings
from overture.providers.linkedin_browser.fuse import Fuse
from overture.providers.linkedin_browser.pages import PageClass, Sight
from overture.providers.linkedin_browser.tab import Tab
from overture.providers.linkedin_browser.voyager.client import VoyagerClient, bot_wall, throttled
from overture.touchpoints import Sender, Trace

TOO_OFTEN: Final = "challenge_global_internal_error"
"""In the address of a check's page: it was tried too often and is over for good."""
ASKED_LIMIT: Final = 300
REFUSED_NOTES: Final = 20
"""How many runs are remembered; an account has one at a time, and its retries are not far apart."""
SENTENCES: Final[Mapping[str, str]] = {
    "pin": "LinkedIn asks for the code it has sent",
    "totp": "LinkedIn asks for a code from the authenticator app",
    "app_approval": "LinkedIn asks for a yes in its app",
    "captcha": "LinkedIn asks for a captcha to be solved by a person",
}
HAND_OVER: Final = "LinkedIn asks for a check that only a person can pass"
How = Literal["kept", "stored", "login", "answered"]
"""How a session came about."""


@dataclass(frozen=True)
class Waiting:
    """A check the site asked for, and the address at which this very browser finds it again."""

    kind: str
    address: str


@dataclass
class Standing:
    """Whether the account's session still lives, and what it means when it does not."""

    has_credentials: bool
    is_dead: bool = False
    waiting: Waiting | None = None
    """What has to be passed first; remembered with the session."""
    without_note: list[str] = field(default_factory=list)
    """Tokens of the runs whose note LinkedIn refused, so that their next attempt leaves it out, whichever
    worker it is; remembered with the session."""

    def leave_out_note(self, token: str) -> None:
        """The run's further attempts go without its note."""
        self.without_note = [*self.without_note, token][-REFUSED_NOTES:]

    def session_expired(self) -> Failure:
        """Nothing was done. With credentials the next session logs in; without, a person must."""
        self.is_dead = True
        if self.has_credentials:
            return Transient("the LinkedIn session ended; the next attempt logs in", code="session_expired")
        return NeedsHuman("login", "the LinkedIn session ended and there are no credentials to log in with")

    def challenged(self, path: str) -> Failure:
        """LinkedIn wants to see a person; the session is kept as it is."""
        self.is_dead = True
        self.waiting = Waiting("challenge", path)
        return NeedsHuman("challenge", HAND_OVER, path="/".join(path.split("/")[:3]))

    def asked(self, sight: Sight) -> Failure:
        """The page of a check: what it asks, in its own words, and where it is found again."""
        self.is_dead = True
        is_final = f"errorKey={TOO_OFTEN}" in sight.query
        self.waiting = None if is_final else Waiting(sight.challenge, sight.address)
        return NeedsHuman(
            sight.challenge,
            "LinkedIn takes no more answers to this check" if is_final else told(sight.challenge),
            path=sight.where,
            asked=" ".join(sight.text.split())[:ASKED_LIMIT],
            said=sight.said,
            is_final=is_final,
        )


def told(kind: str) -> str:
    """What the site asks for, in a sentence."""
    return SENTENCES.get(kind, HAND_OVER)


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
    how: How = "kept"
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
                return self.standing.asked(sight)
            case PageClass.RESTRICTED | PageClass.BOT_WALL | PageClass.THROTTLED:
                return self._turned_away(sight)
            case PageClass.EMPTY:
                return Transient("LinkedIn served an empty page", code="empty_page", path=sight.path)
            case PageClass.NOT_FOUND:
                return NotPossible(
                    "profile_unavailable", "this LinkedIn page does not exist", path=sight.path
                )
            case _:
                return None

    def _turned_away(self, sight: Sight) -> Failure:
        """The page concerns the account as a whole: for a while, or until a person has settled it."""
        if sight.page_class is PageClass.THROTTLED:
            return throttled("", sight.retry_after, self.clock.now(), scope="account")
        self.standing.is_dead = True
        if sight.page_class is PageClass.BOT_WALL:
            return bot_wall(path=sight.where)
        return Restricted("LinkedIn restricts this account", path=sight.where, title=sight.title)
