"""The things of the world: people, the accounts they log in with, invitations, threads and web sessions."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Variant = Literal["A", "B"]
ComposerMode = Literal["click", "enter"]
ConnectPlacement = Literal["primary_anchor", "primary_button", "more_menu", "none"]
InvitationState = Literal["pending", "accepted", "declined", "withdrawn"]
RelationState = Literal["self", "none", "pending", "incoming", "connected"]
Degree = Literal["SELF", "1", "2", "3", "OUT"]

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
    creator: bool = False
    influencer: bool = False
    memorialized: bool = False
    email_required: bool = False
    inaccessible: bool = False  # the API answers 403 for this one profile
    deleted: bool = False
    email: str | None = None
    phone: str | None = None
    websites: list[str] = field(default_factory=list)
    old_slugs: list[str] = field(default_factory=list)
    connect_placement: ConnectPlacement = "primary_anchor"
    follow_first: bool = False
    sidebar_decoys: int = 0

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
    composer_broken: bool = False  # Send never becomes enabled


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
class Message:
    """One message in a thread, its text exactly as it arrived."""

    id: str
    sender_id: str
    text: str
    delivered: Moment
    origin_token: str | None = None


@dataclass
class Conversation:
    """A thread between two people, and up to where each of them has read it."""

    thread_id: str
    member_ids: tuple[str, str]
    created: Moment
    messages: list[Message] = field(default_factory=list)
    read_at: dict[str, datetime] = field(default_factory=dict)

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
