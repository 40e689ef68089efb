"""A burst of deliveries is taken and applied in good time: a guard against a statement per message."""

import time
from datetime import timedelta

from crowd import a_lead, profile_id
from inbox_desk import a_desk
from overture import inbox
from overture.entrypoints.bootstrap import App
from overture.entrypoints.receiving import inbox_kit

MESSAGES = 600
LEAST_A_SECOND = 60
"""A tenth of what a slow machine of two cores does."""


async def test_a_burst_is_applied_in_batches(app: App, account: str) -> None:
    desk = await a_desk(app, account)
    for number in range(30):
        await a_lead(app, linkedin_slug=f"lea-{number}", linkedin_profile_id=profile_id(number + 1))
    begun = app.now() - timedelta(hours=1)
    for number in range(MESSAGES):
        payload = desk.message(number % 30 + 1, f"word {number}", key=f"k{number}", at=begun)
        await desk.put(payload | ({"is_sender": True} if number % 4 == 0 else {}))
    kit = inbox_kit(app)

    clock = time.perf_counter()
    while await inbox.turn(kit, app.now()):
        pass
    took = time.perf_counter() - clock

    assert len(await desk.told()) == MESSAGES
    assert MESSAGES / took > LEAST_A_SECOND, f"{MESSAGES / took:.0f} a second"
    print(f"{MESSAGES / took:.0f} a second")  # noqa: T201 - seen with -s
