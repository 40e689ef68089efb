"""People as the service shows them: profiles with their sections, relations, and the account's owner."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from overture_sandbox.unipile.ids import Product, id_in
from overture_sandbox.unipile.tenant import Account, Tenant
from overture_sandbox.world import Member, Relationship, World
from overture_sandbox.world.clock import millis
from overture_sandbox.world.model import YearMonth

Json = dict[str, Any]
DEGREES: Final = {
    "SELF": "FIRST_DEGREE",
    "1": "FIRST_DEGREE",
    "2": "SECOND_DEGREE",
    "3": "THIRD_DEGREE",
    "OUT": "OUT_OF_NETWORK",
}


def url_of(member: Member) -> str:
    """The public address of a profile."""
    return f"https://www.linkedin.com/in/{member.slug}"


def profile(tenant: Tenant, account: Account, member: Member, product: Product, sections: set[str]) -> Json:
    """A profile as an account sees it, with the sections that were asked for."""
    world = tenant.world
    me = tenant.owner(account)
    found = world.relationship(me, member)
    shown: Json = {
        "object": "UserProfile",
        "provider": "LINKEDIN",
        "provider_id": id_in(product, member.profile_id),
        "public_identifier": member.slug,
        "first_name": member.first_name,
        "last_name": member.last_name,
        "headline": member.headline,
        "websites": member.websites if found.state in ("self", "connected") else [],
        "primary_locale": {"country": "US", "language": "en"},
        "public_profile_url": url_of(member),
        "is_open_profile": member.open_link,
        "is_premium": member.premium,
        "is_influencer": member.influencer,
        "is_creator": member.creator,
        "is_hiring": False,
        "is_open_to_work": False,
        "is_relationship": found.state == "connected",
        "is_self": found.state == "self",
        "can_send_inmail": world.inmail_terms(me, member).kind in ("free", "paid"),
        "network_distance": DEGREES[found.degree],
        "follower_count": member.followers_count,
        "connections_count": member.connections_count,
        **_standing(world, me, member, found),
    }
    if member.geo:
        shown["location"] = member.geo.name
    if found.state in ("self", "connected"):
        shown["contact_info"] = _contact(member)
    return shown | _sections(member, sections)


def _standing(world: World, me: Member, member: Member, found: Relationship) -> Json:
    """The invitation between two people, if there is one the profile speaks of."""
    if found.invitation:
        kind = "SENT" if found.state == "pending" else "RECEIVED"
        return {"invitation": {"type": kind, "status": "PENDING"}}
    if found.state == "none" and world.has_withdrawn(me, member):
        return {"invitation": {"type": "SENT", "status": "WITHDRAWN"}}
    return {}


def _contact(member: Member) -> Json:
    contact: Json = {}
    if member.email:
        contact["emails"] = [member.email]
    if member.phone:
        contact["phones"] = [member.phone]
    return contact


def _date(at: YearMonth | None) -> str | None:
    return f"{at.month or 1}/1/{at.year}" if at else None


def _experience(member: Member) -> Json:
    return {
        "work_experience": [
            {
                "position": one.title,
                "company": one.company_name,
                "skills": [],
                "current": one.end is None,
                "start": _date(one.start),
                "end": _date(one.end),
                **({"company_id": str(one.company_id)} if one.company_id else {}),
                **({"location": one.location} if one.location else {}),
                **({"description": one.description} if one.description else {}),
            }
            for one in member.positions
        ]
    }


def _education(member: Member) -> Json:
    return {
        "education": [
            {
                "school": one.school_name,
                "start": f"1/1/{one.start_year}" if one.start_year else None,
                "end": f"1/1/{one.end_year}" if one.end_year else None,
                **({"school_id": str(one.school_id)} if one.school_id else {}),
                **({"degree": one.degree} if one.degree else {}),
                **({"field_of_study": one.field_of_study} if one.field_of_study else {}),
            }
            for one in member.educations
        ]
    }


def skill_id(member: Member, name: str) -> int:
    """The number under which a skill is endorsed."""
    return int.from_bytes(sha256(f"{member.profile_id}|{name}".encode()).digest()[:4], "big")


def _skills(member: Member) -> Json:
    return {
        "skills": [
            {
                "name": name,
                "endorsement_count": 0,
                "endorsement_id": skill_id(member, name),
                "insights": [],
                "endorsed": False,
            }
            for name in member.skills
        ]
    }


def _languages(member: Member) -> Json:
    spoken = [
        {"name": one.name, **({"proficiency": one.proficiency} if one.proficiency else {})}
        for one in member.languages
    ]
    return {"languages": spoken}


def _certifications(member: Member) -> Json:
    return {
        "certifications": [
            {"name": one.name, "organization": one.authority or ""} for one in member.certifications
        ]
    }


def _about(member: Member) -> Json:
    return {"summary": member.summary} if member.summary else {}


SECTIONS: Final[dict[str, Callable[[Member], Json]]] = {
    "experience": _experience,
    "education": _education,
    "languages": _languages,
    "skills": _skills,
    "certifications": _certifications,
    "about": _about,
    "volunteering_experience": lambda member: {"volunteering_experience": []},  # noqa: ARG005
    "projects": lambda member: {"projects": []},  # noqa: ARG005
    "recommendations_received": lambda member: {"recommendations": {"received": [], "given": []}},  # noqa: ARG005
    "recommendations_given": lambda member: {"recommendations": {"received": [], "given": []}},  # noqa: ARG005
}


def _sections(member: Member, wanted: set[str]) -> Json:
    shown: Json = {}
    for name, show in SECTIONS.items():
        if name in wanted:
            shown |= show(member)
    return shown


def relation(tenant: Tenant, member: Member, since: datetime) -> Json:
    """A connection as the list of relations shows it: always by the classic id."""
    shown = {
        "object": "UserRelation",
        "first_name": member.first_name,
        "last_name": member.last_name,
        "headline": member.headline,
        "public_identifier": member.slug,
        "public_profile_url": f"{url_of(member)}/",
        "created_at": millis(since),
        "member_id": member.profile_id,
        "member_urn": f"urn:li:member:{member.number}",
        "connection_urn": f"urn:li:fsd_connection:{member.profile_id}",
    }
    if is_nameless(tenant, member):
        del shown["public_identifier"]
    return shown


def is_nameless(tenant: Tenant, member: Member) -> bool:
    """This person is one of those whose relation comes without public_identifier."""
    share = tenant.settings.nameless_fraction
    return share > 0 and sha256(member.profile_id.encode()).digest()[0] / 256 < share


def owner_profile(tenant: Tenant, account: Account) -> Json:
    """The account's own profile."""
    me = tenant.owner(account)
    seat = {"owner_seat_id": f"seat-{me.number}", "contract_id": f"contract-{me.number}"}
    return {
        "object": "AccountOwnerProfile",
        "provider": "LINKEDIN",
        "provider_id": me.profile_id,
        "entity_urn": me.urn,
        "object_urn": f"urn:li:member:{me.number}",
        "first_name": me.first_name,
        "last_name": me.last_name,
        "profile_picture_url": None,
        "public_profile_url": url_of(me),
        "public_identifier": me.slug,
        "headline": me.headline,
        "location": me.geo.name if me.geo else "",
        "email": account.username,
        "premium": me.premium,
        "open_profile": me.open_link,
        "occupation": me.headline,
        "organizations": [],
        "recruiter": seat if tenant.has(account, "recruiter") else None,
        "sales_navigator": seat if tenant.has(account, "sales_navigator") else None,
    }
