"""Every way in, every check an operator answers on the way, and every way in which a session ends."""

from typing import Final

from .scenario import Scenario, plays
from .stage import Json, Stage

SITE: Final = "127.0.0.1"  # where the sandbox of the scenarios runs
SUBMITS: Final = ("login", "login_failed", "login_challenged")


async def log_in(stage: Stage, status: str, code: str | None = None, **result: object) -> Json:
    """A login on demand, and how it must end."""
    run = await stage.account("POST", "/login")
    over = await stage.over(run["run_id"], ["provider_cooldown"])
    stage.expect(over, status, "none", code, **result)
    return over


async def read(
    stage: Stage, part: str = "someone", status: str = "completed", code: str | None = None
) -> None:
    """Ask how somebody stands to the account."""
    stop_at = ["provider_cooldown", "account_paused", "account_needs_attention"]
    run = await stage.over(await stage.submit("check_connection", stage.who(part)), stop_at)
    stage.expect(run, status, "none", code)


async def resume(stage: Stage) -> None:
    """Let the account act again."""
    await stage.account("POST", "/resume")


async def expire(stage: Stage) -> None:
    """Every session of the account ends."""
    await stage.sandbox.set("POST", "/sessions/expire", account=stage.username)


async def submits(stage: Stage, *wanted: str) -> None:
    """The password was given exactly so often, with these ends."""
    found = [e["kind"] for e in await stage.sandbox.ledger(account=stage.username) if e["kind"] in SUBMITS]
    stage.equal("submits of the password", found, list(wanted))


async def happened(stage: Stage, kind: str, times: int) -> None:
    """Something happened so often at the site."""
    stage.equal(kind, len(await stage.sandbox.ledger(account=stage.username, kind=kind)), times)


async def stands(stage: Stage, state: str, reason: str | None) -> None:
    """The account's state and what it is because of."""
    account = await stage.account("GET")
    stage.equal("account", (account["state"], account["state_reason"]), (state, reason))


async def bring(stage: Stage, cookies: Json) -> None:
    """Import cookies as an operator's browser exports them."""
    listed = [{"name": name, "value": value, "domain": SITE} for name, value in cookies.items()]
    await stage.account("PUT", "/session", {"cookies": listed})


@plays("auth-login-ok")
async def login_ok(stage: Stage) -> None:
    await log_in(stage, "completed", how="login")
    await expire(stage)  # from here on the form is the one of this account's kind of page
    await log_in(stage, "completed", how="login")
    await log_in(stage, "completed", how="kept")
    await submits(stage, "login", "login")


@plays("auth-wrong-password")
async def wrong_password(stage: Stage) -> None:
    await read(stage, status="failed", code="account_needs_login")
    await read(stage, status="pending", code="account_needs_attention")
    await submits(stage, "login_failed")


def with_code(name: str, kind: str) -> Scenario:
    """The play in which the first run meets the check, and the operator then has the code."""

    async def play(stage: Stage) -> None:
        run = await stage.over(await stage.submit("check_connection", stage.who("someone")))
        stage.expect(run, "failed", "none", "challenge_required")
        code = (await stage.sandbox.ask("GET", "/checkpoints", None, account=stage.username))[-1]["code"]
        queued = await stage.submit("check_connection", stage.who("next"))
        await stands(stage, "needs_attention", kind)
        wrong = "000000" if code != "000000" else "111111"
        tried = await stage.account("POST", "/login/answer", {"code": wrong})
        stage.expect(await stage.over(tried["run_id"]), "failed", "none", "challenge_required")

        given = await stage.account("POST", "/login/answer", {"code": code})
        stage.expect(await stage.over(given["run_id"]), "completed", "none", how="answered")
        stage.expect(await stage.over(queued), "completed", "none")
        await stage.overture.ask("POST", f"/api/v1/runs/{run['run_id']}/retry")
        stage.expect(await stage.over(run["run_id"]), "completed", "none")
        await submits(stage, "login_challenged")
        await happened(stage, "challenge_failed", 1)
        await happened(stage, "challenge_passed", 1)
        await stands(stage, "active", None)

    return plays(name)(play)


@plays("auth-app-approval")
async def app_approval(stage: Stage) -> None:
    run = await stage.over(await stage.submit("check_connection", stage.who("someone")))
    stage.expect(run, "failed", "none", "challenge_required")
    queued = await stage.submit("check_connection", stage.who("next"))
    await stands(stage, "needs_attention", "app_approval")
    await stage.sandbox.set("POST", "/checkpoints/approve", account=stage.username)

    given = await stage.account("POST", "/login/answer", {"approved": True})
    stage.expect(await stage.over(given["run_id"]), "completed", "none", how="answered")
    stage.expect(await stage.over(queued), "completed", "none")
    await submits(stage, "login_challenged")
    await happened(stage, "challenge_passed", 1)
    await stands(stage, "active", None)


@plays("auth-captcha")
async def captcha(stage: Stage) -> None:
    await read(stage, status="failed", code="challenge_required")
    await stands(stage, "needs_attention", "captcha")
    queued = await stage.submit("check_connection", stage.who("next"))
    session = await stage.sandbox.set("POST", "/sessions", account=stage.username)  # the operator's browser

    await bring(stage, {"li_at": session["li_at"], "JSESSIONID": f'"{session["csrf_token"]}"'})
    stage.expect(await stage.over(queued), "completed", "none")
    await submits(stage, "login_challenged")
    await happened(stage, "challenge_passed", 0)


