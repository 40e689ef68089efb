"""`overture suppress …`: whom never to contact."""

from typing import Annotated, cast

import typer

from overture.entrypoints.api.outreach import suppressing
from overture.entrypoints.api.outreach.fields import uuid_in
from overture.entrypoints.api.outreach.suppressing import Person, SuppressionView
from overture.entrypoints.api.outreach.suppressions import NewSuppression
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.acting import DryRun, Limit, show_done
from overture.entrypoints.cli.exits import ExitCode
from overture.entrypoints.cli.opened import person, with_app
from overture.entrypoints.cli.output import print_one, print_rows, rows_of
from overture.people import suppression
from overture.people.suppression import SuppressionKind

commands = typer.Typer(help="Suppressions: whom never to contact.", no_args_is_help=True)

COLUMNS = ("suppression_id", "kind", "value", "reason", "created_at", "expires_at")


@commands.command()
def add(
    value: Annotated[str, typer.Argument(help="E-mail, domain, LinkedIn address, lead's id or company.")],
    kind: Annotated[str | None, typer.Option(help="person, email, domain, company or linkedin")] = None,
    reason: Annotated[str, typer.Option(help="opt_out, bounced, complained, declined or manual")] = "manual",
    note: Annotated[str | None, typer.Option(help="Kept with it.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Suppress somebody; without --kind, what the value looks like decides."""
    new = NewSuppression.model_validate(
        {"kind": kind or kind_of(value), "value": value, "reason": reason, "note": note}
    )
    wanted = suppression.Wanted(new.kind, new.value, new.reason, "cli", person(), new.note)
    show_done(lambda app, db: suppressing.add(app, db, wanted), dry_run=dry_run)


def kind_of(value: str) -> SuppressionKind:
    """What a value looks like."""
    text = value.strip().lower()
    if text.startswith("lead_"):
        return "person"
    if "linkedin." in text or "/in/" in text or text.startswith("urn:li:"):
        return "linkedin"
    if "@" in text:
        return "email"
    return "domain" if "." in text and " " not in text else "company"


@commands.command("list")
def list_suppressions(
    kind: Annotated[str | None, typer.Option(help="Of this kind.")] = None,
    reason: Annotated[str | None, typer.Option(help="For this reason.")] = None,
    lifted: Annotated[bool, typer.Option("--lifted", help="Those that were lifted.")] = False,
    limit: Limit = 50,
) -> None:
    """Suppressions, newest first."""
    wanted = suppression.SuppressionFilter(kind, reason, lifted)

    async def listed(app: App) -> list[SuppressionView]:
        async with app.sessions() as db:
            return [suppressing.view(one) for one in await suppression.page(db, wanted, None, limit)]

    print_rows(rows_of(with_app(listed)), COLUMNS)


@commands.command()
def lift(
    suppression_id: Annotated[str, typer.Argument(help="The suppression's id, sup_….")],
    as_admin: Annotated[
        bool, typer.Option("--as-admin", help="Even what the person asked for; needs --why.")
    ] = False,
    why: Annotated[str | None, typer.Option(help="Kept in the event log.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Allow contact again."""
    found = uuid_in("sup", suppression_id)
    if as_admin and not (why or "").strip():
        raise typer.BadParameter("--as-admin needs --why.")
    said = why if as_admin else None
    show_done(lambda app, db: suppressing.lift(app, db, found, person(), said), dry_run=dry_run)


@commands.command("test")
def test_address(
    value: Annotated[str, typer.Argument(help="E-mail, domain, LinkedIn address or company.")],
) -> None:
    """Whether somebody may be contacted; exit code 10 when not."""
    kind = kind_of(value)
    fields = {"email": "email", "linkedin": "linkedin_url", "domain": "domain", "company": "company"}
    if kind not in fields:
        raise typer.BadParameter("look at the lead instead: `overture leads show`.")
    asked = Person(**{fields[cast(str, kind)]: value})

    async def tried(app: App) -> suppressing.TestedAddress:
        async with app.sessions() as db:
            return await suppressing.tried(app, db, asked)

    found = with_app(tried)
    print_one(found.model_dump(mode="json"))
    raise typer.Exit(ExitCode.SUPPRESSED if found.suppressed else ExitCode.OK)
