"""Reconciliation: jobs and what came of them, up to when messages surely were received, what each day used."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_job_runs()
    create_message_marks()
    create_daily_usage()
    create_reconciliations()
    create_reconciliation_leads()


def create_job_runs() -> None:
    op.create_table(
        "job_runs",
        sa.Column("job_run_id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("alive_until", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status in ('running', 'completed', 'failed', 'skipped')", name=op.f("ck_job_runs_status")
        ),
        sa.CheckConstraint(
            "(status = 'running') = (finished_at is null)", name=op.f("ck_job_runs_running_has_no_end")
        ),
        sa.CheckConstraint(
            "(status = 'running') = (alive_until is not null)", name=op.f("ck_job_runs_running_has_lease")
        ),
        sa.CheckConstraint(
            "(status = 'failed') = (error is not null)", name=op.f("ck_job_runs_failed_says_why")
        ),
        sa.PrimaryKeyConstraint("job_run_id", name=op.f("pk_job_runs")),
    )
    op.create_index(
        "uq_job_runs_night", "job_runs", ["job", "night"], unique=True, postgresql_where="night is not null"
    )
    op.create_index(
        "uq_job_runs_running", "job_runs", ["job"], unique=True, postgresql_where="status = 'running'"
    )
    op.create_index("ix_job_runs_job", "job_runs", ["job", "started_at"])


def create_message_marks() -> None:
    op.create_table(
        "message_marks",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("received_until", INSTANT, nullable=True),
        sa.Column("unsettled_until", INSTANT, nullable=True),
        sa.Column("walked_at", INSTANT, nullable=True),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(next_at is null) = (why is null)", name=op.f("ck_message_marks_next_has_reason")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_message_marks_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_message_marks")),
    )
    op.create_index(
        "ix_message_marks_next_at", "message_marks", ["next_at"], postgresql_where="next_at is not null"
    )


def create_daily_usage() -> None:
    op.create_table(
        "daily_usage",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("counted_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_daily_usage_account_id")),
        sa.PrimaryKeyConstraint("account_id", "day", "category", name=op.f("pk_daily_usage")),
    )


def create_reconciliations() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("reconciliation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("scope", postgresql.JSONB(), nullable=False),
        sa.Column("run_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("unmatched", postgresql.JSONB(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state in ('reading', 'resolving', 'finished', 'failed', 'cancelled')",
            name=op.f("ck_reconciliations_state"),
        ),
        sa.CheckConstraint(
            "(state in ('finished', 'failed', 'cancelled')) = (finished_at is not null)",
            name=op.f("ck_reconciliations_over_has_end"),
        ),
        sa.CheckConstraint(
            "(state = 'failed') = (problem is not null)", name=op.f("ck_reconciliations_failed_says_why")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_reconciliations_account_id")),
        sa.PrimaryKeyConstraint("reconciliation_id", name=op.f("pk_reconciliations")),
    )
    op.create_index(
        "uq_reconciliations_open",
        "reconciliations",
        ["account_id"],
        unique=True,
        postgresql_where="finished_at is null",
    )


def create_reconciliation_leads() -> None:
    op.create_table(
        "reconciliation_leads",
        sa.Column("reconciliation_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(outcome is null) = (ended_at is null)", name=op.f("ck_reconciliation_leads_outcome_has_time")
        ),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"],
            ["reconciliations.reconciliation_id"],
            name=op.f("fk_reconciliation_leads_reconciliation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_reconciliation_leads_lead_id")),
        sa.PrimaryKeyConstraint("reconciliation_id", "lead_id", name=op.f("pk_reconciliation_leads")),
    )
    op.create_index("ix_reconciliation_leads_lead_id", "reconciliation_leads", ["lead_id"])


def downgrade() -> None:
    op.drop_table("reconciliation_leads")
    op.drop_table("reconciliations")
    op.drop_table("daily_usage")
    op.drop_table("message_marks")
    op.drop_table("job_runs")
