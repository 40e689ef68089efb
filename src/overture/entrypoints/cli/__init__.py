"""The command line: everything an operator does, on the product itself and not over HTTP."""

from overture.entrypoints.cli.main import main

__all__ = ["main"]
