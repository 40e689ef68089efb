"""One scenario's own account, people and runs; it collects whatever is not as it must be."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from overture.entrypoints.demo.clients import Overture, Sandbox

Json = dict[str, Any]
PASSWORD: Final = "sandbox-pass"
RUN_LIMIT: Final = timedelta(seconds=60)
CONTACTS: Final = ("invite", "message", "inmail", "withdraw", "accept", "decline")
SOCIAL: Final = ("react", "unreact", "comment", "uncomment", "follow", "unfollow")
"""What an account also does itself; what was arranged for a scenario does not count."""


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
    elsewhere: list[Json] = field(default_factory=list)
    """What the account did in a world of the scenario's own."""
    false_elsewhere: list[str] = field(default_factory=list)

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

    async def look(self, **fields: object) -> None:
        """Change how the site treats the account."""
        await self.sandbox.set("PATCH", f"/logins/{self.username}", **fields)

    async def fault(self, kind: str, endpoint: str, **rule: object) -> str:
        """Let the site misbehave, for this account only."""
        return await self.sandbox.fault(kind, endpoint, account=self.username, **rule)

    async def account(self, method: str, path: str = "", body: Json | None = None) -> Any:
        """Something about the account, at Overture."""
        return await self.overture.ask(method, f"/api/v1/accounts/{self.handle}{path}", body)

    async def ask(self, kind: str, **fields: object) -> str:
        """Ask Overture for a touchpoint."""
        run_id = await self.overture.submit(self.handle, {"type": kind, **fields}, [self.handle])
        self.runs.append(run_id)
        return run_id

    async def submit(self, kind: str, slug: str, **fields: object) -> str:
        """Ask Overture for a touchpoint that is about a person."""
        return await self.ask(kind, public_identifier=slug, **fields)

    async def perform(self, kind: str, slug: str, **fields: object) -> Json:
        """The run about a person once it is over."""
        return await self.over(await self.submit(kind, slug, **fields))

    async def over(self, run_id: str, stop_at: Sequence[str] = ()) -> Json:
        """The run once it is over, or waits for one of these reasons."""
        return await self.overture.until_over(run_id, RUN_LIMIT, stop_at)

    async def read_back(self, run_id: str, **result: Any) -> Json:
        """A run nobody knows the outcome of until the site is read again: held, then confirmed."""
        waiting = ("waiting_reconcile",)
        self.expect(await self.over(run_id, waiting), "held", "unknown", *waiting)
        run = await self.over(run_id)
        self.expect(run, "completed", "confirmed", **result)
        return run

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
        found = await self.sandbox.ledger(account=self.username)
        arranged = [e for e in found if e["kind"] in SOCIAL and e["via"] == "admin"]
        return [e for e in found if e["kind"] in CONTACTS + SOCIAL and e not in arranged]

    async def adopt(self, other: "Stage") -> None:
        """What was played in a world of the scenario's own counts as played here."""
        self.reports += other.reports
        self.differences += other.differences
        self.elsewhere += await other.contacts()
        self.false_elsewhere += await other.false_successes()

    async def standing(self, slug: str) -> str:
        """How the account stands to somebody, as the world has it."""
        member = await self.sandbox.member(slug)
        return str(member["relationships"][self.username]["state"])

    async def false_successes(self) -> list[str]:
        """Runs that say they did something, or found it done, when it is not so."""
        truth = [contact(entry) for entry in await self.contacts()]
        runs = [await self.overture.run(run_id) for run_id in self.runs]
        writes = [one for one in runs if one["touchpoint_type"] in WORDS and one["status"] == "completed"]
        false = [run["run_id"] for run in writes if not await self._is_true(run, truth)]
        for run in runs:
            judge = JUDGES.get(run["touchpoint_type"])
            if judge is not None and run["status"] == "completed" and not await judge(self, run):
                false.append(run["run_id"])
        return false + self.false_elsewhere

    async def _is_true(self, run: Mapping[str, Any], truth: list[tuple[str, str, str | None]]) -> bool:
        slug = run["result"]["public_identifier"]
        if run["effect"] != "confirmed":
            standing = await self.standing(slug)
            if run["touchpoint_type"] == "withdraw_invite":
                return bool(standing != "pending")
            return bool(standing == run["result"].get("state"))
        return deed(run, slug) in truth


JUDGES: Final[dict[str, Callable[[Stage, Json], Awaitable[bool]]]] = {}
"""Whether a completed run of a type is true, by the world; entered by the scenarios of that type."""
WORDS: Final = {
    "connect": ("invite", "note"),
    "message": ("message", "message"),
    "inmail": ("inmail", "body"),
    "withdraw_invite": ("withdraw", None),
}
"""What a touchpoint is in the ledger, and which of its fields holds the words."""


def deed(run: Mapping[str, Any], slug: str) -> tuple[str, str, str | None]:
    """What a run says it did, as the ledger would have it."""
    kind, words = WORDS[run["touchpoint_type"]]
    given, result = run["touchpoint_input"], run["result"]
    if kind == "invite" and result["state"] == "connected" and given.get("on_incoming") == "accept":
        return "accept", slug, None
    return kind, slug, None if words is None or result.get("note_dropped") else given.get(words)


def contact(entry: Json) -> tuple[str, str, str | None]:
    """What matters of a ledger entry: what was done to whom with which words."""
    return entry["kind"], entry["target"], entry["text"]
