"""I8: every send lies in an allowed window of the account's zone, on every zone's days of clock changes."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from quota_house import House, a_house, mutated

from overture.accounts import Limits, WorkingHours, next_opening
from overture.runs import gate
from product import MakeApp

ZONES = sorted(available_timezones())
YEARS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
WEEKDAYS, EVERY_DAY = (0, 1, 2, 3, 4), tuple(range(7))
HOURS = (
    WorkingHours(),
    WorkingHours(days=EVERY_DAY, start=time(2, 30), end=time(12)),
    WorkingHours(days=EVERY_DAY, start=time(0, 15), end=time(2, 30)),
    WorkingHours(days=(6,), start=time(1, 45), end=time(2, 15)),
    WorkingHours(days=WEEKDAYS, start=time(20), end=time(0)),
)
AROUND = (-30, -3, -1, 0, 1, 9)  # hours from a clock change


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """Every noon before and after which the zone's offset differs."""
    at, day = YEARS[0], timedelta(days=1)
    before = at.astimezone(zone).utcoffset()
    while at < YEARS[1]:
        at += day
        offset = at.astimezone(zone).utcoffset()
        if offset != before:
            yield at
        before = offset


def may_send(hours: WorkingHours, zone: ZoneInfo, at: datetime) -> bool:
    """What a person reading the wall clock would say."""
    wall = at.astimezone(zone)
    minute = wall.hour * 3600 + wall.minute * 60 + wall.second
    start = hours.start.hour * 3600 + hours.start.minute * 60
    end = (hours.end.hour * 3600 + hours.end.minute * 60) or 24 * 3600
    return wall.weekday() in hours.days and start <= minute < end


def wrong(hours: WorkingHours, zone: ZoneInfo, now: datetime) -> str | None:
    """What is wrong with the opening after `now`, if anything is."""
    found = next_opening(hours, zone.key, now)
    where = f"{zone.key} {hours.start}-{hours.end} {now} -> {found}"
    if found < now:
        return f"in the past: {where}"
    if not may_send(hours, zone, found):
        return f"closed: {where}"
    looks = [now + timedelta(minutes=30) * step for step in range(int((found - now) / timedelta(minutes=30)))]
    looks.append(found - timedelta(seconds=1))
    if any(now <= look < found and may_send(hours, zone, look) for look in looks[-12:]):
        return f"not the earliest: {where}"
    return None


def test_every_zone_on_every_day_its_clock_changes() -> None:
    checked = 0
    found: list[str] = []
    for name in ZONES:
        zone = ZoneInfo(name)
        moments = list(changes(zone)) or [YEARS[0]]
        for moment in moments:
            for hours in HOURS:
                for shift in AROUND:
                    problem = wrong(hours, zone, moment - timedelta(hours=12) + timedelta(hours=shift))
                    checked += 1
                    found += [problem] if problem else []

    assert found == []
    assert checked > 10_000


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        # 02:00 to 03:00 does not exist: it opens when the gap ends
        ("Europe/Berlin", time(2, 30), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("America/New_York", time(2, 30), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        # half an hour only
        ("Australia/Lord_Howe", time(2, 15), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ],
)
def test_a_start_in_the_gap_opens_at_its_end(zone: str, start: time, expected: datetime) -> None:
    hours = WorkingHours(days=EVERY_DAY, start=start, end=time(12))

    assert next_opening(hours, zone, expected - timedelta(hours=2)) == expected


def test_a_repeated_hour_is_open_twice() -> None:
    hours = WorkingHours(days=EVERY_DAY, start=time(1), end=time(2, 30))
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 02:45 in Berlin, the first time
    again = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # 02:00, the second time

    assert next_opening(hours, "Europe/Berlin", between) == again


SENDERS = ("America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Berlin", "Pacific/Apia")


async def sends_out_of_hours(house: House) -> list[str]:
    """Messages from five zones around the days their clocks change: those sent when they should not be."""
    hours = WorkingHours(days=EVERY_DAY)
    for number, zone in enumerate(SENDERS):
        await house.account(f"a{number}", Limits(min_gap_s=0), zone=zone, working_hours=hours)
    for day in (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)):
        house.clock.jump(day - house.clock.now())
        for _ in range(4):
            for number in range(len(SENDERS)):
                await house.submit(f"a{number}", "message")
            await house.work()
            house.clock.advance(timedelta(hours=9))
    zones = {f"a{number}": ZoneInfo(zone) for number, zone in enumerate(SENDERS)}
    return [
        f"{sent.handle} at {sent.at.astimezone(zones[sent.handle])}"
        for sent in house.provider.sent
        if not may_send(hours, zones[sent.handle], sent.at)
    ]


async def test_nothing_is_sent_out_of_the_accounts_hours(make_app: MakeApp) -> None:
    house = await a_house(make_app, 8)

    assert await sends_out_of_hours(house) == []
    assert len(house.provider.sent) > 5


async def test_m24_working_hours_in_utc_for_everyone_are_caught(make_app: MakeApp) -> None:
    house = await a_house(make_app, 8)

    def in_utc(hours: WorkingHours, zone: str, now: datetime) -> datetime:
        """M24: the account's zone is not asked."""
        return next_opening(hours, "UTC", now)

    with mutated(gate, "next_opening", in_utc):
        assert await sends_out_of_hours(house) != []
