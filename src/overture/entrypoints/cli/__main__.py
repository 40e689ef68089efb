"""Lets `python -m overture.entrypoints.cli` be `overture`."""

from overture.entrypoints.cli import main

main()
