"""The pages of accounts: how each stands, what it may still do, and the buttons that stop and start it."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from overture import accounts
from overture.accounts import WorkingHours
from overture.entrypoints.api import acts, switching
from overture.entrypoints.api.limits import limits_of
from overture.entrypoints.api.shapes import AccountView, run_view
from overture.entrypoints.api.standing import surroundings
from overture.entrypoints.web import outlook, queries, unipile, words
from overture.entrypoints.web.guard import Form
from overture.entrypoints.web.home import BY, lanes_of
from overture.entrypoints.web.render import app_of, go, show
from overture.entrypoints.web.signing_in import own

router = APIRouter(prefix="/accounts")

RUNS_SHOWN: Final = 8
COMING_SHOWN: Final = 12
DAY_MINUTES: Final = 24 * 60


@router.get("")
async def list_accounts(request: Request) -> Response:
    """Every account and how it stands."""
    known = await acts.list_accounts(app_of(request))
    return show(request, "accounts.html", fragment="accounts_live.html", accounts=known, clock_of=clock_of)


@router.get("/{handle}")
async def show_account(request: Request, handle: str) -> Response:
    """One account with its limits, hours, breaker and last runs."""
    app = app_of(request)
    seen = await acts.show_account(app, handle)
    switches = await switching.show_switches(app)
    async with app.sessions() as db:
        account = await accounts.by_handle(db, handle)
        limits = await limits_of(db, account, app.now())
        query = queries.matching(queries.Wanted(handle=handle), app.now())
        latest = await queries.runs_page(db, query, before=None, upto=None, size=RUNS_SHOWN)
        around = await surroundings(db, latest)
        coming = await outlook.coming(app, db, COMING_SHOWN, handle)
        is_whole = "hx-request" not in request.headers
        deliveries = await unipile.deliveries_of(app, db, account) if is_whole else None
    return show(
        request,
        "account.html",
        fragment="account_live.html",
        account=seen,
        limits=limits,
        lanes=lanes_of(limits),
        coming=coming,
        coming_shown=COMING_SHOWN,
        runs=[run_view(run, around, app.now()) for run in latest],
        week=week_of(seen, app.now()),
        clock=clock_of(seen, app.now()),
        own_switch=next((one for one in switches.switches if one.handle == handle), None),
        switches=switches,
        deliveries=deliveries,
        is_set_up=unipile.is_set_up(app),
        talk=unipile,
    )


def clock_of(account: AccountView, now: datetime) -> str:
    """The time on the account's wall clock."""
    return now.astimezone(ZoneInfo(account.zone)).strftime("%a %H:%M")


def week_of(account: AccountView, now: datetime) -> list[tuple[str, int, int, bool]]:
    """The working hours as a picture: each day's name, its span in minutes, and whether it is today."""
    hours: WorkingHours = account.working_hours
    today = now.astimezone(ZoneInfo(account.zone)).weekday()
    begins, ends = minutes(hours.start), minutes(hours.end) or DAY_MINUTES
    return [
        (name[:3], *((begins, ends) if number in hours.days else (0, 0)), number == today)
        for number, name in enumerate(words.DAYS)
    ]


def minutes(clock: time) -> int:
    """A time of day in minutes since midnight."""
    return int(timedelta(hours=clock.hour, minutes=clock.minute).total_seconds() // 60)


@router.post("/{handle}/pause")
async def pause_account(request: Request, handle: str, form: Form) -> Response:
    """Let the account begin nothing more."""
    await acts.pause_account(app_of(request), handle, form.get("detail") or None, BY)
    return go(request, f"/accounts/{handle}", f"{handle} is paused: it begins nothing more.")


@router.post("/{handle}/resume")
async def resume_account(request: Request, handle: str, form: Form) -> Response:
    """Let the account act again."""
    await acts.resume_account(app_of(request), handle, form.get("detail") or None, BY)
    return go(request, own(form.get("back", f"/accounts/{handle}")), f"{handle} may act again.")
