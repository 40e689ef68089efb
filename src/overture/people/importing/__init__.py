"""Files of leads on their way in: previewed, mapped, and taken in with a receipt per row."""

from overture.people.importing.codes import INVALID, OUTCOMES, REASONS, SKIPPED, WARNINGS
from overture.people.importing.deciding import Mode, Options
from overture.people.importing.fields import FIELDS
from overture.people.importing.formats import FORMATS
from overture.people.importing.preview import Column, Preview, Warned, by_header, checked, preview
from overture.people.importing.reading import Hints, Reading, Record, read, records
from overture.people.importing.receipt import Receipt, failed_csv, receipt, rows
from overture.people.importing.rollback import KEPT, Undone, roll_back
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
from overture.people.importing.waiting import at_rest, give_up, of, page, remap, undone_counts
from overture.people.tables import Import, ImportRow

__all__ = [
    "FIELDS",
    "FORMATS",
    "INVALID",
    "KEPT",
    "OUTCOMES",
    "REASONS",
    "SKIPPED",
    "WARNINGS",
    "Column",
    "Hints",
    "Import",
    "ImportKit",
    "ImportRow",
    "Measured",
    "Mode",
    "New",
    "Options",
    "Preview",
    "Reading",
    "Receipt",
    "Record",
    "Undone",
    "Warned",
    "at_rest",
    "begin",
    "by_header",
    "by_id",
    "checked",
    "confirm",
    "failed_csv",
    "give_up",
    "measure",
    "of",
    "page",
    "preview",
    "read",
    "receipt",
    "records",
    "remap",
    "remembered",
    "resume",
    "roll_back",
    "rows",
    "run",
    "under_way",
    "undone_counts",
]
