"""Plugin: the worker kills itself with SIGKILL the n-th time an attempt of it reaches a step.

`OVERTURE_CHAOS_DIE_AT=accepted:2`. No handler runs and nothing is flushed: the kernel ends the process in
the very instruction that reports the step.
"""

import os
import signal
from dataclasses import dataclass, replace

from overture.entrypoints.bootstrap import App

VARIABLE = "OVERTURE_CHAOS_DIE_AT"


@dataclass
class DieAt:
    """Counts one step down to the kill."""

    step: str
    left: int

    def __call__(self, step: str) -> None:
        """Hear of a step."""
        if step != self.step:
            return
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def install(app: App) -> App:
    """Plugin entry."""
    step, _, nth = os.environ.get(VARIABLE, "").partition(":")
    return replace(app, on_step=DieAt(step, int(nth or 1))) if step else app
