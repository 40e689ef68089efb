"""Breakers and kill switches."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_account_breakers()
    create_kill_switches()
    # The few runs a switch holds back are found at once when it is turned off.
    op.create_index(
        "ix_runs_kill_switch", "runs", ["account_id"], postgresql_where="wait_reason = 'kill_switch'"
    )


def create_account_breakers() -> None:
    op.create_table(
        "account_breakers",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("consecutive", sa.Integer(), nullable=False),
        sa.Column("tripped_at", INSTANT, nullable=True),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("last_code", sa.Text(), nullable=False),
        sa.Column("last_run_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("consecutive >= 0", name=op.f("ck_account_breakers_consecutive")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_breakers_account_id")),
        sa.PrimaryKeyConstraint("account_id", "cause", name=op.f("pk_account_breakers")),
    )


def create_kill_switches() -> None:
    op.create_table(
        "kill_switches",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("since_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "scope in ('global', 'channel', 'account', 'file')", name=op.f("ck_kill_switches_scope")
        ),
        sa.CheckConstraint("(scope = 'global') = (subject = '')", name=op.f("ck_kill_switches_subject")),
        sa.PrimaryKeyConstraint("scope", "subject", name=op.f("pk_kill_switches")),
    )


def downgrade() -> None:
    op.drop_index("ix_runs_kill_switch", "runs")
    op.drop_table("kill_switches")
    op.drop_table("account_breakers")
