"""Imports at work beside the API: started by a request, gone on with when the server starts again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends, Request
from sqlalchemy.exc import DBAPIError

from overture.entrypoints.api.access import Product
from overture.entrypoints.api.outreach import import_acts
from overture.entrypoints.api.outreach.tidying import keep_tidy
from overture.entrypoints.bootstrap import App
from overture.people import importing

log = structlog.get_logger()


class Importer:
    """The imports this process is at."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    def run(self, import_id: UUID) -> None:
        """Take in an import that was confirmed."""
        self._begin(import_id, self._taken_in(import_id))

    def roll_back(self, import_id: UUID, by: str) -> None:
        """Take an import back."""
        self._begin(import_id, self._taken_back(import_id, by))

    async def go_on(self) -> None:
        """Go on with what was under way when the last process stopped, as far as its files are here."""
        async with self._app.sessions() as db:
            found = await importing.under_way(db)
        for import_id in found:
            if import_acts.file_of(self._app, import_id).exists():
                self.run(import_id)

    async def stop(self) -> None:
        """Let go of everything; what is stored stays, and the rest is gone on with later."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, import_id: UUID, work: Coroutine[None, None, None]) -> None:
        if import_id in self._tasks:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks[import_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(import_id, None))

    async def _taken_in(self, import_id: UUID) -> None:
        try:
            await import_acts.run(self._app, import_id)
        except (DBAPIError, OSError):  # it stays `running`, and is gone on with at the next start
            log.exception("import.interrupted", import_id=str(import_id))

    async def _taken_back(self, import_id: UUID, by: str) -> None:
        try:
            await importing.roll_back(import_acts.kit_of(self._app), import_id, by)
            import_acts.file_of(self._app, import_id).unlink(missing_ok=True)
        except (DBAPIError, OSError):
            log.exception("import.rollback_interrupted", import_id=str(import_id))


def the_importer(request: Request, app: Product) -> Importer:
    """The importer of this API; made when it is first needed."""
    found = getattr(request.app.state, "importer", None)
    if found is None:
        found = request.app.state.importer = Importer(app)
    assert isinstance(found, Importer)
    return found


AtWork = Annotated[Importer, Depends(the_importer)]


@contextlib.asynccontextmanager
async def at_work(app: App) -> AsyncIterator[Importer]:
    """An importer for as long as the server runs, and somebody who tidies."""
    importer = Importer(app)
    await importer.go_on()
    tidying = asyncio.create_task(keep_tidy(app))
    try:
        yield importer
    finally:
        tidying.cancel()
        await asyncio.gather(tidying, return_exceptions=True)
        await importer.stop()
