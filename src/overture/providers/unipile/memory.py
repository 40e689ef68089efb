"""What an account's session remembers from run to run: limits it met in a row, and refused notes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

RESTS: Final = (timedelta(hours=4), timedelta(hours=24), timedelta(days=7))
"""How long a kind of act rests after the first, the second and every further limit in a row."""
IN_A_ROW: Final = timedelta(hours=24)  # a limit this long after the rest before it is the first of a new row
REFUSED_NOTES: Final = 20


@dataclass(frozen=True)
class Strike:
    """How often in a row one kind of act met a limit, and when it did last."""

    count: int
    at: datetime

    @property
    def rest(self) -> timedelta:
        """How long it rests after this one."""
        return RESTS[min(self.count, len(RESTS)) - 1]


@dataclass
class Memory:
    """What is kept with the session, as JSON."""

    strikes: dict[str, Strike] = field(default_factory=dict)
    without_note: list[str] = field(default_factory=list)
    """Tokens of the runs whose note was refused: their next attempt goes without, whichever worker it is."""

    def strike(self, family: str, now: datetime, *, at_least: int = 1) -> datetime:
        """Count a limit; until when this kind of act rests."""
        last = self.strikes.get(family)
        is_next = last is not None and now < last.at + last.rest + IN_A_ROW
        count = max(last.count + 1 if last is not None and is_next else 1, at_least)
        made = Strike(min(count, len(RESTS)), now)
        self.strikes[family] = made
        return now + made.rest

    def went_well(self, family: str) -> None:
        """An act of this kind was taken: the next limit is the first again."""
        self.strikes.pop(family, None)

    def leave_out_note(self, token: str) -> None:
        """The run's further attempts go without its note."""
        self.without_note = [*self.without_note, token][-REFUSED_NOTES:]

    def as_bytes(self) -> bytes:
        """As it is stored."""
        strikes = {name: [one.count, one.at.isoformat()] for name, one in self.strikes.items()}
        return json.dumps({"strikes": strikes, "without_note": self.without_note}, sort_keys=True).encode()


def remembered(state: bytes | None) -> Memory:
    """What was stored; nothing, when it cannot be read."""
    try:
        found = json.loads(state or b"{}")
        strikes = {
            str(name): Strike(int(count), datetime.fromisoformat(at))
            for name, (count, at) in found.get("strikes", {}).items()
        }
        tokens: Sequence[object] = found.get("without_note", [])
        return Memory(strikes, [str(token) for token in tokens])
    except (ValueError, TypeError, AttributeError):
        return Memory()
