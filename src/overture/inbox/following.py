"""Following the log: what finished runs show of conversations, and whose they are once that is known."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account
from overture.core.ids import public_id, read_public_id
from overture.db import Choice, Entered, read_events
from overture.inbox import deliveries
from overture.inbox.incoming import ThreadTold
from overture.inbox.keeping import Said, Thread, keep, read_up_to
from overture.inbox.kit import CONSUMER, InboxKit
from overture.inbox.own import FROM_INBOX, By
from overture.inbox.spelling import message_key, storable, thread_key
from overture.inbox.spoiling import SPOILING, is_passing
from overture.inbox.telling import tell_all
from overture.inbox.whose import as_keys, whose
from overture.people import Key, NewLead, keys_in
from overture.touchpoints import InboxConversation, InboxMessage, InboxRead, InMailSent, MessageSent

log = structlog.get_logger()

CHOICE: Final = Choice(("run.completed", "run.resolved", "run.retold", "lead.merged", "lead.merge_undone"))
MOST: Final = 100
READ_BY: Final = "sync"
SENT_BY: Final = "run"
SENT: Final[Mapping[str, tuple[type[MessageSent] | type[InMailSent], str]]] = {
    "message": (MessageSent, "message"),
    "inmail": (InMailSent, "body"),
}
"""What runs write into threads: the shape of what they bring, and under which name they have the text."""


async def follow(kit: InboxKit, now: datetime) -> bool:
    """Take in the next events of the log; whether that was all for now.

    One whose run cannot be understood is passed over: the others do not wait for it.
    """
    try:
        return await followed(kit, now, MOST)
    except SPOILING as error:
        if is_passing(error):
            raise
        log.warning("inbox.events_spoiled", error=type(error).__name__)
    return await followed_alone(kit, now)


async def followed_alone(kit: InboxKit, now: datetime) -> bool:
    """The same one event at a time; one that cannot be taken in is passed over."""
    is_all = False
    for _ in range(MOST):
        met: list[Entered] = []
        try:
            is_all = await followed(kit, now, 1, met)
        except SPOILING as error:
            if is_passing(error) or not met:
                raise
            log.exception("inbox.event_cannot_be_applied", type=met[0].type, event_id=met[0].id)
            async with kit.sessions() as db:
                if (await read_events(db, CONSUMER, CHOICE, 1)).entered == met:
                    await db.commit()
        if is_all:
            break
    return is_all


async def followed(kit: InboxKit, now: datetime, most: int, met: list[Entered] | None = None) -> bool:
    """The transaction."""
    async with kit.sessions.begin() as db:
        news = await read_events(db, CONSUMER, CHOICE, most)
        if met is not None:
            met += news.entered
        if news.entered:
            kit.on_step("inbox.read")
            await take_in(kit, db, news.entered, now)
            kit.on_step("inbox.followed")
        return news.is_all


async def take_in(kit: InboxKit, db: AsyncSession, entered: Sequence[Entered], now: datetime) -> None:
    """Keep what runs read and sent, and have conversations follow leads that became one."""
    run_ids = {
        one.about.run_id for one in entered if one.type.startswith("run.") and one.about.run_id is not None
    }
    rows = await db.scalars(select(runs.Run).where(runs.Run.id.in_(run_ids)).order_by(runs.Run.id))
    ended = [one for one in rows if one.status == "completed" and not one.dry_run]
    of = await accounts.by_ids(db, {one.account_id for one in ended})
    said = [message for run in ended for message in said_in(run, of[run.account_id])]
    await keep(db, kit.ids, now, said)
    await read_up_to(db, {place: at for run in ended for place, at in read_in(run)})
    for one in entered:
        if one.type.startswith("lead."):
            await repoint(db, one)


def said_in(run: runs.Run, account: Account) -> list[Said]:
    """The messages a run read, or the one it sent."""
    try:
        if run.touchpoint_type == "sync_inbox":
            read = InboxRead.model_validate(run.result)
            return [
                said_of(account, thread, one, run) for thread in read.conversations for one in thread.messages
            ]
        if run.touchpoint_type in SENT:
            return sent_by(run, account)
    except ValidationError:
        log.exception("inbox.reading_not_understood", run_id=public_id("run", run.id))
    return []


def said_of(account: Account, thread: InboxConversation, one: InboxMessage, run: runs.Run) -> Said:
    """A message as it was read in the account's inbox."""
    at = one.delivered_at or thread.last_activity_at or run.completed_at or run.created_at
    return Said(
        account_id=account.id,
        channel=account.channel,
        thread=thread_of(thread),
        message_key=message_key(one.message_urn),
        direction="own" if one.is_own else "theirs",
        text=storable(one.text),
        at=at,
        seen_by=READ_BY,
        token=one.origin_token,
    )


