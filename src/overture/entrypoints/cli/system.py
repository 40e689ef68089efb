"""Commands about the installation: serve, worker, sandbox, migrate, keys, kill-switch, doctor."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from sqlalchemy.exc import DBAPIError

from overture.accounts import Vault
from overture.core import crypto, log
from overture.db.embedded import DatabaseUnavailable
from overture.entrypoints import bootstrap
from overture.entrypoints.api.switching import SwitchRequest, show_switches, turn_switch
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.doctor import Finding, examine
from overture.entrypoints.cli.opened import person, settings, with_app
from overture.entrypoints.cli.output import complain, print_one, print_rows
from overture.entrypoints.loop import run_to_end

keys = typer.Typer(help="The key ring of secrets at rest.", no_args_is_help=True)
kill_switch = typer.Typer(help="Stop everything, a channel or an account.", no_args_is_help=True)

Account = Annotated[str | None, typer.Option("--account", help="Only this account.")]
Channel = Annotated[str | None, typer.Option("--channel", help="Only this channel.")]
Why = Annotated[str | None, typer.Option("--reason", help="Shown with it, and kept in the event log.")]


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 takes a free one.")] = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Perform no runs in this process.")] = False,
    port_file: Annotated[Path | None, typer.Option(help="Write the port here once it answers.")] = None,
) -> None:
    """Serve the API and the pages, and perform runs."""
    from overture.entrypoints.api import run_server  # noqa: PLC0415 - the web framework is for servers only
    from overture.entrypoints.web import with_pages  # noqa: PLC0415 - likewise

    changes: dict[str, Any] = {"host": host, "port": port, "worker_embedded": False if no_worker else None}
    chosen = settings().model_copy(
        update={name: value for name, value in changes.items() if value is not None}
    )
    log.configure(chosen.log_level)
    run_server(chosen, port_file, with_pages)


def worker() -> None:
    """Perform runs, and nothing else."""
    from overture.entrypoints.serve import work_alone  # noqa: PLC0415 - the engine is for workers only

    async def work() -> None:
        async with bootstrap.open_app(settings()) as app:
            await work_alone(app)

    log.configure(settings().log_level)
    run_to_end(work())


def planner() -> None:
    """Plan campaigns, and nothing else; several may run."""
    from overture.entrypoints.planning import plan_alone  # noqa: PLC0415 - as for the worker

    async def plan() -> None:
        async with bootstrap.open_app(settings()) as app:
            await plan_alone(app)

    log.configure(settings().log_level)
    run_to_end(plan())


def sandbox(context: typer.Context) -> None:
    """Start a world to try things in; `overture sandbox --help` has its options."""
    from overture_sandbox.cli import main as sandbox_main  # noqa: PLC0415 - no part of the product

    raise typer.Exit(sandbox_main(context.args))


def migrate() -> None:
    """Bring the database to this version's schema."""

    async def migrated(app: App) -> str:
        return "embedded" if app.embedded is not None else "OVERTURE_DATABASE_URL"

    print_one({"migrated": with_app(migrated)})


@keys.command()
def rotate() -> None:
    """Add a fresh key and seal every secret with it. Back the key file up afterwards."""

    async def rotated(app: App) -> dict[str, object]:
        path = app.settings.keys_path
        ring = await asyncio.to_thread(crypto.add_key, path)
        async with app.sessions.begin() as db:
            moved = await Vault(ring).reseal_all(db)
        return {"key": ring.newest.hex(), "keys": len(ring.keys), "resealed": moved, "file": str(path)}

    print_one(with_app(rotated))


@kill_switch.command("on")
def stop_all(account: Account = None, channel: Channel = None, reason: Why = None) -> None:
    """Let nothing more act. Should the database be away, the stop file does it."""
    order = switch_order(account, channel, reason, on=True)
    try:
        turned = with_app(lambda app: turn_switch(app, order, by=person()))
    except (DatabaseUnavailable, DBAPIError, psycopg.OperationalError):
        if order.scope != "global":
            raise
        file = settings().stop_file
        file.touch()
        complain("The database is away, so the stop file was made instead.", "Remove it to go on.")
        print_one({"everything_stopped": True, "stop_file": str(file)})
        return
    print_one(turned.model_dump(mode="json"))


@kill_switch.command("off")
def go_on(account: Account = None, channel: Channel = None, reason: Why = None) -> None:
    """Let go on what that switch stopped. A stop file is removed by hand."""
    order = switch_order(account, channel, reason, on=False)
    print_one(with_app(lambda app: turn_switch(app, order, by=person())).model_dump(mode="json"))


@kill_switch.command()
def status() -> None:
    """Which switches are on."""
    print_one(with_app(show_switches).model_dump(mode="json"))


def switch_order(account: str | None, channel: str | None, reason: str | None, *, on: bool) -> SwitchRequest:
    """The order the options make."""
    scope = "account" if account is not None else "channel" if channel is not None else "global"
    return SwitchRequest.model_validate(
        {"scope": scope, "handle": account, "channel": channel, "on": on, "reason": reason}
    )


def doctor() -> None:
    """Look at what this installation has and lacks."""
    log.configure("error")
    findings: list[Finding] = asyncio.run(examine(settings()))
    print_rows([asdict(finding) for finding in findings], ("check", "ok", "detail", "fix"))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
