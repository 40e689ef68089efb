"""Three ways to notice that an invitation was accepted: each alone suffices, all together it counts once."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from hook_receiver import Receiver, open_receiver
from pydantic import SecretStr
from sqlalchemy import select
from unipile_desk import KEY, ME, STRANGER, Desk

from campaign_house import ACCEPT, HELLO, INVITE, work
from overture import campaigns
from overture.accounts import NO_LIMITS, Limits, WorkingHours
from overture.core.clock import SystemClock
from overture.core.ids import read_public_id
from overture.db import Event
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from overture.entrypoints.demo.clock import SharedClock
from overture.entrypoints.receiving import Rounds, inbox_kit, take_in
from overture.providers.unipile.provider import Unipile
from overture.runs import Run
from product import API_KEY, MakeApp

SECRET: Final = "between-unipile-and-us-0123456789abcdef"
SEQUENCE: Final = {"name": "classic", "steps": [INVITE, ACCEPT, {**HELLO, "delay": "0min"}]}
NEVER: Final = 720.0  # hours: the longest a campaign may wait before it looks at an invitation
UNSEEN: Final = timedelta(days=365).total_seconds()
AT_A_TIME: Final = 5
WAYS: Final = ("webhook", "relations", "profile")


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """Where the workspace delivers to; what comes is handed on to the product."""
    with open_receiver() as receiver:
        yield receiver


@dataclass
class Stage:
    """The product, its clock, the world, and what was delivered so far."""

    app: App
    clock: SharedClock
    client: httpx2.AsyncClient
    desk: Desk
    hook: Receiver
    rounds: Rounds = field(default_factory=Rounds)
    handed_on: int = 0

    async def asked(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.client.post(f"/api/v1{path}", json=body or None)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def hand_on(self) -> bool:
        """Deliveries reach the product as they came; whether there were any."""
        fresh = self.hook.told[self.handed_on :]
        for one in fresh:
            headers = {name: one.headers[name] for name in ("content-type", "unipile-auth")}
            taken = await self.client.post("/webhooks/unipile/users", content=one.raw, headers=headers)
            assert taken.status_code == 200, taken.text
        self.handed_on += len(fresh)
        return bool(fresh)

    async def settle(self) -> None:
        """Plan, work and take in until nothing more happens at this time."""
        for _ in range(40):
            is_news = await self.hand_on()
            ticked = await campaigns.tick(self.app.planner_kit, self.app.now())
            has_worked = await work(self.app)
            is_idle = await take_in(inbox_kit(self.app), self.rounds, self.app.now())
            if ticked.is_idle and is_idle and not is_news and not has_worked:
                return

    async def pass_hours(self, count: int) -> None:
        """Time passes, here and in the world, at most five hours at a time."""
        for start in range(0, count, AT_A_TIME):
            passed = timedelta(hours=min(AT_A_TIME, count - start))
            self.clock.move(passed)
            self.desk.admin.post("/clock", advance_s=passed.total_seconds())
            await self.settle()

    async def events(self, kind: str) -> list[dict[str, object]]:
        async with self.app.sessions() as db:
            return list(await db.scalars(select(Event.data).where(Event.type == kind).order_by(Event.id)))

    async def noticed_by(self, source: object) -> str:
        """Which way it was that noticed something."""
        if not str(source).startswith("run:"):
            return str(source)
        async with self.app.sessions() as db:
            run = await db.get_one(Run, read_public_id("run", str(source).removeprefix("run:")))
        return {"sync_relations": "relations", "check_connection": "profile"}[run.touchpoint_type]


@pytest.fixture
async def stage(make_app: MakeApp, desk: Desk, hook: Receiver, tmp_path: Path) -> AsyncIterator[Stage]:
    clock = SharedClock.begin(tmp_path / "clock", SystemClock().now())
    made = await make_app(
        clock=clock,
        unipile_dsn=desk.sandbox.url,
        unipile_api_key=SecretStr(KEY),
        unipile_confirm=(0.0, 0.05, 0.2),
        unipile_webhook_secret=SecretStr(SECRET),
        relations_every=timedelta(hours=2),
        inbox_every=timedelta(hours=12),
    )
    provider = Unipile(made.settings, made.clock, made.rng, read_back_lag=timedelta(milliseconds=100))
    app = replace(made, providers={provider.name: provider})
    transport = httpx2.ASGITransport(app=create_api(app, ROUTERS, FILES), raise_app_exceptions=False)
    headers = {"X-API-Key": API_KEY}
    async with httpx2.AsyncClient(transport=transport, base_url="http://o.test", headers=headers) as client:
        yield Stage(app, clock, client, desk, hook)
    await provider.close()


async def invite(stage: Stage, *, ways: tuple[str, ...]) -> None:
    """A campaign whose invitation is out; only these ways can notice the answer."""
    if "webhook" in ways:
        header = [
            {"key": "Unipile-Auth", "value": SECRET},
            {"key": "Content-Type", "value": "application/json"},
        ]
        made = stage.desk.post(
            "/webhooks", account_id=None, source="users", request_url=stage.hook.url, headers=header
        )
        assert made.status == 201, made.raw
        stage.desk.settings(new_relation_max_s=0)
    if "relations" not in ways:
        stage.desk.fault("read_lag", "relations", seconds=UNSEEN)
    always = WorkingHours.always().model_dump(mode="json")
    free = Limits.model_validate({**NO_LIMITS, "min_gap_s": 0}).model_dump(mode="json")
    account = {"provider": "unipile", "external_id": stage.desk.account, "ramp": "off"}
    await stage.asked("/accounts", handle="mira", working_hours=always, limits=free, **account)
    lead = await stage.asked("/leads", linkedin_slug=STRANGER, first_name="Prisca")
    settings = {
        "accounts": {"mira": 1},
        "approvals": {"mode": "none"},
        "check_after_h": 24 if "profile" in ways else NEVER,
    }
    campaign = await stage.asked("/campaigns", name="First", sequence=SEQUENCE, settings=settings)
    number = campaign["campaign_id"]
    await stage.asked(f"/campaigns/{number}/publish")
    await stage.asked("/enrollments", campaign_id=number, lead_ids=[lead["lead"]["lead_id"]])
    await stage.asked(f"/campaigns/{number}/start")
    await stage.settle()
    assert stage.desk.kinds(kind="invite", account=ME) == ["invite"]


async def accept(stage: Stage, *, is_told: bool) -> None:
    stage.desk.admin.post(f"/people/{STRANGER}/accept", account=ME)
    if is_told:
        stage.hook.wait(1)


@pytest.mark.parametrize("way", WAYS)
async def test_each_way_alone_notices_it_and_the_campaign_goes_on_once(stage: Stage, way: str) -> None:
    await invite(stage, ways=(way,))
    await stage.pass_hours(1)

    await accept(stage, is_told=way == "webhook")
    await stage.pass_hours(30 if way == "profile" else 5)

    (accepted,) = await stage.events("connection_accepted")
    assert await stage.noticed_by(accepted["source"]) == way
    assert stage.desk.kinds(kind="message", account=ME) == ["message"]


async def test_all_three_together_count_it_once(stage: Stage) -> None:
    """Also in the worst order: the notice comes after the others, and comes twice."""
    stage.desk.fault("late", "webhook:new_relation", times=1, seconds=28 * 3600)
    stage.desk.fault("duplicate", "webhook:new_relation", times=1)
    await invite(stage, ways=WAYS)

    await accept(stage, is_told=False)
    await stage.pass_hours(30)
    if not stage.hook.told:  # the workspace saw it only after hours had passed, and is late from there
        await stage.pass_hours(30)
    stage.hook.wait(1)
    await stage.pass_hours(2)

    assert stage.handed_on >= 1
    assert len(await stage.events("connection_accepted")) == 1
    assert stage.desk.kinds(kind="message", account=ME) == ["message"]
    assert stage.desk.kinds(kind="invite", account=ME) == ["invite"]


async def test_without_any_of_them_the_campaign_waits(stage: Stage) -> None:
    """The counter-proof: what the others rely on is switched off indeed."""
    await invite(stage, ways=())

    await accept(stage, is_told=False)
    await stage.pass_hours(30)

    assert await stage.events("connection_accepted") == []
    assert stage.desk.kinds(kind="message", account=ME) == []
