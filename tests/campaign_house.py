"""A house for campaigns: leads, senders and a planner on a clock that is moved by hand, the scripted world,
and what it saw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import HttpUrl, SecretStr
from sqlalchemy import func, select, text

from crowd import a_lead, profile_id
from fakes import ScriptedProvider, Sent
from overture import accounts, campaigns, runs
from overture.accounts import Limits, NewAccount, WorkingHours
from overture.campaigns import Approval, Campaign, CampaignSettings, Enrollment, NewCampaign, Touch
from overture.core.clock import ManualClock
from overture.core.settings import Settings
from overture.entrypoints.bootstrap import App
from overture.people import Lead
from overture.runs import Run
from overture.touchpoints import (
    ConnectionState,
    InboxConversation,
    InboxMessage,
    InboxRead,
    Relation,
    RelationsRead,
)
from product import MakeApp

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

INVITE: dict[str, Any] = {"id": "invite", "channel": "linkedin", "touchpoint": {"type": "connect"}}
ACCEPT: dict[str, Any] = {
    "id": "accepted",
    "wait_for": {"condition": "connected", "timeout": "14 days", "on_timeout": "end", "then": "next"},
}
HELLO: dict[str, Any] = {
    "id": "hello",
    "channel": "linkedin",
    "delay": "1h",
    "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, hello!"},
}
AGAIN: dict[str, Any] = {
    "id": "again",
    "channel": "linkedin",
    "delay": "3 days",
    "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, once more."},
}
CLASSIC = {"name": "classic", "steps": [INVITE, ACCEPT, HELLO, AGAIN]}
WRITE = {"name": "write", "steps": [{**HELLO, "delay": "0min"}, AGAIN]}
ALWAYS = WorkingHours.always()


@dataclass
class House:
    """The product, a clock, and the world."""

    app: App
    clock: ManualClock
    provider: ScriptedProvider
    leads: list[Lead] = field(default_factory=list)
    relations: dict[str, list[Relation]] = field(default_factory=dict)
    threads: dict[str, list[InboxConversation]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.app.now()

    async def sender(self, handle: str = "ada", hours: WorkingHours = ALWAYS, **limits: Any) -> str:
        """An account without limits but those given."""
        free = Limits.model_validate({**accounts.NO_LIMITS, "min_gap_s": 0.0, **limits})
        new = NewAccount(handle=handle, working_hours=hours, limits=free, ramp="off")
        async with self.app.sessions.begin() as db:
            await accounts.create(db, self.app.vault, self.app.ids.new(), new, "linkedin", self.now)
        return handle

    async def people(self, count: int, **fields: Any) -> list[Lead]:
        """That many leads, by number."""
        made = []
        for _ in range(count):
            number = len(self.leads) + 1
            lead = await a_lead(
                self.app,
                **{
                    "first_name": f"Lea{number}",
                    "linkedin_slug": f"lea-{number}",
                    "linkedin_profile_id": profile_id(number),
                    **fields,
                },
            )
            self.leads.append(lead)
            made.append(lead)
        return made

    async def campaign(
        self, sequence: Mapping[str, Any], *senders: str, start: bool = True, name: str = "", **settings: Any
    ) -> UUID:
        """A campaign, running unless said otherwise."""
        settings.setdefault("accounts", dict.fromkeys(senders or ("ada",), 1))
        async with self.app.sessions.begin() as db:
            new = NewCampaign(
                name or str(self.app.ids.new()), dict(sequence), CampaignSettings.model_validate(settings)
            )
            made = await campaigns.create(db, self.app.ids, new, "test", self.now)
            if start:
                await campaigns.do(db, self.app.ids, made, "start", "test", self.now)
            return made.id

    async def enroll(self, campaign_id: UUID, *leads: Lead, **more: Any) -> campaigns.Receipt:
        """Enrol leads."""
        async with self.app.sessions.begin() as db:
            campaign = await campaigns.campaign_by_id(db, campaign_id, lock=True)
            ids = [one.id for one in leads]
            return await campaigns.enroll(db, self.app.ids, campaign, ids, "test", self.now, **more)

    async def do(self, campaign_id: UUID, verb: str) -> None:
        """A verb of a campaign."""
        async with self.app.sessions.begin() as db:
            campaign = await campaigns.campaign_by_id(db, campaign_id, lock=True)
            await campaigns.do(db, self.app.ids, campaign, verb, "test", self.now)

    async def tick(self) -> campaigns.Ticked:
        """One tick of the planner."""
        return await campaigns.tick(self.app.planner_kit, self.now)

    async def work(self) -> bool:
        """Perform every run that may be; whether there was any."""
        return await work(self.app)

    async def settle(self) -> None:
        """Tick and work until nothing more happens at this instant."""
        for turn in range(30):
            ticked = await self.tick()
            if ticked.is_idle and turn:  # the work was done to its end, and nothing was added to it
                return
            has_worked = await self.work()
            if ticked.is_idle and not has_worked:
                return

    async def pass_time(self, length: timedelta, step: timedelta = timedelta(days=365)) -> None:
        """Let time pass, from one thing that is due to the next, or by `step` when that is sooner."""
        until = self.now + length
        while self.now < until:
            due = [until, self.now + step, *await self.due()]
            self.clock.advance(max(timedelta(seconds=1), min(due) - self.now))
            await self.settle()

    async def due(self) -> list[datetime]:
        """When the planner, and the runs, have something to do next."""
        found = await campaigns.next_wakeup(self.app.planner_kit)
        async with self.app.sessions.looking() as db:
            next_run = await db.scalar(select(func.min(Run.next_at)))
        return [one for one in (found, next_run) if one is not None]

    def accepts(self, lead: Lead, handle: str = "ada") -> None:
        """The lead accepts: the account's relations show it from now on."""
        number = self.leads.index(lead) + 1
        known = self.relations.setdefault(handle, [])
        known.insert(
            0,
            Relation(profile_id=profile_id(number), public_identifier=f"lea-{number}", connected_at=self.now),
        )
        read = RelationsRead(relations=list(known), complete=True, ended_by="end")
        self.provider.answers[handle, "sync_relations"] = read
        self.provider.answers[handle, f"check_connection:lea-{number}"] = ConnectionState(
            state="connected", public_identifier=f"lea-{number}", profile_id=profile_id(number)
        )

    def writes(self, lead: Lead, *texts: str, handle: str = "ada", is_own: bool = False) -> None:
        """The lead (or the operator by hand) writes: the account's inbox shows it from now on."""
        number = self.leads.index(lead) + 1
        known = self.threads.setdefault(handle, [])
        messages = [
            InboxMessage(
                message_urn=f"urn:li:msg:{lead.id}:{len(known)}:{place}",
                sender_profile_id=None if is_own else profile_id(number),
                is_own=is_own,
                text=said,
                delivered_at=self.now + timedelta(seconds=place),
            )
            for place, said in enumerate(texts)
        ]
        known.insert(
            0,
            InboxConversation(
                conversation_urn=f"urn:li:conv:{lead.id}:{len(known)}",
                participant_profile_ids=[profile_id(number)],
                participant_names=["Lea"],
                last_activity_at=self.now,
                messages=messages,
                complete=True,
            ),
        )
        read = InboxRead(conversations=list(known), complete=True, ended_by="end")
        self.provider.answers[handle, "sync_inbox"] = read

    def pending(self) -> None:
        """Whoever is asked about is invited and has not answered."""
        for number in range(1, len(self.leads) + 1):
            self.provider.answers["*", f"check_connection:lea-{number}"] = ConnectionState(
                state="pending", public_identifier=f"lea-{number}"
            )

    def sent(self, kind: str | None = None, handle: str | None = None) -> list[Sent]:
        """What the world saw."""
        return [
            one for one in self.provider.sent if kind in (None, one.kind) and handle in (None, one.handle)
        ]

    async def enrollment(self, lead: Lead, campaign_id: UUID | None = None) -> Enrollment:
        """The lead's enrollment as it stands."""
        async with self.app.sessions.begin() as db:
            query = select(Enrollment).where(Enrollment.lead_id == lead.id)
            if campaign_id is not None:
                query = query.where(Enrollment.campaign_id == campaign_id)
            return (await db.scalars(query)).one()

    async def why(self, lead: Lead) -> campaigns.Why:
        """Why it waits."""
        enrollment = await self.enrollment(lead)
        async with self.app.sessions.begin() as db:
            return await campaigns.why(db, enrollment, self.now)

    async def touches(self) -> Sequence[Touch]:
        """Every touch, oldest first."""
        async with self.app.sessions.begin() as db:
            return (await db.scalars(select(Touch).order_by(Touch.planned_at, Touch.id))).all()

    async def approvals(self) -> Sequence[Approval]:
        """Every approval, oldest first."""
        async with self.app.sessions.begin() as db:
            return (await db.scalars(select(Approval).order_by(Approval.id))).all()

    async def sweep(self) -> list[campaigns.Violation]:
        """What the sweeper finds."""
        async with self.app.sessions.begin() as db:
            return await campaigns.sweep(db, self.now)

    async def execute(self, statement: str, **values: object) -> None:
        """Do something to the database behind the product's back."""
        async with self.app.sessions.begin() as db:
            await db.execute(text(statement), values)

    async def read(self, campaign_id: UUID) -> Campaign:
        """The campaign as it stands."""
        async with self.app.sessions.begin() as db:
            return await campaigns.campaign_by_id(db, campaign_id)


