"""The queues: lanes of accounts whose time has come look ahead at hours and quotas, and each serves one lead
of the campaign that was served longest ago. All lanes of a tick are served together, in one transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account
from overture.campaigns import due as dues
from overture.campaigns import lookout, store, submit
from overture.campaigns.lanes import IDLE, IDLE_LOOK, REACHING
from overture.campaigns.lookout import Rest
from overture.campaigns.planner_kit import SOON, PlannerKit
from overture.campaigns.spoiling import SPOILING, UNFORESEEN, is_passing
from overture.campaigns.submit import Turn
from overture.campaigns.tables import Enrollment
from overture.db import as_json, carry_out, columns_of, fetch, fetch_all

log = structlog.get_logger()

MOST_LANES: Final = 100
"""Lanes that are served in one transaction."""
MOST_PASSED: Final = 25
"""Leads of one lane that turn out to have to wait after all, in one tick."""
SPOILED_LOOK: Final = timedelta(minutes=10)
"""How soon a lane is looked at again that could not be looked at."""

LaneKey = tuple[UUID, str]


@dataclass(frozen=True)
class Served:
    """How many lanes were looked at, and how many runs were submitted for them."""

    lanes: int = 0
    submitted: int = 0


DUE: Final = text("""
select account_id, lane from lanes where next_at <= :now
order by next_at, account_id, lane limit :most for update skip locked
""")
MINE: Final = text("""
select account_id, lane from lanes where account_id = :account and lane = :lane and next_at <= :now
for update skip locked
""")


async def serve(kit: PlannerKit, now: datetime, most: int = MOST_LANES) -> Served:
    """Serve the lanes whose time has come, longest due first; another planner's are left to it.

    When one of them cannot be served, all of it is undone and each is served on its own.
    """
    due: list[LaneKey] = []
    try:
        async with kit.sessions.begin() as db:
            due = [(row[0], row[1]) for row in await fetch(db, DUE, {"now": now, "most": most})]
            return await served(kit, db, due, now)
    except SPOILING as error:
        log.warning("planner.lanes_spoiled", lanes=len(due), error=type(error).__name__)
    submitted = 0
    for key in due:
        submitted += await serve_alone(kit, key, now)
    return Served(len(due), submitted)


async def serve_alone(kit: PlannerKit, key: LaneKey, now: datetime) -> int:
    """Serve one lane; if even that fails, the lead it fails on is set aside for a person, with the reason.

    If it fails before any lead is met, the lane rests, and says that a setting is wrong.
    """
    account_id, lane = key
    met: list[UUID] = []
    try:
        async with kit.sessions.begin() as db:
            rows = await fetch(db, MINE, {"account": account_id, "lane": lane, "now": now})
            return (await served(kit, db, [(row[0], row[1]) for row in rows], now, met)).submitted
    except SPOILING as error:
        if is_passing(error):
            raise
        if met:
            await dues.put_aside(kit, met[-1:], error, now)
            return 0
        log.exception("planner.lane_cannot_be_served", account_id=str(account_id), lane=lane)
        async with kit.sessions.begin() as db:
            row: dict[str, object] = {"account_id": account_id, "lane": lane, "reason": "config_invalid"}
            row["next_at"] = now + SPOILED_LOOK
            await db.execute(RESTS, {"rows": as_json([row])})
    return 0


async def served(
    kit: PlannerKit, db: AsyncSession, due: Sequence[LaneKey], now: datetime, met: list[UUID] | None = None
) -> Served:
    """Serve these lanes, which are locked."""
    if not due:
        return Served()
    kit.on_step("lane.locked")
    serving = await looked_ahead(kit, db, due, now)
    submitted = 0
    for _ in range(MOST_PASSED):
        turns = await serving.next_turns(db)
        if not turns:
            break
        if met is not None:
            met += [one.enrollment.id for one in turns.values()]
        taken = await submit.take(kit, db, list(turns.values()), now)
        submitted += len(taken.submitted)
        for key, turn in turns.items():
            serving.had(key, turn, taken)
    await serving.keep(db, due)
    kit.on_step("lane.served")
    return Served(len(due), submitted)


@dataclass
class Open:
    """A lane that may act now: its room, and the campaigns that queue in it, served longest ago first."""

    account: Account
    room: runs.Room
    campaigns: list[UUID] = field(default_factory=list)


@dataclass
class Serving:
    """The lanes of one transaction, and what becomes of them."""

    kit: PlannerKit
    now: datetime
    rests: dict[LaneKey, Rest] = field(default_factory=dict)
    open: dict[LaneKey, Open] = field(default_factory=dict)
    turned: set[tuple[UUID, UUID, str]] = field(default_factory=set)
    """Campaign, account and lane of whoever had a turn."""
    left: dict[UUID, int] = field(default_factory=dict)
    """What campaigns with a cap may still do today."""
    emptied: bool = False
    """Whether a lane has no lead left that could be taken: none, or another planner has it."""

    async def next_turns(self, db: AsyncSession) -> dict[LaneKey, Turn]:
        """One lead for each lane that still looks for one."""
        asking: dict[LaneKey, UUID] = {}
        planned: dict[UUID, int] = {}
        for key, one in list(self.open.items()):
            free = [of for of in one.campaigns if self.may_still(of, key[1], planned.get(of, 0))]
            if not free:
                # Nobody is left in it: who queues next wakes it. A campaign at its cap is looked at again.
                idle = Rest(self.now + IDLE_LOOK, IDLE)
                self.emptied = self.emptied or not one.campaigns
                self.rest(key, Rest(self.now + SOON, "running") if one.campaigns else idle)
                continue
            asking[key] = free[0]
            planned[free[0]] = planned.get(free[0], 0) + 1
        found = await taken_from_queues(db, asking)
        for key, campaign_id in asking.items():
            if key not in found:
                self.open[key].campaigns.remove(campaign_id)
        turns = {key: Turn(one, self.open[key].account) for key, one in found.items()}
        return turns or (await self.next_turns(db) if asking else {})

    def may_still(self, campaign_id: UUID, lane: str, planned: int) -> bool:
        """Whether a campaign's cap leaves room for one more in the lane, besides those that are planned."""
        left = self.left.get(campaign_id)
        return left is None or lane not in REACHING or left > planned

    def had(self, key: LaneKey, turn: Turn, taken: submit.Taken) -> None:
        """A lead had its turn in a lane: the lane rests if something was submitted, else it goes on."""
        one, campaign_id = self.open[key], turn.enrollment.campaign_id
        self.turned.add((campaign_id, *key))
        one.campaigns.remove(campaign_id)
        one.campaigns.append(campaign_id)
        if turn.enrollment.id in taken.submitted:
            if campaign_id in self.left and key[1] in REACHING:
                self.left[campaign_id] -= 1
            gap = lookout.pace(self.kit, one.account, key[1], one.room, self.now)
            self.rest(key, Rest(self.now + gap, "min_interval"))
        elif turn.enrollment.id in taken.later:
            self.rest(key, Rest(self.now + SOON, "running"))

    def rest(self, key: LaneKey, said: Rest) -> None:
        """Let a lane rest."""
        self.rests[key] = said
        self.open.pop(key, None)

    async def keep(self, db: AsyncSession, due: Sequence[LaneKey]) -> None:
        """Write down how each lane rests, and who had a turn."""
        rests = {key: self.rests.get(key, Rest(self.now + SOON, "ready")) for key in due}
        rows = [
            {
                "account_id": key[0],
                "lane": key[1],
                "next_at": said.until,
                "reason": said.reason,
            }
            for key, said in rests.items()
        ]
        await carry_out(db, RESTS, {"rows": as_json(rows)})
        if self.emptied:
            await carry_out(db, NOT_IDLE, {"rows": as_json(rows), "soon": self.now + SOON})
        if self.turned:
            campaigns, accounts_, lanes = zip(*sorted(self.turned), strict=True)
            had = {"campaigns": list(campaigns), "accounts": list(accounts_), "lanes": list(lanes)}
            await carry_out(db, TURNS, {**had, "now": self.now})


