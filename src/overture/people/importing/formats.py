"""Whose file it is: the header rows known products write, and what their columns mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from overture.people.importing.fields import ALIASES, custom_name, is_field, squashed

LEFT_OUT: Final = None


@dataclass(frozen=True)
class Format:
    """A product's file: the headers that give it away, and columns that mean other than they say."""

    name: str
    title: str
    signs: tuple[frozenset[str], ...]
    """It is this when every header of one of these sets is there."""
    columns: Mapping[str, str | None] = field(default_factory=dict)


def _signs(*headers: str) -> frozenset[str]:
    return frozenset(squashed(header) for header in headers)


def _columns(**headers: str | None) -> Mapping[str, str | None]:
    return {squashed(header): target for header, target in headers.items()}


FORMATS: Final = (
    Format(
        "overture",
        "an export of our own",
        (_signs("lead_id", "stage", "linkedin_url", "sales_navigator_url", "external_id"),),
        _columns(leadid=LEFT_OUT, stage=LEFT_OUT, source=LEFT_OUT, createdat=LEFT_OUT, updatedat=LEFT_OUT),
    ),
    Format(
        "linkedin_connections",
        "LinkedIn Connections",
        (_signs("First Name", "Last Name", "Position", "Connected On"),),
        _columns(url="linkedin_url"),
    ),
    Format(
        "apollo",
        "Apollo contacts",
        (_signs("Apollo Contact Id"), _signs("Company Name for Emails", "Person Linkedin Url")),
        _columns(
            website="website",
            keywords="custom.keywords",
            email_status="custom.email_status",
            stage="custom.apollo_stage",
            lists="tags",
            company_linkedin_url="custom.company_linkedin_url",
            company_name_for_emails="company",
            companyname="company",
            technologies="custom.technologies",
            apollo_contact_id="external_id",
            apollo_record_id=LEFT_OUT,
            apollo_account_id=LEFT_OUT,
        ),
    ),
    Format(
        "phantombuster_search",
        "PhantomBuster Sales Navigator search",
        (
            _signs("vmid", "profileUrl", "linkedInProfileUrl"),
            _signs("vmid", "profileUrl", "sharedConnectionsCount"),
        ),
        _columns(
            profileurl="sales_navigator_url",
            linkedinprofileurl="linkedin_url",
            defaultprofileurl="linkedin_url",
            name=LEFT_OUT,
            companyid=LEFT_OUT,
            companyurl="custom.company_sales_navigator_url",
            regularcompanyurl="custom.company_linkedin_url",
            profileimageurl=LEFT_OUT,
            query=LEFT_OUT,
            timestamp=LEFT_OUT,
        ),
    ),
    Format(
        "phantombuster_watcher",
        "PhantomBuster Sales Navigator watcher",
        (_signs("associatedAccountName", "vmid"), _signs("outreachActivity", "defaultProfileUrl")),
        _columns(
            profileurl="sales_navigator_url",
            defaultprofileurl="linkedin_url",
            associatedaccountname="company",
            degree="custom.connection_degree",
            profileimageurl=LEFT_OUT,
            timestamp=LEFT_OUT,
        ),
    ),
    Format(
        "phantombuster_profile",
        "PhantomBuster profile scraper",
        (
            _signs("profileUrl", "additionalInfo", "jobTitle"),
            _signs("profileUrl", "jobDateRange", "connectionDegree"),
        ),
        _columns(
            profileurl="linkedin_url",
            companyurl="custom.company_linkedin_url",
            additionalinfo="custom.additional_info",
            timestamp=LEFT_OUT,
        ),
    ),
    Format(
        "heyreach",
        "HeyReach leads",
        (_signs("firstName", "lastName", "profileUrl", "companyName", "position"),),
        _columns(
            profileurl="linkedin_url", companyurl="custom.company_linkedin_url", summary="custom.summary"
        ),
    ),
    Format(
        "clay",
        "Clay table",
        (_signs("LinkedIn URL", "Added By"), _signs("LinkedIn URL", "Source URL", "Domain")),
        _columns(added_by="custom.added_by", source_url="custom.source_url"),
    ),
    Format(
        "hubspot",
        "HubSpot contacts",
        (
            _signs("Lifecycle Stage", "Email"),
            _signs("Record ID", "Email", "Create Date"),
            _signs("Record ID - Contact", "Email"),
        ),
        _columns(record_id="external_id", record_id_contact="external_id", contact_id="external_id"),
    ),
    Format(
        "pipedrive",
        "Pipedrive people",
        (_signs("Person - Name"), _signs("Person - Email"), _signs("Organization - Name", "Person - ID")),
        _columns(person_id="external_id"),
    ),
    Format(
        "salesforce",
        "Salesforce leads",
        (_signs("Lead Source", "Lead Status"), _signs("Lead ID", "Company / Account")),
        _columns(lead_id="external_id", contact_id="external_id"),
    ),
    Format(
        "listmonk",
        "listmonk subscribers",
        (_signs("email", "name", "attributes"),),
        _columns(uuid="external_id", status="do_not_import", created_at=LEFT_OUT, updated_at=LEFT_OUT),
    ),
    Format(
        "sales_navigator",
        "Sales Navigator by a third party",
        (
            _signs("First Name", "Last Name", "Title", "Company", "Company Domain", "LinkedIn URL"),
            _signs("First Name", "Last Name", "Title", "Company", "LinkedIn URL", "Sales Navigator URL"),
        ),
    ),
    Format(
        "sequencer",
        "the sequencers' common columns",
        (
            _signs("email", "first_name", "last_name", "linkedin_url"),
            _signs("email", "first_name", "company"),
        ),
    ),
)
"""In this order: the first that fits is it."""

