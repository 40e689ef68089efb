"""How Unipile writes times and flags, read leniently and written strictly."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM: Final = 100_000_000_000  # smaller numbers are seconds: as milliseconds they mean 1973
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_TRUE: Final = frozenset({"1", "true", "yes"})
_FALSE: Final = frozenset({"0", "false", "no"})


def read_moment(value: object) -> datetime | None:
    """The instant meant by an ISO text or by epoch milliseconds or seconds; None when it is neither."""
    if isinstance(value, datetime):
        return _aware(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    try:
        if isinstance(value, (int, float)):
            unit = timedelta(milliseconds=1) if abs(value) >= MILLISECONDS_FROM else timedelta(seconds=1)
            return EPOCH + value * unit
        if isinstance(value, str):
            return _aware(datetime.fromisoformat(value.strip()))
    except (ValueError, OverflowError):
        return None
    return None


def write_moment(moment: datetime) -> str:
    """An instant as requests must have it: UTC, milliseconds and `Z`."""
    if moment.tzinfo is None:
        raise ValueError("a time without zone means nothing to Unipile")
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def write_epoch(moment: datetime) -> int:
    """An instant as epoch milliseconds, which resynchronisation wants."""
    if moment.tzinfo is None:
        raise ValueError("a time without zone means nothing to Unipile")
    return (moment - EPOCH) // timedelta(milliseconds=1)


def read_flag(value: object) -> bool | None:
    """A yes or no written as boolean, 0/1 or text; None when it is none of these."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def _aware(moment: datetime) -> datetime:
    """In UTC; a time without zone is taken for UTC, as everything at Unipile."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


Moment = Annotated[datetime | None, BeforeValidator(read_moment)]
Flag = Annotated[bool | None, BeforeValidator(read_flag)]
