"""An act whose outcome nobody could read for hours is told to a person, and is looked for all the same."""

from datetime import timedelta

from sqlalchemy import select

import fakes
from campaign_house import DAY, HOUR, MINUTE, WRITE, House, a_house
from overture.core.errors import Transient
from overture.core.reasons import Reason
from overture.runs import Run
from product import MakeApp


async def the_run(house: House) -> Run:
    """The only one."""
    async with house.app.sessions.begin() as db:
        return (await db.scalars(select(Run).where(Run.touchpoint_type == "message"))).one()


async def test_who_cannot_be_read_back_for_hours_is_a_persons_and_is_looked_for_again(
    make_app: MakeApp,
) -> None:
    house = await a_house(make_app, retry_backoff=timedelta(seconds=30))
    await house.sender()
    (lead,) = await house.people(1)
    away = fakes.fail(Transient("the service is away"), "read_back")
    house.provider.script("lea-1", fakes.uncertain_committed(), away)
    await house.enroll(await house.campaign(WRITE), lead)
    await house.settle()

    await house.pass_time(HOUR, MINUTE)
    run = await the_run(house)
    assert (run.status, run.wait_reason) == ("held", Reason.WAITING_RECONCILE)
    assert (await house.why(lead)).code == "waiting_reconcile"

    await house.pass_time(9 * HOUR, 10 * MINUTE)
    run = await the_run(house)
    assert (run.status, run.effect, run.wait_reason) == ("held", "unknown", Reason.OUTCOME_UNKNOWN)
    assert run.next_at is not None
    assert (await house.why(lead)).code == "outcome_unknown"

    house.provider.script("lea-1", fakes.ok())
    await house.pass_time(DAY, HOUR)
    run = await the_run(house)
    assert (run.status, run.effect, len(house.sent("message"))) == ("completed", "confirmed", 1)
    assert (await house.why(lead)).code != "outcome_unknown"
