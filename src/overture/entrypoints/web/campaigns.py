"""The pages of campaigns: what each came to, why it does not send, and whoever stands behind each number."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy.ext.asyncio import AsyncSession

from overture import campaigns
from overture.campaigns import CampaignSettings
from overture.campaigns.sequence import Sequence, sequence_of
from overture.core.errors import Invalid, NotFound
from overture.core.ids import public_id, read_public_id
from overture.entrypoints.api.cursor import cursor_after, read_cursor
from overture.entrypoints.web import campaign_queries as queries
from overture.entrypoints.web.guard import Form
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.render import app_of, go, show, with_query
from overture.people import importing

router = APIRouter()

PAGE: Final = 50
IMPORTS_SHOWN: Final = 20
ADDING: Final = ("draft", "active", "paused")
"""States of a campaign in which people may be put in."""
VERBS: Final = {
    "start": "The campaign is started.",
    "pause": "The campaign is paused: nothing more begins.",
    "resume": "The campaign goes on.",
    "stop": "The campaign is stopped for good.",
    "archive": "The campaign is archived.",
}


class Asked(BaseModel):
    """The filter of a campaign's leads, as the address holds it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    state: str | None = None
    reason: str | None = None
    step: str | None = None
    reached: Literal["enrolled", "invited", "accepted", "messaged", "replied"] | None = None
    needing: bool = False
    touched: str | None = None
    """`step:state`: those with such a touch."""
    cursor: str | None = None

    @field_validator("*", mode="before")
    @classmethod
    def empty_is_none(cls, value: object) -> object:
        """Forms send fields that were left empty."""
        return None if value == "" else value

    def wanted(self, campaign_id: UUID) -> queries.WantedEnrollments:
        """The same as the queries take it."""
        step, _, state = (self.touched or "").rpartition(":")
        plain = self.model_dump(exclude={"cursor", "touched"})
        return queries.WantedEnrollments(campaign_id, **plain, touched=(step, state) if step else None)


@router.get("/campaigns")
async def list_campaigns(
    request: Request,
    cursor: Annotated[str, Query()] = "",
    archived: Annotated[bool, Query()] = False,
) -> Response:
    """Every campaign with its funnel."""
    app = app_of(request)
    before = read_cursor(cursor, app.api_key) if cursor else None
    async with app.sessions() as db:
        found = await queries.campaigns(db, before, PAGE + 1, archived=archived)
        funnels = await campaigns.funnels(db, [one.id for one in found])
    older = cursor_after(found[PAGE - 1].id, app.api_key) if len(found) > PAGE else None
    rows = [(public_id("cmp", one.id), one, funnels[one.id]) for one in found[:PAGE]]
    older_at = with_query("/campaigns", {"cursor": older, "archived": archived or None}) if older else None
    return show(
        request,
        "campaigns.html",
        fragment="campaigns_live.html",
        rows=rows,
        older=older_at,
        archived=archived,
    )


@router.get("/campaigns/{campaign_id}")
async def show_campaign(request: Request, campaign_id: str) -> Response:
    """One campaign: funnel, why it does not send, its steps, its senders and settings."""
    app, found = app_of(request), uuid_in("cmp", campaign_id)
    async with app.sessions() as db:
        campaign = await campaigns.campaign_by_id(db, found)
        version = await queries.version_of(db, campaign.version_id)
        settings = CampaignSettings.model_validate(campaign.settings)
        plan, fault = read(version.body if version is not None else campaign.draft)
        facts: dict[str, Any] = {
            "funnel": (await campaigns.funnels(db, [found]))[found],
            "reasons": await campaigns.why_not_sending(db, campaign, app.now()),
            "steps": await queries.by_step(db, found),
            "senders": await queries.senders(db, found),
            "waiting": await queries.approvals_waiting(db, found),
            "imports": await takeable(db) if campaign.state in ADDING else [],
        }
    return show(
        request,
        "campaign.html",
        fragment="campaign_live.html",
        campaign=campaign,
        campaign_id=campaign_id,
        published=version,
        settings=settings,
        plan=plan,
        fault=fault,
        allowed=[verb for verb in campaigns.allowed(campaign) if verb in VERBS],
        stages=queries.STAGES,
        blank=queries.StepCount(),
        **facts,
    )


async def takeable(db: AsyncSession) -> list[tuple[str, importing.Import]]:
    """The newest imports whose people may be put in."""
    newest = await importing.page(db, None, IMPORTS_SHOWN)
    return [(public_id("imp", one.id), one) for one in newest if one.state == "finished"]


def read(body: dict[str, object]) -> tuple[Sequence | None, str | None]:
    """A sequence, or what keeps it from being read."""
    try:
        return sequence_of(body), None
    except Invalid as error:
        return None, error.message


@router.post("/campaigns/{campaign_id}/do/{verb}")
async def act_on_campaign(request: Request, campaign_id: str, verb: str, form: Form) -> Response:
    """Start, pause, resume, stop or archive it."""
    app, found = app_of(request), uuid_in("cmp", campaign_id)
    if verb not in VERBS:
        raise NotFound("not_found", "There is no such thing to do.", fix="Press one of the buttons.")
    async with app.sessions.begin() as db:
        campaign = await campaigns.campaign_by_id(db, found, lock=True)
        await campaigns.do(db, app.ids, campaign, verb, BY, app.now(), form.get("reason") or None)
    return go(request, f"/campaigns/{campaign_id}", VERBS[verb])


@router.get("/campaigns/{campaign_id}/leads")
async def list_enrolled(request: Request, campaign_id: str, asked: Annotated[Asked, Query()]) -> Response:
    """The leads of a campaign, and why each waits or is over."""
    app, found = app_of(request), uuid_in("cmp", campaign_id)
    before = read_cursor(asked.cursor, app.api_key) if asked.cursor else None
    conditions = asked.model_dump(exclude={"cursor"})
    wanted = asked.wanted(found)
    async with app.sessions() as db:
        campaign = await campaigns.campaign_by_id(db, found)
        rows = await queries.enrollments(db, wanted, before, PAGE + 1)
    path = f"/campaigns/{campaign_id}/leads"
    shown = {name: value for name, value in conditions.items() if value}
    older = cursor_after(rows[PAGE - 1][0].id, app.api_key) if len(rows) > PAGE else None
    return show(
        request,
        "enrolled.html",
        fragment="enrolled_live.html",
        campaign=campaign,
        campaign_id=campaign_id,
        rows=[(public_id("enr", one[0].id), *one) for one in rows[:PAGE]],
        conditions=conditions,
        is_filtered=bool(shown),
        states=campaigns.ENROLLMENT_STATES,
        reasons=campaigns.REASONS,
        older=with_query(path, {**shown, "cursor": older}) if older else None,
    )


def uuid_in(prefix: str, text: str) -> UUID:
    """The id inside an outside form, or the refusal of what is none."""
    found = read_public_id(prefix, text)
    if found is None:
        raise NotFound(
            "not_found", f"There is nothing called {text[:40]!r} here.", fix="Take one from a list."
        )
    return found
