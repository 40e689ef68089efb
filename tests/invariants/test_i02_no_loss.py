"""I2: whatever an act meets, it ends delivered, failed, called off or held with a reason; none just goes."""

import pytest
from sqlalchemy import select

import fakes
from campaign_house import DAY, HELLO, HOUR, House, a_house
from fakes import Behaviour
from overture.campaigns import Touch
from overture.core.errors import NotPossible, PageChanged, Transient
from overture.runs import TERMINAL, Run
from product import MakeApp

ONCE = {"name": "once", "steps": [{**HELLO, "delay": "0min", "retry_count": 1, "retry_delay": "2h"}]}
MET: dict[str, tuple[Behaviour, ...]] = {
    "delivered": (fakes.ok(),),
    "failed": (fakes.fail(NotPossible("not_connected", "They are no connection.")),),
    "busy, then delivered": (fakes.fail(Transient("busy")), fakes.ok()),
    "a page that changed": (fakes.fail(PageChanged("the button")),),
    "lost, and it had arrived": (fakes.uncertain_committed(),),
    "lost, and it had not": (fakes.uncertain_not_committed(), fakes.ok()),
    "they wrote first": (fakes.replied(),),
    "a bug of the provider": (fakes.raise_bug("act"),),
}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with a lead for everything that an act may meet."""
    house = await a_house(make_app)
    await house.sender()
    await house.people(len(MET))
    for number, behaviours in enumerate(MET.values(), start=1):
        house.provider.script(f"lea-{number}", *behaviours)
    return house


async def test_every_act_comes_to_an_end_and_none_is_just_gone(house: House) -> None:
    await house.enroll(await house.campaign(ONCE), *house.leads)
    await house.pass_time(4 * DAY, step=6 * HOUR)

    async with house.app.sessions() as db:
        rows = (await db.execute(select(Touch, Run).join(Run, Run.id == Touch.run_id))).all()
    assert {touch.lead_id for touch, _ in rows} == {lead.id for lead in house.leads}
    for touch, run in rows:
        is_over = touch.state in ("delivered", "noop", "failed", "cancelled") and run.status in TERMINAL
        is_held = touch.state == "unknown" and run.status == "held" and run.wait_reason is not None
        assert is_over or is_held, (touch.state, touch.code, run.status)
        assert touch.state != "failed" or touch.code
    assert await house.sweep() == []


async def test_what_arrived_is_known_and_what_is_said_to_have_arrived_did(house: House) -> None:
    await house.enroll(await house.campaign(ONCE), *house.leads)
    await house.pass_time(4 * DAY, step=6 * HOUR)

    arrived = {str(one.target) for one in house.sent("message")}
    async with house.app.sessions() as db:
        rows = (await db.execute(select(Touch, Run).join(Run, Run.id == Touch.run_id))).all()
    said = {str(run.target) for touch, run in rows if touch.state == "delivered"}
    open_ = {str(run.target) for touch, run in rows if touch.state == "unknown"}
    assert said <= arrived
    assert arrived <= said | open_
    assert {f"lea-{number}" for number in (1, 3, 5)} <= arrived
