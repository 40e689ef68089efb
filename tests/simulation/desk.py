"""The operator: looks in a few times a day, resumes accounts, decides on approvals and held runs by what the
service really shows, suppresses people, changes limits, and writes to some by hand.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, campaigns, runs
from overture.accounts import AccountChange, Limits, SwitchOrder, Window
from overture.campaigns import Approval, approvals
from overture.core.reasons import Reason
from overture.people import suppression
from overture.runs import Run

from .house import House, enrolled
from .ledger import SENDS
from .plan import START
from .society import Person, chance
from .upheavals import Upheavals

EVERY: Final = timedelta(hours=4)


@dataclass
class Operator:
    """A person with the product in front of them."""

    house: House
    next_at: datetime = START
    luck: Random = field(init=False)
    upheavals: Upheavals = field(init=False)
    is_stopped: bool = False
    """Whether they have turned the kill switch on."""

    def __post_init__(self) -> None:
        self.luck = chance(self.house.plan.seed, "operator")
        self.upheavals = Upheavals(self.house)
        self.will_write()

    def will_write(self) -> None:
        """Whom they will write to by hand, and who will write out of the blue."""
        society, plan = self.house.society, self.house.plan
        for person in society.people.values():
            luck = chance(plan.seed, "by hand", person.number)
            account = luck.choice(self.house.senders).handle
            at = START + timedelta(days=luck.uniform(0, plan.days))
            kind = luck.random()
            if kind < plan.odds.by_hand:
                society.later(at, lambda a=account, p=person: self.writes(a, p, by_hand=True))  # type: ignore[misc]
            elif kind < plan.odds.by_hand + plan.odds.unasked:
                society.later(at, lambda a=account, p=person: self.writes(a, p, by_hand=False))  # type: ignore[misc]

    def writes(self, account: str, person: Person, *, by_hand: bool) -> None:
        """Only connections write to each other."""
        society = self.house.society
        if society.bond(account, person).relation != "connected":
            return
        if by_hand:
            society.by_hand(account, person)
        else:
            society.writes(account, person, "reply")

    async def look(self) -> None:
        """Do what there is to do, if it is time."""
        house = self.house
        if house.clock.true < self.next_at:
            return
        self.next_at = house.clock.true + EVERY
        async with house.app.sessions.begin() as db:
            await self.resume(db)
            await self.settle(db)
            await self.approve(db)
        if house.plan.is_fine:
            return
        if house.clock.true < house.plan.end:
            await self.meddle()
            await self.upheavals.look()
        elif self.is_stopped:
            await self.turn_switch()

    async def resume(self, db: AsyncSession) -> None:
        """Log accounts in again, and let them go on; those at rest rest."""
        now = self.house.clock.true
        resting = {handle for handle, _, until in self.house.resting if until > now}
        for account in await accounts.list_all(db):
            if account.state != "active" and account.handle not in resting:
                await accounts.set_state(db, account, "active", self.house.now)

    async def settle(self, db: AsyncSession) -> None:
        """Say what became of runs nobody else can tell of, by what the service shows."""
        asked = select(Run).where(Run.status == "held", Run.wait_reason == Reason.OUTCOME_UNKNOWN)
        query = asked.where(Run.admitted_at.is_(None))
        arrived = {fact.token for fact in self.house.society.ledger.of(*SENDS)}
        for run in await db.scalars(query.order_by(Run.id)):
            is_there = str(run.token) in arrived
            verdict: runs.Verdict = "delivered" if is_there else "not_delivered"
            await runs.resolve(db, run, verdict, "looked", self.house.now)

    async def approve(self, db: AsyncSession) -> None:
        """Decide on the texts that wait: most are good, some are changed first, some are not wanted."""
        query = select(Approval).where(Approval.state == "pending").order_by(Approval.id)
        handles, slugs = {one.account_id: one.handle for one in self.house.senders}, self.house.slugs
        for one in list(await db.scalars(query)):
            luck, by = self.luck.random(), "operator"
            found = await approvals.by_id(db, one.id)
            if luck < 0.08:
                await approvals.reject(db, found, by, self.house.now, "not now")
                continue
            if luck < 0.16 and "message" in found.touchpoint:
                changed = {"message": f"{found.text} (changed)"}
                found = await approvals.edit(db, found, changed, by, self.house.now)
            await approvals.approve(db, found, found.content_hash, by, self.house.now)
            text = found.touchpoint.get("message", found.touchpoint.get("body", ""))
            self.house.approved.add((handles[found.account_id], slugs[found.lead_id], str(text)))

    async def meddle(self) -> None:
        """Now and then: suppress somebody, lower a limit, set the clock wrong or right."""
        house = self.house
        if self.luck.random() < house.plan.suppresses:
            await self.suppress()
        if self.luck.random() < house.plan.enrolls_again:
            await self.enroll_again()
        luck = self.luck.random()
        if luck < 0.02:
            await self.lower()
        elif luck < 0.06:
            await self.pause_or_resume()
        elif luck < 0.08 or self.is_stopped:
            await self.turn_switch()
        elif luck < 0.08 + house.plan.jumps * 0.02:
            wrong = timedelta(hours=self.luck.choice((-2, 1, 5)))
            house.clock.skew = timedelta() if house.clock.skew else wrong
            house.society.skew = house.clock.skew

    async def enroll_again(self) -> None:
        """The same people once more: a second file, a segment that overlaps."""
        name = self.luck.choice(sorted(self.house.campaign_ids))
        slugs = [slug for campaign, slug in self.house.enrolled if campaign == name]
        await enrolled(self.house, name, self.luck.sample(slugs, max(1, len(slugs) // 2)))

    async def pause_or_resume(self) -> None:
        """A campaign rests for a while, perhaps to the end."""
        house, name = self.house, "News" if "News" in self.house.campaign_ids else "Outreach"
        async with house.app.sessions.begin() as db:
            found = await campaigns.campaign_by_id(db, house.campaign_ids[name], lock=True)
            verb = {"active": "pause", "paused": "resume"}.get(found.state)
            if verb is not None:
                await campaigns.do(db, house.app.ids, found, verb, "operator", house.now)

    async def turn_switch(self) -> None:
        """Everything stops at once, until they look in again."""
        house, self.is_stopped = self.house, not self.is_stopped
        order = SwitchOrder("global", "", is_on=self.is_stopped, reason=None, by="operator")
        async with house.app.sessions.begin() as db:
            await accounts.turn(db, order, house.now)
        house.stops.append((house.clock.true, self.is_stopped))

    async def suppress(self) -> None:
        """Somebody wrote to the operator elsewhere, or is a customer: under one of their names."""
        house = self.house
        person = self.luck.choice(list(house.society.people.values()))
        lead_id, email = house.leads.get(person.slug), f"{person.slug}@firm-{person.number // 3}.example"
        named = self.luck.choice(
            (
                ("email", email),
                ("linkedin", f"https://www.linkedin.com/in/{person.slug}"),
                ("person", str(lead_id)) if lead_id is not None else ("email", email),
            )
        )
        # Nothing tells the product that a second lead is the same person, before it met them.
        twin = house.twins.get(person.slug)
        async with house.app.sessions.begin() as db:
            for kind, value in (named, *([("person", str(twin))] if twin is not None else [])):
                wanted = suppression.Wanted(kind, value, "opt_out", "operator", "operator")  # type: ignore[arg-type]
                await suppression.add(db, house.app.ids, house.now, wanted)
        house.suppressed.setdefault(person.slug, house.clock.true)

    async def lower(self) -> None:
        """An account is to do less from now on."""
        house, sender = self.house, self.luck.choice(self.house.senders)
        most = self.luck.choice((2, 3, 4))
        async with house.app.sessions.begin() as db:
            account = await accounts.by_handle(db, sender.handle)
            change = AccountChange(limits=Limits(invite=Window(per_day=most)))
            await accounts.change(db, house.app.vault, account, change, house.now)
        house.lowered.append((house.now, sender.handle, most))
