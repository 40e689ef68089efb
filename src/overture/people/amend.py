"""A lead changed by hand: fields set or emptied, keys added; another person's key is refused."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import Conflict, Invalid
from overture.core.ids import Ids, public_id
from overture.core.zones import is_zone
from overture.db import About, append_events
from overture.people import companies, store
from overture.people.companies import Employer
from overture.people.keys import Key, keys_in, unreadable
from overture.people.leads import clean, name_that_follows
from overture.people.new_lead import PLAIN_FIELDS, NewLead
from overture.people.tables import Lead

SOURCE: Final = "api"
IS_NOT: Final = {
    "email": "is no e-mail address",
    "linkedin_url": "is no address of a member, like https://www.linkedin.com/in/ada-l",
    "linkedin_slug": "is not what stands after /in/ in a member's address",
    "linkedin_profile_id": "is no id of a profile, like ACoAA…",
    "linkedin_member_id": "is no member's number",
    "sales_navigator": "is no lead of Sales Navigator, neither an address nor an id",
    "external_id": "is longer than 500 characters",
}
"""What is wrong with a field that ought to say who it is."""


async def amend(
    db: AsyncSession, ids: Ids, now: datetime, lead: Lead, wanted: Mapping[str, object], keys: NewLead
) -> list[str]:
    """Set these fields of a lead (None empties one), and give it these keys; names of what changed.

    `custom` is merged, field by field: None takes one away. The lead is locked by the caller.
    """
    check_open(lead)
    check_readable(keys)
    changed = settings(lead, wanted)
    fresh = await keys_to_add(db, lead, keys_in(keys))
    if not changed and not fresh:
        return []
    for name, value in changed.items():
        setattr(lead, name, value)
    if "company_name" in changed or "website" in changed:
        lead.company_id = await companies.get_or_create(
            db, ids, now, Employer(lead.company_name, lead.website)
        )
    lead.updated_at = now
    await db.flush()
    given = await store.add_keys(db, lead.id, fresh, SOURCE, now)
    if len(given) < len(fresh):  # somebody took one between the look and the write
        await keys_to_add(db, lead, fresh)
    data = {"source": SOURCE, "fields": sorted(changed), "keys": sorted({key.kind for key in fresh})}
    await append_events(db, [(now, "lead.updated", About(lead_id=lead.id), data)])
    return [*sorted(changed), *sorted({key.kind for key in fresh})]


def check_open(lead: Lead) -> None:
    """Refuse to change a lead that went into another one, or was erased."""
    if lead.merged_into is not None or lead.erased_at is not None:
        raise Conflict(
            "illegal_transition",
            f"{public_id('lead', lead.id)} was merged or erased; its row is only a record.",
            fix="Change the lead it was merged into.",
            current_state="merged" if lead.merged_into is not None else "erased",
            allowed_actions=[],
        )


def check_readable(keys: NewLead) -> None:
    """Refuse what ought to be a key and is none: it could not be kept anywhere."""
    wrong = unreadable(keys)
    if wrong:
        raise Invalid(
            "validation_error",
            f"The {wrong[0]} {IS_NOT[wrong[0]]}; nothing was changed.",
            fix="Correct it, or leave it out.",
            errors=[{"pointer": f"/{name}", "code": "unreadable", "detail": IS_NOT[name]} for name in wrong],
        )


def settings(lead: Lead, wanted: Mapping[str, object]) -> dict[str, object]:
    """The fields that would be different, with their new values."""
    found: dict[str, object] = {}
    for name in PLAIN_FIELDS:
        if name not in wanted:
            continue
        value = wanted[name]
        value = clean(value) if isinstance(value, str) else None
        if name == "zone" and value is not None and not is_zone(value):
            raise unknown_zone()
        if value != getattr(lead, name):
            found[name] = value
    if "full_name" not in wanted:
        found |= name_that_follows(lead, found)
    own = wanted.get("custom")
    if isinstance(own, Mapping):
        custom = {name: value for name, value in {**lead.custom, **own}.items() if value is not None}
        if custom != lead.custom:
            found["custom"] = custom
    return found


def unknown_zone() -> Invalid:
    """There is no such time zone."""
    return Invalid(
        "validation_error",
        "The zone is no IANA time zone.",
        fix="Give one like Europe/Berlin.",
        errors=[{"pointer": "/zone", "code": "unknown_zone", "detail": "is not an IANA time zone"}],
    )


async def keys_to_add(db: AsyncSession, lead: Lead, keys: Sequence[Key]) -> list[Key]:
    """Those of the keys that are nobody's; refuses one of another person."""
    owners = await store.owners(db, keys)
    for key, owner in owners.items():
        if owner != lead.id:
            raise Conflict(
                "key_taken",
                f"The {key.kind} belongs to {public_id('lead', owner)}.",
                fix="Merge the two leads if they are one person.",
                lead_id=public_id("lead", owner),
            )
    return sorted(key for key in set(keys) if key not in owners)
