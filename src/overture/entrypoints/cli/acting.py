"""Commands that change something in one transaction, and what several nouns share."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import NotFound
from overture.core.ids import read_public_id
from overture.entrypoints.api.outreach.asking import rehearsed
from overture.entrypoints.api.outreach.campaign_acts import by_words
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.opened import with_app
from overture.entrypoints.cli.output import print_one

M = TypeVar("M", bound=BaseModel)
Act = Callable[[App, AsyncSession], Awaitable[M]]

DryRun = Annotated[bool, typer.Option("--dry-run", help="Do it all and keep nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000)]


def done(act: Act[M], *, dry_run: bool = False) -> M:
    """What came of an act in a transaction of its own."""
    return with_app(lambda app: rehearsed(app, dry_run, lambda db: act(app, db)))


def show_done(act: Act[M], *, dry_run: bool = False) -> None:
    """Do it, and print how it stands."""
    print_one(done(act, dry_run=dry_run).model_dump(mode="json"))


async def campaign_of(db: AsyncSession, words: str) -> UUID:
    """The campaign of an id or a name."""
    found = read_public_id("cmp", words)
    if found is not None:
        return found
    named = await by_words(db, words)
    if named is None:
        raise NotFound(
            "campaign_not_found",
            f"There is no campaign {words[:60]!r}.",
            fix="See `overture campaigns list`.",
        )
    return named.id
