"""What becomes of each row, decided from what is known of the people it names: no reading, no writing.

Rows are decided in the order of the file, each as if those before it were stored already.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from pydantic import TypeAdapter

from overture.people.importing.cleaning import Person, Unfit
from overture.people.keys import STABLE_KINDS, Key
from overture.people.names import following
from overture.people.new_lead import PLAIN_FIELDS
from overture.people.tables import Suppression

Mode = Literal["add_update", "add_only", "update_only"]


@dataclass(frozen=True)
class Options:
    """How an import treats people who are known already."""

    mode: Mode = "add_update"
    do_not_overwrite: frozenset[str] = frozenset()
    """Fields (or `custom.<name>`) that are filled when empty and never replaced."""
    skip_suppressed: bool = True
    """Without it, suppressed people are stored too; the gate still lets nothing through to them."""

    def stored(self) -> dict[str, object]:
        """As the database keeps it."""
        shown: dict[str, object] = OPTIONS.dump_python(self, mode="json")
        return shown

    @classmethod
    def restored(cls, stored: Mapping[str, object]) -> "Options":
        """Back from the database."""
        return OPTIONS.validate_python(stored)


OPTIONS: Final = TypeAdapter(Options)


@dataclass(slots=True)
class Standing:
    """A lead as it is now, and whether this import has been at it."""

    lead_id: UUID
    fields: dict[str, str]
    custom: dict[str, object]
    company_id: UUID | None
    stable: dict[str, set[str]] = field(default_factory=dict)
    """Its ids of the kinds that never change."""
    is_taken: bool = False
    keys: list[Key] = field(default_factory=list)
    """As they were before the batch."""
    other_ids: list[UUID] = field(default_factory=list)
    """Of leads that were merged into it."""

    def learn(self, keys: Sequence[Key]) -> None:
        """It has these keys too."""
        for key in keys:
            if key.kind in STABLE_KINDS:
                self.stable.setdefault(key.kind, set()).add(key.value)


@dataclass(slots=True)
class Decision:
    """What becomes of one row."""

    row: int
    outcome: str
    codes: tuple[str, ...] = ()
    lead_id: UUID | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    """To be set."""
    custom: Mapping[str, object] = field(default_factory=dict)
    company_id: UUID | None = None
    keys: Sequence[Key] = ()
    """To be given to the lead."""
    before: dict[str, object] | None = None
    raw: list[str] | None = None


@dataclass(frozen=True)
class Joins:
    """The row says that several leads are one person: they have to be merged before it is decided."""

    leads: tuple[UUID, ...]


@dataclass
class Ledger:
    """What is known of the people a batch names, kept up with what was decided of its rows so far."""

    options: Options
    new_id: Callable[[], UUID]
    owners: dict[Key, UUID] = field(default_factory=dict)
    standings: dict[UUID, Standing] = field(default_factory=dict)
    barred: Mapping[int, Suppression] = field(default_factory=dict)
    """Rows of people who are suppressed, and by what."""
    companies: Mapping[int, UUID] = field(default_factory=dict)
    """The employer of each row that names one."""
    apart: set[frozenset[UUID]] = field(default_factory=set)
    """Leads that were found not to be one person, whatever a row says."""

    def decide(self, row: Person | Unfit) -> Decision | Joins:
        """What becomes of the next row."""
        if isinstance(row, Unfit):
            return Decision(row.row, row.outcome, (row.code,), raw=row.raw)
        barred = self.barred.get(row.row)
        if barred and barred.reason == "erased":  # what they wanted gone is not kept in a receipt either
            return Decision(row.row, "skipped", ("erased",))
        if barred and self.options.skip_suppressed:
            return Decision(row.row, "skipped", ("suppressed", *row.warnings), raw=row.raw)
        found = self.recognise(row)
        if isinstance(found, Joins):
            return found
        lead, keys = found
        codes = row.warnings if len(keys) == len(row.keys) else (*row.warnings, "key_taken")
        fresh = [key for key in keys if key not in self.owners]
        return self.created(row, fresh, codes) if lead is None else self.met(row, lead, fresh, codes)

    def recognise(self, person: Person) -> tuple[Standing | None, list[Key]] | Joins:
        """The lead a row means, if there is one, and the keys of the row that are theirs or nobody's."""
        if self.owners.keys().isdisjoint(person.keys):
            return None, list(person.keys)
        hits = dict.fromkeys(self.owners[key] for key in person.keys if key in self.owners)
        same = [self.standings[lead_id] for lead_id in hits if not differ(person, self.standings[lead_id])]
        lead = same[0] if same else None
        joined = [
            other.lead_id
            for other in same[1:]
            if lead
            and not contradict(lead, other)
            and frozenset((lead.lead_id, other.lead_id)) not in self.apart
        ]
        if lead is not None and joined:
            return Joins((lead.lead_id, *joined))
        mine = (None, lead.lead_id) if lead else (None,)
        return lead, [key for key in person.keys if self.owners.get(key) in mine]

    def created(self, person: Person, keys: list[Key], codes: tuple[str, ...]) -> Decision:
        """A person nobody knew."""
        if self.options.mode == "update_only":
            return Decision(person.row, "skipped", ("not_found", *codes), raw=person.raw)
        fields = dict(person.fields)
        made = Standing(
            self.new_id(),
            fields,
            dict(person.custom),
            self.companies.get(person.row),
            is_taken=True,
        )
        self.give(made, keys)
        return Decision(
            person.row, "created", codes, made.lead_id, fields, person.custom, made.company_id, keys
        )

    def met(self, person: Person, lead: Standing, keys: list[Key], codes: tuple[str, ...]) -> Decision:
        """A person who is known: by an earlier row of the file, or before it."""
        if lead.is_taken:
            self.give(lead, keys)
            return Decision(
                person.row,
                "skipped",
                ("duplicate_in_file", *codes),
                lead.lead_id,
                keys=keys,
                before=changed({}, {}, keys) if keys else None,
                raw=person.raw,
            )
        if self.options.mode == "add_only":
            return Decision(person.row, "skipped", ("exists", *codes), lead.lead_id, raw=person.raw)
        return self.updated(person, lead, keys, codes)

    def updated(self, person: Person, lead: Standing, keys: list[Key], codes: tuple[str, ...]) -> Decision:
        """A lead that takes what the row says, as far as the options let it."""
        kept = self.options.do_not_overwrite
        fields = {
            name: value
            for name, value in person.fields.items()
            if value != lead.fields.get(name)
            and not (lead.fields.get(name) and (name in kept or name in person.derived))
        }
        if "full_name" in person.derived and not (lead.fields.get("full_name") and "full_name" in kept):
            fields |= following(lead.fields, fields)
        custom = {
            name: value
            for name, value in person.custom.items()
            if not is_same(lead.custom.get(name), value)
            and not (name in lead.custom and f"custom.{name}" in kept)
        }
        company = self.companies.get(person.row)
        moves = company is not None and (lead.company_id is None or "company_name" in fields)
        company = company if moves and company != lead.company_id else None
        is_new = bool(fields or custom or keys or company)
        before = before_of(lead, fields, custom, keys, company) if is_new else None
        lead.fields.update(fields)
        lead.custom.update(custom)
        lead.is_taken = True
        self.give(lead, keys)
        outcome = "updated" if is_new else "unchanged"
        return Decision(person.row, outcome, codes, lead.lead_id, fields, custom, company, keys, before)

    def give(self, lead: Standing, keys: Sequence[Key]) -> None:
        """From here on these keys are the lead's."""
        self.standings[lead.lead_id] = lead
        self.owners.update(dict.fromkeys(keys, lead.lead_id))
        lead.learn(keys)


