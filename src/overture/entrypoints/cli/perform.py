"""`overture run TYPE …`: one sub-command a touchpoint type, its options made from the type's own fields."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, get_args
from uuid import UUID

import typer
from pydantic.fields import FieldInfo

from overture import runs
from overture.core.errors import Invalid
from overture.core.ids import read_public_id
from overture.core.reasons import Reason
from overture.entrypoints.api import acts
from overture.entrypoints.api.shapes import RunDetail
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.exits import of_run
from overture.entrypoints.cli.opened import with_app
from overture.entrypoints.cli.output import print_one
from overture.touchpoints import REGISTRY, Touchpoint, read_touchpoint
from overture.touchpoints.text import can_be_sent

commands = typer.Typer(help="Submit a run of one touchpoint type.", no_args_is_help=True)

LOOK_EVERY: Final = timedelta(milliseconds=250)
FILE_SUFFIX: Final = "_file"
COMMON: Final[dict[str, Any]] = {
    "handle": Annotated[str, typer.Option("--handle", help="The account that acts.")],
    "dry_run": Annotated[bool, typer.Option("--dry-run", help="Everything up to the act, and not the act.")],
    "tag": Annotated[list[str] | None, typer.Option("--tag", help="Your own label; may be repeated.")],
    "priority": Annotated[int, typer.Option("--priority", min=0, max=9, help="9 goes first.")],
    "idempotency_key": Annotated[
        str | None, typer.Option("--idempotency-key", help="Repeating it gives the same run again.")
    ],
    "wait": Annotated[bool, typer.Option("--wait", help="Wait until it is over (a worker must run).")],
    "timeout": Annotated[float, typer.Option("--timeout", help="With --wait: seconds, then exit code 8.")],
}
DEFAULTS: Final[dict[str, Any]] = {
    "dry_run": False,
    "tag": None,
    "priority": runs.DEFAULT_PRIORITY,
    "idempotency_key": None,
    "wait": False,
    "timeout": 600.0,
}


def command_of(kind: str, touchpoint: type[Touchpoint]) -> Callable[..., None]:
    """The sub-command of a touchpoint type."""
    own = {name: field for name, field in touchpoint.model_fields.items() if name != "type"}

    def command(**options: Any) -> None:
        submit(kind, own, options)

    parameters = [
        parameter(name, COMMON[name], DEFAULTS.get(name, inspect.Parameter.empty)) for name in COMMON
    ]
    for name, field in own.items():
        parameters.append(parameter(name, option_of(field), None))
        if is_text(field):
            help_ = f"File that holds {name}, taken byte for byte."
            parameters.append(
                parameter(name + FILE_SUFFIX, Annotated[Path | None, typer.Option(help=help_)], None)
            )
    command.__doc__ = touchpoint.__doc__
    command.__name__ = kind
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


def parameter(name: str, annotation: Any, default: object) -> inspect.Parameter:
    """One option as Typer reads it."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def option_of(field: FieldInfo) -> Any:
    """The option of a field; whether its value is right, the touchpoint says."""
    plain = next((kind for kind in (float, int, bool) if field.annotation is kind), str)
    return Annotated[plain | None, typer.Option(help=field.description)]


def is_text(field: FieldInfo) -> bool:
    """Whether the field is a text that is sent, which a file keeps better than a shell."""
    optional = [getattr(part, "__metadata__", ()) for part in get_args(field.annotation)]
    marks = [*field.metadata, *(mark for marks in optional for mark in marks)]
    return any(getattr(mark, "func", None) is can_be_sent for mark in marks)


def submit(kind: str, own: dict[str, FieldInfo], options: dict[str, Any]) -> None:
    """Submit the run, print it, and with `--wait` print how it ended instead."""
    request = runs.RunRequest(
        handle=options["handle"],
        touchpoint=read_touchpoint({"type": kind, **fields_of(own, options)}),
        dry_run=options["dry_run"],
        tags=tuple(options["tag"] or ()),
        priority=options["priority"],
        idempotency_key=options["idempotency_key"],
    )

    async def taken(app: App) -> RunDetail:
        run, _ = await acts.submit_run(app, request)
        if not options["wait"]:
            return run
        return await ended(app, run.run_id, timedelta(seconds=options["timeout"]))

    run = with_app(taken)
    print_one(run.model_dump(mode="json"))
    if options["wait"]:
        raise typer.Exit(of_run(run.status, run.error_code))


def fields_of(own: dict[str, FieldInfo], options: dict[str, Any]) -> dict[str, Any]:
    """The touchpoint's fields from its options and files."""
    fields: dict[str, Any] = {}
    for name in own:
        file: Path | None = options.get(name + FILE_SUFFIX)
        if file is not None and options[name] is not None:
            raise typer.BadParameter(f"Give --{name} or --{name}-file, not both.")
        if file is not None:
            fields[name] = text_of(file)
        elif options[name] is not None:
            fields[name] = options[name]
    return fields


def text_of(file: Path) -> str:
    """The text of a file, byte for byte."""
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("validation_error", f"{file} cannot be read as UTF-8 text.", fix=str(error)) from None


async def ended(app: App, run_id: str, patience: timedelta) -> RunDetail:
    """The run once it is over or a person must decide, or as it stands when patience ends."""
    found = read_public_id("run", run_id)
    assert isinstance(found, UUID)
    give_up = app.clock.monotonic() + patience.total_seconds()
    while True:
        run = await acts.show_run(app, found)
        for_a_person = run.status == "held" and run.wait_reason == Reason.OUTCOME_UNKNOWN
        if run.status in runs.TERMINAL or for_a_person or app.clock.monotonic() > give_up:
            return run
        await app.clock.sleep(LOOK_EVERY)


for _kind, _touchpoint in sorted(REGISTRY.items()):
    commands.command(_kind)(command_of(_kind, _touchpoint))
