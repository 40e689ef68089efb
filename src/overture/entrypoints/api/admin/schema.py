"""Routes of the database's schema: whether it is this version's, and bringing it there."""

import asyncio
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from overture.core.errors import Conflict
from overture.db import append_event, migrate
from overture.db.migrate import SchemaStanding
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.problems import declared
from overture.entrypoints.bootstrap import App

router = APIRouter(prefix="/api/v1/admin/migrations", tags=["admin"], dependencies=[needs_key])


class SchemaView(BaseModel):
    """Which schema the database is at, and which this process knows."""

    state: Literal["current", "behind", "ahead", "empty"] = Field(
        description="`ahead`: a newer version has migrated the database; this process is old. "
        "`behind`: this process is new, and the database has not been upgraded."
    )
    present: str | None = Field(description="The revision the database is at.", examples=["0009"])
    newest: str = Field(description="The newest revision this process knows.", examples=["0009"])
    pending: list[str] = Field(description="Migrations still to be carried out.")


class SchemaUpgraded(SchemaView):
    """The same after an upgrade."""

    was: str | None = Field(description="The revision it was at before.")
    changed: bool


@router.get("/status", responses=declared())
async def show_schema(app: Product) -> SchemaView:
    """Whether the database's schema is the one this process knows."""
    return SchemaView.model_validate(facts_of(await asyncio.to_thread(migrate.standing, app.database_url)))


@router.post("/upgrade", responses=declared(409))
async def upgrade_schema(app: Product, by: By) -> SchemaUpgraded:
    """Bring the database to this process's schema; done twice it changes nothing more.

    Processes upgrade when they start, so this is for a database that was put back meanwhile.
    """
    return await upgrade(app, by)


async def upgrade(app: App, by: str) -> SchemaUpgraded:
    """Upgrade, unless the database is ahead of this process."""
    before = await asyncio.to_thread(migrate.standing, app.database_url)
    if before.state == "ahead":
        entry = PROBLEMS["schema_ahead"]
        facts = {"present": before.present, "newest": before.newest}
        raise Conflict("schema_ahead", entry.meaning, fix=entry.fix, **facts)
    if before.state != "current":
        await asyncio.to_thread(migrate.upgrade, app.database_url)
        async with app.sessions.begin() as db:
            data = {"from": before.present, "to": before.newest, "by": by}
            await append_event(db, app.now(), "admin.schema_upgraded", data=data)
    after = await asyncio.to_thread(migrate.standing, app.database_url)
    changed = before.present != after.present
    return SchemaUpgraded.model_validate({**facts_of(after), "was": before.present, "changed": changed})


def facts_of(found: SchemaStanding) -> dict[str, object]:
    """What is shown of it."""
    return {
        "state": found.state,
        "present": found.present,
        "newest": found.newest,
        "pending": list(found.pending),
    }
