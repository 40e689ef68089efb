"""The REST API: accounts, runs, health."""

from overture.entrypoints.api.build import create_api, describe_api
from overture.entrypoints.api.server import run_server, serve

__all__ = ["create_api", "describe_api", "run_server", "serve"]
