"""Pages of lists, and the opaque cursors that lead from one to the next."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from overture_sandbox.unipile.call import Call
from overture_sandbox.unipile.errors import ApiError

Json = dict[str, Any]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Bounds:
    """How many rows a page may have, and how many it has unless told."""

    low: int
    high: int
    usual: int


STORED: Final = Bounds(1, 250, 100)
RELATIONS: Final = Bounds(1, 1000, 100)
INVITATIONS: Final = Bounds(1, 100, 10)
POSTS: Final = Bounds(1, 100, 100)


@dataclass(frozen=True)
class Paged:
    """One page: its rows, and the cursor of the next."""

    rows: list[Any]
    cursor: str | None
    start: int
    limit: int


def encoded(cursor: Json) -> str:
    """A cursor as it is handed out."""
    return b64encode(json.dumps(cursor, separators=(",", ":")).encode()).decode()


def decoded(text: str) -> Json:
    """What a cursor says; 400 for anything that is none."""
    try:
        cursor = json.loads(b64decode(text.replace("-", "+").replace("_", "/"), validate=True))
    except ValueError as error:
        raise ApiError("invalid_parameters", "The cursor is invalid.") from error
    if not isinstance(cursor, dict):
        raise ApiError("invalid_parameters", "The cursor is invalid.")
    return cursor


def limit_of(call: Call, bounds: Bounds) -> int:
    """The `limit` of a request."""
    given = call.query("limit")
    if given is None:
        return bounds.usual
    if not given.lstrip("-").isdigit() or not bounds.low <= int(given) <= bounds.high:
        raise ApiError("invalid_parameters", f"limit must be between {bounds.low} and {bounds.high}.")
    return int(given)


@dataclass(frozen=True)
class Place:
    """Where a page of a list begins, and what its cursor is bound to."""

    start: int
    limit: int
    key: str
    bound: Json

    def at(self, start: int) -> str:
        """The cursor of another place in the same list."""
        return encoded({**self.bound, "limit": self.limit, self.key: start})


def place_of(call: Call, bounds: Bounds, key: str, bound: Json, given: str | None = None) -> Place:
    """The place a request asks for; what a cursor is bound to has to be what is asked for."""
    text = given or call.query("cursor")
    if text is None:
        return Place(0, limit_of(call, bounds), key, bound)
    limit_of(call, bounds)
    cursor = decoded(text)
    start, limit = cursor.get(key), cursor.get("limit")
    if not isinstance(start, int) or not isinstance(limit, int) or start < 0 or limit < 1:
        raise ApiError("invalid_parameters", "The cursor is invalid.")
    kept = {name: value for name, value in cursor.items() if name not in (key, "limit")}
    for name in ("account_id", "post_id", "user_id"):
        if kept.get(name) != bound.get(name):
            raise ApiError("invalid_parameters", "The cursor belongs to another list.")
    return Place(start, limit, key, kept)


def page_at(call: Call, place: Place, rows: Sequence[Any]) -> Paged:
    """The rows of a place in a list that is counted through."""
    after = place.start + place.limit
    following = place.at(after) if after < len(rows) else None
    return Paged(
        _slice(call, rows, place.start, place.limit), _next(call, following), place.start, place.limit
    )


@dataclass(frozen=True)
class Filters:
    """A list of the service's own store: what it is filtered by, and how its rows are told apart."""

    values: Json
    name: Callable[[Any], str]
    at: Callable[[Any], datetime] | None = None
    """Without it rows have no time, and cursors only name the last row."""


def filters_of(call: Call, names: Sequence[str]) -> Json:
    """The filters of a request: those of its cursor, if it has one, else those of its query."""
    text = call.query("cursor")
    if text is None:
        return {name: call.query(name) for name in names if call.query(name) is not None}
    return {name: value for name, value in decoded(text).items() if name in names}


def page_after(
    call: Call,
    rows: Sequence[Row],
    filters: Filters,
    stamp: Callable[[datetime], str],
    bounds: Bounds = STORED,
) -> Paged:
    """The rows after the last one a cursor names; newest first, as they are given."""
    text, limit, start = call.query("cursor"), limit_of(call, bounds), 0
    if text is not None:
        cursor = decoded(text)
        last, limit = cursor.get("cursor"), cursor.get("limit", limit)
        if not isinstance(last, dict) or "last_id" not in last or not isinstance(limit, int):
            raise ApiError("invalid_parameters", "The cursor is invalid.")
        start = _after(rows, filters, last, stamp)
    following = None
    if start + limit < len(rows):
        end = rows[start + limit - 1]
        last = {"last_id": filters.name(end)}
        if filters.at:
            last["last_date"] = stamp(filters.at(end))
        following = encoded({**filters.values, "limit": limit, "cursor": last})
    return Paged(_slice(call, rows, start, limit), _next(call, following), start, limit)


def _after(rows: Sequence[Row], filters: Filters, last: Json, stamp: Callable[[datetime], str]) -> int:
    for index, row in enumerate(rows):
        if filters.name(row) == last["last_id"]:
            return index + 1
    at = filters.at
    if at is None:
        return len(rows)
    return next(
        (index for index, row in enumerate(rows) if stamp(at(row)) < str(last.get("last_date"))), len(rows)
    )


def _slice(call: Call, rows: Sequence[Any], start: int, limit: int) -> list[Any]:
    first = max(0, start - limit) if call.is_hit("duplicate_page") else start
    return list(rows[first : first + limit])


def _next(call: Call, following: str | None) -> str | None:
    return (call.query("cursor") or following) if call.is_hit("repeat_cursor") else following
