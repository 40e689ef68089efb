"""Suppression at the gate: asked of every run, whoever submitted it, before it starts and before it acts."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.people import keys as spelling
from overture.people.keys import Key, linkedin_key, with_implied
from overture.people.suppression.known import EVERYTHING, PERSON, Known, known_in, marks_of, why
from overture.people.suppression.list import HOLDS, Mark, as_rows, held_of, reasons
from overture.people.suppression.spelling import STRENGTH
from overture.touchpoints import REGISTRY

# Whoever has a key of the target, why they are suppressed by name, and of which other kinds there is any
# suppression at all: only those have to be looked up. What the target was known by when its run was asked of
# before is looked up at once: mostly that still is all.
OF_EXPECTED: Final = held_of("expected_marks")
SAID: Final = f"""
    array(select s.reason from suppressions s where s.kind = 'person'
        and s.value = any(cast(person.leads as text[])) and {HOLDS}) as said_of_target,
    array(select named.kind from unnest(array['email', 'domain', 'company', 'linkedin', 'tombstone'])
        as named(kind)
        where exists (select from suppressions s where s.kind = named.kind and {HOLDS})) as kinds_in_use,
    array(select array[s.kind, s.value, s.reason] {OF_EXPECTED}) as said_of_expected
"""
ASKED: Final = """
    select distinct i.lead_id from unnest(cast(:target_kinds as text[]), cast(:target_values as text[]))
        as wanted(kind, value) join identities i on i.kind = wanted.kind and i.value = wanted.value
"""
PART: Final = runs.Part(
    "suppression",
    f"""
    select person.leads as target_leads, coalesce(person.employers, '{{}}') as target_employers,
        array(select array[i.kind, i.value] from identities i where i.lead_id = any(person.leads))
            as target_keys, person.is_merged as target_is_merged, {SAID}
    from (
        select array_agg(l.lead_id) as leads,
            array_agg(array[l.company_name, l.website, c.name_key, c.domain]) as employers,
            bool_or(l.merged_into is not null or exists (
                select from leads m where m.merged_into = l.lead_id)) as is_merged
        from ({ASKED}) asked join leads l using (lead_id) left join companies c using (company_id)
    ) person
    """,
)
"""The same for somebody who is one lead, as nearly everybody is: far less for the database to set up."""
WHOLE: Final = runs.Part(
    "suppression",
    f"""
    with recursive asked as ({ASKED}), {PERSON}
    select person.leads as target_leads, known.keys as target_keys, known.employers as target_employers,
        {SAID}
    from (select array_agg(distinct lead_id) as leads from members) person cross join lateral {EVERYTHING}
    """,
)
"""For somebody who is several leads: all of them are the person."""


def concerns(run: runs.Run) -> bool:
    """Whether a person notices a run; of a type nobody knows it is taken so."""
    known = REGISTRY.get(run.touchpoint_type)
    return run.target is not None and (known is None or known.reaches_person or known.is_noticed)


EXPECTED: Final[WeakKeyDictionary[runs.Run, set[Mark]]] = WeakKeyDictionary()
"""What would suppress the target of a run, as it was known when the run was last asked."""


def given(run: runs.Run, _: datetime) -> Mapping[str, object]:
    """How the target may be known."""
    keys = keys_of(run)
    return {
        "target_kinds": [key.kind for key in keys],
        "target_values": [key.value for key in keys],
        "expected_marks": as_rows(EXPECTED.get(run, ())),
    }


async def says(db: AsyncSession, run: runs.Run, now: datetime, seen: runs.Seen) -> runs.Passage:
    """A run that a suppressed person would notice never acts, whether there is a lead of them or not."""
    if seen["target_is_merged"]:
        seen = await runs.see(db, run, now, (WHOLE,), given(run, now))
    person = known_in(seen["target_leads"], seen["target_keys"], seen["target_employers"])
    marks = marks_of([Known(keys=keys_of(run)), person], seen["kinds_in_use"])
    found = [*seen["said_of_target"], *why(marks, await held_against(db, run, marks, seen, now))]
    if not found:
        return runs.Go()
    strongest = min(found, key=STRENGTH.index)
    return runs.Never("suppressed", f"This person is not to be contacted ({strongest}).")


async def held_against(
    db: AsyncSession, run: runs.Run, marks: Mapping[Known, set[Mark]], seen: runs.Seen, now: datetime
) -> dict[Mark, str]:
    """The reasons by the marks that are suppressed: read along if no others were expected, or else now."""
    wanted = set().union(*marks.values())
    if wanted <= EXPECTED.get(run, set()):
        return {(kind, value): reason for kind, value, reason in seen["said_of_expected"]}
    found = await reasons(db, wanted, now)
    EXPECTED[run] = wanted
    return found


veto: Final = runs.Rule(PART, concerns, given, says)


def keys_of(run: runs.Run) -> frozenset[Key]:
    """The keys a run's target may be, under whatever name it is known."""
    return keys_of_names(tuple(run.targets) or ("",))


@lru_cache(maxsize=1_024)  # a run is asked several times, each time under the same names
def keys_of_names(names: tuple[str, ...]) -> frozenset[Key]:
    """The keys that may be meant by any of these."""
    return frozenset(with_implied(key for name in names for key in keys_of_target(name)))


def keys_of_target(target: str) -> list[Key]:
    """The keys that may be meant by it."""
    address = spelling.email(target)
    found = Key("email", address) if address else linkedin_key(target)
    return [found] if found else [Key("linkedin", target)]
