"""Ids: UUIDv7 inside, a readable prefix with Crockford base 32 outside (`run_01J…`)."""

from typing import Final
from uuid import UUID

from overture.core.clock import Clock
from overture.core.rng import Rng

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
TEXT_LENGTH: Final = 26  # 128 bits, five to a character
PAIRS: Final = tuple(high + low for high in ALPHABET for low in ALPHABET)
"""What ten bits are written as."""
SHIFTS: Final = range(120, -1, -10)


class Ids:
    """Makes ids from the clock and chance it was given, so that a seed repeats them."""

    def __init__(self, clock: Clock, rng: Rng) -> None:
        self._clock = clock
        self._rng = rng

    def new(self) -> UUID:
        """A UUIDv7 (RFC 9562): milliseconds first, so that ids sort by time."""
        millis = int(self._clock.now().timestamp() * 1000)
        value = (millis & ((1 << 48) - 1)) << 80
        value |= 0x7 << 76 | self._rng.bits(12) << 64
        value |= 0b10 << 62 | self._rng.bits(62)
        return UUID(int=value)

    def token(self) -> UUID:
        """A UUIDv4-shaped token, as browsers make them for `originToken`."""
        value = self._rng.bits(128)
        value = value & ~(0xF << 76) | 0x4 << 76
        value = value & ~(0b11 << 62) | 0b10 << 62
        return UUID(int=value)


def public_id(prefix: str, value: UUID) -> str:
    """The outside form of an id, `run_` and 26 characters."""
    number = value.int
    return f"{prefix}_{''.join([PAIRS[number >> shift & 1023] for shift in SHIFTS])}"


def read_public_id(prefix: str, text: str) -> UUID | None:
    """The id inside an outside form, or None when it is not one of this prefix."""
    head, _, digits = text.partition("_")
    if head != prefix or len(digits) != TEXT_LENGTH or any(d not in ALPHABET for d in digits):
        return None
    number = 0
    for digit in digits:
        number = number * 32 + ALPHABET.index(digit)
    return UUID(int=number) if number < 1 << 128 else None
