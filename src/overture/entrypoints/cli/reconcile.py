"""`overture reconcile connections …`: who accepted long ago, and nobody told."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import public_id
from overture.entrypoints.api.outreach import reconciliation_acts as acts
from overture.entrypoints.api.outreach.fields import uuid_in
from overture.entrypoints.api.outreach.reconciliation_shapes import Begun, ReconciliationView, Wish
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.acting import Limit, campaign_of, show_done
from overture.entrypoints.cli.opened import person, with_app
from overture.entrypoints.cli.output import print_one, print_rows, rows_of

commands = typer.Typer(
    help="Reconciling what the service says with what is known here.", no_args_is_help=True
)

COLUMNS = ("reconciliation_id", "handle", "state", "dry_run", "counts", "created_at", "finished_at", "by")
ReconciliationId = Annotated[str, typer.Argument(help="The reconciliation's id, rec_….")]


@commands.command()
def connections(  # noqa: PLR0913, PLR0917 - options of a command
    handle: Annotated[str | None, typer.Argument(help="The account; all that may act when absent.")] = None,
    state: Annotated[str | None, typer.Option(help="What they are to each other, with commas.")] = None,
    stage: Annotated[str | None, typer.Option(help="Stages of leads, with commas.")] = None,
    campaign: Annotated[list[str] | None, typer.Option(help="Leads of this one; may be repeated.")] = None,
    since: Annotated[str | None, typer.Option(help="Read back to here: 2026-01-31T00:00:00Z.")] = None,
    limit: Annotated[int | None, typer.Option(help="The most connections to read.")] = None,
    resolve: Annotated[
        str, typer.Option(help="invited, all or none: whose profile may be read.")
    ] = "invited",
    profile_reads: Annotated[int | None, typer.Option(help="The most profiles to read.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report; change nothing.")] = False,
    why: Annotated[str | None, typer.Option(help="Kept with it and in the event log.")] = None,
) -> None:
    """Compare connections with the leads, in the background: a planner and a worker carry it on."""
    given = {
        "states": split(state),
        "stages": split(stage),
        "since": since,
        "limit": limit,
        "resolve": resolve,
        "profile_reads": profile_reads,
        "dry_run": dry_run,
        "why": why,
    }

    async def begun(app: App, db: AsyncSession) -> ReconciliationView | Begun:
        ids = [public_id("cmp", await campaign_of(db, one)) for one in campaign or ()]
        said = {name: value for name, value in given.items() if value is not None}
        wish = Wish.model_validate({**said, "campaign_ids": ids})
        if handle is None:
            return await acts.begin_all(app, db, wish, person())
        return await acts.begin(app, db, handle, wish, person())

    show_done(begun)


@commands.command("list")
def list_reconciliations(
    handle: Annotated[str | None, typer.Option(help="Of this account.")] = None, limit: Limit = 50
) -> None:
    """Reconciliations, newest first."""

    async def listed(app: App) -> list[ReconciliationView]:
        return [one for _, one in await acts.page(app, handle, None, limit)]

    print_rows(rows_of(with_app(listed)), COLUMNS)


@commands.command()
def show(reconciliation_id: ReconciliationId) -> None:
    """How far one is, or what came of it."""
    found = uuid_in("rec", reconciliation_id)
    print_one(with_app(lambda app: acts.show(app, found)).model_dump(mode="json"))


@commands.command()
def cancel(reconciliation_id: ReconciliationId) -> None:
    """Call one off; what it had found out stays."""
    found = uuid_in("rec", reconciliation_id)
    show_done(lambda app, db: acts.cancel(app, db, found, person()))


def split(words: str | None) -> list[str]:
    """The words between commas."""
    return [one.strip() for one in words.split(",") if one.strip()] if words else []
