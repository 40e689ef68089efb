"""Every way a thing can be refused or fail, one class per reaction.

OvertureError
├── Refused                 never started; an HTTP problem (RFC 9457) with a stable code
│   ├── Unauthorized 401, Forbidden 403, NotFound 404, Conflict 409, Outdated 412, Invalid 422,
│   │   Unguarded 428, Unavailable 503
└── Failure                 raised by providers, stored on the run; the worker's policy is this table
    ├── Transient           retry the same run after a backoff
    ├── Throttled           the service says slow down; that lane rests until `until`
    ├── NotPossible         this target cannot; no retry, the account is untouched
    ├── PageChanged         a control was not found; no retry, artefacts kept
    ├── NeedsHuman          login, PIN, captcha, checkpoint; the account needs attention
    ├── Restricted          the service restricts the account; paused at once
    └── Uncertain           died or lost the answer between act and proof; only reconcile settles it
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar


class OvertureError(Exception):
    """An error of ours: a stable code, one sentence, and facts a program can read."""

    def __init__(self, code: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts: Mapping[str, object] = facts


class Refused(OvertureError):
    """The request was not taken: nothing was queued and nothing changed."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Refused"

    def __init__(self, code: str, message: str, *, fix: str, **facts: object) -> None:
        super().__init__(code, message, **facts)
        self.fix = fix


class Unauthorized(Refused):
    """No valid key came with the request."""

    status = 401
    title = "Unauthorized"


class Forbidden(Refused):
    """Whoever asks is known, and may not do this."""

    status = 403
    title = "Forbidden"


class NotFound(Refused):
    """There is no such thing here."""

    status = 404
    title = "Not found"


class Conflict(Refused):
    """The thing is in a state that does not allow this."""

    status = 409
    title = "Conflict"


class Outdated(Refused):
    """The thing was changed since the client read it; what it sent would undo that."""

    status = 412
    title = "Precondition failed"


class Unguarded(Refused):
    """The client must say which state of the thing it changes."""

    status = 428
    title = "Precondition required"


class Invalid(Refused):
    """The input is not valid; `errors` names each field by JSON pointer."""

    status = 422
    title = "Invalid input"


class Unavailable(Refused):
    """We cannot answer now; trying again later is right."""

    status = 503
    title = "Unavailable"


class Failure(OvertureError):
    """A touchpoint did not come about; the subclass says what happens next."""


class Transient(Failure):
    """The network, a 5xx or a timeout before the act: the same run tries again after a backoff."""

    def __init__(self, message: str, *, code: str = "transient", **facts: object) -> None:
        super().__init__(code, message, **facts)


class Throttled(Failure):
    """The service said slow down: nothing of this lane starts before `until`."""

    def __init__(self, code: str, message: str, *, until: datetime, **facts: object) -> None:
        super().__init__(code, message, until=until.isoformat(), **facts)
        self.until = until


class NotPossible(Failure):
    """This target cannot be reached this way (`code` says why); the account is not at fault."""


class PageChanged(Failure):
    """The page is not as known: `what` was not found, so nothing was guessed."""

    def __init__(self, what: str, *, code: str = "ui_changed", **facts: object) -> None:
        super().__init__(code, f"{what} was not found on the page", **facts)
        self.what = what


class NeedsHuman(Failure):
    """A person must act for this account: `kind` is login, pin, totp, app_approval, captcha…

    `reported_<state>`: a service between us and the channel says so; it goes on when that service says so.
    """

    def __init__(self, kind: str, message: str, **facts: object) -> None:
        is_login = kind == "login" or kind.startswith("reported_")
        super().__init__("account_needs_login" if is_login else "challenge_required", message, **facts)
        self.kind = kind


class Restricted(Failure):
    """The service restricts the account (or, `bot_wall`, our browser); paused until a person resumes it."""

    def __init__(self, message: str, **facts: object) -> None:
        code = facts.pop("code", "blocked_by_provider")
        super().__init__(str(code), message, **facts)


class Uncertain(Failure):
    """The act may have happened and was not proved: never repeated, only read back."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__("outcome_unknown", message, **facts)
