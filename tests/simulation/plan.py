"""What one trial is: its seed, how large its world is, and what may go wrong in it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from .provider import Faults
from .society import ZONES, Odds, chance
from .texts import WAITED_FOR_DAYS

START: Final = datetime(2026, 3, 25, 5, 0, tzinfo=UTC)
"""A Wednesday; summer time begins in Berlin four days later and ends on Lord Howe a week after that."""


@dataclass(frozen=True)
class Plan:
    """One trial."""

    seed: int
    leads: int = 48
    accounts: int = 3
    days: int = 28
    draining: timedelta = timedelta(days=4)
    """How long after the end what was begun may take; nothing goes wrong any more then."""
    workers: int = 2
    planners: int = 2
    step: timedelta = timedelta(minutes=5)
    """The least time between two ticks."""
    dies: float = 0.004
    """How likely a worker or planner dies at a step."""
    stalls: float = 0.004
    """How likely a worker stops for longer than its lease, and then goes on."""
    blurts: float = 0.02
    """How likely somebody writes at a moment between claim and act."""
    doubles: float = 0.02
    """How likely a wake-up reaches two workers."""
    suppresses: float = 0.06
    """How likely the operator suppresses somebody when they look in."""
    enrolls_again: float = 0.06
    """How likely they then enrol people once more."""
    opens_after: timedelta = timedelta()
    """How long after the start the campaigns begin."""
    upheaves: bool = False
    """Whether there is what rarely happens and changes much: late files, erasures, withdrawals …"""
    jumps: int = 0
    """How often the product's clock is set wrong for a while."""
    check_after_h: float = 24.0
    """After how long the campaigns look at an invitation on its own."""
    relations_every: timedelta = timedelta(hours=8)
    """How often, while it works, an account's relations are read."""
    inbox_every: timedelta = timedelta(hours=4)
    """And its inbox."""
    min_gap_s: float = 60.0
    """The least time between two acts of an account."""
    odds: Odds = field(default_factory=Odds)
    faults: Faults = field(default_factory=Faults)
    abreast: int = 1
    """How many workers go on while the database works for another; for measuring."""
    zones: tuple[str, ...] = ZONES
    """Where the accounts are."""
    is_fine: bool = False
    """Nothing goes wrong: for measuring."""

    @property
    def end(self) -> datetime:
        """When nothing is begun any more."""
        return START + timedelta(days=self.days)

    def __str__(self) -> str:
        """The command that replays it."""
        return (
            f"./dev simulate --seed {self.seed} --leads {self.leads} --accounts {self.accounts}"
            f" --days {self.days}"
        )


def planned(seed: int, leads: int = 48, accounts: int = 3, days: int = 28) -> Plan:
    """The plan of a seed: its dangers differ, too."""
    luck = chance(seed, "plan")
    return replace(
        Plan(seed, leads, accounts, days),
        workers=luck.choice((1, 2, 3)),
        planners=luck.choice((1, 2)),
        dies=luck.choice((0.0, 0.003, 0.01)),
        stalls=luck.choice((0.0, 0.004)),
        blurts=luck.choice((0.01, 0.03)),
        jumps=luck.choice((0, 0, 2)),
        upheaves=True,
    )


SHORT_LAG_S: Final = 10.0
"""What was sent shows within the time it is looked for: none of it has to be read back later."""
CLOSING_ONLY_H: Final = WAITED_FOR_DAYS * 24.0
"""As long as the campaign waits for an acceptance: an invitation is looked at only when that is over."""
ONCE_A_WORKING_DAY: Final = timedelta(hours=20)
"""Due again before the account's next working day begins, and so read when it does."""
MOMENT_S: Final = 1.0
"""Less than an act takes, in a world whose clock goes on by half an hour: whoever had to wait for a minute to
pass would be asked twice and wait for half an hour.
"""


def quiet(seed: int, leads: int, accounts: int, days: int) -> Plan:
    """A plan in which nothing goes wrong but people.

    Readings of an account's relations, as each of its working days begins, tell of acceptances; an invitation
    is looked at on its own when the time it is waited for is over, for those that the list never shows.
    """
    return Plan(
        seed,
        leads=leads,
        accounts=accounts,
        days=days,
        workers=1,
        planners=1,
        step=timedelta(minutes=30),
        dies=0.0,
        stalls=0.0,
        blurts=0.0,
        check_after_h=CLOSING_ONLY_H,
        relations_every=ONCE_A_WORKING_DAY,
        inbox_every=ONCE_A_WORKING_DAY,
        min_gap_s=MOMENT_S,
        odds=Odds(longest_lag_s=SHORT_LAG_S),
        faults=Faults.none(),
        abreast=3,
        zones=ZONES[:1],
        is_fine=True,
    )
