"""The page of whom never to contact: searched, added to, lifted with a reason; anybody is held against it."""

from collections.abc import Sequence
from typing import Annotated, Final, cast

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import Invalid
from overture.core.ids import public_id
from overture.entrypoints.api.cursor import cursor_after, read_cursor
from overture.entrypoints.api.outreach import suppressing
from overture.entrypoints.web.campaigns import uuid_in
from overture.entrypoints.web.guard import Form
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.render import app_of, go, show, with_query
from overture.people import SUPPRESSION_KINDS, SUPPRESSION_REASONS, Lead, Suppression, suppression
from overture.people.suppression import WISHES, SuppressionKind, SuppressionReason

router = APIRouter(prefix="/suppressions")

PAGE: Final = 50
ADDABLE: Final = tuple(kind for kind in SUPPRESSION_KINDS if kind not in ("tombstone", "person"))
REASONS: Final = ("manual", "opt_out", "complained", "bounced", "declined")
"""Reasons a person gives by hand; erasing and importing give theirs themselves."""


class Asked(BaseModel):
    """The filter as the address holds it; an empty field is no condition."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    q: str | None = None
    kind: str | None = None
    reason: str | None = None
    lifted: bool = False
    who: str | None = None
    """Somebody to hold against the list: an e-mail address, a profile, a domain or a company."""
    cursor: str | None = None

    @field_validator("*", mode="before")
    @classmethod
    def empty_is_none(cls, value: object) -> object:
        """Forms send fields that were left empty."""
        return None if value == "" else value

    def wanted(self) -> suppression.SuppressionFilter:
        """The same as the list is looked through."""
        kind = self.kind if self.kind in SUPPRESSION_KINDS else None
        reason = self.reason if self.reason in SUPPRESSION_REASONS else None
        value = self.q.replace("\x00", "")[:200] if self.q else None
        return suppression.SuppressionFilter(kind, reason, self.lifted, value)


@router.get("")
async def list_suppressions(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Whom never to contact, newest first; of somebody that is asked about, whether they may be."""
    app = app_of(request)
    before = read_cursor(asked.cursor, app.api_key) if asked.cursor else None
    async with app.sessions() as db:
        found = await suppression.page(db, asked.wanted(), before, PAGE + 1)
        names = await names_of(db, found[:PAGE])
        tested = await suppressing.tried(app, db, person_in(asked.who)) if asked.who else None
    conditions = asked.model_dump(mode="json", exclude={"cursor", "who"}) | {"lifted": asked.lifted or None}
    older = cursor_after(found[PAGE - 1].id, app.api_key) if len(found) > PAGE else None
    return show(
        request,
        "suppressions.html",
        fragment="suppressions_live.html",
        rows=[(suppressing.view(one), names.get(one.value)) for one in found[:PAGE]],
        conditions=conditions,
        is_filtered=any(conditions.values()),
        older=with_query("/suppressions", {**conditions, "cursor": older}) if older else None,
        kinds=SUPPRESSION_KINDS,
        reasons=SUPPRESSION_REASONS,
        addable=ADDABLE,
        given=REASONS,
        wishes=WISHES,
        who=asked.who,
        tested=tested,
    )


async def names_of(db: AsyncSession, found: Sequence[Suppression]) -> dict[str, Lead]:
    """The leads that suppressed persons are, by the value that names them."""
    wanted = [one.value for one in found if one.kind == "person"]
    rows = await db.scalars(select(Lead).where(Lead.id.in_(wanted))) if wanted else ()
    return {str(lead.id): lead for lead in rows}


def person_in(text: str) -> suppressing.Person:
    """Somebody by whatever was typed: an address, a profile, a domain, else a company."""
    text = text.strip().replace("\x00", "")[:300]
    if "linkedin." in text.lower() or text.lower().startswith(("in/", "/in/")):
        return suppressing.Person(linkedin_url=text)
    if "@" in text:
        return suppressing.Person(email=text)
    if "." in text and " " not in text:
        return suppressing.Person(domain=text)
    return suppressing.Person(company=text)


@router.post("")
async def add_suppression(request: Request, form: Form) -> Response:
    """Let somebody never be contacted from now on."""
    app = app_of(request)
    kind, reason, value = form.get("kind", ""), form.get("reason", "manual"), form.get("value", "")
    if kind not in (*ADDABLE, "person") or reason not in REASONS or not value:
        raise Invalid("validation_error", "The form does not say whom.", fix="Say what it is and its value.")
    wanted = suppression.Wanted(
        cast(SuppressionKind, kind),
        value,
        cast(SuppressionReason, reason),
        BY,
        BY,
        form.get("note", "")[:500] or None,
    )
    async with app.sessions.begin() as db:
        added = await suppressing.add(app, db, wanted)
    says = "is never contacted from now on" if added.is_new else "was on the list already"
    lead_id = public_id("lead", uuid_in("lead", value)) if kind == "person" else None
    return go(
        request,
        f"/leads/{lead_id}" if lead_id else "/suppressions",
        f"{'This person' if lead_id else added.value} {says}.",
    )


@router.post("/{suppression_id}/lift")
async def lift_suppression(request: Request, suppression_id: str, form: Form) -> Response:
    """Allow contact again; what the person asked for themselves needs a reason, which is kept."""
    app, found = app_of(request), uuid_in("sup", suppression_id)
    async with app.sessions.begin() as db:
        held = await suppression.by_id(db, found)
        why = form.get("why", "")[:500]
        if held.reason in WISHES and not why:
            raise Invalid(
                "validation_error",
                "They asked for this themselves: lifting it needs a reason.",
                fix="Go back and say why; it is kept in the log.",
            )
        lifted = await suppressing.lift(app, db, found, BY, why or None)
    return go(request, "/suppressions", f"{lifted.value} may be contacted again.")