RESTS: Final = text("""
update lanes set next_at = said.next_at, reason = said.reason
from jsonb_to_recordset(cast(:rows as jsonb))
    as said(account_id uuid, lane text, next_at timestamptz, reason text)
where lanes.account_id = said.account_id and lanes.lane = said.lane
""")
# A lead another planner has locked still queues, should that one die: its lane does not sleep.
NOT_IDLE: Final = text("""
update lanes set next_at = :soon, reason = 'running'
from jsonb_to_recordset(cast(:rows as jsonb)) as said(account_id uuid, lane text)
where lanes.account_id = said.account_id and lanes.lane = said.lane and lanes.reason = 'idle' and exists (
    select 1 from enrollments e join campaigns c on c.campaign_id = e.campaign_id and c.state = 'active'
    where e.account_id = lanes.account_id and e.lane = lanes.lane
      and e.state = 'active' and e.reason = 'queued')
""")
TURNS: Final = text("""
insert into turns (campaign_id, account_id, lane, served_at)
select campaign_id, account_id, lane, :now
from unnest(cast(:campaigns as uuid[]), cast(:accounts as uuid[]), cast(:lanes as text[]))
    as had(campaign_id, account_id, lane)
on conflict (campaign_id, account_id, lane) do update set served_at = excluded.served_at
""")


