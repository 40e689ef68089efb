"""What a reconciliation is about: which leads, how far back, how many profile reads it may cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.instants import Instant
from overture.db import fetch
from overture.people import Key, Stage, keys_of
from overture.people.relationship import State

MOST_RELATIONS: Final = 30_000
"""LinkedIn lets nobody have more."""
PROFILE_READS: Final = 50
"""Of one reconciliation, unless said otherwise: half of what an account may well read in a day."""
MOST_PROFILE_READS: Final = 1000
NIGHTLY_SPAN: Final = timedelta(days=30)
NIGHTLY_PROFILE_READS: Final = 20
ASKED: Final[tuple[State, ...]] = ("invited", "incoming", "withdrawn", "lapsed")
"""Where an invitation was sent by one side: a connection may have come of it that nobody told of."""

Resolve = Literal["invited", "all", "none"]


class Scope(BaseModel):
    """Which leads are looked for among the connections, and what that may cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    states: tuple[State, ...] = Field(default=(), description="What account and lead are now; none: any.")
    stages: tuple[Stage, ...] = Field(default=(), description="The stage of the lead; none: any.")
    campaign_ids: tuple[UUID, ...] = Field(default=(), description="Of these campaigns; none: every lead.")
    since: Instant | None = Field(default=None, description="Read connections back to here; null: all.")
    limit: int = Field(default=MOST_RELATIONS, ge=1, le=MOST_RELATIONS, description="The most to read.")
    resolve: Resolve = Field(
        default="invited",
        description="Whose lasting id may be found out by reading their profile: leads with an invitation "
        "between them and the account, `all`, or `none`.",
    )
    profile_reads: int = Field(
        default=PROFILE_READS, ge=0, le=MOST_PROFILE_READS, description="The most profiles to read."
    )
    dry_run: bool = Field(
        default=False, description="Read the connections and report; change nothing, read no profile."
    )

    def may_resolve(self, state: State) -> bool:
        """Whether a profile may be read to find out who a lead is."""
        return not self.dry_run and (self.resolve == "all" or (self.resolve == "invited" and state in ASKED))


def nightly(now: datetime) -> Scope:
    """What is looked for every night: whoever was invited, among the connections of the last month.

    A part of a list costs little, and leaves most of the day's profile reads to campaigns.
    """
    return Scope(states=("invited",), since=now - NIGHTLY_SPAN, profile_reads=NIGHTLY_PROFILE_READS)


@dataclass(frozen=True)
class Sought:
    """A lead that is looked for among the connections."""

    lead_id: UUID
    name: str | None
    state: State
    observed_at: datetime | None
    keys: tuple[Key, ...] = ()


IN_SCOPE: Final = text("""
select l.lead_id, coalesce(l.full_name, nullif(concat_ws(' ', l.first_name, l.last_name), '')),
    coalesce(r.state, 'none'), r.observed_at
from leads l left join relationships r on r.lead_id = l.lead_id and r.account_id = :account
where l.merged_into is null and l.erased_at is null
  and (cast(:states as text[]) = '{}' or coalesce(r.state, 'none') = any(cast(:states as text[])))
  and (cast(:stages as text[]) = '{}' or l.stage = any(cast(:stages as text[])))
  and (cast(:campaigns as uuid[]) = '{}' or exists (select from enrollments e
       where e.lead_id = l.lead_id and e.campaign_id = any(cast(:campaigns as uuid[]))))
order by l.lead_id
""")


async def sought(db: AsyncSession, account_id: UUID, scope: Scope) -> dict[UUID, Sought]:
    """The leads in scope with their keys, oldest first."""
    asked = {
        "account": account_id,
        "states": list(scope.states),
        "stages": list(scope.stages),
        "campaigns": list(scope.campaign_ids),
    }
    rows = await fetch(db, IN_SCOPE, asked)
    keys = await keys_of(db, [row[0] for row in rows]) if rows else {}
    return {
        lead_id: Sought(lead_id, name, state, observed_at, tuple(keys[lead_id]))
        for lead_id, name, state, observed_at in rows
    }
