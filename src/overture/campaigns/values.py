"""The variables of a text: the lead's fields, the operator's own, the sender, the profile if it is named."""

from dataclasses import asdict
from typing import Final

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people
from overture.accounts import Account
from overture.campaigns.sequence import Step
from overture.campaigns.store import Standing
from overture.campaigns.templates import variables_of
from overture.touchpoints import profile as read

PROFILE: Final = "profile"


async def values_for(db: AsyncSession, standing: Standing, account: Account, step: Step) -> dict[str, object]:
    """The variables of a step's texts. The profile is only unpacked for a text that names it."""
    values = values_of(standing, account)
    if any(is_of_profile(name) for name in variables_of(step)):
        values[PROFILE] = await profile_values(db, standing)
    return values


def values_of(standing: Standing, account: Account) -> dict[str, object]:
    """The variables every text has."""
    plain = {name: value for name, value in standing.facts.fields.items() if not name.startswith("custom")}
    link = standing.running.settings.booking_link
    sender = {"handle": account.handle, "booking_link": str(link) if link is not None else None}
    custom = dict(standing.lead.custom)
    return {**custom, **plain, "lead": {**plain, "custom": custom}, "custom": custom, "sender": sender}


def is_of_profile(variable: str) -> bool:
    """Whether a variable is the profile or a part of it."""
    return variable.partition(".")[0].partition("[")[0] == PROFILE


async def profile_values(db: AsyncSession, standing: Standing) -> dict[str, object]:
    """The newest profile of the person, every field by its name, and what they do now and where.

    Nothing of one that is not there, or that cannot be read any more: the text then waits for what it misses.
    """
    others = sorted(standing.member_ids - {standing.lead.id})
    for lead_id in (standing.lead.id, *others):
        raw = await people.raw_of(db, lead_id)
        if raw is None:
            continue
        try:
            profile = read.from_json(raw)
        except ValidationError:
            continue
        job = profile.current_position
        employer = (job.company.name if job and job.company else None) or (job.company_name if job else None)
        return {
            **asdict(profile),
            "title": job.title if job else None,
            "company_name": employer or (profile.company.name if profile.company else None),
            "location": profile.location_name or (profile.geo.name if profile.geo else None),
        }
    return {}
