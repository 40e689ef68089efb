"""What every part of the API is made of: a wire, pages, walks."""

from collections.abc import Mapping
from typing import TypeVar

from overture.providers.unipile.client.answers import misshapen
from overture.providers.unipile.client.calls import Call, Json, Kind, Part, QueryValue
from overture.providers.unipile.client.models.base import Done, Lenient, read, read_page
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.wire import Wire

M = TypeVar("M", bound=Lenient)


class Resource:
    """One part of the API."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._wire!r})"

    async def _ask(self, model: type[M], call: Call) -> M:
        """Send a call and read its answer."""
        answer = read(model, await self._wire.send(call), call)
        if call.kind.is_write and isinstance(answer, Done) and answer.says_nothing:
            raise misshapen(call, "the answer does not say what was done")
        return answer

    async def _page(self, model: type[M], call: Call, cursor: str | None = None) -> Page[M]:
        """One page of a list."""
        asked = call.with_query(cursor=cursor) if cursor else call
        return read_page(model, await self._wire.send(asked), asked)

    def _walk(self, model: type[M], call: Call, bounds: Bounds[M] | None) -> Walk[M]:
        """All pages of a list, item by item."""
        return Walk(lambda cursor: self._page(model, call, cursor), bounds or Bounds())


def stored(path: str, action: str, **query: QueryValue) -> Call:
    """A read from Unipile's own store."""
    return Call("GET", path, Kind.STORED_READ, action, query=query)


def live(path: str, action: str, account_id: str, **query: QueryValue) -> Call:
    """A read through an account's session."""
    asked: Mapping[str, QueryValue] = {"account_id": account_id, **query}
    return Call("GET", path, Kind.LIVE_READ, action, account_id, query=asked)


def act(path: str, action: str, account_id: str | None, body: Json, answers: str = "") -> Call:
    """A deed through an account's session, told as JSON."""
    return Call("POST", path, Kind.LIVE_WRITE, action, account_id, body=body, answers=answers)


def act_in_parts(path: str, action: str, account_id: str, parts: list[Part], answers: str = "") -> Call:
    """A deed through an account's session, told as multipart form."""
    return Call("POST", path, Kind.LIVE_WRITE, action, account_id, parts=parts, answers=answers)
