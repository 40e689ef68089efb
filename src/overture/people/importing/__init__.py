"""Files of leads on their way in: previewed, mapped, and taken in with a receipt per row."""

from overture.people.importing.codes import INVALID, OUTCOMES, REASONS, SKIPPED, WARNINGS
from overture.people.importing.deciding import Mode, Options
from overture.people.importing.fields import FIELDS
from overture.people.importing.formats import FORMATS
from overture.people.importing.preview import Column, Preview, Warned, by_header, checked, preview
from overture.people.importing.reading import Hints, Reading, Record, read, records
from overture.people.importing.running import (
    ImportKit,
    Measured,
    New,
    begin,
    by_id,
    confirm,
    measure,
    remembered,
    resume,
    run,
    under_way,
)

__all__ = [
    "FIELDS",
    "FORMATS",
    "INVALID",
    "OUTCOMES",
    "REASONS",
    "SKIPPED",
    "WARNINGS",
    "Column",
    "Hints",
    "ImportKit",
    "Measured",
    "Mode",
    "New",
    "Options",
    "Preview",
    "Reading",
    "Record",
    "Warned",
    "begin",
    "by_header",
    "by_id",
    "checked",
    "confirm",
    "measure",
    "preview",
    "read",
    "records",
    "remembered",
    "resume",
    "run",
    "under_way",
]
