"""Who exists, under which names they are found, which accounts log in, and which browsers are logged in."""

from datetime import datetime
from random import Random

from overture_sandbox.world.clock import WorldClock
from overture_sandbox.world.faults import FaultBook, Horizon
from overture_sandbox.world.ids import IdMint, profile_id
from overture_sandbox.world.ledger import Ledger, LedgerEntry, Via
from overture_sandbox.world.model import Checkpoint, Login, Member, Moment, WebSession


class Directory:
    """People, accounts and web sessions; the base the rest of the world is built on."""

    def __init__(self, seed: int = 1, start: datetime | None = None) -> None:
        self.reset(seed, start)

    def reset(self, seed: int = 1, start: datetime | None = None) -> None:
        """Begin again as an empty world."""
        self.seed = seed
        self.rng = Random(seed)
        self.mint = IdMint(self.rng)
        self.clock = WorldClock(start)
        self.ledger = Ledger()
        self.faults = FaultBook()
        self.faces: dict[str, object] = {}  # what a face remembers of this world, gone when it begins again
        self.members: dict[str, Member] = {}  # by profile id
        self.logins: dict[str, Login] = {}
        self.sessions: dict[str, WebSession] = {}
        self.checkpoints: dict[str, Checkpoint] = {}  # by their token
        self.next_number = 900_100_000
        self._names: dict[str, str] = {}  # every slug, old slug, member number and id -> profile id
        self._commits = 0

    def moment(self) -> Moment:
        """The present instant as the next commit."""
        self._commits += 1
        return Moment(self.clock.now(), self._commits)

    @property
    def commits(self) -> int:
        """How many commits the world has seen."""
        return self._commits

    def add_member(self, member: Member) -> Member:
        """Let somebody join; their slug and number must be new."""
        for name in (member.slug, str(member.number), member.profile_id):
            if name in self._names:
                raise ValueError(f"{name} is already taken")
        self.members[member.profile_id] = member
        for name in (member.slug, *member.old_slugs, str(member.number), member.profile_id):
            self._names[name] = member.profile_id
        return member

    def mint_identity(self, number: int | None = None) -> tuple[int, str]:
        """A member number (the next free one unless given) and the profile id that encodes it."""
        if number is None:
            while str(self.next_number) in self._names:
                self.next_number += 1
            number = self.next_number
            self.next_number += 1
        return number, profile_id(self.seed, number)

    def member(self, name: str) -> Member | None:
        """The person with this slug (present or former), profile id, member number or URN of one of these."""
        found = self._names.get(name.rsplit(":", 1)[-1])
        return self.members.get(found) if found else None

    def rename(self, member: Member, slug: str) -> None:
        """Give somebody a new slug; the old one goes on leading to them."""
        owner = self._names.get(slug)
        if owner not in (None, member.profile_id):
            raise ValueError(f"{slug} is already taken")
        member.old_slugs.append(member.slug)
        member.slug = slug
        self._names[slug] = member.profile_id
        for login in self.logins.values():
            if login.slug in member.old_slugs:
                login.slug = slug

    def add_login(self, login: Login) -> Login:
        """Give a person an account to log in with, or replace the one of the same user name."""
        if self.member(login.slug) is None:
            raise ValueError(f"there is no member {login.slug}")
        self.logins[login.username] = login
        return login

    def login_of(self, member: Member) -> Login | None:
        """The account that belongs to this person, if they have one."""
        return next((login for login in self.logins.values() if login.slug == member.slug), None)

    def account(self, name: str) -> Login | None:
        """The account with this user name, or belonging to the person with this slug or id."""
        member = self.member(name)
        return self.logins.get(name) or (self.login_of(member) if member else None)

    def owner(self, login: Login) -> Member:
        """The person an account belongs to."""
        member = self.member(login.slug)
        if member is None:
            raise LookupError(f"the login {login.username} belongs to nobody")
        return member

    def names_of(self, member: Member | None) -> set[str]:
        """Every name a fault or a filter may know this person by."""
        if member is None:
            return set()
        login = self.login_of(member)
        return {member.slug, member.profile_id, *member.old_slugs} | ({login.username} if login else set())

    def horizon(self, endpoint: str, viewer: Member, target: Member | None = None) -> Horizon | None:
        """How far a read of this endpoint by this viewer sees, given the lags that are set."""
        names = self.names_of(target)
        return self.faults.horizon(endpoint, self.names_of(viewer), names, self.clock.now())

    def log_in(self, username: str, password: str) -> WebSession | None:
        """Try a password: a new web session, or None; both go on record."""
        login = self.logins.get(username)
        if login is None or login.password != password:
            self._record("login_failed", self.owner(login) if login else None, name=username, via="page")
            return None
        self._record("login", self.owner(login), via="page")
        return self.open_session(login)

    def open_session(self, login: Login) -> WebSession:
        """A browser that is logged in, as if it had been for a long time."""
        token = self.mint.session_token()
        session = WebSession(token, self.mint.csrf_token(), login.username, self.clock.now())
        self.sessions[token] = session
        return session

    def session(self, li_at: str | None) -> WebSession | None:
        """The living session of this cookie."""
        session = self.sessions.get(li_at or "")
        return session if session and session.is_alive else None

    def expire_sessions(self, login: Login, via: Via = "admin") -> int:
        """End every web session of an account; how many there were."""
        living = [one for one in self.sessions.values() if one.username == login.username and one.is_alive]
        for session in living:
            session.is_alive = False
            self._record("session_expired", self.owner(login), via=via)
        return len(living)

    def visit(self, viewer: Member, target: Member, via: Via = "page") -> None:
        """Somebody opened somebody's profile page."""
        self._record("visit", viewer, target, via=via)

    def _record(
        self,
        kind: str,
        actor: Member | None,
        target: Member | None = None,
        *,
        via: Via,
        name: str | None = None,
        cost: int | None = None,
        **said: str | None,
    ) -> LedgerEntry:
        """Append to the ledger; `said` may hold text, subject, origin_token, urn and address."""
        login = self.login_of(actor) if actor else None
        slug = actor.slug if actor else ""
        return self.ledger.append(
            LedgerEntry(
                seq=len(self.ledger) + 1,
                at=self.clock.now().isoformat(),
                kind=kind,
                account=name or (login.username if login else slug),
                actor=slug,
                target=target.slug if target else None,
                target_id=target.profile_id if target else None,
                text=said.get("text"),
                origin_token=said.get("origin_token"),
                urn=said.get("urn"),
                via=via,
                subject=said.get("subject"),
                cost=cost,
                address=said.get("address"),
            )
        )
