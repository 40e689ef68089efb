"""Arranging the sandbox for the demo, and letting its people do what people do, each in their own time."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from overture.entrypoints.demo.clients import Json, Sandbox
from overture.entrypoints.demo.lineup import PASSWORD, Lineup, username
from overture.entrypoints.demo.people import Answer, Manner, Person, hours

SLOW_ANSWER_S: Final = 3.0
SAYS: Final[Mapping[Answer, str]] = {
    "reply": "Hello! Yes, tell me more – how about a call next week?",
    "opt_out": "Please remove me from your list.",
    "no": "No thanks, not interested.",
}
WRITES_FIRST: Final = "Hi, thank you for the invitation. I have a question for you first!"


def member_of(person: Person) -> Json:
    """The person as a member of the site."""
    return {
        "slug": person.slug,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "headline": person.headline,
        "positions": [{"title": person.title, "company_name": person.company}],
        "connect_placement": "primary_anchor",
        "sidebar_decoys": 3,
    }


async def furnish(sandbox: Sandbox, lineup: Lineup, people: Sequence[Person]) -> None:
    """The accounts' logins and their owners, and the people of the CSV."""
    for handle, sender in lineup.items():
        owner = await sandbox.set("POST", "/members", premium=True)
        login = {"username": username(handle), "password": PASSWORD, "slug": owner["slug"]}
        await sandbox.set("POST", "/logins", **login, variant=sender.variant)
    for person in people:
        await sandbox.set("POST", "/members", **member_of(person))


@dataclass
class Crowd:
    """The people at work: what happens to them in the ledger makes them do something later."""

    sandbox: Sandbox
    manners: Mapping[str, Manner]
    sender_of: Mapping[str, str]
    """The account that writes to each of them, by slug."""
    lineup: Lineup
    counts: Counter[str] = field(default_factory=Counter)
    _plans: list[tuple[datetime, str, str]] = field(default_factory=list)
    _heard: Counter[str] = field(default_factory=Counter)
    _seen: int = 0

    async def take_places(self, now: datetime) -> None:
        """How they stand to their account at the start, and what their page is like."""
        for slug, manner in self.manners.items():
            account = username(self.sender_of[slug])
            if manner.page:
                await self.sandbox.set("PATCH", f"/members/{slug}", **manner.page)
            degree = None if manner.state == "connected" else "2"
            stand = {"member": slug, "state": manner.state, "degree": degree}
            await self.sandbox.set("PUT", "/relationships", account=account, **stand)
            if manner.answers_slowly:
                fault = {"target": slug, "seconds": SLOW_ANSWER_S, "times": 1}
                inviting = self.lineup[self.sender_of[slug]].inviting
                await self.sandbox.fault("slow_ack", inviting, **fault)
            if manner.state == "pending":
                self._plan(now, slug, "accept", "invitation")

    @property
    def next_at(self) -> datetime | None:
        """When somebody does something next."""
        return self._plans[0][0] if self._plans else None

    async def look(self) -> None:
        """Take in what has happened to them since they last looked."""
        for entry in await self.sandbox.ledger(since=str(self._seen)):
            self._seen = entry["seq"]
            self.counts[entry["kind"]] += 1
            manner = self.manners.get(entry["target"])
            if manner is None:
                continue
            at = datetime.fromisoformat(entry["at"])
            if entry["kind"] == "invite" and manner.invitation != "ignores":
                what = "accept" if manner.invitation == "accepts" else "decline"
                self._plan(at, entry["target"], what, "invitation")
            if entry["kind"] == "message":
                self._heard[entry["target"]] += 1
                if manner.answer is not None and self._heard[entry["target"]] == manner.answers_to:
                    self._plan(at, entry["target"], manner.answer, "answer")

    async def act(self, now: datetime) -> None:
        """Do what it is time for."""
        while self._plans and self._plans[0][0] <= now:
            _, slug, what = heapq.heappop(self._plans)
            account, path = username(self.sender_of[slug]), f"/people/{slug}"
            if what in ("accept", "decline"):
                await self.sandbox.set("POST", f"{path}/{what}", account=account)
            else:
                text = WRITES_FIRST if what == "first" else SAYS[what]  # type: ignore[index]  # an Answer
                await self.sandbox.set("POST", f"{path}/reply", account=account, text=text)
            if what == "accept" and self.manners[slug].writes_first:
                heapq.heappush(self._plans, (now + timedelta(minutes=1), slug, "first"))

    def _plan(self, since: datetime, slug: str, what: str, pace: str) -> None:
        heapq.heappush(self._plans, (since + timedelta(hours=hours(slug, pace)), slug, what))
