"""I28, erasing: of an erased person not one word is left in any table or file; what keeps them from being
contacted stays. And what they may ask to see is everything."""

import asyncio
import zlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

import fakes
from crowd import a_lead, events, hello, observe, over, profile_id, see, submit, suppress, take
from fakes import ScriptedProvider
from overture import people, runs
from overture.core.errors import Conflict, NotPossible
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.people import Erasure, Lead, Merging, Reading, Seen
from overture.runs import Run, schedules
from overture.touchpoints import Enrich, Message
from overture.touchpoints.profile import Profile, to_json
from waiting import eventually

CANARY = "zanzibarra"
"""Stands in everything that is known of the person."""
MEMBER = profile_id(970_123_456)
SLUG = f"{CANARY}-slug"
TELLING = (CANARY, MEMBER, "970123456")

TABLES = text("""
select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'
""")


async def found_in(app: App, words: tuple[str, ...] = TELLING) -> list[str]:
    """Tables and files in which one of the words stands, in any case; compressed bytes are opened."""
    found = []
    async with app.sessions() as db:
        for table in (await db.scalars(TABLES)).all():
            rows = (await db.scalars(text(f'select to_jsonb(t)::text from "{table}" t'))).all()
            found += [f"{table}: {word}" for word in words for row in rows if word in row.lower() + row]
        for raw in (await db.scalars(text("select raw from profiles"))).all():
            found += [f"profiles: {word}" for word in words if word in zlib.decompress(raw).decode()]
    for path in app.kit.artifacts_dir.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        found += [f"{path.name}: {word}" for word in words if word.encode() in content or word in str(path)]
    return sorted(set(found))


async def erase(app: App, lead: Lead, **more: Any) -> people.Erased:
    async with app.sessions.begin() as db:
        asked = Erasure("admin", app.kit.artifacts_dir, **more)
        return await people.erase(db, app.ids, app.now(), lead.id, asked)


async def a_whole_life(app: App, provider: ScriptedProvider) -> tuple[Lead, list[Run]]:
    """A person in every table there is, by every key, with runs of every end."""
    lead = await a_lead(
        app, email=f"{CANARY}+x@example.com", first_name="Zoe", last_name=CANARY, phone=f"+1 {CANARY}"
    )
    other = await a_lead(
        app,
        linkedin_slug=SLUG,
        full_name=f"Zoe {CANARY}",
        headline=f"I am {CANARY}",
        title=CANARY,
        location=CANARY,
        website=f"https://{CANARY}.example.com",
        external_id=f"crm-{CANARY}",
        custom={"hobby": CANARY},
    )
    async with app.sessions.begin() as db:
        await people.merge(db, app.ids, app.now(), Merging(lead.id, other.id, "same", "test"))
    await take(app, email=f"{CANARY}+x@example.com", title=f"new {CANARY}")
    await observe(app, "ada", lead, Seen("connected", app.now(), "sync"))
    made = await several_runs(app, provider)
    async with app.sessions.begin() as db:
        profile = Profile(urn="u", profile_id=MEMBER, public_identifier=SLUG, headline=CANARY)
        reading = Reading(to_json(profile), profile, await runs.by_id(db, made[0].id))
        await people.enriched(db, app.ids, app.now(), await people.by_id(db, lead.id), reading)
    await suppress(app, "email", f"{CANARY}@example.com", "manual", note=f"{CANARY} asked")
    await suppress(app, "linkedin", SLUG, "manual")
    await suppress(app, "person", str(lead.id), "manual", note=CANARY)
    await in_other_tables(app, lead, made)
    return lead, made


async def several_runs(app: App, provider: ScriptedProvider) -> list[Run]:
    """Runs toward the person: one read, one sent, one failed with its screen, one that waits."""
    provider.script(SLUG, fakes.ok(), fakes.ok(), fakes.fail(NotPossible("no", f"{CANARY} is closed")))
    made = []
    async with background(app, worker=True):
        for touchpoint in (
            Enrich(public_identifier=SLUG),
            Message(url=f"https://www.linkedin.com/in/{SLUG}/", message=f"Dear {CANARY}"),
            Message(public_identifier=SLUG, message=f"Again, {CANARY}"),
        ):
            run = await submit(app, touchpoint, tags=(CANARY, "kept"))
            made.append(await eventually(lambda run=run: over(app, run)))  # type: ignore[misc]
    made.append(await submit(app, hello(MEMBER), not_before=app.now() + timedelta(days=1)))
    return made


