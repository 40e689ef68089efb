"""What is kept for a while only, and not at all of an erased person: files that wait to be taken in, and
answers to requests that may be repeated.
"""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import read_public_id
from overture.db import expire_answers
from overture.entrypoints.api.outreach.import_acts import folder_of
from overture.entrypoints.bootstrap import App
from overture.people import Erased, Forget, importing
from overture.people.importing import Import, Reading

log = structlog.get_logger()

ANSWERS_KEPT: Final = timedelta(hours=48)
"""Clients may repeat a request for at least a day (docs/reference/api.md)."""
FILES_KEPT: Final = timedelta(days=7)
EVERY: Final = timedelta(hours=1)
OUTAGE: Final = (SQLAlchemyError, psycopg.Error, OSError)
NOT_STARTED: Final = "Nobody started it within 7 days, so its file was removed. Upload it again."
NAMES_ERASED: Final = "A person in it was erased, so its file was removed. Upload it again without them."


async def keep_tidy(app: App) -> None:
    """Tidy now and every hour, until cancelled; an outage is logged and outlived."""
    while True:
        try:
            await tidy(app)
        except OUTAGE as error:
            log.warning("tidying.failed", error=f"{type(error).__name__}: {error}")
        await app.clock.sleep(EVERY)


async def tidy(app: App) -> None:
    """Forget answers nobody asks for again, and files nobody goes on with."""
    now = app.now()
    async with app.sessions.begin() as db:
        await expire_answers(db, now - ANSWERS_KEPT)
    waiting = await asyncio.to_thread(files_in, folder_of(app))
    async with app.sessions.begin() as db:
        old = await importing.at_rest(db, waiting, now - FILES_KEPT)
        await importing.give_up(db, old, NOT_STARTED, now)
    for imported in old:
        waiting[imported.id].unlink(missing_ok=True)


def files_in(folder: Path) -> dict[UUID, Path]:
    """The files of imports, by import."""
    found = ((read_public_id("imp", path.name), path) for path in sorted(folder.glob("imp_*")))
    return {import_id: path for import_id, path in found if import_id is not None}


def forgets_files(app: App) -> Forget:
    """What removes the files an erased person stands in: imports of them end, and say why.

    One under way reads on (whoever is erased is left out of it), and cannot be taken up again after a crash.
    """

    async def forget(db: AsyncSession, erased: Erased, now: datetime) -> None:
        files = await asyncio.to_thread(files_in, folder_of(app))
        naming = [
            imported
            for imported in await importing.of(db, files)
            if await asyncio.to_thread(names, files[imported.id], imported, erased)
        ]
        await importing.give_up(db, naming, NAMES_ERASED, now)
        for imported in naming:
            files[imported.id].unlink(missing_ok=True)

    return forget


def names(path: Path, imported: Import, erased: Erased) -> bool:
    """Whether a row of the file gives the person away."""
    rows = importing.records(path, Reading.restored(imported.reading))
    try:
        return any(erased.words.search("\n".join([*one.cells, " ".join(one.cells)])) for one in rows)
    except FileNotFoundError:  # it was taken in meanwhile
        return False
