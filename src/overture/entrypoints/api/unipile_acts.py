"""Connecting accounts at Unipile, as transactions around its answers; no secret of a sign-in is kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account, Report, challenges
from overture.core.errors import Conflict, NeedsHuman, NotFound, Unavailable
from overture.entrypoints.api import acts, unipile_state
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.login_acts import ELSEWHERE
from overture.entrypoints.api.unipile_shapes import (
    CheckpointAnswer,
    CheckpointView,
    ConnectView,
    LinkView,
    LinkWish,
    RemoteAccount,
    RemoteList,
    SignIn,
)
from overture.entrypoints.bootstrap import App
from overture.entrypoints.unipile_health import unipile_of
from overture.providers.unipile import client as api
from overture.providers.unipile.provider import Unipile

LINK_LIVES: Final = timedelta(hours=1)
LINKEDIN: Final = "LINKEDIN"
KINDS: Final[dict[str, str]] = {
    "OTP": "pin",
    "2FA": "pin",
    "IN_APP_VALIDATION": "app_approval",
    "CAPTCHA": "captcha",
    "PHONE_REGISTER": "phone",
    "CONTRACT_CHOOSER": "contract",
}
"""What LinkedIn asks for, as it is called for every provider."""
APPROVED_CODE: Final = "APPROVED"
"""Sent where somebody said yes on the phone: the route wants a code, and asks the phone."""
OVER: Final = frozenset({"checkpoint_error", "expired_link", "authentication_intent_error"})
"""Refusals after which the same check takes no more answers."""


@dataclass(frozen=True)
class Known:
    """An account as it was when the request came in."""

    id: UUID
    handle: str
    external_id: str | None
    by: str = "api"
    """Who asks."""


async def make_link(app: App, wish: LinkWish, notify: str) -> LinkView:
    """A page to sign in on; where it reports to holds whose sign-in it is, sealed."""
    client, now = client_of(app), app.now()
    known = await as_it_stands(client, await unipile_account(app, wish.handle))
    state = unipile_state.State(known.id, now + unipile_state.LIVES)
    expires_at = now + LINK_LIVES
    options = api.HostedOptions(
        expires_at=expires_at,
        notify_url=f"{notify}?state={unipile_state.sealed(app.vault.ring, state)}",
        name=known.handle,
        success_redirect_url=str(wish.success_url) if wish.success_url else None,
        failure_redirect_url=str(wish.failure_url) if wish.failure_url else None,
    )
    async with told():
        link = (
            await client.hosted.connect_link(options)
            if known.external_id is None
            else await client.hosted.reconnect_link(known.external_id, options)
        )
    if link.url is None:
        raise unavailable("Unipile named no page")
    kind: Literal["create", "reconnect"] = "create" if known.external_id is None else "reconnect"
    return LinkView(handle=known.handle, url=link.url, kind=kind, expires_at=expires_at)


async def connect(app: App, given: SignIn, by: str = "api") -> ConnectView:
    """Sign in with what was given: connected, or asked for something first."""
    client = client_of(app)
    known = await as_it_stands(client, await unipile_account(app, given.handle))
    options = api.ConnectOptions(country=given.country.upper() if given.country else None)
    async with told():
        answer = (
            await client.accounts.connect(credentials_of(given), options)
            if known.external_id is None
            else await client.accounts.reconnect(known.external_id, credentials_of(given), options)
        )
    return await follow(app, client, replace(known, by=by), answer)


async def answer(app: App, given: CheckpointAnswer, by: str = "api") -> ConnectView:
    """Give LinkedIn the answer once, and see what follows."""
    client, known = client_of(app), replace(await unipile_account(app, given.handle), by=by)
    async with app.sessions() as db:
        asked = await challenges.live(db, known.id)
    if asked is None or not (asked.path or "").startswith(ELSEWHERE):
        raise Conflict(
            "nothing_asked",
            f"LinkedIn asks nothing of the owner of {known.handle!r} at present.",
            fix="Begin with POST /api/v1/accounts/unipile/connect.",
        )
    intended = (asked.path or "").removeprefix(ELSEWHERE)
    if given.resend:
        async with told():
            await client.accounts.resend_checkpoint(intended)
        view = CheckpointView(kind=asked.kind, type=None, source=None, options=[])
        return ConnectView(handle=known.handle, status="checkpoint", external_id=None, checkpoint=view)
    if given.approved and await is_running(client, intended):
        return await connected(app, client, known, intended)
    try:
        async with told():
            found = await client.accounts.solve_checkpoint(intended, given.code or APPROVED_CODE)
    except Conflict as refusal:
        if refusal.facts.get("reason") in OVER:
            async with app.sessions.begin() as db:
                await challenges.close(db, known.id, "expired", app.now())
        raise
    return await follow(app, client, known, found)


async def remote(app: App) -> RemoteList:
    """The workspace's accounts, beside ours."""
    async with told():
        found = [one async for one in client_of(app).accounts.iter() if one.type in (None, LINKEDIN)]
    async with app.sessions() as db:
        ours = await accounts.by_external(db, Unipile.name, [one.id for one in found])
    return RemoteList(data=[shown(one, ours.get(one.id)) for one in found])