async def in_other_tables(app: App, lead: Lead, made: list[Run]) -> None:
    """The person in an import, a schedule, and in what a run about somebody else brought."""
    async with app.sessions.begin() as db:
        new = schedules.NewSchedule(
            handle="ada",
            touchpoint=hello(SLUG),
            cron="0 9 * * *",
            zone="UTC",
            missed="skip",
            overlap="skip",
            tags=(),
            priority=5,
        )
        await schedules.create(db, app.ids.new(), new, app.now())
    bob = await submit(app, hello("bob"))
    async with background(app, worker=True):
        await eventually(lambda: over(app, bob))
    result: dict[str, object] = {
        "relations": [
            {"public_identifier": SLUG, "name": "Z"},
            {"public_identifier": "bob", "name": "Bob"},
            {"public_identifier": f"{SLUG}-junior", "name": "J"},
        ]
    }
    async with app.sessions.begin() as db:
        (await runs.by_id(db, bob.id)).result = result
        await db.execute(IMPORTED, {"id": app.ids.new(), "lead": lead.id, "word": CANARY, "now": app.now()})


IMPORTED = text("""
with made as (
    insert into imports (import_id, name, sha256, source_format, reading, mapping, options, state, total,
        done, counts, by, created_at)
    values (:id, 'people.csv', 'x', 'csv', '{}', '{}', '{}', 'finished', 2, 2, '{}', 'test', :now)
    returning import_id
)
insert into import_rows (import_id, row, outcome, code, detail, lead_id, before, raw)
select import_id, 2, 'updated', null, cast(:word as text), cast(:lead as uuid),
    jsonb_build_object('title', cast(:word as text)), null from made
union all
select import_id, 3, 'skipped', 'suppressed', null, null, null,
    jsonb_build_array('Zoe', cast(:word as text) || '-slug') from made
""")


async def test_not_one_word_is_left_anywhere(app: App, account: str, provider: ScriptedProvider) -> None:
    lead, made = await a_whole_life(app, provider)
    before = await found_in(app)
    for table in (
        "leads",
        "identities",
        "merges",
        "runs",
        "attempts",
        "events",
        "suppressions",
        "import_rows",
        "schedules",
    ):
        assert any(one.startswith(f"{table}:") for one in before), table

    await erase(app, lead)

    # A person of nearly the same name is another person.
    async with app.sessions.begin() as db:
        rows = await db.execute(text("select run_id, result from runs where target = 'bob'"))
        [(bob, result)] = rows.all()
        assert [one["public_identifier"] for one in result["relations"]] == ["bob", f"{SLUG}-junior"]
        (await runs.by_id(db, bob)).result = None
    assert await found_in(app) == []
    assert not any(app.kit.artifacts_dir.rglob("*.png"))
    assert (await see(app, lead)).erased_at is not None
    assert made


async def test_what_happened_stays_without_whom(app: App, account: str, provider: ScriptedProvider) -> None:
    lead, made = await a_whole_life(app, provider)
    kinds = [kind for kind, _ in await events(app)]

    await erase(app, lead)

    async with app.sessions() as db:
        now = [await runs.by_id(db, run.id) for run in made]
    assert [(run.status, run.effect) for run in now] == [
        ("completed", "none"),
        ("completed", "confirmed"),
        ("failed", "none"),
        ("cancelled", "none"),
    ]
    assert {run.target for run in now} == {None}
    told = [kind for kind, _ in await events(app)]
    assert told[: len(kinds)] == kinds
    assert told[-1] == "lead.erased"
    assert "run.cancelled" in told[len(kinds) :]


async def test_erased_again_changes_nothing_and_finds_nothing(
    app: App, account: str, provider: ScriptedProvider
) -> None:
    lead, _ = await a_whole_life(app, provider)
    await erase(app, lead)
    at = (await see(app, lead)).erased_at

    again = await erase(app, lead)

    assert again.keys == frozenset()
    assert (await see(app, lead)).erased_at == at


async def test_a_run_under_way_is_waited_for(
    app: App, account: str, provider: ScriptedProvider, worker: None
) -> None:
    lead = await a_lead(app, linkedin_slug=SLUG)
    provider.script(SLUG, fakes.hang("prepare"))
    run = await submit(app, hello(SLUG))

    async def hangs() -> bool:
        return provider.hanging > 0

    await eventually(hangs)
    with pytest.raises(Conflict, match="under way"):
        await erase(app, lead)
    assert (await see(app, lead)).erased_at is None

    provider.let_go()
    await eventually(lambda: over(app, run))
    await erase(app, lead)
    assert await found_in(app) == []


