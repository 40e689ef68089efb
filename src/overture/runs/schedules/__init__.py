"""Schedules: cron expressions in a zone that submit runs, each nominal time at most once."""

from overture.runs.schedules.change import create, new_schedule, pause, pause_all, remove, resume
from overture.runs.schedules.cron import Cron, next_fires, read_cron
from overture.runs.schedules.fire import fire_due
from overture.runs.schedules.store import by_id, fires_of, page
from overture.runs.schedules.tables import MISSED, OVERLAP, STATES, Missed, Overlap, Schedule, ScheduleFire
from overture.runs.schedules.wanted import NewSchedule

__all__ = [
    "MISSED",
    "OVERLAP",
    "STATES",
    "Cron",
    "Missed",
    "NewSchedule",
    "Overlap",
    "Schedule",
    "ScheduleFire",
    "by_id",
    "create",
    "fire_due",
    "fires_of",
    "new_schedule",
    "next_fires",
    "page",
    "pause",
    "pause_all",
    "read_cron",
    "remove",
    "resume",
]
