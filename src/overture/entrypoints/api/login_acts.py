"""Getting an account in: what is asked of its owner, their answer, a login on demand, their own cookies."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, AccountSecret, LoginChallenge, challenges
from overture.accounts.cookies import read_cookies
from overture.core.errors import Conflict, Invalid
from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.db import append_event
from overture.entrypoints.api import acts
from overture.entrypoints.api.account_facts import standing_of
from overture.entrypoints.api.account_standing import NextAction
from overture.entrypoints.api.fields import Handle
from overture.entrypoints.api.shapes import NextActionView, RunDetail
from overture.entrypoints.bootstrap import App
from overture.runs import Run, RunRequest
from overture.touchpoints import LogIn, TakesCookies

PRIORITY = 9  # a person waits for it
CHECKPOINT: Final = "/api/v1/accounts/unipile/checkpoint"
ELSEWHERE: Final = "unipile:"
"""How the place of a check begins that is asked at Unipile; the id of the account-to-be follows."""


class ChallengeView(BaseModel):
    """What the service asks of the account's owner. Answers are never shown."""

    model_config = ConfigDict(from_attributes=True)

    kind: str = Field(examples=["pin"], description="pin, totp, app_approval, captcha, or another check.")
    state: str = Field(
        examples=["open"],
        description="open: it waits for an answer; answered: a run carries one; passed, refused, expired.",
    )
    asked_at: Instant
    prompt: str | None = Field(
        description="What its page says, such as where a code was sent.",
        examples=["Enter the code we sent to m•••@example.test"],
    )
    path: str | None = Field(description="Where it is asked.", examples=["/checkpoint/challenge"])
    said: str | None = Field(description="What the page said of the last answer.")
    attempts: int = Field(description="Answers that were tried.")
    answered_at: Instant | None
    closed_at: Instant | None


class LoginView(BaseModel):
    """How an account's login stands, and the one thing to do."""

    handle: Handle
    state: str = Field(examples=["needs_attention"])
    state_reason: str | None
    has_session: bool = Field(description="Whether a session is kept.")
    challenge: ChallengeView | None = Field(description="What was asked last, if anything ever was.")
    next_action: NextActionView
    run_id: str | None = Field(description="The run that carries the last answer.")


async def show_login(app: App, handle: str) -> LoginView:
    """How the login stands."""
    async with app.sessions() as db:
        return await seen(app, db, await accounts.by_handle(db, handle))


async def start_login(app: App, handle: str, *, start_over: bool, by: str = "api") -> RunDetail:
    """Log in, or check that the account is; over again, without anything kept, when asked to."""
    async with app.sessions.begin() as db:
        now = app.now()
        account = await locked(db, handle)
        refuse_paused(account)
        asked = await challenges.live(db, account.id, lock=True)
        if asked is not None and not start_over:
            raise Conflict(
                "login_challenge_open",
                f"The service asks something of {handle!r}'s owner first: {asked.kind}.",
                fix=f'{challenges.ASKS.get(asked.kind, challenges.BY_HAND)} Or send {{"start_over": true}}.',
                kind=asked.kind,
            )
        if start_over:
            await challenges.close(db, account.id, "expired", now)
            await app.vault.replace_session(db, account.id, None, now)
        return await submitted(app, db, account, by, now)


async def answer_login(
    app: App, handle: str, code: str | None, approved: bool | None, by: str = "api"
) -> RunDetail:
    """Give the answer to the run that will try it, once; the same answer again changes nothing."""
    async with app.sessions.begin() as db:
        now = app.now()
        account = await locked(db, handle)
        asked = await challenges.live(db, account.id, lock=True)
        if asked is None:
            raise Conflict(
                "nothing_asked",
                f"The service asks nothing of the owner of {handle!r}.",
                fix="Look at GET /api/v1/accounts/{handle}/login; POST there logs in.",
            )
        refuse_elsewhere(asked)
        answer = challenges.fitting(asked, code, approved)
        refuse_paused(account)
        await reopen_if_lost(db, asked)
        if not challenges.give(app.vault.ring, asked, answer, now) and asked.run_id is not None:
            return await acts.detail(app, db, await runs.by_id(db, asked.run_id))
        data = {"kind": asked.kind, "by": by}
        await append_event(db, now, "account.login_answered", account_id=account.id, data=data)
        return await submitted(app, db, account, by, now, asked)


