"""The story: forty people are imported and enrolled, and days pass; a worker dies on the first of them."""

from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import yaml  # type: ignore[import-untyped]
from rich.progress import Progress, TaskID

from overture.core.clock import Clock
from overture.entrypoints.demo.clients import Json, NotOver, Overture, Sandbox
from overture.entrypoints.demo.keeper import Keeper
from overture.entrypoints.demo.lineup import PASSWORD, Lineup, Sender, username
from overture.entrypoints.demo.people import PACKAGE, Person, cast, read_people
from overture.entrypoints.demo.programs import Programs
from overture.entrypoints.demo.workspace import connect
from overture.entrypoints.demo.world import Crowd

ZONE: Final = "Europe/Copenhagen"
DAYS: Final = 12
"""From a Monday to the Friday of the week after."""
IMPORT_LIMIT: Final = timedelta(seconds=30)
POLL: Final = timedelta(milliseconds=50)
TOLD: Final = (
    ("invite", "invited"),
    ("accept", "accepted"),
    ("message", "written to"),
    ("reply", "answered"),
)


def first_morning(today: datetime) -> datetime:
    """Seven o'clock on the last Monday from which the story ends in the past."""
    begins = today.astimezone(ZoneInfo(ZONE)).date() - timedelta(days=DAYS)
    monday = begins - timedelta(days=begins.weekday())
    return datetime.combine(monday, time(7), ZoneInfo(ZONE))


@dataclass
class Story:
    """What the story needs, and what has become of it."""

    file: bytes
    lineup: Lineup
    overture: Overture
    sandbox: Sandbox
    keeper: Keeper
    clock: Clock
    progress: Progress
    campaign_id: str = ""
    crowd: Crowd | None = None

    @property
    def people(self) -> Sequence[Person]:
        """Everybody in the file."""
        return read_people(self.file)

    async def tell(self) -> None:
        """The campaign starts, and days pass."""
        await self.overture.ask("POST", f"/api/v1/campaigns/{self.campaign_id}/start")
        await self._pass_days()

    async def prepare(self) -> Crowd:
        """Accounts, import, campaign, enrolment: nothing is sent yet. Returns who will play their parts."""
        for handle, sender in self.lineup.items():
            await self.overture.ask("POST", "/api/v1/accounts", account(handle, sender))
        for way in await connect(self.overture, self.lineup, self.clock):
            self._say(way)
        imported = await self._import()
        self.campaign_id = await self._campaign()
        wanted = {"campaign_id": self.campaign_id, "from_import": imported["import_id"]}
        receipt = await self.overture.ask("POST", "/api/v1/enrollments", wanted)
        self._say(f"imported {imported['counts']['created']} people, enrolled {receipt['enrolled']} of them")
        enrollments = await self.overture.every("/api/v1/enrollments", campaign=self.campaign_id)
        handles = {one["name"]: one["handle"] for one in enrollments}
        theirs = {who: [one for one in self.people if handles[one.name] == who] for who in self.lineup}
        senders = {one.slug: handles[one.name] for one in self.people}
        self.crowd = Crowd(self.sandbox, cast(theirs["anna"], theirs["ben"]), senders, self.lineup)
        await self.crowd.take_places(self.keeper.clock.now())
        shares = ", ".join(f"{len(theirs[who])} by {one.provider}" for who, one in self.lineup.items())
        self._say(f"dealt out to two accounts: {shares}")
        return self.crowd

    async def _import(self) -> Json:
        """The file is looked at, its columns are confirmed, and it is taken in."""
        looked = await self.overture.send("/api/v1/imports", self.file, "text/csv", name="people.csv")
        path = f"/api/v1/imports/{looked['import_id']}"
        await self.overture.ask("POST", f"{path}/start", {"columns": {"Topic": "custom.topic"}})
        give_up = self.clock.monotonic() + IMPORT_LIMIT.total_seconds()
        while (found := await self.overture.ask("GET", path))["state"] != "finished":
            if self.clock.monotonic() > give_up:
                raise NotOver(f"The import is still {found['state']}.")
            await self.clock.sleep(POLL)
        return dict(found)

    async def _campaign(self) -> str:
        """A campaign for both accounts, published."""
        sequence = yaml.safe_load(PACKAGE.joinpath("campaign.yaml").read_text(encoding="utf-8"))
        weights = {handle: sender.weight for handle, sender in self.lineup.items()}
        settings = {"accounts": weights, "approvals": {"mode": "none"}}
        body = {"name": "The demo", "sequence": sequence, "settings": settings}
        made = await self.overture.ask("POST", "/api/v1/campaigns", body)
        await self.overture.ask("POST", f"/api/v1/campaigns/{made['campaign_id']}/publish")
        return str(made["campaign_id"])

    async def _pass_days(self) -> None:
        """From one thing that happens to the next, until the days are over."""
        crowd = self.crowd
        assert crowd is not None
        begins = self.keeper.clock.now()
        dusk = midnight_after(begins)
        task = self.progress.add_task(day_of(begins), total=DAYS)
        for _ in range(DAYS):
            before = crowd.counts.copy()
            while True:
                due = await self.keeper.settle()
                await crowd.look()
                coming = [at for at in (due, crowd.next_at) if at is not None]
                at = min([dusk, *coming])
                await self.keeper.move_to(at)
                if at == dusk:
                    break
                await crowd.act(self.keeper.clock.now())
            self._tell_day(dusk - timedelta(hours=1), crowd.counts - before)
            self.progress.update(task, advance=1, description=day_of(dusk))
            dusk = midnight_after(dusk)

    def _tell_day(self, day: datetime, new: Mapping[str, int]) -> None:
        parts = [f"{new[kind]} {word}" for kind, word in TOLD if new.get(kind)]
        if parts:
            self._say(f"{day_of(day)}: {', '.join(parts)}")

    def _say(self, text: str) -> None:
        self.progress.console.print(f"  {text}", highlight=False)


