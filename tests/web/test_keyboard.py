"""The whole way without a mouse."""

import pytest
from playwright.async_api import Page
from site_stage import Site

from overture.entrypoints.api import acts
from product import API_KEY

pytestmark = pytest.mark.browser


async def tab_to(page: Page, name: str, most: int = 60) -> None:
    """Press Tab until the focus is on what has this name; each stop on the way can be seen."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        text, is_seen = await page.evaluate(
            """() => { const at = document.activeElement, box = at.getBoundingClientRect();
            const style = getComputedStyle(at);
            return [(at.getAttribute("aria-label") || at.innerText || "").trim(),
                    box.width > 0 && style.outlineStyle !== "none"]; }"""
        )
        assert is_seen, f"the focus cannot be seen on {text!r}"
        if text == name:
            return
    raise AssertionError(f"{name!r} cannot be reached by keyboard")


async def test_a_journey_without_a_mouse(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab(signed_in=False)
    await tab.open("/")
    page = tab.page
    await page.locator("#api_key:focus").wait_for()
    await page.keyboard.type(API_KEY)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Home", level=1).wait_for()

    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to the content"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"

    await page.keyboard.press("?")
    await page.get_by_role("dialog").wait_for()
    await page.keyboard.press("Escape")
    await page.get_by_role("dialog").wait_for(state="hidden")

    for keys, heading in (
        ("gr", "Runs"),
        ("gs", "Schedules"),
        ("gc", "Campaigns"),
        ("gh", "Home"),
        ("ga", "Accounts"),
    ):
        for key in keys:
            await page.keyboard.press(key)
        await page.get_by_role("heading", name=heading, level=1).wait_for()

    await tab_to(page, "ada")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="ada", level=1).wait_for()
    await tab_to(page, "Pause")
    await page.keyboard.press("Enter")
    await page.get_by_text("ada is paused: it begins nothing more.").wait_for()
    assert (await acts.show_account(site.app, "ada")).state == "paused"


async def test_shortcuts_stay_out_of_what_is_being_written(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open("/runs")
    await tab.page.get_by_label("Tag").press_sequentially("gap?")

    assert await tab.page.get_by_label("Tag").input_value() == "gap?"
    assert await tab.page.get_by_role("dialog").count() == 0


async def test_the_menu_of_a_telephone_opens_by_keyboard(site: Site) -> None:
    tab = await site.tab(narrow=True)
    await tab.open("/")
    await tab_to(tab.page, "Menu")
    await tab.page.keyboard.press("Enter")
    await tab_to(tab.page, "Accounts")
    await tab.page.keyboard.press("Enter")
    await tab.page.get_by_role("heading", name="Accounts", level=1).wait_for()


async def test_a_text_is_approved_with_one_key(site: Site, campaign_things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open("/approvals")
    await tab.page.keyboard.press("a")
    await tab.page.get_by_text("2 texts wait for a decision").wait_for()
    await tab.page.keyboard.press("x")
    await tab.page.get_by_text("1 text waits for a decision").wait_for()
