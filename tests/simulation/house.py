"""The product on a trial's database: accounts, leads and campaigns, put there the way an operator does."""

import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import event, select, text

from overture import accounts, campaigns, people
from overture.accounts import Limits, NewAccount, Vault, Window, WorkingHours
from overture.campaigns import Approvals, CampaignSettings, NewCampaign, PlannerKit
from overture.core import crypto
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.db import connect
from overture.entrypoints.bootstrap import App, default_vetoes
from overture.people import Identity, importing
from overture.people.importing import ImportKit, Options, Receipt, Undone

from .abreast import stand_still
from .plan import START, Plan
from .provider import ModelProvider
from .society import Person, Society, chance
from .texts import NEWS, OUTREACH
from .turns import VirtualClock

HOURS: Final = (time(9), time(17))
DAYS: Final = (0, 1, 2, 3, 4)
TIMEOUT: Final = timedelta(seconds=180)
TIDIED_EVERY: Final = timedelta(days=1)
TIDY: Final = text("""
vacuum (skip_database_stats) runs, touches, enrollments, lanes, turns, syncs, leads, relationships, consumers,
    procrastinate_jobs
""")
"""Once a day, what is written over and over."""
MEASURE: Final = text("analyze")
"""Whenever the world is twice as old, how much there is of everything; the size is seen with each `TIDY`."""


@dataclass(frozen=True)
class Sender:
    """An account as the trial made it; the audit judges by this, not by the product's row."""

    handle: str
    account_id: UUID
    zone: str
    per_day: int
    per_week: int
    messages: int


