"""Which of the account's own messages a run of ours wrote; all others somebody wrote by hand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people
from overture.inbox.spelling import message_key, without_blanks
from overture.inbox.whose import Keys

Writer = Literal["them", "run", "inbox", "hand"]

FROM_INBOX: Final = "inbox"
"""The tag of runs that somebody sent from the inbox."""
INVITATION: Final = "connect"
TEXTS: Final = ("note", "message", "body")
"""Under which names runs have what they write."""


@dataclass(frozen=True)
class Written:
    """A message of the account itself: to whom, and what may show which run wrote it."""

    account_id: UUID
    keys: Keys
    message_key: str
    text: str
    token: str | None = None


@dataclass(frozen=True)
class By:
    """Who wrote a message, and by which run."""

    writer: Writer
    run_id: UUID | None = None
    is_note: bool = False
    """It went along with an invitation."""


BY_HAND: Final = By("hand")
BY_THEM: Final = By("them")

# What was intended is ours, whatever became of it: its text may stand in the thread before the run knows.
TOWARD: Final = text("""
select r.account_id, r.run_id, r.touchpoint_type, r.touchpoint_input, r.result, r.token, r.tags, r.target
from unnest(cast(:accounts as uuid[]), cast(:targets as text[])) as asked(account_id, target)
join runs r on r.account_id = asked.account_id and r.target = asked.target
where r.effect in ('intended', 'confirmed', 'unknown')
  and r.touchpoint_type in ('connect', 'message', 'inmail')
order by r.intended_at desc
""")


@dataclass(frozen=True)
class Wrote:
    """What a run wrote, and to whom."""

    run_id: UUID
    texts: frozenset[str]
    key: str | None
    token: str
    is_from_inbox: bool
    is_invitation: bool

    def is_it(self, of: Written) -> bool:
        """Whether this run wrote that message: by its token, its id, or by what it says."""
        return self.token == of.token or self.key == of.message_key or without_blanks(of.text) in self.texts

    @property
    def by(self) -> By:
        """Who wrote it, then."""
        return By("inbox" if self.is_from_inbox else "run", self.run_id, self.is_invitation)


async def written_by(db: AsyncSession, asked: Sequence[Written], leads: Mapping[Keys, UUID]) -> list[By]:
    """For each message who wrote it; by hand, if no run toward this person did."""
    if not asked:
        return []
    known = await people.keys_of(db, set(leads.values()))
    names = [names_of(one, leads, known) for one in asked]
    pairs = sorted({(one.account_id, name) for one, of in zip(asked, names, strict=True) for name in of})
    toward: dict[tuple[UUID, str], list[Wrote]] = {}
    for row in await db.execute(
        TOWARD, {"accounts": [a for a, _ in pairs], "targets": [t for _, t in pairs]}
    ):
        toward.setdefault((row.account_id, row.target), []).append(wrote(row))
    return [
        first_of(one, (run for name in of for run in toward.get((one.account_id, name), ())))
        for one, of in zip(asked, names, strict=True)
    ]


def names_of(
    one: Written, leads: Mapping[Keys, UUID], known: Mapping[UUID, Sequence[people.Key]]
) -> list[str]:
    """Every name under which a run may have written to this person."""
    lead_id = leads.get(one.keys)
    keys: Collection[people.Key] = (*one.keys, *(known[lead_id] if lead_id is not None else ()))
    return sorted(people.targets_in(keys))


def first_of(one: Written, runs: Iterable[Wrote]) -> By:
    """The run that wrote it."""
    return next((run.by for run in runs if run.is_it(one)), BY_HAND)


def wrote(row: Row[Any]) -> Wrote:
    """What a run's row says it wrote."""
    given: Mapping[str, object] = row.touchpoint_input
    urn = (row.result or {}).get("message_urn")
    return Wrote(
        run_id=row.run_id,
        texts=frozenset(without_blanks(str(given[name])) for name in TEXTS if given.get(name)) - {""},
        key=message_key(str(urn)) if urn else None,
        token=str(row.token),
        is_from_inbox=FROM_INBOX in row.tags,
        is_invitation=row.touchpoint_type == INVITATION,
    )
