"""When the nights are: each job once in each, at its own minute of the set hour."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

SPREAD: Final = timedelta(minutes=50)
"""Within which jobs of one night are spread: services dislike fixed times."""


@dataclass(frozen=True)
class Nights:
    """The hour of the installation's own zone after which a night's jobs are due."""

    hour: int
    zone: str

    def newest(self, job: str, now: datetime) -> date:
        """The newest night whose time for this job has come."""
        day = now.astimezone(ZoneInfo(self.zone)).date() + timedelta(days=1)
        while self.at(job, day) > now:
            day -= timedelta(days=1)
        return day

    def at(self, job: str, night: date) -> datetime:
        """When the job is due in a night: drawn by night and job, so that every copy says the same."""
        drawn = int.from_bytes(hashlib.sha256(f"{night}:{job}".encode()).digest()[:4]) / 2**32
        begins = datetime.combine(night, time(self.hour), ZoneInfo(self.zone))
        return begins.astimezone(ZoneInfo("UTC")) + SPREAD * drawn
