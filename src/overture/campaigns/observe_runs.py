"""What finished runs show of people: invitations that went out, connections, answers, messages by hand."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people, runs
from overture.campaigns import observe, syncs
from overture.campaigns.observe import Sight
from overture.campaigns.observe_words import meaning_of
from overture.campaigns.tables import Touch
from overture.core.ids import Ids, public_id
from overture.people import Key, Seen
from overture.touchpoints import (
    ConnectionState,
    Enriched,
    InboxConversation,
    InboxMessage,
    InboxRead,
    RelationsRead,
)

AWAY_FOR: Final = timedelta(days=7)
"""How long somebody is taken to be away who does not say until when."""
STATES: Final = {"connected": "connected", "pending": "invited", "incoming": "incoming", "none": "none"}
STATE_OF_CODE: Final = {
    "already_connected": "connected",
    "already_pending": "invited",
    "incoming_request": "incoming",
    "not_connected": "none",
}
"""What a failure says of the relationship."""
READ_BY: Final = frozenset({"sync_relations", "sync_inbox", "check_connection"})
SOURCES: Final = READ_BY | {"connect", "withdraw_invite", "message", "inmail"}


async def of_run(db: AsyncSession, ids: Ids, run: runs.Run, touch: Touch | None, now: datetime) -> None:
    """Take down what one finished run shows."""
    at = run.completed_at or now
    if run.touchpoint_type in ("sync_relations", "sync_inbox"):
        await syncs.finished(db, run)
    if run.status == "completed" and not run.dry_run:
        match run.touchpoint_type:
            case "sync_relations":
                await of_relations(db, ids, run, now)
            case "sync_inbox":
                await of_inbox(db, ids, run, now)
            case "check_connection":
                await of_check(db, ids, run, now)
    if touch is not None:
        await of_touch(db, ids, run, touch, at, now)


async def of_touch(
    db: AsyncSession, ids: Ids, run: runs.Run, touch: Touch, at: datetime, now: datetime
) -> None:
    """What the act of a campaign shows: of the relationship, or that they wrote first."""
    state = STATE_OF_CODE.get(run.error_code or "")
    if run.status == "completed" and run.touchpoint_type == "connect":
        state = STATES.get(str((run.result or {}).get("state", "pending")), "invited")
    if run.status == "completed" and run.touchpoint_type == "withdraw_invite":
        state = "withdrawn"
    source = public_id("run", run.id)
    if run.status == "completed":
        await learn(db, ids, touch.lead_id, run, now)
    if state is not None:
        seen = Seen(state, run.intended_at or at, f"run:{source}")  # type: ignore[arg-type]  # the words of STATES
        await people.observe(db, run.account_id, touch.lead_id, seen, now)
    sight = Sight(touch.lead_id, at, f"run:{source}", run.account_id, touch.channel)
    if run.error_code == "replied_already":
        await observe.replied(db, ids, sight, now)
    if run.error_code == "operator_wrote":
        await observe.manual_contact(db, ids, sight, now)


async def learn(db: AsyncSession, ids: Ids, lead_id: UUID, run: runs.Run, now: datetime) -> None:
    """Keep the stable id a run met: a slug may change hands, and the inbox knows people by their id."""
    profile_id = (run.result or {}).get("profile_id")
    if run.touchpoint_type == "enrich" and run.result is not None:
        await people.enriched(db, ids, now, await people.by_id(db, lead_id), reading_of(run))
        return
    if not isinstance(profile_id, str) or run.target is None:
        return
    known = set((await people.keys_of(db, [lead_id]))[lead_id])
    if Key("linkedin_profile_id", profile_id) in known or Key("linkedin", run.target) not in known:
        return
    new = people.NewLead(linkedin_slug=run.target, linkedin_profile_id=profile_id)
    await people.take_in(db, ids, now, new, f"run:{public_id('run', run.id)}", people.Mode("update_only"))


def reading_of(run: runs.Run) -> people.Reading:
    """The profile a run read."""
    read = Enriched.model_validate(run.result)
    return people.Reading(cast(dict[str, object], (run.result or {})["profile"]), read.profile, run)


def keys_of_member(profile_id: str | None, slug: str | None, member_id: int | None = None) -> list[Key]:
    """The keys a member is seen under."""
    found = [Key("linkedin_profile_id", profile_id)] if profile_id else []
    found += [Key("linkedin", slug.lower())] if slug else []
    return found + ([Key("linkedin_member_id", str(member_id))] if member_id else [])


async def of_relations(db: AsyncSession, ids: Ids, run: runs.Run, now: datetime) -> None:
    """Connections that were read: whoever of our leads is among them is connected, by any key (zoo M16)."""
    read = RelationsRead.model_validate(run.result)
    by_key = {
        key: relation
        for relation in read.relations
        for key in keys_of_member(relation.profile_id, relation.public_identifier, relation.member_id)
    }
    owners = await people.owners(db, list(by_key))
    source = f"run:{public_id('run', run.id)}"
    for key, lead_id in sorted(owners.items(), key=lambda one: (one[1], one[0])):
        relation = by_key[key]
        seen = Seen("connected", run.started_at or now, source, since=relation.connected_at)
        await people.observe(db, run.account_id, lead_id, seen, now)
        stable = Key("linkedin_profile_id", relation.profile_id)
        if key.kind == "linkedin" and stable not in owners:
            new = people.NewLead(linkedin_slug=key.value, linkedin_profile_id=relation.profile_id)
            await people.take_in(db, ids, now, new, source, people.Mode("update_only"))


async def of_check(db: AsyncSession, ids: Ids, run: runs.Run, now: datetime) -> None:
    """How the service said the account stands with one member."""
    read = ConnectionState.model_validate(run.result)
    state = STATES.get(read.state)
    keys = keys_of_member(read.profile_id, read.public_identifier, read.member_id)
    keys += keys_of_member(None, run.target) if run.target else []
    if state is None:
        return
    seen = Seen(state, run.started_at or now, f"run:{public_id('run', run.id)}", since=read.connected_at)  # type: ignore[arg-type]  # the words of STATES
    for lead_id in sorted(set((await people.owners(db, keys)).values())):
        await people.observe(db, run.account_id, lead_id, seen, now)
        await learn(db, ids, lead_id, run, now)


async def of_inbox(db: AsyncSession, ids: Ids, run: runs.Run, now: datetime) -> None:
    """Threads that were read: every message in them counts, not the last alone (bug zoo M21)."""
    read = InboxRead.model_validate(run.result)
    threads = [one for one in read.conversations if not one.is_group]
    keys = [Key("linkedin_profile_id", one) for thread in threads for one in thread.participant_profile_ids]
    owners = await people.owners(db, keys)
    own = await own_words(db, run.account_id, threads, owners.values())
    for thread in threads:
        for profile_id in thread.participant_profile_ids:
            lead_id = owners.get(Key("linkedin_profile_id", profile_id))
            if lead_id is not None:
                await of_thread(db, ids, Thread(thread, lead_id, run.account_id, own), now)


@dataclass(frozen=True)
class Thread:
    """A conversation with one of our leads, and what in it an account of ours wrote by a run."""

    read: InboxConversation
    lead_id: UUID
    account_id: UUID
    own: "OwnWords"


@dataclass(frozen=True)
class OwnWords:
    """Tokens and texts of runs: what in a thread is ours."""

    tokens: frozenset[str]
    texts: frozenset[str]
    urns: frozenset[str]

    def wrote(self, message: InboxMessage) -> bool:
        """Whether a run of ours wrote this."""
        return (
            message.origin_token in self.tokens
            or message.message_urn in self.urns
            or message.text.strip() in self.texts
        )


async def of_thread(db: AsyncSession, ids: Ids, thread: Thread, now: datetime) -> None:
    """Take down every message that is theirs, or that our operator wrote by hand."""
    for message in thread.read.messages:
        sight = Sight(
            thread.lead_id,
            message.delivered_at or thread.read.last_activity_at or now,
            message.message_urn,
            thread.account_id,
            "linkedin",
        )
        if message.is_own:
            if not thread.own.wrote(message):
                await observe.manual_contact(db, ids, sight, now)
            continue
        match meaning_of(message.text):
            case "opted_out":
                await observe.opted_out(db, ids, sight, now)
            case "declined":
                await observe.declined(db, ids, sight, now)
            case "auto_replied":
                away = Sight(**{**vars(sight), "until": sight.at + AWAY_FOR})
                await observe.auto_replied(db, ids, away, now)
            case _:
                await observe.replied(db, ids, sight, now)


async def own_words(
    db: AsyncSession, account_id: UUID, threads: Iterable[InboxConversation], leads: Collection[UUID]
) -> OwnWords:
    """What runs of this account wrote: by token, by the message's id, and by the text of what they sent."""
    messages = [one for thread in threads for one in thread.messages if one.is_own]
    tokens = {UUID(one.origin_token) for one in messages if is_uuid(one.origin_token)}
    found = await db.scalars(
        select(runs.Run.token).where(runs.Run.account_id == account_id, runs.Run.token.in_(tokens))
    )
    mine = (
        select(runs.Run.touchpoint_input, runs.Run.result)
        .join(Touch, Touch.run_id == runs.Run.id)
        .where(Touch.lead_id.in_(set(leads)), Touch.account_id == account_id)
    )
    texts: set[str] = set()
    urns: set[str] = set()
    for given, result in await db.execute(mine):
        texts |= {str(given[name]).strip() for name in ("note", "message", "body") if given.get(name)}
        urns |= {str((result or {}).get("message_urn"))}
    return OwnWords(frozenset(map(str, found)), frozenset(texts), frozenset(urns))


def is_uuid(text: str | None) -> bool:
    """Whether a token can be one of ours."""
    try:
        UUID(text or "")
    except ValueError:
        return False
    return True
