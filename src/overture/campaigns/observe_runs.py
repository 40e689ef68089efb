"""What finished runs show of people: invitations that went out, connections, answers, messages by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final, cast
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people, runs
from overture.campaigns import observe, sent_list, syncs
from overture.campaigns.observe import Sight, SignalKind
from overture.campaigns.observe_threads import Thread, own_words, sights_in
from overture.campaigns.tables import Touch
from overture.core.ids import Ids, public_id
from overture.inbox.whose import SLUG, is_another
from overture.people import Key, Met, Observed, Seen
from overture.people.keys import linkedin_key
from overture.people.relationship import State
from overture.touchpoints import (
    ConnectionState,
    Enriched,
    InboxRead,
    Relation,
    RelationsRead,
)

log = structlog.get_logger()

PROFILE_ID: Final = "linkedin_profile_id"
STATES: Final = {"connected": "connected", "pending": "invited", "incoming": "incoming", "none": "none"}
OF_CHECK: Final = {**STATES, "none": "lapsed"}
"""Asked of one member by name, the service would have told of an invitation: if there was one, it is gone."""
STATE_OF_CODE: Final = {
    "already_connected": "connected",
    "already_pending": "invited",
    "incoming_request": "incoming",
    "not_connected": "none",
    "invite_cooldown": "lapsed",
}
"""What a failure says of the relationship."""
LOOK_ONLY: Final = "look_only"
"""The tag of readings that are only looked at: nothing is taken from them."""
READ_BY: Final = frozenset({"sync_relations", "sync_inbox", "check_connection"})
BY_HAND: Final = frozenset({"connect", "message", "inmail"})
"""What of no campaign reaches people: somebody asked for it by hand, or another program did."""
SOURCES: Final = READ_BY | {"connect", "withdraw_invite", "message", "inmail"}


@dataclass(frozen=True)
class Ended:
    """A run that is over, and the touch it was for, if any."""

    run: runs.Run
    touch: Touch | None

    @cached_property
    def source(self) -> str:
        """How what it shows is known."""
        return f"run:{public_id('run', self.run.id)}"

    @property
    def is_good(self) -> bool:
        """Whether it did what it was to do."""
        return self.run.status == "completed" and not self.run.dry_run and LOOK_ONLY not in self.run.tags


@dataclass
class Brought:
    """What a batch of runs shows, in the order it is taken down."""

    owners: Mapping[Key, UUID]
    now: datetime
    known: Mapping[UUID, Sequence[Key]] = field(default_factory=dict)
    """The keys of those owners."""
    relations: list[Observed] = field(default_factory=list)
    sights: list[tuple[SignalKind, Sight]] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    asked_after: set[UUID] = field(default_factory=set)
    """Who was looked at by name."""

    def relation(self, ended: Ended, lead_id: UUID, seen: Seen) -> None:
        """Something seen of how the run's account and a lead stand."""
        self.relations.append(Observed(ended.run.account_id, lead_id, seen))

    def meant(self, keys: Sequence[Key]) -> list[UUID]:
        """The leads behind one member's keys. An id is theirs for ever; a name may have changed hands."""
        told = tuple(keys)
        found = {
            lead_id
            for key in told
            if (lead_id := self.owners.get(key)) is not None
            and (key.kind != SLUG or not is_another(told, self.known.get(lead_id, ())))
        }
        return sorted(found)

    def meet(self, ended: Ended, lead_id: UUID, profile_id: object) -> None:
        """The id behind the name that the run went by."""
        if isinstance(profile_id, str) and ended.run.target is not None:
            self.met.append(Met(lead_id, ended.run.target, profile_id, ended.source))

    async def keep_people(self, db: AsyncSession, ids: Ids) -> set[UUID]:
        """Take down how they stand, and the ids that were met; for whom that is news.

        Whoever stands as before is not decided upon anew: a reading lists everybody, every time. Who was
        looked at by name is: that may be the answer somebody waits for.
        """
        relations = await people.observe_all(db, self.relations, self.now)
        await people.learn(db, ids, self.now, self.met)
        changed = {one.lead_id for one in self.relations if relations[one.pair].source == one.seen.source}
        return changed | self.asked_after

    async def keep_sights(self, db: AsyncSession, ids: Ids) -> set[UUID]:
        """Take down what they, or the operator, did; whom that is about."""
        await observe.see_all(db, ids, self.sights, self.now)
        for kind, sight in self.sights:
            if kind == "opted_out":
                await observe.silence(db, ids, sight, self.now)
        return {sight.lead_id for _, sight in self.sights}


def tells(run: runs.Run) -> bool:
    """Whether a run of no campaign tells of people."""
    acted = run.touchpoint_type in BY_HAND and run.effect == "confirmed"
    return run.touchpoint_type in READ_BY or (acted and "planner" not in run.tags)


