"""Questions only the pages ask: numbers over all accounts, filtered runs, and what changed in the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.db import Sessions
from overture.runs import Run
from overture.touchpoints import Category

NOT_OVER: Final = ("pending", "running", "held")
WINDOWS: Final[Mapping[str, timedelta]] = {"24h": timedelta(hours=24), "7d": timedelta(days=7)}
ONE_DAY: Final = timedelta(days=1)
SPENT: Final = ("intended", "confirmed", "unknown")
READS: Final = ("profile_read", "search", "sync")
CHART_DAYS: Final = 14
CATEGORIES: Final = get_args(Category)


@dataclass(frozen=True)
class Place:
    """How far the log has been looked at."""

    xid: str = "0"
    event_id: int = 0
    messages: tuple[UUID, ...] = ()
    """The newest messages of the inbox: the log does not tell of those nobody is known for."""


NEWEST: Final = text("""
select xid::text, id from events where xid < pg_snapshot_xmin(pg_current_snapshot())
order by xid desc, id desc limit 1
""")
CHANGED: Final = text("""
select xid::text, id, type, run_id from events
where (xid, id) > (cast(:xid as xid8), :event_id) and xid < pg_snapshot_xmin(pg_current_snapshot())
order by xid, id limit 1000
""")


# Several, so that one that is committed a little later than a newer one is noticed as well.
NEWEST_MESSAGES: Final = text("select message_id from inbox_messages order by message_id desc limit 20")
SAID: Final = "inbox.message"


async def newest(sessions: Sessions) -> Place:
    """The end of the log, and of the inbox."""
    async with sessions() as db:
        row = (await db.execute(NEWEST)).first()
        messages = tuple(await db.scalars(NEWEST_MESSAGES))
    return Place(row[0], row[1], messages) if row is not None else Place(messages=messages)


async def changed_since(sessions: Sessions, place: Place) -> tuple[Place, list[tuple[str, UUID | None]]]:
    """Types and runs of the events after a place, and the place after them."""
    async with sessions() as db:
        rows = (await db.execute(CHANGED, {"xid": place.xid, "event_id": place.event_id})).all()
        messages = tuple(await db.scalars(NEWEST_MESSAGES))
    found = [(row[2], row[3]) for row in rows]
    found += [(SAID, None)] if messages != place.messages else []
    xid, event_id = (rows[-1][0], rows[-1][1]) if rows else (place.xid, place.event_id)
    return Place(xid, event_id, messages), found


LATEST: Final = text("""
select type, run_id, at >= :since
from (select type, run_id, at from events order by id desc limit :most) as latest
""")
MOST_LATEST: Final = 300
SAID_LATELY: Final = text("select exists(select from inbox_messages where message_id >= :first)")


async def changed_lately(sessions: Sessions, since: datetime) -> list[tuple[str, UUID | None]] | None:
    """Types and runs of the events since an instant; None: too many to tell them apart."""
    async with sessions() as db:
        rows = (await db.execute(LATEST, {"since": since, "most": MOST_LATEST})).all()
        is_said = await db.scalar(SAID_LATELY, {"first": first_id(since)})
    if len(rows) == MOST_LATEST and all(row[2] for row in rows):
        return None
    return [(row[0], row[1]) for row in rows if row[2]] + ([(SAID, None)] if is_said else [])


@dataclass(frozen=True)
class Wanted:
    """Which runs a page shows; None is no condition. Each is a part of the address."""

    status: tuple[str, ...] = ()
    handle: str | None = None
    type: str | None = None
    code: str | None = None
    tag: str | None = None
    effect: str | None = None
    category: str | None = None
    acted: str | None = None
    """`24h` or `7d`: acted so long ago at most."""
    acted_on: date | None = None
    """Acted on this day, UTC."""
    created: str | None = None
    """`24h` or `7d`: submitted so long ago at most."""


def first_id(at: datetime) -> UUID:
    """The least id that can be made at an instant: ids sort by time."""
    return UUID(int=(int(at.timestamp() * 1000) & ((1 << 48) - 1)) << 80)


def matching(wanted: Wanted, now: datetime) -> Select[Run]:
    """The query for a filter."""
    query = select(Run)
    equal = (
        (Run.handle, wanted.handle),
        (Run.touchpoint_type, wanted.type),
        (Run.error_code, wanted.code),
        (Run.effect, wanted.effect),
        (Run.category, wanted.category),
    )
    for column, value in equal:
        query = query.where(column == value) if value is not None else query
    if wanted.status:
        query = query.where(Run.status.in_(wanted.status))
    if wanted.tag is not None:
        query = query.where(Run.tags.contains([wanted.tag]))
    if wanted.acted is not None:
        query = query.where(acted_from(now - WINDOWS[wanted.acted]))
    if wanted.acted_on is not None:
        day = datetime.combine(wanted.acted_on, datetime.min.time(), UTC)
        query = query.where(Run.effect.in_(SPENT), Run.intended_at >= day, Run.intended_at < day + ONE_DAY)
    if wanted.created is not None:
        query = query.where(Run.id >= first_id(now - WINDOWS[wanted.created]))
    return query


def acted_from(at: datetime) -> ColumnElement[bool]:
    """What counts against a limit since then: acts that may have happened, and readings that began."""
    return or_(
        and_(Run.effect.in_(SPENT), Run.intended_at > at),
        and_(Run.category.in_(READS), Run.started_at > at),
    )


async def runs_page(
    db: AsyncSession, query: Select[Run], *, before: UUID | None, upto: UUID | None, size: int
) -> Sequence[Run]:
    """Runs newest first, older than the cursor, and none newer than when the page was opened."""
    if before is not None:
        query = query.where(Run.id < before)
    if upto is not None:
        query = query.where(Run.id <= upto)
    return (await db.scalars(query.order_by(Run.id.desc()).limit(size))).all()


async def newer(db: AsyncSession, query: Select[Run], than: UUID, most: int) -> int:
    """How many runs came since a page was opened, counted up to a number."""
    found = query.where(Run.id > than).limit(most).subquery()
    return await db.scalar(select(func.count()).select_from(found)) or 0


UNSETTLED: Final = select(Run.status, func.count()).where(Run.status.in_(NOT_OVER)).group_by(Run.status)


@dataclass(frozen=True)
class Tiles:
    """The numbers of the home page."""

    waiting: int
    running: int
    held: int
    sent_24h: int
    sent_7d: int
    failed_24h: int
    failed_7d: int


# One index entry after another for each account and kind of act: the cost follows what was sent of late.
SENT: Final = text("""
select count(*) filter (where sent.intended_at > :day), count(*)
from accounts cross join unnest(cast(:categories as text[])) as kind(category)
cross join lateral (
    select intended_at from runs
    where account_id = accounts.id and category = kind.category and effect = 'confirmed'
        and effect in ('intended', 'confirmed', 'unknown') and intended_at > :week
) as sent
""")
SENT_BY_DAY: Final = text("""
select (sent.intended_at at time zone 'UTC')::date as day,
    count(*) filter (where sent.effect = 'confirmed'), count(*) filter (where sent.effect <> 'confirmed')
