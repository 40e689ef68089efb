"""Catching up: what was said while nobody told us of it, read from the store of the service and applied once.

Deliveries are lost when we are down, when a webhook is wrong, or when the service gives up repeating them. So
per account it is kept up to when everything surely was received, and what the service has stored since is
taken in by the same way as deliveries: what they had told of already changes nothing.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from overture.accounts import Account
from overture.inbox import marks
from overture.inbox.applying import Heard, take_marks, take_said
from overture.inbox.kit import InboxKit
from overture.inbox.stored import Leaf, MessageStore

FIRST: Final = timedelta(days=30)
"""How far back the first walk goes."""
LAG: Final = timedelta(minutes=5)
"""How far behind the channel the service's store may be: the mark stays that much before the walk."""
SEEN_BY: Final = "catch_up"


@dataclass
class CaughtUp:
    """What a walk brought."""

    since: datetime
    read: int = 0
    """Messages the service has since then."""
    new: int = 0
    """Of them those nobody had told us of: what deliveries should have brought and did not."""
    unclear: int = 0
    """Those that cannot be placed: the service does not say whose they are."""
    is_connected: bool = True
    """Whether the service was connected; if not, what it has may not be all."""

    def shown(self) -> dict[str, object]:
        """As it is kept in a job's result."""
        return {**asdict(self), "since": self.since.isoformat()}


async def catch_up(
    kit: InboxKit,
    account: Account,
    store: MessageStore,
    now: datetime,
    *,
    since: datetime | None = None,
    overlap: timedelta = timedelta(),
) -> CaughtUp:
    """Read what was said since the account's mark (or since then), and move the mark; raises `StoreAway`.

    Each page is a transaction of its own. The mark only moves when the walk came to its end, began no later
    than the mark, and the service was connected.
    """
    async with kit.sessions() as db:
        mark = (await marks.marks_of(db, [account.id])).get(account.id)
    received = mark.received_until if mark is not None else None
    after = since if since is not None else (received or now - FIRST) - overlap
    found = CaughtUp(after, is_connected=await store.is_well())
    async for leaf in store.since(after):
        found.new += await take_in(kit, account, leaf, now)
        found.read += len(leaf.said)
        found.unclear += leaf.unclear
    leaves_no_gap = after <= (received or now - FIRST)
    until = now - LAG if found.is_connected and leaves_no_gap else None
    async with kit.sessions.begin() as db:
        await marks.walked(db, marks.Walked(account.id, now, until))
    return found


async def take_in(kit: InboxKit, account: Account, leaf: Leaf, now: datetime) -> int:
    """Apply one page; how many of its messages were new."""
    if not leaf.said:
        return 0
    async with kit.sessions.begin() as db:
        kept = await take_said(kit, db, [Heard(account, one, now) for one in leaf.said], SEEN_BY, now)
        texts = await marks.known_texts(db, account, {one.message_key for one in leaf.marks})
        news = [
            Heard(account, one, now)
            for one in leaf.marks
            if one.event != "edited" or texts.get(one.message_key) != one.text
        ]
        await take_marks(kit, db, news, now)
    return kept.new
