"""People search by JSON: the query as the site's page asks it, and the rows of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from overture.providers.linkedin_browser.voyager.client import VoyagerClient
from overture.providers.linkedin_browser.voyager.normalized import (
    Entity,
    Included,
    UnknownShape,
    found,
    part,
    plain,
)
from overture.providers.linkedin_browser.voyager.profile import member_number
from overture.providers.linkedin_browser.voyager.profile_relationship import DISTANCES
from overture.touchpoints import PersonFound, Search
from overture.touchpoints.profile import Degree
from overture.touchpoints.target import PROFILE_ID

CLUSTERS: Final = "voyagerSearchDashClusters.a7a0567fa66c52d645b5ff2f960b92aa"
RESULTS: Final = "searchDashClustersByAll"
ROWS: Final = 10  # of a page; the site gives no other size
REACHABLE: Final = 1000  # rows of any search; the rest is counted and never shown
NETWORKS: Final = {"1st": "F", "2nd": "S", "3rd+": "O"}


@dataclass(frozen=True)
class RowsPage:
    """One page of results in the site's order, and how many it says there are."""

    people: tuple[PersonFound, ...]
    total: int | None


async def search_people(client: VoyagerClient, wanted: Search, start: int) -> RowsPage:
    """E18: one page of ten."""
    filters = {
        "network": [NETWORKS[one] for one in wanted.network],
        "currentCompany": [str(one) for one in wanted.current_company_ids],
        "geoUrn": [str(one) for one in wanted.geo_ids],
        "resultType": ["PEOPLE"],
    }
    chosen = ",".join(
        f"(key:{key},value:List({','.join(values)}))" for key, values in filters.items() if values
    )
    query = (
        f"(keywords:{quote(wanted.keywords, safe='')},flagshipSearchIntent:SEARCH_SRP,"
        f"queryParameters:List({chosen}),includeFiltersInResponse:false)"
    )
    variables = f"(start:{start},origin:GLOBAL_SEARCH_HEADER,query:{query})"
    path = f"/graphql?includeWebMetadata=true&variables={variables}&queryId={CLUSTERS}"
    return parse_people((await client.get(path)).body)


def parse_people(body: Mapping[str, object]) -> RowsPage:
    """The people among the results: only what the clusters refer to counts, not all that is included."""
    outer = body.get("data")
    inner = outer.get("data") if isinstance(outer, dict) else None
    results = inner.get(RESULTS) if isinstance(inner, dict) else None
    clusters = results.get("elements") if isinstance(results, dict) else None
    if not isinstance(results, dict) or not isinstance(clusters, list):
        raise UnknownShape(f"the answer holds {found(inner)}, without {RESULTS}", "data.data")
    included = Included(body.get("included"))
    people = []
    for item in _items(clusters):
        entity = included.follow(item, "entityResult", "results")
        if entity is not None and _is_member(entity):
            people.append(_person(entity))
    if included.missing:
        raise UnknownShape("a result is referred to and not included", RESULTS)
    return RowsPage(tuple(people), _total(results))


def _items(clusters: list[object]) -> list[Entity]:
    """What the clusters hold, in order: results, advertisements, hints."""
    found_items: list[Entity] = []
    for cluster in clusters:
        items = cluster.get("items") if isinstance(cluster, dict) else None
        for one in items if isinstance(items, list) else ():
            item = one.get("item") if isinstance(one, dict) else None
            if isinstance(item, dict):
                found_items.append(item)
    return found_items


def _total(results: Entity) -> int | None:
    for holder, key in (("metadata", "totalResultCount"), ("paging", "total")):
        value = (part(results, holder) or {}).get(key)
        if isinstance(value, int):
            return value
    return None


def _is_member(entity: Entity) -> bool:
    urn, tracked = str(entity.get("entityUrn")), str(entity.get("trackingUrn"))
    return "urn:li:fsd_profile:" in urn or tracked.startswith("urn:li:member:")


def _person(entity: Entity) -> PersonFound:
    """A row; of somebody out of network only what the row shows, never the placeholder for their name."""
    slug, profile_id = _linked(plain(entity, "navigationUrl") or "")
    stated = PROFILE_ID.search(str(entity.get("entityUrn")))
    profile_id = stated[0] if stated else profile_id
    is_known = slug is not None or profile_id is not None
    number = member_number(profile_id or "", plain(entity, "trackingUrn"))
    return PersonFound(
        profile_id=profile_id,
        public_identifier=slug,
        member_id=number if is_known else None,
        full_name=_text(entity, "title") if is_known else None,
        headline=_text(entity, "primarySubtitle"),
        location=_text(entity, "secondarySubtitle"),
        degree=_degree(entity),
    )


def _linked(url: str) -> tuple[str | None, str | None]:
    """The slug or the id in the address of a profile; neither for a row that leads nowhere."""
    segments = urlsplit(url).path.split("/")
    if len(segments) < 3 or segments[1] != "in" or not segments[2]:
        return None, None
    name = unquote(segments[2])
    return (None, name) if PROFILE_ID.fullmatch(name) else (name, None)


def _text(entity: Entity, key: str) -> str | None:
    holder = part(entity, key)
    text = plain(holder, "text") if holder else None
    return text.strip() or None if text else None


def _degree(entity: Entity) -> Degree | None:
    tracking = part(entity, "entityCustomTrackingInfo") or {}
    return DISTANCES.get(str(tracking.get("memberDistance")))
