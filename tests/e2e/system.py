"""The system under test, through its API only: one of our own before the sandbox, or a live one.

A live system is opt-in, by environment:

    OVERTURE_E2E_URL          address of a running Overture
    OVERTURE_E2E_KEY          its API key
    OVERTURE_E2E_HANDLE       the account that acts
    OVERTURE_E2E_WRITES=yes   also let it act; without, only what leaves no trace is tried
    OVERTURE_E2E_PERSON       a profile to read           OVERTURE_E2E_CONNECTION  a connection, to write to
    OVERTURE_E2E_STRANGER     somebody to invite          OVERTURE_E2E_INMAIL      somebody for an InMail
    OVERTURE_E2E_POST         a post to react to and comment on
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

import pytest

from overture.entrypoints.demo.clients import Overture, Sandbox

Json = dict[str, Any]
Part = Literal["person", "connection", "stranger", "inmail", "post"]

LIVE: Final = os.environ.get("OVERTURE_E2E_URL", "")
MAY_WRITE: Final = not LIVE or os.environ.get("OVERTURE_E2E_WRITES") == "yes"
RUN_LIMIT: Final = timedelta(seconds=180 if LIVE else 60)
WARNING: Final = (
    "e2e: this run drives a LIVE account at {url}. LinkedIn's terms of service forbid automated access; the "
    "account may be restricted, and you answer for it. Writes are {writes}."
)


def warning() -> str:
    """What is printed before a live run."""
    return WARNING.format(url=LIVE, writes="ON" if MAY_WRITE else "off")


@dataclass(frozen=True)
class System:
    """A running Overture, an account of it, and the people and posts it may act on."""

    overture: Overture
    handle: str
    targets: Mapping[Part, str]
    sandbox: Sandbox | None = None

    def target(self, part: Part) -> str:
        """The address of whom or what a test is about; a live run that was not given one skips the test."""
        if part not in self.targets:
            pytest.skip(f"OVERTURE_E2E_{part.upper()} is not set")
        return self.targets[part]

    async def perform(self, touchpoint: Json, **more: object) -> Json:
        """Submit a run, watch it, and return it once it is over; its states must follow each other."""
        body = {"handle": self.handle, "touchpoint": touchpoint, **more}
        run = await self.overture.ask("POST", "/api/v1/runs", body)
        assert run["status"] in ("pending", "running")
        return await self.overture.until_over(run["run_id"], RUN_LIMIT)

    async def ledger(self, kind: str) -> list[Json]:
        """What really happened, where that can be known."""
        return await self.sandbox.ledger(kind=kind) if self.sandbox else []


def succeeded(run: Json, kind: str) -> Json:
    """The result of a run that must have succeeded."""
    assert (run["touchpoint_type"], run["status"], run["error_code"]) == (kind, "completed", None), run
    assert run["started_at"] <= run["completed_at"]
    result: Json = run["result"]
    return result