async def of_runs(db: AsyncSession, ids: Ids, ended: Sequence[Ended], now: datetime) -> set[UUID]:
    """Take down what finished runs show, all at once; whom they are about.

    Inboxes come last: whose id another run of the same batch told is known by then.
    """
    read = [(one, found) for one in ended if one.is_good and (found := understood(one.run)) is not None]
    await syncs.finished(db, [one.run.id for one, _ in read if one.run.touchpoint_type in syncs.OVERLAP])
    await sent_list.keep(db, [reading for one, found in read if (reading := list_in(one.run, found))])
    inboxes = [(one, found) for one, found in read if isinstance(found, InboxRead)]
    standing = [(one, found) for one, found in read if not isinstance(found, InboxRead)]
    acts = [one for one in ended if one.touch is None and one.run.touchpoint_type in BY_HAND]
    owners = await owners_of(db, standing, acts)
    brought = Brought(owners, now, await people.keys_of(db, set(owners.values())) if owners else {})
    for one, found in standing:
        match found:
            case RelationsRead():
                of_relations(brought, one, found)
            case ConnectionState():
                of_check(brought, one, found)
    for one in ended:
        if one.touch is not None:
            of_touch(brought, one, one.touch)
    for one in acts:
        of_act(brought, one)
    about = await of_profiles(db, ids, ended, now) | await brought.keep_people(db, ids)
    brought.owners = await owners_of(db, inboxes)
    for one, inbox in inboxes:
        await of_inbox(db, brought, one, inbox)
    return about | await brought.keep_sights(db, ids)


async def of_profiles(db: AsyncSession, ids: Ids, ended: Sequence[Ended], now: datetime) -> set[UUID]:
    """Take in the profiles that were read for a step; whose they are."""
    enriched: set[UUID] = set()
    for one in ended:
        if one.touch is None or not one.is_good or one.run.touchpoint_type != "enrich":
            continue
        try:
            reading = reading_of(one.run)
        except ValidationError:
            log.exception("planner.profile_not_understood", run_id=public_id("run", one.run.id))
            continue
        lead = await people.by_id(db, one.touch.lead_id)
        enriched.add((await people.enriched(db, ids, now, lead, reading)).id)
    return enriched


Read = RelationsRead | InboxRead | ConnectionState


async def owners_of(
    db: AsyncSession, read: Sequence[tuple[Ended, Read]], acts: Sequence[Ended] = ()
) -> Mapping[Key, UUID]:
    """Whose the keys in these readings are, and those of whom these acts reached."""
    keys = {key for one, found in read for key in keys_in(one.run, found)}
    keys |= {key for one in acts for key in keys_of_act(one.run)}
    return await people.owners(db, list(keys)) if keys else {}


def understood(run: runs.Run) -> Read | None:
    """What a run read, unless its shape is none that is known: then it settles nothing, and is read anew."""
    try:
        return reading_in(run)
    except ValidationError:
        log.exception("planner.reading_not_understood", run_id=public_id("run", run.id))
        return None


READINGS: Final[Mapping[str, type[RelationsRead | InboxRead | ConnectionState]]] = {
    "sync_relations": RelationsRead,
    "sync_inbox": InboxRead,
    "check_connection": ConnectionState,
}


def list_in(run: runs.Run, read: Read) -> sent_list.Reading | None:
    """The list of sent invitations that a run read, if it did."""
    if not isinstance(read, RelationsRead) or read.invitations is None or run.started_at is None:
        return None
    return sent_list.Reading(run.account_id, run.started_at, read.invitations)


def reading_in(run: runs.Run) -> RelationsRead | InboxRead | ConnectionState | None:
    """What a run read of people, if that is what it was for."""
    kind = READINGS.get(run.touchpoint_type)
    return kind.model_validate(run.result) if kind is not None else None


def keys_in(run: runs.Run, reading: RelationsRead | InboxRead | ConnectionState | None) -> list[Key]:
    """The keys of everybody in a reading."""
    match reading:
        case RelationsRead():
            return [key for one in reading.relations for key in keys_of_relation(one)]
        case InboxRead():
            threads = [one for one in reading.conversations if not one.is_group]
            return [Key(PROFILE_ID, one) for thread in threads for one in thread.participant_profile_ids]
        case ConnectionState():
            keys = keys_of_member(reading.profile_id, reading.public_identifier, reading.member_id)
            return keys + (keys_of_member(None, run.target) if run.target else [])
    return []


