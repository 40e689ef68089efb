"""What can be said of a row of an import: every code, with the sentence people read."""

from typing import Final

OUTCOMES: Final = ("created", "updated", "unchanged", "skipped", "invalid")

SKIPPED: Final = {
    "duplicate_in_file": "An earlier row of the file is this person; of this row only the keys are taken.",
    "suppressed": "This person, address, domain or company is never to be contacted.",
    "erased": "This person was erased at their own request and is not stored again.",
    "do_not_import": "The file says not to.",
    "exists": "The person is known already, and this import only adds.",
    "not_found": "The person is not known yet, and this import only updates.",
}
"""Rows left out on purpose."""

INVALID: Final = {
    "no_key": "The row has no e-mail address, LinkedIn address or external id, nor a name with a website: "
    "nobody to recognise again.",
    "email_invalid": "The e-mail address is none, and the row has no other key.",
    "linkedin_url_invalid": "The LinkedIn address is none of a person, and the row has no other key.",
    "external_id_invalid": "The external id is too long, and the row has no other key.",
    "row_unreadable": "The row could not be read.",
}
"""Rows that cannot be taken as they are."""

WARNINGS: Final = {
    "email_invalid": "The e-mail address is none and was left out.",
    "linkedin_url_invalid": "The LinkedIn address is none of a person and was left out.",
    "external_id_invalid": "The external id is too long and was left out.",
    "attributes_invalid": "The attributes are no JSON object and were left out.",
    "zone_unknown": "The time zone is none known and was left out.",
    "cell_cut": "A cell is longer than we keep and was cut.",
    "short_row": "The row has fewer cells than the header.",
    "long_row": "The row has more cells than the header; those beyond it were left out.",
    "quote_not_closed": "The row opens a quote and never closes it; it was read without quotes.",
    "nul_removed": "The row had NUL bytes, which were removed.",
    "key_taken": "A key of the row belongs to another person and was left with them.",
    "merged": "The row's keys were those of several leads, which were merged.",
}
"""Said of a row that was taken nevertheless."""

REASONS: Final = {**WARNINGS, **INVALID, **SKIPPED}


def told(codes: tuple[str, ...]) -> str | None:
    """The sentences of warnings, as one text."""
    return " ".join(WARNINGS[code] for code in codes) or None
