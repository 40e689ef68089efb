"""Limits: the tier, the ramp and the InMail credits of an account, and reads counted by index."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

READS = "started_at is not null and category in ('profile_read', 'search', 'sync')"


def upgrade() -> None:
    # Accounts that are here already have been at work: no ramp slows them down now.
    op.add_column("accounts", sa.Column("tier", sa.Text(), nullable=False, server_default="basic"))
    op.add_column("accounts", sa.Column("ramp_since", sa.Date(), nullable=True))
    op.add_column("accounts", sa.Column("inmail_credits", sa.Integer(), nullable=True))
    op.add_column("accounts", sa.Column("inmail_credits_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_accounts_tier"), "accounts", "tier in ('basic', 'premium', 'sales_navigator')"
    )
    op.create_check_constraint(
        op.f("ck_accounts_credits_have_time"),
        "accounts",
        "(inmail_credits is null) = (inmail_credits_at is null)",
    )
    op.create_index("ix_runs_begun", "runs", ["account_id", "category", "started_at"], postgresql_where=READS)
    op.create_index("ix_attempts_died", "attempts", ["ended_at"], postgresql_where="ended_as = 'died'")


def downgrade() -> None:
    op.drop_index("ix_attempts_died", "attempts")
    op.drop_index("ix_runs_begun", "runs")
    op.drop_constraint(op.f("ck_accounts_credits_have_time"), "accounts")
    op.drop_constraint(op.f("ck_accounts_tier"), "accounts")
    for column in ("inmail_credits_at", "inmail_credits", "ramp_since", "tier"):
        op.drop_column("accounts", column)
