"""The API of the campaign layer: people, imports, campaigns, and what they wait for.

    create_api(app, ROUTERS, FILES)

Left out, the API of single touchpoints stands alone.
"""

from typing import Final

from fastapi import APIRouter

from overture.entrypoints.api.outreach import (
    approvals,
    campaigns,
    companies,
    enrollments,
    events,
    imports,
    leads,
    model_calls,
    observations,
    suppressions,
)
from overture.entrypoints.api.outreach.importer import at_work

ROUTERS: Final[tuple[APIRouter, ...]] = (
    leads.router,
    leads.merges,
    companies.router,
    imports.router,
    suppressions.router,
    campaigns.router,
    campaigns.library,
    enrollments.router,
    approvals.router,
    model_calls.router,
    observations.router,
    events.router,
)
"""Every router of this layer, in the order of the documentation."""
FILES: Final = frozenset({"/api/v1/imports"})
"""Addresses that take a file."""

__all__ = ["FILES", "ROUTERS", "at_work"]
