"""Commands work on the product itself, not over HTTP: settings from the environment, opened, closed."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

from overture.core import log
from overture.core.settings import Settings
from overture.entrypoints.bootstrap import App, open_app

T = TypeVar("T")


def settings() -> Settings:
    """The settings of the environment."""
    return Settings()


def with_app(act: Callable[[App], Awaitable[T]]) -> T:
    """Do something with the opened product; only warnings are logged."""

    async def opened() -> T:
        async with open_app(settings()) as app:
            return await act(app)

    log.configure("warning")
    return asyncio.run(opened())


def person() -> str:
    """Who sits at this command line, for the event log."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # a user without a name
        return f"cli:{os.getuid()}"
