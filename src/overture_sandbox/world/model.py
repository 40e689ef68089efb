"""The things of the world: people, the accounts they log in with, invitations, threads and web sessions."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

Variant = Literal["A", "B"]
ComposerMode = Literal["click", "enter"]
ConnectPlacement = Literal["primary_anchor", "primary_button", "more_menu", "none"]
MessagePlacement = Literal["card", "more_menu", "none"]
RequestState = Literal["PENDING", "ACCEPTED", "DECLINED"]
InvitationState = Literal["pending", "accepted", "declined", "withdrawn"]
RelationState = Literal["self", "none", "pending", "incoming", "connected"]
Degree = Literal["SELF", "1", "2", "3", "OUT"]
CheckpointKind = Literal["email_pin", "sms_pin", "totp", "app_approval", "captcha", "other"]
Trouble = Literal[
    "none",
    "restricted",  # every page leads to the notice of a restricted account
    "unusual_activity",  # every page is a short notice of unusual activity
    "bot_wall",  # everything is answered 999
    "empty_shell",  # everything is answered with a page that never fills
    "rate_limited",  # everything is answered 429 with Retry-After
    "api_401",  # pages work, the JSON interface does not know the session
]
Returning = Literal["form", "hidden_email", "chooser", "chooser_password"]

DISTANCES: dict[str, str] = {
    "SELF": "SELF",
    "1": "DISTANCE_1",
    "2": "DISTANCE_2",
    "3": "DISTANCE_3",
    "OUT": "OUT_OF_NETWORK",
}


@dataclass(frozen=True)
class Moment:
    """When something became true: the world's time, and its place in the order of all commits."""

    at: datetime
    commit: int


@dataclass
class YearMonth:
    """A date as profiles give it, often without a month."""

    year: int
    month: int | None = None


@dataclass
class Geo:
    """A place on the map and the country it lies in."""

    id: int = 990000001
    city: str = "Leipzig"
    region: str = "Saxony"
    country: str = "Germany"
    country_code: str = "de"
    country_id: int = 990000000

    @property
    def name(self) -> str:
        """`Leipzig, Saxony, Germany`."""
        return ", ".join(part for part in (self.city, self.region, self.country) if part)

    @property
    def name_without_country(self) -> str:
        """`Leipzig, Saxony`."""
        return ", ".join(part for part in (self.city, self.region) if part)


@dataclass
class Industry:
    """A line of business from the service's fixed list."""

    id: int = 96
    name: str = "IT Services and IT Consulting"


@dataclass
class Position:
    """One job on a profile; without an end it is a current one, without a company id it is free text."""

    title: str
    company_name: str
    company_id: int | None = None
    start: YearMonth | None = None
    end: YearMonth | None = None
    location: str | None = None
    description: str | None = None


@dataclass
class Education:
    """One school on a profile."""

    school_name: str
    school_id: int | None = None
    degree: str | None = None
    field_of_study: str | None = None
    start_year: int | None = None
    end_year: int | None = None
    grade: str | None = None
    activities: str | None = None


@dataclass
class Language:
    """A language somebody speaks, and how well."""

    name: str
    proficiency: str | None = None


@dataclass
class Certification:
    """A certificate and who gave it."""

    name: str
    authority: str | None = None
    start: YearMonth | None = None


