"""The reference page of events: every type the log may hold, and what the keys of its data mean."""

from typing import Final

from overture.core.event_types import EVENT_TYPES

HEAD: Final = """\
# Events

Generated from the registry (`python -m overture.entrypoints.openapi`). `GET /api/v1/events` gives the log;
each event has `event_id`, `at`, `type`, what it is about (`handle`, `run_id`, `lead_id`, `campaign_id`,
`enrollment_id`, as far as it is about one), and `data`, whose keys are those below. A key may be absent or
null where there is nothing to tell. Events of people hold no name, no address and no text; what the events of
runs tell of a person (`target`) goes when they are erased.

Every change of a lead, relationship, campaign, enrollment, touch and approval is an event of the same
transaction, so that the state of each is what its events add up to.
"""


def events_page() -> str:
    """The page, in Markdown."""
    families: dict[str, list[str]] = {}
    for kind in sorted(EVENT_TYPES):
        families.setdefault(kind.partition(".")[0].partition("_")[0], []).append(kind)
    parts = [f"## {name.capitalize()}\n\n{table(kinds)}" for name, kinds in families.items()]
    return "\n".join([HEAD, *parts])


def table(kinds: list[str]) -> str:
    """The rows of these."""
    rows = [f"| `{kind}` | {EVENT_TYPES[kind].says} | {keys(kind)} |\n" for kind in kinds]
    return "".join(["| Type | What happened | `data` |\n| --- | --- | --- |\n", *rows])


def keys(kind: str) -> str:
    """The keys of its data, each with its meaning."""
    return "<br>".join(f"`{key}`: {means}" for key, means in EVENT_TYPES[kind].data.items())
