"""What the pages call things: every state with an icon, a colour, a word, and a sentence for now and next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from overture.core.event_types import EVENT_TYPES
from overture.entrypoints.api.outreach.lead_shapes import LeadView
from overture.people import Lead


@dataclass(frozen=True)
class Chip:
    """How a state is shown: never by its colour alone."""

    icon: str
    tone: str
    text: str
    sentence: str = ""


RUN: Final[Mapping[str, Chip]] = {
    "pending": Chip("clock", "calm", "Waiting", "It waits for its turn."),
    "running": Chip("loader-2", "busy", "Running", "A worker performs it now."),
    "completed": Chip("circle-check", "good", "Completed", "It is done, and proved."),
    "failed": Chip("circle-x", "bad", "Failed", "It ended without success."),
    "cancelled": Chip("ban", "calm", "Cancelled", "It was called off before its act."),
    "held": Chip("help-circle", "warn", "Unknown", "What became of it is not known yet."),
}
EFFECT: Final[Mapping[str, Chip]] = {
    "none": Chip("circle-dashed", "calm", "No effect", "It did nothing to the world."),
    "intended": Chip("bolt", "busy", "About to act", "It may act at this moment."),
    "confirmed": Chip("shield-check", "good", "Proved", "An independent look shows that it happened."),
    "absent": Chip("circle-minus", "calm", "Did not happen", "A look shows that it did not happen."),
    "unknown": Chip("help-circle", "warn", "Not known", "Nobody can say yet whether it happened."),
}
STANDING_GOOD: Final = frozenset({"fine"})
STANDING_CALM: Final = frozenset({"outside_hours", "quota_used", "cooldown"})
STANDING: Final[Mapping[str, str]] = {
    "kill_switch": "Kill switch",
    "restricted": "Restricted",
    "circuit_open": "Breaker open",
    "paused": "Paused",
    "needs_login": "Cannot log in",
    "needs_pin": "Asks for a PIN",
    "needs_totp": "Asks for a code",
    "needs_app_approval": "Asks for an approval",
    "needs_captcha": "Shows a captcha",
    "needs_challenge": "Needs a person",
    "provider_not_configured": "Not configured",
    "no_credentials": "No credentials",
    "no_worker": "No worker",
    "outcome_unknown": "Outcome unknown",
    "outside_hours": "Outside hours",
    "cooldown": "Resting",
    "quota_used": "Limit reached",
    "fine": "May act",
}
SCHEDULE: Final[Mapping[str, Chip]] = {
    "active": Chip("circle-check", "good", "Active"),
    "paused": Chip("player-pause", "warn", "Paused"),
}
CATEGORIES: Final[Mapping[str, str]] = {
    "invite": "Invitations",
    "message": "Messages",
    "inmail": "InMails",
    "reaction": "Reactions",
    "comment": "Comments",
    "follow": "Follows",
    "withdraw": "Withdrawals",
    "visit": "Visits",
    "profile_read": "Profiles read",
    "search": "Searches",
    "sync": "Inbox and relations read",
}
SPANS: Final[Mapping[str, str]] = {"rolling_24h": "24 h", "rolling_7d": "7 d", "calendar_month": "month"}
MENU: Final[tuple[tuple[str, str, str], ...]] = (
    ("/", "Home", "home"),
    ("/campaigns", "Campaigns", "send"),
    ("/approvals", "Approvals", "checkbox"),
    ("/leads", "Leads", "address-book"),
    ("/imports", "Imports", "file-import"),
    ("/runs", "Runs", "list-check"),
    ("/schedules", "Schedules", "calendar-event"),
    ("/accounts", "Accounts", "users"),
)
"""Address, name and icon of each room, in the order of the menu."""
KEYS: Final[tuple[tuple[str, str], ...]] = (
    ("g h", "Go home"),
    ("g r", "Go to the runs"),
    ("g s", "Go to the schedules"),
    ("g a", "Go to the accounts"),
    ("g c", "Go to the campaigns"),
    ("g l", "Go to the leads"),
    ("g q", "Go to the approvals"),
    ("a x", "Approve or reject the first text of the approvals"),
    ("p", "Pause or resume live updates"),
    ("?", "Show this sheet"),
    ("Esc", "Close it"),
)
CAMPAIGN: Final[Mapping[str, Chip]] = {
    "draft": Chip("point", "calm", "Draft", "It has not been started."),
    "active": Chip("circle-check", "good", "Active", "It sends as its accounts may."),
    "paused": Chip("player-pause", "warn", "Paused", "Nothing of it begins."),
    "completed": Chip("flag", "good", "Completed", "Everybody came to the end."),
    "stopped": Chip("player-stop", "calm", "Stopped", "It was ended for good."),
    "archived": Chip("trash", "calm", "Archived", "It is kept to be looked at."),
}
ENROLLMENT: Final[Mapping[str, Chip]] = {
    "active": Chip("clock", "busy", "Active"),
    "paused": Chip("player-pause", "warn", "Paused"),
    "replied": Chip("message", "good", "Replied"),
    "completed": Chip("flag", "good", "Completed"),
    "failed": Chip("circle-x", "bad", "Failed"),
    "ignored": Chip("circle-minus", "calm", "Ignored"),
}
TOUCH: Final[Mapping[str, Chip]] = {
    "submitted": Chip("clock", "busy", "Under way"),
    "delivered": Chip("shield-check", "good", "Delivered"),
    "noop": Chip("circle-check", "calm", "Was so already"),
    "failed": Chip("circle-x", "bad", "Failed"),
    "unknown": Chip("help-circle", "warn", "Not known"),
    "cancelled": Chip("ban", "calm", "Cancelled"),
}
IMPORT: Final[Mapping[str, Chip]] = {
    "waiting": Chip("clock", "warn", "Waits for you"),
    "running": Chip("loader-2", "busy", "Running"),
    "finished": Chip("circle-check", "good", "Finished"),
    "failed": Chip("circle-x", "bad", "Failed"),
    "rolled_back": Chip("history", "calm", "Taken back"),
}
ACTS: Final[Mapping[str, tuple[str, str]]] = {
    "start": ("player-play", "Start"),
    "pause": ("player-pause", "Pause"),
    "resume": ("player-play", "Resume"),
    "stop": ("player-stop", "Stop for good"),
    "archive": ("trash", "Archive"),
    "skip_step": ("arrow-right", "Skip this step"),
}
"""Icon and name of what may be done to a campaign or an enrollment."""
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def standing(state: str) -> Chip:
    """How an account's state is shown."""
    text = STANDING.get(state, plain(state))
    if state in STANDING_GOOD:
        return Chip("circle-check", "good", text)
    if state in STANDING_CALM:
        return Chip("hourglass", "calm", text)
    return Chip("alert-triangle", "bad" if state in ("restricted", "kill_switch") else "warn", text)


