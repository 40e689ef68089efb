"""A record of a file as a person: names, keys and fields in one spelling, or why it is none."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from overture.core.zones import zones
from overture.people import keys
from overture.people.importing.fields import ALIASES, custom_name, squashed
from overture.people.importing.reading import Record
from overture.people.keys import Key

LONGEST: Final = 2_000  # characters of a plain field
LONGEST_CUSTOM: Final = 20_000
DEEPEST: Final = 20
REMEMBERED: Final = 4_096  # employers, so that each is not spelled out again for every colleague
NOTHING: Final = frozenset(
    (
        "",
        "-",
        "--",
        "n/a",
        "na",
        "#n/a",
        "none",
        "null",
        "nil",
        "undefined",
        "nan",
        "unknown",
        "not available",
    )
)
"""How the world's files write that there is nothing."""
LONGEST_NOTHING: Final = max(map(len, NOTHING))
YES: Final = frozenset(("true", "yes", "y", "1", "x", "t", "ja", "oui", "si", "sí", "on"))
NEVER: Final = frozenset(("blocklisted", "blacklisted", "unsubscribed", "do not contact", "dnc", "opted out"))
GUARDED: Final = frozenset("=+-@")
LOCKED: Final = frozenset(("email_not_unlocked@domain.com", "email_not_unlocked"))
"""What Apollo writes instead of an address one has not paid for."""
SAME_NAME: Final = frozenset(
    ("first_name", "last_name", "full_name", "headline", "title", "location", "country", "phone", "website")
)


@dataclass(frozen=True)
class Plan:
    """Which column is what, compiled once for all rows."""

    columns: tuple[tuple[int, str, bool], ...]
    """Where it stands, which field it is, and whether that is one of ours that is no key."""
    prefix: str = ""
    """What stands before external ids: the ids of two systems may be equal."""


@dataclass(slots=True)  # not frozen: that makes them three times as dear, and a file has a million
class Person:
    """A row that can be taken."""

    row: int
    keys: tuple[Key, ...]
    fields: Mapping[str, str]
    """Of `PLAIN_FIELDS`, those that are filled."""
    custom: Mapping[str, object]
    derived: frozenset[str]
    """Those of the fields that the file does not say itself: they fill, and never replace."""
    company_domain: str | None
    warnings: tuple[str, ...]
    raw: list[str]


@dataclass(frozen=True, slots=True)
class Unfit:
    """A row that cannot be taken, or says it does not want to be."""

    row: int
    outcome: str
    code: str
    raw: list[str]


@dataclass(slots=True)
class Given:
    """What the cells of one row say, by field."""

    plain: dict[str, str] = field(default_factory=dict)
    custom: dict[str, object] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def take(self, target: str, value: str) -> None:
        """One cell: the first that is filled counts, of keys each one."""
        if target.startswith("custom."):
            if len(value) > LONGEST_CUSTOM:
                self.warnings.append("cell_cut")
            self.custom.setdefault(target[7:], value[:LONGEST_CUSTOM])
        elif target in KEY_COLUMNS:
            self.named.setdefault(target, []).append(value)
        else:
            if len(value) > LONGEST and target != "attributes":
                self.warnings.append("cell_cut")
                value = value[:LONGEST]
            self.plain.setdefault(target, value)


KEY_COLUMNS: Final = frozenset(
    ("email", "other_email", "linkedin_url", "sales_navigator_url", "linkedin_id", "external_id")
)


def plan_of(mapping: Sequence[str | None], source_format: str) -> Plan:
    """The columns that are kept."""
    columns = tuple((at, target, is_plain(target)) for at, target in enumerate(mapping) if target)
    return Plan(columns, "" if source_format in ("other", "overture") else f"{source_format}:")


def is_plain(target: str) -> bool:
    """Whether a column is a field of ours that is no key."""
    return not target.startswith("custom.") and target not in KEY_COLUMNS


def given_in(record: Record, plan: Plan) -> Given:
    """What the cells say that say anything."""
    given = Given()
    plain, cells = given.plain, record.cells
    for at, target, is_field in plan.columns:
        value = cells[at].strip()
        if value.startswith("'") and value[1:2] in GUARDED:  # a formula made harmless by an export
            value = value[1:]
        if not value or (len(value) <= LONGEST_NOTHING and value.casefold() in NOTHING):
            continue
        if is_field and len(value) <= LONGEST:
            plain.setdefault(target, value)
        else:
            given.take(target, value)
    return given


