"""What every touchpoint is: validated input of a named type, a promised outcome, a quota category."""

import hashlib
import json
from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict

Reversibility = Literal["read", "repeatable", "once"]
"""`read` leaves no trace; `repeatable` may be seen, harms nobody twice; `once` needs the effect protocol."""

Category = Literal[
    "profile_read",
    "visit",
    "invite",
    "withdraw",
    "message",
    "inmail",
    "reaction",
    "comment",
    "follow",
    "search",
    "sync",
]
"""Which limit of an account a touchpoint counts against."""

REGISTRY: Final[dict[str, type["Touchpoint"]]] = {}
"""Every touchpoint type by its name; filled by subclassing."""


class Outcome(BaseModel):
    """What a touchpoint that succeeded brought; stored as the run's `result`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def was_seen(self) -> bool:
        """Whether a touchpoint that may be noticed did what can be noticed."""
        return True


class Touchpoint(BaseModel):
    """One atomic action. A subclass with a `type` literal is registered by existing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: ClassVar[str] = "linkedin"
    reversibility: ClassVar[Reversibility]
    category: ClassVar[Category]
    outcome: ClassVar[type[Outcome]]
    reaches_person: ClassVar[bool] = False
    """Whether a person is written to, so that a reply stops it (last look)."""
    is_noticed: ClassVar[bool] = False
    """Whether a person may be told of it without being written to: nothing for somebody who opted out."""
    at_any_hour: ClassVar[bool] = False
    """Whether it starts outside working hours too: a person waits for it, and nobody else notices."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Enter the subclass in the registry under its `type`."""
        super().__pydantic_init_subclass__(**kwargs)
        name = cls.kind()
        if REGISTRY.setdefault(name, cls) is not cls:
            raise TypeError(f"touchpoint type {name!r} is taken by {REGISTRY[name].__name__}")

    @classmethod
    def kind(cls) -> str:
        """The name in `type`, as the API and the runs table have it."""
        return str(cls.model_fields["type"].default)

    @property
    def acts_as(self) -> Reversibility:
        """What this very input makes of it: a read may be allowed to do what its owner is told of."""
        return self.reversibility

    @property
    def counts_as(self) -> Category:
        """Which limit this very input counts against."""
        return self.category

    def target_key(self) -> str | None:
        """Whom it is about, in one canonical form; None when it is about the account itself."""
        return None

    def content_hash(self) -> str:
        """SHA-256 over the exact input: what an approval or a duplicate check is bound to."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()
