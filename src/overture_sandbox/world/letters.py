"""E-mail: mailboxes and their folders, letters sent from one and filed where they arrive."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from random import Random
from typing import Final, Literal

from overture_sandbox.world.directory import Directory
from overture_sandbox.world.ledger import Via
from overture_sandbox.world.model import Attachment, Member, Moment

Role = Literal["inbox", "sent", "drafts", "archive", "spam", "trash"]
INBOX, SENT, DRAFTS, TRASH = "INBOX", "Sent", "Drafts", "Trash"
FOLDERS: Final[dict[str, Role]] = {
    INBOX: "inbox",
    SENT: "sent",
    DRAFTS: "drafts",
    "Archive": "archive",
    "Junk": "spam",
    TRASH: "trash",
}
"""What every mailbox has."""


@dataclass(frozen=True)
class Address:
    """An e-mail address, with the name written beside it."""

    identifier: str
    name: str | None = None

    @property
    def key(self) -> str:
        """What two writings of the same address have in common."""
        return self.identifier.casefold()


@dataclass(frozen=True)
class Words:
    """What somebody writes to whom."""

    to: tuple[Address, ...]
    subject: str
    html: str
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    parent: "Letter | None" = None

    @property
    def recipients(self) -> list[Address]:
        """Everybody it goes to, once each."""
        return list({one.key: one for one in (*self.to, *self.cc, *self.bcc)}.values())

    @property
    def plain(self) -> str:
        """Its text without the marks of the page."""
        return plain_text(self.html)


@dataclass(frozen=True)
class Letter:
    """One e-mail, in however many mailboxes it lies."""

    message_id: str
    thread: str
    sender: Address
    sent: Moment
    words: Words


@dataclass
class Filed:
    """A letter as it lies in one mailbox."""

    uid: str
    letter: Letter
    folders: list[str]
    arrived: Moment
    read_at: datetime | None = None
    tracking_id: str | None = None  # of what was sent through a service

    @property
    def role(self) -> Role:
        """What its first folder is for."""
        return FOLDERS[self.folders[0]]


@dataclass
class Mailbox:
    """An address, whose it is, and what lies in it."""

    address: str
    owner_id: str
    password: str
    opened_at: datetime
    filed: list[Filed] = field(default_factory=list)


class Letters(Directory):
    """Everything that goes by e-mail."""

    def reset(self, seed: int = 1, start: datetime | None = None) -> None:
        """Begin again without a mailbox."""
        super().reset(seed, start)
        self.mailboxes: dict[str, Mailbox] = {}  # by address in small letters
        self.letters: dict[str, Letter] = {}  # by message id
        # A stream of its own, so that e-mail does not change what else the seed brings.
        self._letter_rng = Random(f"{seed}|letters")

    def open_mailbox(self, address: str, owner: Member, password: str) -> Mailbox:
        """Somebody gets an address of their own."""
        if self.mailbox(address) is not None:
            raise ValueError(f"{address} is already taken")
        made = Mailbox(address, owner.profile_id, password, self.clock.now())
        self.mailboxes[address.casefold()] = made
        return made

    def mailbox(self, address: str) -> Mailbox | None:
        """The mailbox of this address."""
        return self.mailboxes.get(address.casefold())

    def reader_of(self, address: Address) -> Member | None:
        """The person who reads what is sent there: the mailbox's owner, or whose profile names it."""
        box = self.mailbox(address.identifier)
        if box is not None:
            return self.members[box.owner_id]
        named = (one for one in self.members.values() if (one.email or "").casefold() == address.key)
        return next(named, None)

    def post_letter(self, writer: Member, sender: Address, words: Words, via: Via) -> Letter:
        """Send a letter: it lies with its sender and its readers, and is on record for each who gets it."""
        letter = self._letter(sender, words)
        self.letters[letter.message_id] = letter
        own = self.mailbox(sender.identifier)
        if own is not None:
            self.file(own, letter, SENT).read_at = letter.sent.at
        for one in words.recipients:
            box = self.mailbox(one.identifier)
            if box is not None:
                self.file(box, letter, INBOX)
        for one in words.recipients:
            self._record(
                "email",
                writer,
                self.reader_of(one),
                via=via,
                text=words.plain,
                subject=words.subject,
                urn=letter.message_id,
                address=one.identifier,
            )
        return letter

    def draft_letter(self, box: Mailbox, sender: Address, words: Words) -> Filed:
        """Write a letter without sending it."""
        return self.file(box, self._letter(sender, words), DRAFTS)

    def file(self, box: Mailbox, letter: Letter, folder: str) -> Filed:
        """Put a letter into a folder."""
        made = Filed(f"{self._letter_rng.getrandbits(64):016x}", letter, [folder], letter.sent)
        box.filed.append(made)
        return made

    def throw_away(self, box: Mailbox, one: Filed) -> None:
        """Into the bin; out of it for good."""
        if one.role == "trash":
            box.filed.remove(one)
        else:
            one.folders = [TRASH]

    def _letter(self, sender: Address, words: Words) -> Letter:
        domain = sender.identifier.rpartition("@")[2]
        message_id = f"<{self._letter_rng.getrandbits(96):024x}@{domain}>"
        thread = words.parent.thread if words.parent else message_id
        return Letter(message_id, thread, sender, self.moment(), words)


class _Text(HTMLParser):
    """Collects the words of a page; a new line where a block or a line ends."""

    BREAKS: Final = frozenset(("br", "p", "div", "li", "tr", "h1", "h2", "h3"))

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BREAKS - {"br"}:
            self.parts.append("\n")


def plain_text(html: str) -> str:
    """The words of an HTML text."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts).strip()
