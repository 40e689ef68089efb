"""`overture campaigns …`: plans for many people, from draft to archive."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml  # type: ignore[import-untyped]
from sqlalchemy.ext.asyncio import AsyncSession

from overture import campaigns
from overture.core.errors import Invalid
from overture.entrypoints.api.outreach import campaign_acts, enrollment_acts
from overture.entrypoints.api.outreach.campaign_acts import Act, CampaignFilter
from overture.entrypoints.api.outreach.campaign_shapes import (
    CampaignDetail,
    CampaignView,
    NewCampaignBody,
    PublishView,
    SequenceView,
    WhyView,
)
from overture.entrypoints.api.outreach.enrollment_shapes import StepText
from overture.entrypoints.api.outreach.fields import uuid_in
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.acting import DryRun, Limit, campaign_of, done, show_done
from overture.entrypoints.cli.exits import ExitCode
from overture.entrypoints.cli.opened import person, with_app
from overture.entrypoints.cli.output import print_one, print_rows, rows_of

commands = typer.Typer(help="Campaigns: sequences over many people.", no_args_is_help=True)

COLUMNS = ("campaign_id", "name", "state", "state_reason", "started_at", "created_at")
TEXT_COLUMNS = ("step", "variant", "channel", "touchpoint_type", "outcome", "text", "detail")
WHY_COLUMNS = ("code", "count", "next_at", "needs_someone", "sentence", "detail")

Words = Annotated[str, typer.Argument(help="The campaign's id or name.")]
SequenceFile = Annotated[Path | None, typer.Option("--sequence", "-f", help="A sequence, YAML or JSON.")]
Why = Annotated[str | None, typer.Option("--reason", help="Shown with it.")]


@commands.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    account: Annotated[
        list[str] | None, typer.Option("--account", help="A sender's handle, or handle=weight.")
    ] = None,
    sequence: Annotated[
        Path | None, typer.Option("--sequence", "-f", help="A sequence, YAML or JSON.")
    ] = None,
    template: Annotated[str | None, typer.Option(help="A sequence to start from.")] = None,
    settings: Annotated[Path | None, typer.Option(help="Settings, YAML or JSON.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Make a draft; it sends nothing before it is started."""
    chosen = document(settings) if settings else {}
    if account:
        chosen["accounts"] = dict(map(weighted, account))
    body = {"name": name, "template": template, "settings": chosen}
    new = NewCampaignBody.model_validate({**body, "sequence": document(sequence) if sequence else None})
    show_done(lambda app, db: campaign_acts.create(app, db, new, person()), dry_run=dry_run)


def weighted(text: str) -> tuple[str, int]:
    """A sender and its weight."""
    handle, _, weight = text.partition("=")
    if weight and not weight.isdigit():
        raise typer.BadParameter(f"a weight is a number, not {weight!r}.")
    return handle, int(weight or 1)


def document(path: Path) -> dict[str, Any]:
    """The object in a YAML or JSON file."""
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Invalid(
            "validation_error", f"{path} cannot be read: {error}", fix="Give YAML or JSON."
        ) from None
    if not isinstance(found, dict):
        raise Invalid("validation_error", f"{path} holds no object.", fix="Give YAML or JSON with an object.")
    return found


