"""The home page: what needs a person, what is under way, what was sent, and what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, inbox
from overture.campaigns import BLOCKED
from overture.core.errors import Invalid
from overture.entrypoints.api import acts, switching
from overture.entrypoints.api.limits import ActionView, LimitsView, WindowView, limits_of
from overture.entrypoints.api.shapes import AccountView
from overture.entrypoints.api.switching import SwitchRequest
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import campaign_queries, outlook, queries, words
from overture.entrypoints.web.guard import Form
from overture.entrypoints.web.render import app_of, go, show
from overture.entrypoints.web.signing_in import own
from overture.runs.spent import Span

router = APIRouter()

ACCOUNTS_SHOWN: Final = 8
COMING_SHOWN: Final = 16
BY: Final = "page"
ALWAYS: Final = ("invite", "message")


@dataclass(frozen=True)
class Lane:
    """One kind of act of an account: its windows, and whether one could begin now."""

    category: str
    action: ActionView
    windows: Mapping[Span, WindowView]


@dataclass(frozen=True)
class Lanes:
    """The lanes of an account the home page shows, and how many unused ones it leaves out."""

    shown: list[Lane]
    left_out: int


@router.get("/")
async def home(request: Request) -> Response:
    """Everything at a glance."""
    app = app_of(request)
    known = await acts.list_accounts(app)
    async with app.sessions() as db:
        numbers = await queries.tiles(db, app.now())
        days = await queries.sent_by_day(db, app.now())
        quotas = await quotas_of(app, db, known[:ACCOUNTS_SHOWN])
        ahead = await outlook.coming(app, db, COMING_SHOWN)
        blocked = await outlook.blocked(db, tuple(BLOCKED))
        approvals = await campaign_queries.approvals_waiting(db)
        waits = await inbox.waiting(db, app.now())
    return show(
        request,
        "home.html",
        fragment="home_live.html",
        accounts=known,
        attention=told_together([one for one in known if needs_telling(one)]),
        switches=await switching.show_switches(app),
        tiles=numbers,
        days=days,
        chart=chart_of(days),
        quotas=quotas,
        coming=ahead,
        blocked=blocked,
        reasons=BLOCKED,
        approvals=approvals,
        waits=waits,
        coming_shown=COMING_SHOWN,
    )


def needs_telling(account: AccountView) -> bool:
    """Whether an account waits for a person; what a kill switch stops is told with the switch."""
    state = account.standing.state
    return words.needs_someone(state) and state != "kill_switch"


SHARED: Final = ("no_worker", "provider_not_configured")
"""States of an account whose cause is the installation's: one word about it does for all of them."""


def told_together(several: list[AccountView]) -> list[list[AccountView]]:
    """Accounts that wait for somebody: those that wait for the same thing stand in one group."""
    groups: dict[str, list[AccountView]] = {}
    for one in several:
        key = one.standing.state if one.standing.state in SHARED else one.handle
        groups.setdefault(key, []).append(one)
    return list(groups.values())


async def quotas_of(app: App, db: AsyncSession, known: list[AccountView]) -> list[tuple[AccountView, Lanes]]:
    """The limits of these accounts, lane by lane."""
    found = []
    for one in known:
        account = await accounts.by_handle(db, one.handle)
        lanes = lanes_of(await limits_of(db, account, app.now()))
        shown = [lane for lane in lanes if lane.category in ALWAYS or is_used(lane)]
        found.append((one, Lanes(shown, len(lanes) - len(shown))))
    return found


def is_used(lane: Lane) -> bool:
    """Whether anything was done of this kind, or is."""
    return any(one.delivered + one.unknown + one.in_flight for one in lane.windows.values())


def lanes_of(limits: LimitsView) -> list[Lane]:
    """Each limited kind of act once, though several touchpoint types may count against it."""
    lanes: dict[str, Lane] = {}
    for action in limits.actions.values():
        windows = {one.window: one for one in action.windows if one.applies_to == "all"}
        if any(one.limit is not None for one in windows.values()):
            lanes.setdefault(action.category, Lane(action.category, action, windows))
    order = list(words.CATEGORIES)
    return sorted(
        lanes.values(), key=lambda lane: order.index(lane.category) if lane.category in order else 99
    )


def chart_of(days: list[queries.Day]) -> list[list[int]]:
    """The days as the chart draws them: seconds, proved, not known."""
    return [
        [int(datetime.combine(one.day, datetime.min.time(), UTC).timestamp()) for one in days],
        [one.proved for one in days],
        [one.unknown for one in days],
    ]


@router.post("/kill-switch")
async def turn_switch(request: Request, form: Form) -> Response:
    """Stop everything, a channel or an account, or let it go on."""
    is_on = form.get("on") == "yes"
    wanted: dict[str, object] = {
        "scope": form.get("scope"),
        "on": is_on,
        "reason": form.get("reason") or None,
    }
    wanted |= {name: form[name] for name in ("handle", "channel") if form.get(name)}
    try:
        asked = SwitchRequest.model_validate(wanted)
    except ValidationError:
        raise Invalid(
            "validation_error", "The form does not say what to stop.", fix="Open the page anew."
        ) from None
    await switching.turn_switch(app_of(request), asked, BY)
    subject = asked.handle or asked.channel or "everything"
    says = f"Kill switch on: {subject} is stopped." if is_on else f"Kill switch off: {subject} may go on."
    return go(request, own(form.get("back", "/")), says)
