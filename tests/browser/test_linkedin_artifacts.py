"""What a browser's failure leaves: the page with its shadow roots, console, network; nothing secret."""

import pytest
from linkedin_stage import USERNAME, Stage
from playwright.async_api import Page

from overture.core.errors import NeedsHuman, PageChanged
from overture.providers.linkedin_browser.session import LinkedInSession
from overture.providers.linkedin_browser.watch import LAST_REQUESTS, briefly
from overture.touchpoints import Connect, Secrets, Snapshot, hide

SECRET = "sandbox-pass"


async def draw(page: Page, body: str) -> None:
    """Put something of ours on the open page."""
    await page.evaluate("(html) => { document.body.innerHTML = html; }", body)


async def seen(stage: Stage, body: str, script: str = "() => undefined") -> Snapshot:
    """What is taken of a page that shows this."""
    async with stage.session() as session:
        await draw(session.desk.tab.page, body)
        await session.desk.tab.page.evaluate(script)
        return await session.snapshot()


async def test_shadow_roots_and_portals_are_in_the_page_scripts_and_fields_are_not(stage: Stage) -> None:
    taken = await seen(
        stage,
        '<main><input name="csrf" value="hidden-token"><script>var inline = 1</script>'
        '<p onclick="x()">a &lt; b</p><div id="host"></div></main>'
        '<div data-floating-ui-portal><div role="menu">menu</div></div>',
        """() => {
          const root = document.querySelector('#host').attachShadow({ mode: 'open' });
          root.innerHTML = '<b>within</b><section id="deeper"></section>';
          root.querySelector('#deeper').attachShadow({ mode: 'open' }).innerHTML = '<u>deepest</u>';
          document.querySelector('input').value = 'typed';
        }""",
    )

    dom = taken.dom or ""
    for part in ('<template shadowrootmode="open"><b>within</b>', "<u>deepest</u>", "menu", "a &lt; b"):
        assert part in dom
    for part in ("hidden-token", "typed", "inline", "onclick"):
        assert part not in dom


async def test_credentials_and_cookies_are_taken_out_wherever_they_stand(stage: Stage) -> None:
    async with stage.session() as session:
        page = session.desk.tab.page
        cookies = {c["name"]: str(c["value"]).strip('"') for c in await page.context.cookies()}
        await draw(page, f'<main title="{cookies["JSESSIONID"]}">{USERNAME} has {SECRET}</main>')
        await page.evaluate("(said) => { console.log(said); document.title = said; }", f"{SECRET} {USERNAME}")
        taken = await session.snapshot()

    everything = f"{taken.dom} {taken.facts} {taken.console} {taken.network}"
    assert taken.console, "the line is kept, without what is secret in it"
    for secret in (SECRET, USERNAME, cookies["JSESSIONID"], cookies["li_at"]):
        assert secret not in everything


async def test_only_the_last_requests_of_this_run_are_kept(stage: Stage) -> None:
    async with stage.session():
        pass  # the page stays open, warm
    ask = "async () => { for (let n = 0; n < 60; n += 1) await fetch(`/gone/${n}?csrf=abc&action=look`); }"
    async with stage.session() as session:
        assert "/login" not in str(session.desk.tab.watch.requests())
        await session.desk.tab.page.evaluate(ask)
        taken = await session.snapshot()

    assert len(taken.network) == LAST_REQUESTS
    assert str(taken.network[-1]["address"]).endswith("/gone/59?action=look")
    assert taken.network[-1]["status"] == 404


async def test_a_page_that_hangs_still_leaves_what_it_asked_for(stage: Stage) -> None:
    async with stage.session() as session:
        page = session.desk.tab.page
        await page.evaluate("() => { setTimeout(() => { for (;;); }, 0); }")
        taken = await session.snapshot()
        assert session.desk.tab.is_hung, "such a page is not used again"

    assert taken.network
    assert taken.facts["error"] == "the page does not answer"


async def test_a_refused_login_leaves_the_form_without_its_secrets(stage: Stage) -> None:
    stage.sender = stage.sender.__class__(
        *(stage.sender.account_id, "mira", stage.provider.name, "UTC"),
        Secrets({"username": USERNAME, "password": "not-the-password"}),
    )
    async with stage.provider.open(stage.sender, stage.trace) as session:
        with pytest.raises(NeedsHuman):
            await session.enter()
        assert isinstance(session, LinkedInSession)
        taken = await session.snapshot()

    assert taken.screenshot
    assert taken.facts["page_class"] == "login"
    assert "password" in (taken.dom or "")
    assert "not-the-password" not in f"{taken.dom} {taken.network} {taken.console}"


async def test_a_covered_control_fails_with_the_page_as_it_was(stage: Stage) -> None:
    stage.admin.post("/page-quirks", {"kind": "overlay_intercept"})
    made = stage.member(connect_placement="primary_button")
    async with stage.session() as session:
        write = session.write(Connect(public_identifier=made["slug"]), stage.sender.account_id)
        with pytest.raises(PageChanged) as failed:
            await write.prepare()
        taken = await session.snapshot()

    assert failed.value.code == "control_blocked"
    assert 'data-testid="interop-shadowdom"' in (taken.dom or "")
    assert stage.ledger("invite") == []


def test_an_address_is_told_without_what_may_be_secret() -> None:
    assert briefly("https://u:p@x.test/a?action=go&csrfToken=1#f") == "https://x.test/a?action=go"
    assert briefly("data:text/html,secret") == "data:"


@pytest.mark.parametrize("written", ["pä&ss", "p%C3%A4%26ss", "pä&amp;ss", "p\\u00e4&ss"])
def test_a_secret_is_hidden_however_it_is_written(written: str) -> None:
    assert "ss" not in hide(f"x {written} x", ["pä&ss"])
