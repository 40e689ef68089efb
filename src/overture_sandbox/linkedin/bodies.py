"""Reads what clients send: JSON bodies of any content type, and fields deep inside them."""

import json
from typing import Any

from starlette.requests import Request

from overture_sandbox.linkedin.shapes import Json


async def json_body(request: Request) -> Json | None:
    """The body as a JSON object, whatever its content type says; None if it is something else."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def at(body: Any, *path: str) -> Any:
    """What lies at a path inside a body; None if the path leads nowhere."""
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    return body


def text_at(body: Any, *path: str) -> str | None:
    """The text at a path inside a body."""
    found = at(body, *path)
    return found if isinstance(found, str) else None


def paging(request: Request, default_count: int) -> tuple[int, int]:
    """`start` and `count` of a request for a list."""
    start, count = (request.query_params.get(name, "") for name in ("start", "count"))
    return int(start) if start.isdigit() else 0, int(count) if count.isdigit() else default_count
