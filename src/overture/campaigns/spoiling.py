"""What one lead's, run's or campaign's data may bring about that nobody foresaw: it must not keep the others
waiting. What is the database's own fault is told apart: that is tried again, and nobody is blamed for it.
"""

from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from overture.core.errors import OvertureError

UNFORESEEN: Final = (OvertureError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""Errors that leave the transaction whole."""
SPOILING: Final = (SQLAlchemyError, *UNFORESEEN)
"""All of them."""
PASSING: Final = ("08", "25", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that say nothing of the data: connection, deadlock, resources, locks, shutdown."""


def is_passing(error: Exception) -> bool:
    """Whether the same may well succeed in a moment."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or state is None:
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return str(state).startswith(PASSING)