def is_same(has: object, value: object) -> bool:
    """Whether a custom field is so already; a cell can only say as text what is a list or a number here."""
    is_text = isinstance(value, str) and has is not None and not isinstance(has, str)
    return has == value or (is_text and json.dumps(has, ensure_ascii=False) == value)


def differ(person: Person, lead: Standing) -> bool:
    """Whether a row and a lead are two people although they share a key: by ids that never change."""
    if not lead.stable:
        return False
    for kind in STABLE_KINDS:
        theirs = lead.stable.get(kind)
        own = {key.value for key in person.keys if key.kind == kind}
        if theirs and own and theirs.isdisjoint(own):
            return True
    return False


def contradict(one: Standing, other: Standing) -> bool:
    """Whether two leads are two people for certain."""
    return any(
        kind in other.stable and values.isdisjoint(other.stable[kind]) for kind, values in one.stable.items()
    )


def before_of(
    lead: Standing,
    fields: Mapping[str, str],
    custom: Mapping[str, object],
    keys: Sequence[Key],
    company: UUID | None,
) -> dict[str, object]:
    """What taking an update back needs."""
    before = changed(
        {name: [lead.fields.get(name), value] for name, value in fields.items()},
        {name: [lead.custom.get(name), value] for name, value in custom.items()},
        keys,
    )
    if company is not None:
        before["company_id"] = [str(lead.company_id) if lead.company_id else None, str(company)]
    return before


def changed(
    fields: Mapping[str, object], custom: Mapping[str, object], keys: Sequence[Key]
) -> dict[str, object]:
    """The old and the new of each field, and the keys that were added."""
    return {"fields": fields, "custom": custom, "keys": [[key.kind, key.value] for key in keys]}


def standing_of(row: Sequence[object], is_taken: bool) -> Standing:
    """A lead as the database tells it: id, company, custom fields, then the plain fields."""
    lead_id, company_id, custom, *plain = row
    fields = {name: str(value) for name, value in zip(PLAIN_FIELDS, plain, strict=True) if value is not None}
    assert isinstance(lead_id, UUID)
    assert isinstance(custom, dict)
    return Standing(
        lead_id, fields, custom, company_id if isinstance(company_id, UUID) else None, is_taken=is_taken
    )
