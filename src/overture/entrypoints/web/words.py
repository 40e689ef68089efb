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
    "completed": Chip("circle-check", "good", "Completed", "It is done."),
    "failed": Chip("circle-x", "bad", "Failed", "It ended without success."),
    "cancelled": Chip("ban", "calm", "Cancelled", "It was called off before its act."),
    "held": Chip("help-circle", "warn", "Unknown", "What became of it is not known yet."),
}
EFFECT: Final[Mapping[str, Chip]] = {
    "none": Chip("circle-dashed", "calm", "No effect", "It changed nothing in the world."),
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
    "not_signed_in": "Not signed in",
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
LANES: Final[Mapping[str, str]] = {
    "connect": "Invitation",
    "check_pending": "Look after an invitation",
    "follow_up": "Message",
    "engage": "Visit",
    "enrich": "Profile read",
    "withdraw": "Withdrawal",
    "inmail": "InMail",
    "react": "Reaction",
    "comment": "Comment",
    "follow": "Follow",
    "search": "Search",
    "sync": "Inbox or relations read",
}
"""What the next turn of a lane is."""
SUPPRESSED: Final[Mapping[str, str]] = {
    "opt_out": "They asked not to be contacted",
    "complained": "They complained",
    "erased": "They were erased",
    "bounced": "The address does not exist",
    "declined": "They declined",
    "manual": "Added by a person",
    "imported": "Came with a list",
}
"""Why somebody is never to be contacted."""
NAMED: Final[Mapping[str, str]] = {
    "person": "Person",
    "email": "E-mail address",
    "domain": "Domain and its subdomains",
    "company": "Company by name",
    "linkedin": "LinkedIn profile",
    "tombstone": "Erased person (hash)",
}
"""What a suppression names."""
APPROVAL: Final[Mapping[str, Chip]] = {
    "drafting": Chip("loader-2", "busy", "Being written", "A model writes it."),
    "pending": Chip("clock", "warn", "Waits for you", "Nothing is sent before a person approves it."),
    "approved": Chip("circle-check", "good", "Approved", "Exactly this text may be sent."),
    "rejected": Chip("circle-x", "bad", "Rejected", "It is not sent; its lead is paused."),
    "stale": Chip("history", "calm", "Stale", "It is about a text that is no more, and cannot be sent."),
}
SPANS: Final[Mapping[str, str]] = {"rolling_24h": "24 h", "rolling_7d": "7 d", "calendar_month": "month"}
MENU: Final[tuple[tuple[str, str, str], ...]] = (
    ("/", "Home", "home"),
    ("/inbox", "Inbox", "mail"),
    ("/campaigns", "Campaigns", "send"),
    ("/approvals", "Approvals", "checkbox"),
    ("/leads", "Leads", "address-book"),
    ("/imports", "Imports", "file-import"),
    ("/suppressions", "Suppressions", "ban"),
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
    ("g n", "Go to the suppressions: never to contact"),
    ("g q", "Go to the approvals"),
    ("g i", "Go to the inbox"),
    ("j k", "Inbox: the next or the one before"),
    ("Enter", "Inbox: open the conversation"),
    ("r", "Inbox: write an answer"),
    ("Ctrl Enter", "Inbox: send what is written"),
    ("h", "Inbox: snooze"),
    ("l", "Inbox: label"),
    ("u", "Inbox: mark unread, back to the list"),
    ("o", "Inbox: they opted out"),
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


def who(lead: Lead | LeadView) -> str:
    """What a person is called."""
    whole = " ".join(part for part in (lead.first_name, lead.last_name) if part)
    return lead.full_name or whole or "Somebody without a name"


def category(name: str) -> str:
    """A kind of act in words."""
    return CATEGORIES.get(name, plain(name))


def whom(touchpoint: Mapping[str, object]) -> str | None:
    """Whom a touchpoint is for, as short as it is told apart."""
    named = touchpoint.get("public_identifier") or touchpoint.get("url") or touchpoint.get("to")
    if not isinstance(named, str):
        return None
    return named.rstrip("/").rpartition("/in/")[2] or named


ACT_NAMES: Final[Mapping[str, str]] = {
    "connect": "Invitation",
    "inmail": "InMail",
    "check_connection": "Look at the connection",
    "enrich": "Reading of the profile",
    "sync_inbox": "Reading of the inbox",
    "sync_relations": "Reading of the connections",
    "react": "Reaction",
    "withdraw": "Withdrawal of the invitation",
    "email": "E-mail",
}


def act(kind: str) -> str:
    """A touchpoint's type as a thing that happens."""
    return ACT_NAMES.get(kind, plain(kind))


RELATIONS: Final[Mapping[str, str]] = {"none": "not connected", "unknown": "of unknown standing"}


def relation(state: str) -> str:
    """What an account is to a person."""
    return RELATIONS.get(state, plain(state).lower())


CHANNELS: Final[Mapping[str, str]] = {
    "linkedin": "LinkedIn",
    "email": "e-mail",
    "contact_form": "contact form",
    "phone": "phone",
}


def channel(name: str) -> str:
    """A channel in words."""
    return CHANNELS.get(name, plain(name).lower())


def lane(name: str) -> str:
    """What the next turn of a lane is."""
    return LANES.get(name, plain(name))


def approval(state: str) -> Chip:
    """How an approval's state is shown."""
    return APPROVAL[state]


def detail(text: str) -> str:
    """A detail in words: the code it may end with, of a lane or a reason, is spelled out."""
    head, mark, tail = text.rpartition(": ")
    if tail in LANES:
        return f"{head}{mark}{lane(tail).lower()}"
    return SUPPRESSED.get(text, text)


def window(name: str) -> str:
    """A window of a limit in words."""
    return SPANS.get(name, plain(name))


def plain(name: str) -> str:
    """A code as words: `check_connection` is «Check connection»."""
    return name.replace("_", " ").replace(".", " ").capitalize()
