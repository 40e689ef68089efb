"""People for tests: taken in, suppressed, invited; each in one line."""

import base64
import hashlib
from typing import Any

from sqlalchemy import text

from overture import accounts, people, runs
from overture.entrypoints.bootstrap import App
from overture.people import Key, Lead, Mode, NewLead, Seen, Suppression, Taken, suppression
from overture.runs import Run, RunRequest
from overture.touchpoints import Message, Touchpoint


def profile_id(number: int) -> str:
    """A profile id as LinkedIn makes them, with the member number inside."""
    inside = b"\x00\x2a" + number.to_bytes(6) + b"\x01" + hashlib.sha1(str(number).encode()).digest()
    return base64.urlsafe_b64encode(inside).decode().rstrip("=")


async def take(app: App, mode: Mode = Mode(), /, **fields: Any) -> Taken:  # noqa: B008 - frozen
    """Take a person in, committed."""
    async with app.sessions.begin() as db:
        return await people.take_in(db, app.ids, app.now(), NewLead(**fields), "api", mode)


async def a_lead(app: App, **fields: Any) -> Lead:
    """The lead of a person who is taken in."""
    lead = (await take(app, **fields)).lead
    assert lead is not None
    return lead


async def see(app: App, lead: Lead) -> Lead:
    """The lead as it stands now."""
    async with app.sessions.begin() as db:
        return await people.by_id(db, lead.id)


async def keys_of(app: App, lead: Lead) -> list[Key]:
    """The lead's keys as they stand now."""
    async with app.sessions.begin() as db:
        return (await people.keys_of(db, [lead.id]))[lead.id]


async def suppress(app: App, kind: Any, value: str, reason: Any = "opt_out", **more: Any) -> Suppression:
    """Suppress somebody, committed."""
    wanted = suppression.Wanted(kind, value, reason, "test", "test", **more)
    async with app.sessions.begin() as db:
        return (await suppression.add(db, app.ids, app.now(), wanted)).suppression


async def suppressed(app: App, *leads: Lead) -> set[str]:
    """The ids of those of the leads that are suppressed."""
    async with app.sessions.begin() as db:
        return {str(one) for one in await people.is_suppressed(db, [lead.id for lead in leads], app.now())}


async def observe(app: App, handle: str, lead: Lead, seen: Seen) -> None:
    """Take down what was seen between an account and a lead, committed."""
    async with app.sessions.begin() as db:
        account = await accounts.by_handle(db, handle)
        await people.observe(db, account.id, lead.id, seen, app.now())


async def submit(app: App, touchpoint: Touchpoint, handle: str = "ada", **more: Any) -> Run:
    """Submit a run, committed."""
    async with app.sessions.begin() as db:
        request = RunRequest(handle, touchpoint, **more)
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


def hello(who: str) -> Message:
    """A message to a member."""
    return Message(public_identifier=who, message="Hello")


async def over(app: App, run: Run) -> Run | None:
    """The run once it is over."""
    async with app.sessions.begin() as db:
        found = await runs.by_id(db, run.id)
    return found if found.completed_at is not None else None


async def events(app: App, lead: Lead | None = None) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of every event of a lead, or of all, oldest first."""
    where = "where lead_id = :lead" if lead is not None else ""
    async with app.sessions.begin() as db:
        rows = await db.execute(
            text(f"select type, data from events {where} order by id"), {"lead": lead.id if lead else None}
        )
        return [(row.type, row.data) for row in rows]
