"""Reads of a member's contact details: the stored query, and the older read behind it."""

from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import quote

from overture.providers.linkedin_browser.voyager.client import VoyagerClient
from overture.providers.linkedin_browser.voyager.normalized import Entity, Included, UnknownShape, found
from overture.touchpoints import ContactDetails

CONTACT: Final = "voyagerIdentityDashProfiles.c7452e58fa37646d09dae4920fc5b4b9"
FOUND: Final = "identityDashProfilesByMemberIdentity"
Withheld = Literal["email", "phone_numbers", "websites"]


async def read_contact(client: VoyagerClient, slug: str) -> ContactDetails:
    """E5: the details as the profile's "Contact info" shows them."""
    variables = f"(memberIdentity:{quote(slug, safe='')})"
    path = f"/graphql?includeWebMetadata=true&variables={variables}&queryId={CONTACT}"
    body = (await client.get(path)).body
    outer = body.get("data")
    inner = outer.get("data") if isinstance(outer, dict) else None
    page = inner.get(FOUND) if isinstance(inner, dict) else None
    if not isinstance(page, dict):
        raise UnknownShape(f"the answer holds {found(inner)}, without {FOUND}", "data.data")
    people = Included(body.get("included")).collection({"*page": page}, "page", "contact")
    if not people:
        raise UnknownShape("the answer names nobody", f"data.data.{FOUND}")
    return details_in(people[0])


async def read_contact_of_old(client: VoyagerClient, profile_id: str) -> ContactDetails:
    """The same from the older data model."""
    body = (await client.get(f"/identity/profiles/{profile_id}/profileContactInfo")).body
    data = body.get("data", body)
    if not isinstance(data, dict):
        raise UnknownShape(f"the contact details are {found(data)}, not an object", "data")
    return details_in(data)


def details_in(card: Entity) -> ContactDetails:
    """What the card shows, and which fields it leaves out."""
    email = _text(card.get("emailAddress"), "emailAddress")
    phones = tuple(
        number
        for number in (
            _text(_inner(one, "phoneNumber"), "number") or _text(one, "number")
            for one in _list(card, "phoneNumbers")
        )
        if number
    )
    websites = tuple(url for url in (_text(one, "url") for one in _list(card, "websites")) if url)
    shown: Mapping[Withheld, object] = {"email": email, "phone_numbers": phones, "websites": websites}
    withheld = tuple(name for name, value in shown.items() if not value)
    return ContactDetails(email=email, phone_numbers=phones, websites=websites, not_shared=withheld)


def _inner(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def _list(card: Entity, key: str) -> list[object]:
    value = card.get(key)
    return value if isinstance(value, list) else []


def _text(value: object, key: str) -> str | None:
    """The text, plain or in an object of one field."""
    text = _inner(value, key) if isinstance(value, dict) else value
    return text if isinstance(text, str) and text else None
