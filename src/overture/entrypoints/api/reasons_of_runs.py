"""Reasons to wait that say something of a run, and nothing new of its account."""

from typing import Final

from overture.core.reasons import Reason

OF_RUNS_ONLY: Final = frozenset(
    {
        Reason.DELAY,
        Reason.CAMPAIGN_PAUSED,
        Reason.ENROLLMENT_PAUSED,
        Reason.TOUCH_LIMIT,
        Reason.COMPANY_LOCK,
        Reason.RETRY,
        Reason.WORKER_LOST,
        Reason.ACCOUNT_BUSY,
        Reason.WAITING_RECONCILE,
        Reason.TARGET_UNRESOLVED,
        Reason.READY,
        Reason.MIN_INTERVAL,
        Reason.WORKING_HOURS,
        Reason.PROVIDER_COOLDOWN,
        Reason.KILL_SWITCH,
        Reason.ACCOUNT_PAUSED,
        Reason.ACCOUNT_NEEDS_ATTENTION,
        Reason.OUTCOME_UNKNOWN,
    }
)
"""Reasons that are no news about the account, or that it tells by itself. Any other is a limit of its."""
