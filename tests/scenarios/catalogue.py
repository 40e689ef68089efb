"""All scenarios, in the order of their numbers."""

from typing import Final

from . import crosscutting, discovery, inmail, invites, messages, posts, profiles, sessions
from .scenario import Scenario

SCENARIOS: Final[tuple[Scenario, ...]] = tuple(
    sorted(
        (
            *invites.SCENARIOS,
            *sessions.SCENARIOS,
            *messages.SCENARIOS,
            *inmail.SCENARIOS,
            *profiles.SCENARIOS,
            *discovery.SCENARIOS,
            *posts.SCENARIOS,
            *crosscutting.SCENARIOS,
        ),
        key=lambda one: one.number,
    )
)
