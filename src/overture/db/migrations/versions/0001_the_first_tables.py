"""The first tables: accounts, runs, events; and the engine's own schema."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class Xid8(UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


# What Procrastinate 3.10 made, in the order in which it can go again.
ENGINE_DROP = r"""
drop table procrastinate_periodic_defers, procrastinate_events cascade;
drop table procrastinate_jobs, procrastinate_workers cascade;
do $$
declare named record;
begin
    for named in select p.oid::regprocedure as signature from pg_proc p
        where p.proname like 'procrastinate\_%' and p.pronamespace = current_schema()::regnamespace
    loop execute 'drop function ' || named.signature || ' cascade'; end loop;
end $$;
drop type procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
"""


def script(sql: str) -> None:
    """Run several statements as they are: no parameters, so `%` and `:` mean nothing special."""
    op.get_bind().connection.cursor().execute(sql)


def upgrade() -> None:
    create_accounts()
    create_events()
    create_idempotency_keys()
    create_account_cooldowns()
    create_account_secrets()
    create_runs()
    create_attempts()
    script(SchemaManager.get_schema())


def create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("working_hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("limits", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("state_detail", sa.Text(), nullable=True),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state = 'active' or state_reason is not null", name=op.f("ck_accounts_stopped_has_reason")
        ),
        sa.CheckConstraint(
            "state in ('active', 'paused', 'needs_attention')", name=op.f("ck_accounts_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_index(
        "uq_accounts_handle", "accounts", ["handle"], unique=True, postgresql_where="removed_at is null"
    )


def create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_run_id", "events", ["run_id"], unique=False)


def create_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)


def create_account_cooldowns() -> None:
    op.create_table(
        "account_cooldowns",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_cooldowns_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "category", name=op.f("pk_account_cooldowns")),
    )


def create_account_secrets() -> None:
    op.create_table(
        "account_secrets",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("credentials", sa.LargeBinary(), nullable=True),
        sa.Column("credential_names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("session", sa.LargeBinary(), nullable=True),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_secrets_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_secrets")),
    )


def create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("touchpoint_type", sa.Text(), nullable=False),
        sa.Column("touchpoint_input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("tags", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wait_reason", sa.Text(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("read_backs", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_screenshot", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)",
            name=op.f("ck_runs_terminal_has_end"),
        ),
        sa.CheckConstraint(
            "effect in ('none', 'intended', 'confirmed', 'absent', 'unknown')", name=op.f("ck_runs_effect")
        ),
        sa.CheckConstraint(
            "status <> 'held' or next_at is not null or wait_reason is not null",
            name=op.f("ck_runs_held_has_reason"),
        ),
        sa.CheckConstraint(
            "status <> 'pending' or next_at is not null", name=op.f("ck_runs_pending_has_time")
        ),
        sa.CheckConstraint(
            "status <> 'running' or admitted_at is not null", name=op.f("ck_runs_running_is_live")
        ),
        sa.CheckConstraint(
            "status in ('pending', 'running', 'completed', 'failed', 'cancelled', 'held')",
            name=op.f("ck_runs_status"),
        ),
        sa.CheckConstraint(
            "status not in ('completed', 'failed', 'cancelled') or (next_at is null and admitted_at is null)",
            name=op.f("ck_runs_terminal_is_quiet"),
        ),
        sa.CheckConstraint(
            "admitted_at is null or lease_until is not null", name=op.f("ck_runs_live_has_lease")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_runs_account_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    index_runs()


def index_runs() -> None:
    op.create_index(
        "ix_runs_due",
        "runs",
        ["account_id", sa.literal_column("priority desc"), "next_at", "run_id"],
        unique=False,
        postgresql_where="admitted_at is null and next_at is not null",
    )
    op.create_index("ix_runs_handle", "runs", ["handle", "run_id"], unique=False)
    op.create_index(
        "ix_runs_lease", "runs", ["lease_until"], unique=False, postgresql_where="admitted_at is not null"
    )
    op.create_index(
        "ix_runs_spent",
        "runs",
        ["account_id", "category", "intended_at"],
        unique=False,
        postgresql_where="effect in ('intended', 'confirmed', 'unknown')",
    )
    op.create_index("ix_runs_status", "runs", ["status", "run_id"], unique=False)
    op.create_index("ix_runs_tags", "runs", ["tags"], unique=False, postgresql_using="gin")
    op.create_index("ix_runs_type", "runs", ["touchpoint_type", "run_id"], unique=False)
    op.create_index("ix_runs_target", "runs", ["account_id", "target"], unique=False)
    op.create_index(
        "uq_runs_live_account",
        "runs",
        ["account_id"],
        unique=True,
        postgresql_where="admitted_at is not null",
    )


def create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_as", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("screenshot", sa.Text(), nullable=True),
        sa.CheckConstraint("purpose in ('perform', 'read_back')", name=op.f("ck_attempts_purpose")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.run_id"], name=op.f("fk_attempts_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "epoch", name=op.f("pk_attempts")),
    )


def downgrade() -> None:
    script(ENGINE_DROP)
    for table in (
        "attempts",
        "runs",
        "account_secrets",
        "account_cooldowns",
        "idempotency_keys",
        "events",
        "accounts",
    ):
        op.drop_table(table)
