"""The job that begins the reconciliation of connections; readings as runs and the planner carry it on."""

from typing import Final

from overture import accounts
from overture.campaigns import reconcile
from overture.core.ids import public_id
from overture.entrypoints.bootstrap import App
from overture.entrypoints.jobs.doing import Doing, Job


async def perform(doing: Doing) -> dict[str, object]:
    """Begin one for every account that may act; what comes of each is told by itself."""
    app = doing.app
    async with app.sessions.begin() as db:
        now = app.now()
        order = reconcile.Order(reconcile.nightly(now), by=doing.by)
        begun, passed = await reconcile.begin_all(db, app.ids, order, now)
        return {
            "begun": [public_id("rec", one.id) for one in begun],
            "passed": {one.handle: one.code for one in passed},
        }


async def held(app: App) -> str | None:
    """It reads through the channel: nothing of that while everything is stopped."""
    async with app.sessions() as db:
        switches = await accounts.switches_on(db)
    is_all = any(one.scope == "global" for one in switches) or app.settings.stop_file.exists()
    return "kill_switch" if is_all else None


JOB: Final = Job(
    "relations", "Connections are compared with the leads whose answer was not seen.", perform, held
)
