"""Who was invited before, under whatever name and with whatever end, is not invited again within three weeks;
and whatever wants to do so waits, or says so.
"""

from datetime import timedelta
from typing import Any

import pytest

import fakes
from campaign_house import CLASSIC, DAY, HOUR, INVITE, House, a_house
from overture import runs
from overture.runs import Run, RunRequest, gate
from overture.touchpoints import Connect, ConnectionState, Touchpoint, WithdrawInvite
from product import MakeApp

WHO, ID = "x-1", f"ACoAA{'z' * 34}"


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender, in which a look that fails is repeated after half a minute."""
    house = await a_house(make_app, retry_backoff=timedelta(seconds=30))
    await house.sender()
    return house


async def asked(house: House, touchpoint: Touchpoint, **more: object) -> Run:
    """A run that was asked for, as far as it came at once."""
    async with house.app.sessions.begin() as db:
        request = RunRequest("ada", touchpoint, **more)  # type: ignore[arg-type]
        run = (await runs.submit(db, house.app.ids, request, house.now, house.now)).run
    await house.work()
    return await again(house, run)


async def again(house: House, run: Run) -> Run:
    """As it is now."""
    async with house.app.sessions() as db:
        return await runs.by_id(db, run.id)


async def test_by_another_name_after_a_person_said_that_it_arrived(house: House) -> None:
    house.provider.script(WHO, fakes.cannot_tell(committed=True))
    first = await asked(house, Connect(public_identifier=WHO), known_as=(ID,))
    meanwhile = await asked(house, Connect(public_identifier=ID))
    assert (meanwhile.status, meanwhile.wait_reason) == ("pending", "target_unresolved")
    for _ in range(8):
        house.clock.advance(HOUR)
        await house.work()
    async with house.app.sessions.begin() as db:
        await runs.resolve(db, await runs.by_id(db, first.id, lock=True), "delivered", None, house.now)
    house.clock.advance(HOUR)
    await house.work()

    assert (await again(house, meanwhile)).error_code == "invite_cooldown"
    assert len(house.sent("connect")) == 1


async def test_after_one_that_the_service_took_and_does_not_show(house: House) -> None:
    """They declined at once: nothing shows that it was there."""
    house.provider.script(WHO, fakes.confirm_none(), fakes.ok())
    first = await asked(house, Connect(public_identifier=WHO))
    house.provider.sent.clear()
    house.clock.advance(HOUR)
    await house.work()
    assert (await again(house, first)).error_code == "not_persisted"

    assert (await asked(house, Connect(public_identifier=WHO))).error_code == "invite_cooldown"
    assert house.sent("connect") == []


async def test_a_dry_run_says_what_the_run_would_meet(house: House) -> None:
    await asked(house, Connect(public_identifier=WHO))
    dry = await asked(house, Connect(public_identifier=WHO), dry_run=True)
    told: dict[str, Any] = dict(dry.result or {})
    assert told["gate"]["code"] == "invite_cooldown"


async def test_theirs_may_be_accepted_all_the_same(house: House) -> None:
    """Which of the two it is, only a look at the person tells; so the gate asks nothing before that."""
    await asked(house, WithdrawInvite(public_identifier=WHO))
    run = await asked(house, Connect(public_identifier=WHO, on_incoming="accept"))
    assert run.error_code == "invite_cooldown"  # nothing of theirs was there

    now, accept = house.now, Connect(public_identifier=WHO, on_incoming="accept")
    shown = {None: True, "theirs": True, "undone": False}
    for prepared, may in shown.items():
        parts, _ = gate.of_the_target(run, accept, now, prepared)  # type: ignore[arg-type]
        assert (gate.WITHDRAWN not in parts and gate.INVITED not in parts) is may


async def test_a_campaign_waits_and_says_so(house: House) -> None:
    """Another campaign of the account invited them, and that came to nothing unseen."""
    (lead,) = await house.people(1)
    first = await house.campaign({"name": "one", "steps": [INVITE]})
    await house.enroll(first, lead)
    await house.settle()
    gone = ConnectionState(state="none", public_identifier="lea-1")
    house.provider.answers["*", "check_connection:lea-1"] = gone
    await house.pass_time(3 * DAY)
    second = await house.campaign(CLASSIC, active_elsewhere="enroll")
    await house.enroll(second, lead)
    await house.pass_time(DAY)

    waiting = await house.enrollment(lead, second)
    assert (waiting.state, waiting.reason) == ("active", "invite_cooldown")
    assert waiting.next_action_at is not None
    assert waiting.next_action_at > house.now + 15 * DAY
    assert len(house.sent("connect")) == 1

    await house.pass_time(24 * DAY)
    assert len(house.sent("connect")) == 2
