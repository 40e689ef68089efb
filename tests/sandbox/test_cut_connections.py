"""A real browser in front of a connection that is cut: what it does depends on how."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Error, Page, async_playwright
from visitor import ME, Visitor

from overture_sandbox.testing import SandboxServer

SEND = """async ([me, other]) => {
  const token = document.cookie.match(/JSESSIONID="?([^";]+)/)[1];
  const body = {message: {body: {text: "hello", attributes: []}, originToken: "t"},
    mailboxUrn: me, trackingId: "0123456789abcdef", dedupeByClientGeneratedToken: false,
    hostRecipientUrns: [other]};
  try {
    const answer = await fetch("/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage",
      {method: "POST", headers: {"csrf-token": token}, body: JSON.stringify(body)});
    return `answered ${answer.status}`;
  } catch (error) { return "network error"; }
}"""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture
async def page(sandbox: SandboxServer) -> AsyncIterator[Page]:
    """A browser at the login form, with Mira's cookies."""
    path = os.environ.get("OVERTURE_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: set OVERTURE_CHROMIUM")
    mira = Visitor(sandbox).log_in_as(ME)
    cookies = [{"name": name, "value": value, "url": sandbox.url} for name, value in mira.cookies.items()]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        context = await browser.new_context()
        await context.add_cookies(cookies)  # type: ignore[arg-type]
        opened = await context.new_page()
        await opened.goto(f"{sandbox.url}/login")
        yield opened
        await browser.close()


async def send(page: Page, sandbox: SandboxServer) -> str:
    people = ["mira-oxbow-sbx", "jonas-fernweh-sbx"]
    outcome: str = await page.evaluate(SEND, [Visitor(sandbox).urn_of(one) for one in people])
    return outcome


@pytest.mark.browser
async def test_a_browser_sees_a_network_error_and_sends_only_once(page: Page, sandbox: SandboxServer) -> None:
    sandbox.admin.fault("drop_after_commit", "send_message")
    outcomes = [await send(page, sandbox) for _ in range(3)]

    sandbox.admin.fault("drop_before_commit", "page:profile", times=1)
    with pytest.raises(Error, match="net::ERR"):
        await page.goto(f"{sandbox.url}/in/jonas-fernweh-sbx/")

    assert outcomes == ["network error"] * 3
    assert len(sandbox.admin.ledger(kind="message")) == 3
    assert sandbox.admin.ledger(kind="visit") == []


@pytest.mark.browser
async def test_a_browser_repeats_by_itself_what_a_silent_cut_lost(page: Page, sandbox: SandboxServer) -> None:
    sandbox.admin.fault("drop_after_commit", "send_message", times=1, silent=True)

    outcome = await send(page, sandbox)

    assert outcome == "answered 200"
    assert len(sandbox.admin.ledger(kind="message")) == 2
