"""One person's profile out of Voyager's JSON, from the REST decoration or the GraphQL query alike."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from pydantic_core import from_json

from overture.providers.linkedin_browser.voyager import profile_sections as sections
from overture.providers.linkedin_browser.voyager.normalized import (
    Entity,
    Included,
    ProfileUnavailable,
    UnknownShape,
    flag,
    found,
    locale_name,
    part,
    plain,
)
from overture.providers.linkedin_browser.voyager.profile_places import geo_of, image_url, industry_of
from overture.providers.linkedin_browser.voyager.profile_relationship import (
    Target,
    followers_of,
    relationship_of,
)
from overture.touchpoints.profile import Company, Counts, Flags, Position, Profile

_QUERY_PREFIX = "identityDashProfiles"
_PROFILE_PREFIX = "urn:li:fsd_profile:"
_MEMBER_PREFIX = "urn:li:member:"
_IDENTITY_KEYS = ("firstName", "lastName", "publicIdentifier", "multiLocaleFirstName", "multiLocaleLastName")
_ID_MARK = b"\x00\x2a"  # every profile id starts with these two bytes, then six of the member's number


def parse_profile_json(raw: bytes | str) -> Profile:
    """The profile in the text of one answer."""
    try:
        # Twice as fast as json.loads, and the decoding is most of the work.
        payload = from_json(raw)
    except ValueError as error:
        text = raw if isinstance(raw, str) else raw[:400].decode("utf-8", "replace")
        raise UnknownShape(f"the answer is {found(text)}, not JSON", "the answer") from error
    return parse_profile(payload)


def parse_profile(payload: Mapping[str, object]) -> Profile:
    """The profile in one answer; raises `UnknownShape` or `ProfileUnavailable`, never guesses."""
    urn = _root_urn(payload)
    included = Included(payload.get("included"))
    entity = included.by_urn.get(urn)
    if entity is None:
        raise UnknownShape(f"the profile {urn} is not among the included entities", "included")
    if not any(key in entity for key in _IDENTITY_KEYS):
        raise UnknownShape(f"the profile is {found(entity)}", urn)
    locale = part(entity, "primaryLocale")
    included.locale = locale_name(locale) if locale else None
    return _profile(Target(urn, urn.removeprefix(_PROFILE_PREFIX), entity), included)


def _root_urn(payload: object) -> str:
    """The URN of the person asked for; never the first profile that happens to be included."""
    if not isinstance(payload, Mapping):
        raise UnknownShape(f"the answer is {found(payload)}, not an object", "the answer")
    data = payload.get("data")
    _refuse_errors(payload, "errors")
    if not isinstance(data, dict):
        raise UnknownShape(f"the answer is {found(dict(payload))} without data", "data")
    _refuse_errors(data, "data.errors")
    elements, path = _elements(data)
    if not isinstance(elements, list):
        raise UnknownShape(f"the elements are {found(elements)}, not a list", path)
    if not elements:
        raise ProfileUnavailable("LinkedIn found no such profile, or none this account may see")
    urn = elements[0]
    if not isinstance(urn, str) or not urn.startswith(_PROFILE_PREFIX) or urn == _PROFILE_PREFIX:
        raise UnknownShape(f"the first element is {found(urn)}, not the URN of a profile", f"{path}[0]")
    return urn


def _refuse_errors(holder: Mapping[str, object], path: str) -> None:
    """Refuses an answer of status 200 that reports its failure inside."""
    errors = holder.get("errors")
    if errors:
        first = errors[0] if isinstance(errors, list) else errors
        message = first.get("message") if isinstance(first, dict) else None
        raise UnknownShape(f"the answer reports errors: {message or found(first)}", path)
    code = holder.get("code")
    if code is not None and "status" in holder:
        raise UnknownShape(f"the answer is an error, {found(code)}", path.replace("errors", "code"))


def _elements(data: Entity) -> tuple[object, str]:
    """The list of found profiles and where it was: in `data` (REST) or in the query's answer (GraphQL)."""
    for name in ("*elements", "elements"):
        if name in data:
            return data[name], f"data.{name}"
    inner, path = data, "data"
    if isinstance(data.get("data"), dict):
        inner, path = part(data, "data") or {}, "data.data"
        _refuse_errors(inner, f"{path}.errors")
    for key, answer in inner.items():
        if key.lstrip("*").startswith(_QUERY_PREFIX):
            return _query_elements(answer, f"{path}.{key}")
    raise UnknownShape(f"the answer holds {found(inner)}, without elements of profiles", path)


