"""The doors webhooks come in by: what is delivered is stored, and answered within milliseconds."""

from overture.entrypoints.api.webhooks.arriving import arrival_of
from overture.entrypoints.api.webhooks.receivers import ADDRESSES, router

__all__ = ["ADDRESSES", "arrival_of", "router"]
