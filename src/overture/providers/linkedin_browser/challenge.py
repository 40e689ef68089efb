"""A check in the middle of a login: found again where it was asked, answered once with what a person said."""

from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import NeedsHuman, PageChanged
from overture.providers.linkedin_browser.desk import Desk, How, Waiting
from overture.providers.linkedin_browser.pages import PageClass, Sight
from overture.touchpoints import APPROVED

CODE: Final = 'input[name="pin"], #input__email_verification_pin, #input__phone_verification_pin'
WITH_CODE: Final = ("pin", "totp")
LEFT_OR_REFUSED: Final = """(code) => !document.querySelector(code)
  || [...document.querySelectorAll('[role="alert"]')]
    .some((node) => node.innerText.trim() !== '' && node.getClientRects().length > 0)"""


async def go_on(desk: Desk, waiting: Waiting) -> tuple[Sight, How]:
    """Back to the check, with the answer if there is one; the page it leads to, which is none of its own.

    Nobody logs in from here: a password given again after a check makes things worse.
    """
    sight, answer = await desk.tab.goto(waiting.address), desk.sender.secrets.answer
    if sight.page_class is PageClass.CHECKPOINT:
        sight = await _answered(desk, sight, answer)
    if sight.page_class in (PageClass.LOGIN, PageClass.AUTHWALL):
        desk.standing.waiting = None
        raise NeedsHuman(
            "login",
            "the check LinkedIn asked for is over; start the login again",
            path=sight.where,
        )
    failure = desk.failure_of(sight)
    if failure is not None:
        raise failure
    return sight, "stored" if answer is None else "answered"


async def _answered(desk: Desk, sight: Sight, answer: str | None) -> Sight:
    """The page after the answer, if it fits the check; a yes was given on the phone."""
    if sight.challenge == "app_approval":
        await _wait_until_let_in(desk)
    elif sight.challenge in WITH_CODE and answer not in (None, APPROVED):
        await _enter(desk, str(answer))
    else:
        return sight
    desk.trace.step("answered", asked=sight.challenge)
    return await desk.tab.look()


async def _enter(desk: Desk, code: str) -> None:
    """Type the code and send it, once."""
    page = desk.tab.page
    field = page.locator(CODE).filter(visible=True).first
    send = page.locator("form").filter(has=page.locator(CODE)).locator('button[type="submit"]')
    async with desk.tab.bounded("entering the code"):
        try:
            await field.fill(code)
        except WaitedTooLong:  # without the cause: it would quote the code
            raise PageChanged("the field of the code", control="code") from None
        await send.filter(visible=True).first.click()
    async with desk.tab.bounded("the answer to the code"):
        await page.wait_for_function(LEFT_OR_REFUSED, arg=CODE)
        await page.wait_for_load_state("domcontentloaded")


async def _wait_until_let_in(desk: Desk) -> None:
    """The page asks by itself whether somebody said yes; when nobody has, it stays."""
    async with desk.tab.bounded("the yes on the phone"):
        try:
            await desk.tab.page.wait_for_url(_is_outside_checkpoint, wait_until="domcontentloaded")
        except WaitedTooLong:
            desk.trace.step("not_approved_yet")


def _is_outside_checkpoint(url: str) -> bool:
    return not urlsplit(url).path.startswith("/checkpoint")
