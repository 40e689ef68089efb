"""Profiles: what a read brings a lead, and whose lead it is."""

import json
from typing import Any

from crowd import a_lead, events, keys_of, over, profile_id, see, submit
from overture import people
from overture.entrypoints.bootstrap import App
from overture.people import Key, Lead, Reading
from overture.touchpoints import Enrich
from overture.touchpoints.profile import Company, Position, Profile, Relationship, RelationshipState, to_json
from waiting import eventually

JOB = Position(title="CTO", company_name="Acme", company=Company(name="Acme Inc."), is_current=True)


def a_profile(number: int = 7, slug: str = "ada-l", **more: Any) -> Profile:
    values = {"first_name": "Ada", "last_name": "Lovelace", "headline": "Builds", "positions": (JOB,), **more}
    member = profile_id(number)
    return Profile(urn=f"urn:li:fsd_profile:{member}", profile_id=member, public_identifier=slug, **values)


async def enrich(app: App, lead: Lead, profile: Profile) -> Lead:
    run = await submit(app, Enrich(public_identifier=profile.public_identifier))
    run = await eventually(lambda: over(app, run))
    async with app.sessions.begin() as db:
        reading = Reading(to_json(profile), profile, run)
        return await people.enriched(db, app.ids, app.now(), await people.by_id(db, lead.id), reading)


async def test_a_profile_fills_the_lead_and_is_kept_as_it_came(app: App, account: str, worker: None) -> None:
    lead = await a_lead(app, linkedin_slug="ada-l", title="Chief")
    profile = a_profile()

    await enrich(app, lead, profile)

    now = await see(app, lead)
    assert (now.first_name, now.headline, now.title) == ("Ada", "Builds", "Chief")
    assert (now.company_name, now.stage) == ("Acme Inc.", "ENRICHED")
    assert now.company_id is not None
    assert await keys_of(app, lead) == [
        Key("linkedin", "ada-l"),
        Key("linkedin_member_id", "7"),
        Key("linkedin_profile_id", profile_id(7)),
    ]
    async with app.sessions() as db:
        assert await people.raw_of(db, lead.id) == to_json(profile)


async def test_the_second_read_replaces_the_first(app: App, account: str, worker: None) -> None:
    lead = await a_lead(app, linkedin_slug="ada-l")
    await enrich(app, lead, a_profile())

    await enrich(app, lead, a_profile(headline="Rests", first_name="Augusta"))

    now = await see(app, lead)
    assert (now.first_name, now.headline) == ("Ada", "Rests")
    async with app.sessions() as db:
        assert json.loads(await people.raw_of(db, lead.id) or b"")["headline"] == "Rests"


async def test_first_degree_means_connected(app: App, account: str, worker: None) -> None:
    lead = await a_lead(app, linkedin_slug="ada-l")

    await enrich(app, lead, a_profile(relationship=Relationship(degree=1)))

    async with app.sessions() as db:
        [relation] = await people.relationships_of(db, {lead.id})
    assert relation.state == "connected"
    assert relation.source.startswith("run:run_")


async def test_a_relationship_that_could_not_be_read_says_nothing(
    app: App, account: str, worker: None
) -> None:
    lead = await a_lead(app, linkedin_slug="ada-l")

    await enrich(app, lead, a_profile(relationship=Relationship(RelationshipState.UNKNOWN)))

    async with app.sessions() as db:
        assert await people.relationships_of(db, {lead.id}) == []


async def test_two_leads_that_prove_to_be_one_member_are_merged(app: App, account: str, worker: None) -> None:
    first = await a_lead(app, linkedin_member_id="7")
    second = await a_lead(app, linkedin_slug="ada-l")

    kept = await enrich(app, second, a_profile())

    assert kept.id == first.id
    assert (await see(app, second)).merged_into == first.id
    assert (await see(app, first)).stage == "ENRICHED"


async def test_another_members_profile_changes_nothing(app: App, account: str, worker: None) -> None:
    """The slug went to somebody else since."""
    lead = await a_lead(app, linkedin_slug="ada-l", linkedin_member_id="8")

    await enrich(app, lead, a_profile(7))

    now = await see(app, lead)
    assert (now.first_name, now.stage) == (None, "DISCOVERED")
    assert (await events(app, lead))[-1][0] == "lead.profile_mismatch"


async def test_a_slug_goes_to_whoever_has_it_now(app: App, account: str, worker: None) -> None:
    former = await a_lead(app, linkedin_slug="ada-l", linkedin_member_id="8")
    lead = await a_lead(app, linkedin_profile_id=profile_id(7))

    await enrich(app, lead, a_profile(7))

    assert Key("linkedin", "ada-l") in await keys_of(app, lead)
    assert await keys_of(app, former) == [Key("linkedin_member_id", "8")]
