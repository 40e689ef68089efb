"""What the profile parser extracts from a folder of LinkedIn's answers, beside what is true of them.

    ./dev eval profiles DIR [--out FILE]

DIR holds one answer a `*.json` file, REST or GraphQL, folders within it included. What is true is optional
and may be given in any of these ways:

- `truth.json` (or `expected.json`, `labels.json`, `cases.json`): `{"ada.json": {"full_name": "Ada Example",
  "degree": 2, "positions": [{"title": "Head of Ops", "company_name": "Acme"}], "skills": 5}, …}`, or a list
  of `{"file": "ada.json", "expected": {…}}`, or either under a key `profiles`, `files` or `cases`;
- `ada.truth.json` or `ada.expected.json` beside `ada.json`, or `ada.json` in a folder `truth`, `expected`;
- inside the file itself: `{"payload": <the answer>, "expected": {…}}`.

An answer the parser must refuse has the truth `{"refused": true}` (or the name of the error instead of true).
How fields are named and compared is said in `profiles_truth`.

A table goes to stderr; stdout ends with one JSON line of totals. FILE gets one JSON line a file:
`{"file", "profile"}` or `{"file", "refused", "error"}`. The exit code is 1 when anything disagrees or nothing
was extracted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overture.core.errors import Failure
from overture.entrypoints.evals.profiles_truth import NOTHING, agrees, extracted, lookup, plain_tree
from overture.providers.linkedin_browser.voyager import ProfileUnavailable, UnknownShape, parse_profile
from overture.touchpoints.profile import Profile

_TRUTH_STEMS = frozenset({"truth", "expected", "labels", "cases"})
_IGNORED_STEMS = frozenset({"manifest", "index"})
_TRUTH_KEYS = ("expected", "truth", "fields", "profile")
_FILE_KEYS = ("file", "name", "path", "id", "fixture")
_PAYLOAD_KEYS = ("payload", "response", "body")
_LIST_KEYS = ("profiles", "files", "cases")
_SHOWN = (
    "public_identifier", "member_id", "full_name", "headline", "location_name", "geo.country", "industry",
    "company.name", "current_position.title", "positions", "educations", "skills", "languages",
    "certifications", "relationship.state", "relationship.degree", "relationship.invitation.urn",
    "missing_sections", "absent_sections", "truncated_sections", "unrecognised",
)  # fmt: skip

Truth = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One field of one file: what was extracted and, where it is known, what is true."""

    field: str
    value: object
    truth: object = NOTHING
    agrees: bool | None = None


@dataclass(slots=True)
class Reading:
    """One file: the profile in it or the refusal, compared with its truth."""

    file: str
    profile: Profile | None = None
    refusal: Failure | None = None
    rows: list[Row] = field(default_factory=list)

    def as_line(self) -> str:
        """The whole reading as one line of JSON."""
        if self.profile is not None:
            return json.dumps({"file": self.file, "profile": plain_tree(self.profile)}, ensure_ascii=False)
        refused = {"file": self.file, "refused": type(self.refusal).__name__, "error": str(self.refusal)}
        return json.dumps(refused, ensure_ascii=False)


def main(argv: list[str]) -> int:
    """Reads the folder, prints the comparison, and says by its exit code whether all of it holds."""
    parser = argparse.ArgumentParser(prog="eval profiles", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="answers as *.json, and what is true of them")
    parser.add_argument("--out", type=Path, help="write one JSON line a file, with everything extracted")
    given = parser.parse_args(argv)
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is not a folder")
    readings = list(read_folder(given.folder))
    if given.out:
        given.out.write_text("".join(reading.as_line() + "\n" for reading in readings), encoding="utf-8")
    totals = _totals(readings)
    _show(readings, Console(stderr=True))
    sys.stdout.write(json.dumps(totals) + "\n")
    return 1 if totals["disagree"] or not (totals["parsed"] or totals["agree"]) else 0


def read_folder(folder: Path) -> Iterator[Reading]:
    """A reading of every answer in the folder; a truth about a file that is not there is a reading, too."""
    truths = _shared_truths(folder)
    used: set[str] = set()
    for path in sorted(folder.rglob("*.json")):
        if _is_truth(path.relative_to(folder)) or path.stem in _IGNORED_STEMS:
            continue
        name = path.relative_to(folder).as_posix()
        keys = [key for key in (name, path.name, name.removesuffix(".json"), path.stem) if key in truths]
        used.update(keys)
        payload, truth = _payload(path)
        yield _read(name, payload, truth or _own_truth(path, folder) or (truths[keys[0]] if keys else None))
    for name in truths.keys() - used:
        yield Reading(
            name, None, UnknownShape("no file of this name", name), [Row("file", None, name, False)]
        )