RECEIPT: Final = frozenset(
    squashed(name) for name in ("Overture row", "Overture outcome", "Overture code", "Overture reason")
)
"""Columns of our own files of failed rows: left out when the rows come again."""

_ADDRESS: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]{2,}")
_PROFILE: Final = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*linkedin\.com/(?:mwlite/)?(?:in|pub|sales/(?:lead|people))/\S+", re.I
)
_ENOUGH: Final = 0.6  # of the samples, to call a column by its content


def recognise(header: Sequence[str]) -> Format | None:
    """The product whose file has this header."""
    there = {squashed(name) for name in header}
    return next((known for known in FORMATS if any(signs <= there for signs in known.signs)), None)


def suggest(header: Sequence[str], samples: Sequence[Sequence[str]]) -> list[str | None]:
    """For each column, by position: the field it most likely is, or None for an empty one.

    The product's own meaning first, then the name, then the content; what is none of ours becomes a custom
    field. Two columns may be the same field: the first with something in it counts.
    """
    known = recognise(header)
    own = known.columns if known else {}
    taken: set[str] = set()
    found: list[str | None] = []
    for at, name in enumerate(header):
        short = squashed(name)
        column = [row[at] for row in samples if at < len(row) and row[at].strip()]
        is_said = short in own or short in RECEIPT
        meant = own.get(short) if is_said else (named(name) or by_content(column, taken))
        if meant is None and not is_said:
            meant = new_custom(name, taken) if short or column else None
        if meant:
            taken.add(meant)
        found.append(meant)
    return found


def named(header: str) -> str | None:
    """The field a header names in words of the world or of our own exports."""
    own = header.strip()
    return own if own.startswith("custom.") and is_field(own) else ALIASES.get(squashed(header))


def by_content(values: Sequence[str], taken: set[str]) -> str | None:
    """The key a column holds although its name does not say so, unless there is one already."""
    if not values:
        return None
    for meant, shape in (("email", _ADDRESS), ("linkedin_url", _PROFILE)):
        if meant not in taken and sum(
            bool(shape.fullmatch(value.strip())) for value in values
        ) >= _ENOUGH * len(values):
            return meant
    return None


def new_custom(header: str, taken: set[str]) -> str:
    """A custom field named after the header, unlike those there are."""
    base = f"custom.{custom_name(header)}"
    number = 1
    name = base
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


def holds_a_person(cells: Sequence[str]) -> bool:
    """Whether a line is a person's already, and so not a header: it has an address in it."""
    return any(_ADDRESS.fullmatch(cell.strip()) or _PROFILE.fullmatch(cell.strip()) for cell in cells)
