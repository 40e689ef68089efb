"""The scenarios of the reference, arranged by name: `inv-weekly-429-optimistic` and its like."""

from overture_sandbox.scenarios import (
    crosscutting,
    discovery,
    inmail,
    invites,
    messages,
    posts,
    profiles,
    sessions,
)
from overture_sandbox.scenarios.scenario import SCENARIOS, Scenario, Setting, arrange

FILES = (crosscutting, discovery, inmail, invites, messages, posts, profiles, sessions)
"""Importing a file enters its scenarios."""

__all__ = ["FILES", "SCENARIOS", "Scenario", "Setting", "arrange"]