async def import_session(app: App, handle: str, given: object, by: str = "api") -> LoginView:
    """Keep the session of a person's own browser; what was asked in ours is asked no more."""
    found = read_cookies(given)
    async with app.sessions.begin() as db:
        now = app.now()
        account = await locked(db, handle)
        provider = app.provider(account.provider)
        if not isinstance(provider, TakesCookies):
            raise Invalid(
                "session_not_supported",
                f"The provider {account.provider!r} has no sessions one could bring along.",
                fix="Give it credentials with PATCH /api/v1/accounts/{handle}.",
            )
        state = provider.session_from(found, now)
        await app.vault.replace_session(db, account.id, state, now)
        await challenges.close(db, account.id, "expired", now)
        await append_event(db, now, "account.session_imported", account_id=account.id, data={"by": by})
        if account.state == "needs_attention":
            await accounts.set_state(db, account, "active", now, by=by, why="a session was imported")
        await acts.admit(app, db, account.id)
        return await seen(app, db, account)


async def locked(db: AsyncSession, handle: str) -> Account:
    """The account, locked before anything of it, as when a run is recorded.

    `no key update`: finding it has share-locked its key, and two who then want more wait for each other.
    """
    account = await accounts.by_handle(db, handle)
    await db.refresh(account, with_for_update={"key_share": True})
    return account


def refuse_paused(account: Account) -> None:
    """A paused account stays paused until somebody resumes it."""
    if account.state == "paused":
        raise Conflict(
            "account_paused",
            f"{account.handle!r} is paused ({account.state_reason}), so nothing of it would begin.",
            fix=f"Resume it first: POST /api/v1/accounts/{account.handle}/resume.",
        )


def is_elsewhere(asked: LoginChallenge) -> bool:
    """Whether it is asked by a service between us and the channel, which takes the answer itself."""
    return (asked.path or "").startswith(ELSEWHERE)


def refuse_elsewhere(asked: LoginChallenge) -> None:
    """No run of ours could carry an answer to such a check."""
    if is_elsewhere(asked):
        raise Conflict(
            "answer_does_not_fit",
            "The check is asked at Unipile, which takes the answer itself.",
            fix=f"Send it to POST {CHECKPOINT}.",
            kind=asked.kind,
        )


async def reopen_if_lost(db: AsyncSession, asked: LoginChallenge) -> None:
    """An answer whose run ended before anybody knew what came of it makes room for another."""
    if asked.state != "answered" or asked.run_id is None:
        return
    run = await db.get(Run, asked.run_id)
    if run is None or run.completed_at is not None:
        asked.state = "open"


async def submitted(
    app: App,
    db: AsyncSession,
    account: Account,
    by: str,
    now: datetime,
    asked: LoginChallenge | None = None,
) -> RunDetail:
    """The run that logs in, ahead of all others; the account is put back to work for it."""
    request = RunRequest(handle=account.handle, touchpoint=LogIn(), priority=PRIORITY)
    acts.check_supported(app.provider(account.provider), request)
    if account.state == "needs_attention":
        await accounts.set_state(db, account, "active", now, by=by, why="a login was asked for")
        await db.flush()
    run = (await runs.submit(db, app.ids, request, now, app.kit.lease(now))).run
    if asked is not None:
        asked.run_id = run.id
    await db.flush()
    await db.refresh(run)
    return await acts.detail(app, db, run)


async def seen(app: App, db: AsyncSession, account: Account) -> LoginView:
    """How the account's login stands now."""
    secret = await db.get(AccountSecret, account.id)
    asked = await challenges.newest(db, account.id)
    action = next_action(account, asked)
    if action is None:
        action = (await standing_of(app, db, account, secret)).next_action
    return LoginView(
        handle=account.handle,
        state=account.state,
        state_reason=account.state_reason,
        has_session=secret is not None and secret.session is not None,
        challenge=ChallengeView.model_validate(asked) if asked is not None else None,
        next_action=NextActionView.model_validate(action),
        run_id=public_id("run", asked.run_id) if asked is not None and asked.run_id else None,
    )


def next_action(account: Account, asked: LoginChallenge | None) -> NextAction | None:
    """The one thing to do about what is asked; None when nothing is."""
    if asked is None or account.state == "paused":
        return None
    base = f"/api/v1/accounts/{account.handle}"
    if is_elsewhere(asked):
        text = "Give what the service asks for, within five minutes; or say that it was approved."
        body = {"handle": account.handle, "code": "CODE"}
        return NextAction(text, "POST", CHECKPOINT, body=body) if asked.state == "open" else None
    if asked.state == "answered":
        return NextAction("Nothing: a run carries the answer.", "GET", f"{base}/login")
    if asked.state == "open" and asked.kind in challenges.ASKS:
        option = "--approved" if asked.kind == "app_approval" else "--code CODE"
        command = f"overture accounts answer {account.handle} {option}"
        return NextAction(challenges.ASKS[asked.kind], "POST", f"{base}/login/answer", command)
    if (
        account.state == "needs_attention"
        and asked.state in ("open", "refused")
        and account.state_reason != "login"
    ):
        command = f"overture accounts import-session {account.handle} FILE"
        return NextAction(challenges.BY_HAND, "PUT", f"{base}/session", command)
    return None
