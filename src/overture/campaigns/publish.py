"""Publishing: the draft becomes a version that never changes, and live enrollments move to it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import WorkingHours
from overture.campaigns import store
from overture.campaigns.calendar import OpenHours, next_allowed
from overture.campaigns.publish_moves import moves
from overture.campaigns.sequence import Sequence, body_of, sequence_of
from overture.campaigns.settings import CampaignSettings
from overture.campaigns.tables import Campaign, Enrollment, SequenceVersion
from overture.campaigns.validate import Problem, SenderFacts, errors_of, validate
from overture.core.errors import Conflict, Invalid
from overture.core.ids import Ids
from overture.db import About, append_events
from overture.touchpoints import REGISTRY

LIVE: Final = text("""
select coalesce(step, '') as step, count(*) as count,
    count(*) filter (where reason in ('running', 'waiting_reconcile', 'outcome_unknown')) as busy
from enrollments where campaign_id = :campaign and state in ('active', 'paused') group by 1 order by 1
""")


@dataclass(frozen=True)
class Move:
    """Where the live enrollments at one step go, how many, and how many finish an act under way first."""

    step: str | None
    to: str | None
    count: int
    busy: int
    is_over: bool = False
    """Whether nothing of their way is left, so that they are completed."""


@dataclass(frozen=True)
class Preview:
    """What publishing the draft would do."""

    problems: list[Problem]
    moves: list[Move]
    is_new: bool
    """Whether the draft differs from what is published."""


async def senders(db: AsyncSession, settings: CampaignSettings, now: datetime) -> list[SenderFacts]:
    """The campaign's accounts as validation looks at them."""
    found: list[SenderFacts] = []
    rest_days = settings.rest_days.around(now.date())
    for handle in settings.accounts:
        account = await accounts.by_handle(db, handle)
        own = OpenHours(WorkingHours.model_validate(account.working_hours), account.zone, rest_days)
        theirs = OpenHours(settings.lead_hours, account.zone, rest_days)
        windows = (own, theirs) if settings.zone == "both" else (own,)
        can = frozenset(kind for kind, one in REGISTRY.items() if one.channel == account.channel)
        is_open = next_allowed(now, *windows) is not None
        note_limit = 200 if account.tier == "basic" else 300
        found.append(SenderFacts(handle, account.channel, can, has_window=is_open, note_limit=note_limit))
    return found


# Some leads tell most fields; all of them are only asked when a field seems to be none of theirs.
FIELDS: Final = """
select distinct 'custom.' || name from (
    select lead_id from enrollments where campaign_id = :campaign {some}
) enrolled join leads using (lead_id) cross join lateral jsonb_object_keys(leads.custom) as name
"""
SOME_FIELDS: Final = text(FIELDS.format(some="order by enrollment_id desc limit 1000"))
ALL_FIELDS: Final = text(FIELDS.format(some=""))
OF_FIELDS: Final = ("unknown_variable", "unknown_field")


async def faults(db: AsyncSession, campaign: Campaign, sequence: Sequence, now: datetime) -> list[Problem]:
    """Every fault of a sequence for this campaign: its senders, and the fields its people have.

    Where nobody is enrolled yet, nothing is known of their own fields.
    """
    able = await senders(db, CampaignSettings.model_validate(campaign.settings), now)
    of = {"campaign": campaign.id}
    if await db.scalar(select(Enrollment.id).where(Enrollment.campaign_id == campaign.id).limit(1)) is None:
        return validate(sequence, accounts=able)
    found: list[Problem] = []
    for asked in (SOME_FIELDS, ALL_FIELDS):
        fields = frozenset((await db.scalars(asked, of)).all())
        found = validate(sequence, fields, able)
        if not any(one.code in OF_FIELDS for one in found):
            break
    return found


