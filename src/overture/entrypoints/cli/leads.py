"""`overture leads …`: the people there are."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from overture import people
from overture.entrypoints.api.outreach import lead_acts
from overture.entrypoints.api.outreach.fields import uuid_in
from overture.entrypoints.api.outreach.lead_shapes import ErasedView, LeadDetail, LeadView
from overture.entrypoints.api.outreach.lead_views import lead_detail, lead_views
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.acting import Limit, Yes, campaign_of, done
from overture.entrypoints.cli.imports import import_file
from overture.entrypoints.cli.opened import person, with_app
from overture.entrypoints.cli.output import print_json, print_one, print_rows, rows_of
from overture.people import LeadFilter
from overture.people.exporting import leads_csv, vcard_of

commands = typer.Typer(help="Leads: the people we may want to reach.", no_args_is_help=True)
commands.command("import")(import_file)

COLUMNS = ("lead_id", "name", "title", "company_name", "stage", "suppressed")
LeadId = Annotated[str, typer.Argument(help="The lead's id, lead_….")]
Stages = Annotated[str | None, typer.Option("--stage", help="Of these stages, with commas.")]
Words = Annotated[str | None, typer.Option("-q", help="Words of a name or company, or a whole address.")]


def stages_in(text: str | None) -> tuple[str, ...]:
    """The stages of an option, or a refusal of the command."""
    found = tuple(text.upper().split(",")) if text else ()
    unknown = sorted(set(found) - set(people.STAGES))
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is no stage; they are {', '.join(people.STAGES)}.")
    return found


@commands.command("list")
def list_leads(
    stage: Stages = None,
    q: Words = None,
    campaign: Annotated[str | None, typer.Option(help="In this campaign (id or name).")] = None,
    suppressed: Annotated[bool | None, typer.Option(help="Only those (not) to be contacted.")] = None,
    limit: Limit = 50,
) -> None:
    """Leads, newest first."""
    stages = stages_in(stage)

    async def listed(app: App) -> list[LeadView]:
        async with app.sessions() as db:
            campaign_id = await campaign_of(db, campaign) if campaign else None
            wanted = lead_acts.Wanted(LeadFilter(stages=stages, search=q), campaign_id, suppressed)
            return await lead_views(app, db, await lead_acts.first_leads(app, db, wanted, limit))

    rows = rows_of(with_app(listed))
    for row in rows if sys.stdout.isatty() else ():
        row["name"] = row["full_name"] or " ".join(filter(None, (row["first_name"], row["last_name"])))
        row["suppressed"] = row["suppressed"] and row["suppressed"]["reason"]
    print_rows(rows, COLUMNS)


@commands.command()
def show(lead_id: LeadId) -> None:
    """One person: keys, relationships, campaigns, merges."""
    found = uuid_in("lead", lead_id)

    async def shown(app: App) -> LeadDetail:
        async with app.sessions() as db:
            return await lead_detail(app, db, await people.by_id(db, found))

    print_one(with_app(shown).model_dump(mode="json"))


@commands.command()
def export(
    lead_id: Annotated[str | None, typer.Argument(help="Only this one: everything that is stored.")] = None,
    vcard: Annotated[bool, typer.Option("--vcard", help="Of one lead: a card for an address book.")] = False,
    stage: Stages = None,
    q: Words = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Into this file.")] = None,
) -> None:
    """Leads as CSV; of one lead everything that is stored, as JSON or vCard."""
    if lead_id is None:
        if vcard:
            raise typer.BadParameter("--vcard is of one lead.")
        export_all(LeadFilter(stages=stages_in(stage), search=q), output)
        return
    found = uuid_in("lead", lead_id)

    async def told(app: App) -> dict[str, object] | str:
        async with app.sessions() as db:
            if vcard:
                return await vcard_of(db, await people.by_id(db, found))
            return await lead_acts.dossier(app, db, found)

    content = with_app(told)
    if isinstance(content, dict) and output is None:
        print_json(content)
        return
    write(content, output)


def write(content: dict[str, object] | str, output: Path | None) -> None:
    """Put it into the file, or on stdout."""
    import json  # noqa: PLC0415

    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False) + "\n"
    if output is None:
        sys.stdout.write(text)
        return
    output.write_bytes(text.encode())


def export_all(wanted: LeadFilter, output: Path | None) -> None:
    """Write the CSV file, a part at a time."""

    async def written(app: App) -> None:
        file = output.open("w", encoding="utf-8", newline="") if output is not None else sys.stdout
        try:
            async with app.sessions() as db:
                async for part in leads_csv(db, wanted):
                    file.write(part)
        finally:
            if output is not None:
                file.close()

    with_app(written)


@commands.command()
def erase(lead_id: LeadId, yes: Yes = False) -> None:
    """Erase a person for good; hashes keep them from ever being contacted or stored again."""
    found = uuid_in("lead", lead_id)
    if not yes:
        typer.confirm(f"Erase {lead_id} for good?", abort=True, err=True)
    erased: ErasedView = done(lambda app, db: lead_acts.erase(app, db, found, person()))
    print_one(erased.model_dump(mode="json"))
