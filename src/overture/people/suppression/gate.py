"""Suppression at the gate: asked of every run, whoever submitted it, before it starts and before it acts."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.people import keys as spelling
from overture.people import store
from overture.people.keys import Key, linkedin_key, with_implied
from overture.people.suppression.known import Known, known_of, of, strength
from overture.touchpoints import REGISTRY


async def veto(db: AsyncSession, run: runs.Run, now: datetime) -> runs.Passage:
    """A run that reaches a suppressed person never acts, whether there is a lead of them or not."""
    touchpoint = REGISTRY.get(run.touchpoint_type)
    if run.target is None or (touchpoint is not None and not touchpoint.reaches_person):
        return runs.Go()
    keys = frozenset(with_implied(keys_of_target(run.target)))
    owners = await store.owners(db, keys)
    known = await known_of(db, set(owners.values()))
    asked = {"target": Known(keys=keys), **{str(lead_id): one for lead_id, one in known.items()}}
    found = (await of(db, asked, now)).values()
    if not found:
        return runs.Go()
    reason = min(found, key=strength).reason
    return runs.Never("suppressed", f"This person is not to be contacted ({reason}).")


def keys_of_target(target: str) -> list[Key]:
    """The keys a run's target may be."""
    address = spelling.email(target)
    found = Key("email", address) if address else linkedin_key(target)
    return [found] if found else [Key("linkedin", target)]
