"""A session that dies while there is work."""

from typing import Final

from .scenario import scenario
from .stage import Stage

@scenario(
    51,
    "sess-expired-mid-run",
    site="the session dies in an act; later it dies again, and the password has been changed",
    required="the run logs in again and sends once; later account_needs_login, and the queue waits for the "
    "operator; nothing is sent twice",
)
async def expired(stage: Stage) -> None:
    first, second, third = [await stage.person() for _ in range(3)]
    stage.expect(await stage.perform("connect", first), "completed", "confirmed")

    await stage.fault("expire_session", "invite", times=1)
    run = await stage.perform("connect", second)
    stage.expect(run, "completed", "confirmed", state="pending")
    stage.equal("attempts", run["attempts_made"], 2)

    await stage.overture.ask("POST", f"/api/v1/accounts/{stage.handle}/pause")
    await stage.look(password="a new one")
    await stage.sandbox.set("POST", "/sessions/expire", account=stage.username)
    current, queued = await stage.submit("check_connection", first), await stage.submit("connect", third)
    await resume(stage)
    stage.expect(await stage.over(current), "failed", "none", "account_needs_login")
    waiting = await stage.over(queued, ["account_needs_attention"])
    stage.expect(waiting, "pending", "none", "account_needs_attention")

    credentials = {"username": stage.username, "password": "a new one"}
    await stage.overture.ask("PATCH", f"/api/v1/accounts/{stage.handle}", {"credentials": credentials})
    await resume(stage)
    stage.expect(await stage.over(queued), "completed", "confirmed", state="pending")
    await stage.holds(*(("invite", one, None) for one in (first, second, third)))
    failures = await stage.sandbox.ledger(kind="login_failed", account=stage.username)
    stage.equal("refused logins", len(failures), 1)


async def resume(stage: Stage) -> None:
    """Let the account act again."""
    await stage.overture.ask("POST", f"/api/v1/accounts/{stage.handle}/resume")


SCENARIOS: Final = (expired,)
