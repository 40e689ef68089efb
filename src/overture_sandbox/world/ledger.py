"""The append-only record of what really happened, against which every report is judged."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

Via = Literal["voyager", "sdui", "admin", "page", "unipile"]


@dataclass(frozen=True)
class LedgerEntry:
    """One thing that happened: who did what to whom, when, with which words, through which door."""

    seq: int
    at: str
    kind: str
    account: str  # user name of the acting member, or the slug of one who has no login
    actor: str  # slug of the acting member
    target: str | None
    target_id: str | None
    text: str | None
    origin_token: str | None
    urn: str | None
    via: Via
    subject: str | None = None
    cost: int | None = None  # credits spent
    address: str | None = None  # the e-mail address it went to

    def as_json(self) -> dict[str, object]:
        """The entry as the admin API shows it."""
        return asdict(self)


class Ledger:
    """Entries in the order they happened; nothing is ever changed or removed."""

    def __init__(self) -> None:
        self._entries: list[LedgerEntry] = []
        self.watchers: list[Callable[[LedgerEntry], None]] = []  # told of each entry as it is written

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Write down what just happened."""
        self._entries.append(entry)
        for watch in self.watchers:
            watch(entry)
        return entry

    def entries(
        self,
        kind: str | None = None,
        account: str | None = None,
        target: str | None = None,
        since: int | str | None = None,
    ) -> list[LedgerEntry]:
        """Entries by kind, by who acted, by whom it concerned, after a seq or from an ISO time on."""
        return [
            entry
            for entry in self._entries
            if (kind is None or entry.kind == kind)
            and (account is None or account in (entry.account, entry.actor))
            and (target is None or target in (entry.target, entry.target_id))
            and (since is None or _is_after(entry, since))
        ]


def _is_after(entry: LedgerEntry, since: int | str) -> bool:
    return entry.seq > since if isinstance(since, int) else entry.at >= since
