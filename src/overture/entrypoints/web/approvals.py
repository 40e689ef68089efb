"""The queue of texts a person approves: each as it would be sent, with whom it is for and who sends it."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from overture.campaigns import approvals
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
    request: Request, campaign: Annotated[str, Query()] = "", after: Annotated[str, Query()] = ""
) -> Response:
    """What waits for a decision, the oldest first."""
    app = app_of(request)
    of_campaign = uuid_in("cmp", campaign) if campaign else None
    place = read_public_id("apr", after)
    async with app.sessions() as db:
        found = await queries.approvals(db, "pending", of_campaign, place, PAGE + 1)
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
            "texts": {
                field: str(one.touchpoint[field]) for field in TEXT_FIELDS if one.touchpoint.get(field)
            },
        }
        for one, lead, name, handle in found[:PAGE]
    ]
    more = (
        with_query("/approvals", {"campaign": campaign, "after": rows[-1]["id"]})
        if len(found) > PAGE
        else None
    )
    return show(
        request,
        "approvals.html",
        rows=rows,
        waiting=waiting,
        more=more,
        campaign=campaign,
        sent=SENT,
        is_later=bool(place),
    )


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
