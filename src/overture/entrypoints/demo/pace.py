"""A plugin for sandbox worlds, which show an effect sooner than LinkedIn does, and the demo's parts."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.entrypoints.bootstrap import App, default_providers

READ_BACK_LAG: Final = timedelta(seconds=2)
CLOCK_FILE: Final = "clock"
"""In the data directory, when the processes share a clock."""


def install(app: App) -> App:
    """Let an unknown outcome be read back soon after the act window instead of 45 s later.

    Where the data directory holds a shared clock, it is the product's, and there is the fast path as well.
    """
    file = app.settings.data_dir / CLOCK_FILE
    if file.exists():
        from overture.entrypoints.demo.clock import SharedClock  # noqa: PLC0415 - for the demo alone
        from overture.entrypoints.demo.fast import Fast  # noqa: PLC0415 - likewise

        clock = SharedClock(file)
        fast = Fast(app.settings, clock)
        providers = {**default_providers(app.settings, clock, Rng()), fast.name: fast}
        app = replace(app, clock=clock, ids=Ids(clock, app.rng), providers=providers)
    for provider in app.providers.values():
        provider.read_back_lag = READ_BACK_LAG
    return app
