"""Lists by time, whose order may change while they are read: the cursor says at which time the page ended."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from overture.core.errors import Invalid
from overture.entrypoints.api.cursor import sign
from overture.entrypoints.api.outreach.paging import DEFAULT_LIMIT, MOST, SKIPPED
from overture.entrypoints.api.shapes import Page
from overture.inbox import Place

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
CURSOR_LENGTH: Final = 44
BODY_BYTES: Final = 25
KIND: Final = b"t"


class ListedByTime(BaseModel):
    """What such a list takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MOST)
    cursor: str | None = Field(
        default=None,
        pattern=f"^[A-Za-z0-9_-]{{{CURSOR_LENGTH}}}$",
        description="`next_cursor` of the page before.",
    )

    def before(self, api_key: str) -> Place | None:
        """Where the page before ended; None at the beginning."""
        return read_place(self.cursor, api_key) if self.cursor else None


def cursor_of(place: Place, api_key: str) -> str:
    """The cursor with which a list goes on after this place."""
    micros = (place.at - EPOCH) // MICROSECOND
    body = KIND + micros.to_bytes(8, signed=True) + place.id.bytes
    return base64.urlsafe_b64encode(body + sign(body, api_key)).decode()


def read_place(text: str, api_key: str) -> Place:
    """The place in a cursor; refuses what is not one of ours."""
    try:
        raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    body, signature = raw[:BODY_BYTES], raw[BODY_BYTES:]
    if body[:1] != KIND or not hmac.compare_digest(signature, sign(body, api_key)):
        raise Invalid(
            "validation_error",
            "The cursor is not one this server gave.",
            fix="Take `next_cursor` of the page before, or start without a cursor.",
            errors=[
                {"pointer": "/cursor", "location": "query", "code": "bad_cursor", "detail": "not one of ours"}
            ],
        )
    at = EPOCH + int.from_bytes(body[1:9], signed=True) * MICROSECOND
    return Place(at, UUID(bytes=body[9:]))


@dataclass(frozen=True)
class CutByTime:
    """Where a page ends, and how much it may hold."""

    places: Sequence[Place]
    """Of all rows that were found: one more than the page holds, if there are more."""
    limit: int

    def page(self, request: Request, response: Response, api_key: str) -> Page:
        """The page's own shape, and the header `Link`."""
        has_more = len(self.places) > self.limit
        cursor = cursor_of(self.places[self.limit - 1], api_key) if has_more else None
        if cursor is not None:
            kept = [(k, v) for k, v in request.query_params.multi_items() if k != SKIPPED]
            query = urlencode([*kept, (SKIPPED, cursor)])
            response.headers["Link"] = f'<{request.scope["path"]}?{query}>; rel="next"'
        return Page(next_cursor=cursor, has_more=has_more, limit=self.limit)
