"""What an import would make of a file, shown before anything is taken."""

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from overture.core.errors import Invalid
from overture.people.importing.cleaning import Person, person_of, plan_of
from overture.people.importing.codes import REASONS
from overture.people.importing.fields import FIELDS, is_field, squashed
from overture.people.importing.formats import recognise, suggest
from overture.people.importing.reading import Hints, Reading, Record, read, records

SAMPLED: Final = 200
SHOWN: Final = 10
SAMPLES: Final = 3
SAMPLE_LENGTH: Final = 200

READING_WARNINGS: Final = {
    "guessed_windows_1252": "The file is no UTF-8; it was read as Windows-1252.",
    "no_byte_order_mark": "The file looks like UTF-16 and does not say so.",
    "damaged_bytes": "The file is UTF-8 with damaged places; the letters there are lost.",
    "no_header": "The file has no header row; its columns are numbered.",
    "lines_above_header": "The lines above the header were left out.",
    "same_header_twice": "Several columns have the same header; they are told apart by their position.",
    "no_key_column": "No column was recognised as e-mail address, LinkedIn address or external id, nor a "
    "name with a website: name one.",
    "no_rows": "There is no row below the header.",
}


@dataclass(frozen=True)
class Column:
    """A column of the file: what it says, and what it most likely is."""

    position: int
    header: str
    field: str | None
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Warned:
    """Something to know before going on."""

    code: str
    message: str


@dataclass(frozen=True)
class Preview:
    """A file as it would be imported."""

    source_format: str
    """Which product's file it is; `other` if none is known by it."""
    title: str
    reading: Reading
    columns: tuple[Column, ...]
    is_remembered: bool
    """Whether the fields are those confirmed for the same header before."""
    rows: tuple[Record, ...]
    """The first, as they stand in the file."""
    outlook: Mapping[str, int]
    """Of the first rows, how many could be taken and how many not, by code."""
    warnings: tuple[Warned, ...]

    @property
    def mapping(self) -> tuple[str | None, ...]:
        """The field of each column, by position."""
        return tuple(column.field for column in self.columns)

    @property
    def header_hash(self) -> str:
        """Under which a confirmed mapping is remembered."""
        return hash_of(self.reading.header)


def preview(
    path: Path, hints: Hints | None = None, remembered: Mapping[str, Sequence[str | None]] | None = None
) -> Preview:
    """What an import would make of the file; `remembered` are confirmed mappings by header hash."""
    reading = read(path, hints)
    sample = list(itertools.islice(records(path, reading), SAMPLED))
    known = recognise(reading.header)
    own = (remembered or {}).get(hash_of(reading.header))
    fields = list(own) if own else suggest(reading.header, [record.cells for record in sample])
    source_format = known.name if known else "other"
    columns = tuple(
        Column(at, header, fields[at], samples_of(at, sample)) for at, header in enumerate(reading.header)
    )
    return Preview(
        source_format=source_format,
        title=known.title if known else "unknown columns",
        reading=reading,
        columns=columns,
        is_remembered=bool(own),
        rows=tuple(sample[:SHOWN]),
        outlook=outlook_of(sample, fields, source_format),
        warnings=tuple(warnings_of(reading, fields, sample)),
    )


def hash_of(header: Sequence[str]) -> str:
    """The same for files whose columns have the same names in the same order."""
    return hashlib.sha256("\x1f".join(map(squashed, header)).encode()).hexdigest()


def samples_of(at: int, records: Sequence[Record]) -> tuple[str, ...]:
    """The first different things in a column."""
    found = dict.fromkeys(record.cells[at].strip()[:SAMPLE_LENGTH] for record in records)
    return tuple(itertools.islice(filter(None, found), SAMPLES))


def outlook_of(sample: Sequence[Record], fields: Sequence[str | None], source_format: str) -> dict[str, int]:
    """What would become of the first rows: `good`, or the code of what stands against or beside it."""
    plan = plan_of(fields, source_format)
    found: dict[str, int] = {}
    for record in sample:
        made = person_of(record, plan)
        codes = (made.warnings or ("good",)) if isinstance(made, Person) else (made.code,)
        for code in codes:
            found[code] = found.get(code, 0) + 1
    return found


def warnings_of(reading: Reading, fields: Sequence[str | None], sample: Sequence[Record]) -> list[Warned]:
    """What is to be known of the file as a whole."""
    codes = [warning.partition(":")[0] for warning in reading.warnings]
    names = [squashed(name) for name in reading.header if name]
    codes += [
        code
        for code, holds in (
            ("no_header", reading.header_row == 0),
            ("lines_above_header", reading.header_row > 1),
            ("same_header_twice", len(set(names)) < len(names)),
            ("no_key_column", not tell_people_apart(fields)),
            ("no_rows", not sample),
        )
        if holds
    ]
    odd = dict.fromkeys(record.problem for record in sample if record.problem)
    told = [Warned(code, READING_WARNINGS[code]) for code in codes]
    return told + [Warned(code, REASONS[code]) for code in odd if code]


KEY_FIELDS: Final = frozenset(
    (
        "email",
        "other_email",
        "linkedin_url",
        "sales_navigator_url",
        "linkedin_id",
        "external_id",
        "attributes",
    )
)
NAME_FIELDS: Final = frozenset(("full_name", "first_name", "last_name"))
SITE_FIELDS: Final = frozenset(("website", "company_domain"))


def tell_people_apart(fields: Sequence[str | None]) -> bool:
    """Whether the columns can say who somebody is; name and site do for whom only a contact form reaches."""
    named = set(filter(None, fields))
    has_site = not named.isdisjoint(NAME_FIELDS) and not named.isdisjoint(SITE_FIELDS)
    return has_site or not named.isdisjoint(KEY_FIELDS)


def checked(mapping: Sequence[str | None], reading: Reading) -> tuple[str | None, ...]:
    """The mapping, if it fits the file and names fields there are; refused otherwise."""
    errors = [
        {"pointer": f"/mapping/{at}", "code": "unknown_field", "detail": f"{field!r} is no field"}
        for at, field in enumerate(mapping)
        if field is not None and not is_field(field)
    ]
    if len(mapping) != len(reading.header):
        detail = f"must name {len(reading.header)} columns, not {len(mapping)}"
        errors.append({"pointer": "/mapping", "code": "wrong_length", "detail": detail})
    if not errors and not tell_people_apart(mapping):
        detail = "must name an e-mail address, a LinkedIn address or an external id (or a name and a website)"
        errors.append({"pointer": "/mapping", "code": "no_key_column", "detail": detail})
    if errors:
        raise Invalid(
            "validation_error",
            f"The mapping does not fit the file: {errors[0]['detail']}.",
            fix=f"Name one of {', '.join(FIELDS)}, custom.<name>, or null for each column.",
            errors=errors,
        )
    return tuple(mapping)


def by_header(reading: Reading, named: Mapping[str, str | None]) -> tuple[str | None, ...]:
    """A mapping given by header names; columns that are not named are left out."""
    wanted = {squashed(name): field for name, field in named.items()}
    return tuple(wanted.get(squashed(name)) for name in reading.header)
