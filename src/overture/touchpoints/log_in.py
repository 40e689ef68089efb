"""`log_in`: make sure the account is logged in, and prove it."""

from typing import ClassVar, Literal

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint


class LoggedIn(Outcome):
    """The service knows the account: who it is there, and how the session came about."""

    profile_id: str
    public_identifier: str | None = None
    how: Literal["kept", "stored", "login", "answered"]


class LogIn(Touchpoint):
    """Open the account's session, log in if need be, and read back who it is."""

    reversibility: ClassVar[Reversibility] = "read"
    category: ClassVar[Category] = "sync"
    outcome: ClassVar[type[Outcome]] = LoggedIn
    at_any_hour: ClassVar[bool] = True

    type: Literal["log_in"] = "log_in"
