"""The time zones there are, looked up once: to find them all, Python walks the folders of the system."""

from functools import cache
from zoneinfo import available_timezones


@cache
def zones() -> frozenset[str]:
    """Every name of the IANA database."""
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Whether this is one of them; the most usual one needs no look."""
    return name == "UTC" or name in zones()


def known_zone(name: str) -> str:
    """The zone, if it is one; for fields of requests."""
    if not is_zone(name):
        raise ValueError(f"{name!r} is not an IANA time zone like Europe/Berlin")
    return name
