"""Where a person lives and which companies they work for, out of the entities of one answer."""

from __future__ import annotations

from overture.providers.linkedin_browser.voyager.normalized import (
    Entity,
    Included,
    part,
    plain,
    urn_of,
    whole,
)
from overture.touchpoints.profile import Company, Geo


def geo_of(profile: Entity, included: Included) -> Geo | None:
    """The person's place, from the geo entity, else as they typed it, else only the country's code."""
    code = _country_code(profile)
    typed = included.text(profile, "locationName")
    holder, key = _geo_reference(profile)
    urn = urn_of(holder, key) if holder else None
    entity = included.follow(holder, key, "geo") if holder else None
    if entity is None:
        return Geo(urn=urn, name=typed, country_code=code) if urn or typed or code else None
    name = included.text(entity, "defaultLocalizedName")
    short = included.text(entity, "defaultLocalizedNameWithoutCountryName")
    country_urn = urn_of(entity, "country")
    country = included.follow(entity, "country", "country")
    if country is not None:
        country_name = included.text(country, "defaultLocalizedName")
    else:
        # A country has neither a country nor a shorter name of its own.
        country_name = name if country_urn is None and short is None else None
    return Geo(plain(entity, "entityUrn") or urn, name or typed, short, country_urn, country_name, code)


def _country_code(profile: Entity) -> str | None:
    location = part(profile, "location")
    code = plain(location, "countryCode") if location else None
    return code.lower() if code else None


def _geo_reference(profile: Entity) -> tuple[Entity | None, str]:
    """The object that refers to the place, and under which key; the variants differ in both."""
    for holder_key, key in (("geoLocation", "geo"), ("location", "preferredGeoPlace"), ("location", "geo")):
        holder = part(profile, holder_key)
        if holder is not None and urn_of(holder, key) is not None:
            return holder, key
    return None, ""


def industry_of(profile: Entity, included: Included) -> tuple[str | None, str | None]:
    """The name and the URN of the industry a person put on their profile."""
    for key in ("industry", "industryV2"):
        urn = urn_of(profile, key)
        entity = included.follow(profile, key, "industry")
        if entity is not None:
            return included.text(entity, "name"), urn
        if urn is not None:
            return None, urn
    return None, None


def company_of(holder: Entity, included: Included) -> tuple[Company | None, str | None]:
    """The company page a position refers to, if its entity was delivered, and its URN in any case."""
    urn = holder.get("*company") or holder.get("companyUrn") or holder.get("company")
    if urn is None:
        return None, None
    if type(urn) is str and urn in included.companies:
        return included.companies[urn], urn
    entity = included.follow(holder, "company", "companies")
    urn = urn_of(holder, "company")
    company = _company(entity, included) if entity is not None else None
    if company is not None and urn is not None:
        # Several jobs at one employer are the rule.
        included.companies[urn] = company
    return company, urn


def _company(entity: Entity, included: Included) -> Company:
    industries, industry_urns = _industries(entity, included)
    size = part(entity, "employeeCountRange")
    return Company(
        plain(entity, "entityUrn"),
        included.text(entity, "name"),
        plain(entity, "universalName"),
        plain(entity, "url"),
        industries,
        industry_urns,
        whole(size, "start") if size else None,
        whole(size, "end") if size else None,
        image_url(entity, "logo"),
    )


def _industries(company: Entity, included: Included) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and URNs; the entities hang on a map whose starred keys are themselves the URNs."""
    named = company.get("*industry") or company.get("industry")
    urns = _strings(company.get("industryUrns"))
    names: list[str] = []
    if type(named) is dict:
        references = [value for key, value in named.items() if key[:1] != "$"]
    else:
        references = named if type(named) is list else []
    for reference in references or urns:
        entity = included.by_urn.get(reference) if type(reference) is str else reference
        if type(entity) is dict and (name := included.text(entity, "name")):
            names.append(name)
    return tuple(names), tuple(urns or _strings(references))


def _strings(values: object) -> list[str]:
    return [value for value in values if type(value) is str] if type(values) is list else []


def image_url(holder: Entity, key: str) -> str | None:
    """The largest rendering of a picture."""
    picture = holder.get(key)
    for step in ("displayImageReference", "displayImageReferenceResolutionResult"):
        if type(picture) is dict and type(picture.get(step)) is dict:
            picture = picture[step]
    vector = picture.get("vectorImage") if type(picture) is dict else None
    if type(vector) is not dict:
        vector = picture if type(picture) is dict else {}
    root, artifacts = vector.get("rootUrl"), vector.get("artifacts")
    if type(root) is not str or type(artifacts) is not list:
        return None
    widest, segment = -1, None
    for artifact in artifacts:
        if type(artifact) is not dict:
            continue
        width, path = artifact.get("width"), artifact.get("fileIdentifyingUrlPathSegment")
        if type(path) is str and type(width) is int and width > widest:
            widest, segment = width, path
    return root + segment if segment else None
