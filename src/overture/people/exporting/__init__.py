"""People on their way out: a CSV file that is safe to open, and a card for one person."""

from overture.people.exporting.guard import guarded
from overture.people.exporting.leads_csv import COLUMNS, leads_csv
from overture.people.exporting.vcard import vcard, vcard_of

__all__ = ["COLUMNS", "guarded", "leads_csv", "vcard", "vcard_of"]
