"""The three shapes one answer can take, chosen by the Accept header, and the error bodies."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

Json = dict[str, Any]
NORMALIZED = "application/vnd.linkedin.normalized+json+2.1"
_MARKS = ("$type", "$recipeTypes", "$anti_abuse_metadata")


def as_json(body: object, status: int = 200, media_type: str = "application/json") -> Response:
    """A JSON answer, compact and in UTF-8."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, media_type=f"{media_type}; charset=utf-8")


def wants_normalized(request: Request) -> bool:
    """The client asks for `{data, included}`."""
    return "normalized+json" in request.headers.get("accept", "")


def rest_answer(request: Request, data: Json, included: list[Json], status: int = 200) -> Response:
    """A Rest.li answer: normalized when asked for, else with every reference put in place."""
    if wants_normalized(request):
        return as_json({"data": data, "included": included}, status, NORMALIZED)
    return as_json(inlined(data, included), status)


def graphql_answer(request: Request, data: Json, included: list[Json]) -> Response:
    """An answer of the generic GraphQL endpoint, which wraps its data twice."""
    if wants_normalized(request):
        return as_json({"data": {"data": data}, "included": included}, media_type=NORMALIZED)
    return as_json({"data": inlined(data, included)}, media_type=_plain_type(request))


def messenger_answer(request: Request, data: Json) -> Response:
    """An answer of the messaging GraphQL endpoint: plain with `_type`, or normalized when asked for."""
    if not wants_normalized(request):
        return as_json({"data": data}, media_type=_plain_type(request))
    included: dict[str, Json] = {}
    body = _normalized(data, included)
    return as_json({"data": {"data": body}, "included": list(included.values())}, media_type=NORMALIZED)


def rest_error(request: Request, status: int, code: str | None = None, message: str = "") -> Response:
    """An error the way Rest.li writes it, wrapped in `data` for those who ask for the normalized shape."""
    error: Json = {"status": status}
    if code:
        error["code"] = code
    if message:
        error["message"] = message
    if wants_normalized(request):
        error["$type"] = "com.linkedin.restli.common.ErrorResponse"
        return as_json({"data": error, "included": []}, status, NORMALIZED)
    return as_json(error, status)


def inlined(data: Any, included: list[Json]) -> Any:
    """The same answer without `included`: starred references replaced by what they name."""
    by_urn = {one["entityUrn"]: one for one in included if "entityUrn" in one}
    return _inline(data, by_urn, ())


def _plain_type(request: Request) -> str:
    accept = request.headers.get("accept", "")
    return "application/graphql" if "application/graphql" in accept else "application/json"


def _inline(node: Any, by_urn: dict[str, Json], path: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inline(one, by_urn, path) for one in node]
    if not isinstance(node, dict):
        return node
    plain: Json = {}
    for key, value in node.items():
        if key.startswith("*"):
            plain[key[1:]] = _resolve(value, by_urn, path)
        elif key not in _MARKS:
            plain.setdefault(key, _inline(value, by_urn, path))
    return plain


def _resolve(reference: Any, by_urn: dict[str, Json], path: tuple[str, ...]) -> Any:
    if isinstance(reference, list):
        return [_resolve(one, by_urn, path) for one in reference]
    if reference not in by_urn or reference in path:  # a circle ends with the bare name
        return reference
    return _inline(by_urn[reference], by_urn, (*path, reference))


def _normalized(node: Any, included: dict[str, Json]) -> Any:
    """Moves everything that has a URN into `included` and leaves a starred reference."""
    if isinstance(node, list):
        return [_normalized(one, included) for one in node]
    if not isinstance(node, dict):
        return node
    flat: Json = {}
    for key, value in node.items():
        if _is_entity(value):
            flat[f"*{key}"] = _hoist(value, included)
        elif isinstance(value, list) and value and all(_is_entity(one) for one in value):
            flat[f"*{key}"] = [_hoist(one, included) for one in value]
        else:
            flat["$type" if key == "_type" else key] = _normalized(value, included)
    return flat


def _is_entity(value: Any) -> bool:
    return isinstance(value, dict) and "entityUrn" in value and "_type" in value


def _hoist(entity: Json, included: dict[str, Json]) -> str:
    urn: str = entity["entityUrn"]
    included[urn] = _normalized(entity, included)
    return urn