async def a_house(make_app: MakeApp, **settings: Any) -> House:
    """A house without anybody in it."""
    clock = ManualClock(START)
    provider = ScriptedProvider(clock)
    rarely = {"relations_every": 12 * HOUR, "inbox_every": 12 * HOUR}
    app = await make_app(clock=clock, provider=provider, breaker_failures=10_000, **{**rarely, **settings})
    return House(app, clock, provider)


ANY = text("select exists (select from runs where admitted_at is not null or next_at <= :now)")


async def work(app: App) -> bool:
    """Perform every run that may be, one after the other; whether there was any."""
    kit = app.kit
    for count in range(200):
        now = app.now()
        async with app.sessions.looking() as db:  # what was looked for without any being there costs most
            if not await db.scalar(ANY, {"now": now}):
                return count > 0
        async with app.sessions.begin() as db:
            await runs.reap(kit, db, now)
            await runs.admit(db, now, kit.lease(now))
            query = select(Run.id, Run.epoch).where(Run.admitted_at.is_not(None), Run.worker.is_(None))
            live = [(row[0], row[1]) for row in await db.execute(query)]
        if not live:
            return count > 0
        for run_id, epoch in live:
            await runs.execute(kit, "w", run_id, epoch)
    return True


def with_model(settings: Settings, sandbox_url: str, **changes: object) -> Settings:
    """The settings, with the sandbox's language model to write texts."""
    model = {
        "llm_url": HttpUrl(f"{sandbox_url}/llm/v1"),
        "llm_key": SecretStr("sandbox"),
        "llm_model": "small-1",
    }
    return settings.model_copy(update={**model, **changes})
