"""Who has not answered the invitations of an account, as its list last showed them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("syncs", sa.Column("pending", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("syncs", sa.Column("pending_read_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("syncs", "pending_read_at")
    op.drop_column("syncs", "pending")