async def preview(db: AsyncSession, campaign: Campaign, now: datetime) -> Preview:
    """What publishing would do: faults, and how many live enrollments move where."""
    sequence = sequence_of(campaign.draft)
    problems = await faults(db, campaign, sequence, now)
    old = await published(db, campaign)
    if old is None:
        return Preview(problems, [], is_new=True)
    where = moves(sequence_of(old.body), sequence)
    rows = (await db.execute(LIVE, {"campaign": campaign.id})).all()
    found = []
    for row in rows:
        to = where.get(row.step) if row.step else None
        is_over = bool(row.step) and to is None
        found.append(Move(row.step or None, to, row[1], row[2], is_over=is_over))
    return Preview(problems, found, is_new=hash_of(sequence) != old.body_hash)


async def published(db: AsyncSession, campaign: Campaign) -> SequenceVersion | None:
    """The version that is in force."""
    if campaign.version_id is None:
        return None
    return await db.get_one(SequenceVersion, campaign.version_id)


def hash_of(sequence: Sequence) -> str:
    """SHA-256 of a sequence: two that read the same are the same."""
    canonical = json.dumps(body_of(sequence), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


async def publish(db: AsyncSession, ids: Ids, campaign: Campaign, by: str, now: datetime) -> SequenceVersion:
    """Publish the draft, or refuse it with every fault; what is published already stays as it is."""
    if campaign.state in ("completed", "stopped", "archived"):
        raise Conflict(
            "illegal_transition",
            f"The campaign is {campaign.state}; nothing is published any more.",
            fix="Duplicate it.",
            current_state=campaign.state,
            allowed_actions=["duplicate"],
        )
    sequence = sequence_of(campaign.draft)
    refuse_faults(await faults(db, campaign, sequence, now))
    old = await published(db, campaign)
    if old is not None and old.body_hash == hash_of(sequence):
        return old
    version = await store_version(db, ids, campaign, sequence, by, now)
    campaign.version_id, campaign.updated_at = version.id, now
    await db.flush()
    data = {"version_id": str(version.id), "number": version.number, "body_hash": version.body_hash, "by": by}
    about = About(campaign_id=campaign.id)
    await append_events(db, [(now, "campaign.published", about, data)])
    if old is not None:
        await wake_all(db, campaign, now)
    return version


async def store_version(
    db: AsyncSession, ids: Ids, campaign: Campaign, sequence: Sequence, by: str, now: datetime
) -> SequenceVersion:
    """Write the version; nothing in the product ever changes one."""
    newest = await db.scalar(
        select(func.max(SequenceVersion.number)).where(SequenceVersion.campaign_id == campaign.id)
    )
    version = SequenceVersion(
        id=ids.new(),
        campaign_id=campaign.id,
        number=(newest or 0) + 1,
        body=body_of(sequence),
        body_hash=hash_of(sequence),
        published_at=now,
        published_by=by,
    )
    db.add(version)
    await db.flush()
    return version


def refuse_faults(problems: list[Problem]) -> None:
    """Refuse a sequence with errors, naming each."""
    errors = list(errors_of(problems))
    if errors:
        raise Invalid(
            "validation_error",
            f"The sequence cannot be published: {errors[0].pointer or '/'}: {errors[0].detail}.",
            fix="Mend each place named in errors.",
            errors=[{"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in errors],
        )


# What waits may wait for something else now; what is queued is decided anew at its turn, and what is under
# way moves when its act has ended. An invitation whose closing look is under way is looked at once more.
WAKE: Final = text(
    store.telling("""
update enrollments set next_action_at = :now, backoff_hours = nullif(backoff_hours, 0)
where campaign_id = :campaign and state = 'active' and reason not in ('queued', 'running')
""")
)


async def wake_all(db: AsyncSession, campaign: Campaign, now: datetime) -> None:
    """Let every live enrollment be decided upon anew, in the bounded batches of the planner."""
    await db.execute(WAKE, {"campaign": campaign.id, "now": now, "why": "published", "by": "campaign"})
