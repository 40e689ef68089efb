"""Events of reconciliation and administration."""

from typing import Final

from overture.core.event_types.kind import EventType

RECONCILIATION: Final = {
    f"reconciliation.{what}": EventType(
        says, {"reconciliation_id": "the reconciliation", "by": "who asked", **more}
    )
    for what, says, more in (
        (
            "started",
            "An account's connections are compared with the leads.",
            {"scope": "which leads, how far back, at what cost", "why": "what was said of it"},
        ),
        ("finished", "They were compared.", {"counts": "what came of it"}),
        ("failed", "They could not be compared.", {"problem": "why"}),
        ("cancelled", "The comparison was called off; what it had found out stays.", {}),
    )
}

ADMINISTRATION: Final = {
    **{
        f"job.{end}": EventType(
            says,
            {
                "job": "which",
                "trigger": "`nightly`, `start`, `reconnect`, `settled`, `silent`, `api` or `cli`",
                "by": "who or what asked for it",
                "asked": "about what",
                "result": "what was found and done",
                "error": "why it failed, or null",
            },
        )
        for end, says in (
            ("finished", "A job of reconciliation was done."),
            ("failed", "A job of reconciliation could not be done."),
        )
    },
    "account.usage_corrected": EventType(
        "What was written down of an account's days was not what its runs say, and was put right.",
        {"days": "day, category, what was written and what was counted"},
    ),
    "admin.webhook_deleted": EventType(
        "A webhook was deleted at the service.",
        {"provider": "the service", "webhook_id": "its id there", "by": "who"},
    ),
    "admin.webhooks_fixed": EventType(
        "The webhooks at the service were compared with what they should be, and mended.",
        {
            "provider": "the service",
            "kept": "those that were right",
            "created": "those that were missing",
            "deleted": "those that were wrong or double",
            "foreign": "those of others, left alone",
            "error": "why it could not be done to its end",
            "by": "who",
        },
    ),
    "admin.schema_upgraded": EventType(
        "The database was brought to this version's schema.",
        {"from": "the revision it was at", "to": "the revision it is at", "by": "who"},
    ),
    "admin.token_issued": EventType(
        "A token was issued that opens a part of the API for a while.",
        {"name": "whose", "scopes": "what it opens", "expires_at": "until when", "by": "who"},
    ),
}