async def restart(app: App, handle: str) -> RemoteAccount:
    """Have Unipile start the account again, and let its state follow from what it says then."""
    client, known = client_of(app), await unipile_account(app, handle)
    if known.external_id is None:
        raise refused("unipile_not_connected")
    async with told():
        is_started = await client.accounts.restart(known.external_id)
        found = await client.accounts.get(known.external_id)
    async with app.sessions.begin() as db:
        account, now = await locked(db, known), app.now()
        if found.status is not None:
            await accounts.take_report(db, account, Report(found.status, now, "restart"), now)
        await acts.admit(app, db, account.id)
        view = shown(found, account)
    if not is_started:
        entry = PROBLEMS["unipile_sign_in_refused"]
        raise Conflict("unipile_sign_in_refused", entry.meaning, fix=entry.fix, reason=found.status)
    return view


async def take_notice(app: App, state: str, body: bytes, content_type: str) -> None:
    """A sign-in by link is through: confirmed by Unipile itself, the account is that one from now on."""
    opened = unipile_state.opened(app.vault.ring, state, app.now())
    if opened is None:
        raise refused("connect_state_invalid")
    try:
        delivery = api.parse_delivery(body, content_type)
    except api.UnreadableDelivery:
        raise refused("connect_state_invalid") from None
    if delivery.source != "hosted" or delivery.account_id is None:
        raise refused("connect_state_invalid")
    async with app.sessions() as db:
        account = await accounts.by_id(db, opened.account_id)
        if account.removed_at is not None:
            raise refused("connect_state_invalid")
        known = Known(account.id, account.handle, account.external_id)
    await connected(app, client_of(app), known, delivery.account_id)


async def follow(app: App, client: api.UnipileClient, known: Known, found: api.ConnectAnswer) -> ConnectView:
    """What a sign-in led to: connected, or a check to pass first."""
    if found.account_id is None:
        raise unavailable("Unipile named no account")
    if found.is_connected:
        return await connected(app, client, known, found.account_id)
    asked = found.checkpoint or api.Checkpoint()
    view = checkpoint_view(asked)
    async with app.sessions.begin() as db:
        account, now = await locked(db, known), app.now()
        place = f"{ELSEWHERE}{found.account_id}"
        need = NeedsHuman(view.kind, "LinkedIn asks for a check", path=place, asked=asked.type or "")
        await challenges.note(db, account.id, need, now)
        if account.state == "active":
            detail = f"LinkedIn asks for a check before it lets the account in: {asked.type}"
            await accounts.set_state(
                db, account, "needs_attention", now, reason=view.kind, detail=detail, by=known.by
            )
    return ConnectView(handle=known.handle, status="checkpoint", external_id=None, checkpoint=view)


async def connected(app: App, client: api.UnipileClient, known: Known, external_id: str) -> ConnectView:
    """Confirm it with Unipile, then let the account be that one and go back to work.

    One that is connected stays who it is: somebody else's sign-in is for an account of its own.
    """
    known = await as_it_stands(client, known)
    if known.external_id not in (None, external_id):
        raise refused("unipile_other_account")
    async with told():
        found = await client.accounts.get(external_id)
    if found.type not in (None, LINKEDIN):
        raise unavailable(f"this is an account of {found.type}")
    async with app.sessions.begin() as db:
        account, now = await locked(db, known), app.now()
        await accounts.call_external(db, account, found.id, now)
        await challenges.close(db, account.id, "passed", now)
        if found.status is not None:
            await accounts.take_report(db, account, Report(found.status, now, "connect"), now)
        await back_to_work(db, account, found.status, known.by, now)
        await acts.admit(app, db, account.id)
    return ConnectView(handle=known.handle, status="connected", external_id=found.id)


