"""Everybody an account has chats with."""

from overture.providers.unipile.client.calls import Call
from overture.providers.unipile.client.encoding import bounded
from overture.providers.unipile.client.identifiers import path_part
from overture.providers.unipile.client.models.messaging import Attendee, Message
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.resources.base import Resource, stored


class Attendees(Resource):
    """People in chats, as Unipile has them stored."""

    async def list(
        self, account_id: str | None = None, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Attendee]:
        """One page of people."""
        return await self._page(Attendee, self._list(account_id, limit), cursor)

    def iter(self, account_id: str | None = None, bounds: Bounds[Attendee] | None = None) -> Walk[Attendee]:
        """All of them."""
        return self._walk(Attendee, self._list(account_id, 250), bounds)

    async def get(self, attendee_id: str) -> Attendee:
        """One of them."""
        return await self._ask(Attendee, stored(f"/chat_attendees/{path_part(attendee_id)}", "attendees.get"))

    async def picture(self, attendee_id: str) -> bytes:
        """Their picture."""
        path = f"/chat_attendees/{path_part(attendee_id)}/picture"
        return await self._wire.download(stored(path, "attendees.picture"))

    def iter_messages(self, attendee_id: str, bounds: Bounds[Message] | None = None) -> Walk[Message]:
        """What they wrote."""
        path = f"/chat_attendees/{path_part(attendee_id)}/messages"
        return self._walk(Message, stored(path, "attendees.messages", limit=250), bounds)

    def _list(self, account_id: str | None, limit: int | None) -> Call:
        asked = bounded(limit, 250)
        return stored("/chat_attendees", "attendees.list", account_id=account_id, limit=asked)
