"""Searching: people, companies and posts, by parameters or by an address, and the ids to filter by."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from overture_sandbox.linkedin.people_search import Result, Results, Wanted, find_people
from overture_sandbox.unipile.call import Call
from overture_sandbox.unipile.errors import ApiError
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.ids import Product, id_in
from overture_sandbox.unipile.paging import Bounds, page_at, place_of
from overture_sandbox.unipile.posts import post_json
from overture_sandbox.unipile.profiles import url_of
from overture_sandbox.world import Member, World
from overture_sandbox.world.model import Position

Json = dict[str, Any]
PAGE: Final = Bounds(0, 100, 10)
PARAMETERS: Final = Bounds(1, 100, 10)
DEGREE_LETTERS: Final = {1: "F", 2: "S", 3: "O", "1": "F", "2": "S", "3": "O"}
KINDS: Final = (
    *("LOCATION", "PEOPLE", "CONNECTIONS", "COMPANY", "SCHOOL", "INDUSTRY", "SERVICE", "JOB_FUNCTION"),
    *("JOB_TITLE", "EMPLOYMENT_TYPE", "SKILL", "GROUPS", "SALES_INDUSTRY", "DEPARTMENT", "PERSONA"),
    *("ACCOUNT_LISTS", "LEAD_LISTS", "TECHNOLOGIES", "SAVED_ACCOUNTS", "SAVED_SEARCHES"),
    *("RECENT_SEARCHES", "POSTAL_CODE", "HIRING_PROJECTS", "SAVED_FILTERS"),
)


def doors() -> list[Door]:
    """The routes about searching."""
    return [
        Door("POST", "/linkedin/search", "search", _search),
        Door("GET", "/linkedin/search/parameters", "search.parameters", _parameters),
    ]


def _search(call: Call) -> Json:
    """A page of results; the cursor carries the whole question."""
    text = call.query("cursor") or call.text("cursor")
    asked = {name: value for name, value in call.body.items() if name not in ("cursor", "account_id")}
    bound = {"account_id": call.account.id, "params": asked}
    place = place_of(call, PAGE, "start", bound, text)
    wanted = place.bound["params"]
    if not isinstance(wanted, dict) or not wanted:
        raise ApiError("invalid_parameters", "The search has no parameters.")
    wanted = _of_url(wanted["url"]) if isinstance(wanted.get("url"), str) else wanted
    product: Product = wanted.get("api", "classic")
    if product not in ("classic", "sales_navigator", "recruiter"):
        raise ApiError("invalid_parameters", "api is unknown.")
    if not call.tenant.has(call.account, product):
        raise ApiError("feature_not_subscribed")
    rows, total = _rows(call, wanted, product, place.start)
    page = page_at(call, replace(place, limit=max(place.limit, 1)), rows)
    items = page.rows if place.limit else []
    return {
        "object": "LinkedinSearch",
        "items": [one if isinstance(one, dict) else _person(one, product) for one in items],
        "config": {"params": wanted},
        "paging": {"start": page.start, "page_count": len(items), "total_count": total},
        "cursor": page.cursor if place.limit else None,
    }


def _rows(call: Call, wanted: Json, product: Product, start: int) -> tuple[list[Any], int]:
    match wanted.get("category"):
        case "people":
            found = _people(call, wanted, product, start)
            return found.people[:2500] if product != "classic" else found.people[:1000], len(found.people)
        case "companies":
            companies = [_company(call.world, one) for one in _companies(call.world, _words(wanted))]
            return companies, len(companies)
        case "posts":
            words = _words(wanted)
            posts = [
                one for one in call.world.posts.values() if words in one.text.casefold() and not one.deleted
            ]
            posts.sort(key=lambda one: one.created.commit, reverse=True)
            shown = [{**post_json(call.tenant, call.account, one), "type": "POST"} for one in posts]
            return shown, len(shown)
        case "jobs":
            return [], 0
        case _:
            raise ApiError("invalid_parameters", "category must be people, companies, posts or jobs.")


def _words(wanted: Json) -> str:
    return str(wanted.get("keywords") or "").casefold()


def _people(call: Call, wanted: Json, product: Product, start: int) -> Results:
    words = [_words(wanted)]
    more = wanted.get("advanced_keywords")
    named = {**(more if isinstance(more, dict) else {}), **(wanted if product != "classic" else {})}
    words += [str(named[key]) for key in ("first_name", "last_name", "title") if named.get(key)]
    if isinstance(more, dict) and more.get("company"):
        words.append(str(more["company"]))
    asked = Wanted(
        keywords=" ".join(words),
        network=frozenset(
            DEGREE_LETTERS[one] for one in _ids(wanted, "network_distance") if one in DEGREE_LETTERS
        ),
        companies=frozenset(map(str, _ids(wanted, "company"))),
        places=frozenset(map(str, _ids(wanted, "location"))),
    )
    if not all(one.isdigit() for one in (*asked.companies, *asked.places)) and product == "classic":
        raise ApiError("invalid_parameters", "company and location take ids.")
    found = find_people(call.world, call.login, asked, start)
    if found.is_limited:
        raise ApiError("too_many_requests")
    return found


def _ids(wanted: Json, name: str) -> list[Any]:
    value = wanted.get(name) or []
    if isinstance(value, dict):
        value = value.get("include") or []
    if not isinstance(value, list):
        raise ApiError("invalid_parameters", f"{name} must be a list.")
    return value


def _of_url(url: str) -> Json:
    """The parameters of a search that was put together on the site."""
    parts = urlsplit(url)
    if parts.hostname != "www.linkedin.com" or not parts.path.startswith("/search/results/"):
        raise ApiError("invalid_parameters", "url must be that of a LinkedIn search.")
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    letters = {"F": 1, "S": 2, "O": 3}
    listed = {
        name: [one for one in query.get(name, "").strip("[]").replace('"', "").split(",") if one]
        for name in query
    }
    return {
        "api": "classic",
        "category": {"content": "posts"}.get(parts.path.split("/")[3], parts.path.split("/")[3]),
        "keywords": query.get("keywords", ""),
        "network_distance": [letters[one] for one in listed.get("network", []) if one in letters],
        "company": listed.get("currentCompany", []),
        "location": listed.get("geoUrn", []),
    }


def _person(found: Result, product: Product) -> Json:
    """Somebody who was found; people out of network are shown without name and address."""
    member, is_named = found.member, found.is_named
    current = [one for one in member.positions if one.end is None]
    return {
        "object": "SearchResult",
        "type": "PEOPLE",
        "id": id_in(product, member.profile_id),
        "public_identifier": member.slug if is_named else None,
        "public_profile_url": url_of(member) if is_named else None,
        "profile_url": url_of(member) if is_named else None,
        "profile_picture_url": None,
        "profile_picture_url_large": None,
        "member_urn": f"urn:li:member:{member.number}",
        "name": member.full_name if is_named else None,
        **({"first_name": member.first_name, "last_name": member.last_name} if is_named else {}),
        "network_distance": found.distance,
        "location": member.geo.name if member.geo else None,
        "industry": member.industry.name if member.industry else None,
        "headline": member.headline,
        "premium": member.premium,
        "open_profile": member.open_link,
        "connections_count": member.connections_count,
        "followers_count": member.followers_count,
        "current_positions": [_position(one) for one in current] if is_named else [],
    }


def _position(one: Position) -> Json:
    start = {"year": one.start.year, "month": one.start.month or 1} if one.start else {}
    return {
        "company": one.company_name,
        "company_id": str(one.company_id) if one.company_id else None,
        "description": one.description,
        "role": one.title,
        "location": one.location,
        "industry": [],
        "start": start,
        "skills": None,
    }


def _positions(world: World) -> Iterable[tuple[Member, Position]]:
    return ((member, one) for member in world.members.values() for one in member.positions)


def _companies(world: World, words: str) -> list[Position]:
    """One position of each company that has an id and these words in its name."""
    found = {one.company_id: one for _, one in _positions(world) if one.company_id}
    return [one for one in found.values() if words in one.company_name.casefold()]


def _company(world: World, one: Position) -> Json:
    return {
        "object": "SearchResult",
        "type": "COMPANY",
        "id": str(one.company_id),
        "name": one.company_name,
        "location": one.location,
        "profile_url": f"https://www.linkedin.com/company/{one.company_id}/",
        "industry": "",
        "summary": None,
        "headcount": str(
            len({m.profile_id for m, job in _positions(world) if job.company_id == one.company_id})
        ),
    }


def _parameters(call: Call) -> Json:
    """Ids for the filters of a search, by kind and words."""
    kind, words = call.query("type"), (call.query("keywords") or "").casefold()
    if kind not in KINDS:
        raise ApiError("invalid_parameters", "type is unknown.")
    known = {key: title for key, title in _known(call.world, kind) if words in title.casefold()}
    place = place_of(call, PARAMETERS, "start", {"account_id": call.account.id})
    items = [
        {"object": "LinkedinSearchParameter", "id": key, "title": title}
        for key, title in sorted(known.items())
    ][: place.limit]
    return {"object": "LinkedinSearchParametersList", "items": items, "paging": {"page_count": len(items)}}


def _known(world: World, kind: str) -> Iterable[tuple[str, str]]:
    return LISTS[kind](world) if kind in LISTS else ()


def _schools(world: World) -> Iterable[tuple[str, str]]:
    taught = (one for member in world.members.values() for one in member.educations)
    return ((str(one.school_id), one.school_name) for one in taught if one.school_id)


def _places(world: World) -> Iterable[tuple[str, str]]:
    return ((str(one.geo.id), one.geo.name) for one in world.members.values() if one.geo)


def _industries(world: World) -> Iterable[tuple[str, str]]:
    return ((str(one.industry.id), one.industry.name) for one in world.members.values() if one.industry)


def _everybody(world: World) -> Iterable[tuple[str, str]]:
    return ((one.profile_id, one.full_name) for one in world.members.values())


LISTS: Final[dict[str, Callable[[World], Iterable[tuple[str, str]]]]] = {
    "LOCATION": _places,
    "COMPANY": lambda world: ((str(one.company_id), one.company_name) for one in _companies(world, "")),
    "SCHOOL": _schools,
    "INDUSTRY": _industries,
    "SALES_INDUSTRY": _industries,
    "PEOPLE": _everybody,
    "CONNECTIONS": _everybody,
    "SKILL": lambda world: ((name, name) for one in world.members.values() for name in one.skills),
    "JOB_TITLE": lambda world: ((one.title, one.title) for _, one in _positions(world)),
}
