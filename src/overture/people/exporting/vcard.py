"""A lead as a vCard 4.0 (RFC 6350), for an address book."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overture.people import store
from overture.people.exporting.leads_csv import profile_url
from overture.people.keys import Key
from overture.people.tables import Lead

LINE: Final = 75  # octets of a line, without its end


async def vcard_of(db: AsyncSession, lead: Lead) -> str:
    """The card of a lead."""
    return vcard(lead, (await store.keys_of(db, [lead.id]))[lead.id])


def vcard(lead: Lead, keys: Sequence[Key]) -> str:
    """The card of a lead with these keys."""
    return "".join(f"{folded(line)}\r\n" for line in lines(lead, keys))


def lines(lead: Lead, keys: Sequence[Key]) -> Iterator[str]:
    """The properties, one a line."""
    emails = [key.value for key in keys if key.kind == "email"]
    slugs = [key.value for key in keys if key.kind == "linkedin"]
    names = (lead.first_name, lead.last_name)
    whole = lead.full_name or " ".join(filter(None, names)) or (*emails, *slugs, "Unknown")[0]
    yield from ("BEGIN:VCARD", "VERSION:4.0")
    yield f"UID:urn:uuid:{lead.id}"
    yield f"REV:{lead.updated_at:%Y%m%dT%H%M%SZ}"
    yield f"FN:{escaped(whole)}"
    if any(names):
        yield f"N:{escaped(lead.last_name or '')};{escaped(lead.first_name or '')};;;"
    for at, email in enumerate(emails):
        yield f"EMAIL;PREF={min(at + 1, 100)}:{escaped(email)}"
    yield from filled(lead)
    for slug in slugs:
        yield f"URL;TYPE=linkedin:{profile_url(slug)}"
        yield f"X-SOCIALPROFILE;TYPE=linkedin:{profile_url(slug)}"
    yield "END:VCARD"


def filled(lead: Lead) -> Iterator[str]:
    """The properties that are left out when nothing is known of them."""
    for name, text in (("ORG", lead.company_name), ("TITLE", lead.title), ("TZ", lead.zone)):
        if text:
            yield f"{name}:{escaped(text)}"
    if lead.phone:
        yield f"TEL;VALUE=text:{escaped(lead.phone)}"
    if lead.location or lead.country:
        yield f"ADR:;;;{escaped(lead.location or '')};;;{escaped(lead.country or '')}"
    if lead.website:
        yield f"URL:{on_one_line(lead.website)}"


def escaped(text: str) -> str:
    """A text as a value."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
    return plain.replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n")


def on_one_line(text: str) -> str:
    """An address, which is not escaped and must not begin another property."""
    return "".join(text.split())


def folded(line: str) -> str:
    """The line cut after 75 octets, never inside a letter; what follows begins with a space."""
    parts = [""]
    size = 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += width
    return "\r\n".join(parts)
