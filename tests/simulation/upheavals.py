"""What rarely happens and changes much while everything is under way: people who come late and under a
second name, an import that is taken back, a person erased, two leads made one, an invitation withdrawn, a
campaign rewritten, an account at rest.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import select

from overture import accounts, campaigns, people
from overture.campaigns import CampaignChange
from overture.core.errors import Conflict
from overture.people import Erasure, Lead, Merging, importing
from overture.people.importing import ImportKit

from .house import House, brought_in, enrolled, latecomers, named_twice, sheet
from .plan import START
from .society import Person, chance
from .texts import REWRITTEN

LATE: Final = 0.05
"""By what part of the days the late file comes: before everybody has been met under their first name."""
LONG_PENDING: Final = timedelta(days=1)
"""How long an invitation is out before somebody takes it back."""
RESTS: Final = (timedelta(hours=3), timedelta(hours=8))
"""Short: all the time a planner looks every ten minutes whether the account is back."""
AGAIN: Final = timedelta(hours=4)
Act = Callable[[], Awaitable[bool]]
"""Something that is done; whether it could be."""


@dataclass
class Upheavals:
    """What is still to come, and when."""

    house: House
    luck: Random = field(init=False)
    coming: list[tuple[datetime, int, Act]] = field(default_factory=list)
    late_import: UUID | None = None

    def __post_init__(self) -> None:
        """Draw what comes when, from the seed."""
        self.luck = chance(self.house.plan.seed, "upheavals")
        if not self.house.plan.upheaves:
            return
        few = max(1, self.house.plan.leads // 16)
        self.at(self.luck.uniform(0, LATE), self.late_file)
        self.at(self.luck.uniform(LATE, 0.4), self.merge)
        self.at(self.luck.uniform(0.2, 1), self.take_back)
        for name in sorted(REWRITTEN):
            self.at(self.luck.uniform(0, 1), partial(self.rewrite, name))
        for _ in range(few):
            self.at(self.luck.uniform(0, 1), self.erase)
            self.at(self.luck.uniform(0, 1), self.withdraw)
            self.at(self.luck.uniform(0, 1), self.rest)

    def at(self, share: float, act: Act) -> None:
        """Let it happen when this part of the days is over."""
        self.coming.append((START + share * timedelta(days=self.house.plan.days), len(self.coming), act))

    async def look(self) -> None:
        """Do what it is time for; what cannot be done now is tried again."""
        now = self.house.clock.true
        for one in [one for one in self.coming if one[0] <= now]:
            self.coming.remove(one)
            if not await one[2]():
                self.coming.append((now + AGAIN, *one[1:]))

    async def late_file(self) -> bool:
        """More people, and some once more under another name; some of them go into the campaign."""
        house = self.house
        new = [one for one in latecomers(house) if one.slug not in house.suppressed]
        twins = [one for one in named_twice(house) if one.slug not in house.suppressed]
        path = sheet(house, "late.csv", new, twins)
        self.late_import = await brought_in(house, path, (len(new), len(new) + len(twins)))
        await enrolled(house, "Outreach", [one.slug for one in new if one.number % 4 == 1])
        await enrolled(house, "Outreach", [one.slug for one in twins], house.twins)
        return True

    async def take_back(self) -> bool:
        """The late file was a mistake: whom nothing happened to goes again; then it comes once more."""
        house, app = self.house, self.house.app
        if self.late_import is None:
            return False
        kit = ImportKit(app.sessions, app.clock, app.ids)
        undone = await importing.roll_back(kit, self.late_import, "operator")
        async with app.sessions() as db:
            made = await importing.by_id(db, self.late_import)
            house.taken_back.append((await importing.receipt(db, made), undone))
        async with app.sessions() as db:
            there = set(await db.scalars(select(Lead.id)))
        for of in (house.leads, house.twins):
            for slug in [slug for slug, lead_id in of.items() if lead_id not in there]:
                del of[slug]
        again = self.luck.random() < 0.5
        if again:
            path = house.folder / "late.csv"
            await brought_in(house, path, (undone.removed - len(house.suppressed), undone.removed))
            await enrolled(house, "Outreach", [one.slug for one in latecomers(house)])
        return True

    async def merge(self) -> bool:
        """The operator sees that two leads are one person."""
        house = self.house
        for slug in sorted(set(house.twins) & set(house.leads)):
            kept, merged = sorted((house.leads[slug], house.twins[slug]))
            wanted = Merging(kept, merged, "looked", "operator")
            try:
                async with house.app.sessions.begin() as db:
                    await people.merge(db, house.app.ids, house.now, wanted)
            except Conflict:  # found out before, or erased
                continue
            return True
        return bool(house.twins) or self.late_import is not None

    async def erase(self) -> bool:
        """Somebody wants to be forgotten; while an act is under way it has to wait."""
        house, app = self.house, self.house.app
        slug = self.luck.choice(sorted(house.leads))
        asked = Erasure("operator", app.kit.artifacts_dir, (campaigns.forget,))
        try:
            async with app.sessions.begin() as db:
                for of in (house.leads, house.twins):
                    if slug in of:
                        await people.erase(db, app.ids, house.now, of[slug], asked)
        except Conflict:
            return False
        house.suppressed.setdefault(slug, house.clock.true)
        house.erased.add(slug)
        return True

    async def withdraw(self) -> bool:
        """The operator takes an invitation back, in the service itself."""
        society, now = self.house.society, self.house.clock.true
        found: list[tuple[str, Person]] = []
        for account, known in society.by_account.items():
            for person in known:
                bond = person.bonds[account]
                if bond.relation == "pending" and bond.since is not None and bond.since < now - LONG_PENDING:
                    found.append((account, person))
        if not found:
            return False
        society.withdraws(*self.luck.choice(found))
        return True

    async def rewrite(self, name: str) -> bool:
        """A campaign says something else from now on."""
        house, app = self.house, self.house.app
        if name not in house.campaign_ids:
            return True
        body = campaigns.body_of(campaigns.read_sequence(REWRITTEN[name]))
        async with app.sessions.begin() as db:
            found = await campaigns.campaign_by_id(db, house.campaign_ids[name], lock=True)
            if found.state not in ("active", "paused"):
                return True
            await campaigns.change(db, found, CampaignChange(sequence=body), "operator", house.now)
            await campaigns.publish(db, app.ids, found, "operator", house.now)
        house.rewritten[name] = house.clock.true
        return True

    async def rest(self) -> bool:
        """An account rests for a while."""
        house, sender = self.house, self.luck.choice(self.house.senders)
        async with house.app.sessions.begin() as db:
            account = await accounts.by_handle(db, sender.handle)
            if account.state != "active":
                return False
            await accounts.set_state(db, account, "paused", house.now)
        until = house.clock.true + self.luck.choice(RESTS)
        house.resting.append((sender.handle, house.clock.true, until))
        return True
