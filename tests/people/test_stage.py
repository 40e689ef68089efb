"""The pipeline: legal moves only, each an event, and a hand on it only with a reason."""

from itertools import pairwise

import pytest

from crowd import a_lead, events, see
from overture import people
from overture.core.errors import Conflict, Invalid
from overture.entrypoints.bootstrap import App
from overture.people import STAGES, Lead, Stage, stage


async def move(app: App, lead: Lead, to: Stage) -> None:
    async with app.sessions.begin() as db:
        found = await people.by_id(db, lead.id, lock=True)
        await stage.move(db, found, to, "test", "planner", app.now())


def test_the_way_through_is_open_and_no_way_leads_back() -> None:
    way = ("DISCOVERED", "ENRICHED", "PENDING", "CONNECTED", "COMPLETED")
    for place, frm in enumerate(way):
        for to in way[: place + 1]:
            assert not stage.may_move(frm, to)
    assert all(stage.may_move(frm, to) for frm, to in pairwise(way))


@pytest.mark.parametrize("end", sorted(stage.CLOSED))
def test_what_is_over_stays_over_and_every_open_stage_may_end(end: str) -> None:
    assert not any(stage.may_move(end, to) for to in STAGES)
    assert all(stage.may_move(frm, end) for frm in stage.OPEN)


async def test_a_move_is_an_event(app: App) -> None:
    lead = await a_lead(app, email="a@x.io")
    await move(app, lead, "ENRICHED")
    await move(app, lead, "ENRICHED")

    assert (await see(app, lead)).stage == "ENRICHED"
    assert (await events(app, lead))[1:] == [
        (
            "lead.stage_changed",
            {"from": "DISCOVERED", "to": "ENRICHED", "why": "test", "by": "planner", "manual": False},
        )
    ]


async def test_an_illegal_move_is_refused_and_says_what_is_allowed(app: App) -> None:
    lead = await a_lead(app, email="a@x.io")
    await move(app, lead, "COMPLETED")

    with pytest.raises(Conflict) as refused:
        await move(app, lead, "PENDING")

    assert refused.value.facts == {"current_state": "COMPLETED", "allowed_actions": []}
    assert (await see(app, lead)).stage == "COMPLETED"


async def test_an_administrator_may_move_it_anywhere_and_says_why(app: App) -> None:
    lead = await a_lead(app, email="a@x.io")
    await move(app, lead, "FAILED")
    async with app.sessions.begin() as db:
        found = await people.by_id(db, lead.id)
        with pytest.raises(Invalid, match="needs a reason"):
            await stage.set_by_hand(db, found, "ENRICHED", " ", "admin", app.now())
        await stage.set_by_hand(db, found, "ENRICHED", "it was our mistake", "admin", app.now())

    kind, data = (await events(app, lead))[-1]
    assert kind == "lead.stage_changed"
    assert data == {
        "from": "FAILED",
        "to": "ENRICHED",
        "why": "it was our mistake",
        "by": "admin",
        "manual": True,
    }