def of_touch(brought: Brought, ended: Ended, touch: Touch) -> None:
    """What the act of a campaign shows: of the relationship, or that they wrote first."""
    run = ended.run
    at = run.completed_at or brought.now
    state = STATE_OF_CODE.get(run.error_code or "")
    if run.status == "completed" and run.touchpoint_type == "connect":
        state = state_told(run)
    if run.status == "completed" and run.touchpoint_type == "withdraw_invite":
        state = "withdrawn"
    if run.status == "completed" and run.touchpoint_type != "enrich":
        brought.meet(ended, touch.lead_id, (run.result or {}).get("profile_id"))
    if state is not None:
        seen = Seen(state, run.intended_at or at, ended.source)  # type: ignore[arg-type]  # the words of STATES
        brought.relation(ended, touch.lead_id, seen)
    sight = Sight(touch.lead_id, at, ended.source, run.account_id, touch.channel)
    if run.error_code == "replied_already":
        brought.sights.append(("replied", sight))
    if run.error_code == "operator_wrote":
        brought.sights.append(("manual_contact", sight))


def of_act(brought: Brought, ended: Ended) -> None:
    """What an act of no campaign shows: an invitation that is out, or that somebody else wrote to them.

    Whoever is written to apart from the campaign is not written to by it any more, as when the operator
    writes in the service itself.
    """
    run = ended.run
    at = run.intended_at or run.completed_at or brought.now
    for lead_id in brought.meant(keys_of_act(run)):
        if run.touchpoint_type == "connect":
            brought.relation(ended, lead_id, Seen(state_told(run), at, ended.source))
        else:
            sight = Sight(lead_id, at, ended.source, run.account_id, "linkedin")
            brought.sights.append(("manual_contact", sight))


def state_told(run: runs.Run) -> State:
    """How the account stands with them after an invitation, by its result."""
    told = str((run.result or {}).get("state", "pending"))
    return cast(State, STATES.get(told, "invited"))


def keys_of_act(run: runs.Run) -> list[Key]:
    """Every name of whom an act reached: what its result says, else whom it was for."""
    said = run.result or {}
    found = keys_of_member(said.get("profile_id"), said.get("public_identifier"))  # type: ignore[arg-type]
    return found or [key for name in run.targets for key in keys_of_member(None, name)]


def reading_of(run: runs.Run) -> people.Reading:
    """The profile a run read."""
    read = Enriched.model_validate(run.result)
    return people.Reading(cast(dict[str, object], (run.result or {})["profile"]), read.profile, run)


def keys_of_member(profile_id: str | None, slug: str | None, member_id: int | None = None) -> list[Key]:
    """The keys a member is seen under."""
    found = [Key(PROFILE_ID, profile_id)] if profile_id else []
    if member_id:
        found.append(Key("linkedin_member_id", str(member_id)))
    else:
        found = list(people.with_implied(found))
    named = linkedin_key(slug)
    return [*found, named] if named is not None and named not in found else found


def keys_of_relation(one: Relation) -> list[Key]:
    """The keys a connection is listed under."""
    return keys_of_member(one.profile_id, one.public_identifier, one.member_id)


def of_relations(brought: Brought, ended: Ended, read: RelationsRead) -> None:
    """Connections that were read: whoever of our leads is among them is connected, by any key (zoo M16)."""
    for relation in read.relations:
        keys = keys_of_relation(relation)
        at = ended.run.started_at or brought.now
        for lead_id in brought.meant(keys):
            brought.relation(ended, lead_id, Seen("connected", at, ended.source, since=relation.connected_at))
            if Key(PROFILE_ID, relation.profile_id) not in brought.owners:
                brought.met += [
                    Met(lead_id, key.value, relation.profile_id, ended.source)
                    for key in keys
                    if key.kind == SLUG and brought.owners.get(key) == lead_id
                ]


def of_check(brought: Brought, ended: Ended, read: ConnectionState) -> None:
    """How the service said the account stands with one member."""
    state, at = OF_CHECK.get(read.state), ended.run.started_at or brought.now
    if state is None:
        return
    seen = Seen(state, at, ended.source, since=read.connected_at)  # type: ignore[arg-type]  # the words of STATES
    found = brought.meant(keys_in(ended.run, read))
    brought.asked_after |= set(found)
    for lead_id in found:
        brought.relation(ended, lead_id, seen)
        brought.meet(ended, lead_id, read.profile_id)


async def of_inbox(db: AsyncSession, brought: Brought, ended: Ended, read: InboxRead) -> None:
    """Threads that were read: every message in them counts, not the last alone (bug zoo M21)."""
    account_id = ended.run.account_id
    found = [
        (thread, lead_id)
        for thread in read.conversations
        for profile_id in thread.participant_profile_ids
        if not thread.is_group and (lead_id := brought.owners.get(Key(PROFILE_ID, profile_id))) is not None
    ]
    if not found:
        return
    own = await own_words(db, account_id, [thread for thread, _ in found], [lead_id for _, lead_id in found])
    for thread, lead_id in found:
        brought.sights += sights_in(Thread(thread, lead_id, account_id, own), brought.now)
