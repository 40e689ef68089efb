"""Reconciliations as a client asks for them and sees them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from overture.campaigns.reconcile import Counts, Scope
from overture.campaigns.reconcile.scope import MOST_PROFILE_READS, MOST_RELATIONS, PROFILE_READS, Resolve
from overture.core.instants import Instant
from overture.entrypoints.api.outreach.fields import CampaignId, Why, uuid_in
from overture.entrypoints.api.shapes import Page
from overture.people import Stage
from overture.people.relationship import State

STATE = Literal["reading", "resolving", "finished", "failed", "cancelled"]


class Wish(BaseModel):
    """Which leads are looked for among the connections, and what that may cost; nothing: all, as usual."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"states": ["invited"], "profile_reads": 20, "why": "invited by the old tool"}]
        },
    )

    states: tuple[State, ...] = Field(
        default=(), max_length=7, description="What account and lead are to each other now; none: any."
    )
    stages: tuple[Stage, ...] = Field(default=(), max_length=7, description="The lead's stage; none: any.")
    campaign_ids: tuple[CampaignId, ...] = Field(
        default=(), max_length=100, description="Leads of these campaigns; none: every lead."
    )
    since: Instant | None = Field(default=None, description="Read connections back to here; null: all.")
    limit: int = Field(
        default=MOST_RELATIONS, strict=True, ge=1, le=MOST_RELATIONS, description="The most to read."
    )
    resolve: Resolve = Field(
        default="invited",
        description="Whose profile may be read to find out their lasting id: leads with an invitation "
        "between them and the account, `all`, or `none`.",
    )
    profile_reads: int = Field(
        default=PROFILE_READS,
        strict=True,
        ge=0,
        le=MOST_PROFILE_READS,
        description="The most profiles to read, one for each lead; the account's limits hold as well.",
    )
    dry_run: bool = Field(
        default=False,
        strict=True,
        description="Read the connections and report; change nothing, read no profile.",
    )
    why: Why | None = Field(default=None, description="Kept with it and in the event log.")

    def scope(self) -> Scope:
        """The same as it is kept."""
        given = self.model_dump(exclude={"why", "campaign_ids"})
        return Scope(**given, campaign_ids=tuple(uuid_in("cmp", one) for one in self.campaign_ids))


class ScopeView(BaseModel):
    """What was asked for."""

    states: list[str]
    stages: list[str]
    campaign_ids: list[str]
    since: Instant | None
    limit: int
    resolve: Resolve
    profile_reads: int


class WaitView(BaseModel):
    """The run it waits for now, and what that waits for."""

    run_id: str
    status: str
    reason: str | None = Field(description="Why that does not go on.", examples=["working_hours"])
    until: Instant | None
    sentence: str | None = Field(description="The same in words.")


class UnmatchedLead(BaseModel):
    """A lead that is none of the connections."""

    lead_id: str
    reason: Literal["not_connected", "not_reached", "not_resolved", "no_linkedin_key"] = Field(
        description="Their id is not among the connections; not among those that were read; only a name is "
        "known, which is not among them; nothing is known that LinkedIn would know."
    )
    relationship: str
    known_by: list[str] = Field(description="The kinds of their keys.")


class UnmatchedRelation(BaseModel):
    """A connection that is none of the leads in scope."""

    profile_id: str
    public_identifier: str | None
    full_name: str | None
    connected_at: Instant | None
    reason: Literal["no_lead", "out_of_scope", "name_changed_hands"] = Field(
        description="No lead has their keys; one out of scope has; the lead of this name is somebody else."
    )


class Unmatched(BaseModel):
    """Some of those for whom nobody was found, at most 20 of each side, of every reason some."""

    leads: list[UnmatchedLead]
    relations: list[UnmatchedRelation]


class ReconciliationView(BaseModel):
    """One reconciliation: how far it is, or what came of it."""

    reconciliation_id: str
    handle: str
    state: STATE
    dry_run: bool
    scope: ScopeView
    counts: Counts = Field(description="While it is under way, as far as it is.")
    unmatched: Unmatched
    waiting_for: WaitView | None = Field(description="Null: nothing, or it is over.")
    problem: str | None = Field(description="Why it failed: the code of the run that read.")
    run_ids: list[str] = Field(description="The runs that read the connections.")
    by: str
    why: str | None
    created_at: Instant
    updated_at: Instant
    finished_at: Instant | None


class PassedView(BaseModel):
    """An account that was passed over."""

    handle: str
    code: str = Field(examples=["account_paused"])


class Begun(BaseModel):
    """What was begun, and of which accounts nothing was."""

    data: list[ReconciliationView]
    passed_over: list[PassedView]


class ReconciliationList(BaseModel):
    """One page of reconciliations, newest first."""

    data: list[ReconciliationView]
    page: Page
