"""Starting a campaign on the pages: a draft from a sequence of the library, and people from an import."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi import Query as Asks
from pydantic import ValidationError

from overture.campaigns import CampaignSettings, starters
from overture.core.errors import Invalid
from overture.core.ids import read_public_id
from overture.entrypoints.api import acts
from overture.entrypoints.api.outreach import campaign_acts, enrollment_acts
from overture.entrypoints.api.outreach.campaign_shapes import NewCampaignBody
from overture.entrypoints.api.outreach.enrollment_shapes import EnrollmentReceipt, NewEnrollments
from overture.entrypoints.web import words
from overture.entrypoints.web.campaigns import uuid_in
from overture.entrypoints.web.guard import Form
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.render import app_of, go, show

router = APIRouter(prefix="/campaigns")

ACCOUNT: Final = "account."
"""How the accounts that send are named in the form, before their handles."""
APPROVALS: Final = {
    "all": "Every text",
    "first_n": "The first ten",
    "sample": "One in ten, by chance",
    "none": "None",
}


@router.get("/new")
async def new_campaign(request: Request, starter: Annotated[str, Asks()] = "") -> Response:
    """The form of a new campaign."""
    return show(
        request,
        "campaign_new.html",
        starters=starters(),
        chosen=starter,
        accounts=await acts.list_accounts(app_of(request)),
        modes=APPROVALS,
        prefix=ACCOUNT,
    )


@router.post("")
async def make_campaign(request: Request, form: Form) -> Response:
    """Make it as a draft: nobody is contacted before it is started."""
    app = app_of(request)
    handles = [name.removeprefix(ACCOUNT) for name in form if name.startswith(ACCOUNT)]
    wanted: dict[str, Any] = {
        "name": form.get("name", ""),
        "template": form.get("starter", ""),
        "settings": {
            "accounts": dict.fromkeys(handles, 1),
            "approvals": {"mode": form.get("approvals", "all")},
            "existing_connections": form.get("connected", "ignore"),
        },
    }
    try:
        CampaignSettings.model_validate(wanted["settings"])
        new = NewCampaignBody.model_validate(wanted)
    except ValidationError:
        raise Invalid(
            "validation_error", "The campaign lacks something.", fix="Give it a name and a sequence."
        ) from None
    async with app.sessions.begin() as db:
        made = await campaign_acts.create(app, db, new, BY)
    return go(
        request, f"/campaigns/{made.campaign_id}", "A draft: put people in, look at their texts, start it."
    )


@router.post("/{campaign_id}/leads")
async def add_leads(request: Request, campaign_id: str, form: Form) -> Response:
    """Put everybody of an import in, or only tell what would become of them."""
    app, is_look = app_of(request), form.get("look") == "yes"
    uuid_in("cmp", campaign_id)
    if read_public_id("imp", form.get("import", "")) is None:
        raise Invalid("validation_error", "The form names no import.", fix="Choose one of the list.")
    new = NewEnrollments(campaign_id=campaign_id, from_import=form["import"])
    async with app.sessions() as db:
        receipt = await enrollment_acts.enroll(app, db, new, BY, is_look)
        await (db.rollback() if is_look else db.commit())
    return go(request, f"/campaigns/{campaign_id}", told(receipt))


def told(receipt: EnrollmentReceipt) -> str:
    """A receipt in a sentence: nobody of the import is left out of it."""
    would = "would be" if receipt.dry_run else "are"
    said = [f"{receipt.enrolled} of {receipt.total} {would} in"]
    if receipt.ignored:
        said.append(f"{receipt.ignored} are connected already and are not contacted")
    said += [f"{count} left out: {words.plain(code).lower()}" for code, count in receipt.skipped.items()]
    return "; ".join(said) + ("; nothing was kept." if receipt.dry_run else ".")
