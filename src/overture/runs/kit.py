"""What performing runs needs, handed in by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from overture.accounts import Cause, Vault
from overture.core.clock import Clock
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.db import Sessions
from overture.runs.gate import Veto
from overture.runs.react import Tries
from overture.runs.tables import Run
from overture.runs.trace import unheard_step
from overture.touchpoints import Provider


@dataclass(frozen=True)
class Kit:
    """Ports, settings and providers of the runs layer."""

    settings: Settings
    clock: Clock
    rng: Rng
    ids: Ids
    sessions: Sessions
    vault: Vault
    providers: Mapping[str, Provider]
    vetoes: tuple[Veto, ...] = ()
    """Rules of the layers above, asked at the gate."""
    on_step: Callable[[str], None] = field(default=unheard_step)
    """Called at every step of every attempt; tests kill the process here."""

    def lease(self, now: datetime) -> datetime:
        """Until when a run taken now belongs to its worker."""
        return now + self.settings.lease

    def grace(self, provider: str) -> timedelta:
        """How long after the intent an unknown outcome may be read back.

        The act may begin until the act window closes, and shows in reads only after the provider's lag: a
        read before that proves nothing (bug zoo M22).
        """
        known = self.providers.get(provider)
        lag = known.read_back_lag if known else timedelta()
        return self.settings.act_window + max(self.settings.reconcile_grace, lag)

    def tries(self, run: Run) -> Tries:
        """How often the run was tried and may be."""
        return Tries(run.attempts, self.settings.max_attempts, self.settings.retry_backoff)

    def blows(self, cause: Cause) -> int:
        """How many failures of a cause in a row open an account's breaker."""
        settings = self.settings
        is_drift = cause is Cause.PAGE_CHANGED
        return settings.breaker_page_changed if is_drift else settings.breaker_failures

    def chance(self, run_id: UUID, epoch: int) -> Random:
        """The stream of chance that belongs to one attempt."""
        return self.rng.stream("attempt", run_id, epoch)

    @property
    def artifacts_dir(self) -> Path:
        """Where screenshots are kept."""
        return self.settings.data_dir / "artifacts"
