"""Keeping what was said: conversations and messages, each once, whoever tells of them and in what order."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import Ids
from overture.inbox import own
from overture.inbox.incoming import Direction, ThreadTold
from overture.inbox.meaning import KIND_OF, Kind, meaning_of
from overture.inbox.own import By, Written
from overture.inbox.rounds import rounds
from overture.inbox.telling import Tell, tell, tell_all
from overture.inbox.whose import Keys, as_texts, whose

Thread = tuple[UUID, str]
"""An account and one of its threads."""

LONGEST_SHOWN: Final = 200
"""How much of its last message a conversation shows in a list."""


@dataclass(frozen=True)
class Said:
    """One message, wherever it was read."""

    account_id: UUID
    channel: str
    thread: ThreadTold
    message_key: str
    direction: Direction
    text: str
    at: datetime
    seen_by: str
    service_message_id: str | None = None
    subject: str | None = None
    is_note: bool = False
    token: str | None = None
    attachments: tuple[Mapping[str, object], ...] = ()
    by: By | None = None
    """Who wrote it, where that is known; else it is found out."""

    @property
    def where(self) -> Thread:
        """Its thread."""
        return self.account_id, self.thread.thread_key

    @property
    def kind(self) -> Kind:
        """What it is: a note, a word of ours, or what an answer means."""
        return kind_of(self.direction, self.text, is_note=self.is_note)

    @property
    def written(self) -> Written:
        """The same, for who finds out which run wrote it."""
        return Written(self.account_id, self.thread.keys, self.message_key, self.text, self.token)


def kind_of(direction: str, said: str, *, is_note: bool) -> Kind:
    """What a message is."""
    if direction == "own":
        return "note" if is_note else "own"
    return KIND_OF[meaning_of(said)]


@dataclass(frozen=True)
class Kept:
    """The conversations that were touched, and how much in them was new."""

    conversations: frozenset[UUID] = frozenset()
    found: Mapping[Keys, UUID] | None = None
    """Whose the keys of this batch are."""
    new: int = 0
    """Messages nobody had told of before."""


async def keep(db: AsyncSession, ids: Ids, now: datetime, said: Sequence[Said]) -> Kept:
    """Keep messages with their conversations, and tell of what is new; what is known changes nothing."""
    if not said:
        return Kept()
    found = await whose(db, {one.thread.keys for one in said})
    said = await with_writers(db, said, found)
    nobodys = await nobodys_among(db, said)
    conversations = await keep_conversations(db, ids, now, said, found)
    woken: set[UUID] = set()
    count = 0
    for batch in rounds(said, lambda one: (one.account_id, one.message_key)):
        rows = [row_of(ids, one, conversations[one.where]) for one in batch]
        kept = (await db.execute(KEEP, {"rows": json.dumps(rows, default=as_text), "now": now})).all()
        new = [row for row in kept if row.is_new]
        count += len(new)
        woken |= {row.conversation_id for row in new if row.direction == "theirs"}
    touched = frozenset(conversations.values())
    await refresh(db, touched, woken)
    await tell(db, ids, now, [Tell(one.account_id, one.message_key, one.kind) for one in said])
    await tell_all(db, ids, now, nobodys)  # those that are somebody's by now
    return Kept(touched, found, count)


async def with_writers(db: AsyncSession, said: Sequence[Said], found: Mapping[Keys, UUID]) -> Sequence[Said]:
    """The same messages, each with who wrote it; that one is a note may be known by its run alone."""
    asked = [one for one in said if one.direction == "own" and one.by is None]
    wrote = iter(await own.written_by(db, [one.written for one in asked], found))
    return [one if one.by is not None else with_writer(one, wrote) for one in said]


def with_writer(one: Said, wrote: Iterator[By]) -> Said:
    """The message with who wrote it: they, or the next of those found out."""
    by = next(wrote) if one.direction == "own" else own.BY_THEM
    return replace(one, by=by, is_note=one.is_note or by.is_note)


NOBODYS: Final = text("""
select c.conversation_id
from unnest(cast(:accounts as uuid[]), cast(:threads as text[])) as of(account, thread)
join conversations c on c.account_id = of.account and c.thread_key = of.thread
where c.lead_id is null order by c.account_id, c.thread_key for update of c
""")


async def nobodys_among(db: AsyncSession, said: Sequence[Said]) -> Sequence[UUID]:
    """The conversations among these that were nobody's so far; locked."""
    places = sorted({one.where for one in said})
    asked = {"accounts": [one for one, _ in places], "threads": [thread for _, thread in places]}
    return (await db.scalars(NOBODYS, asked)).all()


