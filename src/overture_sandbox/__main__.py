"""Lets `python -m overture_sandbox` start the sandbox."""

from overture_sandbox.cli import main

raise SystemExit(main())
