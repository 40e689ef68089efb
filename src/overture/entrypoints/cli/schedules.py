"""`overture schedules …`: touchpoints that are performed again and again."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from overture.entrypoints.api import scheduling
from overture.entrypoints.api.schedules import NewScheduleBody, schedule_uuid
from overture.entrypoints.api.scheduling import ScheduleDetail, ScheduleView, view
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.opened import person, with_app
from overture.entrypoints.cli.output import print_one, print_rows, rows_of

commands = typer.Typer(help="Schedules: touchpoints performed again and again.", no_args_is_help=True)

COLUMNS = ("schedule_id", "handle", "touchpoint_type", "cron", "zone", "state", "next_step")

ScheduleId = Annotated[str, typer.Argument(help="The schedule's id, sch_….")]


@commands.command()
def add(  # noqa: PLR0913, PLR0917 - options of a command
    handle: Annotated[str, typer.Argument(help="The account that acts.")],
    touchpoint: Annotated[str, typer.Argument(help='What it does, as JSON: \'{"type": "sync_relations"}\'.')],
    cron: Annotated[str, typer.Option(help="minute hour day-of-month month day-of-week")],
    zone: Annotated[str | None, typer.Option(help="IANA zone; the account's own when absent.")] = None,
    missed: Annotated[str, typer.Option(help="skip, latest or all")] = "skip",
    overlap: Annotated[str, typer.Option(help="skip or queue")] = "skip",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say when it would fire.")] = False,
) -> None:
    """Perform a touchpoint again and again."""
    body = NewScheduleBody.model_validate(
        {
            "handle": handle,
            "touchpoint": parsed(touchpoint),
            "cron": cron,
            "zone": zone,
            "missed": missed,
            "overlap": overlap,
        }
    )
    made = with_app(lambda app: scheduling.create_schedule(app, body.wanted(), dry_run=dry_run, by=person()))
    print_one(made.model_dump(mode="json"))


@commands.command("list")
def list_schedules(
    handle: Annotated[str | None, typer.Option(help="Of this account.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 200,
) -> None:
    """Schedules, newest first."""

    async def listed(app: App) -> list[ScheduleView]:
        return [view(app, one) for one in await scheduling.list_schedules(app, handle, None, limit)]

    print_rows(rows_of(with_app(listed)), COLUMNS)


@commands.command()
def show(schedule_id: ScheduleId) -> None:
    """One schedule with its next and last times."""
    on_schedule(lambda app: scheduling.show_schedule(app, schedule_uuid(schedule_id)))


@commands.command()
def pause(schedule_id: ScheduleId) -> None:
    """Let it submit nothing more for now."""
    on_schedule(lambda app: scheduling.pause_schedule(app, schedule_uuid(schedule_id), person()))


@commands.command()
def resume(schedule_id: ScheduleId) -> None:
    """Let it go on, from its next time."""
    on_schedule(lambda app: scheduling.resume_schedule(app, schedule_uuid(schedule_id), person()))


@commands.command()
def remove(schedule_id: ScheduleId) -> None:
    """Remove it; runs it has submitted go on."""
    with_app(lambda app: scheduling.remove_schedule(app, schedule_uuid(schedule_id), person()))


def on_schedule(act: Callable[[App], Awaitable[ScheduleDetail]]) -> None:
    """Do something with a schedule, and show how it stands then."""
    print_one(with_app(act).model_dump(mode="json"))


def parsed(text: str) -> Any:
    """The JSON of an argument."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"the touchpoint is not JSON: {error}") from error
