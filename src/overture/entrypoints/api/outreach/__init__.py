"""The API of the campaign layer: people, imports, campaigns, and what they wait for.

    create_api(app, ROUTERS, FILES)

Left out, the API of single touchpoints stands alone.
"""

from typing import Final

from fastapi import APIRouter

from overture.entrypoints.api import admin
from overture.entrypoints.api.outreach import (
    analytics,
    approvals,
    campaigns,
    companies,
    conversations,
    deliveries,
    enrollments,
    events,
    imports,
    leads,
    model_calls,
    observations,
    rate_usage,
    reconciliations,
    suppressions,
)
from overture.entrypoints.api.outreach.importer import at_work
from overture.entrypoints.api.webhooks import ADDRESSES
from overture.entrypoints.api.webhooks import router as receivers

ROUTERS: Final[tuple[APIRouter, ...]] = (
    leads.router,
    leads.merges,
    companies.router,
    imports.router,
    suppressions.router,
    campaigns.router,
    campaigns.library,
    analytics.router,
    enrollments.router,
    approvals.router,
    model_calls.router,
    observations.router,
    events.router,
    conversations.router,
    deliveries.router,
    reconciliations.router,
    rate_usage.router,
    *admin.ROUTERS,
    receivers,
)
"""Every router of this layer, in the order of the documentation."""
FILES: Final = frozenset({"/api/v1/imports"}) | ADDRESSES
"""Addresses that take a file, or whatever is delivered."""

__all__ = ["FILES", "ROUTERS", "at_work"]
