"""The timeline of one attempt: its steps in order, kept on the attempt and told to whoever listens."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from overture.core.clock import Clock

log = structlog.get_logger()
HEARD: Final = logging.getLogger(__name__)


def unheard_step(_: str) -> None:
    """Nobody listens to the steps."""


def unchanged(text: str) -> str:
    """Nothing in the text is secret."""
    return text


class Timeline:
    """Takes down steps with their times (ms since the attempt began)."""

    def __init__(
        self, clock: Clock, on_step: Callable[[str], None], hiding: Callable[[str], str] = unchanged
    ) -> None:
        self._clock = clock
        self._on_step = on_step
        self._hiding = hiding  # what stands in a step must not show a secret, whoever reported it
        self._began = clock.monotonic()
        self.steps: list[dict[str, object]] = []

    def step(self, name: str, **facts: object) -> None:
        """Note that a step was reached."""
        millis = round((self._clock.monotonic() - self._began) * 1000)
        readable = {key: self._readable(value) for key, value in facts.items()}
        self.steps.append({"step": name, "at_ms": millis, **readable})
        if HEARD.isEnabledFor(logging.DEBUG):  # a logger is made anew for each line, even one nobody reads
            log.debug("run.step", step=name, **readable)
        self._on_step(name)

    def _readable(self, value: object) -> object:
        shown = plain(value)
        return self._hiding(shown) if isinstance(shown, str) else shown


def plain(value: object) -> object:
    """A fact as JSON can hold it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
