"""The administration of an installation: jobs, schema, webhooks, tokens. Each act is in the log."""

from typing import Final

from fastapi import APIRouter

from overture.entrypoints.api.admin import jobs, schema, tokens, webhooks

ROUTERS: Final[tuple[APIRouter, ...]] = (jobs.router, schema.router, webhooks.router, tokens.router)

__all__ = ["ROUTERS"]
