"""Suppression at the gate: asked of every run, whoever submitted it, before it starts and before it acts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.people import keys as spelling
from overture.people.keys import Key, linkedin_key, with_implied
from overture.people.suppression.known import EVERYTHING, PERSON, Known, known_in, why
from overture.people.suppression.list import HOLDS
from overture.people.suppression.spelling import STRENGTH
from overture.touchpoints import REGISTRY

# Whoever has a key of the target, as the whole person they are, why the person is suppressed by name, and of
# which other kinds there is any suppression at all: only those have to be looked up.
PART: Final = runs.Part(
    "suppression",
    f"""
    with recursive asked as (
        select distinct i.lead_id from unnest(cast(:target_kinds as text[]), cast(:target_values as text[]))
            as wanted(kind, value) join identities i on i.kind = wanted.kind and i.value = wanted.value
    ), {PERSON}
    select person.leads as target_leads, known.keys as target_keys, known.employers as target_employers,
        array(select s.reason from suppressions s where s.kind = 'person'
            and s.value = any(cast(person.leads as text[])) and {HOLDS}) as said_of_target,
        array(select kind from unnest(array['email', 'domain', 'company', 'linkedin', 'tombstone']) as kind
            where exists (select from suppressions s where s.kind = kind and {HOLDS})) as kinds_in_use
    from (select array_agg(distinct lead_id) as leads from members) person cross join lateral {EVERYTHING}
    """,
)


def concerns(run: runs.Run) -> bool:
    """Whether a person notices a run; of a type nobody knows it is taken so."""
    known = REGISTRY.get(run.touchpoint_type)
    return run.target is not None and (known is None or known.reaches_person or known.is_noticed)


def given(run: runs.Run, _: datetime) -> Mapping[str, object]:
    """How the target may be known."""
    keys = keys_of(run)
    return {"target_kinds": [key.kind for key in keys], "target_values": [key.value for key in keys]}


async def says(db: AsyncSession, run: runs.Run, now: datetime, seen: runs.Seen) -> runs.Passage:
    """A run that a suppressed person would notice never acts, whether there is a lead of them or not."""
    person = known_in(seen["target_leads"], seen["target_keys"], seen["target_employers"])
    by_target = Known(keys=keys_of(run))
    found = [
        *seen["said_of_target"],
        *await why(db, [by_target, person], frozenset(seen["kinds_in_use"]), now),
    ]
    if not found:
        return runs.Go()
    strongest = min(found, key=STRENGTH.index)
    return runs.Never("suppressed", f"This person is not to be contacted ({strongest}).")


veto: Final = runs.Rule(PART, concerns, given, says)


def keys_of(run: runs.Run) -> frozenset[Key]:
    """The keys a run's target may be, under whatever name it is known."""
    return frozenset(with_implied(key for name in run.targets or [""] for key in keys_of_target(name)))


def keys_of_target(target: str) -> list[Key]:
    """The keys that may be meant by it."""
    address = spelling.email(target)
    found = Key("email", address) if address else linkedin_key(target)
    return [found] if found else [Key("linkedin", target)]
