"""Reading how people stand to the account, and a session that dies while there is work."""

from typing import Final

from .scenario import scenario
from .stage import Stage

TRAP: Final = "1st hire, patent Pending, Connect with me"
DISTANCES: Final = {"2": 2, "3": 3, "OUT": "out_of_network"}


async def reads(stage: Stage, slug: str, state: str, degree: object, headline: str) -> None:
    """Check the connection and read the profile; both must say the same."""
    checked = await stage.perform("check_connection", slug)
    stage.expect(checked, "completed", "none", state=state, degree=degree)
    enriched = await stage.perform("enrich", slug)
    stage.expect(enriched, "completed", "none")
    profile = (enriched["result"] or {}).get("profile", {})
    stage.equal("headline", profile.get("headline"), headline)
    relationship = profile.get("relationship", {})
    stage.equal("profile", (relationship.get("state"), relationship.get("degree")), (state, degree))


@scenario(
    35,
    "prof-degrees",
    site="1st, 2nd, 3rd and out of network, and a headline that speaks of 1st, Pending and Connect",
    required="the exact degree and state, by check_connection and by enrich; nobody contacted",
)
async def degrees(stage: Stage) -> None:
    friend = await stage.person("connected", None, headline="A friend")
    await reads(stage, friend, "connected", 1, "A friend")
    for degree, told in DISTANCES.items():
        someone = await stage.person(degree=degree, headline="A stranger")
        await reads(stage, someone, "none", told, "A stranger")
    trap = await stage.person(degree="3", headline=TRAP)
    await reads(stage, trap, "none", 3, TRAP)
    await stage.holds()


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


SCENARIOS: Final = (degrees, expired)