from accounts cross join unnest(cast(:categories as text[])) as kind(category)
cross join lateral (
    select intended_at, effect from runs
    where account_id = accounts.id and category = kind.category
        and effect in ('intended', 'confirmed', 'unknown') and intended_at >= :since
) as sent group by day
""")


async def tiles(db: AsyncSession, now: datetime) -> Tiles:
    """What is under way, and what was done of late."""
    day, week = now - WINDOWS["24h"], now - WINDOWS["7d"]
    counted = {row[0]: row[1] for row in await db.execute(UNSETTLED)}
    sent_24h, sent_7d = (
        await db.execute(SENT, {"day": day, "week": week, "categories": list(CATEGORIES)})
    ).one()
    failed = select(
        func.count().filter(Run.id >= first_id(day)),
        func.count(),
    ).where(Run.status == "failed", Run.id >= first_id(week))
    failed_24h, failed_7d = (await db.execute(failed)).one()
    return Tiles(
        waiting=counted.get("pending", 0),
        running=counted.get("running", 0),
        held=counted.get("held", 0),
        sent_24h=sent_24h,
        sent_7d=sent_7d,
        failed_24h=failed_24h,
        failed_7d=failed_7d,
    )


@dataclass(frozen=True)
class Day:
    """What was sent on one day."""

    day: date
    proved: int
    unknown: int


async def sent_by_day(db: AsyncSession, now: datetime) -> list[Day]:
    """The last days with what was sent on each, oldest first; a day with nothing is there too."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=CHART_DAYS - 1)
    since = datetime.combine(first, datetime.min.time(), UTC)
    rows = await db.execute(SENT_BY_DAY, {"since": since, "categories": list(CATEGORIES)})
    found = {row[0]: (row[1], row[2]) for row in rows}
    days = [first + timedelta(days=number) for number in range(CHART_DAYS)]
    return [Day(day, *found.get(day, (0, 0))) for day in days]


async def coming(db: AsyncSession, until: datetime, size: int, handle: str | None = None) -> Sequence[Run]:
    """Runs that are looked at by then, soonest first; all, or those of one account."""
    query = select(Run).where(Run.admitted_at.is_(None), Run.next_at.is_not(None), Run.next_at <= until)
    query = query.where(Run.handle == handle) if handle is not None else query
    return (await db.scalars(query.order_by(Run.next_at, Run.id).limit(size))).all()


async def codes_of_late(db: AsyncSession, now: datetime) -> list[str]:
    """Error codes of runs submitted within the last week."""
    query = select(Run.error_code).where(Run.id >= first_id(now - WINDOWS["7d"]), Run.error_code.is_not(None))
    return sorted(code for code in await db.scalars(query.distinct()) if code is not None)
