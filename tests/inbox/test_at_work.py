"""The inbox at work beside the planner: what is delivered is applied without anybody asking."""

import asyncio
from datetime import timedelta

import pytest

from crowd import a_lead, profile_id
from inbox_desk import Desk, a_desk
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from product import MakeApp, add_account
from waiting import eventually


@pytest.fixture
async def app(make_app: MakeApp) -> App:
    found = await make_app(inbox_tick=timedelta(milliseconds=20), planner_tick=timedelta(milliseconds=50))
    await add_account(found, "ada")
    return found


@pytest.fixture
async def desk(app: App) -> Desk:
    return await a_desk(app)


async def test_what_is_delivered_is_applied_and_ends_when_told_to(app: App, desk: Desk) -> None:
    await a_lead(app, linkedin_slug="lea-1", linkedin_profile_id=profile_id(1))

    async def is_applied() -> bool:
        return bool(await desk.told())

    async with background(app, worker=False, planner=True):
        await desk.put(desk.message(1, "Hello"))
        await eventually(is_applied)


async def test_two_servers_apply_each_once(app: App, desk: Desk) -> None:
    await a_lead(app, linkedin_slug="lea-1", linkedin_profile_id=profile_id(1))

    async def all_applied() -> bool:
        return {state for state, _ in await desk.states()} == {"applied"}

    async with background(app, worker=False, planner=True), background(app, worker=False, planner=True):
        await asyncio.gather(*(desk.put(desk.message(1, f"word {n}", key=f"k{n}")) for n in range(50)))
        await eventually(all_applied)

    keys = [one[0] for one in await desk.told()]
    assert len(keys) == len(set(keys)) == 50
