"""Lets an account in: by the session it kept, past the check it was asked, or with its form, once at most."""

from typing import Final

from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import Failure, NeedsHuman, PageChanged, Transient
from overture.providers.linkedin_browser.challenge import go_on
from overture.providers.linkedin_browser.desk import Desk, How
from overture.providers.linkedin_browser.pages import PageClass, Sight
from overture.providers.linkedin_browser.voyager.client import bot_wall
from overture.providers.linkedin_browser.voyager.members import read_me

USER: Final = (
    '#username, input[name="session_key"], input[autocomplete^="username"], input[autocomplete="webauthn"], '
    'form:has(input[type="password"]) :is(input[type="text"], input[type="email"])'
)
HIDDEN_FIELD: Final = '#password, input[name="session_password"], input[type="password"]'
SUBMIT: Final = 'form:has(input[type="password"]) button[type="submit"]'
REMEMBERED: Final = "#rememberme-div button"
COOKIE_DENY: Final = '.artdeco-global-alert--COOKIE_CONSENT button[action-type="DENY"]'
AGREE: Final = "button#content__button--primary--muted"
AGREE_NAME: Final = "Agree to comply"
OUTSIDE: Final = (PageClass.LOGIN, PageClass.AUTHWALL)
DEAD: Final = ("li_at", "JSESSIONID")
LEFT_OR_REFUSED: Final = """() => {
  const shown = (selector) => [...document.querySelectorAll(selector)]
    .some((node) => node.innerText.trim() !== '' && node.getClientRects().length > 0);
  return !document.querySelector('input[type="password"]')
    || shown('#error-for-username, #error-for-password, div[role="alert"]');
}"""
CHOSEN: Final = """() => document.querySelector('input[type="password"]')
  || !document.querySelector('#rememberme-div')"""


async def enter(desk: Desk) -> None:
    """Make sure the account is logged in, proved by `/me`; log in once when it is not."""
    desk.how = await _entered(desk)
    desk.standing.waiting = None
    desk.trace.step("session", how=desk.how)
    desk.me = (await read_me(desk.client)).profile_id


async def _entered(desk: Desk) -> How:
    waiting = desk.standing.waiting
    if waiting is not None:
        sight, how = await go_on(desk, waiting)
        await _must_be_in(desk, await _past_notices(desk, sight))
        return how
    if desk.tab.is_on_site and await desk.client.is_logged_in():
        return "kept"
    sight = await _past_notices(desk, await desk.tab.goto("/feed/"))
    if sight.page_class in OUTSIDE:
        await log_in(desk)
        return "login"
    await _must_be_in(desk, sight)
    return "stored"


async def log_in(desk: Desk) -> None:
    """Fill in and submit the login form; whatever stands there afterwards, it is not submitted again."""
    values = desk.sender.secrets.values
    username, password = values.get("username"), values.get("password")
    if not username or not password:
        raise NeedsHuman("login", "this account is not logged in and has no credentials to log in with")
    if desk.tab.path.rstrip("/") not in ("/login", "/uas/login"):
        await desk.tab.forget(*DEAD)  # some dead sessions lead in circles and never to the form
        sight = await desk.tab.goto("/login")
        if sight.page_class is not PageClass.LOGIN:
            raise desk.failure_of(sight) or _suspect(sight)
    await _submit(desk, username, password)
    sight = await _past_notices(desk, await desk.tab.look())
    if sight.page_class is PageClass.LOGIN:
        raise NeedsHuman(
            "login", "LinkedIn refused the user name or password", path=sight.where, said=sight.said
        )
    failure = desk.failure_of(sight)
    if failure is not None:
        raise failure
    if not await desk.client.is_logged_in():
        raise NeedsHuman(
            "login", "the login went through, but LinkedIn does not know the account", path=sight.where
        )


async def _must_be_in(desk: Desk, sight: Sight) -> None:
    """The page and `/me` must both say that the account is in; one of them alone proves nothing."""
    if sight.page_class is PageClass.EMPTY:
        desk.standing.is_dead = True
        raise bot_wall(path=sight.where) if await desk.client.is_walled() else _suspect(sight)
    failure = desk.failure_of(sight)
    if failure is not None:
        raise failure
    if not await desk.client.is_logged_in():
        desk.standing.is_dead = True
        raise bot_wall(path=sight.where) if await desk.client.is_walled() else _suspect(sight)


def _suspect(sight: Sight) -> Failure:
    """Neither in nor out: no password is given to a page that did not ask for one."""
    return Transient(
        "LinkedIn shows a page, but does not say whose session this is",
        code="session_suspect",
        path=sight.where,
    )


async def _past_notices(desk: Desk, sight: Sight) -> Sight:
    """The page behind the one notice that keeps a logged-in member from every page."""
    page = desk.tab.page
    agree = page.locator(AGREE).or_(page.get_by_role("button", name=AGREE_NAME, exact=True))
    if sight.has_nav or not await desk.tab.shows(agree):
        return sight
    desk.trace.step("agreed_to_comply")
    async with (
        desk.tab.bounded("agreeing to comply"),
        page.expect_navigation(wait_until="domcontentloaded"),
    ):
        await agree.filter(visible=True).first.click()
    return await desk.tab.look()


async def _submit(desk: Desk, username: str, password: str) -> None:
    page = desk.tab.page
    user, secret = (page.locator(selector).filter(visible=True).first for selector in (USER, HIDDEN_FIELD))
    await _deny_cookies(desk)
    if not await desk.tab.shows(secret) and await desk.tab.shows(page.locator(REMEMBERED)):
        if not await _asks_password_after_choosing(desk):
            return
        await _deny_cookies(desk)
    async with desk.tab.bounded("the login form"):
        try:
            await secret.wait_for()
        except WaitedTooLong as error:
            raise PageChanged("the login form", control="login") from error
        if await desk.tab.shows(user):  # a returning member's address is filled in already
            await user.fill(username)
        await secret.fill(password)
        await page.locator(SUBMIT).filter(visible=True).first.click()
    async with desk.tab.bounded("the answer to the login"):
        await page.wait_for_function(LEFT_OR_REFUSED)
        await page.wait_for_load_state("domcontentloaded")


async def _deny_cookies(desk: Desk) -> None:
    """Put the consent banner away, which lies above the form; it is told by its kind, not by its language."""
    deny = desk.tab.page.locator(COOKIE_DENY)
    if await desk.tab.shows(deny):
        desk.trace.step("cookies_denied")
        await desk.tab.click(deny.first, "the refusal of cookies")


async def _asks_password_after_choosing(desk: Desk) -> bool:
    """Press the account this browser is known for: some are let in at once, some give their password."""
    page = desk.tab.page
    desk.trace.step("remembered_account")
    async with desk.tab.bounded("choosing the account"):
        await page.locator(REMEMBERED).first.click()
        await page.wait_for_function(CHOSEN)
        await page.wait_for_load_state("domcontentloaded")
    return await desk.tab.shows(page.locator(HIDDEN_FIELD))
