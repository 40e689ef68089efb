"""Schedules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("touchpoint_type", sa.Text(), nullable=False),
        sa.Column("touchpoint_input", postgresql.JSONB(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("missed", sa.Text(), nullable=False),
        sa.Column("overlap", sa.Text(), nullable=False),
        sa.Column("tags", postgresql.JSONB(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text()),
        sa.Column("next_fire_at", TIME),
        sa.Column("last_fire_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", name=op.f("pk_schedules")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_schedules_account_id_accounts")
        ),
        sa.CheckConstraint("missed in ('skip', 'latest', 'all')", name=op.f("ck_schedules_missed")),
        sa.CheckConstraint("overlap in ('skip', 'queue')", name=op.f("ck_schedules_overlap")),
        sa.CheckConstraint("state in ('active', 'paused', 'removed')", name=op.f("ck_schedules_state")),
        sa.CheckConstraint(
            "(state = 'active') = (next_fire_at is not null)", name=op.f("ck_schedules_active_has_time")
        ),
        sa.CheckConstraint(
            "state = 'active' or state_reason is not null", name=op.f("ck_schedules_stopped_has_reason")
        ),
    )
    op.create_index(
        "ix_schedules_due",
        "schedules",
        ["next_fire_at"],
        postgresql_where=sa.text("next_fire_at is not null"),
    )
    op.create_index("ix_schedules_handle", "schedules", ["handle", "schedule_id"])
    op.create_table(
        "schedule_fires",
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("fire_at", TIME, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", "fire_at", name=op.f("pk_schedule_fires")),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["schedules.schedule_id"],
            name=op.f("fk_schedule_fires_schedule_id_schedules"),
        ),
        sa.CheckConstraint("outcome in ('submitted', 'overlap')", name=op.f("ck_schedule_fires_outcome")),
        sa.CheckConstraint(
            "(outcome = 'submitted') = (run_id is not null)", name=op.f("ck_schedule_fires_submitted_has_run")
        ),
    )


def downgrade() -> None:
    op.drop_table("schedule_fires")
    op.drop_table("schedules")
