"""What only LinkedIn has: InMail balances, companies, raw requests, endorsements, saved leads."""

import re
from typing import Any, Final

from overture_sandbox.unipile.call import Call
from overture_sandbox.unipile.errors import ApiError, not_found
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.ids import product_of
from overture_sandbox.unipile.profiles import skill_id
from overture_sandbox.unipile.users import by_internal_id
from overture_sandbox.world.model import Position

Json = dict[str, Any]
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
SITE: Final = "https://www.linkedin.com/"
PERMISSIONS: Final = (
    *("canMembersInviteToFollow", "canReadContentSuggestions", "canReadMessages"),
    *("canUpdateOrganizationProfile", "canCreateOrganicShare", "canReadAdminDashboard"),
    *("canReadOrganizationActivity", "canEditCurators", "canManageOrganizationalPageFollow"),
    *("canReadOrganizationFollowerAnalytics", "canInviteMemberToFollow"),
    *("canReadOrganizationLeadsAnalytics", "canEditPendingAdministrators", "canManageMessagingAccess"),
    *("canSeeEmployeeExperienceAsMember", "canEmployeesInviteToFollow"),
    *("canSeeOrganizationAdministrativePage",),
)


def doors() -> list[Door]:
    """The routes that are LinkedIn's alone."""
    return [
        Door("GET", "/linkedin/inmail_balance", "inmail_balance", _balance),
        Door("GET", "/linkedin/company/{company}", "company", _company),
        Door("POST", "/linkedin", "raw", _raw),
        Door("POST", "/linkedin/profile/endorse", "endorse", _endorse),
        Door("POST", "/linkedin/user/{user_id}", "user.action", _act_on),
    ]


def _balance(call: Call) -> Json:
    """What is left to pay InMails with; null for what is not subscribed."""
    left = call.login.inmail_credits
    return {
        "object": "LinkedinInmailBalance",
        "premium": left if call.me.premium else None,
        "recruiter": left if call.tenant.has(call.account, "recruiter") else None,
        "sales_navigator": left if call.tenant.has(call.account, "sales_navigator") else None,
    }


def _company(call: Call) -> Json:
    name = call.path("company")
    jobs = [one for member in call.world.members.values() for one in member.positions if _is_at(one, name)]
    if not jobs:
        raise not_found("Company")
    one = jobs[0]
    return {
        "object": "CompanyProfile",
        "id": str(one.company_id),
        "name": one.company_name,
        "description": f"{one.company_name}, as people who work there describe it.",
        "entity_urn": f"urn:li:fsd_company:{one.company_id}",
        "public_identifier": _slug(one.company_name),
        "profile_url": f"{SITE}company/{_slug(one.company_name)}/",
        "followers_count": 0,
        "is_following": False,
        "is_employee": any(_is_at(job, name) and job.end is None for job in call.me.positions),
        "hashtags": [],
        "messaging": {"is_enabled": False},
        "claimed": True,
        "default_locale": "en_US",
        "viewer_permissions": dict.fromkeys(PERMISSIONS, False),
        "organization_type": "PRIVATELY_HELD",
        "locations": [],
        "industry": [],
        "activities": [],
        "employee_count": len(jobs),
    }


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _is_at(job: Position, name: str) -> bool:
    return job.company_id is not None and name in (str(job.company_id), _slug(job.company_name))


def _raw(call: Call) -> Json:
    """A request to the site as it is: it is only said back what would have been sent."""
    url, method = call.needed("request_url"), call.text("method") or "GET"
    if not url.startswith(SITE) or method not in METHODS:
        raise ApiError("malformed_request")
    sent = {name: call.body.get(name) for name in ("headers", "body", "query_params", "encoding")}
    return {"object": "LinkedinRawData", "data": {"request_url": url, "method": method, **sent}}


def _endorse(call: Call) -> Json:
    member = by_internal_id(call, call.needed("profile_id"))
    wanted = call.body.get("skill_endorsement_id")
    if wanted not in [skill_id(member, name) for name in member.skills]:
        raise ApiError("invalid_parameters", "skill_endorsement_id is unknown.")
    if call.world.relationship(call.me, member).state != "connected":
        raise ApiError("no_connection_with_recipient")
    return {"object": "LinkedinProfileEndorse", "endorsed": True}


def _act_on(call: Call) -> Json:
    """Save somebody as a lead, or put them into a project; only by that product's id."""
    product = call.needed("api")
    actions = {"sales_navigator": "saveLead", "recruiter": "addCandidateToPipeline"}
    if product not in actions or call.needed("action") != actions[product]:
        raise ApiError("invalid_parameters", "api and action do not go together.")
    if product not in call.account.products:
        raise ApiError("feature_not_subscribed")
    if product_of(call.path("user_id")) != product:
        raise ApiError("invalid_recipient")
    by_internal_id(call, call.path("user_id"))
    return {"object": "LinkedinPerformActionOnUser", "success": True}