@commands.command()
def draft(
    campaign: Words,
    sequence: Annotated[
        Path | None, typer.Option("--sequence", "-f", help="Replace it by this file.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """The draft of the sequence; with a file, replace it."""
    body = document(sequence) if sequence else None

    async def replaced(app: App, db: AsyncSession) -> SequenceView:
        found = await campaigns.campaign_by_id(db, await campaign_of(db, campaign))
        if body is None:
            return await campaign_acts.draft_of(db, found)
        return await campaign_acts.put_sequence(app, db, found.id, body, found.revision, person())

    show_done(replaced, dry_run=dry_run)


@commands.command()
def validate(campaign: Words) -> None:
    """Every fault of the draft, and where people would go; exit code 5 when it cannot be published."""

    async def validated(app: App, db: AsyncSession) -> PublishView:
        return await campaign_acts.validated(app, db, await campaign_of(db, campaign))

    seen = done(validated)
    print_one(seen.model_dump(mode="json"))
    raise typer.Exit(ExitCode.OK if seen.is_valid else ExitCode.BAD_ARGUMENTS)


@commands.command()
def preview(campaign: Words, lead_id: Annotated[str, typer.Argument(help="A lead's id.")]) -> None:
    """Every text of the draft as this person would get it, enrolled or not."""
    lead = uuid_in("lead", lead_id)

    async def shown(app: App) -> list[StepText]:
        async with app.sessions() as db:
            return await enrollment_acts.texts_for(app, db, await campaign_of(db, campaign), lead)

    print_rows(rows_of(with_app(shown)), TEXT_COLUMNS)


@commands.command()
def publish(campaign: Words, dry_run: DryRun = False) -> None:
    """Put the draft in force; with --dry-run, show who would go where."""

    async def published(app: App, db: AsyncSession) -> PublishView:
        return await campaign_acts.publish(app, db, await campaign_of(db, campaign), person(), dry_run)

    show_done(published, dry_run=dry_run)


def acted(words: str, verb: Act, reason: str | None, dry_run: bool) -> None:
    """Carry out a verb and print how it stands."""

    async def act(app: App, db: AsyncSession) -> CampaignDetail:
        return await campaign_acts.act(app, db, await campaign_of(db, words), verb, person(), reason)

    show_done(act, dry_run=dry_run)


@commands.command()
def start(campaign: Words, dry_run: DryRun = False) -> None:
    """Let it send; a draft that was never published is published first."""
    acted(campaign, "start", None, dry_run)


@commands.command()
def pause(campaign: Words, reason: Why = None, dry_run: DryRun = False) -> None:
    """Let nothing of it begin."""
    acted(campaign, "pause", reason, dry_run)


@commands.command()
def resume(campaign: Words, dry_run: DryRun = False) -> None:
    """Let it go on."""
    acted(campaign, "resume", None, dry_run)


@commands.command()
def stop(campaign: Words, reason: Why = None, dry_run: DryRun = False) -> None:
    """End it for good."""
    acted(campaign, "stop", reason, dry_run)


@commands.command()
def archive(campaign: Words, dry_run: DryRun = False) -> None:
    """Put it away; its name is free again."""
    acted(campaign, "archive", None, dry_run)


@commands.command("list")
def list_campaigns(
    state: Annotated[str | None, typer.Option(help="Of these states, with commas.")] = None,
    limit: Limit = 50,
) -> None:
    """Campaigns, newest first."""
    wanted = CampaignFilter(tuple(state.split(",")) if state else ())

    async def listed(app: App) -> list[CampaignView]:
        async with app.sessions() as db:
            return await campaign_acts.views(db, await campaign_acts.page(db, wanted, None, limit))

    print_rows(rows_of(with_app(listed)), COLUMNS)


@commands.command()
def show(campaign: Words) -> None:
    """One campaign: its funnel, what its people wait for, every step's acts."""

    async def seen(app: App, db: AsyncSession) -> CampaignDetail:
        del app
        return await campaign_acts.detail(
            db, await campaigns.campaign_by_id(db, await campaign_of(db, campaign))
        )

    show_done(seen)


@commands.command()
def why(campaign: Words) -> None:
    """Everything that keeps it from sending now, the weightiest first."""

    async def told(app: App) -> list[WhyView]:
        async with app.sessions() as db:
            found = await campaigns.campaign_by_id(db, await campaign_of(db, campaign))
            reasons = await campaigns.why_not_sending(db, found, app.now())
        return [campaign_acts.why_view(one) for one in reasons]

    print_rows(rows_of(with_app(told)), WHY_COLUMNS)


@commands.command()
def templates() -> None:
    """Sequences to start from."""
    rows = [
        {"key": one.key, "name": one.sequence.name, "description": one.sequence.description}
        for one in campaigns.starters().values()
    ]
    print_rows(rows, ("key", "name", "description"))
