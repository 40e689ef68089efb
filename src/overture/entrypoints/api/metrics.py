"""Figures for whoever watches: controls by the rung that found them, and how the queue stands."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from overture import runs
from overture.core.instants import Instant
from overture.entrypoints.api.access import Product, needs_key
from overture.entrypoints.api.problems import declared

router = APIRouter(tags=["diagnostics"], dependencies=[needs_key])

DAYS: Final = 7
EXPOSITION: Final = "text/plain; version=0.0.4; charset=utf-8"


class LadderView(BaseModel):
    """One control: which rung of its ladder found it, and how often none did."""

    model_config = ConfigDict(from_attributes=True)

    control: str = Field(examples=["connect"])
    hits: dict[int, int] = Field(description="Finds by rung; 1 is the sturdiest.", examples=[{"1": 40}])
    misses: int = Field(description="Looks in which no rung found it and it was needed.")
    beyond_first: float = Field(description="Share of looks that the first rung did not answer.")
    last_hit_at: Instant | None
    last_miss_at: Instant | None
    pages: list[str] = Field(description="Kinds of page and languages.", examples=[["B en", "A de"]])


class LadderList(BaseModel):
    """All controls looked for in a stretch of days."""

    since: Instant
    data: list[LadderView]


@router.get("/api/v1/diagnostics/controls", responses=declared())
async def list_controls(
    app: Product, days: Annotated[int, Query(ge=1, le=90, description="How far to look back.")] = DAYS
) -> LadderList:
    """How well the pages are still known: a control found ever more often beyond rung 1 is drifting."""
    since = app.now() - timedelta(days=days)
    async with app.sessions() as db:
        found = await runs.ladders(db, since)
    return LadderList(since=since, data=[LadderView.model_validate(one) for one in found])


COUNTS: Final = text("select status, count(*) as runs from runs group by status")
STATES: Final = text(
    "select state, count(*) as accounts from accounts where removed_at is null group by state"
)
LAG: Final = text(
    "select coalesce(extract(epoch from :now - min(next_at)), 0) from runs "
    "where admitted_at is null and status = 'pending' and next_at <= :now"
)
DELIVERIES: Final = text(
    "select source, state, count(*) as deliveries from webhook_deliveries group by source, state"
)
DELIVERY_LAG: Final = text(
    "select coalesce(extract(epoch from :now - min(received_at)), 0) from webhook_deliveries "
    "where state = 'received' and next_at <= :now"
)
ANSWERS: Final = text(
    "select c.channel, m.kind, count(*) as messages from inbox_messages m "
    "join conversations c using (conversation_id) where m.direction = 'theirs' group by c.channel, m.kind"
)
UNKNOWN: Final = text("select count(*) from runs where effect = 'unknown'")

Labels = Mapping[str, object]
Sample = tuple[Labels, float]


@router.get("/metrics", response_class=PlainTextResponse, include_in_schema=False)
async def metrics(app: Product) -> PlainTextResponse:
    """The figures as Prometheus reads them; no person and no account is named."""
    now = app.now()
    async with app.sessions() as db:
        found = await runs.ladders(db, now - timedelta(days=DAYS))
        counts = [({"status": row.status}, row.runs) for row in await db.execute(COUNTS)]
        states = [({"state": row.state}, row.accounts) for row in await db.execute(STATES)]
        lag = float(await db.scalar(LAG, {"now": now}) or 0)
        unknown = await db.scalar(UNKNOWN) or 0
        told = await db.execute(DELIVERIES)
        deliveries = [({"source": row.source, "state": row.state}, row.deliveries) for row in told]
        behind = float(await db.scalar(DELIVERY_LAG, {"now": now}) or 0)
        said = await db.execute(ANSWERS)
        answers = [({"channel": row.channel, "kind": row.kind}, row.messages) for row in said]
    hits = [({"control": one.control, "rung": rung}, n) for one in found for rung, n in one.hits.items()]
    misses = [({"control": one.control}, one.misses) for one in found]
    lines = (
        *gauge("overture_runs", "Runs by status.", counts),
        *gauge("overture_accounts", "Accounts by state.", states),
        *gauge("overture_due_lag_seconds", "How long the oldest due run has waited.", [({}, lag)]),
        *gauge("overture_unknown_outcomes", "Runs whose effect is not known.", [({}, unknown)]),
        *gauge("overture_webhook_deliveries", "Deliveries kept, by source and state.", deliveries),
        *gauge("overture_webhook_apply_lag_seconds", "Age of the oldest not applied.", [({}, behind)]),
        *gauge("overture_inbox_received", "Messages of theirs, by channel and kind.", answers),
        *gauge("overture_control_hits", f"Finds of a control by rung, last {DAYS} days.", hits),
        *gauge("overture_control_misses", f"Needed controls not found, last {DAYS} days.", misses),
    )
    return PlainTextResponse("\n".join((*lines, "")), media_type=EXPOSITION)


def gauge(name: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    """One figure with its samples."""
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        written = ",".join(f'{key}="{escaped(str(one))}"' for key, one in labels.items())
        yield f"{name}{{{written}}} {value:g}" if written else f"{name} {value:g}"


def escaped(value: str) -> str:
    """A label's value as the format wants it."""
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
