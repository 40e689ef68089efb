"""What is true of a profile, as a truth file words it, compared with what was extracted.

Names in a truth file are liberal: snake or camel case, LinkedIn's names or ours, or a dotted path into the
extracted profile (`positions.0.title`). A truth says only what it wants checked: an object is compared by the
keys it has, a text against an object by that object's name, a number against a list by its length, and null
agrees with anything empty.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime

from overture.touchpoints.profile import Profile, to_json

NOTHING = object()  # no such field was extracted; distinct from a field that is null

_LABELS = ("name", "full_name", "title", "school_name", "company_name", "state", "urn")
_DISTANCES: dict[object, object] = {
    "DISTANCE_1": 1,
    "DISTANCE_2": 2,
    "DISTANCE_3": 3,
    "OUT_OF_NETWORK": "out_of_network",
}
_ALIASES: dict[str, tuple[str, ...]] = {
    "about": ("summary",),
    "activities_and_societies": ("activities",),
    "certificates": ("certifications",),
    "city": ("geo.name_without_country", "geo.name"),
    "company": ("company_name",),
    "company_size": ("employees_from",),
    "connection_count": ("counts.connections",),
    "connection_degree": ("relationship.degree",),
    "connection_distance": ("relationship.degree",),
    "connections": ("counts.connections",),
    "connections_count": ("counts.connections",),
    "country": ("geo.country", "country_code"),
    "current": ("is_current",),
    "current_company": ("company",),
    "current_company_name": ("company.name",),
    "current_title": ("current_position.title",),
    "degree": ("relationship.degree",),
    "degree_name": ("degree",),
    "distance": ("relationship.degree",),
    "education": ("educations",),
    "employee_count_range": ("employees",),
    "end": ("ended",),
    "end_date": ("ended",),
    "entity_urn": ("urn",),
    "experience": ("positions",),
    "experiences": ("positions",),
    "field": ("field_of_study",),
    "follower_count": ("counts.followers",),
    "followers": ("counts.followers",),
    "following": ("relationship.is_followed",),
    "geo_name": ("geo.name",),
    "geo_urn": ("geo.urn",),
    "id": ("profile_id",),
    "industry_name": ("industry",),
    "invitation": ("relationship.invitation",),
    "invitation_urn": ("relationship.invitation.urn",),
    "job_title": ("current_position.title",),
    "license": ("license_number",),
    "location": ("location_name",),
    "member_distance": ("relationship.degree",),
    "member_urn": ("member_id",),
    "name": ("full_name",),
    "object_urn": ("member_id",),
    "picture": ("picture_url",),
    "public_id": ("public_identifier",),
    "relationship_state": ("relationship.state",),
    "relationship_status": ("relationship.state",),
    "school": ("school_name",),
    "schools": ("educations",),
    "slug": ("public_identifier",),
    "start": ("started",),
    "start_date": ("started",),
    "status": ("relationship.state",),
    "title": ("current_position.title",),
    "universal_name": ("company.universal_name",),
    "vanity_name": ("public_identifier",),
}
_PARTS = ("relationship", "relationship.invitation", "counts", "flags", "geo")
_STATES = ("self", "connected", "pending", "incoming")


def extracted(profile: Profile) -> dict[str, object]:
    """The profile as plain values, with the derived ones a truth file likes to name."""
    tree = plain_tree(profile)
    positions = tree["positions"]
    present = [job for job in positions if job["is_current"]] if isinstance(positions, list) else []
    tree["current_position"] = present[0] if present else None
    tree |= {"refused": False, "error": None, "raises": None}
    for state in _STATES:
        tree[f"is_{state}"] = profile.relationship.state == state
    return tree


def plain_tree(profile: Profile) -> dict[str, object]:
    """The profile as the JSON it serialises to."""
    tree: dict[str, object] = json.loads(to_json(profile))
    return tree


def lookup(tree: Mapping[str, object], name: str) -> object:
    """The extracted value a truth file means by a name, or `NOTHING`."""
    return next(_candidates(tree, name), NOTHING)


def agrees(truth: object, tree: Mapping[str, object], name: str) -> bool:
    """Whether any of the values the name may mean is the true one."""
    return any(same(truth, value) for value in _candidates(tree, name))


def _candidates(tree: Mapping[str, object], name: str) -> Iterator[object]:
    key = _snake(name)
    counted = (
        key.removesuffix("_count") if key.endswith("_count") else key.removeprefix("n_").removeprefix("num_")
    )
    bare = key.removeprefix("is_").removeprefix("has_")
    names = dict.fromkeys((key, *_ALIASES.get(key, ()), bare, counted, *_ALIASES.get(counted, ())))
    for path in (*names, *(f"{part}.{each}" for part in _PARTS for each in names)):
        value = _at(tree, path)
        if value is not NOTHING:
            yield value
    state = bare.removesuffix("_urn").removesuffix("_invitation")
    if state in _STATES and f"is_{state}" in tree:
        is_so = tree[f"is_{state}"]
        yield is_so
        yield _at(tree, "relationship.invitation") if is_so else None
        yield _at(tree, "relationship.invitation.urn") if is_so else None
    if key in ("date_range", "time_period", "dates"):
        yield {"started": tree.get("started"), "ended": tree.get("ended")}
    if key == "employee_count_range":
        yield {"started": tree.get("employees_from"), "ended": tree.get("employees_to")}


def _at(tree: object, path: str) -> object:
    for step in path.split("."):
        if isinstance(tree, Mapping) and step in tree:
            tree = tree[step]
        elif isinstance(tree, list) and step.isdigit() and int(step) < len(tree):
            tree = tree[int(step)]
        else:
            return NOTHING
    return tree


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_").replace(" ", "_")


def same(truth: object, value: object) -> bool:
    """Whether the extracted value is the true one, in the liberal sense of this module."""
    if not _is_empty(truth) and isinstance(truth, (Mapping, list)):
        return _same_tree(truth, value)
    if _is_empty(truth) or _is_empty(value):
        return _is_empty(truth) and _is_empty(value)
    if isinstance(value, list):
        return type(truth) is int and truth == len(value)
    if isinstance(value, Mapping):
        return _same_label(truth, value)
    if type(truth) is bool or type(value) is bool:
        return truth is value
    return _text(truth) == _text(value) or _same_moment(truth, value)


def _same_tree(truth: object, value: object) -> bool:
    if isinstance(truth, list):
        if not isinstance(value, list) or len(truth) != len(value):
            return False
        return all(same(*pair) for pair in zip(truth, value, strict=True))
    if not isinstance(value, Mapping) or not isinstance(truth, Mapping):
        return False
    return all(agrees(wanted, value, str(key)) for key, wanted in truth.items() if str(key)[:1] != "$")


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _same_label(truth: object, value: Mapping[str, object]) -> bool:
    """A text against an object: its name, its URN, or a date spelled out."""
    if "year" in value and {"year", "month"} >= {key for key, part in value.items() if part is not None}:
        month = value.get("month")
        written = f"{value['year']}-{month:0>2}" if month else str(value["year"])
        return _text(truth) in (written, written + "-01", written + "-01-01")
    return any(same(truth, value[label]) for label in _LABELS if value.get(label) is not None)


def _text(value: object) -> str:
    known = _DISTANCES.get(value, value) if isinstance(value, str) else value
    words = " ".join(unicodedata.normalize("NFC", str(known)).split())
    return words.removeprefix("urn:li:member:")


def _same_moment(truth: object, value: object) -> bool:
    if not isinstance(truth, (int, str)) or not isinstance(value, str):
        return False
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            return False
        if isinstance(truth, int):
            return round(moment.timestamp() * 1000) == truth
        return datetime.fromisoformat(truth) == moment
    except (ValueError, TypeError):
        return False
