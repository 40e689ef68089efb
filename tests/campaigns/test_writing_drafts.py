"""Drafts a model writes in a campaign: asked for, written, approved, sent; and put off when it fails."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from campaign_house import House, a_house, with_model
from crowd import suppress
from overture.campaigns import approvals
from overture.campaigns.tables import ModelCall
from overture.campaigns.writing import Writer
from overture.campaigns.writing_drafts import write_drafts
from overture.core.clock import SystemClock
from overture.entrypoints.planning import keep_planning
from overture_sandbox.testing import SandboxServer
from product import MakeApp
from waiting import eventually

PROMPT = {"ai_prompt": "Ask {{ first_name }} about planning."}
ASKED = {
    "name": "asked",
    "steps": [{"id": "hello", "channel": "linkedin", "touchpoint": {"type": "message", "message": PROMPT}}],
}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    house = await a_house(make_app)
    await house.sender()
    return house


@pytest.fixture
async def writer(house: House, sandbox: SandboxServer) -> AsyncIterator[Writer]:
    settings = with_model(house.app.settings, sandbox.url, llm_attempts=1)
    async with httpx2.AsyncClient() as http:
        yield Writer(http, house.clock, settings)


async def asked(house: House, **settings: Any) -> None:
    """One lead whose text is to be written."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(ASKED, **settings), lead)
    await house.settle()


async def calls(house: House) -> list[str]:
    async with house.app.sessions() as db:
        return list((await db.scalars(select(ModelCall.outcome).order_by(ModelCall.id))).all())


async def test_a_text_is_written_approved_by_a_person_and_sent_as_approved(
    house: House, writer: Writer
) -> None:
    await asked(house)
    assert (await house.enrollment(house.leads[0])).reason == "waiting_draft"

    assert await write_drafts(house.app.planner_kit, writer) == 1
    await house.settle()

    (draft,) = await house.approvals()
    assert draft.state == "pending"
    assert draft.text is not None
    assert draft.text.startswith("Hi Lea1, ")
    assert house.sent() == []
    async with house.app.sessions.begin() as db:
        found = await approvals.by_id(db, draft.id)
        await approvals.approve(db, found, draft.content_hash, "mira", house.now)
    await house.settle()
    assert [one.kind for one in house.sent()] == ["message"]
    assert await calls(house) == ["ok"]
    assert await write_drafts(house.app.planner_kit, writer) == 0


async def test_a_campaign_may_let_drafts_go_out_without_a_person(house: House, writer: Writer) -> None:
    await asked(house, drafts_need_approval=False)

    await write_drafts(house.app.planner_kit, writer)
    await house.settle()

    assert [one.kind for one in house.sent()] == ["message"]


async def test_a_model_that_fails_is_asked_later_and_the_draft_says_why(
    house: House, writer: Writer, sandbox: SandboxServer
) -> None:
    await asked(house)
    sandbox.admin.post("/llm/faults", kind="server_error")

    assert await write_drafts(house.app.planner_kit, writer) == 1
    (draft,) = await house.approvals()
    assert draft.state == "drafting"
    assert draft.note is not None
    assert draft.note.startswith("llm_unavailable")
    assert (await house.why(house.leads[0])).detail == draft.note
    assert await write_drafts(house.app.planner_kit, writer) == 0

    house.clock.advance(timedelta(minutes=11))
    assert await write_drafts(house.app.planner_kit, writer) == 1
    assert [(one.state, one.note) for one in await house.approvals()] == [("pending", None)]
    assert await calls(house) == ["llm_unavailable", "ok"]


async def test_a_draft_goes_on_within_an_hour_after_somebody_mended_what_kept_it(
    house: House, writer: Writer
) -> None:
    """A model that refuses its key is told where the lead waits; nobody has to ask for the text again."""
    await asked(house)
    wrong = writer.settings.model_copy(update={"llm_key": SecretStr("wrong-key")})
    await write_drafts(house.app.planner_kit, replace(writer, settings=wrong))
    why = await house.why(house.leads[0])
    assert (why.code, (why.detail or "").partition(":")[0]) == ("waiting_draft", "llm_refused")

    house.clock.advance(timedelta(hours=1))
    await write_drafts(house.app.planner_kit, writer)

    assert [one.state for one in await house.approvals()] == ["pending"]


async def test_a_draft_for_somebody_who_is_out_of_it_is_stale(house: House, writer: Writer) -> None:
    await asked(house)
    await suppress(house.app, "person", str(house.leads[0].id), "manual")
    await house.settle()
    assert (await house.enrollment(house.leads[0])).reason == "suppressed"

    await write_drafts(house.app.planner_kit, writer)

    assert [one.state for one in await house.approvals()] == ["stale"]
    assert house.sent() == []


async def test_drafts_are_written_beside_the_planner_until_it_is_told_to_stop(
    house: House, writer: Writer
) -> None:
    """Nobody has to ask: the planner's process writes what waits, and ends at once."""
    await asked(house)
    app = replace(house.app, settings=writer.settings, clock=SystemClock())

    async def is_written() -> bool:
        return [one.state for one in await house.approvals()] == ["pending"]

    stop = asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(keep_planning(app, stop))
        await eventually(is_written)
        stop.set()
