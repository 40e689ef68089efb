"""Tables of people: leads, companies and their keys, what we stand in to them, and whom never to contact."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from overture.db import Base, UtcDateTime

STAGES: Final = ("DISCOVERED", "ENRICHED", "PENDING", "CONNECTED", "COMPLETED", "FAILED", "IGNORED")
"""The pipeline of a lead (its deal); moved by `people.stage` only, along legal transitions."""

IDENTITY_KINDS: Final = (
    "email",
    "linkedin",  # the slug of the profile address
    "linkedin_profile_id",  # ACoAA…
    "linkedin_member_id",  # the classic number
    "sales_navigator",
    "external",
)
"""The keys a person is recognised by; each value belongs to one lead."""

RELATIONSHIPS: Final = ("none", "invited", "incoming", "connected", "withdrawn", "removed", "lapsed")
SUPPRESSION_KINDS: Final = ("person", "email", "domain", "company", "linkedin", "tombstone")
SUPPRESSION_REASONS: Final = ("opt_out", "bounced", "complained", "declined", "manual", "erased", "imported")
IMPORT_STATES: Final = ("waiting", "running", "finished", "failed", "rolled_back")

Stage = Literal["DISCOVERED", "ENRICHED", "PENDING", "CONNECTED", "COMPLETED", "FAILED", "IGNORED"]


def quoted(words: tuple[str, ...]) -> str:
    """The words as an SQL list."""
    return ", ".join(f"'{word}'" for word in words)


class Company(Base):
    """An employer; recognised by its domain, or else by its name in one spelling."""

    __tablename__ = "companies"
    __table_args__ = (
        Index("uq_companies_domain", "domain", unique=True, postgresql_where="domain is not null"),
        Index("ix_companies_name_key", "name_key"),
    )

    id: Mapped[UUID] = mapped_column("company_id", primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    domain: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Lead(Base):
    """A person we may want to reach. Erased leads stay as empty rows, merged ones as they were."""

    __tablename__ = "leads"
    __table_args__ = (
        CheckConstraint(f"stage in ({quoted(STAGES)})", name="stage"),
        CheckConstraint("merged_into is null or merged_into <> lead_id", name="not_into_itself"),
        Index("ix_leads_stage", "stage", "lead_id"),
        Index("ix_leads_company_id", "company_id"),
        Index("ix_leads_merged_into", "merged_into", postgresql_where="merged_into is not null"),
    )

    id: Mapped[UUID] = mapped_column("lead_id", primary_key=True)
    first_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    full_name: Mapped[str | None] = mapped_column(Text)
    headline: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.company_id"))
    company_name: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(Text)
    zone: Mapped[str | None] = mapped_column(Text)
    website: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    custom: Mapped[dict[str, object]] = mapped_column(JSONB)
    """Fields of the operator's own: columns of an import that are none of ours."""
    source: Mapped[str] = mapped_column(Text)
    """Where the lead came from: `import:imp_…`, `api`, `discovered:<handle>`."""
    stage: Mapped[str] = mapped_column(Text, server_default="DISCOVERED")
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("leads.lead_id"))
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Identity(Base):
    """One key of a lead, in its canonical spelling."""

    __tablename__ = "identities"
    __table_args__ = (
        CheckConstraint(f"kind in ({quoted(IDENTITY_KINDS)})", name="kind"),
        Index("ix_identities_lead_id", "lead_id"),
    )

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"))
    source: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Merge(Base):
    """Two leads found to be one person: what moved, so that it can be undone."""

    __tablename__ = "merges"
    __table_args__ = (Index("ix_merges_kept_id", "kept_id"), Index("ix_merges_merged_id", "merged_id"))

    id: Mapped[UUID] = mapped_column("merge_id", primary_key=True)
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"))
    merged_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"))
    before: Mapped[dict[str, object]] = mapped_column(JSONB)
    """What undoing needs: the kept lead's fields as they were, and the keys that moved."""
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Profile(Base):
    """The newest profile read of a lead: the JSON as it came, compressed."""

    __tablename__ = "profiles"

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"), primary_key=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    """zlib of the UTF-8 JSON."""
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_id: Mapped[UUID | None]


class Relationship(Base):
    """What an account and a lead are to each other: a fact, changed by observations and own runs only."""

    __tablename__ = "relationships"
    __table_args__ = (
        CheckConstraint(f"state in ({quoted(RELATIONSHIPS)})", name="state"),
        Index("ix_relationships_lead_id", "lead_id"),
        Index("ix_relationships_invited", "account_id", "since", postgresql_where="state = 'invited'"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"), primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    observed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(Text)
    """How it is known: `run:run_…`, `sync`, `profile`, `webhook`, `manual`."""


class Suppression(Base):
    """Somebody never to be contacted; one that is lifted stays as a record. Opt-outs never expire."""

    __tablename__ = "suppressions"
    __table_args__ = (
        CheckConstraint(f"kind in ({quoted(SUPPRESSION_KINDS)})", name="kind"),
        CheckConstraint(f"reason in ({quoted(SUPPRESSION_REASONS)})", name="reason"),
        CheckConstraint(
            "expires_at is null or reason not in ('opt_out', 'erased')", name="opt_out_is_for_ever"
        ),
        Index("uq_suppressions_live", "kind", "value", unique=True, postgresql_where="lifted_at is null"),
    )

    id: Mapped[UUID] = mapped_column("suppression_id", primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    """Canonical: a lead's id, an address, a domain, a company's name key, a LinkedIn slug or id; of a
    `tombstone`, the SHA-256 of `kind:value` of an erased person's key."""
    reason: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by: Mapped[str | None] = mapped_column(Text)


