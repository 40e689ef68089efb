"""Two leads that are one person become one, and can become two again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import Conflict, NotFound
from overture.core.ids import Ids, public_id
from overture.db import About, Entry, append_events
from overture.people import relationship, stage, store
from overture.people.new_lead import PLAIN_FIELDS
from overture.people.tables import Identity, Lead, Merge, Profile, Relationship

FILLED: Final = (*PLAIN_FIELDS, "company_id")
"""Fields the kept lead takes from the other where it has none."""


@dataclass(frozen=True)
class Merging:
    """Which lead stays, which goes into it, why, and who says so."""

    kept_id: UUID
    merged_id: UUID
    reason: str
    by: str


async def merge(db: AsyncSession, ids: Ids, now: datetime, wanted: Merging) -> Merge:
    """Move the keys, fill the gaps, and keep what undoing needs.

    The merged lead's row stays with its own fields, so that ids never lie; relationships and profile are
    copied where the kept lead has none or an older one.
    """
    kept, merged = await both(db, wanted)
    keys = (await store.keys_of(db, [merged.id]))[merged.id]
    before = {
        "fields": plain({name: getattr(kept, name) for name in (*FILLED, "custom")}),
        "stage": kept.stage,
        "keys": [[key.kind, key.value] for key in keys],
        "relationships": await copy_relationships(db, kept, merged, now),
        "profile": await copy_profile(db, kept, merged),
    }
    fill(kept, merged)
    merged.merged_into = kept.id
    kept.updated_at = merged.updated_at = now
    await db.execute(update(Identity).where(Identity.lead_id == merged.id).values(lead_id=kept.id))
    done = Merge(
        id=ids.new(),
        kept_id=kept.id,
        merged_id=merged.id,
        before=before,
        reason=wanted.reason,
        by=wanted.by,
        at=now,
    )
    db.add(done)
    await db.flush()
    await tell(db, done, "lead.merged", wanted.by, now)
    reached = stage.further(kept.stage, merged.stage)
    if reached != kept.stage:
        await stage.change(db, kept, reached, now, why="merged", by=wanted.by, manual=False)
    done.before = {**before, "stage_after": kept.stage}
    await db.flush()
    return done


async def both(db: AsyncSession, wanted: Merging) -> tuple[Lead, Lead]:
    """The two leads, locked, or a refusal."""
    found = {lead.id: lead for lead in await store.locked(db, {wanted.kept_id, wanted.merged_id})}
    for lead_id in (wanted.kept_id, wanted.merged_id):
        lead = found.get(lead_id) or await store.by_id(db, lead_id)
        if lead.merged_into is not None or lead.erased_at is not None or wanted.kept_id == wanted.merged_id:
            raise Conflict(
                "not_mergeable",
                f"{public_id('lead', lead_id)} was merged or erased, or is merged with itself.",
                fix="Name two leads of the list.",
            )
    return found[wanted.kept_id], found[wanted.merged_id]


def plain(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields as JSON holds them."""
    return {name: str(value) if isinstance(value, UUID) else value for name, value in fields.items()}


def fill(kept: Lead, merged: Lead) -> None:
    """Take from the merged lead what the kept one does not know."""
    for name in FILLED:
        if getattr(kept, name) is None:
            setattr(kept, name, getattr(merged, name))
    kept.custom = {
        **merged.custom,
        **{name: value for name, value in kept.custom.items() if value is not None},
    }


async def copy_relationships(
    db: AsyncSession, kept: Lead, merged: Lead, now: datetime
) -> list[dict[str, object]]:
    """Give the kept lead what was seen later of the merged one; for each such account, what it had before."""
    of = {
        (one.lead_id, one.account_id): one for one in await store.relationships_of(db, {kept.id, merged.id})
    }
    before: list[dict[str, object]] = []
    entries: list[Entry] = []
    for (lead_id, account_id), theirs in of.items():
        mine = of.get((kept.id, account_id))
        if lead_id == kept.id or (mine is not None and mine.observed_at >= theirs.observed_at):
            continue
        before.append({"account_id": str(account_id), "was": as_json(mine) if mine is not None else None})
        was = mine.state if mine is not None else "none"
        mine = mine or Relationship(account_id=account_id, lead_id=kept.id)
        mine.state, mine.since = theirs.state, theirs.since
        mine.observed_at, mine.source = theirs.observed_at, theirs.source
        db.add(mine)
        entries += copied(mine, was, now)
    await db.flush()
    await append_events(db, entries)
    return before


def copied(relation: Relationship, was: str, now: datetime) -> list[Entry]:
    """The event of a relationship that is now the other lead's: nobody accepted anything by it."""
    return relationship.told(relation, was, now)[:1]


def as_json(one: Relationship) -> dict[str, object]:
    """A relationship as undoing needs it."""
    return {
        "state": one.state,
        "since": one.since.isoformat(),
        "observed_at": one.observed_at.isoformat(),
        "source": one.source,
    }