async def back_to_work(
    db: AsyncSession, account: Account, status: str | None, by: str, now: datetime
) -> None:
    """An account that waited for its sign-in goes on; what Unipile finds wrong with it stays."""
    if account.state == "needs_attention" and status in (None, "OK", "CONNECTING"):
        await accounts.set_state(db, account, "active", now, by=by, why="it was connected at Unipile")


async def as_it_stands(client: api.UnipileClient, known: Known) -> Known:
    """The account, without an id at Unipile that leads nowhere any more."""
    if known.external_id is None:
        return known
    try:
        await client.accounts.get(known.external_id)
    except api.AccountDisconnected:  # of a stored read: it was deleted there
        return replace(known, external_id=None)
    except api.UnipileError as error:
        raise unavailable(error.slug or type(error).__name__) from error
    return known


async def is_running(client: api.UnipileClient, external_id: str) -> bool:
    """Whether Unipile runs this account by now; until somebody said yes it has none of the id."""
    try:
        return (await client.accounts.get(external_id)).status == "OK"
    except api.UnipileError:
        return False


async def unipile_account(app: App, handle: str) -> Known:
    """The account to connect; refuses one of another provider."""
    async with app.sessions() as db:
        account = await accounts.by_handle(db, handle)
        if account.provider != Unipile.name:
            raise refused("not_a_unipile_account")
        return Known(account.id, account.handle, account.external_id)


async def locked(db: AsyncSession, known: Known) -> Account:
    """The account, locked before anything of it; gone, if it was removed meanwhile."""
    account = await accounts.to_change(db, known.handle)
    if account.id != known.id:
        raise NotFound("account_not_found", f"The account {known.handle!r} was removed.", fix="Add it again.")
    return account


def client_of(app: App) -> api.UnipileClient:
    """The workspace's client, or the refusal that says what is missing."""
    provider = unipile_of(app)
    if provider is None:
        raise refused("unipile_not_configured")
    return provider.workspace.client


def credentials_of(given: SignIn) -> api.LinkedInPassword | api.LinkedInCookie:
    """What was given, as Unipile takes it."""
    if given.username is not None and given.password is not None:
        return api.LinkedInPassword(given.username.get_secret_value(), given.password.get_secret_value())
    token, premium = given.access_token, given.premium_token
    return api.LinkedInCookie(
        token.get_secret_value() if token else "",
        given.user_agent,
        premium.get_secret_value() if premium else None,
    )


def checkpoint_view(asked: api.Checkpoint) -> CheckpointView:
    """What is asked, in words every provider's checks have."""
    kind = KINDS.get(asked.type or "", "challenge")
    if asked.type == "2FA" and asked.source == "APP":
        kind = "totp"
    options = [one.id for one in asked.contract_options or () if one.id]
    return CheckpointView(kind=kind, type=asked.type, source=asked.source, options=options)


def shown(one: api.Account, ours: Account | None) -> RemoteAccount:
    """An account of the workspace, and ours if one is it."""
    im = one.connection_params.im if one.connection_params else None
    return RemoteAccount(
        external_id=one.id,
        name=one.name,
        public_identifier=im.public_identifier if im else None,
        status=one.status,
        handle=ours.handle if ours else None,
    )


def refused(code: str) -> Conflict:
    """The refusal of a code, in the catalogue's words."""
    return Conflict(code, PROBLEMS[code].meaning, fix=PROBLEMS[code].fix)


def unavailable(reason: str) -> Unavailable:
    """Unipile did not do it, or did not say so."""
    entry = PROBLEMS["unipile_unavailable"]
    return Unavailable("unipile_unavailable", entry.meaning, fix=entry.fix, reason=reason)


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """Unipile's errors as refusals; its texts hold no secrets."""
    try:
        yield
    except (api.SignInRefused, api.AccountDisconnected, api.AccountRestricted, api.ContentInvalid) as error:
        entry = PROBLEMS["unipile_sign_in_refused"]
        reason = error.slug or str(error)
        raise Conflict(
            "unipile_sign_in_refused", entry.meaning, fix=entry.fix, reason=reason, said=error.detail
        ) from error
    except api.UnipileError as error:
        raise unavailable(error.slug or type(error).__name__) from error
