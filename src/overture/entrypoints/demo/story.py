"""The story: twelve people are looked up, visited, invited, written to; a worker dies in the middle."""

from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from rich.progress import Progress

from overture.core.clock import Clock
from overture.entrypoints.demo.clients import OVER, Json, NotOver, Overture, Sandbox
from overture.entrypoints.demo.people import Person, manner_of
from overture.entrypoints.demo.programs import Programs
from overture.entrypoints.demo.world import ACCOUNTS, PASSWORD, accept_invitations, username

CHAPTER_LIMIT: Final = timedelta(seconds=120)
POLL: Final = timedelta(milliseconds=150)
SHORT_VISIT: Final = {"duration_s": 0.2, "scroll_depth": 0.5}
Moment = Callable[[], Awaitable[bool]]
"""Asked again and again while a chapter runs; true once what it waits for has come."""


@dataclass
class Story:
    """What the story needs, and what has become of it."""

    people: Sequence[Person]
    overture: Overture
    sandbox: Sandbox
    programs: Programs
    pace: Mapping[str, str]
    clock: Clock
    progress: Progress
    worker: Process
    kills: int = 0
    runs: list[Json] = field(default_factory=list)
    visits: list[Json] = field(default_factory=list)

    async def tell(self) -> None:
        """All chapters."""
        for handle in ACCOUNTS:
            await self.overture.add_account(handle, username(handle), PASSWORD)
        await self._chapter("looking up and visiting", "look", self._look)
        self.visits = await self.sandbox.ledger(kind="visit")  # inviting and writing open profiles too
        await self._chapter("inviting; the worker is killed between act and proof", "invite", self._invite)
        accepted = await accept_invitations(self.sandbox, self.people)
        await self._chapter(f"{accepted} people said yes; checking connections", "check", self._check)
        await self._chapter("writing to those who are connected", "write", self._write)

    async def _look(self) -> None:
        for person in self.people:
            await self._submit("look", person, {"type": "enrich"})
            await self._submit("look", person, {"type": "visit", **SHORT_VISIT})

    async def _invite(self) -> None:
        for person in self.people:
            note = {"note": person.note} if person.note else {}
            await self._submit("invite", person, {"type": "connect", **note})
        await self._kill_in_the_act()

    async def _check(self) -> None:
        for person in self.people:
            await self._submit("check", person, {"type": "check_connection"})

    async def _write(self) -> None:
        """Write to everybody who is connected; who writes first is not written to."""
        checks = {run["touchpoint_input"]["url"]: run for run in await self.overture.runs("check")}
        connected = [one for one in self.people if checks[one.profile_url]["result"]["state"] == "connected"]
        early = [one for one in connected if manner_of(one).writes_first]
        for handle in {one.account for one in early}:
            await self.overture.ask("POST", f"/api/v1/accounts/{handle}/pause")
        for person in connected:
            await self._submit("write", person, {"type": "message", "message": person.message})
        for person in early:
            account, text = username(person.account), f"Hi, this is {person.first_name}. You first!"
            await self.sandbox.set("POST", f"/people/{person.slug}/reply", account=account, text=text)
        for handle in {one.account for one in early}:
            await self.overture.ask("POST", f"/api/v1/accounts/{handle}/resume")

    async def _submit(self, tag: str, person: Person, touchpoint: Json) -> None:
        await self.overture.submit(person.account, {**touchpoint, "url": person.profile_url}, [tag])

    async def _kill_in_the_act(self) -> None:
        """SIGKILL the worker when the world has an invitation that Overture has not yet proved."""
        slow = next(one for one in self.people if manner_of(one).answers_slowly)
        await self._until(self._is_between_act_and_proof(slow), f"the invitation to {slow.name}")
        await self.programs.kill(self.worker)
        self.kills += 1
        self.progress.console.print(
            f"  worker {self.worker.pid} killed (SIGKILL): {slow.name} is invited, and nobody has proof of it"
        )
        self.worker = await self.programs.start_worker(self.pace)

    def _is_between_act_and_proof(self, person: Person) -> Moment:
        async def come() -> bool:
            if not await self.sandbox.ledger(kind="invite", target=person.slug):
                return False
            runs = await self.overture.runs("invite")
            run = next(one for one in runs if one["touchpoint_input"]["url"] == person.profile_url)
            return bool(run["effect"] == "intended")

        return come

    async def _chapter(self, title: str, tag: str, begin: Callable[[], Awaitable[None]]) -> None:
        """Submit what belongs to a chapter and wait until all of it is over."""
        task = self.progress.add_task(title, total=None)
        await begin()

        async def over() -> bool:
            runs = await self.overture.runs(tag)
            done = sum(run["status"] in OVER for run in runs)
            self.progress.update(task, total=len(runs), completed=done)
            return done == len(runs)

        await self._until(over, f"the chapter {title!r}")
        self.runs += await self.overture.runs(tag)

    async def _until(self, come: Moment, what: str) -> None:
        give_up = self.clock.monotonic() + CHAPTER_LIMIT.total_seconds()
        while not await come():
            if self.clock.monotonic() > give_up:
                raise NotOver(f"Waited {CHAPTER_LIMIT.total_seconds():.0f} s in vain for {what}.")
            await self.clock.sleep(POLL)