def account(handle: str, sender: Sender) -> Json:
    """An account that acts on weekdays from nine to six, at its own pace; Unipile's sign in later."""
    signs_in = {} if sender.is_at_unipile else {"username": username(handle), "password": PASSWORD}
    return {
        "handle": handle,
        "provider": sender.provider,
        "credentials": signs_in,
        "zone": ZONE,
        "tier": "premium",
        "ramp": "off",
    }


def midnight_after(at: datetime) -> datetime:
    """The end of the day, by the wall clock of the accounts."""
    day = at.astimezone(ZoneInfo(ZONE)).date() + timedelta(days=1)
    return datetime.combine(day, time(0), ZoneInfo(ZONE))


def day_of(at: datetime) -> str:
    """A day in a few letters."""
    return f"{at.astimezone(ZoneInfo(ZONE)):%a %d %b}"


@dataclass
class Killer:
    """Kills the worker once, when the world has an invitation that Overture has not yet proved."""

    programs: Programs
    overture: Overture
    sandbox: Sandbox
    settings: Mapping[str, str]
    worker: Process
    progress: Progress
    task: TaskID | None = None
    kills: int = 0
    victims: list[str] = field(default_factory=list)
    """Slugs of those whose invitation is answered slowly."""

    async def __call__(self) -> None:
        """Look whether it is time."""
        for slug in list(self.victims):
            if not await self.sandbox.ledger(kind="invite", target=slug):
                continue
            self.victims.remove(slug)
            runs = await self.overture.ask("GET", "/api/v1/runs", type="connect", limit="20")
            mine = next(one for one in runs["data"] if slug in str(one["touchpoint_input"]))
            if mine["effect"] != "intended":
                continue
            await self.programs.kill(self.worker)
            self.kills += 1
            self.progress.console.print(
                f"  worker {self.worker.pid} killed (SIGKILL): {slug} is invited, and nobody has proof of it",
                highlight=False,
            )
            self.worker = await self.programs.start_worker(self.settings)
