"""Scenarios: what the site does, what Overture must report of it, and what the sandbox's ledger must hold.

Each runs through the REST API, a real server and a real Chromium, on both kinds of pages.
"""

from .catalogue import SCENARIOS
from .house import House, open_house
from .scenario import Row, Scenario

__all__ = ["SCENARIOS", "House", "Row", "Scenario", "open_house"]
