"""Readings of relations and inbox: as often as the operator set, from the very first on."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from campaign_house import HOUR, MINUTE, WRITE, a_house
from overture.campaigns import Sync
from overture.campaigns.syncs import OVERLAP
from overture.runs import Run
from product import MakeApp


@pytest.mark.parametrize(
    ("inbox", "relations", "first"),
    [
        (HOUR, 2 * HOUR, {"sync_inbox": 30 * MINUTE, "sync_relations": 30 * MINUTE}),
        (10 * MINUTE, 12 * HOUR, {"sync_inbox": 10 * MINUTE, "sync_relations": 30 * MINUTE}),
        (12 * HOUR, 5 * MINUTE, {"sync_inbox": 30 * MINUTE, "sync_relations": 5 * MINUTE}),
    ],
)
async def test_the_first_reading_is_no_later_than_the_settings_say(
    make_app: MakeApp, inbox: timedelta, relations: timedelta, first: dict[str, timedelta]
) -> None:
    """Half an hour after the first act, or sooner where the operator wants it sooner."""
    house = await a_house(make_app, inbox_every=inbox, relations_every=relations)
    await house.sender()
    await house.enroll(await house.campaign(WRITE), *await house.people(1))
    await house.tick()

    async with house.app.sessions() as db:
        found = {one.kind: one.next_at - house.now for one in await db.scalars(select(Sync))}
    assert found == first


async def test_an_inbox_is_read_on_from_the_newest_that_was_seen(make_app: MakeApp) -> None:
    """Found by the simulation: our clock was hours ahead of the service's, whose times a reading goes by, and
    an answer younger than the last reading in truth, yet older by our clock, was never read.
    """
    house = await a_house(make_app, inbox_every=2 * HOUR)
    await house.sender()
    me, stranger = await house.people(2)
    newest = house.now
    house.writes(stranger, "Hello.")
    await house.enroll(await house.campaign(WRITE), me)
    await house.pass_time(9 * HOUR)

    query = select(Run).where(Run.touchpoint_type == "sync_inbox").order_by(Run.created_at)
    async with house.app.sessions() as db:
        _, *later = (await db.scalars(query)).all()
    asked = {str(run.touchpoint_input["since"]).replace("Z", "+00:00") for run in later}
    assert len(later) >= 3
    assert {datetime.fromisoformat(one) for one in asked} == {newest - OVERLAP["sync_inbox"]}
