"""A desk for the inbox: deliveries as Unipile sends them, put where receivers put them; what came of them."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from crowd import profile_id
from overture import accounts, inbox
from overture.entrypoints.api.webhooks import arrival_of
from overture.entrypoints.bootstrap import App
from overture.entrypoints.receiving import inbox_kit
from overture.inbox import Conversation, InboxMessage, WebhookDelivery

SELF = profile_id(900_000)
THREAD = "2-dGhyZWFk"


@dataclass
class Desk:
    """One account as Unipile knows it, and the product behind it."""

    app: App
    handle: str = "ada"
    name: str = "unipile-ada"
    """What Unipile calls the account."""
    myself: str = SELF
    sent: list[UUID] = field(default_factory=list)

    async def connect(self) -> None:
        """From now on the account is Unipile's, under this name."""
        async with self.app.sessions.begin() as db:
            account = await accounts.by_handle(db, self.handle)
            account.provider = "unipile"
            await accounts.call_external(db, account, self.name, self.app.now())

    def message(self, number: int, said: str, **more: Any) -> dict[str, Any]:
        """A message with the person of this number, theirs unless `own`; `key` tells messages apart."""
        is_own, key = more.pop("own", False), more.pop("key", f"m-{number}-{said}")
        at: datetime = more.pop("at", self.app.now())
        other = attendee(number)
        me = {"attendee_id": "att-me", "attendee_name": "Ada", "attendee_provider_id": self.myself}
        return {
            "event": "message_received",
            "account_id": self.name,
            "account_type": "LINKEDIN",
            "account_info": {"type": "LINKEDIN", "feature": "classic", "user_id": self.myself},
            "chat_id": f"chat-{self.name}-{number}",
            "message_id": f"u-{key}",
            "timestamp": at.isoformat(),
            "message": said,
            "subject": None,
            "sender": me if is_own else other,
            "attendees": [other],
            "attachments": [],
            "provider_chat_id": f"{THREAD}{number}",
            "provider_message_id": f"2-{key}",
            "is_event": 0,
            "is_group": False,
            "message_type": "MESSAGE",
            "folder": ["INBOX"],
            **more,
        }

    def relation(self, number: int, **more: Any) -> dict[str, Any]:
        """Somebody the account is connected with now."""
        return {
            "event": "new_relation",
            "account_id": self.name,
            "account_type": "LINKEDIN",
            "webhook_name": "",
            "user_full_name": f"Lea {number}",
            "user_provider_id": profile_id(number),
            "user_public_identifier": f"lea-{number}",
            "user_profile_url": f"https://www.linkedin.com/in/lea-{number}/",
            "user_picture_url": None,
            **more,
        }

    def status(self, word: str) -> dict[str, Any]:
        """What Unipile says of the account."""
        return {"AccountStatus": {"account_id": self.name, "account_type": "LINKEDIN", "message": word}}

    async def put(self, payload: Any, endpoint: str = "messaging", at: datetime | None = None) -> bool:
        """Store a delivery as receivers do; whether it is new."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        arrival = arrival_of(self.app.ids.new(), endpoint, body, "application/json", at or self.app.now())
        async with self.app.engine.begin() as connection:
            is_new = bool(await inbox.receive(connection, [arrival]))
        if is_new:
            self.sent.append(arrival.id)
        return is_new

    async def turn(self, ahead: timedelta = timedelta()) -> None:
        """Apply what waits, until nothing more happens."""
        kit, now = inbox_kit(self.app), self.app.now() + ahead
        for _ in range(100):
            applied = await inbox.turn(kit, now)
            is_all = await inbox.follow(kit, now)
            if not applied and is_all and not await inbox.recognise(kit, now):
                return
        raise AssertionError("the inbox does not come to rest")

    async def take(self, *payloads: Any, endpoint: str = "messaging") -> None:
        """Store deliveries and apply them."""
        for payload in payloads:
            await self.put(payload, endpoint)
        await self.turn()

    async def deliveries(self) -> list[WebhookDelivery]:
        """Every delivery, oldest first."""
        async with self.app.sessions.begin() as db:
            found = await inbox.delivery_page(db, inbox.DeliveryFilter(), None, 1000)
            return list(reversed(found))

    async def states(self) -> list[tuple[str, str | None]]:
        """State and reason of every delivery, oldest first."""
        return [(one.state, one.error) for one in await self.deliveries()]

    async def conversations(self) -> list[Conversation]:
        """Every conversation, the one with the newest message first."""
        async with self.app.sessions.begin() as db:
            wanted = inbox.ConversationFilter()
            return list(await inbox.conversations(db, wanted, self.app.now(), None, 1000))

    async def conversation(self) -> Conversation:
        """The only one."""
        (found,) = await self.conversations()
        return found

    async def messages(self) -> list[InboxMessage]:
        """All messages of all conversations, oldest first."""
        async with self.app.sessions.begin() as db:
            found = [
                message
                for one in await self.conversations()
                for message in await inbox.messages(db, one.id, None, 1000)
            ]
        return sorted(found, key=lambda one: (one.at, one.message_key))

    async def told(self) -> list[tuple[str, str, str, str]]:
        """Key, direction, writer and kind of every message the log tells of, as it was told."""
        async with self.app.sessions.begin() as db:
            rows = await db.execute(text("select data from events where type = 'inbox.message' order by id"))
            return [(one["key"], one["direction"], one["by"], one["kind"]) for (one,) in rows]

    async def state(self) -> tuple[str, str | None]:
        """State and reason of the account."""
        async with self.app.sessions.begin() as db:
            found = await accounts.by_handle(db, self.handle)
            return found.state, found.state_reason


def attendee(number: int) -> dict[str, Any]:
    """Somebody in a chat, as Unipile shows them."""
    return {
        "attendee_id": f"att-{number}",
        "attendee_name": f"Lea {number}",
        "attendee_provider_id": profile_id(number),
        "attendee_profile_url": f"https://www.linkedin.com/in/lea-{number}",
    }


async def a_desk(app: App, handle: str = "ada", name: str = "unipile-ada") -> Desk:
    """A desk of an account that is there."""
    desk = Desk(app, handle, name)
    await desk.connect()
    return desk