@dataclass
class House:
    """The product, its world, and what the trial knows of both."""

    plan: Plan
    app: App
    clock: VirtualClock
    society: Society
    provider: ModelProvider
    planner: PlannerKit
    folder: Path
    senders: list[Sender] = field(default_factory=list)
    campaign_ids: dict[str, UUID] = field(default_factory=dict)
    leads: dict[str, UUID] = field(default_factory=dict)
    """By slug."""
    twins: dict[str, UUID] = field(default_factory=dict)
    """By slug, the second lead of whoever came under another name as well."""
    enrolled: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When (by the product's clock) somebody came into a campaign."""
    approved: set[tuple[str, str, str]] = field(default_factory=set)
    """Account, person and text of what the operator approved."""
    suppressed: dict[str, datetime] = field(default_factory=dict)
    """Since when (true time) somebody is not to be contacted."""
    stops: list[tuple[datetime, bool]] = field(default_factory=list)
    """When (true time) the kill switch was turned, on or off."""
    lowered: list[tuple[datetime, str, int]] = field(default_factory=list)
    """When (by the product's clock) an account's invitations per day were lowered, and to what."""
    resting: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    """Which account was paused, from when to when (true time)."""
    rewritten: dict[str, datetime] = field(default_factory=dict)
    """Since when (true time) a campaign has other texts."""
    erased: set[str] = field(default_factory=set)
    """Who is not to be known any more."""
    receipts: list[tuple[tuple[int, int], Receipt]] = field(default_factory=list)
    """Of the imports, in order: how many new people were in the file, at least and at most."""
    taken_back: list[tuple[Receipt, Undone]] = field(default_factory=list)
    """Of imports that were rolled back: what they had done, and what became of that."""
    receipts_of_enrolling: list[tuple[int, campaigns.Receipt]] = field(default_factory=list)
    """How many were to be enrolled, and what became of them."""
    tidied_at: datetime | None = None
    """When (true time) the database last kept house."""
    measured_again_at: datetime = START
    """When (true time) it counts its rows once more."""

    async def tidy(self) -> None:
        """In a large world the database keeps house once a day, at a moment of ours and not of its own."""
        now = self.clock.true
        if not self.plan.is_fine or (self.tidied_at is not None and now < self.tidied_at + TIDIED_EVERY):
            return
        self.tidied_at = now
        async with self.app.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(TIDY)
            if now >= self.measured_again_at:
                await connection.execute(MEASURE)
                self.measured_again_at = now + max(TIDIED_EVERY, now - START)

    @property
    def now(self) -> datetime:
        """What the product's clock shows."""
        return self.clock.now()

    @property
    def slugs(self) -> dict[UUID, str]:
        """Who the leads are."""
        return {lead_id: slug for of in (self.leads, self.twins) for slug, lead_id in of.items()}


@asynccontextmanager
async def a_house(plan: Plan, url: str, folder: Path) -> AsyncIterator[House]:
    """The product with everything an operator sets up before the first tick."""
    clock = VirtualClock(START)
    society = Society(plan.seed, plan.leads, START, plan.days, plan.odds)
    provider = ModelProvider(society, clock, plan.faults, TIMEOUT, plan.seed)
    provider.is_alone = plan.is_fine and plan.workers == 1
    engine, sessions = connect(url)
    if plan.is_fine:
        event.listen(engine.sync_engine, "do_connect", stand_still)
    rng = Rng(plan.seed.to_bytes(8, signed=True))
    settings = simulated(folder, plan)
    app = App(
        settings=settings,
        clock=clock,
        rng=rng,
        ids=Ids(clock, rng),
        engine=engine,
        sessions=sessions,
        vault=Vault(crypto.load_or_create(settings.keys_path)),
        providers={provider.name: provider},
        database_url=url,
        embedded=None,
        api_key="",
        vetoes=default_vetoes(),
    )
    planner = PlannerKit(
        *(sessions, app.ids, rng, settings.lease),
        relations_every=plan.relations_every,
        inbox_every=plan.inbox_every,
    )
    house = House(plan, app, clock, society, provider, planner, folder)
    try:
        await set_up(house)
        yield house
    finally:
        await engine.dispose()


def simulated(folder: Path, plan: Plan) -> Settings:
    """Settings for months in seconds; who works abreast shares one clock, which goes on for all of them."""
    usual = Settings(_env_file=None)
    values: dict[str, object] = {
        "data_dir": folder,
        "lease": timedelta(minutes=5),
        "attempt_timeout": TIMEOUT,
        "breaker_failures": 8,
        "act_window": plan.abreast * usual.act_window,
    }
    return Settings.model_validate({**usual.model_dump(), **values})


async def set_up(house: House) -> None:
    """Accounts, leads and two campaigns that share people."""
    plan = house.plan
    for number in range(plan.accounts):
        await add_account(house, number)
    late = {one.slug for one in latecomers(house)}
    everybody = [one for one in house.society.people.values() if one.slug not in late]
    half = max(1, plan.accounts - 1)
    await take_in(house)
    for person in everybody:
        luck = chance(plan.seed, "before", person.number)
        if luck.random() < plan.odds.connected:
            await befriend(house, luck.choice(house.senders[:half]), person)
    house.clock.advance(plan.opens_after)
    await add_campaign(house, "Outreach", OUTREACH, house.senders[:half], [one.slug for one in everybody])
    if not plan.is_fine:
        some = [one.slug for one in everybody if one.number % 3 == 0]
        approvals = Approvals(mode="all")
        await add_campaign(house, "News", NEWS, house.senders[half - 1 :], some, approvals)


async def befriend(house: House, sender: Sender, person: Person) -> None:
    """They are connected already, and the product has read so."""
    house.society.befriend(sender.handle, person)
    since = START - timedelta(days=99)
    seen = people.Seen("connected", START, "sync", since=since)
    async with house.app.sessions.begin() as db:
        await people.observe(db, sender.account_id, house.leads[person.slug], seen, house.now)


async def add_account(house: House, number: int) -> None:
    """A sender with hours on its own wall clock."""
    is_fine = house.plan.is_fine
    per_day, per_week, messages = (20, 100, 25) if is_fine else (6, 25, 8)
    zone = house.plan.zones[number % len(house.plan.zones)]
    new = NewAccount(
        handle=f"sender-{number}",
        zone=zone,
        working_hours=WorkingHours(days=DAYS, start=HOURS[0], end=HOURS[1]),
        limits=Limits(
            invite=Window(per_day=per_day, per_week=per_week),
            message=Window(per_day=messages),
            min_gap_s=house.plan.min_gap_s,
        ),
        tier="premium",
        ramp="off",
    )
    async with house.app.sessions.begin() as db:
        account = await accounts.create(db, house.app.vault, house.app.ids.new(), new, "linkedin", house.now)
    house.senders.append(Sender(new.handle, account.id, zone, per_day, per_week, messages))


def latecomers(house: House) -> list[Person]:
    """Who comes with the second file."""
    everybody = house.society.people.values() if house.plan.upheaves else ()
    return [one for one in everybody if one.number % 6 == 5]


def named_twice(house: House) -> list[Person]:
    """Who stands in the second file under another address and name of LinkedIn's."""
    everybody = house.society.people.values() if house.plan.upheaves else ()
    return [one for one in everybody if one.number % 12 == 2]


def sheet(house: House, name: str, new: Sequence[Person], twins: Sequence[Person] = ()) -> Path:
    """A file of people, with some rows that say the same or nothing."""
    path = house.folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("First Name", "Last Name", "Company", "LinkedIn URL", "Email"))
        for person in new:
            email = f"{person.slug}@firm-{person.number // 3}.example"
            url = f"https://www.linkedin.com/in/{person.slug}/"
            rows.writerow((person.first_name, person.last_name, person.company, url, email))
            if person.number % 9 == 4:  # once more, known by the address alone
                rows.writerow((person.first_name, person.last_name, person.company, "", email))
        for person in twins:
            email, url = f"{person.number}@home.example", f"https://www.linkedin.com/in/{person.profile_id}/"
            rows.writerow((person.first_name, person.last_name, person.company, url, email))
        rows.writerow(("No", "Body", "Nowhere", "", ""))
    return path


