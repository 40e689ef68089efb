"""Login challenges: what a service asks of a person, and the answer."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "login_challenges",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state in ('open', 'answered', 'passed', 'refused', 'expired')",
            name=op.f("ck_login_challenges_state"),
        ),
        sa.CheckConstraint(
            "(state in ('open', 'answered')) = (closed_at is null)",
            name=op.f("ck_login_challenges_closed_has_end"),
        ),
        sa.CheckConstraint(
            "state <> 'answered' or answer is not null", name=op.f("ck_login_challenges_answered_has_answer")
        ),
        sa.CheckConstraint(
            "closed_at is null or answer is null", name=op.f("ck_login_challenges_closed_is_forgotten")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_login_challenges_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_challenges")),
    )
    op.create_index(
        "uq_login_challenges_live",
        "login_challenges",
        ["account_id"],
        unique=True,
        postgresql_where="state in ('open', 'answered')",
    )


def downgrade() -> None:
    op.drop_table("login_challenges")
