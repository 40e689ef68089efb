"""Reconciling an account's connections with the leads: who accepted long ago, and nobody told.

    await reconcile.begin(db, ids, account, Order(Scope(states=("invited",)), by="api"), now)
    await reconcile.turn(kit, now)   # again and again: the planner's process does (entrypoints.reconciling)

`begin_all` begins one of every account that may act; `nightly` is the scope of those begun every night.
"""

from overture.campaigns.reconcile.personal import forget
from overture.campaigns.reconcile.report import Counts
from overture.campaigns.reconcile.scope import Scope, nightly
from overture.campaigns.reconcile.store import (
    Order,
    Passed,
    begin,
    begin_all,
    by_id,
    cancel,
    counts_of,
    open_of,
    page,
    run_of,
    scope_of,
)
from overture.campaigns.reconcile.tables import OVER, STATES, Reconciliation, ReconciliationLead
from overture.campaigns.reconcile.work import turn

__all__ = [
    "OVER",
    "STATES",
    "Counts",
    "Order",
    "Passed",
    "Reconciliation",
    "ReconciliationLead",
    "Scope",
    "begin",
    "begin_all",
    "by_id",
    "cancel",
    "counts_of",
    "forget",
    "nightly",
    "open_of",
    "page",
    "run_of",
    "scope_of",
    "turn",
]
