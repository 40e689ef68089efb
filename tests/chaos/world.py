"""The world of a trial: a sandbox in a process of its own, with slow writes and reads that lag behind."""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from typing import Any, Self

from overture_sandbox.testing import AdminClient

from .keeper import ROOT

PASSWORD = "sandbox-pass"
SLOW_WRITES = (("latency", 0.08), ("slow_ack", 0.08))
"""A write takes effect this long after it was sent, and is answered this long after that."""
LAGGING = ("profile", "sent_invitations", "conversations", "messages")


@dataclass
class World:
    """`async with World(seed, lag) as world`: people to write to, accounts, and the ledger."""

    seed: int
    lag: float
    url: str = ""
    admin: AdminClient = field(init=False)

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "overture_sandbox",
            f"--seed={self.seed}",
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.url = json.loads(await self._process.stdout.readline())["url"]
        self.admin = AdminClient(self.url)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.kill()
        await self._process.wait()

    async def misbehave(self) -> None:
        """Be slow to act, and slower to show it."""
        for endpoint in ("invite", "send_message"):
            for kind, seconds in SLOW_WRITES:
                await asyncio.to_thread(self.admin.fault, kind, endpoint, seconds=seconds)
        for endpoint in LAGGING:
            await asyncio.to_thread(self.admin.fault, "read_lag", endpoint, seconds=self.lag)

    async def account(self, username: str) -> str:
        """Somebody new who can log in; their slug."""
        made = await asyncio.to_thread(self.admin.post, "/logins", username=username, password=PASSWORD)
        return str(made["slug"])

    async def strangers(self, count: int) -> list[str]:
        """New people nobody knows; their slugs."""
        made: list[dict[str, Any]] = await asyncio.to_thread(self.admin.post, "/populate", count=count)
        return [one["slug"] for one in made]

    async def befriend(self, account: str, slug: str) -> None:
        """Make the two connected, as if they had always been."""
        relation = {"account": account, "member": slug, "state": "connected"}
        await asyncio.to_thread(self.admin.put, "/relationships", relation)

    async def ledger(self) -> list[dict[str, Any]]:
        """What really happened."""
        return await asyncio.to_thread(self.admin.ledger)
