"""Lets `python -m overture.entrypoints.demo` run the demo."""

import sys

from overture.entrypoints.demo.stage import main

raise SystemExit(main(sys.argv[1:]))
