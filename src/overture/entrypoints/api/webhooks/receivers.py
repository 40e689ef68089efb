"""Receivers of Unipile's webhooks: stored raw and once, then answered; applied afterwards, by the inbox."""

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from overture.core.errors import Refused
from overture.core.ids import public_id
from overture.entrypoints.api.access import the_app
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.doorway import IS_KEPT
from overture.entrypoints.api.problems import answer
from overture.entrypoints.api.webhooks.arriving import UNREADABLE, arrival_of
from overture.entrypoints.api.webhooks.proof import refuse_early, refuse_unsigned
from overture.entrypoints.bootstrap import App
from overture.inbox import SOURCE_OF

router = APIRouter(prefix="/webhooks/unipile", include_in_schema=False)

BODY_LIMIT: Final = 1024 * 1024
ADDRESSES: Final = frozenset(f"/webhooks/unipile/{endpoint}" for endpoint in SOURCE_OF)
"""Where bodies of any type are taken and judged here."""


async def received(app: App, request: Request, endpoint: str) -> Response:
    """Take a delivery: 200 once it is stored, whatever it is and however often it came."""
    refuse_early(app.settings, request.headers)
    body = await whole(request)
    if body is None:
        return answer(request, of_code("delivery_too_large"), 413)
    now = app.now()
    refuse_unsigned(app.settings, request.headers, body, now)
    content_type = request.headers.get("content-type")
    arrival = arrival_of(app.ids.new(), endpoint, body, content_type, now)
    is_new = await app.letterbox.put(arrival)
    request.scope[IS_KEPT] = True
    if arrival.dead_of == UNREADABLE:
        return answer(request, of_code("delivery_unreadable"), 400)
    known: dict[str, str] = {"delivery_id": public_id("whd", arrival.id)} if is_new else {}
    return JSONResponse({"status": "stored" if is_new else "known", **known})


async def whole(request: Request) -> bytes | None:
    """The body, or None when it is larger than is taken."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_LIMIT:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def of_code(code: str) -> Refused:
    """The refusal of a code, in the catalogue's words."""
    entry = PROBLEMS[code]
    return Refused(code, entry.meaning, fix=entry.fix)


def receiver(endpoint: str) -> Callable[[Request], Awaitable[Response]]:
    """The route of one address: it takes the request as it is, nothing of it is read for it before."""

    async def receive(request: Request) -> Response:
        return await received(await the_app(request), request, endpoint)

    return receive


for _endpoint in SOURCE_OF:
    router.add_route(
        f"{router.prefix}/{_endpoint}", receiver(_endpoint), ["POST"], f"receive_unipile_{_endpoint}", False
    )
