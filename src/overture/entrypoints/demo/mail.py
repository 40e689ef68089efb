"""What comes in by itself: the sandbox's webhooks are waited for, and what they brought is taken in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from overture import inbox
from overture.entrypoints.bootstrap import App
from overture.entrypoints.demo.clients import NotOver, Sandbox
from overture.entrypoints.receiving import inbox_kit
from overture.inbox import InboxKit, WebhookDelivery

POLL: Final = timedelta(milliseconds=10)
LATE: Final = timedelta(seconds=30)
"""Longest that what is due may take to arrive."""


@dataclass
class Mail:
    """The product's inbox, stepped, and the sandbox's post office."""

    app: App
    sandbox: Sandbox
    is_awaited: bool
    """Whether anything comes by webhooks at all."""
    kit: InboxKit = field(init=False)
    _on_its_way: datetime | None = field(default=None, init=False)
    _tried_again: datetime | None = field(default=None, init=False)
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.kit = inbox_kit(self.app)

    @property
    def next_at(self) -> datetime | None:
        """When something arrives next that is on its way, or is tried again that could not be applied."""
        times = (self._on_its_way, self._tried_again)
        return min((at for at in times if at is not None), default=None)

    async def take_in(self, *, may_follow: bool) -> bool:
        """Let everything arrive that is due, and take in what is new; whether there was anything.

        `may_follow`: runs have ended since the last time, and the inbox has to hear of them.
        """
        now = self.app.clock.now()
        is_all = not may_follow or await inbox.follow(self.kit, now)
        is_due = self._tried_again is not None and self._tried_again <= now
        if self.is_awaited and (await self._arrived() or is_due):
            await self._apply(now)
            return True
        return not is_all

    async def _arrived(self) -> bool:
        """Wait until all that is due has arrived; whether that was anything."""
        give_up = self.app.clock.monotonic() + LATE.total_seconds()
        while not (office := await self.sandbox.ask("GET", "/unipile/office"))["is_idle"]:
            if self.app.clock.monotonic() > give_up:
                raise NotOver("Deliveries of the sandbox's webhooks did not arrive in time.")
            await self.app.clock.sleep(POLL)
        self._on_its_way = datetime.fromisoformat(office["next_at"]) if office["next_at"] else None
        before, self._seen = self._seen, office["attempts"]
        return before != self._seen

    async def _apply(self, now: datetime) -> None:
        """Take in what the receivers have stored, and recognise people in it."""
        await inbox.turn(self.kit, now)
        await inbox.recognise(self.kit, now)
        waiting = select(func.min(WebhookDelivery.next_at)).where(WebhookDelivery.state == "received")
        async with self.app.sessions() as db:
            self._tried_again = await db.scalar(waiting)
