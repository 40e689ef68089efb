"""`overture enrollments …`: who is in a campaign, where they stand, and why they wait."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import public_id
from overture.entrypoints.api.outreach import enrollment_acts
from overture.entrypoints.api.outreach.enrollment_acts import Verb
from overture.entrypoints.api.outreach.enrollment_filter import EnrollmentFilter
from overture.entrypoints.api.outreach.enrollment_shapes import (
    EnrollmentDetail,
    EnrollmentReceipt,
    EnrollmentView,
    NewEnrollments,
    Recovered,
    StepText,
    ViolationView,
)
from overture.entrypoints.api.outreach.fields import uuid_in
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.acting import DryRun, Limit, campaign_of, show_done
from overture.entrypoints.cli.opened import person, with_app
from overture.entrypoints.cli.output import print_rows, rows_of

commands = typer.Typer(help="Enrollments: one person in one campaign each.", no_args_is_help=True)

COLUMNS = ("enrollment_id", "name", "state", "reason", "step", "handle", "next_action_at", "detail")
EnrollmentId = Annotated[str, typer.Argument(help="The enrollment's id, enr_….")]


@commands.command()
def add(
    campaign: Annotated[str, typer.Argument(help="The campaign's id or name.")],
    lead: Annotated[list[str] | None, typer.Option("--lead", help="A lead's id; may be repeated.")] = None,
    from_import: Annotated[str | None, typer.Option("--import", help="Everybody of this import.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Put people into a campaign; the receipt leaves nobody out."""

    async def enrolled(app: App, db: AsyncSession) -> EnrollmentReceipt:
        campaign_id = public_id("cmp", await campaign_of(db, campaign))
        new = NewEnrollments.model_validate(
            {"campaign_id": campaign_id, "lead_ids": lead or (), "from_import": from_import}
        )
        return await enrollment_acts.enroll(app, db, new, person(), dry_run)

    show_done(enrolled, dry_run=dry_run)


@commands.command("list")
def list_enrollments(
    campaign: Annotated[str | None, typer.Option(help="Of this campaign (id or name).")] = None,
    lead: Annotated[str | None, typer.Option(help="Of this person.")] = None,
    state: Annotated[str | None, typer.Option(help="Of these states, with commas.")] = None,
    reason: Annotated[str | None, typer.Option(help="For these reasons, with commas.")] = None,
    limit: Limit = 50,
) -> None:
    """Enrollments, newest first."""
    lead_id = uuid_in("lead", lead) if lead else None
    states, reasons = (tuple(text.split(",")) if text else () for text in (state, reason))

    async def listed(app: App) -> list[EnrollmentView]:
        async with app.sessions() as db:
            campaign_id = await campaign_of(db, campaign) if campaign else None
            wanted = EnrollmentFilter(campaign_id, lead_id, states, reasons)
            return await enrollment_acts.views(db, await enrollment_acts.page(db, wanted, None, limit))

    print_rows(rows_of(with_app(listed)), COLUMNS)


@commands.command()
def why(enrollment_id: EnrollmentId) -> None:
    """Why nothing happens now and until when, or why it is over."""
    found = uuid_in("enr", enrollment_id)
    show_done(lambda app, db: enrollment_acts.why(app, db, found))


@commands.command()
def preview(enrollment_id: EnrollmentId) -> None:
    """Every text of the sequence as this person would get it."""
    found = uuid_in("enr", enrollment_id)

    async def shown(app: App) -> list[StepText]:
        return await enrollment_acts.texts(app, found)

    print_rows(rows_of(with_app(shown)), ("step", "channel", "touchpoint_type", "outcome", "text", "detail"))


@commands.command()
def stuck() -> None:
    """Enrollments that wait silently: there should never be one."""

    async def found(app: App) -> list[ViolationView]:
        async with app.sessions() as db:
            return await enrollment_acts.stuck(app, db)

    print_rows(rows_of(with_app(found)), ("enrollment_id", "code", "sentence", "since"))


@commands.command()
def recover(
    enrollment_id: Annotated[str | None, typer.Argument(help="One; else all that are stuck.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Put what is stuck back on its way: it is decided upon anew, and the log says who asked."""
    found = uuid_in("enr", enrollment_id) if enrollment_id is not None else None

    async def recovered(app: App, db: AsyncSession) -> EnrollmentDetail | Recovered:
        if found is not None:
            return await enrollment_acts.recover_one(app, db, found, person())
        return await enrollment_acts.recover(app, db, person(), dry_run)

    show_done(recovered, dry_run=dry_run)


def acted(enrollment_id: str, verb: Verb, dry_run: bool) -> None:
    """Carry out a verb and print how it stands."""
    found = uuid_in("enr", enrollment_id)

    async def act(app: App, db: AsyncSession) -> EnrollmentDetail:
        return await enrollment_acts.act(app, db, found, verb, person())

    show_done(act, dry_run=dry_run)


@commands.command()
def pause(enrollment_id: EnrollmentId, dry_run: DryRun = False) -> None:
    """Let it rest until it is resumed."""
    acted(enrollment_id, "pause", dry_run)


@commands.command()
def resume(enrollment_id: EnrollmentId, dry_run: DryRun = False) -> None:
    """Let it go on."""
    acted(enrollment_id, "resume", dry_run)


@commands.command()
def skip(enrollment_id: EnrollmentId, dry_run: DryRun = False) -> None:
    """Pass over the step it stands at."""
    acted(enrollment_id, "skip_step", dry_run)


@commands.command()
def stop(enrollment_id: EnrollmentId, dry_run: DryRun = False) -> None:
    """End it for good; a run that has not acted is called back."""
    found = uuid_in("enr", enrollment_id)
    show_done(
        lambda app, db: enrollment_acts.stop(app, db, found, "stopped_by_user", person()), dry_run=dry_run
    )
