"""How suppressions are written: their kinds and reasons, and each value in one spelling."""

from typing import Final, Literal
from uuid import UUID

from overture.core.errors import Invalid
from overture.core.ids import read_public_id
from overture.people import keys
from overture.people.keys import linkedin_key, mailbox

SuppressionKind = Literal["person", "email", "domain", "company", "linkedin", "tombstone"]
SuppressionReason = Literal["opt_out", "bounced", "complained", "declined", "manual", "erased", "imported"]

STRENGTH: Final = ("erased", "opt_out", "complained", "bounced", "declined", "manual", "imported")
"""Which reason is told when there are several, and which replaces which: the strongest first."""
WISHES: Final = frozenset({"erased", "opt_out", "complained"})
"""What the person themselves asked for: only an administrator may take it back, and says why."""
LINKEDIN: Final = frozenset({"linkedin", "linkedin_profile_id", "linkedin_member_id", "sales_navigator"})
"""Kinds of keys that a suppression of kind `linkedin` names."""


def canonical(kind: SuppressionKind, value: str) -> str:
    """The value in the spelling it is looked up by, or a refusal."""
    found = READERS[kind](value)
    if found is None:
        raise Invalid(
            "validation_error",
            f"{value[:80]!r} cannot be read as {SAID[kind]}.",
            fix=f"Give {SAID[kind]}.",
            errors=[{"pointer": "/value", "code": "unreadable", "detail": f"must be {SAID[kind]}"}],
        )
    return found


def read_email(text: str) -> str | None:
    """The mailbox behind an address, whatever tag it carries."""
    address = keys.email(text)
    return mailbox(address) if address else None


def read_linkedin(text: str) -> str | None:
    """The slug or id in whatever names a LinkedIn member."""
    key = linkedin_key(text) or keys.member_id_key(text)
    return key.value if key else None


def read_person(text: str) -> str | None:
    """The id of a lead, in its outside form or not."""
    try:
        return str(read_public_id("lead", text) or UUID(text))
    except ValueError:
        return None


def read_tombstone(text: str) -> str | None:
    """A SHA-256 as it is written."""
    return text if len(text) == 64 and set(text) <= set("0123456789abcdef") else None


READERS: Final = {
    "person": read_person,
    "email": read_email,
    "domain": keys.domain,
    "company": keys.company_name_key,
    "linkedin": read_linkedin,
    "tombstone": read_tombstone,
}
SAID: Final = {
    "person": "the id of a lead",
    "email": "an e-mail address",
    "domain": "a domain",
    "company": "the name of a company",
    "linkedin": "a LinkedIn profile address, slug or member id",
    "tombstone": "a SHA-256",
}
