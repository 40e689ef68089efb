"""Merging: two leads become one under all their keys, and can become two again as they were."""

from datetime import timedelta

import pytest

from crowd import a_lead, events, keys_of, observe, profile_id, see
from overture import people
from overture.core.errors import Conflict
from overture.entrypoints.bootstrap import App
from overture.people import Key, Lead, Merge, Merging, Seen, stage


async def merge(app: App, kept: Lead, merged: Lead) -> Merge:
    async with app.sessions.begin() as db:
        return await people.merge(db, app.ids, app.now(), Merging(kept.id, merged.id, "by hand", "admin"))


async def undo(app: App, done: Merge) -> None:
    async with app.sessions.begin() as db:
        await people.undo(db, await people.merge_by_id(db, done.id), "admin", app.now())


async def relations(app: App, lead: Lead) -> list[tuple[str, str]]:
    async with app.sessions() as db:
        found = await people.relationships_of(db, {lead.id})
    return [(one.state, one.source) for one in found]


async def two(app: App) -> tuple[Lead, Lead]:
    kept = await a_lead(app, email="ada@acme.com", title="CTO", custom={"a": 1, "both": "kept"})
    merged = await a_lead(
        app, linkedin_slug="ada-l", title="x", headline="h", custom={"b": 2, "both": "merged"}
    )
    return kept, merged


async def test_the_kept_lead_has_all_keys_and_its_gaps_filled(app: App) -> None:
    kept, merged = await two(app)

    await merge(app, kept, merged)

    now = await see(app, kept)
    assert (now.title, now.headline, now.custom) == ("CTO", "h", {"a": 1, "b": 2, "both": "kept"})
    assert await keys_of(app, kept) == [Key("email", "ada@acme.com"), Key("linkedin", "ada-l")]
    assert await keys_of(app, merged) == []
    assert [kind for kind, _ in await events(app, kept)][-1] == "lead.merged"
    assert [kind for kind, _ in await events(app, merged)][-1] == "lead.merged"


async def test_undoing_makes_both_as_they_were(app: App) -> None:
    kept, merged = await two(app)
    keys = {lead.id: await keys_of(app, lead) for lead in (kept, merged)}
    done = await merge(app, kept, merged)

    await undo(app, done)

    for lead in (kept, merged):
        now = await see(app, lead)
        assert (now.title, now.headline, now.custom) == (lead.title, lead.headline, lead.custom)
        assert (now.merged_into, now.stage) == (None, lead.stage)
        assert await keys_of(app, lead) == keys[lead.id]


async def test_undoing_keeps_what_the_lead_was_given_since(app: App) -> None:
    kept, merged = await two(app)
    done = await merge(app, kept, merged)
    await a_lead(app, email="ada@acme.com", headline="newer", external_id="crm-1", custom={"c": 3})

    await undo(app, done)

    now = await see(app, kept)
    assert (now.headline, now.custom) == ("newer", {"a": 1, "c": 3, "both": "kept"})
    assert Key("external", "crm-1") in await keys_of(app, kept)


async def test_relationships_go_by_the_newest_sight_and_come_back(app: App, account: str) -> None:
    kept, merged = await two(app)
    at = app.now()
    await observe(app, account, kept, Seen("invited", at, "old"))
    await observe(app, account, merged, Seen("connected", at + timedelta(hours=1), "new"))

    done = await merge(app, kept, merged)
    assert await relations(app, kept) == [("connected", "new")]

    await undo(app, done)
    assert await relations(app, kept) == [("invited", "old")]
    assert await relations(app, merged) == [("connected", "new")]


async def test_the_person_is_as_far_as_the_further_of_the_two(app: App) -> None:
    kept, merged = await two(app)
    async with app.sessions.begin() as db:
        lead = await people.by_id(db, merged.id)
        await stage.move(db, lead, "CONNECTED", "test", "test", app.now())

    done = await merge(app, kept, merged)
    assert (await see(app, kept)).stage == "CONNECTED"

    await undo(app, done)
    assert (await see(app, kept)).stage == "DISCOVERED"
    assert (await see(app, merged)).stage == "CONNECTED"


async def test_merges_are_undone_newest_first_and_once(app: App) -> None:
    one, two_, three = [await a_lead(app, email=f"{n}@x.io") for n in range(3)]
    first = await merge(app, two_, three)
    second = await merge(app, one, two_)

    with pytest.raises(Conflict, match="later merge"):
        await undo(app, first)
    await undo(app, second)
    await undo(app, first)
    with pytest.raises(Conflict, match="undone before"):
        await undo(app, first)

    for n, lead in enumerate((one, two_, three)):
        assert await keys_of(app, lead) == [Key("email", f"{n}@x.io")]


async def test_a_chain_of_merges_is_one_person_seen_from_each(app: App) -> None:
    made = [await a_lead(app, email=f"{n}@x.io") for n in range(3)]
    await merge(app, made[1], made[2])
    await merge(app, made[0], made[1])

    async with app.sessions() as db:
        found = await people.persons(db, [lead.id for lead in made])

    assert {one.lead_id for one in found.values()} == {made[0].id}
    assert {one.all_ids for one in found.values()} == {frozenset(lead.id for lead in made)}


async def test_nobody_is_merged_with_themselves_or_twice(app: App) -> None:
    kept, merged = await two(app)
    with pytest.raises(Conflict):
        await merge(app, kept, kept)
    await merge(app, kept, merged)
    with pytest.raises(Conflict):
        await merge(app, merged, kept)
    with pytest.raises(Conflict):
        await merge(app, kept, merged)


async def test_ids_that_contradict_are_not_merged_by_a_shared_key(app: App) -> None:
    first = await a_lead(app, linkedin_profile_id=profile_id(1), email="a@x.io")
    second = await a_lead(app, linkedin_profile_id=profile_id(2), email="b@x.io")

    await a_lead(app, linkedin_profile_id=profile_id(1), more_emails=("b@x.io",))

    assert (await see(app, first)).merged_into is (await see(app, second)).merged_into is None
