"""Refusals as `application/problem+json` (RFC 9457): one shape for whatever went wrong."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, Literal

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from overture.core.errors import Invalid, NotFound, Refused, Unavailable
from overture.entrypoints.api.catalogue import PROBLEMS, slug
from overture.touchpoints import REGISTRY

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 2
OF_STATUS: Final = {404: "not_found", 405: "method_not_allowed", 413: "payload_too_large"}

Location = Literal["body", "query", "path", "header"]


class FieldError(BaseModel):
    """One wrong field."""

    pointer: str = Field(description="JSON pointer to the field.", examples=["/touchpoint/note"])
    location: Location = Field(default="body", description="Where in the request it stands.")
    code: str = Field(examples=["string_too_long"])
    detail: str = Field(examples=["String should have at most 300 characters"])


class Problem(BaseModel):
    """Why a request was refused, and what to do about it. Further members are facts about the case."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Address of the code's page.", examples=["/problems/validation-error"])
    title: str = Field(examples=["Invalid input"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["1 field is missing or wrong."])
    instance: str = Field(examples=["/api/v1/runs"])
    code: str = Field(description="Stable; programs go by it.", examples=["validation_error"])
    fix: str = Field(description="What to do next.", examples=["Correct those fields."])
    errors: list[FieldError] = Field(default_factory=list)
    request_id: str = Field(examples=["req_01kb3v6q2v8x0c5h2m9r4t7wze"])


def add_handlers(api: FastAPI) -> None:
    """Let every error of the API be answered as a problem."""
    api.add_exception_handler(Refused, on_refused)
    api.add_exception_handler(RequestValidationError, on_invalid)
    api.add_exception_handler(HTTPException, on_http)
    api.add_exception_handler(DBAPIError, on_database)
    api.add_exception_handler(PoolTimeout, on_database)
    api.add_exception_handler(ConnectionError, on_database)
    api.add_exception_handler(Exception, on_bug)


def answer(
    request: Request, refused: Refused, status: int | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The response that tells of a refusal."""
    facts = {key: value for key, value in refused.facts.items() if key != "errors"}
    request_id = request.scope.get("overture.request_id", "")
    body = {
        "type": f"/problems/{slug(refused.code)}",
        "title": refused.title,
        "status": status or refused.status,
        "detail": refused.message,
        "instance": request.scope["path"],
        "code": refused.code,
        "fix": refused.fix,
        "errors": [
            {"location": "body", **error}
            for error in refused.facts.get("errors", ())  # type: ignore[attr-defined]
        ],
        "request_id": request_id,
        **facts,
    }
    return JSONResponse(
        body, body["status"], {"X-Request-Id": request_id, **(headers or {})}, media_type=MEDIA_TYPE
    )


async def on_refused(request: Request, error: Exception) -> JSONResponse:
    """A refusal of ours."""
    assert isinstance(error, Refused)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if isinstance(error, Unavailable) else {}
    return answer(request, error, headers=headers)


async def on_invalid(request: Request, error: Exception) -> JSONResponse:
    """Input that does not have the declared shape."""
    assert isinstance(error, RequestValidationError)
    errors = [field_error(found) for found in error.errors()]
    wrong = "1 field is" if len(errors) == 1 else f"{len(errors)} fields are"
    message = f"{wrong} missing or wrong: {errors[0]['pointer'] or 'the body'}: {errors[0]['detail']}"
    return answer(request, Invalid("validation_error", message, fix="Correct those fields.", errors=errors))


def field_error(found: Mapping[str, Any]) -> dict[str, object]:
    """One error of pydantic's as ours; never with the input, which may be a secret."""
    location, *path = found["loc"]
    if path[:1] == ["touchpoint"] and len(path) > 1 and path[1] in REGISTRY:
        del path[1]  # the union's tag, which is no part of the document
    pointer = pointer_of(path)
    return {"pointer": pointer, "location": location, "code": found["type"], "detail": found["msg"]}


def pointer_of(path: Iterable[object]) -> str:
    """The JSON pointer (RFC 6901) of a path into a document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


async def on_http(request: Request, error: Exception) -> JSONResponse:
    """What the framework refuses: unknown addresses and methods."""
    assert isinstance(error, HTTPException)
    code = OF_STATUS.get(error.status_code, "refused")
    entry = PROBLEMS[code]
    refused = NotFound(code, entry.meaning, fix=entry.fix)
    refused.title = HTTPStatus(error.status_code).phrase  # type: ignore[misc]  # the framework's own words
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(methods_at(request))
    return answer(request, refused, error.status_code, headers)


def methods_at(request: Request) -> list[str]:
    """Every method the address knows (the framework names only those of the first route that fits)."""
    paths = request.app.openapi()["paths"]
    if request.scope["path"] in paths:  # a fixed word where other addresses have an id
        return sorted(method.upper() for method in paths[request.scope["path"]])
    known: set[str] = set()
    for template, operations in paths.items():
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), request.scope["path"]):
            known |= {method.upper() for method in operations}
    return sorted(known) or ["GET"]  # what is not in the schema is a page


async def on_database(request: Request, error: Exception) -> JSONResponse:
    """A database that is away is an outage; anything else it says is a bug of ours."""
    gone = not isinstance(error, DBAPIError) or isinstance(error, OperationalError)
    if not gone and not (isinstance(error, DBAPIError) and error.connection_invalidated):
        return await on_bug(request, error)
    log.warning("database.unavailable", error=type(error).__name__)
    entry = PROBLEMS["database_unavailable"]
    return await on_refused(request, Unavailable("database_unavailable", entry.meaning, fix=entry.fix))


async def on_bug(request: Request, error: Exception) -> JSONResponse:
    """Anything nobody foresaw: the log has it, the client gets its id."""
    log.error("http.broken", path=request.scope["path"], exc_info=error)
    entry = PROBLEMS["internal_error"]
    refused = Refused("internal_error", entry.meaning, fix=entry.fix)
    refused.title = HTTPStatus(500).phrase  # type: ignore[misc]
    return answer(request, refused, 500)


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems an operation can answer with, for its OpenAPI `responses`."""
    return {status: declaration(status) for status in sorted({401, 403, 422, 500, 503, *statuses})}


CODES_OF: Final[Mapping[int, tuple[str, ...]]] = {
    400: ("malformed_json",),
    401: ("unauthorized", "token_expired"),
    403: ("insufficient_scope",),
    404: ("account_not_found", "run_not_found"),
    409: ("illegal_transition",),
    412: ("etag_mismatch",),
    413: ("payload_too_large",),
    415: ("unsupported_media_type",),
    422: ("validation_error",),
    428: ("if_match_required",),
    500: ("internal_error",),
    503: ("database_unavailable",),
}


def declaration(status: int) -> dict[str, Any]:
    """One status of an operation, with an example a code."""
    examples = {code: {"value": example(code, status)} for code in CODES_OF[status]}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }


def example(code: str, status: int) -> dict[str, object]:
    """A problem as a client may see it."""
    entry = PROBLEMS[code]
    return {
        "type": f"/problems/{slug(code)}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": entry.meaning,
        "instance": "/api/v1/runs",
        "code": code,
        "fix": entry.fix,
        "errors": [],
        "request_id": "req_01kb3v6q2v8x0c5h2m9r4t7wze",
    }