def person_of(record: Record, plan: Plan) -> Person | Unfit:
    """Who the record is."""
    given = given_in(record, plan)
    if "attributes" in given.plain:
        spread(given)
    if is_refused(given.plain.pop("do_not_import", "")):
        return Unfit(record.row, "skipped", "do_not_import", record.cells)
    found, flaws = keys_of(given.named, plan.prefix)
    fields = fields_of(given)
    derived = name_parts(fields)
    domain = domain_of(given.plain.get("company_domain")) or domain_of(fields.get("website"))
    if not found and not flaws and domain:
        found, derived = by_site(domain, fields, derived)
    if not found:
        return Unfit(record.row, "invalid", flaws[0] if flaws else "no_key", record.cells)
    noted = [*((record.problem,) if record.problem else ()), *flaws, *given.warnings]
    return Person(
        row=record.row,
        keys=found,
        fields=fields,
        custom=given.custom,
        derived=derived,
        company_domain=domain,
        warnings=tuple(dict.fromkeys(noted)) if noted else (),
        raw=record.cells,
    )


def by_site(
    domain: str, fields: dict[str, str], derived: frozenset[str]
) -> tuple[tuple[Key, ...], frozenset[str]]:
    """The key of somebody whose site and name are all that is known; the site is where the form will be."""
    key = keys.site_key(domain, fields.get("full_name", ""))
    if key is not None and "website" not in fields:
        fields["website"], derived = f"https://{domain}", derived | {"website"}
    return (key,) if key else (), derived


@lru_cache(maxsize=REMEMBERED)
def domain_of(address: str | None) -> str | None:
    """The domain of an employer; colleagues stand near each other in files."""
    return keys.company_domain(address) if address else None


@lru_cache(maxsize=REMEMBERED)
def company_key(name: str | None) -> str | None:
    """The name of an employer in one spelling."""
    return keys.company_name_key(name) if name else None


def is_refused(said: str) -> bool:
    """Whether a `do not import` column says so."""
    word = said.strip().casefold()
    return word in YES or word in NEVER


def keys_of(named: Mapping[str, Sequence[str]], prefix: str) -> tuple[tuple[Key, ...], list[str]]:
    """The keys in the cells, the surest first, and the codes of those that are none."""
    found: list[Key] = []
    flaws: list[str] = []
    for target, flaw, read in READERS:
        for value in named.get(target, ()):
            read_keys = read(value)
            found.extend(read_keys)
            if not read_keys and value.casefold() not in LOCKED:
                flaws.append(flaw)
    for value in named.get("external_id", ()):
        key = keys.external_key(prefix + value)
        flaws.extend(() if key else ("external_id_invalid",))
        found.extend((key,) if key else ())
    if any(key.kind == "linkedin_profile_id" for key in found):
        found = list(keys.with_implied(found))
    return tuple(dict.fromkeys(found)), list(dict.fromkeys(flaws))


def linkedin_ids(text: str) -> tuple[Key, ...]:
    """The key in a cell that holds an id: a number, `ACoAA…`, or a URN."""
    key = keys.member_id_key(text) or keys.sales_navigator_key(text) or keys.linkedin_key(text)
    return (key,) if key and key.kind != "linkedin" else ()


_USUAL: Final = re.compile(r"https?://(?:[a-z]{2,3}\.)?linkedin\.com/in/([^/?#\s]+)/?")


def profiles(text: str) -> tuple[Key, ...]:
    """The key of a profile's address."""
    usual = _USUAL.fullmatch(text)  # what stands behind it alone is read much faster
    key = keys.named(usual.group(1)) if usual else keys.linkedin_key(text)
    return (key,) if key else ()


def leads_of_sales_navigator(text: str) -> tuple[Key, ...]:
    """The key of an address in Sales Navigator, or of a profile's that stands there instead."""
    key = keys.sales_navigator_key(text) or keys.linkedin_key(text)
    return (key,) if key else ()


_BETWEEN: Final = re.compile(r"[\s,;|]+")


