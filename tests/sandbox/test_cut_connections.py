"""A real browser in front of a connection that is cut: it fails once and repeats nothing."""

import os
import shutil

import pytest
from playwright.async_api import Error, async_playwright
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


@pytest.mark.browser
async def test_a_browser_sees_a_network_error_and_sends_only_once(sandbox: SandboxServer) -> None:
    path = os.environ.get("OVERTURE_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: set OVERTURE_CHROMIUM")
    mira = Visitor(sandbox).log_in_as(ME)
    people = [mira.urn_of("mira-oxbow-sbx"), mira.urn_of("jonas-fernweh-sbx")]
    cookies = [{"name": name, "value": value, "url": sandbox.url} for name, value in mira.cookies.items()]
    sandbox.admin.fault("drop_after_commit", "send_message")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        context = await browser.new_context()
        await context.add_cookies(cookies)  # type: ignore[arg-type]
        page = await context.new_page()
        await page.goto(f"{sandbox.url}/login")
        outcomes = [await page.evaluate(SEND, people) for _ in range(3)]
        sandbox.admin.fault("drop_before_commit", "page:profile", times=1)
        with pytest.raises(Error, match="net::ERR"):
            await page.goto(f"{sandbox.url}/in/jonas-fernweh-sbx/")
        await browser.close()

    assert outcomes == ["network error"] * 3
    assert len(sandbox.admin.ledger(kind="message")) == 3
    assert sandbox.admin.ledger(kind="visit") == []
