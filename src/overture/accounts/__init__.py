"""Accounts: one sender on one channel, its secrets, working hours, limits and state."""

from overture.accounts.hours import WorkingHours, next_opening
from overture.accounts.limits import Limits, Window
from overture.accounts.register import AccountChange, NewAccount, change, create, remove, set_state
from overture.accounts.secrets import Vault
from overture.accounts.store import by_handle, by_id, cooldown_until, find, list_all, rest
from overture.accounts.tables import Account, AccountCooldown, AccountSecret

__all__ = [
    "Account",
    "AccountChange",
    "AccountCooldown",
    "AccountSecret",
    "Limits",
    "NewAccount",
    "Vault",
    "Window",
    "WorkingHours",
    "by_handle",
    "by_id",
    "change",
    "cooldown_until",
    "create",
    "find",
    "list_all",
    "next_opening",
    "remove",
    "rest",
    "set_state",
]
