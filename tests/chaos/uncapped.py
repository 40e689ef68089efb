"""Plugin: no ceilings, so that an account can act more in a minute than a real one may in a month.

The product has no switch for it; what is tested here is that each act happens once, not how many there are.
"""

from overture.accounts import CEILINGS, NO_LIMITS, TIERS, Limits
from overture.entrypoints.bootstrap import App


def install(app: App) -> App:
    """Plugin entry."""
    CEILINGS.update(dict.fromkeys(TIERS, Limits.model_validate(NO_LIMITS)))
    return app
