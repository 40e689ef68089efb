"""What a lead would be sent: every text of the sequence, rendered as the planner renders it.

For an enrollment by the version it goes by, with the variant it was dealt; for anybody else by the draft, in
every variant.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, people
from overture.accounts import Account
from overture.campaigns import store
from overture.campaigns.facts import Do
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.sending import Act
from overture.campaigns.sequence import Step, sequence_of
from overture.campaigns.settings import CampaignSettings
from overture.campaigns.store import Standing
from overture.campaigns.submit import rendered
from overture.campaigns.tables import Campaign, Enrollment
from overture.campaigns.templates import Rendered, ToBeWritten, Unrenderable
from overture.core.errors import Invalid


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
    sequence = standing.running.sequence or sequence_of(standing.running.campaign.draft)
    standing = replace(standing, running=replace(standing.running, sequence=sequence))
    return [text for step in sequence.steps for text in await texts_at(kit, db, standing, step, now)]


async def texts_for(
    kit: PlannerKit, db: AsyncSession, campaign: Campaign, lead_id: UUID, now: datetime
) -> list[Text]:
    """The texts of a campaign's draft for somebody who need not be in it; nothing of it is kept."""
    sequence = sequence_of(campaign.draft)
    person = await people.person(db, lead_id)
    enrollment = imagined(kit, campaign, person.lead_id, await seats(db, campaign), now)
    (standing,) = await store.standings(db, kit.shelf, [enrollment], now)
    standing = replace(standing, running=replace(standing.running, sequence=sequence))
    found: list[Text] = []
    for step in sequence.steps:
        found += await texts_at(kit, db, dealt(standing, step, 0), step, now)
        for other in range(1, len(step.variants)):  # the ways after the first are the same in each
            found += (await texts_at(kit, db, dealt(standing, step, other), step, now))[:1]
    return found


def dealt(standing: Standing, step: Step, at: int) -> Standing:
    """The same lead with this variant of the step, if it has any."""
    standing.enrollment.variants = {step.id: step.variants[at].id} if step.variants else {}
    return standing


async def texts_at(
    kit: PlannerKit, db: AsyncSession, standing: Standing, step: Step, now: datetime
) -> list[Text]:
    """One step's texts: its own, and those of its fallbacks."""
    enrollment = standing.enrollment
    found: list[Text] = []
    for at, way in enumerate(step.ways):
        seat = enrollment.seats.get(way.channel)
        account = await accounts.by_id(db, UUID(str(seat)) if seat else enrollment.account_id)
        made = await rendered(kit, db, Act(standing, account, Do(step.id, at, 0, now), now))
        variant = enrollment.variants.get(step.id)
        dealt = str(variant) if variant is not None and at == 0 else None
        found.append(Text(step.id, at, way.channel, way.kind, dealt, made))
    return found


async def seats(db: AsyncSession, campaign: Campaign) -> dict[str, Account]:
    """The account that would send, by channel: of several the first by name; refused where there is none."""
    found: dict[str, Account] = {}
    for handle in sorted(CampaignSettings.model_validate(campaign.settings).accounts):
        account = await accounts.by_handle(db, handle)
        found.setdefault(account.channel, account)
    if not found:
        raise Invalid(
            "no_account",
            "The campaign has no account to send from.",
            fix="Name its accounts in settings.accounts.",
            errors=[{"pointer": "/settings/accounts", "code": "missing", "detail": "at least one"}],
        )
    return found


def imagined(
    kit: PlannerKit, campaign: Campaign, lead_id: UUID, seated: dict[str, Account], now: datetime
) -> Enrollment:
    """An enrollment as it would begin; it is never stored."""
    first = seated.get("linkedin") or next(iter(seated.values()))
    return Enrollment(
        id=kit.ids.new(),
        campaign_id=campaign.id,
        lead_id=lead_id,
        account_id=first.id,
        seats={channel: str(one.id) for channel, one in seated.items()},
        version_id=None,
        state="active",
        reason="delay",
        next_action_at=now,
        step=None,
        round=0,
        fallback=0,
        entered_at=now,
        variants={},
        enrolled_at=now,
    )
