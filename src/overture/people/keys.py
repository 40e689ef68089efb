"""The keys a person or company is recognised by, each in one spelling, however it was written.

    keys_in(NewLead(email="Ada <ADA@Example.COM>", linkedin_url="linkedin.com/in/Ada-L/?trk=x"))
    # [Key("email", "ada@example.com"), Key("linkedin", "ada-l")]

What cannot be read as a key is no key: it is never guessed at.
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic_core import PydanticCustomError

from overture.people.new_lead import KEY_FIELDS, NewLead
from overture.touchpoints import read_target

KeyKind = Literal[
    "email", "linkedin", "linkedin_profile_id", "linkedin_member_id", "sales_navigator", "external"
]

STABLE_KINDS: Final = frozenset({"linkedin_profile_id", "linkedin_member_id"})
"""Given by LinkedIn for ever: two people of different ids are two people, whatever else they share."""


class Key(NamedTuple):
    """One key of a person, in its canonical spelling."""

    kind: KeyKind
    value: str

    @property
    def tombstone(self) -> str:
        """What is kept of the key of an erased person: enough to know them again, nothing to read."""
        return hashlib.sha256(f"{self.kind}:{self.value}".encode()).hexdigest()


def keys_in(new: NewLead) -> list[Key]:
    """Every key a person is named by, each once; the surest first."""
    found = [key for _, text, read in fields_read(new) if (key := read(text)) is not None]
    if not any(getattr(new, name) for name in KEY_FIELDS):
        name = new.full_name or " ".join(filter(None, (new.first_name, new.last_name)))
        by_site = site_key(new.company_domain or new.website, name)
        found = [by_site] if by_site else []
    return list(dict.fromkeys(with_implied(found)))


def fields_read(new: NewLead) -> list[tuple[str, str | None, Callable[[str | None], Key | None]]]:
    """Each field that says who it is, what was said, and how the key in it is read; the surest first."""
    return [
        ("linkedin_profile_id", new.linkedin_profile_id, profile_id_key),
        ("linkedin_member_id", new.linkedin_member_id, member_id_key),
        ("linkedin_url", new.linkedin_url, profile_address_key),
        ("linkedin_slug", new.linkedin_slug, linkedin_key),
        ("sales_navigator", new.sales_navigator, sales_navigator_key),
        ("email", new.email, email_key),
        *(("more_emails", text, email_key) for text in new.more_emails),
        ("external_id", new.external_id, external_key),
    ]


def unreadable(new: NewLead) -> list[str]:
    """The fields that ought to say who it is and have something else in them."""
    return [name for name, text, read in fields_read(new) if text and text.strip() and read(text) is None]


BEFORE: Final = datetime.min.replace(tzinfo=UTC)


def in_order(since: Mapping[Key, datetime]) -> list[Key]:
    """Keys by kind; the one to go by first: of e-mail addresses that which was given first, of the names in
    profile addresses that which was learnt last, for those of before may be somebody else's now.
    """
    return sorted(since, key=lambda key: (key.kind, age(key, since[key]), key.value))


def age(key: Key, since: datetime) -> timedelta:
    """What orders several keys of a kind."""
    match key.kind:
        case "email":
            return since - BEFORE
        case "linkedin":
            return BEFORE - since
        case _:
            return timedelta()


def given_at(keys: Iterable[Key], now: datetime) -> Iterator[tuple[Key, datetime]]:
    """Each key with the instant it counts as given: of several e-mail addresses one after the other."""
    addresses = 0
    for key in keys:
        yield key, now + timedelta(microseconds=addresses) if addresses and key.kind == "email" else now
        addresses += key.kind == "email"


def with_implied(keys: Iterable[Key]) -> Iterator[Key]:
    """The keys, and the member number that is written inside a profile id."""
    for key in keys:
        yield key
        number = member_number(key.value) if key.kind == "linkedin_profile_id" else None
        if number is not None:
            yield Key("linkedin_member_id", number)


ADDRESS: Final = re.compile(r"[^\s@<>(),;:\"\[\]\\]{1,64}@[^\s@<>(),;:\"\[\]\\]{3,253}")
USUAL_ADDRESS: Final = re.compile(r"([A-Za-z0-9._+-]{1,64})@(?=.{3,253}$)([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
"""Nothing in these has to be unwrapped or normalised: most of a file is so."""


def email(text: str | None) -> str | None:
    """An address as mailboxes are told apart: no name, lower case, the domain in ASCII."""
    usual = USUAL_ADDRESS.fullmatch(text or "")
    if usual is not None:
        host = domain_of_mail(usual.group(2))
        return f"{usual.group(1).lower()}@{host}" if host else None
    plain = (text or "").strip().removeprefix("mailto:").partition("?")[0]
    inside = re.search(r"<([^<>]+)>\s*$", plain)
    plain = unicodedata.normalize("NFKC", inside.group(1) if inside else plain).strip().rstrip(".")
    if ADDRESS.fullmatch(plain) is None:
        return None
    local, _, host = plain.rpartition("@")
    known = domain(host)
    return f"{local.lower()}@{known}" if known else None


@lru_cache(maxsize=4_096)
def domain_of_mail(host: str) -> str | None:
    """The domain behind an `@`; many people share each."""
    return domain(host)


def email_key(text: str | None) -> Key | None:
    """The key an address is, if it is one."""
    found = email(text)
    return Key("email", found) if found else None


def mailbox(address: str) -> str:
    """The mailbox behind a canonical address: without the tag its owner put after a `+`."""
    local, _, host = address.rpartition("@")
    return f"{local.partition('+')[0] or local}@{host}"


LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def domain(text: str | None) -> str | None:
    """A domain out of a domain, address or e-mail address: ASCII, lower case, without `www.`."""
    plain = unicodedata.normalize("NFKC", (text or "").strip().lower())
    if "@" in plain and "/" not in plain:
        plain = plain.rpartition("@")[2]
    host = host_of(plain)
    try:
        host = host.encode("idna").decode() if host and not host.isascii() else host
    except UnicodeError:
        return None
    host = host.rstrip(".").removeprefix("www.")
    labels = host.split(".")
    is_name = len(labels) > 1 and not labels[-1].isdigit() and all(map(LABEL.fullmatch, labels))
    return host if is_name and len(host) <= 253 else None


def host_of(text: str) -> str:
    """The host an address points to; empty if it is none."""
    try:
        return urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""


# fmt: off
EVERYBODYS: Final = frozenset(
    (
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com",
        "ymail.com", "aol.com", "icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com", "gmx.de",
        "gmx.net", "gmx.com", "web.de", "t-online.de", "mail.com", "mail.ru", "yandex.ru", "qq.com",
        "163.com", "orange.fr", "free.fr", "laposte.net", "libero.it", "zoho.com", "fastmail.com",
        "hey.com", "linkedin.com", "facebook.com", "twitter.com", "x.com", "instagram.com", "youtube.com",
        "github.com", "medium.com", "linktr.ee", "crunchbase.com", "xing.com", "about.me", "google.com",
        "wikipedia.org", "notion.site", "wordpress.com", "blogspot.com",
    )
)
# fmt: on
"""Domains that tell nothing of an employer: mailboxes and pages for everybody."""


def company_domain(text: str | None) -> str | None:
    """The domain of an employer; None for one that is everybody's."""
    found = domain(text)
    return None if found is None or not EVERYBODYS.isdisjoint(domain_and_parents(found)) else found


