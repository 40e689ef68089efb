"""Pages that keep up by themselves: rows change where they stand, nothing moves, and it can be paused."""

import pytest
from playwright.async_api import Route
from site_stage import Site, uuid_in

from overture.entrypoints.api import acts

pytestmark = pytest.mark.browser


async def test_a_row_changes_where_it_stands(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open("/runs")
    await tab.until_live()
    row = tab.page.locator(f"#row-{things['waiting']}")
    await row.get_by_text("Waiting").wait_for()
    await tab.page.evaluate("document.querySelector('#runs').dataset.kept = 'yes'")

    await acts.cancel_run(site.app, uuid_in("run", things["waiting"]))

    await row.get_by_text("Cancelled").wait_for()
    assert tab.complaints == []


async def test_newer_runs_wait_behind_a_button(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open("/runs")
    await tab.until_live()
    top = await tab.page.locator("tbody tr").first.get_attribute("id")

    made = await site.submit({"type": "visit", "public_identifier": "somebody-new"})
    await tab.page.get_by_role("link", name="Show 1 newer").wait_for()
    assert await tab.page.locator("tbody tr").first.get_attribute("id") == top

    await tab.page.get_by_role("link", name="Show 1 newer").click()
    await tab.page.locator(f"#row-{made}").wait_for()


async def test_a_run_page_follows_its_run(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open(f"/runs/{things['waiting']}")
    await tab.until_live()

    await acts.cancel_run(site.app, uuid_in("run", things["waiting"]))

    await tab.page.locator(".chip", has_text="Cancelled").wait_for()


async def test_the_home_page_follows_accounts_and_keeps_what_is_being_written(
    site: Site, things: dict[str, str]
) -> None:
    tab = await site.tab()
    await tab.open("/")
    await tab.until_live()
    await tab.page.get_by_text("Stop everything").click()
    await tab.page.get_by_label("Why?").fill("half a sentence")

    await acts.pause_account(site.app, "ada", "a reason nobody wrote here", "test")

    await tab.page.get_by_text("a reason nobody wrote here").wait_for()
    assert await tab.page.get_by_label("Why?").input_value() == "half a sentence"


async def test_paused_pages_stand_still_until_they_go_on(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open("/runs")
    await tab.until_live()
    button = tab.page.locator("#pause")
    await button.click()
    await tab.page.get_by_role("button", name="Paused", exact=True).wait_for()

    await acts.cancel_run(site.app, uuid_in("run", things["waiting"]))

    await tab.page.get_by_role("button", name="Paused, news").wait_for()
    row = tab.page.locator(f"#row-{things['waiting']}")
    assert await row.get_by_text("Waiting").count() == 1
    await button.click()
    await row.get_by_text("Cancelled").wait_for()


async def test_a_page_whose_session_ended_goes_to_the_sign_in_page(
    site: Site, things: dict[str, str]
) -> None:
    tab = await site.tab()
    await tab.open("/runs")
    await tab.until_live()
    await tab.page.context.clear_cookies()

    await acts.cancel_run(site.app, uuid_in("run", things["waiting"]))

    await tab.page.get_by_label("API key").wait_for()


async def test_what_changes_before_the_page_listens_is_seen_as_well(
    site: Site, things: dict[str, str]
) -> None:
    """A page that could not begin to listen says so, and tries again by itself."""
    tab = await site.tab()
    await tab.page.route("**/live*", lambda route: route.abort())
    await tab.open("/runs")
    await tab.page.get_by_role("button", name="Not live", exact=True).wait_for()
    await acts.cancel_run(site.app, uuid_in("run", things["waiting"]))
    await tab.page.unroute("**/live*")

    await tab.until_live()
    await tab.page.locator(f"#row-{things['waiting']}").get_by_text("Cancelled").wait_for()
    await tab.page.get_by_role("button", name="Live", exact=True).wait_for()


async def test_an_outage_at_the_first_try_changes_nothing_on_the_page(
    site: Site, things: dict[str, str]
) -> None:
    tab = await site.tab()
    page = "<!doctype html><title>Not available</title><div id=live>out of order</div>"
    refusal = {"status": 503, "content_type": "text/html", "body": page}
    await tab.page.route("**/live*", lambda route: route.fulfill(**refusal))
    await tab.open(f"/runs/{things['waiting']}")
    title = await tab.page.title()
    await tab.page.get_by_role("button", name="Not live", exact=True).wait_for()
    assert (await tab.page.title(), await tab.page.locator("#live").inner_text()) == (title, "")
    await tab.page.unroute("**/live*")

    await tab.until_live()


async def test_a_page_listens_however_late_its_scripts_come(site: Site, things: dict[str, str]) -> None:
    """On a slow line the first script had begun its work when the one that listens was still on its way."""
    tab = await site.tab()

    async def late(route: Route) -> None:
        await tab.page.evaluate(FIRST_SCRIPT_HAD_ITS_TURN)
        await route.continue_()

    await tab.page.route("**/hx-sse*", late)
    await tab.open("/runs")

    await tab.until_live()


FIRST_SCRIPT_HAD_ITS_TURN = """() => new Promise((done) => {
  const look = () => (window.htmx ? setTimeout(() => setTimeout(done)) : setTimeout(look));
  look();
})"""
