"""The gate reads all that is known of a target in one statement: it says what the rules say one by one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from crowd import profile_id
from overture import people
from overture.core.errors import Conflict, Invalid
from overture.entrypoints.bootstrap import App
from overture.people import Company, Key, Lead, Merging, Mode, NewLead, Suppression, suppression, with_implied
from overture.people.keys import company_domain, company_name_key, domain_and_parents, mailbox
from overture.people.suppression.gate import keys_of_target
from overture.people.suppression.spelling import LINKEDIN, STRENGTH
from overture.runs import Go, Never, Run

WORLDS = 12
FIRMS = [("Acme, Inc.", "https://www.acme.org"), ("Northbeam", None), ("Widgets GmbH", "widgets.co.uk")]


def somebody(rng: Random, number: int) -> NewLead:
    """A person of whom more or less is known."""
    firm, website = rng.choice([*FIRMS, (None, None)])
    return NewLead(
        linkedin_slug=f"p-{number}",
        linkedin_profile_id=rng.choice([None, profile_id(100 + number)]),
        email=rng.choice([None, f"p{number}+x@mail{number}.acme.org", f"p{number}@widgets.co.uk"]),
        company_name=firm,
        website=website,
    )


def things(rng: Random, number: int, lead_id: str) -> tuple[str, str]:
    """Something a suppression may name, that has to do with this person or not."""
    made: list[tuple[str, str]] = [
        ("linkedin", f"p-{number}"),
        ("linkedin", profile_id(100 + number)),
        ("linkedin", f"urn:li:member:{100 + number}"),
        ("email", f"p{number}@mail{number}.acme.org"),
        ("domain", rng.choice([f"mail{number}.acme.org", "acme.org", "widgets.co.uk"])),
        ("company", rng.choice(["ACME", "Northbeam Ltd.", "widgets"])),
        ("person", lead_id),
        ("tombstone", Key("linkedin", f"p-{number}").tombstone),
        ("tombstone", Key("email", f"p{number}@widgets.co.uk").tombstone),
    ]
    return rng.choice(made)


async def a_world(app: App, db: AsyncSession, rng: Random, now: datetime) -> list[Lead]:
    """Six people, some of whom are one, and a few suppressions, lifted and expired ones among them."""
    leads: list[Lead] = []
    for number in range(6):
        taken = await people.take_in(db, app.ids, now, somebody(rng, number), "api", Mode())
        if taken.lead is not None:
            leads.append(taken.lead)
    for _ in range(rng.randrange(4)):
        one, two = rng.sample(leads, 2)
        try:
            await people.merge(db, app.ids, now, Merging(one.id, two.id, "same", "test"))
        except Conflict:
            continue  # one of them is part of another by now, or they are certainly two
    for _ in range(rng.randrange(4)):
        number = rng.randrange(6)
        kind, value = things(rng, number, str(rng.choice(leads).id))
        reason = rng.choice(STRENGTH)
        until = now + rng.choice([-1, 1]) * timedelta(days=1)
        expires_at = None if reason in ("opt_out", "erased") else rng.choice([None, until])
        wanted = suppression.Wanted(kind, value, reason, "test", "test", expires_at=expires_at)  # type: ignore[arg-type]
        try:
            added = await suppression.add(db, app.ids, now - timedelta(days=2), wanted)
        except (Conflict, Invalid):
            continue
        if rng.random() < 0.2:
            added.suppression.lifted_at = now
    await db.flush()
    return leads


async def rule_by_rule(db: AsyncSession, target: str, now: datetime) -> str | None:
    """The strongest reason, found by asking of each suppression whether it means this person."""
    keys = set(with_implied(keys_of_target(target)))
    owners = set((await people.owners(db, keys)).values())
    members = {one for person in (await people.persons(db, owners)).values() for one in person.all_ids}
    keys |= {key for of_one in (await people.keys_of(db, members)).values() for key in of_one}
    leads = (await db.scalars(select(Lead).where(Lead.id.in_(members)))).all()
    firms = (await db.scalars(select(Company).where(Company.id.in_([one.company_id for one in leads])))).all()
    mailboxes = {mailbox(key.value) for key in keys if key.kind == "email"}
    named = {company_name_key(one.company_name) for one in leads} | {one.name_key for one in firms}
    sites = {company_domain(one.website) for one in leads} | {company_domain(one.domain) for one in firms}
    domains = {one.rpartition("@")[2] for one in mailboxes} | {one for one in sites if one}
    meant: dict[str, Iterable[str | None]] = {
        "person": {str(one) for one in members},
        "linkedin": {key.value for key in with_implied(keys) if key.kind in LINKEDIN},
        "email": mailboxes,
        "domain": {part for one in domains for part in domain_and_parents(one)},
        "company": named,
        "tombstone": {key.tombstone for key in with_implied(keys)}
        | {Key("email", one).tombstone for one in mailboxes},
    }
    found = [
        one.reason
        for one in await db.scalars(select(Suppression))
        if one.lifted_at is None
        and (one.expires_at is None or one.expires_at > now)
        and one.value in meant[one.kind]
    ]
    return min(found, key=STRENGTH.index, default=None)


async def test_one_reading_says_what_the_rules_say_one_by_one(app: App) -> None:
    refused = 0
    for seed in range(WORLDS):
        rng, now = Random(seed), app.now()
        asked = {target: a_run(app, target) for number in range(7) for target in names_of(number)}
        async with app.sessions() as db:
            for turn in range(3):  # what is known of them changes between the first asking and the next
                await a_world(app, db, rng, now)
                for target, run in asked.items():
                    expected = await rule_by_rule(db, target, now)
                    said = await suppression.veto(db, run, now)
                    told = said.message if isinstance(said, Never) else said
                    sentence = f"This person is not to be contacted ({expected})."
                    assert told == (sentence if expected else Go()), (seed, turn, target)
                    refused += expected is not None
            await db.rollback()
    assert refused > WORLDS


def names_of(number: int) -> tuple[str, ...]:
    """Under what a run may name somebody."""
    return f"p-{number}", profile_id(100 + number), f"p{number}@widgets.co.uk"


def a_run(app: App, target: str) -> Run:
    """A run that writes to somebody."""
    return Run(id=app.ids.new(), account_id=app.ids.new(), touchpoint_type="message", target=target)


async def test_the_gate_asks_two_questions_whatever_is_known_and_then_one(app: App) -> None:
    rng, now = Random(1), app.now()
    async with app.sessions() as db:
        await a_world(app, db, rng, now)
        run = a_run(app, "p-1")
        asked: list[str] = []
        event.listen(
            app.engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(str(args[2]))
        )
        await suppression.veto(db, run, now)
        assert len(asked) == 2
        await suppression.veto(db, run, now)
        await db.rollback()
    assert len(asked) == 3


async def test_of_many_leads_the_same_is_known_as_of_each(app: App) -> None:
    for seed in range(8):
        async with app.sessions() as db:
            leads = await a_world(app, db, Random(seed), app.now())
            ids = [one.id for one in leads]
            known = await suppression.known_of(db, ids)
            persons = await people.persons(db, ids)
            assert set(known) == set(ids)
            for lead_id in ids:
                of_members = await people.keys_of(db, persons[lead_id].all_ids)
                assert known[lead_id].leads == persons[lead_id].all_ids
                assert known[lead_id].keys == {key for of_one in of_members.values() for key in of_one}
            await db.rollback()