def domain_and_parents(name: str) -> list[str]:
    """The domain and those it lies in, without the top: `mail.acme.com`, `acme.com`."""
    labels = name.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


# fmt: off
LEGAL_FORMS: Final = frozenset(
    (
        "inc", "incorporated", "llc", "llp", "lp", "ltd", "limited", "plc", "corp", "corporation", "co",
        "company", "gmbh", "mbh", "ag", "kg", "kgaa", "ohg", "ug", "eg", "se", "sa", "sas", "sarl", "srl",
        "spa", "sl", "bv", "nv", "ab", "as", "asa", "aps", "oy", "oyj", "kft", "zrt", "doo", "sro", "pty",
        "pte", "pvt",
    )
)
# fmt: on
"""What stands after a company's name and does not tell it from another."""


def company_name_key(name: str | None) -> str | None:
    """A company's name in one spelling: without case, accents, punctuation and legal form."""
    kept = words_of(name or "")
    while len(kept) > 1 and (kept[-1] in LEGAL_FORMS or kept[-1] == "and"):  # "Smith & Co. KG"
        kept.pop()
    return " ".join(kept) or None


def words_of(name: str) -> list[str]:
    """The words of a name, without case, accents and punctuation."""
    spread = unicodedata.normalize("NFKD", name).casefold().replace("&", " and ")
    letters = "".join(char for char in spread if not unicodedata.combining(char))
    return re.sub(r"[^\w\s]|_", " ", re.sub(r"['’.]", "", letters)).split()


SALES_ID: Final = re.compile(r"AC[A-Za-z0-9]AA[A-Za-z0-9_-]{34}")
PROFILE_ID: Final = re.compile(r"ACoAA[A-Za-z0-9_-]{34}")
URN: Final = re.compile(r"urn:li:(?:fsd?_)?([A-Za-z]+):\(?([^,()\s]+)")


