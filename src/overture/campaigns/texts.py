"""What a lead would be sent: every text of the sequence, rendered for this very enrollment."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.campaigns import store
from overture.campaigns.facts import Do
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.sending import Act
from overture.campaigns.sequence import Sequence, sequence_of
from overture.campaigns.submit import rendered
from overture.campaigns.tables import Enrollment
from overture.campaigns.templates import Rendered, ToBeWritten, Unrenderable


@dataclass(frozen=True)
class Text:
    """One way of one step for one lead: its text, the prompts a model would get, or why there is none."""

    step: str
    way: int
    channel: str
    touchpoint_type: str
    variant: str | None
    made: Rendered | ToBeWritten | Unrenderable


async def texts_of(kit: PlannerKit, db: AsyncSession, enrollment: Enrollment, now: datetime) -> list[Text]:
    """Every text in the order of the steps. Variants are dealt in it, so the caller rolls back."""
    (standing,) = await store.standings(db, kit.shelf, [enrollment], now)
    sequence: Sequence = standing.running.sequence or sequence_of(standing.running.campaign.draft)
    standing = replace(standing, running=replace(standing.running, sequence=sequence))
    found: list[Text] = []
    for step in sequence.steps:
        for at, way in enumerate(step.ways):
            seat = standing.enrollment.seats.get(way.channel)
            account = await accounts.by_id(db, UUID(str(seat)) if seat else enrollment.account_id)
            made = await rendered(kit, db, Act(standing, account, Do(step.id, at, 0, now), now))
            variant = enrollment.variants.get(step.id)
            dealt = str(variant) if variant is not None and at == 0 else None
            found.append(Text(step.id, at, way.channel, way.kind, dealt, made))
    return found