def _is_truth(path: Path) -> bool:
    if path.stem in _TRUTH_STEMS or path.parts[0] in _TRUTH_STEMS:
        return True
    return Path(path.stem).suffix.removeprefix(".") in _TRUTH_STEMS


def _payload(path: Path) -> tuple[object, Truth | None]:
    """The answer in a file, which may come wrapped together with its truth."""
    text = path.read_text("utf-8-sig")
    try:
        document: object = json.loads(text)
    except ValueError:
        return text, None  # an HTML page that was saved as an answer: the parser says so
    if isinstance(document, dict) and "data" not in document:
        for key in _PAYLOAD_KEYS:
            if key in document:
                return document[key], _truth_in(document)
    return document, None


def _own_truth(path: Path, folder: Path) -> Truth | None:
    """The truth of one file alone, beside it or in a folder of truths."""
    for stem in sorted(_TRUTH_STEMS):
        for place in (path.with_suffix(f".{stem}.json"), folder / stem / path.name):
            if place.is_file():
                truth = json.loads(place.read_text("utf-8-sig"))
                return _truth_in(truth) or truth if isinstance(truth, dict) else None
    return None


def _shared_truths(folder: Path) -> dict[str, Truth]:
    """The truths of all files, from the one file that lists them."""
    truths: dict[str, Truth] = {}
    for stem in sorted(_TRUTH_STEMS):
        path = folder / f"{stem}.json"
        if path.is_file():
            truths.update(_listed(json.loads(path.read_text("utf-8-sig"))))
    return truths


def _listed(document: object) -> Iterator[tuple[str, Truth]]:
    """Names and truths out of a map by file name or a list of cases, bare or under a key."""
    if isinstance(document, dict):
        inner = next(
            (document[key] for key in _LIST_KEYS if isinstance(document.get(key), (dict, list))), None
        )
        if inner is not None:
            yield from _listed(inner)
            return
        for name, truth in document.items():
            if isinstance(truth, dict):
                yield name, _truth_in(truth) or truth
    elif isinstance(document, list):
        for case in document:
            if isinstance(case, dict):
                yield from _case(case)


def _case(case: Truth) -> Iterator[tuple[str, Truth]]:
    key = next((key for key in _FILE_KEYS if isinstance(case.get(key), str)), None)
    if key is not None:
        flat = {field: value for field, value in case.items() if field != key}
        yield str(case[key]), _truth_in(case) or flat


def _truth_in(document: Truth) -> Truth | None:
    for key in _TRUTH_KEYS:
        truth = document.get(key)
        if isinstance(truth, dict):
            return truth
    return None


def _read(name: str, payload: object, truth: Truth | None) -> Reading:
    try:
        profile = parse_profile(cast("Mapping[str, object]", payload))  # which refuses what is no object
    except (UnknownShape, ProfileUnavailable) as refusal:
        return Reading(name, None, refusal, _refused_rows(refusal, truth))
    tree = extracted(profile)
    rows = [Row(key, lookup(tree, key)) for key in _SHOWN if key not in (truth or {})]
    for key, wanted in (truth or {}).items():
        rows.append(Row(key, lookup(tree, key), wanted, agrees(wanted, tree, key)))
    return Reading(name, profile, None, rows)


def _refused_rows(refusal: Failure, truth: Truth | None) -> list[Row]:
    kind = type(refusal).__name__
    if truth is None:
        return [Row("refused", refusal.message)]
    wanted = next((truth[key] for key in ("refused", "error", "raises") if key in truth), NOTHING)
    if wanted is NOTHING:
        return [Row(key, refusal.message, value, agrees=False) for key, value in truth.items()]
    return [
        Row("refused", f"{kind}: {refusal.message}", wanted, wanted is True or wanted in (kind, refusal.code))
    ]


def _totals(readings: list[Reading]) -> dict[str, int]:
    judged = [row for reading in readings for row in reading.rows if row.agrees is not None]
    return {
        "files": len(readings),
        "parsed": sum(reading.profile is not None for reading in readings),
        "refused": sum(reading.profile is None for reading in readings),
        "fields": len(judged),
        "agree": sum(row.agrees is True for row in judged),
        "disagree": sum(row.agrees is False for row in judged),
    }


def _show(readings: list[Reading], console: Console) -> None:
    for reading in readings:
        table = Table("field", "extracted", "truth", "", title=escape(reading.file), title_justify="left")
        for row in reading.rows:
            mark = {True: "[green]yes[/]", False: "[red]NO[/]", None: ""}[row.agrees]
            table.add_row(row.field, _brief(row.value), _brief(row.truth), mark)
        console.print(table)


def _brief(value: object) -> str:
    if value is NOTHING:
        return ""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        names = [
            _brief(next((item[key] for key in ("name", "title", "school_name") if item.get(key)), "…"))
            for item in value
        ]
        return f"{len(value)}: " + ", ".join(names)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return escape(text if len(text) <= 200 else text[:199] + "…")
