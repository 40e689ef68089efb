"""What a client can do with people, as parts of a transaction: routes and the command line call these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people
from overture.campaigns import Enrollment
from overture.core.errors import Conflict, Invalid, Refused
from overture.core.ids import public_id
from overture.entrypoints.api.outreach.fields import shown_id
from overture.entrypoints.api.outreach.forgetting import TELLS, forgets
from overture.entrypoints.api.outreach.lead_shapes import (
    ErasedView,
    LeadDetail,
    LeadFields,
    LeadReceipt,
    MergeWith,
    NewLeadBody,
    NewLeads,
    StageChange,
    TakenLead,
    TakenRow,
)
from overture.entrypoints.api.outreach.lead_views import lead_detail, lead_views
from overture.entrypoints.bootstrap import App
from overture.people import Erasure, Lead, LeadFilter, Merging, Mode, stage

SOURCE: Final = "api"
MOST_SCANNED: Final = 2000
"""Leads looked at for one page that asks who is suppressed; a page may then be short, and goes on."""
AT_A_TIME: Final = 200
"""Leads read at once where most of them may not be shown."""
SENTENCES: Final = {
    "no_key": "Nothing names the person: give an e-mail, a LinkedIn address or id, an external id, or a name "
    "and a website.",
    "suppressed": "This person is on the suppression list and was not taken in.",
    "erased": "This person was erased at their own request and is not stored again.",
    "key_taken": "Every key that names the person belongs to somebody else.",
}


@dataclass(frozen=True)
class Wanted:
    """Which leads a list shows; None is no condition."""

    people: LeadFilter
    campaign_id: UUID | None = None
    is_suppressed: bool | None = None


@dataclass(frozen=True)
class Found:
    """One page of leads, and where the next begins."""

    leads: Sequence[Lead]
    last: UUID | None


async def find_leads(app: App, db: AsyncSession, wanted: Wanted, before: UUID | None, limit: int) -> Found:
    """Leads newest first, older than the cursor."""
    kept: list[Lead] = []
    scanned, many = 0, limit if wanted.is_suppressed is None else max(limit, AT_A_TIME)
    while True:
        rows = (await db.scalars(older(wanted, before).limit(many + 1))).all()
        scanned += len(rows)
        for lead in await asked_for(app, db, wanted, rows[:many]):
            kept.append(lead)
            if len(kept) == limit:
                is_last = lead.id == rows[-1].id
                return Found(kept, None if is_last else lead.id)
        if len(rows) <= many:
            return Found(kept, None)
        before = rows[many - 1].id
        if scanned >= MOST_SCANNED:
            return Found(kept, before)


async def first_leads(app: App, db: AsyncSession, wanted: Wanted, limit: int) -> list[Lead]:
    """Leads newest first, page after page: as many as are asked for, unless there are no more."""
    found = await find_leads(app, db, wanted, None, limit)
    kept = [*found.leads]
    while found.last is not None and len(kept) < limit:
        found = await find_leads(app, db, wanted, found.last, limit - len(kept))
        kept += found.leads
    return kept


def older(wanted: Wanted, before: UUID | None) -> Select[Lead]:
    """The query for what is older than the cursor."""
    query = people.matching(wanted.people)
    if wanted.campaign_id is not None:
        inside = select(Enrollment.lead_id).where(Enrollment.campaign_id == wanted.campaign_id)
        query = query.where(Lead.id.in_(inside))
    if before is not None:
        query = query.where(Lead.id < before)
    return query.order_by(Lead.id.desc())


async def asked_for(app: App, db: AsyncSession, wanted: Wanted, leads: Sequence[Lead]) -> Sequence[Lead]:
    """Those of them that are suppressed, or are not, as was asked."""
    if wanted.is_suppressed is None:
        return leads
    suppressed = await people.is_suppressed(db, [lead.id for lead in leads], app.now())
    return [lead for lead in leads if (lead.id in suppressed) == wanted.is_suppressed]


async def take_one(app: App, db: AsyncSession, new: NewLeadBody, dry_run: bool) -> TakenLead:
    """Take a person in, or refuse who may not be stored."""
    taken = await people.take_in(db, app.ids, app.now(), new.new(), SOURCE)
    if taken.lead is None or taken.outcome in ("skipped", "invalid"):
        raise refusal(taken.code or "no_key")
    (seen,) = await lead_views(app, db, [taken.lead])
    outcome = cast(Literal["created", "updated", "unchanged"], taken.outcome)
    return TakenLead(outcome=outcome, code=taken.code, dry_run=dry_run, lead=seen)


def refusal(code: str) -> Refused:
    """Why a person was not taken in."""
    detail = SENTENCES[code]
    errors = [{"pointer": "", "code": code, "detail": detail}]
    match code:
        case "no_key":
            return Invalid("validation_error", detail, fix="Give one of these.", errors=errors)
        case "key_taken":
            return Conflict("key_taken", detail, fix="Look for them with GET /api/v1/leads?q=….")
        case "suppressed":
            return Conflict("suppressed", detail, fix="Look at GET /api/v1/suppressions for why.")
        case _:
            return Conflict("erased", detail, fix="Leave them alone.")


async def take_several(app: App, db: AsyncSession, several: NewLeads, dry_run: bool) -> LeadReceipt:
    """Take people in one after the other; each has its line in the receipt."""
    mode = Mode(several.mode, frozenset(several.do_not_overwrite))
    rows: list[TakenRow] = []
    for row, new in enumerate(several.leads, 1):
        taken = await people.take_in(db, app.ids, app.now(), new.new(), SOURCE, mode)
        lead_id = shown_id("lead", taken.lead.id if taken.lead is not None else None)
        rows.append(TakenRow(row=row, outcome=taken.outcome, code=taken.code, lead_id=lead_id))
    return LeadReceipt(
        total=len(rows),
        created=sum(one.outcome == "created" for one in rows),
        updated=sum(one.outcome == "updated" for one in rows),
        unchanged=sum(one.outcome == "unchanged" for one in rows),
        skipped=by_code(rows, "skipped"),
        invalid=by_code(rows, "invalid"),
        dry_run=dry_run,
        rows=rows,
    )


def by_code(rows: Sequence[TakenRow], outcome: str) -> dict[str, int]:
    """How many rows of an outcome had each code."""
    found: dict[str, int] = {}
    for row in rows:
        if row.outcome == outcome:
            found[row.code or "other"] = found.get(row.code or "other", 0) + 1
    return found


async def amend(app: App, db: AsyncSession, lead_id: UUID, wanted: LeadFields) -> LeadDetail:
    """Change what was given of a lead."""
    lead = await people.by_id(db, lead_id, lock=True)
    await people.amend(db, app.ids, app.now(), lead, wanted.amendments(), wanted.keys())
    return await lead_detail(app, db, lead)


async def merge(app: App, db: AsyncSession, kept_id: UUID, wanted: MergeWith, merged_id: UUID) -> LeadDetail:
    """Make one lead of two."""
    await people.merge(db, app.ids, app.now(), Merging(kept_id, merged_id, wanted.why, SOURCE))
    return await lead_detail(app, db, await people.by_id(db, kept_id))


async def undo_merge(app: App, db: AsyncSession, merge_id: UUID) -> LeadDetail:
    """Make two leads of one again."""
    done = await people.merge_by_id(db, merge_id)
    await people.undo(db, done, SOURCE, app.now())
    return await lead_detail(app, db, await people.by_id(db, done.kept_id))


async def set_stage(app: App, db: AsyncSession, lead_id: UUID, wanted: StageChange, by: str) -> LeadDetail:
    """An administrator's change of stage, in the log with its reason."""
    lead = await people.by_id(db, lead_id, lock=True)
    await stage.set_by_hand(db, lead, wanted.stage, wanted.why, by, app.now())
    return await lead_detail(app, db, lead)


async def dossier(app: App, db: AsyncSession, lead_id: UUID) -> dict[str, object]:
    """Everything that is stored about a person."""
    return await people.dossier(db, lead_id, app.now(), TELLS)


async def erase(app: App, db: AsyncSession, lead_id: UUID, by: str) -> ErasedView:
    """Erase a person; they are never contacted or stored again."""
    asked = Erasure(by=by, artifacts_dir=app.kit.artifacts_dir, also=forgets(app))
    erased = await people.erase(db, app.ids, app.now(), lead_id, asked)
    lead_ids = sorted(public_id("lead", one) for one in erased.lead_ids)
    return ErasedView(lead_ids=lead_ids, keys=len(erased.keys))
