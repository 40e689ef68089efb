"""`overture runs …`: what was asked for, and what became of it."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from overture import runs
from overture.entrypoints.api import acts
from overture.entrypoints.api.fields import run_uuid
from overture.entrypoints.api.shapes import ArtifactView, RunDetail, RunView, artifact_view, run_view
from overture.entrypoints.api.standing import surroundings
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.opened import person, with_app
from overture.entrypoints.cli.output import print_one, print_rows, rows_of

commands = typer.Typer(help="Runs: one touchpoint by one account each.", no_args_is_help=True)

COLUMNS = ("run_id", "handle", "touchpoint_type", "status", "effect", "error_code", "created_at")

RunId = Annotated[str, typer.Argument(help="The run's id, run_….")]


@commands.command("list")
def list_runs(
    handle: Annotated[str | None, typer.Option(help="Of this account.")] = None,
    status: Annotated[str | None, typer.Option(help="Of these statuses, with commas.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Of this touchpoint type.")] = None,
    tag: Annotated[str | None, typer.Option(help="With this tag.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """Runs, newest first."""
    statuses = tuple(status.split(",")) if status else ()
    wanted = runs.RunFilter(handle=handle, statuses=statuses, touchpoint_type=type_, tag=tag)

    async def listed(app: App) -> list[RunView]:
        async with app.sessions() as db:
            found = await runs.page(db, wanted, None, limit)
            around = await surroundings(db, found)
        return [run_view(run, around, app.now()) for run in found]

    print_rows(rows_of(with_app(listed)), COLUMNS)


@commands.command()
def show(run_id: RunId) -> None:
    """One run with its attempts and evidence."""
    on_run(run_id, lambda app: acts.show_run(app, run_uuid(run_id)))


FILES = ("artifact_id", "epoch", "kind", "bytes", "expires_at")


@commands.command()
def artifacts(
    run_id: RunId,
    save: Annotated[Path | None, typer.Option(help="Copy the files into this folder.")] = None,
) -> None:
    """What its failed attempts left to look at: screenshot, page, DOM, console, network."""
    wanted = run_uuid(run_id)

    async def listed(app: App) -> list[ArtifactView]:
        async with app.sessions() as db:
            found = await runs.artifacts.of_run(db, (await runs.by_id(db, wanted)).id)
        for one in found if save else ():
            copy(app.kit.artifacts_dir, one, save or Path())
        return [artifact_view(one) for one in found]

    print_rows(rows_of(with_app(listed)), FILES)


def copy(root: Path, artifact: runs.Artifact, folder: Path) -> None:
    """Copy one artefact under a name that says what it is; a file that is gone is left out."""
    path = runs.artifacts.file_of(root, artifact)
    if path is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / f"{path.parent.name}-{path.name}")


@commands.command()
def cancel(run_id: RunId) -> None:
    """Cancel it: at once when it has not begun, else before its act."""
    on_run(run_id, lambda app: acts.cancel_run(app, run_uuid(run_id), person()))


@commands.command()
def retry(run_id: RunId) -> None:
    """Let a run that ended without effect run again."""
    on_run(run_id, lambda app: acts.retry_run(app, run_uuid(run_id), person()))


@commands.command()
def resolve(
    run_id: RunId,
    delivered: Annotated[
        bool, typer.Option("--delivered/--not-delivered", help="What you found in the service.")
    ],
    retry_it: Annotated[
        bool, typer.Option("--retry", help="With --not-delivered: let it run again.")
    ] = False,
    note: Annotated[str | None, typer.Option(help="Kept with the run.")] = None,
) -> None:
    """Say what became of a held run."""
    if delivered and retry_it:
        raise typer.BadParameter("--retry goes only with --not-delivered.")
    undelivered: runs.Verdict = "not_delivered_retry" if retry_it else "not_delivered"
    verdict: runs.Verdict = "delivered" if delivered else undelivered
    on_run(run_id, lambda app: acts.resolve_run(app, run_uuid(run_id), verdict, note, person()))


def on_run(run_id: str, act: Callable[[App], Awaitable[RunDetail]]) -> None:
    """Do something with a run and print how it stands."""
    run_uuid(run_id)  # refused before the database is opened
    print_one(with_app(act).model_dump(mode="json"))
