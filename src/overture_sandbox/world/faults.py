"""Switches that make the site misbehave in one chosen way, at one endpoint, for a while."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from overture_sandbox.world.model import Moment

FaultKind = Literal[
    "latency",  # answers after `seconds`
    "hang",  # never answers
    "drop_before_commit",  # the connection is closed, nothing happened
    "drop_after_commit",  # it happened, the connection is closed without an answer
    "status",  # answers `status`, `body`, `headers`; nothing happened
    "optimistic_revert",  # refused; pages show Pending first and take it back after `revert_after_s`
    "read_lag",  # reads of the endpoint show commits only `seconds` later
    "expire_session",  # the session dies with this request
    "failed_marker",  # the message is refused, the page shows it with Retry
    "slow_ack",  # it happens at once, the answer comes after `seconds`
    # Only the Unipile face knows these:
    "status_after_commit",  # it happened, the answer is `status`, `body`, `headers` all the same
    "html_502",  # a proxy's page instead of an answer; nothing happened
    "truncated_json",  # it happened, half of the answer's JSON arrives
    "duplicate_page",  # a page of a list brings the rows of the page before once more
    "repeat_cursor",  # a page of a list names the cursor it was asked for as the next
    "throttled_sections",  # profiles come with empty sections, which they name
    # And these are about what it delivers, at `unipile:webhook` or `unipile:webhook:<event>`:
    "late",  # the event is delivered `seconds` of the world's time later
    "lost",  # it is never delivered
    "duplicate",  # it is delivered twice
    "reorder",  # it is held back until the next one is delivered
    "wrong_type",  # its fields have other types than usual
    "form_encoded",  # it is a real form, its fields JSON texts
]
FAULT_KINDS: tuple[str, ...] = get_args(FaultKind)
ENDPOINTS = (
    "me",
    "profile",
    "relationship",
    "networkinfo",
    "contact_info",
    "invite",
    "invitation_action",
    "sent_invitations",
    "received_invitations",
    "connections",
    "conversations",
    "messages",
    "send_message",
    "compose_option",
    "reactions",
    "react",
    "comments",
    "comment",
    "follow",
    "page:login",
    "page:feed",
    "page:profile",
    "page:messaging",
    "page:invite",
    "page:sent",
    "search",
    "page:search",
    "page:connections",
    "page:received",
    "page:post",
)
UNIPILE_ENDPOINTS = (
    *("unipile:*", "unipile:accounts", "unipile:account", "unipile:account.delete", "unipile:connect"),
    *("unipile:reconnect", "unipile:checkpoint", "unipile:checkpoint.resend", "unipile:restart"),
    *("unipile:sync", "unipile:hosted", "unipile:user", "unipile:me", "unipile:relations"),
    *("unipile:followers", "unipile:following", "unipile:user.posts", "unipile:user.comments"),
    *("unipile:user.reactions", "unipile:invite", "unipile:invite.sent", "unipile:invite.received"),
    *("unipile:invite.answer", "unipile:invite.withdraw", "unipile:post", "unipile:post.create"),
    *("unipile:comments", "unipile:comment", "unipile:reactions", "unipile:react", "unipile:chats"),
    *("unipile:chat", "unipile:chat.start", "unipile:chat.patch", "unipile:chat.sync"),
    *("unipile:chat.attendees", "unipile:messages", "unipile:message", "unipile:message.send"),
    *("unipile:attachment", "unipile:attendees", "unipile:attendee", "unipile:attendee.chats"),
    *("unipile:attendee.messages", "unipile:attendee.picture", "unipile:search"),
    *("unipile:search.parameters", "unipile:inmail_balance", "unipile:company", "unipile:raw"),
    *("unipile:endorse", "unipile:user.action", "unipile:webhooks", "unipile:emails"),
    *("unipile:email", "unipile:email.send", "unipile:email.update", "unipile:email.delete"),
    *("unipile:email.attachment", "unipile:draft", "unipile:folders", "unipile:folder"),
    *("unipile:webhook", "unipile:webhook:message_received", "unipile:webhook:message_read"),
    *("unipile:webhook:message_reaction", "unipile:webhook:message_edited"),
    *("unipile:webhook:message_deleted", "unipile:webhook:new_relation"),
    *("unipile:webhook:account_status", "unipile:webhook:mail_sent", "unipile:webhook:mail_received"),
)
_PASSIVE = ("read_lag",)
_FINAL = (
    "hang",
    "drop_before_commit",
    "drop_after_commit",
    "status",
    "expire_session",
    "failed_marker",
    "html_502",
    "status_after_commit",
)


@dataclass
class FaultRule:
    """One switch: what goes wrong, where, for whom, how often."""

    id: str
    kind: FaultKind
    endpoint: str
    account: str | None = None  # user name or slug of the one who asks; None: anyone
    target: str | None = None  # slug or profile id of the one it is about; None: anyone
    times: int | None = None  # None: until removed
    skip: int = 0
    seconds: float = 0.0
    status: int | None = None
    body: object = None  # a string is sent as it is, anything else as JSON
    headers: dict[str, str] = field(default_factory=dict)
    revert_after_s: float | None = None  # None: only a reload shows the truth
    silent: bool = False  # cut without a word: browsers then repeat the request by themselves, even a POST
    set_at_commit: int = 0
    seen: int = 0
    fired: int = 0

    def as_json(self) -> dict[str, object]:
        """The rule as the admin API shows it, with how often it met a request and fired."""
        return asdict(self)

    @property
    def is_spent(self) -> bool:
        """It has fired as often as it may."""
        return self.times is not None and self.fired >= self.times

    def concerns(self, endpoint: str, accounts: set[str], targets: set[str]) -> bool:
        """A request at this endpoint, by these names, about these names, is meant."""
        return (
            not self.is_spent
            and self.endpoint == endpoint
            and (self.account is None or self.account in accounts)
            and (self.target is None or self.target in targets)
        )

    def count(self) -> bool:
        """Count one request that is meant; true if the switch fires on it."""
        self.seen += 1
        if self.seen <= self.skip:
            return False
        self.fired += 1
        return True


@dataclass(frozen=True)
class Horizon:
    """How far a lagging read sees: commits after the lag began stay hidden until they are old enough."""

    since_commit: int
    until: datetime

    def hides(self, moment: Moment) -> bool:
        """The read does not show this commit yet."""
        return moment.commit > self.since_commit and moment.at > self.until


class FaultBook:
    """Every switch that is set, oldest first."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []

    def __iter__(self) -> Iterator[FaultRule]:
        return iter(self._rules)

    def add(self, rule: FaultRule) -> FaultRule:
        """Set a switch."""
        self._rules.append(rule)
        return rule

    def remove(self, rule_id: str) -> bool:
        """Take one switch away; false if there is none with this id."""
        before = len(self._rules)
        self._rules = [rule for rule in self._rules if rule.id != rule_id]
        return len(self._rules) < before

    def clear(self) -> None:
        """Take all switches away."""
        self._rules = []

    def find(self, kind: FaultKind, endpoint: str, accounts: set[str], targets: set[str]) -> FaultRule | None:
        """The switch that would fire next, without using it up: pages ask this to know how to misbehave."""
        for rule in self._rules:
            if rule.kind == kind and rule.concerns(endpoint, accounts, targets) and rule.seen >= rule.skip:
                return rule
        return None

    def fire(self, endpoint: str, accounts: set[str], targets: set[str]) -> list[FaultRule]:
        """The switches this request sets off, in order, up to the first that decides its fate."""
        fired: list[FaultRule] = []
        for rule in self._rules:
            if rule.kind in _PASSIVE or not rule.concerns(endpoint, accounts, targets) or not rule.count():
                continue
            fired.append(rule)
            if rule.kind in _FINAL:
                break
        return fired

    def horizon(self, endpoint: str, accounts: set[str], targets: set[str], now: datetime) -> Horizon | None:
        """How far reads of this endpoint see now; None if they see everything."""
        for rule in self._rules:
            if rule.kind == "read_lag" and rule.concerns(endpoint, accounts, targets):
                return Horizon(rule.set_at_commit, now - timedelta(seconds=rule.seconds))
        return None
