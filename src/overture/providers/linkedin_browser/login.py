"""Logs an account in with its form, at most once, and says who must help when that is not enough."""

from typing import Final

from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import NeedsHuman, PageChanged
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.pages import PageClass
from overture.providers.linkedin_browser.voyager.members import read_me

USER: Final = (
    '#username, input[name="session_key"], input[autocomplete^="username"], input[autocomplete="webauthn"], '
    'form:has(input[type="password"]) :is(input[type="text"], input[type="email"])'
)
HIDDEN_FIELD: Final = '#password, input[name="session_password"], input[type="password"]'
SUBMIT: Final = 'form:has(input[type="password"]) button[type="submit"]'
REMEMBERED: Final = "#rememberme-div button"
COOKIE_DENY: Final = '.artdeco-global-alert--COOKIE_CONSENT button[action-type="DENY"]'
LEFT_OR_REFUSED: Final = """() => {
  const shown = (selector) => [...document.querySelectorAll(selector)]
    .some((node) => node.innerText.trim() !== '' && node.getClientRects().length > 0);
  return !document.querySelector('input[type="password"]')
    || shown('#error-for-username, #error-for-password, div[role="alert"]');
}"""


async def enter(desk: Desk) -> None:
    """Make sure the account is logged in, proved by `/me`; log in once when it is not."""
    if desk.tab.is_on_site and await desk.client.is_logged_in():
        desk.trace.step("session", how="kept")
    else:
        await _enter_by_page(desk)
    desk.me = (await read_me(desk.client)).profile_id


async def _enter_by_page(desk: Desk) -> None:
    sight = await desk.tab.goto("/feed/")
    is_outside = sight.page_class in (PageClass.LOGIN, PageClass.AUTHWALL)
    failure = desk.failure_of(sight)
    if failure is not None and not is_outside:
        raise failure
    if not is_outside and await desk.client.is_logged_in():
        desk.trace.step("session", how="stored")
        return
    desk.standing.is_dead = False
    await log_in(desk)
    desk.trace.step("session", how="login")


async def log_in(desk: Desk) -> None:
    """Fill in and submit the login form; whatever stands there afterwards, it is not submitted again."""
    values = desk.sender.secrets.values
    username, password = values.get("username"), values.get("password")
    if not username or not password:
        raise NeedsHuman("login", "this account is not logged in and has no credentials to log in with")
    if desk.tab.path.rstrip("/") not in ("/login", "/uas/login"):
        await desk.tab.goto("/login")
    await _submit(desk, username, password)
    sight = await desk.tab.look()
    if sight.page_class is PageClass.LOGIN:
        raise NeedsHuman("login", "LinkedIn refused the user name or password", path=sight.path)
    failure = desk.failure_of(sight)
    if failure is not None:
        raise failure
    if not await desk.client.is_logged_in():
        raise NeedsHuman(
            "login", "the login went through, but LinkedIn does not know the account", path=sight.path
        )


async def _submit(desk: Desk, username: str, password: str) -> None:
    page = desk.tab.page
    user, secret = (page.locator(selector).filter(visible=True).first for selector in (USER, HIDDEN_FIELD))
    if await desk.tab.shows(page.locator(COOKIE_DENY)):
        await page.locator(COOKIE_DENY).first.click()
    if not await desk.tab.shows(secret) and await desk.tab.shows(page.locator(REMEMBERED)):
        await page.locator(REMEMBERED).first.click()
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
