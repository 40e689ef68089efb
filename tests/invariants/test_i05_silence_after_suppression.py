"""I5: nobody who is suppressed is written to, under any of their keys, by any run, however it was submitted
and whenever the suppression came before the act; nor after they were erased, merged or taken in again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

import fakes
from crowd import a_lead, hello, over, profile_id, submit, suppress, take
from fakes import ScriptedProvider
from overture import people
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.people import Erasure, Lead, Merging, suppression
from overture.runs import Go, Never, Passage, Run, Veto
from overture.touchpoints import CheckConnection, Connect, Follow, InMail, Touchpoint, Visit
from product import MakeApp, add_account
from waiting import eventually

RUNS = "/api/v1/runs"
SEEDS = 40
SALES = "ACwAADWk6QEBEoqhx_o-vtQuucEehcVnIZdLsn8"


def scripted(app: App) -> ScriptedProvider:
    found = app.providers["linkedin_browser"]
    assert isinstance(found, ScriptedProvider)
    return found


async def hanging(provider: ScriptedProvider, count: int = 1) -> bool:
    return provider.hanging >= count


@dataclass(frozen=True)
class Alias:
    """A person under several keys, the one the run names, and the one that is suppressed."""

    number: int
    target: str
    kind: str
    value: str
    as_two_leads: bool
    when: str

    @property
    def fields(self) -> dict[str, Any]:
        return {
            "email": f"ada+tag@mail{self.number}.acme{self.number}.com",
            "external_id": f"crm-{self.number}",
            "company_name": f"Acme{self.number} Inc.",
        }

    @property
    def linkedin(self) -> dict[str, Any]:
        return {
            "linkedin_slug": f"ada-{self.number}",
            "linkedin_profile_id": profile_id(1000 + self.number),
        }

    def touchpoint(self, rng: Random) -> Touchpoint:
        made: list[Callable[[], Touchpoint]] = [
            lambda: hello(self.target),
            lambda: Connect(public_identifier=self.target),
            lambda: InMail(public_identifier=self.target, subject="Hi", body="Hello"),
        ]
        return rng.choice(made)()


def alias(seed: int) -> Alias:
    rng = Random(seed)
    slug, member = f"ada-{seed}", profile_id(1000 + seed)
    kind, value = rng.choice(
        [
            ("linkedin", slug),
            ("linkedin", member),
            ("linkedin", f"urn:li:member:{1000 + seed}"),
            ("email", f"ada@mail{seed}.acme{seed}.com"),
            ("domain", f"acme{seed}.com"),
            ("company", f"ACME{seed}"),
            ("person", ""),
        ]
    )
    when = rng.choice(["before", "queued", "prepare", "look"])
    return Alias(seed, rng.choice([slug, member]), kind, value, rng.random() < 0.5, when)


async def arrive(app: App, who: Alias) -> Lead:
    """The person as leads: one, or two that are then found to be one."""
    if not who.as_two_leads:
        return await a_lead(app, **who.fields, **who.linkedin)
    one, two = await a_lead(app, **who.fields), await a_lead(app, **who.linkedin)
    async with app.sessions.begin() as db:
        await people.merge(db, app.ids, app.now(), Merging(one.id, two.id, "same", "test"))
    return two


async def trial(app: App, seeds: range) -> tuple[list[Run], int]:
    """Suppress each person by one key while a run to another of their keys is somewhere under way."""
    provider = scripted(app)
    aliases = [alias(seed) for seed in seeds]
    leads = {who: await arrive(app, who) for who in aliases}
    submitted = []
    for who in aliases:
        handle = await add_account(app, f"acc-{who.number}")
        if who.when in ("prepare", "look"):
            provider.script(who.target, fakes.hang(who.when))  # type: ignore[arg-type]
        value = who.value or str(leads[who].id)
        if who.when == "before":
            await suppress(app, who.kind, value)
        submitted.append(await submit(app, who.touchpoint(Random(who.number)), handle))
        if who.when == "queued":
            await suppress(app, who.kind, value)
    late = [who for who in aliases if who.when in ("prepare", "look")]
    async with background(app, worker=True):
        await eventually(lambda: hanging(provider, len(late)), 60)
        for who in late:
            await suppress(app, who.kind, who.value or str(leads[who].id))
        provider.let_go()
        ended = [await eventually(lambda run=run: over(app, run), 60) for run in submitted]  # type: ignore[misc]
    return ended, len(provider.sent)


async def test_no_alias_and_no_moment_lets_a_message_through(make_app: MakeApp) -> None:
    app = await make_app(worker_concurrency=SEEDS)
    ended, sent = await trial(app, range(SEEDS))

    assert sent == 0
    assert {(run.status, run.error_code) for run in ended} == {("failed", "suppressed")}


def only_at_submission(real: Veto) -> Veto:
    """M13, one form: the list is asked once, when the run comes up, and never again."""
    answers: dict[UUID, Passage] = {}

    async def veto(db: AsyncSession, run: Run, now: datetime) -> Passage:
        if run.id not in answers:
            answers[run.id] = await real(db, run, now)
        return answers[run.id]

    return veto


def only_the_key_itself(_: Veto) -> Veto:
    """M13, another: the list is asked for what the run names, not for the person behind it."""

    async def veto(db: AsyncSession, run: Run, now: datetime) -> Passage:
        found = await suppression.find(db, "linkedin", run.target or "-", now)
        return Never("suppressed", "listed") if found else Go()

    return veto


def only_in_campaigns(_: Veto) -> Veto:
    """M13 as it was found in the field: runs are not asked at all."""

    async def veto(db: AsyncSession, run: Run, now: datetime) -> Passage:
        return Go()

    return veto


@pytest.mark.parametrize("mutant", [only_at_submission, only_the_key_itself, only_in_campaigns])
async def test_asking_less_is_caught(make_app: MakeApp, mutant: Callable[[Veto], Veto]) -> None:
    app = await make_app(worker_concurrency=SEEDS)
    _, sent = await trial(replace(app, vetoes=(mutant(suppression.veto),)), range(SEEDS))

    assert sent > 0


async def follow(client: httpx2.AsyncClient, run: dict[str, Any]) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        shown: dict[str, Any] = (await client.get(f"{RUNS}/{run['run_id']}")).json()
        return shown if shown["completed_at"] else None

    return await eventually(look)


async def post(client: httpx2.AsyncClient, touchpoint: Touchpoint) -> dict[str, Any]:
    body = {"handle": "ada", "touchpoint": touchpoint.model_dump(mode="json", exclude_none=True)}
    answer = await client.post(RUNS, json=body)
    assert answer.status_code == 201, answer.text
    run: dict[str, Any] = answer.json()
    return run


async def test_a_run_over_the_api_to_somebody_suppressed_sends_nothing(
    app: App, client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    """Nobody has a lead of them: the list alone is enough."""
    await suppress(app, "linkedin", "https://www.linkedin.com/in/Grace-Hopper/")

    shown = await follow(client, await post(client, hello("grace-hopper")))

    assert (shown["status"], shown["error_code"], shown["effect"]) == ("failed", "suppressed", "none")
    assert "opt_out" in shown["error"]
    assert provider.calls == []


async def test_a_suppression_between_submission_and_intent_stops_a_run_over_the_api(
    app: App, client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    await a_lead(app, linkedin_slug="grace-hopper", email="grace@navy.mil")
    provider.script("grace-hopper", fakes.hang("look"))
    run = await post(client, hello("grace-hopper"))
    await eventually(lambda: hanging(provider))
    await suppress(app, "email", "grace@navy.mil")
    provider.let_go()

    shown = await follow(client, run)

    assert (shown["status"], shown["error_code"], shown["effect"]) == ("failed", "suppressed", "none")
    assert provider.sent == []
    assert provider.phases("grace-hopper") == ["prepare", "look", "abandon"]


async def test_a_suppression_between_intent_and_act_stops_the_act(make_app: MakeApp) -> None:
    app = await make_app(act_window=timedelta(seconds=60))
    provider, handle = scripted(app), await add_account(app, "ada")
    await a_lead(app, linkedin_slug="grace-hopper", email="grace@navy.mil")
    provider.script("grace-hopper", fakes.hang("act"))
    run = await submit(app, hello("grace-hopper"), handle)
    async with background(app, worker=True):
        await eventually(lambda: hanging(provider))
        await suppress(app, "email", "grace@navy.mil")
        provider.let_go()
        ended = await eventually(lambda: over(app, run), 60)

    assert (ended.status, ended.error_code, ended.effect) == ("failed", "suppressed", "absent")
    assert provider.sent == []


@pytest.mark.parametrize("touchpoint", [Visit, Follow])
async def test_somebody_suppressed_is_neither_visited_nor_followed(
    app: App,
    client: httpx2.AsyncClient,
    account: str,
    provider: ScriptedProvider,
    worker: None,
    touchpoint: type[Visit | Follow],
) -> None:
    await suppress(app, "linkedin", "grace-hopper")

    shown = await follow(client, await post(client, touchpoint(public_identifier="grace-hopper")))

    assert (shown["status"], shown["error_code"]) == ("failed", "suppressed")
    assert not provider.calls


async def test_what_reaches_nobody_is_not_stopped(
    app: App, client: httpx2.AsyncClient, account: str, worker: None
) -> None:
    await suppress(app, "linkedin", "grace-hopper")

    shown = await follow(client, await post(client, CheckConnection(public_identifier="grace-hopper")))

    assert shown["status"] == "completed"


async def test_others_are_written_to(
    app: App, client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    await a_lead(app, linkedin_slug="bob", email="bob@acme.org", company_name="Acme Foundation")
    for kind, value in (("email", "ada@acme.com"), ("domain", "acme.com"), ("company", "Acme")):
        await suppress(app, kind, value)

    shown = await follow(client, await post(client, hello("bob")))

    assert shown["status"] == "completed"
    assert len(provider.sent) == 1


async def test_one_who_was_lifted_is_written_to_again(
    app: App, client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    made = await suppress(app, "linkedin", "bob", "manual")
    async with app.sessions.begin() as db:
        await suppression.lift(db, await suppression.by_id(db, made.id), "user", app.now())

    shown = await follow(client, await post(client, hello("bob")))

    assert shown["status"] == "completed"


EVERY_KEY = {
    "email": "ada@acme.com",
    "linkedin_slug": "ada-l",
    "linkedin_profile_id": profile_id(7),
    "sales_navigator": SALES,
    "external_id": "crm-7",
}


@pytest.mark.parametrize(
    "again",
    [
        *({name: value} for name, value in EVERY_KEY.items()),
        {"linkedin_member_id": "7"},
        {"email": "ada+new@acme.com"},
    ],
)
async def test_an_erased_person_is_not_taken_in_again_under_any_key(app: App, again: dict[str, str]) -> None:
    lead = await a_lead(app, **EVERY_KEY)
    async with app.sessions.begin() as db:
        await people.erase(db, app.ids, app.now(), lead.id, Erasure("admin", app.kit.artifacts_dir))

    taken = await take(app, first_name="Ada", **again)

    assert (taken.outcome, taken.code, taken.lead) == ("skipped", "erased", None)


async def test_an_erased_person_is_not_written_to_under_any_key(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    lead = await a_lead(app, **EVERY_KEY)
    async with app.sessions.begin() as db:
        await people.erase(db, app.ids, app.now(), lead.id, Erasure("admin", app.kit.artifacts_dir))

    for target in ("ada-l", profile_id(7)):
        run = await submit(app, hello(target))
        ended = await eventually(lambda run=run: over(app, run))  # type: ignore[misc]
        assert (ended.status, ended.error_code) == ("failed", "suppressed")
    assert provider.sent == []


async def test_a_key_learnt_later_carries_the_suppression_to_the_person(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    """Somebody opted out by e-mail; only a later file tells that the member is the same person."""
    await a_lead(app, linkedin_slug="ada-l")
    await suppress(app, "email", "ada@acme.com")
    taken = await take(app, linkedin_slug="ada-l", email="ada@acme.com")
    assert (taken.outcome, taken.code) == ("skipped", "suppressed")

    run = await submit(app, hello("ada-l"))
    ended = await eventually(lambda: over(app, run))

    assert (ended.status, ended.error_code) == ("failed", "suppressed")
    assert provider.sent == []


async def test_many_who_suppress_the_same_at_once_make_one_entry(app: App) -> None:
    made = await asyncio.gather(*(suppress(app, "email", "ada@acme.com") for _ in range(8)))

    assert len({one.id for one in made}) == 1
