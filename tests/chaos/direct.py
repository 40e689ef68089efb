"""A provider without a browser, in the browser's name: sessions open in milliseconds, so that hundreds of
kills fit into minutes. It is the demo's fast path, with moments in which it can be killed.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import httpx2

from overture.entrypoints.bootstrap import App
from overture.entrypoints.demo.fast import Fast, HttpPage
from overture.touchpoints import Sender, Session, Trace

LAG: Final = "OVERTURE_CHAOS_LAG_S"
MOMENTS: Final = (("write_under_way", 0.04), ("write_waiting", 0.12))
"""Steps between sending and the answer: before and after the service has taken it in."""


class WatchedPage(HttpPage):
    """One whose writes say how far they are."""

    async def post(self, path: str, body: dict[str, object], trace: Trace) -> httpx2.Response:
        """Send the one request, with a step while it is under way and one while its answer is awaited."""
        sending = asyncio.ensure_future(super().post(path, body, trace))
        try:
            for step, after in MOMENTS:
                await asyncio.wait([sending], timeout=after)
                if not sending.done():
                    trace.step(step)
            return await sending
        finally:
            sending.cancel()


@dataclass
class Direct(Fast):
    """The provider; it takes the name of the browser's."""

    name: str = "linkedin_browser"
    page: type[HttpPage] = WatchedPage

    @asynccontextmanager
    async def _open(self, sender: Sender, trace: Trace) -> AsyncIterator[Session]:
        try:
            async with super()._open(sender, trace) as session:
                yield session
        finally:
            trace.step("session_end")


def install(app: App) -> App:
    """Plugin entry: in place of the browser."""
    provider = Direct(app.settings, app.clock, timedelta(seconds=float(os.environ[LAG])))
    return replace(app, providers={provider.name: provider})
