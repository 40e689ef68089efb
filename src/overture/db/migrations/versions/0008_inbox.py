"""Deliveries, conversations and their messages; what services report of accounts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TEXTS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    extend_accounts()
    create_deliveries()
    create_conversations()
    create_messages()


def extend_accounts() -> None:
    op.add_column("accounts", sa.Column("external_id", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("reported", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("reported_at", INSTANT, nullable=True))
    op.create_check_constraint(
        op.f("ck_accounts_report_has_time"), "accounts", "(reported is null) = (reported_at is null)"
    )
    op.create_index(
        "uq_accounts_external_id",
        "accounts",
        ["provider", "external_id"],
        unique=True,
        postgresql_where="external_id is not null and removed_at is null",
    )


def create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("service_account", sa.Text(), nullable=True),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("waits_for", TEXTS, nullable=True),
        sa.Column("applied_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state in ('received', 'applied', 'unmatched', 'dead')", name=op.f("ck_webhook_deliveries_state")
        ),
        sa.CheckConstraint(
            "(state = 'received') = (next_at is not null)", name=op.f("ck_webhook_deliveries_received_is_due")
        ),
        sa.CheckConstraint(
            "(state = 'applied') = (applied_at is not null)",
            name=op.f("ck_webhook_deliveries_applied_has_time"),
        ),
        sa.CheckConstraint(
            "state in ('received', 'applied') or error is not null",
            name=op.f("ck_webhook_deliveries_left_has_reason"),
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index("uq_webhook_deliveries_dedup_key", "webhook_deliveries", ["dedup_key"], unique=True)
    op.create_index(
        "ix_webhook_deliveries_due",
        "webhook_deliveries",
        ["next_at", "delivery_id"],
        postgresql_where="state = 'received'",
    )
    op.create_index(
        "ix_webhook_deliveries_unmatched",
        "webhook_deliveries",
        ["delivery_id"],
        postgresql_where="state = 'unmatched'",
    )
    op.create_index("ix_webhook_deliveries_state", "webhook_deliveries", ["state", "delivery_id"])
    op.create_index("ix_webhook_deliveries_endpoint", "webhook_deliveries", ["endpoint", "received_at"])
    op.create_index("ix_webhook_deliveries_received_at", "webhook_deliveries", ["received_at"])


def create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("thread_key", sa.Text(), nullable=False),
        sa.Column("service_thread_id", sa.Text(), nullable=True),
        sa.Column("counterpart_keys", TEXTS, server_default="{}", nullable=False),
        sa.Column("counterpart_name", sa.Text(), nullable=True),
        sa.Column("is_group", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("labels", TEXTS, server_default="{}", nullable=False),
        sa.Column("snoozed_until", INSTANT, nullable=True),
        sa.Column("read_until", INSTANT, nullable=True),
        sa.Column("unread_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_message_at", INSTANT, nullable=False),
        sa.Column("last_direction", sa.Text(), nullable=False),
        sa.Column("last_text", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "last_direction in ('own', 'theirs')", name=op.f("ck_conversations_last_direction")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_conversations_account_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_conversations_lead_id")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_conversations")),
    )
    op.create_index("uq_conversations_thread", "conversations", ["account_id", "thread_key"], unique=True)
    op.create_index(
        "ix_conversations_lead_id", "conversations", ["lead_id"], postgresql_where="lead_id is not null"
    )
    op.create_index(
        "ix_conversations_nobodys", "conversations", ["conversation_id"], postgresql_where="lead_id is null"
    )
    op.create_index("ix_conversations_last", "conversations", ["last_message_at", "conversation_id"])
    op.create_index("ix_conversations_labels", "conversations", ["labels"], postgresql_using="gin")


def create_messages() -> None:
    op.create_table(
        "inbox_messages",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("service_message_id", sa.Text(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("edited_at", INSTANT, nullable=True),
        sa.Column("deleted_at", INSTANT, nullable=True),
        sa.Column("seen_at", INSTANT, nullable=True),
        sa.Column("reactions", TEXTS, server_default="{}", nullable=False),
        sa.Column("attachments", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("heard", TEXTS, server_default="{}", nullable=False),
        sa.Column("told", TEXTS, server_default="{}", nullable=False),
        sa.Column("seen_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("direction in ('own', 'theirs')", name=op.f("ck_inbox_messages_direction")),
        sa.CheckConstraint("by in ('them', 'run', 'inbox', 'hand')", name=op.f("ck_inbox_messages_by")),
        sa.CheckConstraint(
            "(direction = 'theirs') = (by = 'them')", name=op.f("ck_inbox_messages_theirs_is_by_them")
        ),
        sa.CheckConstraint(
            "kind in ('reply', 'auto_reply', 'opt_out', 'decline', 'note', 'own')",
            name=op.f("ck_inbox_messages_kind"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_inbox_messages_account_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_inbox_messages_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_inbox_messages")),
    )
    op.create_index("uq_inbox_messages_key", "inbox_messages", ["account_id", "message_key"], unique=True)
    op.create_index(
        "ix_inbox_messages_conversation", "inbox_messages", ["conversation_id", "at", "message_id"]
    )
    op.create_index(
        "ix_inbox_messages_run_id", "inbox_messages", ["run_id"], postgresql_where="run_id is not null"
    )


def downgrade() -> None:
    op.drop_table("inbox_messages")
    op.drop_table("conversations")
    op.drop_table("webhook_deliveries")
    op.drop_index("uq_accounts_external_id", "accounts")
    op.drop_constraint(op.f("ck_accounts_report_has_time"), "accounts")
    for name in ("reported_at", "reported", "external_id"):
        op.drop_column("accounts", name)
