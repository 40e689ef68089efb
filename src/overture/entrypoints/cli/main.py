"""`overture`: the command line put together, and the place where errors become a line and a code."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

import psycopg
import typer
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from typer.exceptions import TyperException

from overture.core.crypto import KeyUnusable
from overture.core.errors import Refused
from overture.db.embedded import DatabaseUnavailable
from overture.entrypoints.cli import (
    accounts,
    admin,
    approvals,
    campaigns,
    enrollments,
    imports,
    leads,
    perform,
    reconcile,
    runs,
    schedules,
    suppress,
    system,
)
from overture.entrypoints.cli.exits import ExitCode, of_refusal
from overture.entrypoints.cli.output import complain

commands = typer.Typer(
    name="overture",
    help="Performs each outreach touchpoint exactly once, and proves it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
commands.command()(system.serve)
commands.command()(system.worker)
commands.command()(system.planner)
commands.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)(system.sandbox)
commands.add_typer(accounts.commands, name="accounts")
commands.add_typer(runs.commands, name="runs")
commands.add_typer(schedules.commands, name="schedules")
commands.add_typer(perform.commands, name="run")
commands.add_typer(leads.commands, name="leads")
commands.add_typer(imports.commands, name="imports")
commands.add_typer(suppress.commands, name="suppress")
commands.add_typer(campaigns.commands, name="campaigns")
commands.add_typer(enrollments.commands, name="enrollments")
commands.add_typer(approvals.commands, name="approvals")
commands.add_typer(reconcile.commands, name="reconcile")
commands.add_typer(admin.commands, name="admin")
commands.add_typer(system.keys, name="keys")
commands.add_typer(system.kill_switch, name="kill-switch")
commands.command()(system.migrate)
commands.command()(system.doctor)

DATABASE_FIX: Final = "See `overture doctor`."
INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """The program."""
    raise SystemExit(exit_code(lambda: commands(arguments, standalone_mode=False)))


def exit_code(command: Callable[[], int | None]) -> int:  # noqa: C901, PLR0911 - a table of errors
    """Run a command; an error we know is one line on stderr and a stable code."""
    try:
        return int(command() or ExitCode.OK)
    except Refused as refused:
        complain(refused.message, refused.fix)
        return of_refusal(refused)
    except ValidationError as error:
        complain(*in_words(error))
        return ExitCode.BAD_ARGUMENTS
    except TyperException as error:
        complain(error.format_message(), "See --help.")
        return ExitCode.BAD_ARGUMENTS
    except DatabaseUnavailable as error:
        complain(str(error), DATABASE_FIX)
        return ExitCode.UNREACHABLE
    except (DBAPIError, psycopg.OperationalError) as error:
        complain(f"The database does not do it: {first_line(error)}", DATABASE_FIX)
        return ExitCode.UNREACHABLE
    except KeyUnusable as error:
        complain(str(error), DATABASE_FIX)
        return ExitCode.GENERAL
    except BrokenPipeError:  # `overture runs list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.GENERAL
    except (typer.Abort, KeyboardInterrupt):
        complain("Interrupted; nothing more was done.")
        return INTERRUPTED


def in_words(error: ValidationError) -> tuple[str, str]:
    """What is wrong with the input, and where; never the input, which may be a secret."""
    parts = [
        f"{'.'.join(str(part) for part in found['loc']) or error.title}: {found['msg']}"
        for found in error.errors(include_input=False, include_url=False)
    ]
    kind = "OVERTURE_ setting" if error.title == "Settings" else "input"
    return f"Wrong {kind}: {'; '.join(parts)}.", "See docs/reference."


def first_line(error: Exception) -> str:
    """The database's own first line, without the statement and its values."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]