def addresses(text: str) -> tuple[Key, ...]:
    """The e-mail addresses in a cell; usually one."""
    whole = keys.email_key(text)
    if whole:
        return () if whole.value in LOCKED else (whole,)
    parts = (keys.email_key(part) for part in _BETWEEN.split(text) if "@" in part)
    return tuple(part for part in parts if part and part.value not in LOCKED)


READERS: Final = (
    ("linkedin_id", "linkedin_url_invalid", linkedin_ids),
    ("linkedin_url", "linkedin_url_invalid", profiles),
    ("sales_navigator_url", "linkedin_url_invalid", leads_of_sales_navigator),
    ("email", "email_invalid", addresses),
    ("other_email", "email_invalid", addresses),
)


def spread(given: Given) -> None:
    """A JSON object of attributes counts as further columns: known names as fields, others as custom ones."""
    try:
        found = json.loads(given.plain.pop("attributes"), parse_constant=str)
        found = sound(found) if isinstance(found, dict) else None
    except (ValueError, RecursionError):
        found = None
    if found is None:
        given.warnings.append("attributes_invalid")
        return
    for name, value in found.items():
        target = ALIASES.get(squashed(name))
        if isinstance(value, str) and target and target != "attributes":
            given.take(target, value.strip())
        elif value is not None:
            given.custom.setdefault(custom_name(name), value)


def sound(value: object, depth: int = 0) -> object:
    """JSON the database can keep: no NUL, no half characters, no bottomless nesting."""
    if depth > DEEPEST:
        raise ValueError("nested too deep")
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "replace").decode()[:LONGEST_CUSTOM]
        case dict():
            return {str(sound(name)): sound(inner, depth + 1) for name, inner in value.items()}
        case list():
            return [sound(inner, depth + 1) for inner in value]
    return value


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def on_one_line(text: str) -> str:
    """The text as it is shown on one line."""
    if text.isprintable() and "  " not in text:
        return text
    return " ".join(_CONTROL.sub(" ", text).split())


def fields_of(given: Given) -> dict[str, str]:
    """The plain fields, in one spelling; what belongs to no field of ours goes to the custom ones."""
    plain = given.plain
    fields = {name: on_one_line(text) for name, text in plain.items() if name in SAME_NAME}
    if "company" in plain:
        fields["company_name"] = on_one_line(plain["company"])
    place = [plain[part] for part in ("city", "state", "country") if part in plain]
    if "location" not in fields and ("city" in plain or "state" in plain):
        fields["location"] = ", ".join(place)
    if plain.get("zone") in zones():
        fields["zone"] = plain["zone"]
    elif "zone" in plain:
        given.warnings.append("zone_unknown")
    for name in ("city", "state", "connected_on"):
        if name in plain:
            given.custom.setdefault(name, plain[name])
    if "tags" in plain:
        tags = [tag.strip() for tag in re.split(r"[,;|]", plain["tags"])]
        given.custom.setdefault("tags", [tag for tag in dict.fromkeys(tags) if tag])
    return {name: text for name, text in fields.items() if text}


SUFFIXES: Final = frozenset(
    ("phd", "ph.d", "ph.d.", "mba", "md", "m.d.", "msc", "cpa", "pmp", "cfa", "jr", "jr.", "sr", "sr.")
)


def name_parts(fields: dict[str, str]) -> frozenset[str]:
    """First and last name out of the whole one, or the whole one out of them; the names so found."""
    before = set(fields)
    whole = fields.get("full_name", "")
    if whole and before.isdisjoint(("first_name", "last_name")):
        first, last = split_name(whole)
        fields.update({"first_name": first} if first else {})
        fields.update({"last_name": last} if last else {})
    elif not whole and not before.isdisjoint(("first_name", "last_name")):
        fields["full_name"] = " ".join(filter(None, (fields.get("first_name"), fields.get("last_name"))))
    return frozenset(fields) - before


def split_name(whole: str) -> tuple[str, str]:
    """First and last name: `Ada Lovelace`, `Lovelace, Ada` and `Ada Lovelace, PhD` are the same."""
    name, _, after = (part.strip() for part in whole.partition(","))
    is_suffix = (
        not after or after.split()[0].strip(",").casefold() in SUFFIXES or (" " in name and after.isupper())
    )
    if is_suffix:
        first, _, last = name.partition(" ")
        return first, last
    return after, name
