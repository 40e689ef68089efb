"""Taking people in: found by any key, brought up to date, never made twice."""

import asyncio

import pytest

from crowd import a_lead, events, keys_of, profile_id, see, suppress, take
from overture import people
from overture.entrypoints.bootstrap import App
from overture.people import Key, LeadFilter, Mode


async def leads(app: App, **wanted: object) -> list[people.Lead]:
    async with app.sessions() as db:
        return list(await people.page(db, LeadFilter(**wanted), None, 100))  # type: ignore[arg-type]


async def test_a_new_person_becomes_a_lead_with_all_keys(app: App) -> None:
    taken = await take(
        app,
        first_name=" Ada ",
        last_name="Lovelace",
        email="ADA@acme.com",
        linkedin_url="linkedin.com/in/Ada-L",
        company_name="Acme Inc.",
        custom={"tier": "a"},
    )

    assert (taken.outcome, taken.code) == ("created", None)
    assert taken.lead is not None
    assert (taken.lead.first_name, taken.lead.stage, taken.lead.custom) == (
        "Ada",
        "DISCOVERED",
        {"tier": "a"},
    )
    assert await keys_of(app, taken.lead) == [Key("email", "ada@acme.com"), Key("linkedin", "ada-l")]
    assert await events(app, taken.lead) == [
        ("lead.created", {"source": "api", "stage": "DISCOVERED", "keys": ["email", "linkedin"]})
    ]


@pytest.mark.parametrize(
    "again",
    [
        {"email": "Ada <ada@ACME.com>"},
        {"linkedin_url": "https://www.linkedin.com/in/ada-l/?x=1"},
        {"linkedin_profile_id": profile_id(7)},
        {"linkedin_member_id": "urn:li:member:7"},
        {"external_id": "crm-1"},
    ],
)
async def test_a_person_is_found_by_any_key(app: App, again: dict[str, str]) -> None:
    first = await a_lead(
        app,
        email="ada@acme.com",
        linkedin_slug="ada-l",
        linkedin_profile_id=profile_id(7),
        external_id="crm-1",
    )

    found = await take(app, **again)

    assert (found.lead and found.lead.id, found.outcome) == (first.id, "unchanged")
    assert len(await leads(app)) == 1


async def test_what_is_new_is_written_and_what_is_not_said_stays(app: App) -> None:
    lead = await a_lead(app, email="ada@acme.com", title="CTO", location="Paris", custom={"a": 1})

    taken = await take(app, email="ada@acme.com", title="CEO", linkedin_slug="ada-l", custom={"b": 2})

    now = await see(app, lead)
    assert (now.title, now.location, now.custom) == ("CEO", "Paris", {"a": 1, "b": 2})
    assert taken.before == {
        "fields": {"title": "CTO", "custom": {"a": 1}},
        "keys": [["linkedin", "ada-l"]],
        "merges": [],
    }
    assert (await events(app, lead))[-1] == (
        "lead.updated",
        {"source": "api", "fields": ["custom", "title"], "keys": ["linkedin"]},
    )


async def test_fields_not_to_be_overwritten_are_only_filled(app: App) -> None:
    lead = await a_lead(app, email="ada@acme.com", title="CTO", custom={"tier": "a"})
    keeps = Mode(keeps=frozenset({"title", "headline", "custom.tier"}))

    await take(app, keeps, email="ada@acme.com", title="x", headline="h", custom={"tier": "b", "n": 1})

    now = await see(app, lead)
    assert (now.title, now.headline, now.custom) == ("CTO", "h", {"tier": "a", "n": 1})


async def test_the_modes_add_or_update_only(app: App) -> None:
    lead = await a_lead(app, email="ada@acme.com")

    added = await take(app, Mode("add_only"), email="ada@acme.com", title="CTO")
    updated = await take(app, Mode("update_only"), email="bob@acme.com")

    assert (added.outcome, added.code) == ("skipped", "exists")
    assert (updated.outcome, updated.code, updated.lead) == ("skipped", "not_found", None)
    assert (await see(app, lead)).title is None


async def test_nobody_is_taken_in_without_a_key(app: App) -> None:
    taken = await take(app, first_name="Ada", linkedin_url="n/a", email="ada at acme")

    assert (taken.outcome, taken.code) == ("invalid", "no_key")
    assert await leads(app) == []


async def test_two_leads_that_one_person_names_are_merged(app: App) -> None:
    first = await a_lead(app, email="ada@acme.com", title="CTO")
    second = await a_lead(app, linkedin_slug="ada-l", headline="Builds things")

    taken = await take(app, email="ada@acme.com", linkedin_slug="ada-l")

    assert taken.lead is not None
    assert (taken.outcome, taken.lead.id) == ("updated", first.id)
    assert (await see(app, second)).merged_into == first.id
    now = await see(app, first)
    assert (now.title, now.headline) == ("CTO", "Builds things")
    assert [lead.id for lead in await leads(app)] == [first.id]


