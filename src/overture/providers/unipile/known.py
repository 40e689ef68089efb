"""Who was met lately, and who was not there: an id stays, so asking again is a read for nothing.

How the two stand and what the profile says changes, and is read afresh each time.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

MET_FOR: Final = timedelta(days=30)
MISSED_FOR: Final = timedelta(days=1)
MOST: Final = 20_000  # of all accounts of a workspace; the longest unasked go first

Key = tuple[str, str]
"""An account, and what somebody was asked for by: ids are those the acting account knows them by."""


@dataclass(frozen=True)
class Identity:
    """One member: the id that stays, and the slug of the moment."""

    profile_id: str
    slug: str


@dataclass
class KnownPeople:
    """What this process remembers of people; None stands for somebody who was not there."""

    kept: OrderedDict[Key, tuple[Identity | None, datetime]] = field(default_factory=OrderedDict)

    def met(self, key: Key, identity: Identity, now: datetime) -> None:
        """Remember who answers to this."""
        self._keep(key, identity, now + MET_FOR)

    def missed(self, key: Key, now: datetime) -> None:
        """Remember that nobody does."""
        self._keep(key, None, now + MISSED_FOR)

    def identity(self, key: Key, now: datetime) -> Identity | None:
        """Who answers to this, as far as is remembered."""
        return self._found(key, now)[0]

    def is_nobody(self, key: Key, now: datetime) -> bool:
        """Whether nobody did a short while ago."""
        identity, is_known = self._found(key, now)
        return is_known and identity is None

    def _found(self, key: Key, now: datetime) -> tuple[Identity | None, bool]:
        identity, until = self.kept.get(key, (None, now))
        if until <= now:
            self.kept.pop(key, None)
            return None, False
        self.kept.move_to_end(key)
        return identity, True

    def _keep(self, key: Key, identity: Identity | None, until: datetime) -> None:
        self.kept[key] = identity, until
        self.kept.move_to_end(key)
        if len(self.kept) > MOST:
            self.kept.popitem(last=False)