def _query_elements(answer: object, path: str) -> tuple[object, str]:
    if isinstance(answer, str):
        return [answer], path
    for name in ("*elements", "elements"):
        if isinstance(answer, dict) and name in answer:
            return answer[name], f"{path}.{name}"
    raise UnknownShape(f"the query's answer is {found(answer)}, without elements", path)


def _profile(target: Target, included: Included) -> Profile:
    entity = target.entity
    first, last = included.text(entity, "firstName"), _last_name(entity, included)
    geo = geo_of(entity, included)
    industry, industry_urn = industry_of(entity, included)
    positions = sections.positions_of(entity, included)
    return Profile(
        urn=target.urn,
        profile_id=target.profile_id,
        member_id=_member_id(target),
        public_identifier=plain(entity, "publicIdentifier"),
        first_name=first,
        last_name=last,
        full_name=" ".join(name for name in (first, last) if name) or None,
        headline=included.text(entity, "headline"),
        summary=included.text(entity, "summary"),
        picture_url=image_url(entity, "profilePicture"),
        primary_locale=included.locale,
        supported_locales=_locales(entity),
        location_name=geo.name if geo else None,
        country_code=geo.country_code if geo else None,
        geo=geo,
        industry=industry,
        industry_urn=industry_urn,
        company=_present_company(positions),
        positions=positions,
        educations=sections.educations_of(entity, included),
        skills=sections.skills_of(entity, included),
        languages=sections.languages_of(entity, included),
        certifications=sections.certifications_of(entity, included),
        relationship=relationship_of(target, included),
        counts=Counts(_connections(entity), followers_of(target, included)),
        flags=_flags(entity),
        # The four below are last: reading the fields above is what fills them.
        missing_sections=tuple(included.missing),
        absent_sections=tuple(included.absent),
        truncated_sections=tuple(included.truncated),
        unrecognised=tuple(included.unrecognised),
    )


def _last_name(entity: Entity, included: Included) -> str | None:
    name = included.text(entity, "lastName")
    # LinkedIn's own client stored the word for people who gave none.
    return None if name == "undefined" else name


def _member_id(target: Target) -> int | None:
    """The number behind the person: stated, or else out of the profile id, which contains it."""
    return member_number(target.profile_id, plain(target.entity, "objectUrn"))


def member_number(profile_id: str, stated: str | None = None) -> int | None:
    """The number in `urn:li:member:<n>`, where it is stated, else the one a profile id encodes."""
    number = stated.removeprefix(_MEMBER_PREFIX) if stated else ""
    if number.isascii() and number.isdigit() and len(number) < 20:
        return int(number)
    try:
        head = base64.b64decode(profile_id[:12], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return int.from_bytes(head[2:8], "big") if len(head) == 9 and head[:2] == _ID_MARK else None


def _locales(entity: Entity) -> tuple[str, ...]:
    locales = entity.get("supportedLocales")
    if not isinstance(locales, list):
        return ()
    names = [locale_name(locale) for locale in locales if isinstance(locale, dict)]
    return tuple([name for name in names if name])


def _present_company(positions: tuple[Position, ...]) -> Company | None:
    """Who the person works for now, with or without a company page."""
    for position in positions:
        if position.is_current and (position.company or position.company_name):
            return position.company or Company(position.company_urn, position.company_name)
    return None


def _connections(entity: Entity) -> int | None:
    connections = entity.get("connections")
    paging = connections.get("paging") if isinstance(connections, dict) else None
    for holder, key in ((paging, "total"), (entity, "connectionsCount"), (entity, "connectionCount")):
        value = holder.get(key) if isinstance(holder, dict) else None
        if type(value) is int:
            return value
    return None


def _flags(entity: Entity) -> Flags:
    badges = entity.get("memberBadges")
    open_link = flag(entity, "openLink")
    if open_link is None and isinstance(badges, dict):
        open_link = flag(badges, "openLink")
    return Flags(
        flag(entity, "premium"),
        flag(entity, "influencer"),
        flag(entity, "creator"),
        flag(entity, "memorialized"),
        flag(entity, "emailRequired"),
        open_link,
    )
