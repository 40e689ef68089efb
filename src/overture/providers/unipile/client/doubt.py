"""Looking whether a write in doubt was performed, instead of writing again."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from overture.providers.unipile.client.errors import NotFound
from overture.providers.unipile.client.models.messaging import Message
from overture.providers.unipile.client.models.people import Invitation, UserProfile
from overture.providers.unipile.client.models.posts import Comment
from overture.providers.unipile.client.pages import Bounds
from overture.providers.unipile.client.resources.chats import Chats
from overture.providers.unipile.client.resources.invitations import Invitations
from overture.providers.unipile.client.resources.messages import MessageFilter, Messages
from overture.providers.unipile.client.resources.posts import Posts
from overture.providers.unipile.client.resources.users import Users

CLOCKS_APART: Final = timedelta(minutes=2)  # ours and theirs
SENT_AT_MOST: Final = 3000  # more than LinkedIn lets anybody have pending
CHATS_AT_MOST: Final = 50  # with one person


class Standing(StrEnum):
    """How a person stands to the account, as far as an invitation is concerned."""

    PENDING = "pending"
    CONNECTED = "connected"
    NONE = "none"  # the list is complete and the profile says so too
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Invited:
    """Whether somebody was invited, and what shows it."""

    standing: Standing
    invitation: Invitation | None = None
    profile: UserProfile | None = None


@dataclass(frozen=True)
class Sought:
    """The message looked for: its text, since when, and in which chat or with whom."""

    text: str
    since: datetime
    chat_id: str | None = None
    attendee_id: str | None = None
    known_ids: Collection[str] = ()  # messages that were there before: never the one


async def was_invited(invitations: Invitations, users: Users, account_id: str, provider_id: str) -> Invited:
    """How this person stands to the account now: by the pending invitations, then by their profile."""
    pending: dict[str | None, Invitation] = {}
    walk = invitations.iter_sent(account_id, Bounds(max_items=SENT_AT_MOST))
    async for invitation in walk:
        if invitation.invited_user_id == provider_id:
            return Invited(Standing.PENDING, invitation)
        pending[invitation.invited_user_id] = invitation
    profile = await users.get(account_id, provider_id)
    if profile.is_connected:
        return Invited(Standing.CONNECTED, profile=profile)
    listed = pending.get(profile.provider_id)  # asked for by the id of another LinkedIn product
    if listed or profile.is_invited:
        return Invited(Standing.PENDING, listed, profile)
    sure = walk.is_complete and profile.is_connected is False
    return Invited(Standing.NONE if sure else Standing.UNKNOWN, profile=profile)


async def find_sent_message(
    chats: Chats, messages: Messages, account_id: str, sought: Sought
) -> Message | None:
    """Our own message with this text; None proves nothing until Unipile's store has caught up (a minute)."""
    after = sought.since - CLOCKS_APART
    wanted = without_blanks(sought.text)
    for chat_id in await _chats_of(chats, account_id, sought):
        async for message in messages.iter(MessageFilter(chat_id=chat_id, after=after)):
            is_ours = message.is_sender and not message.deleted and message.id not in sought.known_ids
            if is_ours and without_blanks(message.text or "") == wanted:
                return message
    return None


async def has_reacted(
    posts: Posts, users: Users, account_id: str, post: str, comment_id: str | None
) -> str | None:
    """The account's reaction on a post or comment, in the words of reading (`PRAISE`), or None."""
    seen = await posts.get(account_id, post)
    if comment_id is None:
        return seen.user_reacted
    me = (await users.me(account_id)).provider_id
    async for reaction in posts.iter_reactions(account_id, seen.social_id or post, comment_id=comment_id):
        if reaction.author and reaction.author.id == me:
            return reaction.value
    return None


async def find_comment(
    posts: Posts, users: Users, account_id: str, social_id: str, sought: "SoughtComment"
) -> Comment | None:
    """Our own comment with this text, or None."""
    me = await users.me(account_id)
    wanted = without_blanks(sought.text)
    async for comment in posts.iter_comments(account_id, social_id, comment_id=sought.comment_id):
        who = comment.author_details
        is_ours = who is not None and who.id == me.provider_id
        if is_ours and comment.id not in sought.known_ids and without_blanks(comment.text or "") == wanted:
            return comment
    return None


@dataclass(frozen=True)
class SoughtComment:
    """The comment looked for: its text, and the comment it replies to."""

    text: str
    comment_id: str | None = None
    known_ids: Collection[str] = ()  # comments that were there before: never the one


def without_blanks(text: str) -> str:
    """A text by which two are the same whatever happened to their blanks and line ends on the way."""
    return "".join(unicodedata.normalize("NFC", text).split())


async def _chats_of(chats: Chats, account_id: str, sought: Sought) -> list[str]:
    if sought.chat_id is not None:
        return [sought.chat_id]
    if sought.attendee_id is None:
        raise ValueError("a message is looked for in a chat or with a person")
    walk = chats.iter_with(account_id, sought.attendee_id, Bounds(max_items=CHATS_AT_MOST))
    try:
        return [chat.id async for chat in walk if not chat.is_group]  # an InMail may have one of its own
    except NotFound:
        return []
