"""People on their way out: a CSV file that is safe to open, and a card for one person."""

from overture.people.exporting.leads_csv import COLUMNS, csv_of
from overture.people.exporting.vcard import vcard

__all__ = ["COLUMNS", "csv_of", "vcard"]
