"""`overture admin …`: reconciliation on demand, webhooks at the service, the schema, tokens."""

import asyncio
from typing import Annotated, Any

import typer

from overture.db import migrate
from overture.entrypoints import bootstrap
from overture.entrypoints.api.admin import schema, webhook_acts
from overture.entrypoints.api.admin.jobs import CatchUp, OfAccounts, Recount, done_now, show_jobs
from overture.entrypoints.api.admin.tokens import TokenWish, issued
from overture.entrypoints.api.admin.webhook_shapes import NewWebhookWish
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.opened import person, settings, with_app
from overture.entrypoints.cli.output import print_one, print_rows, rows_of
from overture.entrypoints.jobs import Scope

commands = typer.Typer(help="Reconciliation, webhooks at the service, schema, tokens.", no_args_is_help=True)

COLUMNS = ("job", "next_at", "held", "last")
WEBHOOK_COLUMNS = ("webhook_id", "source", "request_url", "is_ours", "is_right")
Handles = Annotated[list[str] | None, typer.Argument(help="Of these accounts; all when absent.")]
BaseUrl = Annotated[
    str | None, typer.Option(help="Where this server is reached from outside: https://app.example.")
]


@commands.command()
def jobs() -> None:
    """Every job of reconciliation: what came of it last, when it is done next, what holds it."""
    print_rows(rows_of(with_app(show_jobs).data), COLUMNS)


@commands.command()
def catch_up(
    handles: Handles = None,
    since: Annotated[str | None, typer.Option(help="From here on: 2026-01-31T00:00:00Z.")] = None,
) -> None:
    """Take in what the service has of messages and nobody told us of."""
    wish = CatchUp.model_validate({"handles": handles or None, "since": since})
    do("messages", Scope(handles=wish.handles, since=wish.since))


@commands.command()
def backfill_conversations(handles: Handles = None) -> None:
    """Give connected leads the conversation the service has with them."""
    do("conversations", Scope(handles=OfAccounts.model_validate({"handles": handles or None}).handles))


@commands.command()
def backfill_usage(
    handles: Handles = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="So many days.")] = 7,
) -> None:
    """Count anew what accounts did day by day."""
    wish = Recount.model_validate({"handles": handles or None, "days": days})
    do("rate_usage", Scope(handles=wish.handles, days=wish.days))


def do(job: str, scope: Scope) -> None:
    """Do a job, print what came of it; a failed one is an error."""
    view = with_app(lambda app: done_now(app, job, scope, by=person(), trigger="cli"))
    print_one(view.model_dump(mode="json"))
    if view.status != "completed":
        raise typer.Exit(1)


@commands.command()
def schema_status() -> None:
    """Which schema the database is at, and which this version knows; changes nothing."""

    async def looked() -> dict[str, Any]:
        async with bootstrap.database(settings()) as (url, _):
            return schema.facts_of(await asyncio.to_thread(migrate.standing, url))

    print_one(asyncio.run(looked()))


@commands.command()
def webhooks(base_url: BaseUrl = None) -> None:
    """Webhooks registered at Unipile, and whether they are ours and right."""
    found = with_app(lambda app: webhook_acts.listed(app, base_of(app, base_url)))
    print_rows(rows_of(found.data), WEBHOOK_COLUMNS)


@commands.command()
def webhook_add(
    source: Annotated[str, typer.Argument(help="users, messaging or account_status.")],
    base_url: BaseUrl = None,
) -> None:
    """Have one source delivered here."""
    wish = NewWebhookWish.model_validate({"source": source})
    found = with_app(lambda app: webhook_acts.ensure(app, base_of(app, base_url), (wish.source,), person()))
    print_one(found.model_dump(mode="json"))


@commands.command()
def webhook_remove(webhook_id: Annotated[str, typer.Argument(help="Its id at Unipile.")]) -> None:
    """Delete a webhook, ours or not."""
    with_app(lambda app: webhook_acts.delete(app, webhook_id, person()))
    print_one({"deleted": webhook_id})


@commands.command()
def webhooks_fix(base_url: BaseUrl = None) -> None:
    """Bring the webhooks to what they should be: one for each source, at its address, with our secret."""
    found = with_app(lambda app: webhook_acts.ensure(app, base_of(app, base_url), None, person()))
    print_one(found.model_dump(mode="json"))


@commands.command()
def token(
    name: Annotated[str, typer.Argument(help="Whose it is, for the log.")],
    scope: Annotated[list[str], typer.Option(help="read, write or admin; may be repeated.")],
    minutes: Annotated[int, typer.Option(min=1, help="How long it lives.")] = 60,
) -> None:
    """Make a token that opens a part of the API for a while; it is shown this once."""
    wish = TokenWish.model_validate({"name": name, "scopes": scope, "minutes": minutes})
    print_one(with_app(lambda app: issued(app, wish, person())).model_dump(mode="json"))


def base_of(app: App, given: str | None) -> str:
    """Where this server is reached from outside."""
    found = given or app.settings.unipile_notify_url
    if found is None:
        raise typer.BadParameter("give --base-url, or set OVERTURE_UNIPILE_NOTIFY_URL.")
    return str(found).rstrip("/")
