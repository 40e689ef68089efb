"""How far Unipile's store has come: what is missing in it was never there only if it is past that time."""

from collections.abc import Set
from datetime import datetime
from typing import Final

from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.thread import is_theirs

CLASSIC: Final = "INBOX_LINKEDIN_CLASSIC"
SALES_NAVIGATOR: Final = "INBOX_LINKEDIN_SALES_NAVIGATOR"
RECRUITER: Final = "INBOX_LINKEDIN_RECRUITER"
NEWS_AT_MOST: Final = 50  # the newest messages of the account that are looked at


async def has_come_past(desk: Desk, moment: datetime, inboxes: Set[str]) -> bool:
    """Whether each of these inboxes shows what somebody else wrote after an instant.

    Nothing less proves it: an account that runs may be behind all the same, and what we send ourselves
    Unipile may have noted down without having read anything from LinkedIn.
    """
    which = api.MessageFilter(account_id=desk.account, after=moment)
    news = await desk.client.messages.list(which, limit=NEWS_AT_MOST)
    chats = {
        message.chat_id
        for message in news.items
        if message.chat_id and message.timestamp is not None and message.timestamp > moment
        if is_theirs(message, desk.owner.profile_id)
    }
    missing = set(inboxes)
    for chat_id in sorted(chats):
        missing -= inboxes_of(await desk.client.chats.get(chat_id))
        if not missing:
            break
    desk.trace.step("store", news=len(chats), not_shown=sorted(missing))
    return not missing


def inboxes_of(chat: api.Chat) -> Set[str]:
    """The inboxes a chat is in; where that is not told, it is the ordinary one."""
    return frozenset((CLASSIC,) if chat.folder is None else chat.folder)
