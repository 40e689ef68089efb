"""One scenario's own account, people and runs; it collects whatever is not as it must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from overture.entrypoints.demo.clients import Overture, Sandbox

Json = dict[str, Any]
PASSWORD: Final = "sandbox-pass"
LATE_S: Final = 5.5  # after the last look, and before an unknown outcome is read back
RUN_LIMIT: Final = timedelta(seconds=60)
CONTACTS: Final = ("invite", "message", "withdraw", "accept", "decline")


@dataclass
class Stage:
    """An account of its own on one kind of page, so that scenarios can run beside each other."""

    overture: Overture
    sandbox: Sandbox
    handle: str
    variant: str
    runs: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    arranged: Json = field(default_factory=dict)
    """What the sandbox said of the scenario it arranged: `people` by their parts, and more."""

    @property
    def username(self) -> str:
        """The account's user name at the site."""
        return f"{self.handle}@sandbox.test"

    async def enter(self, scenario: str | None = None) -> None:
        """The login at the site, with the scenario around it, and the account at Overture."""
        path = f"/scenarios/{scenario}" if scenario else "/logins"
        self.arranged = await self.sandbox.set(
            "POST", path, username=self.username, password=PASSWORD, variant=self.variant
        )
        await self.overture.add_account(self.handle, self.username, PASSWORD)

    def who(self, part: str) -> str:
        """The slug of the person who plays this part."""
        return str(self.arranged["people"][part]["slug"])

    async def person(self, state: str = "none", degree: str | None = "2", **fields: object) -> str:
        """Somebody new, standing to the account as said; returns their slug."""
        made = await self.sandbox.set("POST", "/members", **{"connect_placement": "primary_anchor", **fields})
        slug = str(made["slug"])
        await self.sandbox.set(
            "PUT", "/relationships", account=self.username, member=slug, state=state, degree=degree
        )
        return slug

    async def look(self, **fields: object) -> None:
        """Change how the site treats the account."""
        await self.sandbox.set("PATCH", f"/logins/{self.username}", **fields)

    async def fault(self, kind: str, endpoint: str, **rule: object) -> str:
        """Let the site misbehave, for this account only."""
        return await self.sandbox.fault(kind, endpoint, account=self.username, **rule)

    async def repair(self, fault: str) -> None:
        """Take a fault away."""
        await self.sandbox.ask("DELETE", f"/faults/{fault}")

    async def submit(self, kind: str, slug: str, **words: str) -> str:
        """Ask Overture for a touchpoint."""
        run_id = await self.overture.submit(
            self.handle, {"type": kind, "public_identifier": slug, **words}, [self.handle]
        )
        self.runs.append(run_id)
        return run_id

    async def perform(self, kind: str, slug: str, **words: str) -> Json:
        """The run once it is over."""
        return await self.over(await self.submit(kind, slug, **words))

    async def over(self, run_id: str, stop_at: Sequence[str] = ()) -> Json:
        """The run once it is over, or waits for one of these reasons."""
        return await self.overture.until_over(run_id, RUN_LIMIT, stop_at)

    def expect(self, run: Json, status: str, effect: str, code: str | None = None, **result: object) -> None:
        """The run must be reported like this; `result` names fields that must have these values.

        For a run that is not over, `code` is what it waits for.
        """
        got = run["error_code"] if run["completed_at"] else (run["waiting_for"] or {}).get("reason")
        self.reports.append(" ".join(filter(None, (f"{run['status']}/{run['effect']}", got))))
        self.equal(
            f"{run['touchpoint_type']}: report", (run["status"], run["effect"], got), (status, effect, code)
        )
        for name, value in result.items():
            self.equal(f"{run['touchpoint_type']}: {name}", (run["result"] or {}).get(name), value)

    def equal(self, what: str, found: object, wanted: object) -> None:
        """Note a difference."""
        if found != wanted:
            self.differences.append(f"{what} is {found!r}, not {wanted!r}")

    async def holds(self, *wanted: tuple[str, str, str | None]) -> None:
        """The account contacted exactly these people, with exactly these words, in this order."""
        self.equal("ledger", [contact(entry) for entry in await self.contacts()], list(wanted))

    async def contacts(self) -> list[Json]:
        """What the account did to anybody, as the world has it."""
        return [e for e in await self.sandbox.ledger(account=self.username) if e["kind"] in CONTACTS]

    async def standing(self, slug: str) -> str:
        """How the account stands to somebody, as the world has it."""
        member = await self.sandbox.member(slug)
        return str(member["relationships"][self.username]["state"])

    async def false_successes(self) -> list[str]:
        """Runs that say they did something, or found it done, when it is not so."""
        truth = [contact(entry) for entry in await self.contacts()]
        runs = [await self.overture.run(run_id) for run_id in self.runs]
        writes = [one for one in runs if one["touchpoint_type"] in WORDS and one["status"] == "completed"]
        return [run["run_id"] for run in writes if not await self._is_true(run, truth)]

    async def _is_true(self, run: Mapping[str, Any], truth: list[tuple[str, str, str | None]]) -> bool:
        slug = run["touchpoint_input"]["public_identifier"]
        if run["effect"] != "confirmed":
            return bool(await self.standing(slug) == run["result"].get("state"))
        kind, words = WORDS[run["touchpoint_type"]]
        return (kind, slug, run["touchpoint_input"].get(words)) in truth


WORDS: Final = {"connect": ("invite", "note"), "message": ("message", "message")}
"""What a touchpoint is in the ledger, and which of its fields holds the words."""


def contact(entry: Json) -> tuple[str, str, str | None]:
    """What matters of a ledger entry: what was done to whom with which words."""
    return entry["kind"], entry["target"], entry["text"]
