"""Why Unipile did not do it, one class for each thing a caller can do about it.

    UnipileError
      ConfigError          key, DSN or path are wrong: stop, tell the operator
      AccountDisconnected  the account's session is gone: pause it, ask for a reconnection
      AccountRestricted    LinkedIn holds the account: nothing more until a human has cleared it
      FeatureMissing       the account has not subscribed to this: skip, or another channel
      AccountLimit         too much of this: rest for hours
      RecipientPermanent   this person cannot be reached this way
      AlreadyDone          nothing to do any more (unless `.ambiguous`: look first)
      InsufficientCredits  no InMail credits
      ContentInvalid       the text or the parameters cannot be sent: mend them
      NotFound             this chat, post or webhook does not exist
      SignInRefused        connecting the account failed; its owner has to act
      Transient            certainly not performed; later it may work
        Unreached          ... because the request never left
      Indeterminate        perhaps performed, perhaps not: look, never send again blindly
      Rejected             refused for a reason this client has no class for
      Unreadable           an answer that cannot be understood

`.indeterminate` can also be true of an `AccountLimit` (a provider error amid a write): ask it first.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

AMBIGUOUS: Final = frozenset({"cannot_resend_yet", "cannot_resend_within_24hrs", "already_invited_recently"})
"""Types that mean one of two things: the person's state must be read before concluding."""


@dataclass(frozen=True)
class Refusal:
    """What came instead of the wished answer, free of secrets."""

    method: str = ""
    path: str = ""
    account_id: str | None = None
    status: int | None = None
    type: str = ""
    title: str = ""
    detail: str = ""
    body: object = field(default=None, repr=False)
    request_id: str | None = None
    retry_after: timedelta | None = None
    indeterminate: bool = False

    @property
    def slug(self) -> str:
        """The type without its prefix: `cannot_resend_yet`."""
        return self.type.removeprefix("errors/")

    def __str__(self) -> str:
        said = ": ".join(part for part in (self.title, self.detail) if part)
        head = " ".join(part for part in (str(self.status or ""), self.type) if part)
        return " - ".join(part for part in (head, said, f"{self.method} {self.path}".strip()) if part)


class UnipileError(Exception):
    """Unipile did not do what was asked, or did not say so."""

    retryable = False
    """Whether the very same call may be made again: it was not performed, and later it may be."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal

    @property
    def status(self) -> int | None:
        """The HTTP status, where there was one."""
        return self.refusal.status

    @property
    def type(self) -> str:
        """Unipile's type, as `errors/…`; empty when the answer had none."""
        return self.refusal.type

    @property
    def slug(self) -> str:
        """The type without its prefix."""
        return self.refusal.slug

    @property
    def title(self) -> str:
        """Unipile's short text."""
        return self.refusal.title

    @property
    def detail(self) -> str:
        """Unipile's longer text, or ours."""
        return self.refusal.detail

    @property
    def body(self) -> object:
        """The answer's body, without secrets."""
        return self.refusal.body

    @property
    def account_id(self) -> str | None:
        """The account the call was for."""
        return self.refusal.account_id

    @property
    def indeterminate(self) -> bool:
        """Whether it may have been performed all the same."""
        return self.refusal.indeterminate

    @property
    def ambiguous(self) -> bool:
        """Whether the type alone does not tell which of two things it is."""
        return self.slug in AMBIGUOUS

    def __str__(self) -> str:
        return str(self.refusal)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.refusal)!r})"


class ConfigError(UnipileError):
    """The API key, the DSN or the path is wrong."""


class AccountDisconnected(UnipileError):
    """The account's session with its provider is gone."""


class AccountRestricted(UnipileError):
    """The provider restricts the account until a human has cleared it."""


class FeatureMissing(UnipileError):
    """The account has not subscribed to this."""


class AccountLimit(UnipileError):
    """The account has done too much of this."""


class RecipientPermanent(UnipileError):
    """This person cannot be reached this way."""


class AlreadyDone(UnipileError):
    """What was asked for is the case already; `.ambiguous` where that has to be looked up first."""


class InsufficientCredits(UnipileError):
    """There are no credits for an InMail."""


class ContentInvalid(UnipileError):
    """The text or a parameter cannot be sent."""


class NotFound(UnipileError):
    """The chat, post, webhook or other thing does not exist."""


class SignInRefused(UnipileError):
    """Connecting an account failed: wrong code, wrong proxy, timed-out intent."""


class Transient(UnipileError):
    """Certainly not performed; it may work later."""

    retryable = True


class Unreached(Transient):
    """The request never left: no connection was made."""


class Indeterminate(UnipileError):
    """A write that may or may not have been performed: look, never send again blindly."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(replace(refusal, indeterminate=True))


class Rejected(UnipileError):
    """A refusal without a class of its own."""


class Unreadable(UnipileError):
    """A read was answered with something that cannot be understood."""