@dataclass
class Member:
    """A person on the service, with everything the profile shows and how their page is laid out."""

    number: int
    profile_id: str
    slug: str
    first_name: str
    last_name: str
    headline: str = ""
    summary: str | None = None
    geo: Geo | None = field(default_factory=Geo)
    industry: Industry | None = field(default_factory=Industry)
    positions: list[Position] = field(default_factory=list)
    educations: list[Education] = field(default_factory=list)
    skills: list[str] = field(default_factory=list)
    languages: list[Language] = field(default_factory=list)
    certifications: list[Certification] = field(default_factory=list)
    connections_count: int = 312
    followers_count: int = 340
    premium: bool = False
    open_link: bool = False
    inmail_restricted: bool = False  # takes no InMail, whoever pays for it
    creator: bool = False
    influencer: bool = False
    memorialized: bool = False
    email_required: bool = False
    inaccessible: bool = False  # the API answers 403 for this one profile
    unavailable: bool = False  # blocked those who look: the API finds nobody, the page is "not available"
    mentions: list[str] = field(default_factory=list)  # slugs or ids the page's own content links to
    deleted: bool = False
    email: str | None = None
    phone: str | None = None
    websites: list[str] = field(default_factory=list)
    old_slugs: list[str] = field(default_factory=list)
    connect_placement: ConnectPlacement = "primary_anchor"
    follow_first: bool = False
    sidebar_decoys: int = 0
    message_placement: MessagePlacement = "card"

    @property
    def full_name(self) -> str:
        """First and last name as printed on pages."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def urn(self) -> str:
        """`urn:li:fsd_profile:ACoAA…`."""
        return f"urn:li:fsd_profile:{self.profile_id}"

    @property
    def company(self) -> str | None:
        """Where they work now, if they say."""
        return next((position.company_name for position in self.positions if position.end is None), None)


@dataclass
class Login:
    """An account that can log in, the person it belongs to, and how the site treats it."""

    username: str
    password: str
    slug: str
    variant: Variant = "B"
    locale: str = "en_US"
    composer_mode: ComposerMode = "click"
    note_limit: int = 200
    notes_remaining: int | None = None  # None: as many as one likes
    invites_per_week: int | None = None  # None: no weekly limit
    searches_remaining: int | None = None  # of this month; None: no commercial use limit
    stale_queries: bool = False  # every query id clients know has been rotated away
    relationship_hidden: bool = False  # profiles say nothing of how one stands to their owner
    composer_broken: bool = False  # Send never becomes enabled
    drift: int = 0  # how far pages moved from those that are known: 1 names, 2 marks too, 3 words too
    checkpoint: CheckpointKind | None = None  # what a right password leads to from a new browser
    agree_to_comply: bool = False  # a browser that logs in has to agree before it sees a page
    returning: Returning = "form"  # how the site greets a browser this account logged in with before
    cookie_banner: bool = False  # such a browser is asked for consent, above the form
    trouble: Trouble = "none"
    dead_session: Literal["login", "loop"] = "login"  # where the cookie of a session that ended leads
    inmail_credits: int = 0  # left for messages to strangers; without premium they are of no use
    inmail_subject_limit: int = 200


@dataclass
class Invitation:
    """A request to connect, from its sending to whatever became of it."""

    number: int
    inviter_id: str
    invitee_id: str
    note: str | None
    sent: Moment
    shared_secret: str
    state: InvitationState = "pending"
    closed: Moment | None = None

    @property
    def urn(self) -> str:
        """`urn:li:fsd_invitation:<19 digits>`."""
        return f"urn:li:fsd_invitation:{self.number}"


@dataclass
class Connection:
    """Two people who are connected, since when."""

    member_ids: frozenset[str]
    since: Moment


@dataclass
class Attachment:
    """A file that came with a message."""

    id: str
    name: str
    mimetype: str
    content: bytes


@dataclass
class Message:
    """One message in a thread, its text exactly as it arrived unless its sender changed it."""

    id: str
    sender_id: str
    text: str
    delivered: Moment
    origin_token: str | None = None
    subject: str | None = None
    is_inmail: bool = False
    is_note: bool = False  # the note of an invitation that was accepted
    is_edited: bool = False
    is_deleted: bool = False
    reactions: dict[str, str] = field(default_factory=dict)  # a sign by the profile id of who gave it
    attachments: list[Attachment] = field(default_factory=list)


@dataclass
class Conversation:
    """A thread between two people or more, and up to where each of them has read it."""

    thread_id: str
    member_ids: tuple[str, ...]
    created: Moment
    messages: list[Message] = field(default_factory=list)
    read_at: dict[str, datetime] = field(default_factory=dict)
    request_state: RequestState | None = None  # a message request, and what became of it

    @property
    def is_inmail(self) -> bool:
        """It began with an InMail."""
        return bool(self.messages) and self.messages[0].is_inmail

    @property
    def is_group(self) -> bool:
        """More than two are in it."""
        return len(self.member_ids) > 2

    def others(self, profile_id: str) -> list[str]:
        """The profile ids of those who are not me."""
        return [one for one in self.member_ids if one != profile_id]

    def other(self, profile_id: str) -> str:
        """The profile id of the one who is not me."""
        return self.member_ids[1] if self.member_ids[0] == profile_id else self.member_ids[0]


@dataclass
class WebSession:
    """A browser that is logged in: its cookie, its CSRF token, and if the site still honours it."""

    li_at: str
    csrf_token: str
    username: str
    opened_at: datetime
    is_alive: bool = True
    has_agreed: bool = True

    @property
    def device(self) -> str:
        """What marks the browser for good, whatever becomes of the session (`li_rm`)."""
        return "AQ" + sha256(f"{self.username}|{self.li_at}".encode()).hexdigest()[:30]


@dataclass
class Checkpoint:
    """A check in the middle of a login: whose, of what kind, and what passes it."""

    token: str
    username: str
    kind: CheckpointKind
    code: str
    asked_at: datetime
    redirect: str = "/feed/"
    tries: int = 0
    is_approved: bool = False
    state: Literal["open", "passed", "refused", "expired"] = "open"


CommentersScope = Literal["ALL", "CONNECTIONS_ONLY", "NONE"]
ReactionKind = Literal["LIKE", "PRAISE", "APPRECIATION", "EMPATHY", "INTEREST", "ENTERTAINMENT"]
REACTION_KINDS: tuple[ReactionKind, ...] = (
    "LIKE",
    "PRAISE",
    "APPRECIATION",
    "EMPATHY",
    "INTEREST",
    "ENTERTAINMENT",
)
"""The six the site offers, in the order of its tray."""


@dataclass
class Reaction:
    """One change of how somebody reacts to a post; without a kind they took it back."""

    actor_id: str
    kind: ReactionKind | None
    at: Moment


@dataclass
class Comment:
    """One comment under a post, its text exactly as it arrived."""

    number: int
    author_id: str
    text: str
    created: Moment


@dataclass
class Post:
    """A post, under the up to three numbers the site knows it by, and what people made of it."""

    number: int
    author_id: str
    text: str
    created: Moment
    ugc_number: int | None = None
    share_number: int | None = None
    commenters: CommentersScope = "ALL"
    crowd: int = 0  # reactions of people the world does not know
    copies: int = 1  # how often the newer pages draw it
    deleted: bool = False
    reactions: list[Reaction] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)

    @property
    def urn(self) -> str:
        """`urn:li:activity:<19 digits>`, whatever address led to it."""
        return f"urn:li:activity:{self.number}"


@dataclass
class Following:
    """Somebody began, or ceased, to follow somebody."""

    follower_id: str
    followed_id: str
    is_on: bool
    at: Moment
