"""InMail: messages to people one is not connected with, what they cost, and to whom none can be sent."""

from dataclasses import dataclass
from typing import Literal

from overture_sandbox.world.ledger import Via
from overture_sandbox.world.mailroom import Mailroom
from overture_sandbox.world.model import Conversation, Member, Message
from overture_sandbox.world.network import Refused

TermsKind = Literal["free", "paid", "none_left", "restricted", "awaiting", "upsell"]
SUBJECT_LIMIT = 200  # for people who have no login of their own
BODY_LIMIT = 1900


@dataclass(frozen=True)
class InMailTerms:
    """How an account may send somebody an InMail: for how many credits, out of how many, or why not."""

    kind: TermsKind
    cost: int = 0
    left: int = 0
    subject_limit: int = SUBJECT_LIMIT


@dataclass(frozen=True)
class InMailWords:
    """What is said in one."""

    text: str
    subject: str | None = None
    origin_token: str | None = None


class Inmails(Mailroom):
    """Messages to strangers."""

    def inmail_terms(self, sender: Member, recipient: Member) -> InMailTerms:
        """What the composer says before anything is written."""
        login = self.login_of(sender)
        left = login.inmail_credits if login else 0
        limit = login.inmail_subject_limit if login else SUBJECT_LIMIT
        if self.awaits_answer(sender, recipient):
            return InMailTerms("awaiting", left=left, subject_limit=limit)
        if not sender.premium:
            return InMailTerms("upsell")
        if recipient.inmail_restricted:
            return InMailTerms("restricted", left=left)
        if recipient.open_link:
            return InMailTerms("free", left=left, subject_limit=limit)
        if left < 1:
            return InMailTerms("none_left", cost=1, subject_limit=limit)
        return InMailTerms("paid", cost=1, left=left, subject_limit=limit)

    def send_inmail(
        self, sender: Member, recipient: Member, words: InMailWords, via: Via
    ) -> tuple[Conversation, Message]:
        """Say something to a stranger; what it costs is taken at the same instant."""
        if self.relationship(sender, recipient).state == "connected":
            raise Refused(422, "INMAIL_TO_CONNECTION", "You can message your connections directly")
        terms = self.inmail_terms(sender, recipient)
        _check(terms, words)
        thread = self._thread(sender, recipient)
        said = self._append(thread, sender, words.text, self.moment(), words.origin_token)
        said.subject, said.is_inmail = words.subject, True
        login = self.login_of(sender)
        if login and terms.cost:
            login.inmail_credits -= terms.cost
        self.mark_read(thread, sender)
        urn = f"urn:li:messagingMessage:{said.id}"
        self._record(
            "inmail",
            sender,
            recipient,
            via=via,
            text=said.text,
            subject=said.subject,
            origin_token=said.origin_token,
            urn=urn,
            cost=terms.cost,
        )
        return thread, said

    def reply(self, sender: Member, recipient: Member, text: str, via: Via = "admin") -> Message:
        """A person of the world writes; the answer to a paid InMail gives its credit back."""
        awaited = self.awaits_answer(recipient, sender)
        said = super().reply(sender, recipient, text, via)
        login = self.login_of(recipient)
        spent = self.ledger.entries("inmail", recipient.slug, sender.slug)
        if awaited and login and spent:
            login.inmail_credits += spent[-1].cost or 0
        return said


def _check(terms: InMailTerms, words: InMailWords) -> None:
    """Refuse as the site would."""
    match terms.kind:
        case "awaiting":
            code = "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY"
            raise Refused(422, code, "You can write again once they have replied")
        case "upsell":
            raise Refused(422, "NOT_ALLOWED_PREMIUM_INMAIL", "InMail is a Premium feature")
        case "restricted":
            raise Refused(422, "INMAIL_RECIPIENT_RESTRICTED", "This member doesn't accept InMail")
        case "none_left":
            raise Refused(422, "INSUFFICIENT_INMAIL_CREDITS", "No InMail credits left")
        case _:
            pass
    if len((words.subject or "").encode("utf-16-le")) // 2 > terms.subject_limit:
        raise Refused(400, "SUBJECT_TOO_LONG", "The subject is too long")
    if len(words.text.encode("utf-16-le")) // 2 > BODY_LIMIT:
        raise Refused(400, "BODY_TOO_LONG", "The message is too long")
