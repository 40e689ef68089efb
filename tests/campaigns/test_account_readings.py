"""Readings of relations and inbox: as often as the operator set, from the very first on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from campaign_house import HOUR, MINUTE, WRITE, a_house
from overture.campaigns import Sync
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
