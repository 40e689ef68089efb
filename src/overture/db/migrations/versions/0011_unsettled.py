"""The acts of an account whose outcome is open: few, and asked for before every act."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_runs_unsettled",
        "runs",
        ["account_id"],
        postgresql_where="effect in ('intended', 'unknown') and status in ('running', 'held')",
    )


def downgrade() -> None:
    op.drop_index("ix_runs_unsettled", "runs")
