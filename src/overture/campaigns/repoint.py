"""Two leads prove to be one person, or two after all: whose each enrollment is from then on.

When they are two again, each has its own enrollments back, and what was not sent yet is planned anew for whom
it is meant. What the one person answered or asked for holds for both: nobody knows which of them it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.campaigns import closing, due, observe, store
from overture.campaigns.facts import Finish
from overture.campaigns.limits import LIVE
from overture.campaigns.observe import SignalKind
from overture.campaigns.sending import touch_data
from overture.campaigns.tables import Enrollment, Signal, Touch
from overture.campaigns.vetoes import SILENCING
from overture.core.ids import Ids, public_id, read_public_id
from overture.db import About, Entered, Entry, append_events, as_json, fetch
from overture.people import Merge, Suppression, suppression

MERGES: Final = ("lead.merged", "lead.merge_undone")


@dataclass(frozen=True)
class Merging:
    """That two leads are one, or are not any more, as the log tells it."""

    merge_id: UUID
    kept: UUID
    merged: UUID
    is_undone: bool

    @property
    def both(self) -> set[UUID]:
        """The two leads."""
        return {self.kept, self.merged}


def told_by(event: Entered) -> list[Merging]:
    """What an event tells of two leads; it is told of each of them, and counts once."""
    named = (("mrg", "merge_id"), ("lead", "kept_id"), ("lead", "merged_id"))
    merge_id, kept, merged = (read_public_id(prefix, str(event.data.get(key))) for prefix, key in named)
    if merge_id is None or kept is None or merged is None or event.about.lead_id != kept:
        return []
    return [Merging(merge_id, kept, merged, event.type == "lead.merge_undone")]


async def follow(db: AsyncSession, ids: Ids, of: Merging, now: datetime) -> None:
    """Give every enrollment to the lead it belongs to now."""
    merge = await db.get_one(Merge, of.merge_id, populate_existing=True)
    if of.is_undone:
        await part(db, ids, merge, now)
    elif merge.undone_at is None:  # else they are two again before anything followed from it
        await join(db, merge.kept_id, merge.merged_id, now)


async def join(db: AsyncSession, kept: UUID, merged: UUID, now: datetime) -> None:
    """Two leads are one person: their enrollments are one lead's, and in one campaign only one goes on."""
    rows = await store.of_leads(db, [kept, merged])
    query = select(Enrollment.campaign_id).where(Enrollment.lead_id == kept)
    taken = set((await db.scalars(query)).all())
    for one in rows:
        if one.lead_id != merged:
            continue
        if one.campaign_id in taken:
            one.state = "active"
            due.finish(one, Finish("duplicate", "the same person is in the campaign already"), now)
        else:
            one.lead_id = kept
        await store.keep(db, [one], now, why="lead.merged")


async def part(db: AsyncSession, ids: Ids, merge: Merge, now: datetime) -> None:
    """They are two after all: each enrollment is its own lead's again."""
    of = {"kept": merge.kept_id, "merged": merge.merged_id, "at": merge.at, "now": now}
    began = await db.scalar(BEGAN, {**of, "merge": public_id("mrg", merge.id)})
    if began is None:
        return
    told = {"why": "lead.merge_undone", "by": "planner"}
    await db.execute(BACK, {**of, **told, "began": began})
    await give_touches(db, merge, now)
    await call_back(db, merge, now)
    await closing.tell_of(db, (await db.scalars(NOT_THEIRS, of)).all(), now)
    for enrollment_id, was in await fetch(db, ENDED_BY_IT, {**of, "began": began}):
        await db.execute(REVIVE, {**told, "id": enrollment_id, "was": as_json(was), "now": now})
    await hold_for_both(db, ids, merge, now)


BEGAN: Final = text("""
select id from events where lead_id = :merged and type = 'lead.merged' and data->>'merge_id' = :merge
""")
# The merge moved it, if the first time it was moved since, it was the merged lead's until then.
BACK: Final = text(
    store.telling("""
update enrollments set lead_id = :merged
where enrollment_id in (
    select e.enrollment_id from enrollments e
    cross join lateral (select min(m.id) as id from events m where m.enrollment_id = e.enrollment_id
        and m.id > :began and m.type like 'enrollment.%' and m.data->>'why' = 'lead.merged') moved
    cross join lateral (select b.lead_id from events b where b.enrollment_id = e.enrollment_id
        and b.id < moved.id and b.type like 'enrollment.%' order by b.id desc limit 1) before
    where e.lead_id = :kept and before.lead_id = :merged order by e.enrollment_id for update of e)
""")
)
"""That is no end of theirs, even of those that are over: `enrollment.changed`."""


TO_MERGED: Final = text("""
select t.touch_id from touches t where t.lead_id = :kept and t.planned_at >= :at
  and exists (select from identities i where i.lead_id = :merged and i.value = t.target)
order by t.touch_id for update
""")


