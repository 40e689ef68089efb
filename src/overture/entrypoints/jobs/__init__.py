"""Reconciliation: what we hold is compared with what is true, every night, after every outage, and on demand.

`JOBS` are the jobs there are, `do` does one, `keep_jobs` is the process's own loop, `outlook` tells
what was done last and what comes next.
"""

from overture.entrypoints.jobs.doing import Done, Job, Scope, do
from overture.entrypoints.jobs.messages import refuse_unknown
from overture.entrypoints.jobs.nightly import keep_jobs
from overture.entrypoints.jobs.outlook import Outlook, outlook
from overture.entrypoints.jobs.registry import JOBS

__all__ = ["JOBS", "Done", "Job", "Outlook", "Scope", "do", "keep_jobs", "outlook", "refuse_unknown"]