async def comes_back(stage: Stage) -> None:
    """A login, the end of its session, and the login of a browser that was here before."""
    await log_in(stage, "completed", how="login")
    await expire(stage)
    await log_in(stage, "completed", how="login")
    await read(stage)
    await submits(stage, "login", "login")


@plays("auth-agree-to-comply")
async def agree_to_comply(stage: Stage) -> None:
    await log_in(stage, "completed", how="login")
    await read(stage)
    await submits(stage, "login")


@plays("auth-redirect-param")
async def redirect_param(stage: Stage) -> None:
    await stage.account("PATCH", "", {"credentials": {}})
    await bring(stage, stage.arranged["cookies"])

    await log_in(stage, "failed", "account_needs_login")
    await stands(stage, "needs_attention", "login")
    await submits(stage)


@plays("auth-empty-feed")
async def empty_feed(stage: Stage) -> None:
    await bring(stage, stage.arranged["cookies"])

    await log_in(stage, "failed", "session_suspect")
    await submits(stage)


@plays("sess-expired-mid-run")
async def expired(stage: Stage) -> None:
    first, second, third = (stage.who(part) for part in ("first", "second", "third"))
    stage.expect(await stage.perform("connect", first), "completed", "confirmed")

    await stage.fault("expire_session", "invite", times=1)
    run = await stage.perform("connect", second)
    stage.expect(run, "completed", "confirmed", state="pending")
    stage.equal("attempts", run["attempts_made"], 2)

    await stage.account("POST", "/pause")
    await stage.look(password="a new one")
    await expire(stage)
    current, queued = await stage.submit("check_connection", first), await stage.submit("connect", third)
    await resume(stage)
    stage.expect(await stage.over(current), "failed", "none", "account_needs_login")
    waiting = await stage.over(queued, ["account_needs_attention"])
    stage.expect(waiting, "pending", "none", "account_needs_attention")

    credentials = {"username": stage.username, "password": "a new one"}
    await stage.account("PATCH", "", {"credentials": credentials})
    await resume(stage)
    stage.expect(await stage.over(queued), "completed", "confirmed", state="pending")
    await stage.holds(*(("invite", one, None) for one in (first, second, third)))
    failures = await stage.sandbox.ledger(kind="login_failed", account=stage.username)
    stage.equal("refused logins", len(failures), 1)


@plays("sess-redirect-loop")
async def redirect_loop(stage: Stage) -> None:
    await log_in(stage, "completed", how="login")
    await expire(stage)
    again = await log_in(stage, "completed", how="login")
    stage.equal("attempts", again["attempts_made"], 1)
    await submits(stage, "login", "login")


@plays("sess-csrf-rotated")
async def csrf_rotated(stage: Stage) -> None:
    await log_in(stage, "completed", how="login")
    await stage.sandbox.set("POST", "/sessions/rotate_csrf", account=stage.username)
    run = await stage.perform("check_connection", stage.who("someone"))
    stage.expect(run, "completed", "none")
    stage.equal("attempts", run["attempts_made"], 1)
    await submits(stage, "login")


def befallen(name: str, trouble: str, code: str) -> Scenario:
    """The play in which an account at work gets into trouble: paused at once, and nothing more begins."""

    async def play(stage: Stage) -> None:
        await log_in(stage, "completed", how="login")
        await stage.look(trouble=trouble)
        await read(stage, status="failed", code=code)
        await stands(stage, "paused", code)
        await read(stage, status="pending", code="account_paused")
        await submits(stage, "login")

    return plays(name)(play)


@plays("sess-401-api-only")
async def api_only(stage: Stage) -> None:
    await log_in(stage, "completed", how="login")
    await stage.look(trouble="api_401")
    await read(stage, status="failed", code="session_suspect")
    await submits(stage, "login")


@plays("sess-429-global")
async def too_many(stage: Stage) -> None:
    await log_in(stage, "completed", how="login")
    await stage.look(trouble="rate_limited")
    await read(stage, status="pending", code="provider_cooldown")
    before = len(await stage.sandbox.ledger(account=stage.username, kind="rate_limited"))
    await read(stage, status="pending", code="provider_cooldown")
    await log_in(stage, "pending", "provider_cooldown")
    await happened(stage, "rate_limited", before)
    await submits(stage, "login")


@plays("sess-script-text-only")
async def script_text_only(stage: Stage) -> None:
    await log_in(stage, "completed", how="login")
    visited = await stage.perform("visit", stage.who("someone"))
    stage.expect(visited, "completed", "confirmed")
    await read(stage)


SCENARIOS: Final = (
    login_ok,
    wrong_password,
    with_code("auth-pin", "pin"),
    with_code("auth-totp", "totp"),
    app_approval,
    captcha,
    plays("auth-remember-me")(comes_back),
    agree_to_comply,
    plays("auth-cookie-banner")(comes_back),
    redirect_param,
    empty_feed,
    expired,
    api_only,
    redirect_loop,
    csrf_rotated,
    too_many,
    befallen("sess-999", "bot_wall", "bot_wall"),
    befallen("sess-empty-shell", "empty_shell", "bot_wall"),
    befallen("sess-restricted", "restricted", "blocked_by_provider"),
    befallen("sess-unusual-activity", "unusual_activity", "blocked_by_provider"),
    script_text_only,
)
