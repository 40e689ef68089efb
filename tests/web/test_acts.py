"""What a person does on the pages: pause, stop, cancel, resolve, filter, approve; each in the browser."""

import re
from datetime import timedelta
from typing import Any

import pytest
from site_stage import LETTERS, Site, Tab, uuid_in
from sqlalchemy import select, update

from overture import accounts, campaigns, people, runs
from overture.campaigns import Approval, CampaignSettings, Enrollment, Lane, NewCampaign, approvals
from overture.core.ids import public_id
from overture.db import Event
from overture.entrypoints.api import acts
from overture.entrypoints.web import sign_in_link
from overture.touchpoints.profile import Profile, to_json
from product import API_KEY
from waiting import eventually

pytestmark = pytest.mark.browser


async def test_an_account_is_paused_and_resumed(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open("/accounts/ada")
    await tab.page.get_by_role("button", name="Pause", exact=True).click()
    await tab.page.get_by_text("ada is paused: it begins nothing more.").wait_for()
    assert (await acts.show_account(site.app, "ada")).state == "paused"

    await tab.page.get_by_role("button", name="Resume").click()
    await tab.page.get_by_text("ada may act again.").wait_for()
    assert (await acts.show_account(site.app, "ada")).state == "active"


async def test_everything_is_stopped_and_let_go_on(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open("/")
    await tab.page.get_by_text("Stop everything").click()
    await tab.page.get_by_label("Why?").fill("a wrong list <b>was</b> imported")
    await tab.page.get_by_role("button", name="Turn the kill switch on").click()
    banner = tab.page.locator(".banner", has_text="Kill switch is on:")
    await banner.get_by_text("a wrong list <b>was</b> imported").wait_for()
    async with site.app.sessions() as db:
        assert [one.scope for one in await accounts.switches_on(db)] == ["global"]

    await banner.get_by_role("button", name="Turn it off").click()
    await tab.page.get_by_text("Kill switch off: everything may go on.").wait_for()
    async with site.app.sessions() as db:
        assert not await accounts.switches_on(db)


async def test_a_waiting_run_is_cancelled(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open(f"/runs/{things['waiting']}")
    await tab.page.get_by_role("button", name="Cancel").click()
    await tab.page.locator(".chip", has_text="Cancelled").wait_for()

    await site.until(things["waiting"], "cancelled")


async def test_a_failed_run_is_tried_again(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    before = await show(site, things["failed"])
    await tab.open(f"/runs/{things['failed']}")
    await tab.page.get_by_role("button", name="Retry").click()

    async def again() -> bool:
        return (await show(site, things["failed"])) > before

    await eventually(again)


async def show(site: Site, run_id: str) -> int:
    """How often a run was tried."""
    return len((await acts.show_run(site.app, uuid_in("run", run_id))).attempts)


async def test_a_person_says_what_became_of_a_run(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open(f"/runs/{things['held']}")
    await tab.page.get_by_label("It happened").check()
    await tab.page.get_by_label("Note, kept with the run").fill("seen in the thread")
    await tab.page.get_by_role("button", name="Write it down").click()
    await tab.page.locator(".chip", has_text="Completed").wait_for()

    run = await acts.show_run(site.app, uuid_in("run", things["held"]))
    assert (run.status, run.effect) == ("completed", "confirmed")


async def test_a_failed_run_shows_its_steps_and_its_picture(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open(f"/runs/{things['failed']}")

    picture = tab.page.locator("img.shot")
    await picture.scroll_into_view_if_needed()
    await eventually(lambda: picture.evaluate("shot => shot.naturalWidth > 0"))
    assert await tab.page.locator(".stepper li").count() >= 4
    assert (
        "overture run enrich --handle ada"
        in await tab.page.get_by_label("As a command", exact=True).inner_text()
    )
    assert API_KEY not in await tab.page.content()
    saved = await tab.page.request.get(
        f"{site.url}{await tab.page.get_by_text('Page', exact=True).get_attribute('href')}"
    )
    assert saved.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in saved.headers["content-security-policy"]


async def test_a_filter_stands_in_the_address(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open("/runs")
    await tab.page.get_by_label("Status").select_option("failed")
    await tab.page.get_by_role("button", name="Show").click()
    await tab.page.wait_for_url(re.compile(r"/runs\?status=failed$"))
    assert await rows_of(tab.page) == [things["failed"]]

    await tab.page.reload()
    assert await rows_of(tab.page) == [things["failed"]]
    await tab.page.get_by_label("Error code").fill("none_such")
    await tab.page.get_by_role("button", name="Show").click()
    await tab.page.get_by_text("No run is like that").wait_for()


async def rows_of(page: object) -> list[str]:
    """The runs on the page, by id."""
    found: list[str] = await page.evaluate(  # type: ignore[attr-defined]
        "[...document.querySelectorAll('tr[id^=row-]')].map(row => row.id.slice(4))"
    )
    return found


async def test_numbers_lead_to_the_rows_behind_them(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    for name in ("Sent in 24 hours", "Waiting", "Unknown", "Failed"):
        await tab.open("/")
        tile = tab.page.locator(".tile", has=tab.page.get_by_text(name, exact=True))
        number = int(await tile.locator(".tile-number").inner_text())
        await tile.click()
        await tab.page.get_by_role("heading", name="Runs", level=1).wait_for()
        assert len(await rows_of(tab.page)) == number, name


async def test_numbers_of_a_campaign_lead_to_its_leads(site: Site, campaign_things: dict[str, str]) -> None:
    tab = await site.tab()
    for stage in ("Enrolled", "Needs you"):
        await tab.open(f"/campaigns/{campaign_things['founders']}")
        link = tab.page.locator(".funnel a", has_text=stage)
        number = int(await link.locator(".tile-number").inner_text())
        await link.click()
        await tab.page.get_by_role("heading", name="Leads", level=1).wait_for()
        assert len(await rows_of(tab.page)) == number, stage


async def test_pages_of_runs_meet_each_row_once(site: Site, things: dict[str, str]) -> None:
    later = site.app.now().replace(year=site.app.now().year + 1)
    made = [
        await site.submit({"type": "visit", "public_identifier": f"person-{number}"}, not_before=later)
        for number in range(60)
    ]
    tab = await site.tab()
    await tab.open("/runs?status=pending&type=visit")
    first = await rows_of(tab.page)
    await tab.page.get_by_role("link", name="Older").click()
    await tab.page.get_by_role("link", name="Newest").wait_for()

    assert [*first, *await rows_of(tab.page)] == [*reversed(made), things["waiting"]]


async def test_a_schedule_is_paused(site: Site, things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open(f"/schedules/{things['schedule']}")
    await tab.page.get_by_role("button", name="Pause", exact=True).click()
    await tab.page.get_by_text("None while it is paused.").wait_for()
    await tab.page.get_by_role("button", name="Resume").click()
    await tab.page.get_by_text("The schedule goes on.").wait_for()


async def test_a_text_is_edited_and_approved_as_it_is(site: Site, campaign_things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open("/approvals")
    card = tab.page.locator("article", has_text="Zoë")
    await card.get_by_text("Edit the text").click()
    await card.locator("textarea").fill("Dear Zoë,\n\n  two lines\n")
    await card.get_by_role("button", name="Keep the change").click()
    card = tab.page.locator("article", has_text="two lines")
    await card.get_by_text("Edited by a person").wait_for()
    await card.get_by_role("button", name="Approve").click()
    await tab.page.get_by_text("2 texts wait for a decision").wait_for()


async def test_a_text_that_changed_meanwhile_is_not_approved(
    site: Site, campaign_things: dict[str, str]
) -> None:
    one, other = await site.tab(), await site.tab()
    await one.open("/approvals")
    await other.open("/approvals")
    card = other.page.locator("article", has_text="Zoë")
    await card.get_by_text("Edit the text").click()
    await card.locator("textarea").fill("Something else")
    await card.get_by_role("button", name="Keep the change").click()
    await other.page.get_by_text("Changed: approve it as it is now.").wait_for()

    await one.page.locator("article", has_text="Zoë").get_by_role("button", name="Approve").click()
    await one.page.get_by_text("The text is another one by now.").wait_for()


async def test_a_campaign_and_a_lead_of_it_are_paused(site: Site, campaign_things: dict[str, str]) -> None:
    tab = await site.tab()
    await tab.open(f"/campaigns/{campaign_things['founders']}")
    await tab.page.get_by_role("button", name="Pause", exact=True).click()
    await tab.page.get_by_text("The campaign is paused: nothing more begins.").wait_for()
    await tab.open(f"/enrollments/{campaign_things['enrollment']}")
    await tab.page.get_by_role("button", name="Pause", exact=True).click()
    await tab.page.get_by_text("It rests until somebody resumes it.").wait_for()
    await tab.page.locator(".standing", has_text="Paused by a person.").wait_for()


async def test_a_file_is_brought_mapped_and_taken_in(site: Site) -> None:
    tab = await site.tab()
    await import_ada(tab)
    await tab.open("/leads")
    await tab.page.get_by_role("link", name="Ada Lovelace").wait_for()


async def import_ada(tab: Tab) -> None:
    """Bring a file of one person, and a row that is none."""
    await tab.open("/imports")
    rows = b"First Name,Last Name,Email,Topic\nAda,Lovelace,ada@example.com,engines\n,,not an address,x\n"
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": rows}
    await tab.page.get_by_label("A file of people").set_input_files(file)  # type: ignore[arg-type]
    await tab.page.get_by_role("button", name="Look at it").click()
    await tab.page.get_by_role("button", name="Take everybody in").click()
    await tab.page.locator(".chip", has_text="Finished").wait_for()


async def test_a_sign_in_link_opens_the_home_page(site: Site) -> None:
    tab = await site.tab(signed_in=False)
    await tab.page.goto(sign_in_link(site.url, API_KEY, site.app.now()))
    await tab.page.get_by_role("heading", name="Home", level=1).wait_for()


async def test_somebody_is_never_contacted_and_lifting_says_why(
    site: Site, campaign_things: dict[str, str]
) -> None:
    tab = await site.tab()
    await tab.open(f"/leads/{campaign_things['lead']}")
    await tab.page.get_by_text("Never contact", exact=True).click()
    await tab.page.get_by_label("Reason").select_option("opt_out")
    await tab.page.get_by_role("button", name="Never contact this person").click()
    await tab.page.get_by_text("Never to be contacted:").wait_for()

    await tab.open("/suppressions")
    row = tab.page.locator("tbody tr")
    await row.get_by_text("They asked not to be contacted", exact=True).wait_for()
    await row.locator("summary").click()
    await tab.page.get_by_label("Why? It is kept in the log.").fill("they wrote again")
    await tab.page.get_by_role("button", name="Allow contact again").click()
    await tab.page.get_by_text("Nobody is on the list").wait_for()
    async with site.app.sessions() as db:
        query = select(Event.data).where(Event.type == "suppression.lifted")
        assert [one["why"] for one in await db.scalars(query)] == ["they wrote again"]


async def test_an_address_is_put_on_the_list_and_held_against_it(site: Site) -> None:
    tab = await site.tab()
    await tab.open("/suppressions")
    await tab.page.get_by_label("What it is").select_option("domain")
    await tab.page.get_by_label("Which").fill("Customer.Example")
    await tab.page.get_by_role("button", name="Never contact").click()
    await tab.page.get_by_text("customer.example is never contacted from now on.").wait_for()

    for who, said in (("zoë@mail.customer.example", "No"), ("zoe@other.example", "Yes")):
        await tab.page.get_by_label("Address, profile, domain or company").fill(who)
        await tab.page.get_by_role("button", name="Look").click()
        await tab.page.get_by_role("status").locator(".chip", has_text=said).wait_for()
    await tab.page.get_by_label("Search").fill("nothing like it")
    await tab.page.get_by_role("button", name="Show").click()
    await tab.page.get_by_text("None is like that").wait_for()


async def test_a_campaign_is_made_from_the_library_and_filled_from_an_import(
    site: Site, things: dict[str, str]
) -> None:
    tab = await site.tab()
    await import_ada(tab)
    await tab.open("/campaigns/new")
    await tab.page.get_by_label("Name").fill("Spring")
    await tab.page.get_by_label("Invite, then write").check()
    await tab.page.get_by_label("ada", exact=False).check()
    await tab.page.get_by_role("button", name="Make the draft").click()
    await tab.page.get_by_role("heading", name="Spring", level=1).wait_for()

    await tab.page.get_by_role("button", name="Only tell what would happen").click()
    await tab.page.get_by_text("1 of 1 would be in; nothing was kept.").wait_for()
    await tab.page.get_by_role("button", name="Put them in").click()
    await tab.page.get_by_text("1 of 1 are in.").wait_for()
    await tab.page.get_by_role("button", name="Put them in").click()
    await tab.page.get_by_text("0 of 1 are in; 1 left out: duplicate in campaign.").wait_for()
    await tab.page.get_by_role("link", name="All leads").click()
    await tab.page.get_by_role("link", name="Ada Lovelace").click()
    await tab.page.get_by_text("the lead has no address for linkedin").first.wait_for()


async def test_a_stale_text_says_that_it_is_never_sent(site: Site, campaign_things: dict[str, str]) -> None:
    async with site.app.sessions.begin() as db:
        found = await db.scalar(select(Approval.id).where(Approval.state == "pending").limit(1))
        assert found is not None
        approval = await approvals.by_id(db, found)
        await approvals.make_stale(db, approval, site.app.now(), "the text or its recipient changed")
    tab = await site.tab()
    await tab.open("/approvals")
    await tab.page.get_by_role("link", name="Stale").click()
    card = tab.page.locator("article")
    await card.get_by_text("This text is stale and is never sent").wait_for()
    assert await card.get_by_role("button").count() == 0


async def test_the_preview_reads_the_profile_as_the_planner_does(
    site: Site, campaign_things: dict[str, str]
) -> None:
    """The text the page shows names what was read of the person, as the text that is sent will."""
    app, now = site.app, site.app.now()
    profile = Profile("urn:li:fsd_profile:p2", profile_id="p2", public_identifier="person-2",
                      first_name="Zoë", headline="Builds engines")  # fmt: skip
    run_id = await site.submit({"type": "enrich", "public_identifier": "person-2"})
    await site.until(run_id, "completed")
    async with app.sessions.begin() as db:
        lead_id = (await people.owners(db, [people.Key("linkedin", "person-2")])).popitem()[1]
        run = await runs.by_id(db, uuid_in("run", run_id))
        reading = people.Reading(to_json(profile), profile, run)
        await people.enriched(db, app.ids, now, await people.by_id(db, lead_id), reading)
    plan = {**LETTERS, "steps": [step("{{ first_name }}: {{ profile.headline }}")]}
    async with app.sessions.begin() as db:
        made = NewCampaign("Engines", plan, CampaignSettings(accounts={"ada": 1}, active_elsewhere="enroll"))
        campaign = await campaigns.create(db, app.ids, made, "test", now)
        await campaigns.do(db, app.ids, campaign, "start", "test", now)
        receipt = await campaigns.enroll(db, app.ids, campaign, [lead_id], "test", now)
    (row,) = receipt.rows
    assert row.enrollment_id is not None
    tab = await site.tab()
    await tab.open(f"/enrollments/{public_id('enr', row.enrollment_id)}")

    await tab.page.locator(".plan").get_by_text("Zoë: Builds engines").wait_for()


def step(message: str) -> dict[str, Any]:
    """A message with this text."""
    return {"id": "write", "channel": "linkedin", "touchpoint": {"type": "message", "message": message}}


async def test_home_tells_what_the_lanes_will_do_and_what_is_blocked(
    site: Site, campaign_things: dict[str, str]
) -> None:
    """The queue of a lane, readings and waits stand in the next 24 hours; leads that need somebody above."""
    async with site.app.sessions.begin() as db:
        await db.execute(
            update(Enrollment)
            .where(Enrollment.id == uuid_in("enr", campaign_things["enrollment"]))
            .values(reason="missing_variable", next_action_at=None)
        )
        lane = await db.scalars(select(Lane).where(Lane.lane == "follow_up"))
        for one in lane:
            one.next_at = site.app.now() + timedelta(hours=2)
        await db.execute(
            update(Enrollment)
            .where(Enrollment.id == uuid_in("enr", campaign_things["unnamed"]))
            .values(reason="queued", lane="follow_up", next_action_at=site.app.now())
        )
    tab = await site.tab()
    await tab.open("/")
    await tab.page.locator(".banner", has_text="1 lead of Founders cannot go on").wait_for()
    coming = tab.page.locator("[aria-labelledby=h-coming]")
    await coming.locator("li", has_text="Message").get_by_text("1 lead queues").wait_for()
    await tab.open("/accounts/ada")
    await coming.locator("li", has_text="Message").get_by_text("1 lead queues").wait_for()