async def test_a_shared_mailbox_does_not_make_two_members_one(app: App) -> None:
    first = await a_lead(app, email="office@acme.com", linkedin_profile_id=profile_id(1))

    other = await take(app, email="office@acme.com", linkedin_profile_id=profile_id(2))

    assert other.lead is not None
    assert other.lead.id != first.id
    assert (other.outcome, other.code) == ("created", "key_taken")
    assert Key("email", "office@acme.com") not in await keys_of(app, other.lead)


async def test_a_key_that_only_others_have_makes_no_lead(app: App) -> None:
    await a_lead(app, email="office@acme.com", linkedin_profile_id=profile_id(1))
    await a_lead(app, linkedin_profile_id=profile_id(2))

    taken = await take(app, email="office@acme.com", linkedin_profile_id=profile_id(2))

    assert (taken.outcome, taken.code) == ("unchanged", "key_taken")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "ada+shop@acme.com"),
        ("linkedin", "https://linkedin.com/in/ada-l"),
        ("domain", "acme.com"),
        ("company", "ACME Incorporated"),
        ("linkedin", "7"),
    ],
)
async def test_nobody_suppressed_is_taken_in(app: App, kind: str, value: str) -> None:
    await suppress(app, kind, value)

    taken = await take(
        app,
        email="ada@mail.acme.com" if kind == "domain" else "ada@acme.com",
        linkedin_slug="ada-l",
        linkedin_profile_id=profile_id(7),
        company_name="Acme, Inc.",
    )

    assert (taken.outcome, taken.code, taken.lead) == ("skipped", "suppressed", None)
    assert await leads(app) == []


async def test_a_suppressed_lead_is_not_changed(app: App) -> None:
    lead = await a_lead(app, email="ada@acme.com", linkedin_slug="ada-l")
    await suppress(app, "linkedin", "ada-l")

    taken = await take(app, email="ada@acme.com", title="CTO")

    assert (taken.outcome, taken.code) == ("skipped", "suppressed")
    assert (await see(app, lead)).title is None


async def test_many_at_once_make_one_lead(app: App) -> None:
    taken = await asyncio.gather(
        *(take(app, email="ada@acme.com", linkedin_slug="ada-l", custom={str(n): n}) for n in range(8))
    )

    assert len({one.lead.id for one in taken if one.lead}) == 1
    assert [one.outcome for one in taken].count("created") == 1
    assert len((await leads(app))[0].custom) == 8


async def test_people_of_one_employer_share_a_company(app: App) -> None:
    one = await a_lead(app, email="a@x.io", company_name="Acme, Inc.")
    two = await a_lead(app, email="b@x.io", company_name="ACME", company_domain="https://www.acme.com")
    three = await a_lead(app, email="c@x.io", company_name="Acme International", company_domain="acme.com")
    four = await a_lead(app, email="d@x.io", company_name="Acme", company_domain="acme.de")

    assert one.company_id == two.company_id == three.company_id != four.company_id
    assert len(await leads(app, company_id=one.company_id)) == 3


async def test_companies_made_at_once_are_one(app: App) -> None:
    made = await asyncio.gather(
        *(a_lead(app, email=f"{n}@x.io", company_name="Acme") for n in range(6)),
        *(a_lead(app, email=f"d{n}@x.io", company_name="Ba", company_domain="ba.io") for n in range(6)),
    )

    assert len({lead.company_id for lead in made}) == 2


async def test_texts_are_cleaned_of_what_no_database_takes(app: App) -> None:
    lead = await a_lead(app, email="a@x.io", title="  C\x00T\nO ", zone="Mars/Olympus", country=" ")

    assert (lead.title, lead.zone, lead.country) == ("C T O", None, None)


async def test_a_list_is_filtered_searched_and_paged(app: App) -> None:
    made = [
        await a_lead(app, email=f"p{n}@x.io", first_name="Pat", last_name=f"Number {n}") for n in range(5)
    ]
    async with app.sessions() as db:
        first = await people.page(db, LeadFilter(), None, 3)
        rest = await people.page(db, LeadFilter(), first[-1].id, 3)
        counts = await people.stage_counts(db)

    assert [lead.id for lead in (*first, *rest)] == [lead.id for lead in reversed(made)]
    assert [lead.id for lead in await leads(app, search="pat 3")] == [made[3].id]
    assert [lead.id for lead in await leads(app, search="P2@x.io")] == [made[2].id]
    assert await leads(app, search="100%") == []
    assert await leads(app, stages=("ENRICHED",)) == []
    assert counts["DISCOVERED"] == 5
