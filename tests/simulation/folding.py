"""The event log folded into every state it speaks of, and the tables held against that (I22).

Nothing here asks the product what an event means: an event's data is what the row says from then on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import read_public_id

State = dict[str, object]
EVENTS: Final = text("""
select type, at, account_id, lead_id, campaign_id, enrollment_id, data from events order by id
""")
OF_CAMPAIGN: Final = ("name", "state", "state_reason", "revision", "version_id", "settings")
OF_ENROLLMENT: Final = (
    *("campaign_id", "lead_id", "account_id", "version_id", "state", "reason", "detail", "next_action_at"),
    *("lane", "priority", "step", "round", "fallback", "entered_at", "backoff_hours", "variants"),
    *("finished_at",),
)
OF_TOUCH: Final = (
    *("enrollment_id", "campaign_id", "lead_id", "account_id", "run_id", "step", "round", "fallback"),
    *("channel", "touchpoint_type", "variant", "state", "code", "planned_at"),
)
OF_APPROVAL: Final = (
    *("enrollment_id", "state", "step", "round", "fallback", "channel", "content_hash", "origin"),
)
OF_RELATIONSHIP: Final = ("state", "since", "source")
OF_LEAD: Final = ("stage", "merged_into")
TABLES: Final = {
    "campaigns": ("select campaign_id::text as key, * from campaigns", OF_CAMPAIGN),
    "enrollments": ("select enrollment_id::text as key, * from enrollments", OF_ENROLLMENT),
    "touches": ("select touch_id::text as key, * from touches", OF_TOUCH),
    "approvals": ("select approval_id::text as key, * from approvals", OF_APPROVAL),
    "leads": ("select lead_id::text as key, * from leads", OF_LEAD),
    "relationships": (
        "select account_id || ' ' || lead_id as key, * from relationships",
        OF_RELATIONSHIP,
    ),
}


@dataclass
class Fold:
    """What the log adds up to: by table, by key, the columns it tells of."""

    states: dict[str, dict[str, State]] = field(default_factory=lambda: {name: {} for name in TABLES})

    def take(self, event: Row[tuple[object, ...]]) -> None:
        """One event more."""
        kind, data = str(event.type), event.data
        about = {name: getattr(event, name) for name in ("account_id", "lead_id", "campaign_id")}
        family = kind.partition(".")[0]
        if family == "campaign":
            self.put("campaigns", event.campaign_id, data)
        elif family == "enrollment":
            self.put("enrollments", event.enrollment_id, {"campaign_id": event.campaign_id, **data})
        elif family == "touch":
            planned = {"planned_at": event.at} if kind == "touch.planned" else {}
            own = {"enrollment_id": event.enrollment_id, "run_id": read_public_id("run", data["run_id"])}
            self.put("touches", read_public_id("tch", data["touch_id"]), {**data, **about, **own, **planned})
        elif family == "approval":
            own = {"enrollment_id": event.enrollment_id}
            self.put("approvals", read_public_id("apr", data["approval_id"]), {**data, **own})
        elif kind == "lead.relationship_changed":
            self.put("relationships", f"{event.account_id} {event.lead_id}", {**data, "state": data["to"]})
        elif family == "lead":
            self.of_lead(kind, event.lead_id, data)

    def of_lead(self, kind: str, lead_id: UUID, data: Mapping[str, object]) -> None:
        """An event of a person."""
        match kind:
            case "lead.created":
                self.put("leads", lead_id, {"stage": data["stage"], "merged_into": None})
            case "lead.stage_changed":
                self.put("leads", lead_id, {"stage": data["to"]})
            case "lead.merged" if read_public_id("lead", str(data["merged_id"])) == lead_id:
                self.put("leads", lead_id, {"merged_into": read_public_id("lead", str(data["kept_id"]))})
            case "lead.merge_undone" if read_public_id("lead", str(data["merged_id"])) == lead_id:
                self.put("leads", lead_id, {"merged_into": None})
            case "lead.removed":
                del self.states["leads"][str(lead_id)]
            case "lead.erased":
                self.of_erased(str(lead_id))

    def of_erased(self, lead_id: str) -> None:
        """Somebody is forgotten: how accounts stood to them, what was said and written of them."""
        known = self.states["relationships"]
        for key in [one for one in known if one.endswith(lead_id)]:
            del known[key]
        theirs = {key for key, one in self.states["enrollments"].items() if one.get("lead_id") == lead_id}
        for key in theirs:
            self.states["enrollments"][key]["detail"] = None
        for approval in self.states["approvals"].values():
            if approval["enrollment_id"] in theirs:
                approval["content_hash"] = "erased"

    def put(self, table: str, key: object, data: Mapping[str, object]) -> None:
        """The row says this from now on."""
        columns = TABLES[table][1]
        said = {name: plain(value) for name, value in data.items() if name in columns}
        self.states[table].setdefault(str(key), {}).update(said)


async def unlike_their_events(db: AsyncSession) -> list[str]:
    """Every row of a state table that is not what its events add up to, and every one that is missing."""
    fold = Fold()
    for event in await db.execute(EVENTS):
        fold.take(event)
    found: list[str] = []
    for table, (query, columns) in TABLES.items():
        rows = {row["key"]: dict(row) for row in (await db.execute(text(query))).mappings()}
        folded = fold.states[table]
        if table == "relationships":  # one about which nothing was ever seen says as much as none
            rows = {key: row for key, row in rows.items() if key in folded or row["state"] != "none"}
            folded = {key: one for key, one in folded.items() if key in rows or one["state"] != "none"}
        found += [f"{table}: {key} is in no event" for key in rows.keys() - folded.keys()]
        found += [
            f"{table}: the events tell of {key}, the table does not" for key in folded.keys() - rows.keys()
        ]
        for key in sorted(rows.keys() & folded.keys()):
            found += differing(table, rows[key], dict.fromkeys(columns) | folded[key])
    return found


def differing(table: str, row: Mapping[str, object], folded: State) -> list[str]:
    """The columns of a row that are not as the log has them."""
    return [
        f"{table}: {row['key']}.{name} is {plain(row[name])!r}, by its events {value!r}"
        for name, value in folded.items()
        if plain(row[name]) != value
    ]


def plain(value: object) -> object:
    """A value as it can be compared; an instant is the same however it is spelled."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and value[:2] == "20":
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
