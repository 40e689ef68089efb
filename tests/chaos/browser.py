"""Plugin: the real browser provider, told how far behind this sandbox's reads are."""

import os
from dataclasses import replace
from datetime import timedelta

from overture.entrypoints.bootstrap import App
from overture.providers.linkedin_browser import LinkedInBrowser

from .direct import LAG


def install(app: App) -> App:
    """Plugin entry."""
    lag = timedelta(seconds=float(os.environ[LAG]))
    provider = LinkedInBrowser(app.settings, app.clock, app.rng, read_back_lag=lag)
    return replace(app, providers={provider.name: provider})
