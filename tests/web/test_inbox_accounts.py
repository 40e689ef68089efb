"""The page of a Unipile account: what Unipile says, a link to sign in by, checks, webhooks mended."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from playwright.async_api import Browser
from pydantic import SecretStr
from site_stage import Site, served
from test_every_page import COLOURS, look_at

from inbox_desk import Desk
from overture import accounts
from overture.entrypoints.api import acts, unipile_acts
from overture.entrypoints.api.unipile_shapes import SignIn
from overture.entrypoints.bootstrap import App
from overture.providers.unipile.provider import Unipile
from overture_sandbox.testing import SandboxServer
from product import MakeApp, add_account

KEY = "sandbox-unipile-key"
SECRET = "a-secret-of-thirty-two-characters!"
FAR, LOGIN = "tomas-kettering-sbx", {"username": "tomas@sandbox.test", "password": "pw"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(seed=7) as made:
        yield made


@pytest.fixture
async def app(make_app: MakeApp, sandbox: SandboxServer) -> AsyncIterator[App]:
    made = await make_app(
        linkedin_url="http://sandbox.test",
        unipile_dsn=sandbox.url,
        unipile_api_key=SecretStr(KEY),
        unipile_webhook_secret=SecretStr(SECRET),
    )
    provider = Unipile(made.settings, made.clock, made.rng)
    yield replace(made, providers={provider.name: provider})
    await provider.close()


@pytest.fixture
async def site(app: App, browser: Browser) -> AsyncIterator[Site]:
    """The pages on a port; no worker is at work."""
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(app))
        async with contextlib.AsyncExitStack() as tabs:
            yield Site(app, url, browser, tabs)


async def an_account(app: App, handle: str) -> str:
    """An account of Unipile that is not connected yet."""
    await add_account(app, handle)
    async with app.sessions.begin() as db:
        (await accounts.by_handle(db, handle)).provider = "unipile"
    return handle


async def test_webhooks_are_looked_at_and_mended(app: App, site: Site, sandbox: SandboxServer) -> None:
    desk = Desk(app, await an_account(app, "mira"), "unipile-mira")
    await desk.connect()
    await desk.take(desk.message(1, "Hello"))
    await desk.put(desk.relation(2), "messaging")
    tab, small = await site.tab(), await site.tab(scheme="dark", narrow=True)
    hooks = tab.page.locator("section", has=tab.page.get_by_role("heading", name="Webhooks"))

    wrong = await look_at(tab, "/accounts/mira") + await look_at(small, "/accounts/mira", COLOURS)
    await hooks.get_by_text("The last about mira came").wait_for()
    await hooks.get_by_text("1 belong to another address").wait_for()
    await hooks.get_by_role("button", name="Look at Unipile for missing ones").click()
    await tab.page.get_by_text("nothing delivers users, messaging, account status here.").wait_for()
    await tab.page.get_by_role("button", name="Mend them").click()
    await tab.page.get_by_text("3 made, 0 wrong ones deleted, 0 were right.").wait_for()
    await hooks.get_by_role("button", name="Look at Unipile for missing ones").click()
    await tab.page.get_by_text("Everything wanted is delivered here.").wait_for()

    assert wrong == []
    assert await tab.page.get_by_text("Right", exact=True).count() == 3
    assert SECRET not in await tab.page.content()


async def test_an_account_is_connected_by_a_link_and_answers_a_check(
    app: App, site: Site, sandbox: SandboxServer
) -> None:
    sandbox.admin.post("/logins", slug=FAR, username=LOGIN["username"], password=LOGIN["password"])
    await an_account(app, "tomas")
    tab = await site.tab()
    await tab.open("/accounts/tomas")
    await tab.page.get_by_role("button", name="Make a link to connect").click()
    link = tab.page.get_by_role("link", name="Open it")
    assert str(await link.get_attribute("href")).startswith(sandbox.url)
    await tab.page.get_by_role("link", name="Back to tomas").click()

    sandbox.admin.patch(f"/logins/{LOGIN['username']}", checkpoint="totp")
    await unipile_acts.connect(app, SignIn.model_validate({"handle": "tomas", **LOGIN}))
    await tab.page.reload()
    await tab.page.get_by_label("The code").fill(sandbox.admin.get("/checkpoints")[-1]["code"])
    await tab.page.get_by_role("button", name="Answer").click()
    await tab.page.get_by_text("It is connected.").wait_for()
    await tab.page.get_by_role("button", name="Make a link to reconnect").wait_for()

    assert (await acts.show_account(app, "tomas")).state == "active"
    assert tab.complaints == []
