"""The queue of texts a person approves: each as it would be sent, with whom it is for and who sends it."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from overture.campaigns import APPROVAL_STATES, Approval, approvals
from overture.campaigns.sequence_channels import TEXT_FIELDS
from overture.core.ids import public_id, read_public_id
from overture.entrypoints.web import campaign_queries as queries
from overture.entrypoints.web.campaigns import uuid_in
from overture.entrypoints.web.guard import form_as_sent
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.render import app_of, go, show, with_query

router = APIRouter(prefix="/approvals")

PAGE: Final = 20
SENT: Final = "text."
"""How the fields of a text are named in the form, before their own names."""


@router.get("")
async def list_approvals(
    request: Request,
    campaign: Annotated[str, Query()] = "",
    after: Annotated[str, Query()] = "",
    state: Annotated[str, Query()] = "pending",
) -> Response:
    """What waits for a decision, the oldest first; or what was decided, and what is stale."""
    app = app_of(request)
    state = state if state in APPROVAL_STATES else "pending"
    of_campaign = uuid_in("cmp", campaign) if campaign else None
    place = read_public_id("apr", after)
    async with app.sessions() as db:
        found = await queries.approvals(db, state, of_campaign, place, PAGE + 1)
        waiting = await queries.approvals_waiting(db, of_campaign)
    rows = [
        {
            "id": public_id("apr", one.id),
            "approval": one,
            "lead": lead,
            "lead_id": public_id("lead", lead.id),
            "enrollment_id": public_id("enr", one.enrollment_id),
            "campaign": name,
            "campaign_id": public_id("cmp", one.campaign_id),
            "handle": handle,
            "kind": kind_of(one),
            "texts": texts_of(one),
            "allowed": approvals.allowed(one),
        }
        for one, lead, name, handle in found[:PAGE]
    ]
    filtered = {"campaign": campaign, "state": state if state != "pending" else None}
    more = with_query("/approvals", {**filtered, "after": rows[-1]["id"]}) if len(found) > PAGE else None
    return show(
        request,
        "approvals.html",
        rows=rows,
        waiting=waiting,
        more=more,
        campaign=campaign,
        state=state,
        states=APPROVAL_STATES,
        filtered=filtered,
        sent=SENT,
        is_later=bool(place),
    )


def kind_of(approval: Approval) -> str:
    """The type of its touchpoint, which one that is being written holds inside."""
    inner = approval.touchpoint.get("touchpoint")
    found = inner if isinstance(inner, dict) else approval.touchpoint
    return str(found.get("type", "message"))


def texts_of(approval: Approval) -> dict[str, str]:
    """Its texts by field, as they would be sent; of one a model still writes, its prompts."""
    if approval.state == "drafting":
        prompts = approval.touchpoint.get("prompts")
        return (
            {f"{name} is written from": str(one) for name, one in prompts.items()}
            if isinstance(prompts, dict)
            else {}
        )
    found = approval.touchpoint
    return {field: str(found[field]) for field in TEXT_FIELDS if found.get(field)}


@router.post("/{approval_id}/approve")
async def approve(request: Request, approval_id: str) -> Response:
    """Approve the very text that was on the page."""
    app, form = app_of(request), form_as_sent(request)
    async with app.sessions.begin() as db:
        found = await approvals.by_id(db, uuid_in("apr", approval_id))
        await approvals.approve(db, found, form.get("content_hash", ""), BY, app.now())
    return go(request, back(form.get("campaign", "")), "Approved: it is sent when its turn comes.")


@router.post("/{approval_id}/reject")
async def reject(request: Request, approval_id: str) -> Response:
    """Do not send it; its lead waits until somebody decides what follows."""
    app, form = app_of(request), form_as_sent(request)
    async with app.sessions.begin() as db:
        found = await approvals.by_id(db, uuid_in("apr", approval_id))
        await approvals.reject(db, found, BY, app.now(), form.get("note", "").strip() or None)
    return go(
        request, back(form.get("campaign", "")), "Rejected: its lead is paused until you decide what follows."
    )


@router.post("/{approval_id}/edit")
async def edit(request: Request, approval_id: str) -> Response:
    """Change the text; it is then to be approved as it is."""
    app, form = app_of(request), form_as_sent(request)
    # A form's line ends are CR LF whatever was typed; texts have LF.
    fields = {
        name.removeprefix(SENT): value.replace("\r\n", "\n")
        for name, value in form.items()
        if name.startswith(SENT)
    }
    async with app.sessions.begin() as db:
        found = await approvals.by_id(db, uuid_in("apr", approval_id))
        await approvals.edit(db, found, fields, BY, app.now())
    return go(request, back(form.get("campaign", "")), "Changed: approve it as it is now.")


def back(campaign: str) -> str:
    """The queue as it was filtered."""
    return with_query("/approvals", {"campaign": campaign})
