"""The people search over GraphQL: clusters of references, and everything they and others refer to."""

from starlette.requests import Request
from starlette.responses import Response

from overture_sandbox.linkedin import restli
from overture_sandbox.linkedin.auth import Caller
from overture_sandbox.linkedin.gate import Call, through
from overture_sandbox.linkedin.people_search import REACHABLE, ROWS, Result, Results, Wanted, find_people
from overture_sandbox.linkedin.sections import DASH
from overture_sandbox.linkedin.shapes import Json, graphql_answer, rest_error

SEARCH = f"{DASH}.search"
TEXT = f"{DASH}.common.text.TextViewModel"
ORDINALS = {"1": "1st", "2": "2nd", "3": "3rd"}


async def people_clusters(request: Request, caller: Caller, variables: dict[str, restli.Value]) -> Response:
    """E18: one page of ten; past the month's limit there is simply nobody."""
    query = variables.get("query")
    filters = _filters(query) if isinstance(query, dict) else {}
    if not isinstance(query, dict) or filters.get("resultType") != ["PEOPLE"]:
        return rest_error(request, 400)
    start = restli.text(variables, "start") or "0"
    offset = int(start) if start.isdigit() else 0
    wanted = Wanted(
        restli.text(query, "keywords") or "",
        frozenset(filters.get("network", ())),
        frozenset(filters.get("currentCompany", ())),
        frozenset(filters.get("geoUrn", ())),
    )

    def act() -> Response:
        results = find_people(caller.world, caller.login, wanted, offset)
        page = results.page(offset)
        entities = [_entity(one) for one in page]
        return graphql_answer(request, _clusters(results, page, offset), [_advertisement(), *entities])

    return await through(Call(request, caller, "search"), act)


def _filters(query: dict[str, restli.Value]) -> dict[str, list[str]]:
    parameters = query.get("queryParameters")
    found: dict[str, list[str]] = {}
    for one in parameters if isinstance(parameters, list) else ():
        values = one.get("value") if isinstance(one, dict) else None
        if isinstance(one, dict) and isinstance(values, list):
            found[restli.text(one, "key") or ""] = [value for value in values if isinstance(value, str)]
    return found


def _clusters(results: Results, page: list[Result], start: int) -> Json:
    total = len(results.people)
    items = [
        {"position": place, "item": {"*entityResult": _urn(one)}, "$type": f"{SEARCH}.SearchItem"}
        for place, one in enumerate(page)
    ]
    hint = {
        "position": len(items),
        "item": {"feedbackCard": {"title": None}},
        "$type": f"{SEARCH}.SearchItem",
    }
    cluster = {"position": 0, "items": [*items, hint], "$type": f"{SEARCH}.SearchClusterViewModel"}
    collection: Json = {
        "metadata": {
            "totalResultCount": total,
            "primaryResultType": "PEOPLE",
            "searchId": "sbx-1",
            "$type": f"{SEARCH}.SearchClusterCollectionMetadata",
        },
        "paging": {"start": start, "count": ROWS, "total": min(total, REACHABLE)},
        "elements": [cluster] if page else [],
        "$type": "com.linkedin.restli.common.CollectionResponse",
    }
    return {"searchDashClustersByAll": collection}


def _urn(one: Result) -> str:
    profile = one.member.profile_id if one.is_named else "headless"
    place = "SEARCH_SRP" if one.is_named else f"SEARCH_SRP_{one.member.number}"
    return f"urn:li:fsd_entityResultViewModel:(urn:li:fsd_profile:{profile},{place},DEFAULT)"


def _entity(one: Result) -> Json:
    """A row; somebody out of network is a "LinkedIn Member" whose address leads to no profile."""
    member = one.member
    ordinal = ORDINALS.get(one.degree)
    mini = f"urn%3Ali%3Afs_miniProfile%3A{member.profile_id}"
    profile = f"https://www.linkedin.com/in/{member.slug}?miniProfileUrn={mini}"
    nowhere = "https://www.linkedin.com/search/results/people/headless?origin=GLOBAL_SEARCH_HEADER"
    return {
        "entityUrn": _urn(one),
        "trackingUrn": f"urn:li:member:{member.number if one.is_named else 'headless'}",
        "title": {"text": member.full_name if one.is_named else "LinkedIn Member", "$type": TEXT},
        "primarySubtitle": {"text": member.headline, "$type": TEXT},
        "secondarySubtitle": {"text": member.geo.name if member.geo else "", "$type": TEXT},
        "summary": None,
        "badgeText": {"text": f"• {ordinal}", "accessibilityText": f"{ordinal} degree connection"}
        if ordinal
        else None,
        "navigationUrl": profile if one.is_named else nowhere,
        "entityCustomTrackingInfo": {"memberDistance": one.distance, "nameMatch": False},
        "insightsResolutionResults": [],
        "template": "UNIVERSAL",
        "$type": f"{SEARCH}.EntityResultViewModel",
    }


def _advertisement() -> Json:
    """Something that comes along and is no result."""
    return {
        "entityUrn": "urn:li:fsd_entityResultViewModel:(urn:li:fsd_company:970777,SEARCH_SRP,DEFAULT)",
        "trackingUrn": "urn:li:company:970777",
        "title": {"text": "Promoted Pumps", "$type": TEXT},
        "primarySubtitle": {"text": "Sponsored", "$type": TEXT},
        "navigationUrl": "https://www.linkedin.com/company/promoted-pumps/",
        "template": "UNIVERSAL",
        "$type": f"{SEARCH}.EntityResultViewModel",
    }
