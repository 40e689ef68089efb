"""`overture accounts …`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from overture.accounts import AccountChange, NewAccount
from overture.entrypoints.api import acts, login_acts
from overture.entrypoints.api.limits import show_limits
from overture.entrypoints.cli.credentials import read_code, read_credentials, read_secret_file
from overture.entrypoints.cli.opened import person, with_app
from overture.entrypoints.cli.output import print_one, print_rows, rows_of

commands = typer.Typer(help="Accounts: who acts, with what limits, in what state.", no_args_is_help=True)

COLUMNS = ("handle", "provider", "state", "state_reason", "zone", "next_step")

Handle = Annotated[str, typer.Argument(help="The account's handle.")]
Names = Annotated[
    list[str] | None,
    typer.Option("--credential", help="Name of a credential; its value is asked for, or a line of stdin."),
]
File = Annotated[
    Path | None, typer.Option("--credential-file", help="JSON object of credentials; - is stdin.")
]
Zone = Annotated[str | None, typer.Option(help="IANA zone of its working hours.")]
Hours = Annotated[str | None, typer.Option(help="Working hours, like 09:00-17:30.")]
Days = Annotated[str | None, typer.Option(help="Working days, like 0,1,2,3,4 (0 = Monday).")]
Gap = Annotated[float | None, typer.Option(help="Least seconds between two acts.")]
External = Annotated[str | None, typer.Option(help="Its id at the service that acts for it (Unipile).")]


@commands.command("list")
def list_accounts() -> None:
    """All accounts."""
    print_rows(rows_of(with_app(acts.list_accounts)), COLUMNS)


@commands.command()
def show(handle: Handle) -> None:
    """One account."""
    print_one(with_app(lambda app: acts.show_account(app, handle)).model_dump(mode="json"))


@commands.command("limits")
def show_account_limits(handle: Handle) -> None:
    """What it may still do now, window by window, and why not more."""
    print_one(with_app(lambda app: show_limits(app, handle)).model_dump(mode="json"))


@commands.command()
def add(  # noqa: PLR0913, PLR0917 - one parameter an option
    handle: Handle,
    provider: Annotated[str, typer.Option(help="The way it acts.")] = "linkedin_browser",
    credential: Names = None,
    credential_file: File = None,
    zone: Zone = None,
    hours: Hours = None,
    days: Days = None,
    min_gap: Gap = None,
    external_id: External = None,
    as_new: Annotated[
        bool, typer.Option("--as-new", help="Not the account of this handle that was removed before.")
    ] = False,
) -> None:
    """Add an account; one that was removed comes back with all it did."""
    secrets = read_credentials(credential or (), credential_file)
    fields = given(
        zone=zone, working_hours=window(hours, days), limits=limits(min_gap), external_id=external_id
    ) | {"as_new": as_new}
    new = NewAccount.model_validate(
        {"handle": handle, "provider": provider, "credentials": secrets, **fields}
    )
    print_one(with_app(lambda app: acts.add_account(app, new)).model_dump(mode="json"))


@commands.command()
def change(  # noqa: PLR0913, PLR0917 - one parameter an option
    handle: Handle,
    credential: Names = None,
    credential_file: File = None,
    zone: Zone = None,
    hours: Hours = None,
    days: Days = None,
    min_gap: Gap = None,
    external_id: External = None,
) -> None:
    """Change what is given. Credentials replace all there were."""
    secrets = read_credentials(credential or (), credential_file)
    fields = given(
        credentials=secrets or None,
        zone=zone,
        working_hours=window(hours, days),
        limits=limits(min_gap),
        external_id=external_id,
    )
    wanted = AccountChange.model_validate(fields)
    print_one(
        with_app(lambda app: acts.change_account(app, handle, wanted, person())).model_dump(mode="json")
    )


@commands.command()
def pause(handle: Handle, reason: Annotated[str | None, typer.Option(help="Shown with it.")] = None) -> None:
    """Let nothing more begin on it."""
    paused = with_app(lambda app: acts.pause_account(app, handle, reason, by=person()))
    print_one(paused.model_dump(mode="json"))


@commands.command()
def resume(
    handle: Handle, reason: Annotated[str | None, typer.Option(help="Kept in the event log.")] = None
) -> None:
    """Let it act again; its breaker counts from nothing."""
    resumed = with_app(lambda app: acts.resume_account(app, handle, reason, by=person()))
    print_one(resumed.model_dump(mode="json"))


@commands.command()
def login(
    handle: Handle,
    start_over: Annotated[
        bool, typer.Option("--start-over", help="Forget the session and what is asked; log in anew.")
    ] = False,
) -> None:
    """Log in, or check that it is: submits a run a worker performs."""
    run = with_app(lambda app: login_acts.start_login(app, handle, start_over=start_over, by=person()))
    print_one(run.model_dump(mode="json"))


@commands.command("login-status")
def login_status(handle: Handle) -> None:
    """What the service asks of its owner, and what to do next."""
    print_one(with_app(lambda app: login_acts.show_login(app, handle)).model_dump(mode="json"))


@commands.command()
def answer(
    handle: Handle,
    code: Annotated[
        str | None, typer.Option(help="The code the service asks for; - reads it without echo.")
    ] = None,
    approved: Annotated[bool, typer.Option("--approved", help="You said yes in the service's app.")] = False,
) -> None:
    """Answer what the service asks; a worker tries the answer once."""
    given = read_code(code) if code is not None else None
    yes = True if approved else None
    run = with_app(lambda app: login_acts.answer_login(app, handle, given, yes, by=person()))
    print_one(run.model_dump(mode="json"))


@commands.command("import-session")
def import_session(
    handle: Handle,
    file: Annotated[Path, typer.Argument(help="Cookies exported from your own browser; - is stdin.")],
) -> None:
    """Take over the session of your own browser: a storage state, Cookie-Editor's list, or cookies.txt."""
    text = read_secret_file(file)
    seen = with_app(lambda app: login_acts.import_session(app, handle, text, by=person()))
    print_one(seen.model_dump(mode="json"))


@commands.command()
def remove(handle: Handle, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Remove it: waiting runs are cancelled, secrets erased; its history stays."""
    if not yes:
        typer.confirm(f"Remove {handle} and erase its secrets?", abort=True, err=True)
    with_app(lambda app: acts.remove_account(app, handle, person()))
    print_one({"removed": handle})


def given(**fields: Any) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in fields.items() if value is not None}


def window(hours: str | None, days: str | None) -> dict[str, Any] | None:
    """Working hours from their two options; what is not given is the default."""
    parts: dict[str, Any] = {}
    if hours is not None:
        start, _, end = hours.partition("-")
        parts |= {"start": start.strip(), "end": end.strip()}
    if days is not None:
        parts["days"] = [weekday(day.strip()) for day in days.split(",")]
    return parts or None


def weekday(day: str) -> int | str:
    """A day as the number it stands for; what is none is refused like any wrong field."""
    return int(day) if day.isdecimal() else day


def limits(min_gap: float | None) -> dict[str, Any] | None:
    """Limits from their option; the full set is changed over the API."""
    return {"min_gap_s": min_gap} if min_gap is not None else None
