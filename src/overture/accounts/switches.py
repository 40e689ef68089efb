"""Kill switches: while one is on, nothing of its scope acts in the outside world.

`global` stops everyone, `channel` one channel, `account` one account. `file` is global too: it is how a
worker tells its fellows that a stop file lies on its machine. A switch that cannot be read counts as on.
"""

import asyncio
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, cast

from sqlalchemy import Table, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts.tables import Account, KillSwitch
from overture.db import append_event, columns_of, fetch_all

SwitchScope = Literal["global", "channel", "account", "file"]

FILE_PATIENCE_S: Final = 1.0
"""A folder that does not answer within this is one that cannot be read."""
NO_REASON: Final = "no reason was given"


class SwitchUnreadable(Exception):
    """Whether a kill switch is on cannot be told, so it counts as on."""


@dataclass(frozen=True)
class SwitchOrder:
    """A person's (or a file's) order: what, on or off, why, and who says so."""

    scope: SwitchScope
    subject: str
    """The channel's name, the account's id, the file's place; empty for `global`."""
    is_on: bool
    reason: str | None
    by: str


async def turn(db: AsyncSession, order: SwitchOrder, now: datetime) -> bool:
    """Carry the order out; whether that changed anything, which is then in the event log."""
    reason = order.reason or NO_REASON
    values = {"is_on": order.is_on, "reason": reason, "set_by": order.by, "since_at": now}
    statement = insert(cast(Table, KillSwitch.__table__)).values(
        scope=order.scope, subject=order.subject, **values
    )
    turned = await db.scalar(
        statement.on_conflict_do_update(
            index_elements=["scope", "subject"], set_=values, where=KillSwitch.is_on != order.is_on
        ).returning(KillSwitch.is_on)
    )
    if order.scope == "global" and not order.is_on:
        await forget_files(db, replace(order, scope="file"), now)
    if turned is None:
        return False
    await tell(db, order, now)
    return True


async def tell(db: AsyncSession, order: SwitchOrder, now: datetime) -> None:
    """The event of a switch that was turned."""
    data = {"scope": order.scope, "subject": order.subject, "on": order.is_on}
    reason = order.reason or NO_REASON
    await append_event(db, now, "system.kill_switch", data={**data, "reason": reason, "by": order.by})


async def forget_files(db: AsyncSession, order: SwitchOrder, now: datetime) -> None:
    """Let go of what stop files said; a file that still lies there is heard again within a tick."""
    said = update(KillSwitch).where(KillSwitch.scope == "file", KillSwitch.is_on)
    places = await db.scalars(said.values(is_on=False, since_at=now).returning(KillSwitch.subject))
    for place in places.all():
        await tell(db, replace(order, subject=place), now)


# Built once: it is asked at every boundary of every run.
COVERING: Final = (
    select(KillSwitch)
    .where(
        KillSwitch.is_on,
        or_(
            KillSwitch.scope.in_(("global", "file")),
            (KillSwitch.scope == "channel") & (KillSwitch.subject == bindparam("channel")),
            (KillSwitch.scope == "account") & (KillSwitch.subject == bindparam("account")),
        ),
    )
    .order_by(func.array_position(["global", "file", "channel", "account"], KillSwitch.scope))
    .limit(1)
)


STOPPED: Final = """
select true as is_stopped from kill_switches k join accounts a on a.id = :account
where k.is_on and (k.scope in ('global', 'file')
    or (k.scope = 'channel' and k.subject = a.channel) or (k.scope = 'account' and k.subject = a.id::text))
limit 1
"""
"""Whether any of them stops the account `:account`, as a part of a larger statement."""


async def stopping(db: AsyncSession, account: Account) -> KillSwitch | None:
    """The switch that stops this account, the widest first; None: none is on."""
    parameters = {"channel": account.channel, "account": str(account.id)}
    try:
        found: KillSwitch | None = await db.scalar(COVERING, parameters)
    except (OperationalError, InterfaceError):
        raise  # the database is away: nothing begins without it
    except DBAPIError as error:
        raise SwitchUnreadable(str(error.orig)) from error
    return found


ON: Final = text(f"""
select {columns_of(KillSwitch, "k")} from kill_switches k where k.is_on
order by array_position(array['global', 'file', 'channel', 'account'], k.scope), k.subject
""")


async def switches_on(db: AsyncSession) -> Sequence[KillSwitch]:
    """Every switch that is on, the widest first; to look at."""
    return await fetch_all(db, KillSwitch, ON, {})


def is_stopped(account: Account, switches: Sequence[KillSwitch]) -> bool:
    """Whether one of the switches that are on is for this account."""
    own = {"channel": account.channel, "account": str(account.id)}
    return any(one.scope not in own or one.subject == own[one.scope] for one in switches)


async def file_says(path: Path) -> str | None:
    """Why the stop file stops everyone, or None when it is certainly not there."""
    try:
        async with asyncio.timeout(FILE_PATIENCE_S):
            return await asyncio.to_thread(look_for, path)
    except TimeoutError:
        return f"{path} cannot be looked at: its folder does not answer"


def look_for(path: Path) -> str | None:
    """The same, in a thread. A file whose folder is not there may be on a disk that is not mounted."""
    try:
        path.lstat()
    except FileNotFoundError:
        return folder_trouble(path.parent)
    except OSError as error:
        return f"{path} cannot be looked at: {error.strerror}"
    return f"the file {path} is there"


def folder_trouble(folder: Path) -> str | None:
    """What keeps us from knowing that a folder does not hold the file."""
    try:
        mode = folder.stat().st_mode
    except OSError as error:
        return f"{folder} cannot be looked at: {error.strerror}"
    is_searchable = stat.S_ISDIR(mode) and os.access(folder, os.X_OK)
    return None if is_searchable else f"{folder} cannot be looked at"