class Import(Base):
    """One file of leads: how it was read, and what became of its rows. The file itself is kept on disk."""

    __tablename__ = "imports"
    __table_args__ = (CheckConstraint(f"state in ({quoted(IMPORT_STATES)})", name="state"),)

    id: Mapped[UUID] = mapped_column("import_id", primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    source_format: Mapped[str] = mapped_column(Text)
    """Which product's file it looks like: `linkedin_connections`, `apollo`, `phantombuster_search`, …"""
    reading: Mapped[dict[str, object]] = mapped_column(JSONB)
    """What was detected: encoding, delimiter, header row, sheet."""
    mapping: Mapped[dict[str, object]] = mapped_column(JSONB)
    """Column by column: one of our fields, `custom.<name>`, or null for left out."""
    options: Mapped[dict[str, object]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    total: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer)
    counts: Mapped[dict[str, object]] = mapped_column(JSONB)
    problem: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rolled_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportRow(Base):
    """What became of one row, and what it changed, so that the import can be rolled back."""

    __tablename__ = "import_rows"
    __table_args__ = (Index("ix_import_rows_lead_id", "lead_id"),)

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey("imports.import_id", ondelete="CASCADE"), primary_key=True
    )
    row: Mapped[int] = mapped_column(primary_key=True)
    """As a spreadsheet shows it: the line of the header is 1 more than the lines above it."""
    outcome: Mapped[str] = mapped_column(Text)
    """`created`, `updated`, `unchanged`, `skipped`, `invalid`."""
    code: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    lead_id: Mapped[UUID | None]
    before: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    raw: Mapped[list[str] | None] = mapped_column(JSONB)
    """The cells, of a row that was not taken."""
    undone: Mapped[str | None] = mapped_column(Text)
    """What rolling back did with it: `removed`, `restored`, or why not: `enrolled`, `contacted`, …"""


class ImportMapping(Base):
    """A mapping the operator confirmed, remembered for files with the same header."""

    __tablename__ = "import_mappings"

    header_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    mapping: Mapped[dict[str, object]] = mapped_column(JSONB)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
