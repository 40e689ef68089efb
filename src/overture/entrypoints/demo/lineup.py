"""The two accounts of the demo: by what each of them acts, and how many of the people are its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PASSWORD: Final = "demo-password"  # noqa: S105 - of accounts that exist only in the sandbox
UNIPILE: Final = "unipile"


@dataclass(frozen=True)
class Sender:
    """An account: by what it acts, the kind of page the site shows it, its share of the people."""

    provider: str
    variant: str
    weight: int

    @property
    def is_at_unipile(self) -> bool:
        """Whether it is connected at Unipile, and its news come by webhooks."""
        return self.provider == UNIPILE

    @property
    def inviting(self) -> str:
        """What the sandbox's switches call its invitations."""
        return "unipile:invite" if self.is_at_unipile else "invite"


Lineup = Mapping[str, Sender]
"""The accounts by their handles."""
HANDLES: Final = ("anna", "ben")


def of(*providers: str) -> Lineup:
    """Both accounts, each with its provider."""
    shares = zip(providers, ("A", "B"), (3, 7), strict=True)
    return dict(zip(HANDLES, (Sender(*one) for one in shares), strict=True))


LINEUPS: Final[Mapping[str, Lineup]] = {
    "browser": of("linkedin_browser", "linkedin_fast"),
    "unipile": of(UNIPILE, UNIPILE),
    "mixed": of("linkedin_browser", UNIPILE),
}
"""By the name `--accounts` takes; the first is the usual one."""


def username(handle: str) -> str:
    """The user name of an account at the site."""
    return f"{handle}@sandbox.test"
