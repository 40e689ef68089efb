"""What every write about one member has in common: who they are is settled first, a page is opened last."""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from overture.core.errors import NotPossible, PageChanged
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity, resolve
from overture.touchpoints import Outcome, Rehearsed
from overture.touchpoints.profile import Profile, RelationshipState
from overture.touchpoints.target import TargetInput

W = TypeVar("W", bound=TargetInput)
T = TypeVar("T")


class MemberWrite(ABC, Generic[W]):
    """One write about one member, up to its act.

    Opening somebody's page is a visit they may be told of. What LinkedIn's data says is asked before, and is
    all that a rehearsal asks.
    """

    on_page: ClassVar[tuple[str, ...]]
    """What only the member's own page tells."""

    def __init__(self, desk: Desk, touchpoint: W, token: UUID) -> None:
        self._desk = desk
        self._touchpoint = touchpoint
        self._token = token
        self._identity: Identity | None = None

    async def prepare(self) -> Outcome | None:
        """Ask LinkedIn's data; unless there is nothing to do, bring the page to one act before done."""
        done = await self._ask()
        if done is None:
            await self._open()
        return done

    async def rehearse(self) -> Rehearsed:
        """Ask LinkedIn's data, and leave the member's page alone."""
        done = await self._ask()
        return Rehearsed(done, () if done is not None else self.on_page)

    @abstractmethod
    async def _ask(self) -> Outcome | None:
        """An outcome when there is nothing to do; raises when it cannot be done. Opens no page."""

    @abstractmethod
    async def _open(self) -> None:
        """Open the member's page and make everything ready for the one act."""

    async def _meet(self) -> Profile:
        """Settle who the member is; nobody acts towards themselves."""
        self._identity, profile = await resolve(self._desk, self._touchpoint.target)
        if profile.relationship.state is RelationshipState.SELF:
            raise NotPossible("self", "this is the account's own profile")
        return profile

    def _known(self) -> Identity:
        return ready(self._identity)


def ready(thing: T | None) -> T:
    """What preparing has made ready; to ask for it earlier is a mistake of ours."""
    if thing is None:
        raise PageChanged("what has to be prepared first", code="not_prepared")
    return thing
