"""How long a text may be before LinkedIn cuts or refuses it."""

from typing import Final, Literal

Tier = Literal["free", "paid"]

NOTE_LIMITS: Final[dict[Tier | None, int]] = {"free": 200, "paid": 300, None: 300}
"""Of a note with an invitation; the API's own limit where the account's tier is unknown."""

COMMENT_LIMIT: Final = 1250


def text_length(text: str) -> int:
    """The length on the stricter of the possible counts: UTF-16 units, never fewer than code points."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def note_fits(note: str, tier: Tier | None = None) -> bool:
    """Whether an account of this tier may send this note."""
    return text_length(note) <= NOTE_LIMITS[tier]
