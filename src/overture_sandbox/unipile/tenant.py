"""The workspace over this world: the accounts connected to it, its webhooks, and what it was told to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, Literal, TypeVar

from overture_sandbox.unipile.ids import Product, number_in, unipile_id
from overture_sandbox.world import Conversation, LedgerEntry, Login, Member, WebSession, World
from overture_sandbox.world.faults import Horizon
from overture_sandbox.world.letters import Mailbox

Json = dict[str, Any]
Status = Literal["OK", "STOPPED", "ERROR", "CREDENTIALS", "PERMISSIONS", "CONNECTING"]
SignatureMode = Literal["none", "v2"]
MailType = Literal["MAIL", "GOOGLE_OAUTH", "OUTLOOK"]
FACE: Final = "unipile"
EVERYTHING: Final = datetime.min.replace(tzinfo=UTC)
Found = TypeVar("Found")


@dataclass
class Settings:
    """How the service behaves where the real one leaves it open, or where a test has to hurry."""

    read_lag_s: float = 0.0  # chats, messages, attendees and e-mails show what happened only so much later
    nameless_fraction: float = 0.0  # of relations: how many come without public_identifier
    new_relation_max_s: float = 8 * 3600.0  # of the world's time, until a new relation is noticed
    retry_delay_s: float = 60.0  # before the first repetition of a delivery; the n-th waits n times as long
    retry_scale: float = 1.0  # 0.001 makes a minute of waiting 60 ms
    answer_timeout_s: float = 30.0
    signature: SignatureMode = "none"
    signature_key: str = "sandbox-signature"
    null_ids: bool = False  # sending answers without ids, as the schema allows
    tells_is_sender: bool = True  # deliveries of messages say whether they are the account's own
    redirects_slashes: bool = False  # a path that ends in a slash is answered 301


@dataclass
class Account:
    """One connected LinkedIn account."""

    id: str
    username: str
    created_at: datetime
    session: WebSession
    status: Status = "OK"
    products: list[Product] = field(default_factory=list)  # besides classic
    invites_per_day: int | None = None
    proxy: Json | None = None
    blind_since: int | None = None  # the commit after which nothing was fetched, while disconnected
    invites_before: int = 0  # the percentage of the limit that was already announced
    sync: str = "SYNC_DONE"


@dataclass
class MailAccount:
    """One connected mailbox."""

    id: str
    box: Mailbox
    created_at: datetime
    type: MailType = "MAIL"
    servers: Json = field(default_factory=dict)  # as they were given with the password
    status: Status = "OK"
    blind_since: int | None = None  # the commit after which nothing was fetched, while disconnected


@dataclass
class Intent:
    """A login that waits for its checkpoint, until it is too late for it."""

    account_id: str
    username: str
    token: str
    expires_at: datetime
    is_reconnect: bool


@dataclass
class HostedLink:
    """A page on which somebody logs in, and whom to tell."""

    token: str
    wanted: Json
    expires_at: datetime
    is_used: bool = False
    account_id: str | None = None  # of a login that waits for its checkpoint


@dataclass
class Webhook:
    """Whom to tell what."""

    id: str
    source: str
    request_url: str
    events: list[str]
    name: str | None = None
    format: Literal["json", "form"] = "json"
    account_ids: list[str] = field(default_factory=list)
    enabled: bool = True
    headers: list[dict[str, str]] = field(default_factory=list)
    data: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Happening:
    """Something webhooks are told of: an entry of the ledger that touches an account, or a word about one."""

    account_id: str
    entry: LedgerEntry | None = None
    word: str = ""
    type: str = "LINKEDIN"
    is_missed: bool = False  # the account was not connected then


class Tenant:
    """Everything the service keeps by itself; the world keeps the rest."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = Random(f"{world.seed}|{FACE}")
        self.settings = Settings()
        self.accounts: dict[str, Account] = {}
        self.mail_accounts: dict[str, MailAccount] = {}
        self.intents: dict[str, Intent] = {}
        self.links: dict[str, HostedLink] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.marks: dict[str, Json] = {}  # what was set on a chat, and what began it, by its id
        self.journal: list[Json] = []
        self.happenings: list[Happening] = []  # not yet looked at by the one who delivers
        self.wake: Callable[[], None] = lambda: None
        self._known: dict[str, tuple[str, object]] = {}  # account id and thing by the service's id
        world.ledger.watchers.append(self._watch)

    def mint(self) -> str:
        """A new identifier."""
        return unipile_id(str(self.rng.getrandbits(128)))

    def connect(self, login: Login, session: WebSession, account_id: str | None = None) -> Account:
        """An account is connected for the first time."""
        account = Account(account_id or self.mint(), login.username, self.world.clock.now(), session)
        self.accounts[account.id] = account
        for word in ("CREATION_SUCCESS", "SYNC_SUCCESS"):
            self.tell(account.id, word)
        return account

    def connect_mail(self, box: Mailbox, kind: MailType, account_id: str | None = None) -> MailAccount:
        """A mailbox is connected for the first time."""
        account = MailAccount(account_id or self.mint(), box, self.world.clock.now(), kind)
        self.mail_accounts[account.id] = account
        for word in ("CREATION_SUCCESS", "SYNC_SUCCESS"):
            self.tell(account.id, word)
        return account

    def reconnect(self, account: Account, session: WebSession) -> None:
        """An account that was connected before is so again; what it missed comes now."""
        account.session = session
        self.resume(account)

    def resume(self, account: Account | MailAccount) -> None:
        """An account can be used again."""
        account.blind_since, account.status = None, "OK"
        self.tell(account.id, "RECONNECTED")

    def set_status(self, account: Account | MailAccount, status: Status) -> None:
        """The source of an account stands differently now, and everybody is told."""
        was_blind = account.blind_since is not None
        account.status = status
        if status == "OK":
            account.blind_since = None
        elif not was_blind and status != "CONNECTING":
            account.blind_since = self.world.commits
        self.tell(account.id, status)

    def delete(self, account: Account | MailAccount) -> None:
        """Forget an account."""
        kind = type_of(account)
        self.accounts.pop(account.id, None)
        self.mail_accounts.pop(account.id, None)
        self.tell(account.id, "DELETED", kind)

    def tell(self, account_id: str, word: str, kind: str | None = None) -> None:
        """Say something about an account to those who listen."""
        kind = kind or type_of(self.anyone(account_id))
        self.happenings.append(Happening(account_id, word=word, type=kind))
        self.wake()

    def account(self, account_id: str) -> Account | None:
        """The connected account of this id."""
        return self.accounts.get(account_id)

    def mail_account(self, account_id: str) -> MailAccount | None:
        """The connected mailbox of this id."""
        return self.mail_accounts.get(account_id)

    def anyone(self, account_id: str) -> Account | MailAccount | None:
        """The account of this id, of whatever kind."""
        return self.account(account_id) or self.mail_account(account_id)

    def accounts_of(self, slugs: set[str | None]) -> list[Account]:
        """The connected accounts of these people."""
        return [one for one in self.accounts.values() if self.owner(one).slug in slugs]

    def login(self, account: Account) -> Login:
        """What the account logs in with."""
        return self.world.logins[account.username]

    def owner(self, account: Account | MailAccount) -> Member:
        """The person it belongs to."""
        if isinstance(account, MailAccount):
            return self.world.members[account.box.owner_id]
        return self.world.owner(self.login(account))

    def has(self, account: Account, product: Product) -> bool:
        """It may use this product."""
        return product == "classic" or product in account.products

    def member(self, identifier: str) -> Member | None:
        """The person of this id in any product, slug, or former slug."""
        found = self.world.member(identifier)
        number = number_in(identifier)
        if found is None and number is not None:
            found = self.world.member(str(number))
        return found

    def names(self, account: Account | MailAccount | None) -> set[str]:
        """Every name a fault may know the account by."""
        if account is None:
            return set()
        address = {account.box.address} if isinstance(account, MailAccount) else set()
        return self.world.names_of(self.owner(account)) | {account.id} | address

    def horizon(self, account: Account | MailAccount, endpoint: str) -> Horizon | None:
        """How far the service's own store has come."""
        if account.blind_since is not None:
            return Horizon(account.blind_since, EVERYTHING)
        now = self.world.clock.now()
        set_lag = self.world.faults.horizon(f"{FACE}:{endpoint}", self.names(account), set(), now)
        if set_lag is None and self.settings.read_lag_s:
            return Horizon(0, now - timedelta(seconds=self.settings.read_lag_s))
        return set_lag

    def know(self, kind: str, account: Account, key: str, thing: object) -> str:
        """The service's id of something, under which it will be found."""
        made = unipile_id(str(self.world.seed), kind, account.id, key)
        self._known[made] = account.id, thing
        return made

    def find(self, made: str, kind: type[Found]) -> tuple[Account, Found] | None:
        """What an id stands for, and whose it is."""
        account_id, thing = self._known.get(made, ("", None))
        account = self.accounts.get(account_id)
        return (account, thing) if account and isinstance(thing, kind) else None

    def thread(self, made: str) -> tuple[Account, Conversation] | None:
        """The chat of an id, and whose it is."""
        return self.find(made, Conversation)

    def _watch(self, entry: LedgerEntry) -> None:
        if entry.kind == "session_expired":
            for account in self.accounts.values():
                if not account.session.is_alive and account.status == "OK":
                    self.set_status(account, "CREDENTIALS")
        for account in self.accounts_of({entry.actor, entry.target}):
            missed = account.blind_since is not None
            self.happenings.append(Happening(account.id, entry, is_missed=missed))
        if entry.kind == "email":
            self._watch_mail(entry)
        self.wake()

    def _watch_mail(self, entry: LedgerEntry) -> None:
        """A letter went out of a connected mailbox, or came into one."""
        letter = self.world.letters[entry.urn or ""]
        ends = {letter.sender.key, (entry.address or "").casefold()}
        for account in self.mail_accounts.values():
            if account.box.address.casefold() in ends:
                missed = account.blind_since is not None
                self.happenings.append(Happening(account.id, entry, is_missed=missed))


def type_of(account: Account | MailAccount | None) -> str:
    """What kind of account it is, as the service names it."""
    return account.type if isinstance(account, MailAccount) else "LINKEDIN"


def tenant_of(world: World) -> Tenant:
    """The workspace over a world; a new one when the world began again."""
    found = world.faces.get(FACE)
    if not isinstance(found, Tenant):
        found = world.faces[FACE] = Tenant(world)
    return found
