"""What every write about one member has in common: who they are is settled first, unnoticed."""

from typing import Generic, TypeVar
from uuid import UUID

from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk, ready
from overture.providers.unipile.known import Identity
from overture.providers.unipile.resolve import refuse_self, resolve
from overture.touchpoints import LastLook
from overture.touchpoints.target import TargetInput

W = TypeVar("W", bound=TargetInput)


class MemberWrite(Generic[W]):
    """One write about one member, up to its act."""

    def __init__(self, desk: Desk, touchpoint: W, token: UUID) -> None:
        self._desk = desk
        self._touchpoint = touchpoint
        self._token = token
        self._identity: Identity | None = None

    async def last_look(self, look: LastLook) -> None:
        """Nothing to look at, where nobody is written to."""

    async def abandon(self) -> None:
        """Nothing is open that could be left behind."""

    async def _meet(self) -> api.UserProfile:
        """Settle who the member is."""
        self._identity, profile = await resolve(self._desk, self._touchpoint.target)
        refuse_self(self._desk, profile)
        return profile

    def _known(self) -> Identity:
        return ready(self._identity)