KEEP_CONVERSATIONS: Final = text("""
insert into conversations as known (conversation_id, account_id, channel, lead_id, thread_key,
    service_thread_id, counterpart_keys, counterpart_name, is_group, subject, last_message_at,
    last_direction, created_at)
select conversation_id, account_id, channel, lead_id, thread_key, service_thread_id, counterpart_keys,
    counterpart_name, is_group, subject, last_message_at, last_direction, :now
from jsonb_to_recordset(cast(:rows as jsonb)) as told(conversation_id uuid, account_id uuid, channel text,
    lead_id uuid, thread_key text, service_thread_id text, counterpart_keys text[], counterpart_name text,
    is_group boolean, subject text, last_message_at timestamptz, last_direction text)
order by account_id, thread_key
on conflict (account_id, thread_key) do update set
    lead_id = coalesce(known.lead_id, excluded.lead_id),
    service_thread_id = coalesce(known.service_thread_id, excluded.service_thread_id),
    counterpart_keys = array(select distinct key
        from unnest(known.counterpart_keys || excluded.counterpart_keys) as key order by key),
    counterpart_name = case when excluded.last_message_at >= known.last_message_at
        then coalesce(excluded.counterpart_name, known.counterpart_name)
        else coalesce(known.counterpart_name, excluded.counterpart_name) end,
    is_group = known.is_group or excluded.is_group,
    subject = coalesce(known.subject, excluded.subject)
returning conversation_id, account_id, thread_key
""")


async def keep_conversations(
    db: AsyncSession, ids: Ids, now: datetime, said: Sequence[Said], found: Mapping[Keys, UUID]
) -> dict[Thread, UUID]:
    """The conversations these messages stand in, made where there is none; locked."""
    by_thread: dict[Thread, list[Said]] = {}
    for one in said:
        by_thread.setdefault(one.where, []).append(one)
    rows = [conversation_row(ids, several, found) for several in by_thread.values()]
    kept = await db.execute(KEEP_CONVERSATIONS, {"rows": json.dumps(rows, default=as_text), "now": now})
    return {(row.account_id, row.thread_key): row.conversation_id for row in kept}


def conversation_row(ids: Ids, said: Sequence[Said], found: Mapping[Keys, UUID]) -> dict[str, object]:
    """What these messages of one thread say of it."""
    newest = max(said, key=lambda one: (one.at, one.message_key))
    by_time = sorted(said, key=lambda one: one.at, reverse=True)
    keys = {key for one in said for key in one.thread.keys}
    leads = (found.get(one.thread.keys) for one in by_time if not one.thread.is_group)
    return {
        "conversation_id": ids.new(),
        "account_id": newest.account_id,
        "channel": newest.channel,
        "lead_id": next((one for one in leads if one is not None), None),
        "thread_key": newest.thread.thread_key,
        "service_thread_id": first(one.thread.service_thread_id for one in by_time),
        "counterpart_keys": as_texts(keys),
        "counterpart_name": first(one.thread.name for one in by_time),
        "is_group": any(one.thread.is_group for one in said),
        "subject": first(one.subject for one in by_time),
        "last_message_at": newest.at,
        "last_direction": newest.direction,
    }


def first(texts: Iterable[str | None]) -> str | None:
    """The first there is."""
    return next((one for one in texts if one), None)


KEEP: Final = text("""
insert into inbox_messages as known (message_id, conversation_id, account_id, message_key,
    service_message_id, direction, by, run_id, kind, subject, text, at, attachments, seen_by, created_at)
select message_id, conversation_id, account_id, message_key, service_message_id, direction, by, run_id, kind,
    subject, text, at, attachments, seen_by, :now
from jsonb_to_recordset(cast(:rows as jsonb)) as said(message_id uuid, conversation_id uuid, account_id uuid,
    message_key text, service_message_id text, direction text, by text, run_id uuid, kind text, subject text,
    text text, at timestamptz, attachments jsonb, seen_by text)
order by account_id, message_key
on conflict (account_id, message_key) do update set
    service_message_id = coalesce(known.service_message_id, excluded.service_message_id),
    subject = coalesce(known.subject, excluded.subject),
    by = case when excluded.run_id is not null and known.direction = 'own' then excluded.by else known.by end,
    run_id = coalesce(known.run_id, excluded.run_id),
    kind = case when excluded.kind = 'note' and known.kind = 'own' then 'note' else known.kind end,
    attachments = case when known.attachments = '[]' then excluded.attachments else known.attachments end,
    at = least(known.at, excluded.at)
where (known.service_message_id is null and excluded.service_message_id is not null)
    or (known.subject is null and excluded.subject is not null)
    or (known.run_id is null and excluded.run_id is not null)
    or (known.kind = 'own' and excluded.kind = 'note')
    or (known.attachments = '[]' and excluded.attachments <> '[]')
    or excluded.at < known.at
returning conversation_id, direction, xmax = 0 as is_new
""")


