"""Lists of the campaign layer, page by page: one cursor, one shape, one `Link`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from overture.entrypoints.api.cursor import CURSOR_LENGTH, cursor_after, read_cursor
from overture.entrypoints.api.shapes import Page

DEFAULT_LIMIT: Final = 50
MOST: Final = 200
SKIPPED: Final = "cursor"

T = TypeVar("T")


class Listed(BaseModel):
    """What every list takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MOST)
    cursor: str | None = Field(
        default=None,
        pattern=f"^[A-Za-z0-9_-]{{{CURSOR_LENGTH}}}$",
        description="`next_cursor` of the page before.",
    )

    def after(self, api_key: str) -> UUID | None:
        """Where the page before ended; None at the beginning."""
        return read_cursor(self.cursor, api_key) if self.cursor else None

    def place(self, api_key: str) -> int | None:
        """The same, where what is listed is numbered."""
        found = self.after(api_key)
        return None if found is None else found.int & NUMBERS


NUMBERS: Final = (1 << 63) - 1


def numbered(place: int) -> UUID:
    """The cursor's content for something that is numbered."""
    return UUID(int=place)


@dataclass(frozen=True)
class Cut:
    """Where a page ends: on which id it goes on, or None at the end of the list."""

    last: UUID | None
    limit: int

    def page(self, request: Request, response: Response, api_key: str) -> Page:
        """The page's own shape, and the header `Link`."""
        cursor = cursor_after(self.last, api_key) if self.last is not None else None
        if cursor is not None:
            kept = [(k, v) for k, v in request.query_params.multi_items() if k != SKIPPED]
            query = urlencode([*kept, (SKIPPED, cursor)])
            response.headers["Link"] = f'<{request.scope["path"]}?{query}>; rel="next"'
        return Page(next_cursor=cursor, has_more=cursor is not None, limit=self.limit)


def cut(found: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """The page's own rows of one row more, and whether there was one more."""
    return found[:limit], len(found) > limit