def linkedin_key(text: str | None) -> Key | None:
    """The key in a profile's address, slug, id or URN: by its shape a slug, a profile id or another."""
    plain = (text or "").strip()
    urn = URN.fullmatch(plain.partition(",")[0].rstrip(")"))
    if urn is not None:
        return urn_key(urn.group(1), urn.group(2))
    if re.search(r"/sales/(?:lead|people|profile)/", plain):
        return sales_navigator_key(plain)
    if "/" not in plain:
        return named(plain)
    found = re.search(r"(?:^|/)in/([^/?#]+)", plain)
    return named(found.group(1)) if found and is_linkedin(plain) else None


def profile_id_key(text: str | None) -> Key | None:
    """The key in what ought to be the id of a profile: nothing else that LinkedIn calls a member by."""
    found = linkedin_key(text)
    return found if found is not None and found.kind == "linkedin_profile_id" else None


def profile_address_key(text: str | None) -> Key | None:
    """The key in what ought to be an address: a bare word ("none", "n/a") is no slug here."""
    plain = (text or "").strip()
    has_shape = "/" in plain or plain.startswith("urn:") or SALES_ID.fullmatch(plain) is not None
    return linkedin_key(plain) if has_shape else None


def urn_key(entity: str, value: str) -> Key | None:
    """The key a URN names."""
    if entity == "member":
        return member_id_key(value)
    if entity == "salesProfile":
        return sales_navigator_key(value)
    return named(value) if entity in ("profile", "miniProfile") and SALES_ID.fullmatch(value) else None


LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "::1")


def is_linkedin(url: str) -> bool:
    """Whether an address is one of LinkedIn's (or of a site on this machine), or a bare path."""
    if url.startswith(("/in/", "in/")):
        return True
    host = host_of(url)
    return host == "linkedin.com" or host.endswith(".linkedin.com") or host in LOCAL_HOSTS


NO_SLUG: Final = re.compile(r"[.@:,;\s]")
"""What no slug has in it: it is some other word then."""
USUAL_SLUG: Final = re.compile(r"(?!unavailable$)[a-z0-9-]{3,100}")
"""Slugs that are written as they are meant: most of a file is so."""


def named(identifier: str) -> Key | None:
    """The key that stands after `/in/`."""
    if USUAL_SLUG.fullmatch(identifier):
        return Key("linkedin", identifier)
    plain = unquote(identifier).strip()
    if SALES_ID.fullmatch(plain) and not PROFILE_ID.fullmatch(plain):
        return Key("sales_navigator", plain)
    if NO_SLUG.search(plain):
        return None
    try:
        target = read_target(None, identifier.strip())
    except PydanticCustomError:
        return None
    return Key("linkedin_profile_id" if target.is_profile_id else "linkedin", target.key)


def member_id_key(text: str | None) -> Key | None:
    """The classic number of a member, alone or in a URN."""
    digits = re.fullmatch(r"(?:urn:li:member:)?0*([1-9][0-9]{0,15})", (text or "").strip())
    return Key("linkedin_member_id", digits.group(1)) if digits else None


def sales_navigator_key(text: str | None) -> Key | None:
    """A lead of Sales Navigator, by the id in its address; what follows the id belongs to a search."""
    plain = (text or "").strip()
    found = re.search(r"/sales/(?:lead|people|profile)/([^/?#]+)", plain)
    lead = unquote(found.group(1) if found else plain).partition(",")[0]
    if PROFILE_ID.fullmatch(lead):  # the id the profile itself has
        return Key("linkedin_profile_id", lead)
    return Key("sales_navigator", lead) if SALES_ID.fullmatch(lead) else None


def external_key(text: str | None) -> Key | None:
    """The operator's own id of a person: as it is, without white space around it."""
    plain = (text or "").strip()
    return Key("external", plain) if plain and len(plain) <= 500 else None


def site_key(address: str | None, name: str) -> Key | None:
    """The key of somebody of whom only a name and the employer's site are known: a contact form reaches them.

    For those who have no other key: two people of one name may work at one place.
    """
    site, words = company_domain(address), words_of(name)
    return external_key(f"site:{site}/{' '.join(words)}") if site and words else None


def member_number(profile_id: str) -> str | None:
    """The member number written inside a profile id (29 bytes: 00 2A, six of the number, 01, twenty more)."""
    if PROFILE_ID.fullmatch(profile_id) is None:
        return None
    inside = base64.urlsafe_b64decode(profile_id + "=")
    number = int.from_bytes(inside[2:8])
    return str(number) if inside[:2] == b"\x00\x2a" and inside[8] == 1 and number else None