async def take_in(house: House) -> None:
    """Import everybody who is there from the beginning from a file."""
    late = {one.slug for one in latecomers(house)}
    new = [one for one in house.society.people.values() if one.slug not in late]
    path = sheet(house, "people.csv", new)
    await brought_in(house, path, (len(new), len(new)))
    if not house.plan.is_fine:
        await brought_in(house, path, (0, 0))


async def brought_in(house: House, path: Path, new: tuple[int, int]) -> UUID:
    """Take a file in that has so many new people, and look who has which lead now."""
    import_id, receipt = await imported(house, path)
    house.receipts.append((new, receipt))
    of_linkedin = select(Identity.value, Identity.lead_id).where(
        Identity.kind.in_(("linkedin", "linkedin_profile_id"))
    )
    async with house.app.sessions() as db:
        found = {row[0]: row[1] for row in await db.execute(of_linkedin)}
    for person in house.society.people.values():
        if person.slug in found:
            house.leads[person.slug] = found[person.slug]
        other = found.get(person.profile_id)
        if other is not None and other != house.leads.get(person.slug):
            house.twins[person.slug] = other
    return import_id


async def imported(house: House, path: Path) -> tuple[UUID, Receipt]:
    """Take a file in."""
    app = house.app
    async with app.sessions.begin() as db:
        seen = importing.preview(path)
        new = importing.New(path.name, seen, importing.measure(path, seen.reading), "operator")
        made = await importing.begin(db, app.ids, house.now, new)
        await importing.confirm(db, made, seen.mapping, Options(), house.now)
    done = await importing.run(ImportKit(app.sessions, app.clock, app.ids), made.id, path)
    async with app.sessions() as db:
        return done.id, await importing.receipt(db, done)


async def add_campaign(
    house: House,
    name: str,
    text: str,
    senders: Sequence[Sender],
    slugs: Sequence[str],
    approvals: Approvals | None = None,
) -> None:
    """A published campaign with its people in it."""
    app, now = house.app, house.now
    settings = CampaignSettings(
        accounts={one.handle: 1 for one in senders},
        existing_connections="enroll",
        active_elsewhere="enroll",
        approvals=approvals or Approvals(),
        max_touches_30d=5,
        check_after_h=house.plan.check_after_h,
    )
    body = campaigns.body_of(campaigns.read_sequence(text))
    async with app.sessions.begin() as db:
        made = await campaigns.create(db, app.ids, NewCampaign(name, body, settings), "operator", now)
        house.campaign_ids[name] = made.id
        await campaigns.do(db, app.ids, made, "start", "operator", now)
    await enrolled(house, name, slugs)


async def enrolled(
    house: House, name: str, slugs: Sequence[str], of: Mapping[str, UUID] | None = None
) -> None:
    """Put people into a campaign, by their leads or these others; who is in it already stays as they are."""
    app, now = house.app, house.now
    leads = house.leads if of is None else of
    known = [slug for slug in slugs if slug in leads]
    async with app.sessions.begin() as db:
        made = await campaigns.campaign_by_id(db, house.campaign_ids[name], lock=True)
        if made.state not in ("draft", "active", "paused"):
            return
        lead_ids = [leads[slug] for slug in known]
        receipt = await campaigns.enroll(db, app.ids, made, lead_ids, "operator", now)
    house.receipts_of_enrolling.append((len(known), receipt))
    for slug, row in zip(known, receipt.rows, strict=True):
        if row.outcome == "enrolled":
            house.enrolled.setdefault((name, slug), now)
