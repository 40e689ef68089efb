"""What the product's tables claim, held against the ledger and against its own event log."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import Campaign, Enrollment, Touch, sweep
from overture.people import stage
from overture.runs import TERMINAL, Run

from .folding import unlike_their_events
from .house import House
from .ledger import SENDS

Broken = tuple[str, str]
STUCK: Final = timedelta(days=2)
"""How long after its time something may still be waiting to be looked at."""
QUEUED: Final = timedelta(days=14)


async def claimed(house: House) -> list[Broken]:
    """Everything the tables claim that is not so, when all that was begun is over."""
    async with house.app.sessions() as db:
        return [
            *await false_claims(house, db),
            *[one async for one in runs_are_over(db)],
            *[one async for one in nothing_is_stuck(house, db)],
            *[one async for one in states_are_folds(db)],
            *[one async for one in nobody_comes_back(house, db)],
        ]


async def claimed_meanwhile(house: House) -> list[Broken]:
    """Everything they claim that must not be claimed at any time."""
    async with house.app.sessions() as db:
        return [*await false_claims(house, db), *await waiting_silently(house, db)]


async def false_claims(house: House, db: AsyncSession) -> list[Broken]:
    """What is said to have happened and did not, and what happened and is said not to have."""
    return [
        *[one async for one in runs_tell_the_truth(house, db)],
        *[one async for one in ends_tell_the_truth(house, db)],
    ]


REACHING: Final = ("connect", "message", "inmail")


async def runs_tell_the_truth(house: House, db: AsyncSession) -> AsyncIterator[Broken]:
    """I2, I15: delivered means that it arrived, and all that arrived is known of."""
    arrived = {fact.token for fact in house.society.ledger.of(*SENDS)}
    runs = {str(one.token): one for one in await db.scalars(select(Run))}
    for token, run in runs.items():
        if run.effect == "confirmed" and run.touchpoint_type in REACHING and token not in arrived:
            yield "I15", f"a {run.touchpoint_type} to {run.target} is confirmed and never arrived"
    for token in sorted(arrived - set(runs)):
        yield "I2", f"nobody knows of token {token[:8]}, which arrived"
    for token in sorted(arrived & set(runs)):
        run = runs[token]
        if run.effect not in ("confirmed", "unknown", "intended"):
            yield "I2", f"a {run.touchpoint_type} to {run.target} arrived and is said to be {run.effect}"
    touches = await db.execute(select(Touch, Run).join(Run, Run.id == Touch.run_id))
    for touch, run in touches:
        is_claimed = touch.state == "delivered" and touch.touchpoint_type in REACHING
        if is_claimed and str(run.token) not in arrived:
            yield "I15", f"the touch {touch.step} of {run.target} says delivered, and nothing arrived"


async def ends_tell_the_truth(house: House, db: AsyncSession) -> AsyncIterator[Broken]:
    """I2: a sequence at its end reached the person; a campaign that is over has nobody under way."""
    reached, slugs = {fact.person for fact in house.society.ledger.of(*SENDS)}, house.slugs
    query = select(Enrollment, Campaign).join(Campaign, Campaign.id == Enrollment.campaign_id)
    for one, campaign in await db.execute(query):
        if one.state == "active" and campaign.state == "completed":
            yield "I11", f"an enrollment at {one.step} is active ({one.reason}) in a campaign that is over"
        if one.reason == "stopped_by_user":  # the operator pauses and suppresses; they stop nobody
            yield "I2", f"an enrollment of {campaign.name} was stopped by a person, and nobody did"
        if one.reason == "completed" and slugs[one.lead_id] not in reached:
            yield "I2", f"an enrollment of {campaign.name} is completed, and nothing ever reached the person"


async def runs_are_over(db: AsyncSession) -> AsyncIterator[Broken]:
    """I2: nothing runs for ever, and a touch is where its run is."""
    for run in await db.scalars(select(Run).where(Run.status == "running")):
        yield "I2", f"a {run.touchpoint_type} to {run.target} is running for ever"
    touches = await db.execute(select(Touch, Run).join(Run, Run.id == Touch.run_id))
    for touch, run in touches:
        if (touch.state in ("submitted", "unknown")) != (run.status not in TERMINAL):
            yield "I2", f"the touch {touch.step} of {run.target} is {touch.state}, its run {run.status}"


async def nothing_is_stuck(house: House, db: AsyncSession) -> AsyncIterator[Broken]:
    """I11: who is not done has a time that is not long past, or a reason somebody must clear."""
    now = house.now
    query = select(Enrollment).where(Enrollment.state == "active")
    for one in await db.scalars(query):
        waits = QUEUED if one.reason == "queued" else STUCK
        is_late = one.next_action_at is not None and one.next_action_at < now - waits
        if is_late and (one.reason != "queued" or not is_crowded(house)):
            yield "I11", f"an enrollment at {one.step} ({one.reason}) is due since {one.next_action_at}"
        if one.next_action_at is None and one.reason not in BLOCKED:
            yield "I11", f"an enrollment at {one.step} waits for {one.reason} without a time"
    for found in await waiting_silently(house, db):
        yield found
    for run in await db.scalars(select(Run).where(Run.status == "pending", Run.next_at < now - STUCK)):
        yield "I11", f"a {run.touchpoint_type} to {run.target} ({run.wait_reason}) is due since {run.next_at}"


async def waiting_silently(house: House, db: AsyncSession) -> list[Broken]:
    """I11: what the product's own sweeper finds; right after a tick of the planner that is nothing."""
    found = []
    for one in await sweep(db, house.now):
        enrollment = await db.get_one(Enrollment, one.enrollment_id)
        found.append(("I11", f"the sweeper at {enrollment.step} ({enrollment.reason}): {one.sentence}"))
    return found


NAMED: Final = text("""
select count(*) from identities where value like any(:names)
union all select count(*) from events where data::text like any(:names)
union all select count(*) from runs where target like any(:names) or touchpoint_input::text like any(:names)
""")


async def nobody_comes_back(house: House, db: AsyncSession) -> AsyncIterator[Broken]:
    """I28: whoever was erased is not known any more, whatever was read of them since."""
    for slug in sorted(house.erased):
        names = [f"%{slug}%", f"%{house.society.people[slug].profile_id}%"]
        counts = (await db.scalars(NAMED, {"names": names})).all()
        if any(counts):
            yield "I28", f"{slug} was erased and stands in {counts} identities, events, runs"


def is_crowded(house: House) -> bool:
    """Whether the limits cannot let everybody through in the time there is."""
    return len(house.society.people) > house.plan.days * 2


async def states_are_folds(db: AsyncSession) -> AsyncIterator[Broken]:
    """I22: every state is what its events add up to, and no stage was reached by a move that is not legal."""
    for found in await unlike_their_events(db):
        yield "I22", found
    moves = await db.execute(text("select data from events where type = 'lead.stage_changed' order by id"))
    for data in moves.scalars():
        is_free = data["manual"] or data["why"] in ("merged", "merge_undone")
        if not (is_free or stage.may_move(data["from"], data["to"])):
            yield "I22", f"a lead went from {data['from']} to {data['to']}"


BLOCKED: Final = frozenset(
    {
        *("account_disconnected", "challenge_required", "missing_email", "missing_linkedin_url"),
        *("missing_variable", "missing_subject", "no_inmail_credits", "profile_closed", "form_not_found"),
        *("form_has_captcha", "form_forbids_solicitation", "template_invalid", "outcome_unknown"),
        *("config_invalid", "possible_opt_out", "paused_by_user"),
    }
)
"""Reasons that a person must clear; the product's list, written down once more."""