async def copy_profile(db: AsyncSession, kept: Lead, merged: Lead) -> bool:
    """Give the kept lead the merged one's profile if it has none; whether it did."""
    profile = await db.get(Profile, merged.id)
    if profile is None or await db.get(Profile, kept.id) is not None:
        return False
    db.add(Profile(lead_id=kept.id, raw=profile.raw, read_at=profile.read_at, run_id=profile.run_id))
    await db.flush()
    return True


async def by_id(db: AsyncSession, merge_id: UUID) -> Merge:
    """The merge, or a refusal."""
    found = await db.get(Merge, merge_id, with_for_update=True)
    if found is None:
        raise NotFound(
            "merge_not_found",
            f"There is no merge {public_id('mrg', merge_id)}.",
            fix="Look at the lead's merges.",
        )
    return found


async def undo(db: AsyncSession, done: Merge, by: str, now: datetime) -> None:
    """Make two leads of one again, the newest merge first: each with its keys, the kept one as it was.

    What the kept lead was given since stays: a field is put back only if it is as the merge left it.
    """
    later = select(Merge.id).where(
        Merge.kept_id.in_((done.kept_id, done.merged_id)) | (Merge.merged_id == done.kept_id),
        Merge.undone_at.is_(None),
        Merge.id > done.id,
    )
    if done.undone_at is not None or await db.scalar(later.limit(1)) is not None or not done.before:
        raise Conflict(
            "merge_not_undoable",
            "It was undone before, a later merge rests on it, or the person was erased.",
            fix="Undo the later merges of these leads first.",
        )
    pair = {lead.id: lead for lead in await store.locked(db, {done.kept_id, done.merged_id})}
    kept, merged = pair[done.kept_id], pair[done.merged_id]
    await take_apart(db, done, kept, merged, now)
    merged.merged_into = None
    kept.updated_at = merged.updated_at = done.undone_at = now
    await db.flush()
    await tell(db, done, "lead.merge_undone", by, now)
    if kept.stage == done.before["stage_after"] != done.before["stage"]:
        to = str(done.before["stage"])
        await stage.change(db, kept, to, now, why="merge_undone", by=by, manual=False)


async def take_apart(db: AsyncSession, done: Merge, kept: Lead, merged: Lead, now: datetime) -> None:
    """Put fields, keys, relationships and profile back."""
    before = cast(dict[str, object], done.before["fields"])
    filled = plain({name: getattr(merged, name) for name in FILLED})
    for name in FILLED:
        has = plain({name: getattr(kept, name)})[name]
        if before[name] is None and has == filled[name]:
            setattr(kept, name, None)
    own = cast(dict[str, object], before["custom"])
    kept.custom = {
        name: value for name, value in kept.custom.items() if name in own or value != merged.custom.get(name)
    }
    keys = [(kind, value) for kind, value in cast(list[list[str]], done.before["keys"])]
    theirs = update(Identity).where(
        Identity.lead_id == kept.id, tuple_(Identity.kind, Identity.value).in_(keys)
    )
    await db.execute(theirs.values(lead_id=merged.id))
    await put_relationships_back(db, done, kept, now)
    profile = await db.get(Profile, kept.id) if done.before["profile"] else None
    theirs_now = await db.get(Profile, merged.id)
    if profile is not None and theirs_now is not None and profile.raw == theirs_now.raw:
        await db.delete(profile)


async def put_relationships_back(db: AsyncSession, done: Merge, kept: Lead, now: datetime) -> None:
    """Give the kept lead its own relationships again, where nothing newer was seen since."""
    theirs = {one.account_id: one for one in await store.relationships_of(db, {done.merged_id})}
    entries: list[Entry] = []
    for one in cast(list[dict[str, object]], done.before["relationships"]):
        account_id = UUID(str(one["account_id"]))
        mine = await db.get(Relationship, (account_id, kept.id))
        if mine is None or mine.observed_at != theirs[account_id].observed_at:
            continue
        was, state = cast(dict[str, str] | None, one["was"]), mine.state
        if was is None:
            mine.state = "none"
            entries += copied(mine, state, now)
            await db.delete(mine)
            continue
        mine.state, mine.source = was["state"], was["source"]
        mine.since = datetime.fromisoformat(was["since"])
        mine.observed_at = datetime.fromisoformat(was["observed_at"])
        entries += copied(mine, state, now)
    await db.flush()
    await append_events(db, entries)


async def tell(db: AsyncSession, done: Merge, kind: str, by: str, now: datetime) -> None:
    """The event, once for each of the two leads."""
    data = {
        "merge_id": public_id("mrg", done.id),
        "kept_id": public_id("lead", done.kept_id),
        "merged_id": public_id("lead", done.merged_id),
        "reason": done.reason,
        "by": by,
    }
    await append_events(
        db, [(now, kind, About(lead_id=lead_id), data) for lead_id in (done.kept_id, done.merged_id)]
    )
