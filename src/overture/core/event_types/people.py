"""Events of people: what is known of them, and what was done with it."""

from typing import Final

from overture.core.event_types.kind import EventType

RELATION_DATA: Final = {
    "from": "what they were",
    "to": "what they are",
    "since": "since when",
    "observed_at": "when it was seen",
    "source": "how it is known",
}

PEOPLE: Final = {
    "lead.created": EventType(
        "A person was taken in.",
        {
            "source": "where from",
            "stage": "the stage it begins at",
            "keys": "kinds of keys it is known by",
        },
    ),
    "lead.updated": EventType(
        "A lead was brought up to date.",
        {
            "source": "where from",
            "fields": "names of the fields that changed",
            "keys": "kinds of new keys",
        },
    ),
    "lead.stage_changed": EventType(
        "A lead moved in the pipeline.",
        {
            "from": "the stage it was at",
            "to": "the stage it is at",
            "why": "what moved it",
            "by": "who or which run",
            "manual": "whether an administrator set it by hand",
        },
    ),
    "lead.enriched": EventType(
        "A profile was read.", {"run_id": "the run", "fields": "names of the fields it filled"}
    ),
    "lead.profile_mismatch": EventType(
        "The profile that was read is another member's; nothing was taken from it.", {"run_id": "the run"}
    ),
    "lead.relationship_changed": EventType(
        "What an account and a lead are to each other changed.", RELATION_DATA
    ),
    "connection_accepted": EventType("An invitation of ours was accepted.", RELATION_DATA),
    "connection_accepted_historical": EventType(
        "A connection was found that was there before any invitation of ours.", RELATION_DATA
    ),
    "lead.merged": EventType(
        "Two leads proved to be one person; told of each.",
        {
            "merge_id": "the merge",
            "kept_id": "the lead that stays",
            "merged_id": "the lead that went into it",
            "reason": "why",
            "by": "who or what",
        },
    ),
    "lead.merge_undone": EventType(
        "A merge was undone; told of each lead.",
        {
            "merge_id": "the merge",
            "kept_id": "the lead that had stayed",
            "merged_id": "the lead that is one again",
            "reason": "why they had been merged",
            "by": "who or what",
        },
    ),
    "lead.removed": EventType(
        "A lead was taken back with the import that had made it.",
        {"source": "the import", "by": "who asked"},
    ),
    "lead.restored": EventType(
        "What an import had changed of a lead was taken back.",
        {"source": "the import", "by": "who asked", "fields": "names of the fields, `keys` for its keys"},
    ),
    **{
        f"import.{change}": EventType(
            says,
            {
                "import_id": "the import",
                "source_format": "whose file it is",
                "total": "how many rows it has",
                "done": "how many were decided",
                "counts": "rows by outcome, those skipped or invalid by code too",
                **more,
            },
        )
        for change, says, more in (
            ("finished", "Every row of an import has its receipt.", {}),
            ("failed", "An import cannot go on.", {"problem": "why"}),
            (
                "rolled_back",
                "An import was taken back.",
                {"by": "who asked", "undone": "rows by what was done with them"},
            ),
        )
    },
    "lead.erased": EventType(
        "A person was erased; told of each of their leads.",
        {"by": "who asked", "keys": "how many keys they had", "runs": "how many runs were emptied"},
    ),
    **{
        f"suppression.{change}": EventType(
            says,
            {
                "suppression_id": "the suppression",
                "kind": "what it names: a person, email, domain, company, linkedin, tombstone",
                "reason": "why",
                "expires_at": "until when, or null",
                "by": "who",
                **more,
            },
        )
        for change, says, more in (
            ("added", "Somebody is not to be contacted; told of each lead it names by id or key.", {}),
            ("strengthened", "A suppression took a stronger reason or a later end.", {}),
            ("lifted", "Somebody may be contacted again.", {"why": "what the administrator said"}),
        )
    },
}
