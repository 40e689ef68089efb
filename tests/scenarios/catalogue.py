"""All scenarios, in the order of their numbers."""

from typing import Final

from . import invites, messages, sessions
from .scenario import Scenario

SCENARIOS: Final[tuple[Scenario, ...]] = tuple(
    sorted((*invites.SCENARIOS, *sessions.SCENARIOS, *messages.SCENARIOS), key=lambda one: one.number)
)
