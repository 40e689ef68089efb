"""Events of people: each in the registry with the keys of its data, none with anything that must be erasable,
and all of them on the timeline of whom they are about."""

from crowd import a_lead, events, hello, observe, over, profile_id, submit, suppress
from overture import people
from overture.core.event_types import EVENT_TYPES
from overture.entrypoints.bootstrap import App
from overture.people import Erasure, Merging, Reading, Seen, stage, suppression
from overture.touchpoints import Enrich
from overture.touchpoints.profile import Profile, to_json
from waiting import eventually

OURS = ("lead.", "suppression.", "connection_")
WRITTEN = {
    "connection_accepted",
    "lead.created",
    "lead.enriched",
    "lead.erased",
    "lead.merge_undone",
    "lead.merged",
    "lead.profile_mismatch",
    "lead.relationship_changed",
    "lead.stage_changed",
    "lead.updated",
    "suppression.added",
    "suppression.lifted",
    "suppression.strengthened",
}


async def one_of_each(app: App) -> people.Lead:
    lead = await a_lead(app, linkedin_slug="quirina", email="quirina@example.com", first_name="Quirina")
    await a_lead(app, linkedin_slug="quirina", title="CTO")
    other = await a_lead(app, external_id="quirina-2")
    async with app.sessions.begin() as db:
        done = await people.merge(db, app.ids, app.now(), Merging(lead.id, other.id, "same", "admin"))
        await people.undo(db, done, "admin", app.now())
    await observe(app, "ada", lead, Seen("invited", app.now(), "run:x"))
    await observe(app, "ada", lead, Seen("connected", app.now(), "sync"))
    run = await submit(app, Enrich(public_identifier="quirina"))
    run = await eventually(lambda: over(app, run))
    for member in (profile_id(7), profile_id(8)):
        profile = Profile(urn="u", profile_id=member, public_identifier="quirina")
        async with app.sessions.begin() as db:
            reading = Reading(to_json(profile), profile, run)
            await people.enriched(db, app.ids, app.now(), await people.by_id(db, lead.id), reading)
    await suppress(app, "email", "quirina@example.com", "manual")
    made = await suppress(app, "email", "quirina@example.com", "bounced")
    async with app.sessions.begin() as db:
        await suppression.lift(db, await suppression.by_id(db, made.id), "user", app.now())
        found = await people.by_id(db, lead.id)
        await stage.set_by_hand(db, found, "ENRICHED", "a mistake", "admin", app.now())
    return lead


async def test_every_event_is_in_the_registry_with_its_keys(app: App, account: str, worker: None) -> None:
    lead = await one_of_each(app)
    async with app.sessions.begin() as db:
        await people.erase(db, app.ids, app.now(), lead.id, Erasure("admin", app.kit.artifacts_dir))

    told = [(kind, data) for kind, data in await events(app) if kind.startswith(OURS)]
    for kind, data in told:
        assert set(data) <= set(EVENT_TYPES[kind].data), kind
    assert {kind for kind, _ in told} == WRITTEN


async def test_no_event_of_a_lead_tells_who_it_is(app: App, account: str, worker: None) -> None:
    lead = await one_of_each(app)

    assert "quirina" not in str(await events(app, lead)).lower()


async def test_a_timeline_has_what_happened_to_the_person_newest_first(
    app: App, account: str, worker: None
) -> None:
    one, two = await a_lead(app, email="a@x.io"), await a_lead(app, linkedin_slug="ada-l")
    run = await submit(app, hello("ada-l"))
    await eventually(lambda: over(app, run))
    await eventually(lambda: over(app, run))
    async with app.sessions.begin() as db:
        await people.merge(db, app.ids, app.now(), Merging(one.id, two.id, "same", "admin"))

    async with app.sessions() as db:
        whole = await people.timeline(db, two.id, None, 100)
        first = await people.timeline(db, one.id, None, 3)
        rest = await people.timeline(db, one.id, first[-1].id, 100)

    kinds = [event.type for event in whole]
    assert kinds[-1] == "lead.created"
    assert kinds[0] == "lead.merged"
    assert {"run.created", "run.intended", "run.completed"} <= set(kinds)
    assert [event.id for event in (*first, *rest)] == [event.id for event in whole]