async def looked_ahead(kit: PlannerKit, db: AsyncSession, due: Sequence[LaneKey], now: datetime) -> Serving:
    """Which of the lanes may act, and how long the others rest."""
    serving = Serving(kit, now)
    senders = await accounts.by_ids(db, {account_id for account_id, _ in due})
    switches = await accounts.switches_on(db)
    stops = {one.id: lookout.stopped(kit, one, switches, now) for one in senders.values()}
    reading = await lookout.relations_first(db, {key[0] for key in due if key[1] == "check_pending"}, now)
    for key in due:
        said = stops[key[0]] or (reading.get(key[0]) if key[1] == "check_pending" else None)
        if said is not None:
            serving.rest(key, said)
    free = [key for key in due if key not in serving.rests]
    rooms = await lookout.rooms(db, [(senders[key[0]], key[1]) for key in free], now)
    for key, room in zip(free, rooms, strict=True):
        full = lookout.no_room(room, now)
        if full is not None:
            serving.rest(key, full)
        else:
            serving.open[key] = Open(senders[key[0]], room)
    await line_up(db, serving)
    return serving


HEADS: Final = text("""
select asked.account_id, asked.lane, ca.campaign_id
from unnest(cast(:accounts as uuid[]), cast(:lanes as text[])) as asked(account_id, lane)
join campaign_accounts ca on ca.account_id = asked.account_id
join campaigns c on c.campaign_id = ca.campaign_id and c.state = 'active'
left join turns t on t.campaign_id = ca.campaign_id and t.account_id = ca.account_id and t.lane = asked.lane
where exists (
    select 1 from enrollments e where e.account_id = asked.account_id and e.lane = asked.lane
      and e.campaign_id = ca.campaign_id and e.state = 'active' and e.reason = 'queued')
order by asked.account_id, asked.lane, t.served_at nulls first, ca.campaign_id
""")


async def line_up(db: AsyncSession, serving: Serving) -> None:
    """The campaigns that queue in each open lane and may act now; lanes where none does rest."""
    if not serving.open:
        return
    of_accounts, lanes = zip(*serving.open, strict=True)
    rows = await fetch(db, HEADS, {"accounts": list(of_accounts), "lanes": list(lanes)})
    known = await readable(db, serving.kit.shelf, {row[2] for row in rows})
    capped = await lookout.used_of_caps(db, known, serving.now)
    rests: dict[LaneKey, list[Rest]] = {key: [] for key in serving.open}
    for account_id, lane, campaign_id in rows:
        key, of = (account_id, lane), known.get(campaign_id)
        if of is None:
            rests[key].append(Rest(serving.now + SPOILED_LOOK, "config_invalid"))
            continue
        held = lookout.closed(of, serving.open[key].account, serving.now)
        if held is None and lane in REACHING:
            held = capped.rests.get(campaign_id)
        if held is not None:
            rests[key].append(held)
        else:
            serving.open[key].campaigns.append(campaign_id)
    serving.left = capped.left
    for key, one in list(serving.open.items()):
        if not one.campaigns:
            nobody = Rest(serving.now + IDLE_LOOK, IDLE)
            serving.rest(key, min(rests[key], key=lambda said: said.until, default=nobody))


async def readable(
    db: AsyncSession, shelf: store.Shelf, campaign_ids: Collection[UUID]
) -> dict[UUID, store.Running]:
    """These campaigns, without those that cannot be read: they keep no other waiting."""
    try:
        return await store.running(db, shelf, campaign_ids) if campaign_ids else {}
    except UNFORESEEN:
        if len(campaign_ids) == 1:
            log.exception("planner.campaign_not_understood", campaigns=[str(one) for one in campaign_ids])
            return {}
    found: dict[UUID, store.Running] = {}
    for one in sorted(campaign_ids):
        found |= await readable(db, shelf, {one})
    return found


TAKE: Final = text(f"""
select {columns_of(Enrollment, "e")}
from unnest(cast(:accounts as uuid[]), cast(:lanes as text[]), cast(:campaigns as uuid[]))
    as asked(account_id, lane, campaign_id)
cross join lateral (
    select * from enrollments where account_id = asked.account_id and lane = asked.lane
      and campaign_id = asked.campaign_id and state = 'active' and reason = 'queued'
    order by priority desc, enrollment_id limit 1 for update skip locked
) e
""")


async def taken_from_queues(db: AsyncSession, asking: Mapping[LaneKey, UUID]) -> dict[LaneKey, Enrollment]:
    """The lead whose turn it is in each lane, of the campaign that is asked for; locked."""
    if not asking:
        return {}
    of_accounts, lanes = zip(*asking, strict=True)
    asked = {"accounts": list(of_accounts), "lanes": list(lanes), "campaigns": list(asking.values())}
    rows = await fetch_all(db, Enrollment, TAKE, asked)
    return {(one.account_id, one.lane): one for one in rows}