async def give_touches(db: AsyncSession, merge: Merge, now: datetime) -> None:
    """What was sent meanwhile belongs to the lead whose key it went to."""
    asked = {"kept": merge.kept_id, "merged": merge.merged_id, "at": merge.at}
    query = select(Touch).where(Touch.id.in_((await db.scalars(TO_MERGED, asked)).all()))
    entries: list[Entry] = []
    for one in await db.scalars(query.order_by(Touch.id), execution_options={"populate_existing": True}):
        one.lead_id = merge.merged_id
        about = About(one.account_id, one.run_id, one.lead_id, one.campaign_id, one.enrollment_id)
        entries.append((now, "touch.changed", about, touch_data(one)))
    await db.flush()
    await append_events(db, entries)


async def call_back(db: AsyncSession, merge: Merge, now: datetime) -> None:
    """What was planned for the one person and has not acted yet is not done: it may be for the other."""
    query = (
        select(runs.Run)
        .join(Touch, Touch.run_id == runs.Run.id)
        .join(Enrollment, Enrollment.id == Touch.enrollment_id)
        .where(Enrollment.lead_id.in_((merge.kept_id, merge.merged_id)), Touch.state == "submitted")
        .where(Touch.planned_at >= merge.at, runs.Run.status.in_(("pending", "running")))
    )
    found = await db.scalars(
        query.order_by(runs.Run.id).with_for_update(of=runs.Run),
        execution_options={"populate_existing": True},
    )
    for run in found.all():
        await runs.cancel(db, run, now)
    await db.flush()


# What was sent rests on its approval: that one stays.
NOT_THEIRS: Final = text("""
update approvals a set state = 'stale', note = 'it was written for another person'
from enrollments e where e.enrollment_id = a.enrollment_id and e.lead_id in (:kept, :merged)
  and a.lead_id <> e.lead_id and a.created_at >= :at and a.state <> 'stale'
  and not exists (select from touches t where t.approval_id = a.approval_id)
returning a.approval_id
""")
# It goes on where it stood, unless its campaign is over, or something went to the person meanwhile: to a key
# of theirs, or to what is nobody's key, as a form is.
ENDED_BY_IT: Final = text(f"""
select e.enrollment_id, before.data from enrollments e join campaigns c using (campaign_id)
cross join lateral (select x.id, x.data from events x where x.enrollment_id = e.enrollment_id
    and x.type like 'enrollment.%' order by x.id desc limit 1) ended
cross join lateral (select b.data from events b where b.enrollment_id = e.enrollment_id
    and b.type like 'enrollment.%' and b.id < ended.id order by b.id desc limit 1) before
where e.lead_id = :merged and e.reason = 'duplicate' and c.state in ('draft', 'active', 'paused')
  and ended.id > :began and ended.data->>'why' = 'lead.merged' and not exists (
    select from touches t join runs r using (run_id)
    where t.lead_id in (:kept, :merged) and t.enrollment_id <> e.enrollment_id and t.reaches_person
      and t.planned_at >= :at and t.{LIVE} and r.status <> 'cancelled' and not exists (
        select from identities i where i.lead_id = :kept and i.value = t.target))
order by e.enrollment_id for update of e
""")
FIELDS: Final = ", ".join(store.STATE_FIELDS)
REVIVE: Final = text(
    store.telling(f"""
update enrollments set ({FIELDS}) = (
    select {FIELDS} from jsonb_populate_record(cast(null as enrollments), cast(:was as jsonb)))
where enrollment_id = :id
""")
)


async def hold_for_both(db: AsyncSession, ids: Ids, merge: Merge, now: datetime) -> None:
    """Who answered, or asked to be left alone, may have been either of them: both are left alone."""
    theirs = select(Suppression).where(
        Suppression.kind == "person",
        Suppression.value == str(merge.kept_id),
        Suppression.lifted_at.is_(None),
        Suppression.created_at >= merge.at,
    )
    for one in (await db.scalars(theirs)).all():
        await suppression.carry(db, ids, now, one, [merge.merged_id])
    seen = select(Signal).where(
        Signal.lead_id == merge.kept_id, Signal.kind.in_(SILENCING), Signal.seen_at >= merge.at
    )
    sights = [(ids.new(), sight_of(one, merge.merged_id), one.kind) for one in await db.scalars(seen)]
    rows: list[Mapping[str, object]] = [
        {"signal_id": signal_id, "kind": kind, **vars(sight)} for signal_id, sight, kind in sights
    ]
    new = {row[0] for row in await fetch(db, observe.SEE, {"rows": as_json(rows), "now": now})}
    entries: list[Entry] = []
    for signal_id, sight, kind in sights:
        if signal_id in new:  # told of as known, not as one more message
            entries += observe.told(signal_id, cast(SignalKind, kind), sight, now)[:1]
    await append_events(db, entries)


def sight_of(signal: Signal, lead_id: UUID) -> observe.Sight:
    """What was seen of one lead, as seen of another."""
    return observe.Sight(
        lead_id=lead_id,
        at=signal.at,
        source=signal.source,
        account_id=signal.account_id,
        channel=signal.channel,
        until=signal.until,
        run_id=signal.run_id,
    )
