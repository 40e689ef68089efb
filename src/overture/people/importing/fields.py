"""What a column of a file can be: our fields, and the names the world gives them."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Field:
    """One thing a column can be mapped to: what it is, and the headers that mean it."""

    name: str
    says: str
    aliases: frozenset[str] = field(default=frozenset())


def squashed(header: str) -> str:
    """A header in one spelling: `E-Mail Address`, `email_address` and `EmailAddress` are the same."""
    plain = unicodedata.normalize("NFKD", header).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def _field(name: str, says: str, aliases: str) -> Field:
    return Field(name, says, frozenset({squashed(name), *(squashed(alias) for alias in aliases.split(","))}))


_FIELDS: Final = (
    _field(
        "email",
        "An e-mail address; a key of the person",
        """e-mail, mail, email address, e-mail address, work email, business email, professional email,
        primary email, person email, person - email, person - email - work, contact email, lead email,
        corporate email, email 1, email1, e-mail 1 - value, email id, e-mail-adresse, adresse
        e-mail, courriel, correo, correo electrónico, mailadresse, e-post""",
    ),
    _field(
        "other_email",
        "A further e-mail address; a key too",
        """secondary email, tertiary email, personal email, alternate email, email 2, email2, other email,
        private email""",
    ),
    _field(
        "linkedin_url",
        "A LinkedIn address of any form (profile or Sales Navigator); a key",
        """linkedin, linkedin link, linkedin profile, linkedin profile url, linkedin profile link, linkedin
        page, person linkedin, person linkedin url, person - linkedin, contact linkedin url, lead
        linkedin url, linkedInProfileUrl, defaultProfileUrl, profile url, profile link, public
        profile url, linkedin public url, linkedin contact profile url, hs_linkedin_url, li url,
        linkedin bio, linkedin slug, linkedin handle, linkedin username, public identifier,
        publicIdentifier, vanity name, person linkedin profile""",
    ),
    _field(
        "sales_navigator_url",
        "A Sales Navigator address; a key",
        """sales navigator, sales nav url, sales navigator url, salesnavigator profile url, sales profile url,
        salesNavigatorUrl, sales navigator link, linkedin sales navigator url, linkedin sales nav
        url""",
    ),
    _field(
        "linkedin_id",
        "LinkedIn's own id of the person (`ACoAA…` or a number); a key",
        """vmid, linkedin id, profile id, linkedin profile id, linkedin member id, member id, linkedin urn,
        entity urn, member urn, profile urn, linkedinProfileId, linkedin user id""",
    ),
    _field(
        "external_id",
        "The person's id in the system the file comes from; a key",
        "external id,crm id",  # an `id` of an unknown system is none: those of two systems may be equal
    ),
    _field(
        "first_name",
        "First name",
        """first name, given name, forename, firstname, fname, contact first name, prénom, vorname, nombre,
        fornavn, person - first name, lead first name""",
    ),
    _field(
        "last_name",
        "Last name",
        """last name, surname, family name, lastname, lname, contact last name, nom de famille, nachname,
        apellido, apellidos, efternavn, person - last name, lead last name""",
    ),
    _field(
        "full_name",
        "The whole name; split when first and last are not there",
        """name, full name, fullname, contact name, person name, person - name, lead name, contact, display
        name, profile name, person, lead, complete name, navn""",
    ),
    _field(
        "headline",
        "The headline of the profile",
        "linkedin headline,tagline,profile headline,bio headline",
    ),
    _field(
        "title",
        "Job title",
        """job title, jobtitle, position, role, current title, current position, job, job role, designation,
        contact title, person - job title, occupation, poste, funktion, berufsbezeichnung, cargo,
        stilling""",
    ),
    _field(
        "company",
        "Name of the employer",
        """company name, companyname, organization, organisation, organization name, organization - name,
        person - organization, employer, current company, account, account name, associated company,
        associatedAccountName, company / account, firma, unternehmen, entreprise, société, empresa,
        virksomhed, organisation name, company name for emails, business name""",
    ),
    _field(
        "company_domain",
        "Domain of the employer",
        """domain, company domain, domain name, company domain name, email domain, company website domain,
        organization domain, primary domain, website domain""",
    ),
    _field(
        "website",
        "Website of the employer",
        """web site, website url, company website, company url, companyWebsite, homepage, web, site,
        organization website, company site, company web site, corporate website, site web, webseite,
        web page""",
    ),
    _field(
        "location",
        "Where the person lives, in words",
        """person location, contact location, lead location, geo, geography, geo region, address, standort,
        ort""",
    ),
    _field(
        "city",
        "City; kept, and made part of the location",
        "town,person city,contact city,ville,stadt",
    ),
    _field(
        "state",
        "State or region; kept, and made part of the location",
        "state/province,province,state/region",
    ),
    _field(
        "country",
        "Country",
        """country/region, person country, contact country, country name, land, pays, país, nation, mailing
        country""",
    ),
    _field(
        "zone",
        "IANA time zone, such as Europe/Paris",
        "timezone,time zone,tz,iana timezone,hs_timezone",
    ),
    _field(
        "phone",
        "Telephone number",
        """phone number, telephone, mobile, mobile phone, mobile phone number, work phone, work direct phone,
        direct phone, cell, cell phone, contact phone, person - phone, person - phone - work, tel,
        telefon, téléphone, teléfono, phone 1, phone1, corporate phone, home phone, other phone""",
    ),
    _field(
        "tags",
        "Tags, separated by commas or semicolons",
        "tag,labels,label,person - labels",
    ),
    _field(
        "connected_on",
        "Since when a connection; kept",
        "connected on,connected at,connection date",
    ),
    _field(
        "attributes",
        "A JSON object: what is in it counts as further columns",
        "custom attributes,custom fields,customfields,custom variables,attribs",
    ),
    _field(
        "do_not_import",
        "Leave the row out when this says yes",
        """do not import, do not contact, dnc, donotcontact, unsubscribed, opted out, opt out, email opt out,
        hasOptedOutOfEmail, unsubscribed from all email, blocklisted, blacklisted, do-not-import,
        exclude""",
    ),
)

FIELDS: Final[dict[str, Field]] = {field.name: field for field in _FIELDS}
"""Everything a column can be besides `custom.<name>`."""

ALIASES: Final[dict[str, str]] = {alias: field.name for field in _FIELDS for alias in field.aliases}
"""Which field a header in one spelling means."""

TELLING: Final = frozenset(
    {"email", "linkedin_url", "sales_navigator_url", "first_name", "last_name", "company"}
)
"""Fields whose names make a line look like a header more than others do."""

_NOT_IN_NAMES: Final = re.compile(r"[^0-9a-z]+")


def custom_name(header: str) -> str:
    """The name a column none of ours gets as a template variable: `ICP Fit (8478)` is `icp_fit_8478`."""
    plain = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header)).casefold()
    ascii_only = plain.encode("ascii", "ignore").decode()
    name = _NOT_IN_NAMES.sub("_", ascii_only).strip("_")[:60] or "column"
    return f"c_{name}" if name[0].isdigit() else name


def is_field(name: str) -> bool:
    """Whether a column may be mapped to this."""
    head, dot, rest = name.partition(".")
    return name in FIELDS or (head == "custom" and dot == "." and custom_name(rest) == rest)
