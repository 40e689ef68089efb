"""Touchpoints: one file per atomic action, its input and its outcome. Plain data, no I/O."""

from overture.touchpoints.base import REGISTRY, Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.check_connection import CheckConnection, ConnectionState
from overture.touchpoints.connect import Connect, Invited
from overture.touchpoints.enrich import Enrich, Enriched
from overture.touchpoints.message import Message, MessageSent
from overture.touchpoints.provider import (
    Accepted,
    Evidence,
    Intent,
    LastLook,
    Provider,
    ReadBack,
    Secrets,
    Sender,
    Session,
    Snapshot,
    Trace,
    Write,
)
from overture.touchpoints.target import Target
from overture.touchpoints.union import AnyTouchpoint, read_touchpoint
from overture.touchpoints.visit import Visit, Visited

__all__ = [
    "REGISTRY",
    "Accepted",
    "AnyTouchpoint",
    "Category",
    "CheckConnection",
    "Connect",
    "ConnectionState",
    "Enrich",
    "Enriched",
    "Evidence",
    "Intent",
    "Invited",
    "LastLook",
    "Message",
    "MessageSent",
    "Outcome",
    "Provider",
    "ReadBack",
    "Reversibility",
    "Secrets",
    "Sender",
    "Session",
    "Snapshot",
    "Target",
    "Touchpoint",
    "Trace",
    "Visit",
    "Visited",
    "Write",
    "read_touchpoint",
]
