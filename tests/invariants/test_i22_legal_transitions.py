"""I22: a lead moves along legal transitions only, whatever is asked of it, and its stage is what its events
add up to."""

from random import Random
from typing import get_args

import pytest
from sqlalchemy import text

from crowd import a_lead, events, observe, see
from overture import people
from overture.core.errors import Conflict
from overture.entrypoints.bootstrap import App
from overture.people import STAGES, Erasure, Lead, Merging, Seen, stage
from overture.people.relationship import State
from product import add_account
from simulation import folding

SEEDS = 12
ACTS = 25


class Deeds:
    """Everything that may touch a lead's stage, drawn at random."""

    def __init__(self, app: App, seed: int) -> None:
        self.app, self.rng = app, Random(seed)
        self.merges: list[people.Merge] = []

    async def one(self, leads: list[Lead]) -> None:
        deeds = [self.move, self.move, self.advance, self.by_hand, self.see, self.merge, self.undo]
        try:
            await self.rng.choice(deeds)(self.rng.choice(leads))
        except Conflict:
            return  # refused, so nothing happened; the check below sees if it did

    async def move(self, lead: Lead) -> None:
        async with self.app.sessions.begin() as db:
            found = await people.by_id(db, lead.id, lock=True)
            await stage.move(db, found, self.rng.choice(STAGES), "any", "test", self.app.now())

    async def advance(self, lead: Lead) -> None:
        async with self.app.sessions.begin() as db:
            found = await people.by_id(db, lead.id, lock=True)
            await stage.advance(db, found, self.rng.choice(STAGES), "any", "test", self.app.now())

    async def by_hand(self, lead: Lead) -> None:
        if self.rng.random() < 0.7:
            return
        async with self.app.sessions.begin() as db:
            found = await people.by_id(db, lead.id, lock=True)
            await stage.set_by_hand(db, found, self.rng.choice(STAGES), "why", "admin", self.app.now())

    async def see(self, lead: Lead) -> None:
        state: State = self.rng.choice(get_args(State))
        await observe(self.app, "ada", lead, Seen(state, self.app.now(), "sync"))

    async def merge(self, lead: Lead) -> None:
        other = await a_lead(self.app, email=f"{self.rng.random()}@x.io")
        kept, merged = self.rng.sample((lead, other), 2)
        async with self.app.sessions.begin() as db:
            wanted = Merging(kept.id, merged.id, "any", "test")
            self.merges.append(await people.merge(db, self.app.ids, self.app.now(), wanted))

    async def undo(self, _: Lead) -> None:
        if not self.merges:
            return
        async with self.app.sessions.begin() as db:
            done = await people.merge_by_id(db, self.merges.pop().id)
            await people.undo(db, done, "test", self.app.now())


async def illegal(app: App) -> list[object]:
    """Moves in the log that nobody may make but an administrator or an undone merge, or that skip a step."""
    async with app.sessions() as db:
        rows = await db.execute(
            text("select lead_id, data from events where type = 'lead.stage_changed' order by id")
        )
        told = [(row.lead_id, row.data) for row in rows]
    at: dict[object, str] = {}
    found: list[object] = []
    for lead_id, data in told:
        is_free = data["manual"] or data["why"] in ("merged", "merge_undone")
        is_legal = is_free or stage.may_move(data["from"], data["to"])
        if not is_legal or at.get(lead_id, "DISCOVERED") != data["from"]:
            found.append(data)
        at[lead_id] = data["to"]
    return found


async def unlike_their_events(app: App) -> list[object]:
    """Leads whose stage is not what their events add up to."""
    async with app.sessions() as db:
        leads = (await db.execute(text("select lead_id, stage from leads"))).all()
        found = []
        for lead_id, now in leads:
            rows = await db.execute(
                text("select type, data from events where lead_id = :lead order by id"), {"lead": lead_id}
            )
            if stage.folded([(row.type, row.data) for row in rows]) != now:
                found.append(lead_id)
    return found


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_is_done_the_moves_are_legal_and_add_up(app: App, seed: int) -> None:
    await add_account(app, "ada")
    leads = [await a_lead(app, email=f"{n}@x.io") for n in range(3)]
    deeds = Deeds(app, seed)
    for _ in range(ACTS):
        await deeds.one(leads)

    assert await illegal(app) == []
    assert await unlike_their_events(app) == []
    async with app.sessions() as db:  # and what they are to each other, copied by merges and put back
        assert await folding.unlike_their_events(db) == []


async def test_erasing_leaves_the_events_adding_up(app: App) -> None:
    lead = await a_lead(app, email="a@x.io", first_name="Connected", last_name="Pending")
    async with app.sessions.begin() as db:
        await stage.move(db, await people.by_id(db, lead.id), "PENDING", "any", "test", app.now())
    async with app.sessions.begin() as db:
        await people.erase(db, app.ids, app.now(), lead.id, Erasure("admin", app.kit.artifacts_dir))

    assert (await see(app, lead)).stage == "IGNORED"
    assert await unlike_their_events(app) == []


async def test_the_check_sees_a_stage_that_was_set_without_its_event(app: App) -> None:
    lead = await a_lead(app, email="a@x.io")
    async with app.sessions.begin() as db:
        (await people.by_id(db, lead.id)).stage = "CONNECTED"

    assert await unlike_their_events(app) == [lead.id]
    assert len(await events(app, lead)) == 1


async def test_the_check_sees_a_move_that_is_not_legal(app: App) -> None:
    lead = await a_lead(app, email="a@x.io")
    async with app.sessions.begin() as db:
        found = await people.by_id(db, lead.id)
        await stage.change(db, found, "COMPLETED", app.now(), why="any", by="mutant", manual=False)
        await stage.change(db, found, "PENDING", app.now(), why="any", by="mutant", manual=False)

    assert len(await illegal(app)) == 1
