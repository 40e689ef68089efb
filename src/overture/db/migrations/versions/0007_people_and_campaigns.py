"""People and campaigns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


class Xid8(UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


VERSION_FIXED = """
create function sequence_versions_never_change() returns trigger language plpgsql as $$
begin
    raise exception 'a published sequence version never changes' using errcode = 'restrict_violation';
end $$;
create trigger sequence_versions_never_change before update or delete on sequence_versions
    for each row execute function sequence_versions_never_change();
"""


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("draft", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state <> 'active' or version_id is not null", name=op.f("ck_campaigns_active_has_sequence")
        ),
        sa.CheckConstraint(
            "state in ('draft', 'active', 'paused', 'completed', 'stopped', 'archived')",
            name=op.f("ck_campaigns_state"),
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaigns")),
    )
    op.create_index(
        "uq_campaigns_name",
        "campaigns",
        [sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where="state <> 'archived'",
    )
    op.create_table(
        "companies",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_companies")),
    )
    op.create_index("ix_companies_name_key", "companies", ["name_key"], unique=False)
    op.create_index(
        "uq_companies_domain", "companies", ["domain"], unique=True, postgresql_where="domain is not null"
    )
    op.create_table(
        "consumers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("xid", Xid8(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_consumers")),
    )
    op.create_table(
        "import_mappings",
        sa.Column("header_hash", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("header_hash", name=op.f("pk_import_mappings")),
    )
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("source_format", sa.Text(), nullable=False),
        sa.Column("reading", postgresql.JSONB(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("rolled_back_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'running', 'finished', 'failed', 'rolled_back')",
            name=op.f("ck_imports_state"),
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_imports")),
    )
    op.create_table(
        "model_calls",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("enrollment_id", sa.Uuid(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=True),
        sa.Column("completion_tokens", sa.Integer(), nullable=True),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_model_calls")),
    )
    op.create_index("ix_model_calls_at", "model_calls", ["at"], unique=False)
    op.create_table(
        "replays",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_replays")),
    )
    op.create_index("ix_replays_created_at", "replays", ["created_at"], unique=False)
    op.create_table(
        "suppressions",
        sa.Column("suppression_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "expires_at is null or reason not in ('opt_out', 'erased')",
            name=op.f("ck_suppressions_opt_out_is_for_ever"),
        ),
        sa.CheckConstraint(
            "kind in ('person', 'email', 'domain', 'company', 'linkedin', 'tombstone')",
            name=op.f("ck_suppressions_kind"),
        ),
        sa.CheckConstraint(
            "reason in ('opt_out', 'bounced', 'complained', 'declined', 'manual', 'erased', 'imported')",
            name=op.f("ck_suppressions_reason"),
        ),
        sa.PrimaryKeyConstraint("suppression_id", name=op.f("pk_suppressions")),
    )
    op.create_index(
        "uq_suppressions_live",
        "suppressions",
        ["kind", "value"],
        unique=True,
        postgresql_where="lifted_at is null",
    )
    op.create_table(
        "campaign_accounts",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.SmallInteger(), nullable=False),
        sa.Column("dealt", sa.Integer(), nullable=False),
        sa.Column("served_at", INSTANT, nullable=True),
        sa.CheckConstraint("weight > 0", name=op.f("ck_campaign_accounts_weight")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_campaign_accounts_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name=op.f("fk_campaign_accounts_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "account_id", name=op.f("pk_campaign_accounts")),
    )
    op.create_index("ix_campaign_accounts_account_id", "campaign_accounts", ["account_id"], unique=False)
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("raw", postgresql.JSONB(), nullable=True),
        sa.Column("undone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.import_id"], name=op.f("fk_import_rows_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_import_rows")),
    )
    op.create_index("ix_import_rows_lead_id", "import_rows", ["lead_id"], unique=False)
    op.create_table(
        "lanes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "lane in ('connect', 'check_pending', 'follow_up', 'engage', 'enrich', 'withdraw', 'inmail', 'react', 'comment', 'follow', 'search', 'sync')",
            name=op.f("ck_lanes_lane"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_lanes_account_id")),
        sa.PrimaryKeyConstraint("account_id", "lane", name=op.f("pk_lanes")),
    )
    op.create_index("ix_lanes_next_at", "lanes", ["next_at"], unique=False)
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("headline", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("company_name", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("custom", postgresql.JSONB(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), server_default="DISCOVERED", nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "stage in ('DISCOVERED', 'ENRICHED', 'PENDING', 'CONNECTED', 'COMPLETED', 'FAILED', 'IGNORED')",
            name=op.f("ck_leads_stage"),
        ),
        sa.CheckConstraint(
            "merged_into is null or merged_into <> lead_id", name=op.f("ck_leads_not_into_itself")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.company_id"], name=op.f("fk_leads_company_id")),
        sa.ForeignKeyConstraint(["merged_into"], ["leads.lead_id"], name=op.f("fk_leads_merged_into")),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_leads")),
    )
    op.create_index("ix_leads_company_id", "leads", ["company_id"], unique=False)
    op.create_index(
        "ix_leads_merged_into",
        "leads",
        ["merged_into"],
        unique=False,
        postgresql_where="merged_into is not null",
    )
    op.create_index("ix_leads_stage", "leads", ["stage", "lead_id"], unique=False)
    op.create_table(
        "sequence_versions",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name=op.f("fk_sequence_versions_campaign_id")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_sequence_versions")),
    )
    op.create_index(
        "uq_sequence_versions_number", "sequence_versions", ["campaign_id", "number"], unique=True
    )
    op.create_table(
        "syncs",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("read_until", INSTANT, nullable=True),
        sa.CheckConstraint("kind in ('sync_relations', 'sync_inbox')", name=op.f("ck_syncs_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_syncs_account_id")),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_syncs")),
    )
    op.create_index("ix_syncs_next_at", "syncs", ["next_at"], unique=False)
    op.create_table(
        "turns",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("served_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_turns_account_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name=op.f("fk_turns_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "account_id", "lane", name=op.f("pk_turns")),
    )
    op.create_table(
        "enrollments",
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("seats", postgresql.JSONB(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("next_action_at", INSTANT, nullable=True),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("fallback", sa.SmallInteger(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("backoff_hours", sa.Float(), nullable=True),
        sa.Column("variants", postgresql.JSONB(), nullable=False),
        sa.Column("enrolled_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(state = 'paused') = (reason = 'paused_by_user')", name=op.f("ck_enrollments_paused")
        ),
        sa.CheckConstraint(
            "(state in ('replied', 'completed', 'failed', 'ignored')) = (finished_at is not null)",
            name=op.f("ck_enrollments_over_has_end"),
        ),
        sa.CheckConstraint(
            "lane in ('connect', 'check_pending', 'follow_up', 'engage', 'enrich', 'withdraw', 'inmail', 'react', 'comment', 'follow', 'search', 'sync')",
            name=op.f("ck_enrollments_lane"),
        ),
        sa.CheckConstraint(
            "state in ('active', 'paused', 'replied', 'completed', 'failed', 'ignored')",
            name=op.f("ck_enrollments_state"),
        ),
        sa.CheckConstraint(
            "state in ('replied', 'completed', 'failed', 'ignored') or next_action_at is not null or reason in ('account_disconnected', 'challenge_required', 'missing_email', 'missing_linkedin_url', 'missing_variable', 'missing_subject', 'no_inmail_credits', 'profile_closed', 'form_not_found', 'form_has_captcha', 'form_forbids_solicitation', 'template_invalid', 'outcome_unknown', 'config_invalid', 'possible_opt_out', 'paused_by_user')",
            name=op.f("ck_enrollments_waits_with_time"),
        ),
        sa.CheckConstraint(
            "state in ('replied', 'completed', 'failed', 'ignored') or reason in ('queued', 'delay', 'working_hours', 'rest_day', 'daily_quota', 'weekly_quota', 'monthly_quota', 'ramp', 'min_interval', 'touch_limit', 'running', 'retry', 'waiting_accept', 'waiting_reply', 'waiting_event', 'waiting_enrichment', 'waiting_approval', 'waiting_draft', 'waiting_manual_task', 'waiting_reconcile', 'provider_cooldown', 'invite_cooldown', 'campaign_paused', 'account_paused', 'kill_switch', 'company_lock', 'auto_replied', 'account_disconnected', 'challenge_required', 'missing_email', 'missing_linkedin_url', 'missing_variable', 'missing_subject', 'no_inmail_credits', 'profile_closed', 'form_not_found', 'form_has_captcha', 'form_forbids_solicitation', 'template_invalid', 'outcome_unknown', 'config_invalid', 'possible_opt_out', 'paused_by_user')",
            name=op.f("ck_enrollments_waits_with_reason"),
        ),
        sa.CheckConstraint(
            "state not in ('replied', 'completed', 'failed', 'ignored') or next_action_at is null",
            name=op.f("ck_enrollments_over_is_quiet"),
        ),
        sa.CheckConstraint(
            "state not in ('replied', 'completed', 'failed', 'ignored') or reason in ('completed', 'replied', 'opted_out', 'suppressed', 'bounced', 'declined', 'invite_expired', 'goal_reached', 'moved', 'stopped_by_user', 'manual_contact', 'duplicate', 'already_connected', 'not_found', 'not_reachable', 'company_replied', 'erased')",
            name=op.f("ck_enrollments_over_with_reason"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_enrollments_account_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name=op.f("fk_enrollments_campaign_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_enrollments_lead_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["sequence_versions.version_id"], name=op.f("fk_enrollments_version_id")
        ),
        sa.PrimaryKeyConstraint("enrollment_id", name=op.f("pk_enrollments")),
    )
    op.create_index(
        "ix_enrollments_campaign_state", "enrollments", ["campaign_id", "state", "reason"], unique=False
    )
    op.create_index(
        "ix_enrollments_due",
        "enrollments",
        ["next_action_at"],
        unique=False,
        postgresql_where="state = 'active' and reason <> 'queued' and next_action_at is not null",
    )
    op.create_index("ix_enrollments_lead_id", "enrollments", ["lead_id"], unique=False)
    op.create_index(
        "ix_enrollments_queue",
        "enrollments",
        ["account_id", "lane", "campaign_id", sa.literal_column("priority desc"), "enrollment_id"],
        unique=False,
        postgresql_where="state = 'active' and reason = 'queued'",
    )
    op.create_index("uq_enrollments_lead", "enrollments", ["campaign_id", "lead_id"], unique=True)
    op.create_table(
        "identities",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind in ('email', 'linkedin', 'linkedin_profile_id', 'linkedin_member_id', 'sales_navigator', 'external')",
            name=op.f("ck_identities_kind"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_identities_lead_id")),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_identities")),
    )
    op.create_index("ix_identities_lead_id", "identities", ["lead_id"], unique=False)
    op.create_table(
        "merges",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["kept_id"], ["leads.lead_id"], name=op.f("fk_merges_kept_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["leads.lead_id"], name=op.f("fk_merges_merged_id")),
        sa.PrimaryKeyConstraint("merge_id", name=op.f("pk_merges")),
    )
    op.create_index("ix_merges_kept_id", "merges", ["kept_id"], unique=False)
    op.create_index("ix_merges_merged_id", "merges", ["merged_id"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_profiles_lead_id")),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_profiles")),
    )
    op.create_table(
        "relationships",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("observed_at", INSTANT, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state in ('none', 'invited', 'incoming', 'connected', 'withdrawn', 'removed', 'lapsed')",
            name=op.f("ck_relationships_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_relationships_account_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_relationships_lead_id")),
        sa.PrimaryKeyConstraint("account_id", "lead_id", name=op.f("pk_relationships")),
    )
    op.create_index(
        "ix_relationships_invited",
        "relationships",
        ["account_id", "since"],
        unique=False,
        postgresql_where="state = 'invited'",
    )
    op.create_index("ix_relationships_lead_id", "relationships", ["lead_id"], unique=False)
    op.create_table(
        "signals",
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind in ('replied', 'auto_replied', 'declined', 'opted_out', 'bounced', 'manual_contact', 'accepted', 'possible_opt_out', 'opened')",
            name=op.f("ck_signals_kind"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_signals_lead_id")),
        sa.PrimaryKeyConstraint("signal_id", name=op.f("pk_signals")),
    )
    op.create_index("ix_signals_lead_id", "signals", ["lead_id", "at"], unique=False)
    op.create_index(
        "ix_signals_run_id", "signals", ["run_id"], unique=False, postgresql_where="run_id is not null"
    )
    op.create_index("uq_signals_source", "signals", ["lead_id", "kind", "source"], unique=True)
    op.create_table(
        "approvals",
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("fallback", sa.SmallInteger(), nullable=False),
        sa.Column("touchpoint", postgresql.JSONB(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("rendered_hash", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("written", postgresql.JSONB(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("approved_at", INSTANT, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state in ('drafting', 'pending', 'approved', 'rejected', 'stale')",
            name=op.f("ck_approvals_state"),
        ),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollments.enrollment_id"], name=op.f("fk_approvals_enrollment_id")
        ),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_approvals")),
    )
    op.create_index(
        "ix_approvals_approved",
        "approvals",
        ["campaign_id"],
        unique=False,
        postgresql_where="approved_at is not null",
    )
    op.create_index("ix_approvals_state", "approvals", ["state", "approval_id"], unique=False)
    op.create_index(
        "uq_approvals_live",
        "approvals",
        ["enrollment_id", "step", "round", "fallback"],
        unique=True,
        postgresql_where="state <> 'stale'",
    )
    op.create_table(
        "touches",
        sa.Column("touch_id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("fallback", sa.SmallInteger(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("touchpoint_type", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("reaches_person", sa.Boolean(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=True),
        sa.Column("text_hash", sa.Text(), nullable=True),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(state = 'submitted' or state = 'unknown') = (ended_at is null)", name=op.f("ck_touches_ended")
        ),
        sa.CheckConstraint(
            "state in ('submitted', 'delivered', 'noop', 'failed', 'unknown', 'cancelled')",
            name=op.f("ck_touches_state"),
        ),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollments.enrollment_id"], name=op.f("fk_touches_enrollment_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_touches_lead_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_touches_run_id")),
        sa.PrimaryKeyConstraint("touch_id", name=op.f("pk_touches")),
    )
    op.create_index("ix_touches_campaign_id", "touches", ["campaign_id", "planned_at"], unique=False)
    op.create_index("ix_touches_lead_id", "touches", ["lead_id", "planned_at"], unique=False)
    op.create_index(
        "ix_touches_text_hash",
        "touches",
        ["text_hash", "lead_id"],
        unique=False,
        postgresql_where="text_hash is not null",
    )
    op.create_index("uq_touches_key", "touches", ["enrollment_id", "step", "round", "fallback"], unique=True)
    op.create_index("uq_touches_run_id", "touches", ["run_id"], unique=True)
    op.add_column("events", sa.Column("lead_id", sa.Uuid(), nullable=True))
    op.add_column("events", sa.Column("campaign_id", sa.Uuid(), nullable=True))
    op.add_column("events", sa.Column("enrollment_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_events_campaign_id",
        "events",
        ["campaign_id", "id"],
        unique=False,
        postgresql_where="campaign_id is not null",
    )
    op.create_index(
        "ix_events_enrollment_id",
        "events",
        ["enrollment_id", "id"],
        unique=False,
        postgresql_where="enrollment_id is not null",
    )
    op.create_index(
        "ix_events_lead_id", "events", ["lead_id", "id"], unique=False, postgresql_where="lead_id is not null"
    )
    op.create_index("ix_events_xid", "events", ["xid", "id"], unique=False)
    op.add_column("runs", sa.Column("look_since", INSTANT, nullable=True))
    op.add_column("runs", sa.Column("known_as", postgresql.ARRAY(sa.Text()), nullable=True))

    op.create_foreign_key(
        "fk_campaigns_version_id", "campaigns", "sequence_versions", ["version_id"], ["version_id"]
    )
    op.execute(VERSION_FIXED)


def downgrade() -> None:
    op.execute("drop trigger sequence_versions_never_change on sequence_versions")
    op.execute("drop function sequence_versions_never_change")
    op.drop_constraint("fk_campaigns_version_id", "campaigns")
    op.drop_column("runs", "known_as")
    op.drop_column("runs", "look_since")
    op.drop_index("ix_events_xid", table_name="events")
    op.drop_index("ix_events_lead_id", table_name="events", postgresql_where="lead_id is not null")
    op.drop_index(
        "ix_events_enrollment_id", table_name="events", postgresql_where="enrollment_id is not null"
    )
    op.drop_index("ix_events_campaign_id", table_name="events", postgresql_where="campaign_id is not null")
    op.drop_column("events", "enrollment_id")
    op.drop_column("events", "campaign_id")
    op.drop_column("events", "lead_id")
    op.drop_index("uq_touches_run_id", table_name="touches")
    op.drop_index("uq_touches_key", table_name="touches")
    op.drop_index("ix_touches_text_hash", table_name="touches", postgresql_where="text_hash is not null")
    op.drop_index("ix_touches_lead_id", table_name="touches")
    op.drop_index("ix_touches_campaign_id", table_name="touches")
    op.drop_table("touches")
    op.drop_index("uq_approvals_live", table_name="approvals", postgresql_where="state <> 'stale'")
    op.drop_index("ix_approvals_state", table_name="approvals")
    op.drop_index("ix_approvals_approved", table_name="approvals", postgresql_where="approved_at is not null")
    op.drop_table("approvals")
    op.drop_index("uq_signals_source", table_name="signals")
    op.drop_index("ix_signals_run_id", table_name="signals", postgresql_where="run_id is not null")
    op.drop_index("ix_signals_lead_id", table_name="signals")
    op.drop_table("signals")
    op.drop_index("ix_relationships_lead_id", table_name="relationships")
    op.drop_index(
        "ix_relationships_invited", table_name="relationships", postgresql_where="state = 'invited'"
    )
    op.drop_table("relationships")
    op.drop_table("profiles")
    op.drop_index("ix_merges_merged_id", table_name="merges")
    op.drop_index("ix_merges_kept_id", table_name="merges")
    op.drop_table("merges")
    op.drop_index("ix_identities_lead_id", table_name="identities")
    op.drop_table("identities")
    op.drop_index("uq_enrollments_lead", table_name="enrollments")
    op.drop_index(
        "ix_enrollments_queue",
        table_name="enrollments",
        postgresql_where="state = 'active' and reason = 'queued'",
    )
    op.drop_index("ix_enrollments_lead_id", table_name="enrollments")
    op.drop_index(
        "ix_enrollments_due",
        table_name="enrollments",
        postgresql_where="state = 'active' and reason <> 'queued' and next_action_at is not null",
    )
    op.drop_index("ix_enrollments_campaign_state", table_name="enrollments")
    op.drop_table("enrollments")
    op.drop_table("turns")
    op.drop_index("ix_syncs_next_at", table_name="syncs")
    op.drop_table("syncs")
    op.drop_index("uq_sequence_versions_number", table_name="sequence_versions")
    op.drop_table("sequence_versions")
    op.drop_index("ix_leads_stage", table_name="leads")
    op.drop_index("ix_leads_merged_into", table_name="leads", postgresql_where="merged_into is not null")
    op.drop_index("ix_leads_company_id", table_name="leads")
    op.drop_table("leads")
    op.drop_index("ix_lanes_next_at", table_name="lanes")
    op.drop_table("lanes")
    op.drop_index("ix_import_rows_lead_id", table_name="import_rows")
    op.drop_table("import_rows")
    op.drop_index("ix_campaign_accounts_account_id", table_name="campaign_accounts")
    op.drop_table("campaign_accounts")
    op.drop_index("uq_suppressions_live", table_name="suppressions", postgresql_where="lifted_at is null")
    op.drop_table("suppressions")
    op.drop_index("ix_replays_created_at", table_name="replays")
    op.drop_table("replays")
    op.drop_index("ix_model_calls_at", table_name="model_calls")
    op.drop_table("model_calls")
    op.drop_table("imports")
    op.drop_table("import_mappings")
    op.drop_table("consumers")
    op.drop_index("uq_companies_domain", table_name="companies", postgresql_where="domain is not null")
    op.drop_index("ix_companies_name_key", table_name="companies")
    op.drop_table("companies")
    op.drop_index("uq_campaigns_name", table_name="campaigns", postgresql_where="state <> 'archived'")
    op.drop_table("campaigns")
