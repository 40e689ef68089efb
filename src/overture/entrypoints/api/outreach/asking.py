"""Requests that change something: rehearsed (`dry_run`), or repeated safely (`Idempotency-Key`)."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Header, Query, Request, Response, status
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from overture.db import Asked, earlier_answer, keep_answer
from overture.entrypoints.api.access import author_of
from overture.entrypoints.api.runs import KEY_PATTERN
from overture.entrypoints.bootstrap import App

WRITE: Final = (400, 413, 415)
M = TypeVar("M", bound=BaseModel)
Act = Callable[[AsyncSession], Awaitable[M]]

DryRun = Annotated[
    bool, Query(description="Do it all and keep nothing: the answer is what would have come about.")
]


def or_ok(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The answer of what creates when nothing had to be made: it was there, or a rehearsal."""
    return {200: {"model": model, "description": "It was there already, or this was a rehearsal."}}


async def rehearsed(app: App, dry_run: bool, act: Act[M]) -> M:
    """Do it in one transaction; a rehearsal is taken back at the end."""
    async with app.sessions() as db:
        made = await act(db)
        await (db.rollback() if dry_run else db.commit())
    return made


@dataclass(frozen=True)
class Asking:
    """A request that creates something, with the key it may be repeated under."""

    request: Request
    response: Response
    key: str | None

    @property
    def by(self) -> str:
        """Who asks, for the log."""
        return author_of(self.request)

    async def once(
        self, app: App, shape: type[M], act: Act[M], *, dry_run: bool = False, content: bytes | None = None
    ) -> M:
        """Do it, or give the first answer again; a rehearsal takes no key and keeps nothing.

        `content` is what was sent, or stands for it.
        """
        if dry_run:
            self.response.status_code = status.HTTP_200_OK
        if dry_run or self.key is None:
            return await rehearsed(app, dry_run, act)
        if content is None:
            content = await self.request.body()
        asked = Asked(self.key, self.fingerprint(content))
        async with app.sessions.begin() as db:
            earlier = await earlier_answer(db, asked, app.now())
            if earlier is not None:
                self.response.headers["Idempotent-Replayed"] = "true"
                return shape.model_validate(earlier)
            made = await act(db)
            await keep_answer(db, asked, made.model_dump(mode="json"))
            return made

    def fingerprint(self, content: bytes) -> str:
        """What tells this request from another one."""
        address = f"{self.request.method} {self.request.scope['path']}?{self.request.url.query}\n"
        return hashlib.sha256(address.encode() + content).hexdigest()


def asking(
    request: Request,
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(pattern=KEY_PATTERN, max_length=255, description="Repeating it gives the first answer again."),
    ] = None,
) -> Asking:
    """The request, ready to be done once."""
    return Asking(request, response, idempotency_key)


Ask = Annotated[Asking, Depends(asking)]
