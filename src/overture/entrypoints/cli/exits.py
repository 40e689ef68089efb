"""Exit codes of the command line: stable, one per way a caller can react."""

from enum import IntEnum
from typing import Final

from overture.core.errors import Conflict, Invalid, Refused, Unauthorized, Unavailable


class ExitCode(IntEnum):
    """What a shell script learns; the numbers are those of other tools of the field."""

    OK = 0
    GENERAL = 1
    UNAUTHORIZED = 2
    ACCOUNT = 4
    BAD_ARGUMENTS = 5
    RATE_LIMITED = 6
    UNREACHABLE = 7
    NOT_FINISHED = 8
    SUPPRESSED = 10


ACCOUNT_CODES: Final = frozenset(
    {"account_needs_login", "challenge_required", "blocked_by_provider", "account_removed"}
)
RATE_CODES: Final = frozenset({"weekly_limit", "too_many_pending", "connection_limit", "rate_limited"})


def of_refusal(refused: Refused) -> ExitCode:
    """The exit code of a request that was not taken."""
    if refused.code.startswith("account_"):
        return ExitCode.ACCOUNT
    match refused:
        case Invalid():
            return ExitCode.BAD_ARGUMENTS
        case Unauthorized():
            return ExitCode.UNAUTHORIZED
        case Unavailable():
            return ExitCode.UNREACHABLE
        case Conflict():
            return ExitCode.GENERAL
        case _:
            return ExitCode.GENERAL


def of_run(status: str, error_code: str | None) -> ExitCode:
    """The exit code of a run that was waited for."""
    if status == "completed":
        return ExitCode.OK
    if status not in ("failed", "cancelled"):
        return ExitCode.NOT_FINISHED
    if error_code in ACCOUNT_CODES:
        return ExitCode.ACCOUNT
    if error_code in RATE_CODES:
        return ExitCode.RATE_LIMITED
    return ExitCode.SUPPRESSED if error_code == "suppressed" else ExitCode.GENERAL
