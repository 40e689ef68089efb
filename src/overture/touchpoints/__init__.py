"""Touchpoints: one file per atomic action, its input and its outcome. Plain data, no I/O."""

from overture.touchpoints.base import REGISTRY, Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.check_connection import CheckConnection, ConnectionState
from overture.touchpoints.comment import Comment, Commented
from overture.touchpoints.connect import Connect, Invited
from overture.touchpoints.discovered import Discovered, ProfileLink
from overture.touchpoints.enrich import ContactDetails, Enrich, Enriched
from overture.touchpoints.follow import Follow, Followed
from overture.touchpoints.inmail import InMail, InMailSent
from overture.touchpoints.log_in import LoggedIn, LogIn
from overture.touchpoints.message import Message, MessageSent
from overture.touchpoints.post import Post
from overture.touchpoints.provider import (
    APPROVED,
    Accepted,
    Evidence,
    Intent,
    LastLook,
    MayAnswer,
    Provider,
    ReadBack,
    Rehearsed,
    Rehearses,
    Secrets,
    Sender,
    Session,
    Snapshot,
    TakesCookies,
    Trace,
    Write,
    hide,
    nothing_stops,
)
from overture.touchpoints.react import React, Reacted, Reaction, offered
from overture.touchpoints.search import PeopleFound, PersonFound, Search
from overture.touchpoints.sync_inbox import InboxConversation, InboxMessage, InboxRead, SyncInbox
from overture.touchpoints.sync_relations import (
    PendingInvitation,
    Relation,
    RelationsRead,
    SentInvitations,
    SyncRelations,
)
from overture.touchpoints.target import Target, read_target
from overture.touchpoints.text import SentText
from overture.touchpoints.union import AnyTouchpoint, read_touchpoint
from overture.touchpoints.visit import Visit, Visited
from overture.touchpoints.withdraw_invite import REINVITE_AFTER, WithdrawInvite, Withdrawn

__all__ = [
    "APPROVED",
    "REGISTRY",
    "REINVITE_AFTER",
    "Accepted",
    "AnyTouchpoint",
    "Category",
    "CheckConnection",
    "Comment",
    "Commented",
    "Connect",
    "ConnectionState",
    "ContactDetails",
    "Discovered",
    "Enrich",
    "Enriched",
    "Evidence",
    "Follow",
    "Followed",
    "InMail",
    "InMailSent",
    "InboxConversation",
    "InboxMessage",
    "InboxRead",
    "Intent",
    "Invited",
    "LastLook",
    "LogIn",
    "LoggedIn",
    "MayAnswer",
    "Message",
    "MessageSent",
    "Outcome",
    "PendingInvitation",
    "PeopleFound",
    "PersonFound",
    "Post",
    "ProfileLink",
    "Provider",
    "React",
    "Reacted",
    "Reaction",
    "ReadBack",
    "Rehearsed",
    "Rehearses",
    "Relation",
    "RelationsRead",
    "Reversibility",
    "Search",
    "Secrets",
    "Sender",
    "SentInvitations",
    "SentText",
    "Session",
    "Snapshot",
    "SyncInbox",
    "SyncRelations",
    "TakesCookies",
    "Target",
    "Touchpoint",
    "Trace",
    "Visit",
    "Visited",
    "WithdrawInvite",
    "Withdrawn",
    "Write",
    "hide",
    "nothing_stops",
    "offered",
    "read_target",
    "read_touchpoint",
]
