"""The one world behind every face: who exists, who knows whom, what was said, and the ledger of it all."""

from overture_sandbox.world.clock import WorldClock
from overture_sandbox.world.faults import FaultBook, FaultRule
from overture_sandbox.world.ledger import Ledger, LedgerEntry, Via
from overture_sandbox.world.model import (
    Checkpoint,
    Conversation,
    Invitation,
    Login,
    Member,
    Message,
    WebSession,
)
from overture_sandbox.world.store import Refused, Relationship, World

__all__ = [
    "Checkpoint",
    "Conversation",
    "FaultBook",
    "FaultRule",
    "Invitation",
    "Ledger",
    "LedgerEntry",
    "Login",
    "Member",
    "Message",
    "Refused",
    "Relationship",
    "Via",
    "WebSession",
    "World",
    "WorldClock",
]
