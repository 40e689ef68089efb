"""Errors that one delivery's or run's data may bring about, told apart from the database's own trouble."""

from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from overture.core.errors import OvertureError

SPOILING: Final = (
    *(SQLAlchemyError, OvertureError, ValueError, LookupError, TypeError, AttributeError),
    *(ArithmeticError, AssertionError),
)
"""What must not keep the others waiting."""
PASSING: Final = ("08", "25", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that say nothing of the data: connection, deadlock, resources, locks, shutdown."""
TWICE_AT_ONCE: Final = "23505"
"""Somebody else was just making the same row: it is there the next time."""


def is_passing(error: Exception) -> bool:
    """Whether the same may well succeed in a moment."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or state is None:
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return str(state).startswith(PASSING)
