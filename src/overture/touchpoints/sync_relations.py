"""`sync_relations`: read the account's connections, newest first."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint


class Relation(BaseModel):
    """One connection of the account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile_id: str
    public_identifier: str | None = None
    member_id: int | None = None
    full_name: str | None = None
    headline: str | None = None
    connected_at: datetime | None = None


class RelationsRead(Outcome):
    """Connections newest first; `complete` when the list was read to where it was asked to."""

    relations: list[Relation]
    total: int | None = None
    complete: bool


class SyncRelations(Touchpoint):
    """Read connections, from the newest back to `since` or to `limit`; nobody is notified."""

    reversibility: ClassVar[Reversibility] = "read"
    category: ClassVar[Category] = "sync"
    outcome: ClassVar[type[Outcome]] = RelationsRead

    type: Literal["sync_relations"] = "sync_relations"
    since: datetime | None = Field(default=None, description="Stop at connections older than this.")
    limit: int = Field(default=1000, strict=True, ge=1, le=30_000, description="The most to read.")