def needs_someone(state: str) -> bool:
    """Whether an account's state lasts until a person does something."""
    return state not in STANDING_GOOD | STANDING_CALM


def run(status: str) -> Chip:
    """How a run's status is shown."""
    return RUN[status]


def effect(name: str) -> Chip:
    """How a run's effect is shown."""
    return EFFECT[name]


def schedule(state: str) -> Chip:
    """How a schedule's state is shown."""
    return SCHEDULE[state]


def campaign(state: str) -> Chip:
    """How a campaign's state is shown."""
    return CAMPAIGN[state]


def enrollment(state: str) -> Chip:
    """How an enrollment's state is shown."""
    return ENROLLMENT[state]


def touch(state: str) -> Chip:
    """How a touch's state is shown."""
    return TOUCH[state]


def imported(state: str) -> Chip:
    """How an import's state is shown."""
    return IMPORT[state]


def event(kind: str) -> str:
    """What an event says."""
    found = EVENT_TYPES.get(kind)
    return found.says if found is not None else f"{plain(kind)}."


TOLD: Final = ("from", "to", "state", "reason", "step", "why", "code", "kind", "by")
"""What of an event's data its line shows."""


def facts(data: Mapping[str, object]) -> list[tuple[str, str]]:
    """The few facts of an event that a reader looks for."""
    return [(name, plain(str(data[name]))) for name in TOLD if data.get(name) not in (None, "", True, False)]


def who(lead: Lead | LeadView) -> str:
    """What a person is called."""
    whole = " ".join(part for part in (lead.first_name, lead.last_name) if part)
    return lead.full_name or whole or "Somebody without a name"


def category(name: str) -> str:
    """A kind of act in words."""
    return CATEGORIES.get(name, plain(name))


def window(name: str) -> str:
    """A window of a limit in words."""
    return SPANS.get(name, plain(name))


def plain(name: str) -> str:
    """A code as words: `check_connection` is «Check connection»."""
    return name.replace("_", " ").replace(".", " ").capitalize()
