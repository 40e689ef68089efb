"""Instants and days as a client writes them: RFC 3339 text with a zone, and ISO dates; never numbers."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, WithJsonSchema

RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def with_zone(value: object) -> object:
    """Only RFC 3339 text: no numbers, no local times."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        raise ValueError("must be an RFC 3339 time with a zone, like 2026-03-02T09:00:00Z")
    return value


def in_utc(value: datetime) -> datetime:
    """The same instant in UTC."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the times that can be told in UTC") from None


def as_day(value: object) -> object:
    """Only `YYYY-MM-DD`: 0 would be a day of 1970."""
    if type(value) is date or (isinstance(value, str) and ISO_DAY.fullmatch(value)):
        return value
    raise ValueError("must be a date like 2026-03-02")


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(with_zone),
    AfterValidator(in_utc),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-02T09:00:00Z"]}),
]
"""An instant; UTC in answers, any zone but never none in requests."""

Day = Annotated[date, BeforeValidator(as_day)]
"""A day of the calendar."""
