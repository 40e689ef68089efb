"""The reference page of reasons: why nothing happens now, or why it is over."""

from collections.abc import Iterable
from typing import Final

from overture.campaigns import BLOCKED, DONE, SENTENCES, WAITING, next_action

HEAD: Final = """\
# Reasons

Generated from the registry (`python -m overture.entrypoints.openapi`). Every enrollment has one: what it
waits for, or why it is over. The same codes are in the API (`reason`, `why`), in exports and on the pages;
the database takes no other. Paths are those of the API, below `/api/v1`.
"""
PARTS: Final = (
    ("Waiting", "It clears by itself, at `next_action_at` or with an event.", WAITING),
    ("Blocked", "It stays until somebody acts.", BLOCKED),
    ("Over", "Nothing more happens.", DONE),
)


def reasons_page() -> str:
    """The page, in Markdown."""
    known = {code for _, _, codes in PARTS for code in codes}
    parts = [f"## {title}\n\n{says}\n\n{table(codes)}" for title, says, codes in PARTS]
    others = "Why a campaign as a whole does not send (`why-not-sending`), besides the reasons of its people."
    of_campaigns = f"## Of campaigns\n\n{others}\n\n{table(code for code in SENTENCES if code not in known)}"
    return "\n".join([HEAD, *parts, of_campaigns])


def table(codes: Iterable[str]) -> str:
    """The rows of these."""
    rows = [f"| `{code}` | {SENTENCES[code]} | {next_action(code)} |\n" for code in codes]
    return "".join(["| Code | What it says | What to do |\n| --- | --- | --- |\n", *rows])