async def test_an_unknown_outcome_stays_unknown_and_is_not_read_back(
    app: App, account: str, provider: ScriptedProvider, worker: None
) -> None:
    lead = await a_lead(app, linkedin_slug=SLUG)
    provider.script(SLUG, fakes.cannot_tell(committed=True))
    run = await submit(app, hello(SLUG))

    async def is_held() -> bool:
        async with app.sessions() as db:
            found = await runs.by_id(db, run.id)
        return found.status == "held" and found.next_at is None

    await eventually(is_held)
    await erase(app, lead)

    async with app.sessions() as db:
        now = await runs.by_id(db, run.id)
    assert (now.status, now.effect, now.error_code) == ("failed", "unknown", "erased")


async def test_other_packages_are_asked_to_forget_too(app: App) -> None:
    lead = await a_lead(app, email="a@x.io")
    asked: list[frozenset[UUID]] = []

    async def forget(_: Any, erased: people.Erased, __: Any) -> None:
        asked.append(erased.lead_ids)

    await erase(app, lead, also=(forget,))

    assert asked == [frozenset({lead.id})]


async def test_what_is_read_of_an_erased_person_is_not_kept(app: App, account: str, worker: None) -> None:
    lead = await a_lead(app, linkedin_slug=SLUG)
    run = await submit(app, Enrich(public_identifier=SLUG))
    run = await eventually(lambda: over(app, run))
    await erase(app, lead)

    async with app.sessions.begin() as db:
        profile = Profile(urn="u", profile_id=MEMBER, public_identifier=SLUG, headline=CANARY)
        found = await people.by_id(db, lead.id)
        await people.enriched(db, app.ids, app.now(), found, Reading(to_json(profile), profile, run))

    assert await found_in(app) == []


async def test_an_erased_run_cannot_be_sent_again(
    app: App, client: httpx2.AsyncClient, account: str, provider: ScriptedProvider
) -> None:
    lead, made = await a_whole_life(app, provider)
    await erase(app, lead)
    sent = len(provider.sent)
    async with background(app, worker=True):
        async with app.sessions.begin() as db:
            await runs.retry(db, await runs.by_id(db, made[2].id, lock=True), app.now())
        ended = await eventually(lambda: over(app, made[2]))

    assert ended.status == "failed"
    assert len(provider.sent) == sent


async def test_the_dossier_tells_everything(app: App, account: str, provider: ScriptedProvider) -> None:
    lead, made = await a_whole_life(app, provider)

    async def campaigns(_: Any, lead_ids: frozenset[UUID]) -> object:
        return len(lead_ids)

    async with app.sessions() as db:
        found: Any = await people.dossier(db, lead.id, app.now(), {"campaigns": campaigns})

    assert {key["value"] for key in found["keys"]} >= {
        f"{CANARY}+x@example.com",
        SLUG,
        MEMBER,
        f"crm-{CANARY}",
    }
    assert [one["id"] for one in found["runs"]] == [str(run.id) for run in made]
    assert f"Dear {CANARY}" in str(found["runs"])
    assert found["campaigns"] == 2
    for part in ("leads", "relationships", "merges", "profiles", "suppressions", "import_rows", "events"):
        assert found[part], part


async def test_the_check_sees_a_word_that_is_left(app: App) -> None:
    lead = await a_lead(app, linkedin_slug=SLUG)
    await erase(app, lead)
    async with app.sessions.begin() as db:
        (await people.by_id(db, lead.id)).custom = {"left": CANARY.upper()}

    assert await found_in(app) == [f"leads: {CANARY}"]


async def test_who_is_being_erased_is_not_taken_in_meanwhile(app: App) -> None:
    """The file names them while the erasure is not committed yet; it waits, and is then refused."""
    lead = await a_lead(app, linkedin_slug=SLUG)

    async def waits() -> bool:
        async with app.sessions() as db:
            return bool(await db.scalar(text("select count(*) from pg_locks where not granted")))

    async with app.sessions.begin() as db:
        await people.erase(db, app.ids, app.now(), lead.id, Erasure("admin", app.kit.artifacts_dir))
        taking = asyncio.create_task(take(app, linkedin_slug=SLUG, title=CANARY))
        await eventually(waits)
    taken = await taking

    assert (taken.outcome, taken.code) == ("skipped", "erased")
    assert await found_in(app) == []