def row_of(ids: Ids, one: Said, conversation_id: UUID) -> dict[str, object]:
    """A message as it is kept."""
    assert one.by is not None
    return {
        "message_id": ids.new(),
        "conversation_id": conversation_id,
        "account_id": one.account_id,
        "message_key": one.message_key,
        "service_message_id": one.service_message_id,
        "direction": one.direction,
        "by": one.by.writer,
        "run_id": one.by.run_id,
        "kind": one.kind,
        "subject": one.subject,
        "text": one.text,
        "at": one.at,
        "attachments": list(one.attachments),
        "seen_by": one.seen_by,
    }


# Locked in one order first: two who refresh the same conversations must not wait for each other.
LOCK: Final = text("""
select conversation_id from conversations where conversation_id = any(:ids)
order by account_id, thread_key for update
""")
REFRESH: Final = text("""
update conversations c set
    last_message_at = last.at, last_direction = last.direction, last_text = last.shown,
    read_until = fresh.read_until, unread_count = fresh.unread,
    snoozed_until = case when c.conversation_id = any(:woken) then null else c.snoozed_until end
from unnest(cast(:ids as uuid[])) as touched(id)
cross join lateral (
    select m.at, m.direction, case when m.deleted_at is null then left(m.text, :longest) end as shown
    from inbox_messages m where m.conversation_id = touched.id
    order by m.at desc, m.message_key desc limit 1
) last
cross join lateral (
    select greatest(was.read_until, max(m.at) filter (where m.by in ('inbox', 'hand'))) as read_until
    from conversations was left join inbox_messages m on m.conversation_id = was.conversation_id
    where was.conversation_id = touched.id group by was.read_until
) up
cross join lateral (
    select up.read_until, count(*) as unread from inbox_messages m
    where m.conversation_id = touched.id and m.direction = 'theirs' and m.deleted_at is null
      and (up.read_until is null or m.at > up.read_until)
) fresh
where c.conversation_id = touched.id
""")


async def refresh(db: AsyncSession, conversation_ids: Collection[UUID], woken: Collection[UUID] = ()) -> None:
    """Bring what a list shows of conversations up to date with their messages."""
    if not conversation_ids:
        return
    asked = sorted(conversation_ids)
    await db.execute(LOCK, {"ids": asked})
    await db.execute(REFRESH, {"ids": asked, "woken": sorted(woken), "longest": LONGEST_SHOWN})


def as_text(value: object) -> str:
    """An instant or an id in JSON."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


READ_UP_TO: Final = text("""
update conversations c set read_until = greatest(c.read_until, told.at)
from jsonb_to_recordset(cast(:rows as jsonb)) as told(account_id uuid, thread_key text, at timestamptz)
where c.account_id = told.account_id and c.thread_key = told.thread_key
returning c.conversation_id
""")


async def read_up_to(db: AsyncSession, read: Mapping[Thread, datetime]) -> None:
    """Where the service says that these threads were read up to some message, they are."""
    if not read:
        return
    rows = [
        {"account_id": account_id, "thread_key": key, "at": at}
        for (account_id, key), at in sorted(read.items())
    ]
    moved = await db.scalars(READ_UP_TO, {"rows": json.dumps(rows, default=as_text)})
    await refresh(db, moved.all())


MARK: Final = text("""
update inbox_messages m set
    text = case when said.is_newer then said.text else m.text end,
    kind = case when said.is_newer and m.direction = 'theirs' then said.kind else m.kind end,
    edited_at = case when said.is_newer then said.mark_at else m.edited_at end,
    deleted_at = case when said.event = 'deleted' then least(m.deleted_at, said.mark_at)
        else m.deleted_at end,
    seen_at = case when said.event = 'read' then least(m.seen_at, said.mark_at) else m.seen_at end,
    reactions = case when said.reaction is null then m.reactions else
        array(select distinct one from unnest(m.reactions || said.reaction) as one order by one) end
from (
    select told.*, known.message_id, t.mark_at,
        told.event = 'edited' and (known.edited_at is null or t.mark_at > known.edited_at
            or (t.mark_at = known.edited_at and told.text > known.text collate "C")) as is_newer
    from jsonb_to_recordset(cast(:rows as jsonb)) as told(account_id uuid, message_key text, event text,
        text text, kind text, reaction text, at timestamptz, told_at timestamptz)
    join inbox_messages known on known.account_id = told.account_id and known.message_key = told.message_key
    cross join lateral (
        select case when told.at > known.at then told.at else told.told_at end as mark_at
    ) t
    order by known.account_id, known.message_key for update of known
) said
where m.message_id = said.message_id
returning m.account_id, m.message_key, m.conversation_id, m.direction
""")


async def mark(db: AsyncSession, rows: Sequence[Mapping[str, object]]) -> Sequence[Row[tuple[object, ...]]]:
    """Take down what happened to messages that are kept; those that were found."""
    return (await db.execute(MARK, {"rows": json.dumps(list(map(dict, rows)), default=as_text)})).all()
