"""Logging in through the form, and what tells a browser that it is in."""

import pytest
from page_visitor import MIRA, Visitor
from playwright.async_api import expect

pytestmark = pytest.mark.browser

LOGGED_IN = {
    "A": "#global-nav .global-nav__primary-link",
    "B": '[data-testid="primary-nav"] nav a[href*="/mynetwork"]',
}


async def test_the_form_leads_to_the_feed_with_the_marker_of_the_markup(stranger_at_login: Visitor) -> None:
    mira = stranger_at_login
    await mira.log_in()
    await mira.page.wait_for_url("**/feed/")
    await expect(mira.page.locator(LOGGED_IN[mira.variant]).first).to_be_visible()
    other = LOGGED_IN["B" if mira.variant == "A" else "A"]

    assert await mira.page.locator(other).count() == 0
    assert [entry["kind"] for entry in mira.sandbox.admin.ledger()] == ["login"]


async def test_the_two_forms_have_the_fields_of_their_make(stranger_at_login: Visitor) -> None:
    page = stranger_at_login.page
    await page.goto(f"{stranger_at_login.sandbox.url}/uas/login")

    is_ids = stranger_at_login.variant == "A"
    assert await page.locator("#username").count() == await page.locator("#password").count() == int(is_ids)
    assert await page.locator('[autocomplete="username webauthn"]').count() == int(not is_ids)
    assert await page.get_by_role("button", name="Sign in").count() == (1 if is_ids else 3)


async def test_a_wrong_password_is_told_at_the_field_and_nothing_opens(stranger_at_login: Visitor) -> None:
    await stranger_at_login.log_in("wrong")

    await expect(stranger_at_login.page.locator("#error-for-password")).to_be_visible()
    await expect(stranger_at_login.page.locator("input[name=session_key]")).to_have_value(MIRA)
    assert [entry["kind"] for entry in stranger_at_login.sandbox.admin.ledger()] == ["login_failed"]


async def test_who_is_logged_in_never_sees_the_form(mira: Visitor) -> None:
    await mira.page.goto(f"{mira.sandbox.url}/login")

    assert mira.page.url == f"{mira.sandbox.url}/feed/"


async def test_pages_speak_the_language_of_the_account(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/logins/{MIRA}", locale="de_DE")
    await mira.open_profile("prisca-hollowell-sbx")

    assert await mira.page.evaluate("document.documentElement.lang") == "de"
    await expect(mira.top_card.get_by_text("Vernetzen").first).to_be_visible()
    await mira.top_card.get_by_text("Vernetzen").first.click()
    await expect(mira.page.get_by_role("button", name="Ohne Notiz senden")).to_be_visible()