def thread_of(thread: InboxConversation) -> ThreadTold:
    """A thread as it was read; of a group nobody in particular is the other one."""
    ids = [] if thread.is_group else thread.participant_profile_ids
    keys = [key for one in ids for key in keys_in(NewLead(linkedin_profile_id=one))]
    return ThreadTold(
        thread_key=thread_key(thread.conversation_urn),
        service_thread_id=None,
        is_group=thread.is_group,
        keys=tuple(dict.fromkeys(keys)),
        name=storable(", ".join(thread.participant_names)) or None,
    )


def sent_by(run: runs.Run, account: Account) -> list[Said]:
    """The message a run sent, as it was read back; without its place there is nothing to keep yet."""
    shape, name = SENT[run.touchpoint_type]
    if (run.result or {}).get("message_urn") is None:
        return []  # a person said that it was delivered
    sent = shape.model_validate(run.result)
    if not sent.message_urn or sent.conversation_urn is None:
        return []
    named = NewLead(linkedin_profile_id=sent.profile_id, linkedin_slug=sent.public_identifier)
    keys: tuple[Key, ...] = tuple(keys_in(named))
    return [
        Said(
            account_id=account.id,
            channel=account.channel,
            thread=ThreadTold(thread_key(sent.conversation_urn), None, is_group=False, keys=keys, name=None),
            message_key=message_key(sent.message_urn),
            direction="own",
            text=storable(str(run.touchpoint_input.get(name) or "")),
            at=sent.delivered_at or run.completed_at or run.created_at,
            seen_by=SENT_BY,
            subject=subject_of(run),
            by=By("inbox" if FROM_INBOX in run.tags else "run", run.id),
        )
    ]


def subject_of(run: runs.Run) -> str | None:
    """The subject a run gave, if it gave one."""
    subject = run.touchpoint_input.get("subject")
    return storable(str(subject)) if subject else None


def read_in(run: runs.Run) -> Iterable[tuple[Thread, datetime]]:
    """Up to when threads are read, as the service itself counts; what it does not count says nothing."""
    if run.touchpoint_type != "sync_inbox":
        return
    try:
        read = InboxRead.model_validate(run.result)
    except ValidationError:
        return
    for thread in read.conversations:
        theirs = sorted(one.delivered_at for one in thread.messages if not one.is_own and one.delivered_at)
        if thread.unread_count is not None and len(theirs) > thread.unread_count:
            place = (run.account_id, thread_key(thread.conversation_urn))
            yield place, theirs[len(theirs) - 1 - thread.unread_count]


REPOINT: Final = text("update conversations set lead_id = :kept where lead_id = :merged")
PART: Final = text("update conversations set lead_id = null where lead_id = :kept")


async def repoint(db: AsyncSession, event: Entered) -> None:
    """Two leads are one person, so their conversations are too; when that was wrong, they are found anew."""
    kept, merged = (read_public_id("lead", str(event.data.get(key))) for key in ("kept_id", "merged_id"))
    if kept is None or merged is None:
        return
    if event.type == "lead.merged":
        await db.execute(REPOINT, {"kept": kept, "merged": merged})
    else:
        await db.execute(PART, {"kept": kept})


NOBODYS: Final = text("""
select c.conversation_id, c.counterpart_keys from conversations c
where c.lead_id is null and not c.is_group and exists (
    select from unnest(c.counterpart_keys) as key
    join identities i on i.kind = split_part(key, ':', 1) and i.value = substr(key, strpos(key, ':') + 1))
order by c.account_id, c.thread_key limit :most for update of c skip locked
""")
ASSIGN: Final = text("update conversations set lead_id = :lead where conversation_id = :id")


async def recognise(kit: InboxKit, now: datetime, most: int = 500) -> int:
    """Find whose conversations and deliveries are that were nobody's; how many.

    People become leads, and leads become known by further keys, after they have written.
    """
    async with kit.sessions.begin() as db:
        woken = await deliveries.wake(db, now)
        rows = (await db.execute(NOBODYS, {"most": most})).all()
        of: dict[UUID, tuple[Key, ...]] = {row[0]: surest_first(as_keys(row[1])) for row in rows}
        found = await whose(db, set(of.values()))
        theirs = {one: found[keys] for one, keys in of.items() if keys in found}
        for conversation_id, lead_id in theirs.items():
            await db.execute(ASSIGN, {"id": conversation_id, "lead": lead_id})
        await tell_all(db, kit.ids, now, list(theirs))
    return woken + len(theirs)


def surest_first(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """Ids before names."""
    return tuple(sorted(keys, key=lambda key: (key.kind == "linkedin", key)))


async def tidy(kit: InboxKit, now: datetime) -> None:
    """Remove deliveries whose time is over."""
    async with kit.sessions.begin() as db:
        await deliveries.tidy(db, now - kit.keep_for)
