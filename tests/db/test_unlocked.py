"""An attempt without locks: what comes between reading and writing makes it write nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crowd import hello, submit
from overture.entrypoints.bootstrap import App
from overture.runs import Go, Kit, Passage, Run
from overture.runs.begin import Work, begin, begin_unlocked
from overture.runs.ends import Done, Left
from overture.runs.intend import FenceLost, intend, intend_once, intend_unlocked
from overture.runs.record import closed, record
from overture.touchpoints import Evidence, Intent

OF_RUN = {
    "another worker has it": "update runs set worker = 'other' where run_id = :run",
    "it was admitted anew": "update runs set epoch = epoch + 1 where run_id = :run",
    "it is to be cancelled": "update runs set cancel_requested = true where run_id = :run",
    "it is over": "update runs set status = 'failed', completed_at = now(), next_at = null,"
    " admitted_at = null where run_id = :run",
}
OF_ACCOUNT = {
    "its account is paused": "update accounts set state = 'paused', state_reason = 'test'",
    "its account has other limits": "update accounts set limits = limits || '{\"min_gap_s\": 7}'",
    "its account is removed": "update accounts set removed_at = now()",
}
DONE = Done({"seen": True}, (Evidence("write", {"id": "1"}),), acted=True)


async def change(app: App, words: str, run_id: UUID) -> None:
    async with app.sessions.begin() as db:
        await db.execute(text(words), {"run": run_id} if ":run" in words else {})


def meanwhile(app: App, words: str) -> Kit:
    """While the gate is asked, this happens; but it happens once."""
    left = [words]

    async def changing(_: AsyncSession, run: Run, __: datetime) -> Passage:
        if left:
            await change(app, left.pop(), run.id)
        return Go()

    return replace(app.kit, vetoes=(*app.kit.vetoes, changing))


async def admitted(app: App) -> tuple[UUID, int]:
    run = await submit(app, hello("prisca"))
    async with app.sessions.begin() as db:
        epoch = await db.scalar(text("select epoch from runs where run_id = :run"), {"run": run.id})
    assert isinstance(epoch, int)
    return run.id, epoch


async def begun(app: App) -> Work:
    work = await begin(app.kit, "w", *await admitted(app))
    assert work is not None
    return work


async def row(app: App) -> Sequence[object]:
    async with app.sessions() as db:
        query = "select status, effect, worker, admitted_at is not null, cancel_requested, epoch from runs"
        return (await db.execute(text(query))).one()


async def events(app: App) -> list[str]:
    async with app.sessions() as db:
        return list(await db.scalars(text("select type from events where type like 'run.%' order by id")))


async def test_an_attempt_nothing_comes_between_is_taken_intended_and_closed(app: App, account: str) -> None:
    work = await begin_unlocked(app.kit, "w", *await admitted(app))
    assert work is not None
    assert (await row(app))[:4] == ("running", "none", "w", True)
    assert isinstance(await intend_unlocked(app.kit, work), Intent)
    assert (await row(app))[:4] == ("running", "intended", "w", True)
    following = await submit(app, hello("next"))

    assert await closed(app.kit, work, DONE, Left(steps=[{"step": "begun", "at_ms": 0}]))

    async with app.sessions() as db:
        query = "select r.status, r.effect, r.result, r.worker, r.evidence, a.ended_as, a.steps, a.worker"
        joined = " from runs r left join attempts a using (run_id) where r.run_id = :run"
        (found,) = (await db.execute(text(query + joined), {"run": work.run.id})).all()
        live = await db.scalar(text("select run_id from runs where admitted_at is not null"))
    evidence = [{"source": "write", "facts": {"id": "1"}}]
    ended = ("completed", "confirmed", {"seen": True}, None, evidence, "done")
    assert tuple(found) == (*ended, [{"step": "begun", "at_ms": 0}], "w")
    assert live == following.id
    assert await events(app) == ["run.created", "run.intended", "run.created", "run.completed"]


@pytest.mark.parametrize("words", (OF_RUN | OF_ACCOUNT).values(), ids=(OF_RUN | OF_ACCOUNT).keys())
async def test_what_comes_between_the_gate_and_the_taking_is_seen(app: App, account: str, words: str) -> None:
    run_id, epoch = await admitted(app)

    assert await begin_unlocked(meanwhile(app, words), "w", run_id, epoch) is None

    status, effect, worker, *_ = await row(app)
    assert (worker, effect) in ((None, "none"), ("other", "none"))
    assert status in ("pending", "failed")


async def test_a_change_that_is_no_obstacle_is_asked_about_again_and_then_taken(
    app: App, account: str
) -> None:
    words = OF_ACCOUNT["its account has other limits"]

    work = await begin(meanwhile(app, words), "w", *await admitted(app))

    assert work is not None
    assert work.account is not None
    assert work.account.limits["min_gap_s"] == 7


@pytest.mark.parametrize("words", (OF_RUN | OF_ACCOUNT).values(), ids=(OF_RUN | OF_ACCOUNT).keys())
async def test_what_comes_between_the_gate_and_the_intent_is_seen(app: App, account: str, words: str) -> None:
    work = await begun(app)

    assert await intend_unlocked(meanwhile(app, words), work) is None

    assert (await row(app))[1] == "none"
    assert "run.intended" not in await events(app)
    assert work.run.intended_at is None


@pytest.mark.parametrize("words", [OF_RUN["another worker has it"], OF_RUN["it was admitted anew"]])
async def test_whoever_lost_the_run_does_not_intend(app: App, account: str, words: str) -> None:
    work = await begun(app)

    with pytest.raises(FenceLost):
        await intend(meanwhile(app, words), work)


@pytest.mark.parametrize("words", OF_RUN.values(), ids=OF_RUN.keys())
async def test_what_came_before_the_end_is_seen(app: App, account: str, words: str) -> None:
    work = await begun(app)
    assert isinstance(await intend(app.kit, work), Intent)
    await change(app, words, work.run.id)
    before = await row(app)

    assert not await closed(app.kit, work, DONE, Left())

    assert await row(app) == before
    assert "run.completed" not in await events(app)


async def test_an_end_is_written_once_however_often_it_is_told(app: App, account: str) -> None:
    work = await begun(app)
    assert isinstance(await intend(app.kit, work), Intent)

    for _ in range(2):  # the answer to the first was lost
        await record(app.kit, work, DONE, Left())

    assert (await events(app)).count("run.completed") == 1
    async with app.sessions() as db:
        assert await db.scalar(text("select jsonb_array_length(evidence) from runs")) == 1


async def test_of_many_workers_one_takes_the_run(app: App, account: str) -> None:
    run_id, epoch = await admitted(app)

    found = await asyncio.gather(*(begin(app.kit, f"w{number}", run_id, epoch) for number in range(6)))

    (taken,) = [one for one in found if one is not None]
    assert (await row(app))[2] == taken.worker


async def test_who_took_it_under_locks_intends_alike(app: App, account: str) -> None:
    work = await begun(app)

    intent = await intend_once(app.kit, work)

    assert isinstance(intent, Intent)
    assert (work.run.effect, (await row(app))[1]) == ("intended", "intended")
