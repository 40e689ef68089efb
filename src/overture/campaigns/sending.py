"""Sending: what is checked and rendered becomes runs, touches and new states of enrollments; one key each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.accounts import Account
from overture.campaigns import due, syncs
from overture.campaigns.facts import Do
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.sequence import Step, Way
from overture.campaigns.store import Standing
from overture.campaigns.tables import Enrollment, Touch
from overture.core.ids import public_id
from overture.db import as_json, as_row, carry_out, new
from overture.touchpoints import REGISTRY, CheckConnection, Touchpoint

RUN_LOOK: Final = timedelta(hours=1)
PRIORITIES: Final = {"follow_up": 6, "inmail": 6, "connect": 5, "check_pending": 4, "enrich": 3, "engage": 3}
LINKEDIN_NAMES: Final = frozenset({"linkedin", "linkedin_profile_id"})


@dataclass(frozen=True)
class Act:
    """One step's try as it is about to be submitted."""

    standing: Standing
    account: Account
    do: Do
    now: datetime

    @property
    def enrollment(self) -> Enrollment:
        """Whose it is."""
        return self.standing.enrollment

    @property
    def step(self) -> Step:
        """The step."""
        sequence = self.standing.running.sequence
        assert sequence is not None
        return sequence.by_id[self.do.step]

    @property
    def way(self) -> Way:
        """The way of the step that is tried."""
        return self.step.ways[self.do.fallback]

    @property
    def reaches_person(self) -> bool:
        """Whether its touchpoint is addressed to the person."""
        known = REGISTRY.get(self.way.kind)
        return known.reaches_person if known is not None else True

    @property
    def key(self) -> str:
        """What makes it one act, whatever crashes and whoever plans."""
        return f"enr:{self.enrollment.id}:{self.do.step}:{self.do.round}:{self.do.fallback}"


@dataclass(frozen=True)
class Ready:
    """What is submitted, and the approval it rests on."""

    act: Act
    touchpoint: Touchpoint
    text_hash: str | None
    approval_id: UUID | None
    needs_approval: bool


@dataclass(frozen=True)
class Look:
    """A look after one invitation; what is seen comes back as an event."""

    standing: Standing
    account: Account
    target: str

    @property
    def request(self) -> runs.RunRequest:
        """The run that looks."""
        tags = ("planner", "check_pending", public_id("enr", self.standing.enrollment.id))
        touchpoint = CheckConnection(public_identifier=self.target)
        priority = PRIORITIES["check_pending"]
        return runs.RunRequest(self.account.handle, touchpoint, tags=tags, priority=priority)


async def submit_all(
    kit: PlannerKit, db: AsyncSession, looks: Sequence[Look], ready: Sequence[Ready], now: datetime
) -> None:
    """The looks after invitations; and the acts: their runs, touches and the enrollments' new state, each
    under its key. All in the caller's transaction.
    """
    if not (looks or ready):
        return
    read = {one.act.account.id for one in ready if one.act.account.channel == "linkedin"}
    read_until = await syncs.begin(kit, db, read, now)
    requests = [request_of(one, read_until) for one in ready]
    kit.on_step("submit.before")
    asked = [*requests, *(one.request for one in looks)]
    submitted = await runs.submit_many(db, kit.ids, asked, now, kit.leased(now))
    kit.on_step("submit.between")
    touches = [touch_of(kit, one, answer.run) for one, answer in zip(ready, submitted, strict=False)]
    if touches:
        await keep_touches(db, ready, touches, now)


async def keep_touches(
    db: AsyncSession, ready: Sequence[Ready], touches: Sequence[Touch], now: datetime
) -> None:
    """Write the touches down, and that their enrollments wait for the runs."""
    for one in ready:
        due.wait(one.act.enrollment, "running", now + RUN_LOOK)
    rows = [{**as_row(touch), "told": touch_data(touch)} for touch in touches]
    await carry_out(db, TOUCHES, {"rows": as_json(rows), "now": now})


def request_of(ready: Ready, read_until: Mapping[UUID, datetime]) -> runs.RunRequest:
    """The run that is asked for."""
    act, enrollment = ready.act, ready.act.enrollment
    return runs.RunRequest(
        act.account.handle,
        ready.touchpoint,
        tags=("planner", public_id("cmp", enrollment.campaign_id), public_id("enr", enrollment.id)),
        priority=PRIORITIES.get(enrollment.lane, runs.DEFAULT_PRIORITY),
        idempotency_key=act.key,
        look_since=unread_since(act.standing, read_until.get(act.account.id)),
        known_as=tuple(key for kind, key in act.standing.keys.items() if kind in LINKEDIN_NAMES),
    )


def unread_since(standing: Standing, read_until: datetime | None) -> datetime:
    """Since when nobody knows what the person wrote: since the inbox was last read, if that could tell that a
    thread was theirs. A reading that knew them by another name than it saw settles nothing.
    """
    enrolled_at, met_at = standing.enrollment.enrolled_at, standing.met_at
    could_tell = read_until is not None and met_at is not None and met_at <= read_until
    return max(enrolled_at, read_until) if could_tell and read_until is not None else enrolled_at


def touch_of(kit: PlannerKit, ready: Ready, run: runs.Run) -> Touch:
    """The row of an act that is submitted."""
    act, enrollment, do = ready.act, ready.act.enrollment, ready.act.do
    row = {
        "id": kit.ids.new(),
        "enrollment_id": enrollment.id,
        "campaign_id": enrollment.campaign_id,
        "lead_id": enrollment.lead_id,
        "account_id": act.account.id,
        "step": do.step,
        "round": do.round,
        "fallback": do.fallback,
        "run_id": run.id,
        "channel": act.way.channel,
        "touchpoint_type": ready.touchpoint.kind(),
        "target": run.target,
        "reaches_person": act.reaches_person,
        "variant": cast(str | None, enrollment.variants.get(do.step)),
        "text_hash": ready.text_hash,
        "approval_id": ready.approval_id,
        "needs_approval": ready.needs_approval,
        "state": "submitted",
        "planned_at": act.now,
    }
    return new(Touch, row)


COLUMNS: Final = ", ".join(column.name for column in cast(Table, Touch.__table__).columns)
TOUCHES: Final = text(f"""
with given as (
    select item, place from jsonb_array_elements(cast(:rows as jsonb)) with ordinality as given(item, place)
), planned as (
    insert into touches ({COLUMNS}) select {COLUMNS}
    from given cross join lateral jsonb_populate_record(cast(null as touches), given.item) one order by place
    returning touch_id, account_id, lead_id, campaign_id, enrollment_id
)
insert into events (at, type, account_id, lead_id, campaign_id, enrollment_id, data)
select :now, 'touch.planned', account_id, lead_id, campaign_id, enrollment_id, given.item->'told'
from planned join given on cast(given.item->>'touch_id' as uuid) = planned.touch_id order by place
""")


def touch_data(touch: Touch) -> dict[str, object]:
    """What an event tells of a touch."""
    return {
        "touch_id": public_id("tch", touch.id),
        "run_id": public_id("run", touch.run_id),
        "step": touch.step,
        "round": touch.round,
        "fallback": touch.fallback,
        "channel": touch.channel,
        "touchpoint_type": touch.touchpoint_type,
        "variant": touch.variant,
        "state": touch.state,
        "code": touch.code,
    }
