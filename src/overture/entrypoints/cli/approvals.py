"""`overture approvals …`: texts a person sees before they are sent."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from overture.entrypoints.api.outreach import approval_acts
from overture.entrypoints.api.outreach.approval_acts import ApprovalFilter, ApprovalView
from overture.entrypoints.api.outreach.fields import uuid_in
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.acting import DryRun, Limit, Yes, campaign_of, show_done
from overture.entrypoints.cli.opened import person, with_app
from overture.entrypoints.cli.output import print_rows, rows_of
from overture.entrypoints.cli.perform import text_of

commands = typer.Typer(help="Approvals: texts a person sees before they are sent.", no_args_is_help=True)

COLUMNS = ("approval_id", "state", "handle", "channel", "step", "text", "created_at")
ApprovalId = Annotated[str, typer.Argument(help="The approval's id, apr_….")]


@commands.command("list")
def list_approvals(
    state: Annotated[str, typer.Option(help="Of these states, with commas.")] = "pending",
    campaign: Annotated[str | None, typer.Option(help="Of this campaign (id or name).")] = None,
    limit: Limit = 50,
) -> None:
    """Approvals, newest first."""

    async def listed(app: App) -> list[ApprovalView]:
        async with app.sessions() as db:
            campaign_id = await campaign_of(db, campaign) if campaign else None
            wanted = ApprovalFilter(tuple(state.split(",")), campaign_id)
            return await approval_acts.views(db, await approval_acts.page(db, wanted, None, limit))

    print_rows(rows_of(with_app(listed)), COLUMNS)


@commands.command()
def approve(
    approval_id: ApprovalId,
    content_hash: Annotated[
        str | None, typer.Option("--hash", help="Only if the text is still the one of this hash.")
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Let exactly this text go out; without --hash it is shown and asked."""
    found = uuid_in("apr", approval_id)
    if content_hash is None and yes:
        raise typer.BadParameter("--yes needs --hash: what is approved must be what was read.")

    async def approved(app: App, db: AsyncSession) -> ApprovalView:
        seen = await approval_acts.show(db, found)
        if content_hash is None:
            typer.echo(seen.text or "", err=True)
            typer.confirm(f"Send this from {seen.handle}?", abort=True, err=True)
        return await approval_acts.approve(app, db, found, content_hash or seen.content_hash, person())

    show_done(approved, dry_run=dry_run)


@commands.command()
def reject(
    approval_id: ApprovalId,
    note: Annotated[str | None, typer.Option(help="Kept with it.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Do not send it; the enrollment pauses."""
    found = uuid_in("apr", approval_id)
    show_done(lambda app, db: approval_acts.reject(app, db, found, note, person()), dry_run=dry_run)


@commands.command()
def edit(
    approval_id: ApprovalId,
    field: Annotated[str, typer.Argument(help="message, note, subject, …")],
    text: Annotated[str | None, typer.Option(help="What it is to be.")] = None,
    text_file: Annotated[Path | None, typer.Option(help="The same, byte for byte from a file.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Change a text; it is then to be approved as it is."""
    if (text is None) == (text_file is None):
        raise typer.BadParameter("give --text or --text-file.")
    found = uuid_in("apr", approval_id)
    fields = {field: text_of(text_file) if text_file is not None else text or ""}
    show_done(lambda app, db: approval_acts.edit(app, db, found, fields, person()), dry_run=dry_run)
