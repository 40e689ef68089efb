"""What the pages of the inbox call things: views, what answers mean, who wrote, how far ours is."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from overture.entrypoints.web.words import Chip

VIEWS: Final[Mapping[str, str]] = {
    "inbox": "Inbox",
    "unread": "Unread",
    "answer": "Needs an answer",
    "snoozed": "Snoozed",
    "all": "All",
}
"""Tabs of the list; the first is shown when the address names none."""
KIND: Final[Mapping[str, Chip]] = {
    "reply": Chip("message", "busy", "Reply"),
    "auto_reply": Chip("hourglass", "calm", "Automatic answer"),
    "opt_out": Chip("ban", "bad", "Opt-out"),
    "decline": Chip("hand-stop", "warn", "Declined"),
}
MEANS: Final[Mapping[str, str]] = {
    "reply": "Campaigns have stopped: the conversation is yours.",
    "auto_reply": "No answer yet: campaigns wait until they are back.",
    "opt_out": "They are never contacted again.",
    "decline": "They said no: campaigns have stopped.",
}
"""What follows from each."""
WROTE: Final[Mapping[str, str]] = {
    "run": "sent by a run",
    "inbox": "sent from here",
    "hand": "written by hand elsewhere",
}
"""Who wrote a message of ours."""
OUTGOING: Final[Mapping[str, Chip]] = {
    "pending": Chip("clock", "calm", "Queued"),
    "running": Chip("loader-2", "busy", "Sending"),
    "completed": Chip("circle-check", "good", "Sent"),
    "failed": Chip("circle-x", "bad", "Not sent"),
    "cancelled": Chip("ban", "calm", "Called off"),
    "held": Chip("help-circle", "warn", "Not known whether it was sent"),
}
"""How far an answer of ours is, by the status of its run."""
SUGGESTED: Final = ("interested", "meeting", "not now", "wrong person", "out of office")
"""Labels offered before there are any."""
MORNING: Final = time(9)


def nobody(is_group: bool) -> str:
    """What a conversation is called that has no name."""
    return "A group without a name" if is_group else "Somebody without a name"


def snoozes(now: datetime, zone: str) -> list[tuple[str, datetime]]:
    """Times to put a conversation off to, on the wall clock of its account."""
    here = now.astimezone(ZoneInfo(zone))
    days = {"Tomorrow": 1, "Next Monday": 7 - here.weekday(), "In two weeks": 14}
    mornings = [
        (name, datetime.combine(here.date() + timedelta(days=ahead), MORNING, here.tzinfo))
        for name, ahead in days.items()
    ]
    return [("In three hours", now + timedelta(hours=3)), *mornings]
