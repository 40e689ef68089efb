"""The scenarios of the reference, arranged by name: `inv-weekly-429-optimistic` and its like."""

from overture_sandbox.scenarios import invites
from overture_sandbox.scenarios.scenario import SCENARIOS, Scenario, Setting, arrange

FILES = (invites,)
"""Importing a file enters its scenarios."""

__all__ = ["FILES", "SCENARIOS", "Scenario", "Setting", "arrange"]
