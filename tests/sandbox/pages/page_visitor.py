"""Somebody at a browser who uses the site's pages by what the real site offers, and nothing else."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from overture_sandbox.testing import SandboxServer

MIRA = "mira@sandbox.test"
PASSWORD = "sandbox-pass"
TOPCARD = 'section[componentkey$="Topcard"]'


class Visitor:
    """Mira, looking at pages in one of the two markups."""

    def __init__(self, page: Page, sandbox: SandboxServer, variant: str) -> None:
        self.page, self.sandbox, self.variant = page, sandbox, variant

    async def log_in(self, password: str = PASSWORD) -> None:
        await self.page.goto(f"{self.sandbox.url}/login")
        await self.page.locator("input[name=session_key]").fill(MIRA)
        await self.page.locator("input[type=password]").fill(password)
        await self.page.locator("form button[type=submit]").click()

    async def step_in(self) -> None:
        """Come back with the cookies of a session that is already open."""
        session = self.sandbox.admin.post("/sessions", account=MIRA)
        url, token = self.sandbox.url, session["csrf_token"]
        await self.page.context.add_cookies(
            [
                {"name": "li_at", "value": session["li_at"], "url": url, "httpOnly": True},
                {"name": "JSESSIONID", "value": f'"{token}"', "url": url},
            ]
        )

    async def open(self, path: str) -> None:
        await self.page.goto(self.sandbox.url + path)

    async def open_profile(self, slug: str) -> None:
        await self.open(f"/in/{slug}/")

    @property
    def top_card(self) -> Locator:
        return self.page.locator(TOPCARD if self.variant == "B" else "section[data-member-id]")

    @property
    def dialog(self) -> Locator:
        return self.page.locator('[aria-labelledby="send-invite-modal"]')

    @property
    def composer(self) -> Locator:
        return self.page.locator("form[id^=msg-form] [contenteditable=true][role=textbox]")

    @property
    def send(self) -> Locator:
        return self.page.locator("form[id^=msg-form] button[type=submit]")

    @property
    def pending(self) -> Locator:
        return self.top_card.locator(
            'a[aria-label^="Pending"], .pvs-profile-actions__custom > button[aria-label^="Pending"]'
        )

    async def open_more(self) -> None:
        await self.top_card.locator("button[aria-expanded]").click()

    async def click_connect(self, name: str) -> None:
        await self.top_card.get_by_label(f"Invite {name} to connect").click()

    async def click_message(self, first_name: str) -> None:
        if self.variant == "B":
            await self.top_card.locator('a[href*="/messaging/compose/"]').click()
        else:
            await self.top_card.get_by_role("button", name=f"Message {first_name}", exact=True).click()

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def send_and_wait(self) -> None:
        async with self.page.expect_response(re.compile("action=createMessage")):
            await self.send.click()

    def invites(self) -> list[dict[str, Any]]:
        return self.sandbox.admin.ledger(kind="invite")

    def messages(self) -> list[str]:
        return [entry["text"] for entry in self.sandbox.admin.ledger(kind="message")]

    async def expect_toast(self, kind: str, text: str) -> None:
        toast = self.page.locator(f'[data-test-artdeco-toast-item-type="{kind}"]')
        await expect(toast.first).to_contain_text(text)
