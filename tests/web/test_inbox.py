"""The inbox in the browser: read, corrected, labelled, put off, answered once, and kept up by itself."""

import re
from datetime import timedelta

import pytest
from inbox_stage import an_inbox, furnish_inbox
from playwright.async_api import Request
from site_stage import CANARY, Site, Tab, uuid_in
from sqlalchemy import select
from test_every_page import COLOURS, look_at

from fakes import ScriptedProvider, fail, hang
from inbox_desk import Desk
from overture import campaigns, inbox, people
from overture.campaigns import OVER, Enrollment
from overture.core.errors import NotPossible
from overture.db import Event
from overture.entrypoints.api.outreach import conversation_acts
from overture.inbox import Change
from overture.people import suppression
from overture.runs import Run
from waiting import eventually

pytestmark = pytest.mark.browser

# In one go: the page may show itself anew between two steps, and then knows what was seen.
SEND_AS_SEEN_LONG_AGO = """() => {
    const seen = document.querySelector('[name=seen]');
    seen.value = '2001-01-01T00:00:00+00:00';
    seen.form.requestSubmit();
}"""


@pytest.fixture
async def desk(site: Site, provider: ScriptedProvider) -> Desk:
    return await an_inbox(site, provider)


@pytest.fixture
async def made(site: Site, desk: Desk) -> dict[str, str]:
    """Conversations with answers of every kind."""
    return await furnish_inbox(site, desk)


async def names_on(tab: Tab) -> list[str]:
    """Whose conversations the page lists."""
    return await tab.page.locator(".thread-who").all_inner_texts()


async def change(site: Site, conversation_id: str, wanted: Change) -> None:
    """Change a conversation as somebody else does."""
    await conversation_acts.change(site.app, uuid_in("cnv", conversation_id), wanted)


async def test_every_page_of_the_inbox_is_whole(site: Site, made: dict[str, str], desk: Desk) -> None:
    """In the light and wide; and on a telephone in the dark: nothing sticks out, nobody is kept out."""
    await change(site, made["lea-1"], Change(add_labels=("interested", "w" * 50)))
    await change(site, made["lea-4"], Change(snooze_until=site.app.now()))
    pages = ["/inbox", f"/inbox/{made['lea-1']}"]
    alike = [f"/inbox/{made['lea-2']}?view=all", f"/inbox/{made['nobody']}"]
    tab, small = await site.tab(), await site.tab(scheme="dark", narrow=True)

    wrong = [one for path in pages for one in await look_at(tab, path)]
    wrong += [one for path in pages for one in await look_at(small, path, COLOURS)]
    wrong += [one for path in alike for one in await look_at(small, path, None)]

    assert wrong == []
    await tab.open(f"/inbox/{made['lea-2']}")
    assert CANARY in await tab.page.locator("#thread").inner_text()
    for path in ("/inbox?view=snoozed&q=nobody", "/inbox?view=snoozed", "/inbox?kind=decline&label=none"):
        await tab.open(path)
        await tab.page.locator(".nothing-title").wait_for()


async def test_conversations_are_found_and_counted(site: Site, made: dict[str, str], desk: Desk) -> None:
    await change(site, made["lea-3"], Change(snooze_until=site.app.now() + timedelta(days=1)))
    await change(site, made["lea-4"], Change(snooze_until=site.app.now()))
    tab = await site.tab()
    listed = {
        "": ["Lea 4", "Lea 1", "Lea 2", "A group without a name", "Lea 6"],
        "?view=unread": ["Lea 1", "Lea 2", "Lea 4", "A group without a name"],
        "?view=answer": ["Lea 1", "Lea 2", "Lea 4", "A group without a name"],
        "?view=snoozed": ["Lea 3"],
        "?view=all&kind=opt_out": ["Lea 2"],
        "?view=all&q=20 people": ["Lea 1"],
        "?view=all&account=ada&kind=auto_reply": ["Lea 3"],
    }
    for query, expected in listed.items():
        await tab.open(f"/inbox{query}")
        assert await names_on(tab) == expected, query
    count = tab.page.locator(".side .count")
    assert re.match(r"4\b", await count.inner_text())

    await tab.page.get_by_label("Their last word").select_option("decline")
    await tab.page.get_by_role("button", name="Show").click()
    await tab.page.wait_for_url(re.compile(r"/inbox\?view=all&account=ada&kind=decline$"))
    assert await names_on(tab) == ["Lea 4"]


async def test_what_comes_in_appears_by_itself_and_is_read_once_it_was_seen(
    site: Site, made: dict[str, str], desk: Desk
) -> None:
    tab, other = await site.tab(), await site.tab()
    await tab.open(f"/inbox/{made['lea-1']}")
    await other.open("/inbox?view=unread")
    await tab.until_live()
    await other.until_live()
    await tab.page.locator("#thread").get_by_text("New", exact=True).wait_for(state="detached")

    await tab.page.locator("#answer-text").fill("half an answer")
    await desk.take(desk.message(1, "And for 50?"), desk.message(7, "A stranger's word"))

    await tab.page.locator("#thread").get_by_text("And for 50?").wait_for()
    await other.page.get_by_text("A stranger's word").wait_for()

    async def all_read() -> bool:
        async with site.app.sessions() as db:
            return (await inbox.by_id(db, uuid_in("cnv", made["lea-1"]))).unread_count == 0

    await eventually(all_read)
    assert await tab.page.locator("#answer-text").input_value() == "half an answer"
    assert tab.complaints == other.complaints == []


async def test_an_answer_is_sent_once_however_often_the_button_is_pressed(
    site: Site, made: dict[str, str], desk: Desk, provider: ScriptedProvider
) -> None:
    provider.script("lea-1", hang())
    text = "  400 a month.\n\nShall we talk? 🙂 “quoted”\t<b>\n"
    tab = await site.tab()
    await tab.open(f"/inbox/{made['lea-1']}")
    await tab.until_live()
    await tab.page.keyboard.press("r")
    await tab.page.keyboard.insert_text(text)
    posts: list[Request] = []
    tab.page.on("request", lambda one: posts.append(one) if "/send" in one.url else None)
    await tab.page.get_by_role("button", name="Send").dblclick()

    sending = tab.page.locator("#thread .bubble", has_text="400 a month.")
    await sending.get_by_text("Sending").wait_for()
    form, kind = posts[0].post_data_buffer, posts[0].headers["content-type"]
    for _ in range(2):  # as a browser does that is told to send the form again
        again = await tab.page.request.post(
            posts[0].url, data=form, headers={"content-type": kind}, max_redirects=0
        )
        assert again.status == 303
    provider.let_go()
    await sending.get_by_text("Sent", exact=True).wait_for()

    async with site.app.sessions() as db:
        found = (await db.scalars(select(Run).where(Run.tags.contains(["inbox"])))).all()
    assert [one.touchpoint_input["message"] for one in found] == [text]
    assert len([one for one in provider.sent if one.target == "lea-1"]) == 1
    assert await sending.count() == 1
    assert await tab.page.locator("#answer-text").input_value() == ""


async def test_what_the_gate_refuses_is_told_with_its_reason(
    site: Site, made: dict[str, str], desk: Desk, provider: ScriptedProvider
) -> None:
    provider.script("lea-1", fail(NotPossible("not_connected", "You are not connected with them.")))
    tab = await site.tab()
    await tab.open(f"/inbox/{made['lea-1']}")
    await tab.until_live()
    await tab.page.locator("#answer-text").fill("Hello?")
    await tab.page.keyboard.press("Control+Enter")

    refused = tab.page.locator("#thread .bubble", has_text="Not sent")
    await refused.get_by_text("You are not connected with them.").wait_for()
    await refused.get_by_role("button", name="Take it into a new answer").click()
    assert await tab.page.locator("#answer-text").input_value() == "Hello?"

    await tab.page.evaluate(SEND_AS_SEEN_LONG_AGO)
    await tab.page.get_by_text("They wrote while you were writing, so nothing was sent.").wait_for()
    assert await tab.page.locator("#answer-text").input_value() == "Hello?"
    async with site.app.sessions() as db:
        assert len((await db.scalars(select(Run).where(Run.tags.contains(["inbox"])))).all()) == 1


async def test_a_correction_to_opt_out_suppresses_and_ends_what_was_planned(
    site: Site, made: dict[str, str], desk: Desk
) -> None:
    tab = await site.tab()
    await tab.open(f"/inbox/{made['lea-1']}")
    meaning = tab.page.locator(".meaning")
    await meaning.locator("summary").click()
    await meaning.get_by_text("The rules found no word that leaves no doubt").wait_for()
    await meaning.get_by_label("It is").select_option("opt_out")
    await meaning.get_by_label("Why, kept in the log").fill("said so on the phone")
    await meaning.get_by_role("button", name="Correct it").click()

    await tab.page.get_by_text("Opt-out: They are never contacted again.").wait_for()
    await tab.page.locator(".alert", has_text="Never to be contacted:").wait_for()
    await tab.page.get_by_text("The gate refuses every message to this person").wait_for()
    await tab.page.locator(".meaning summary", has_text="said by page").wait_for()
    async with site.app.sessions() as db:
        of = await inbox.by_id(db, uuid_in("cnv", made["lea-1"]))
        assert of.lead_id is not None
        held = (await people.is_suppressed(db, [of.lead_id], site.app.now()))[of.lead_id]
        told = (await db.scalars(select(Event).where(Event.type == "inbox.corrected"))).one()
        assert (held.reason, held.by) == ("opt_out", "page")
        assert (told.lead_id, told.data["to"], told.data["why"]) == (
            of.lead_id,
            "opt_out",
            "said so on the phone",
        )

    async def ended() -> bool:
        await campaigns.tick(site.app.planner_kit, site.app.now())
        async with site.app.sessions() as db:
            found = (await db.scalars(select(Enrollment))).one()
            return (found.state in OVER, found.reason) == (True, "opted_out")

    await eventually(ended)


async def test_a_stranger_who_opts_out_is_suppressed_by_what_linkedin_calls_them(
    site: Site, made: dict[str, str], desk: Desk
) -> None:
    tab = await site.tab()
    await tab.open(f"/inbox/{made['lea-4']}")
    await tab.page.keyboard.press("o")
    await tab.page.get_by_role("button", name="Never contact them again").click()
    await tab.page.locator(".alert", has_text="Never to be contacted:").wait_for()

    async with site.app.sessions() as db:
        found = await suppression.page(db, suppression.SuppressionFilter(kind="linkedin"), None, 10)
    assert "lea-4" in {one.value for one in found}


async def test_a_conversation_is_worked_without_a_mouse(site: Site, made: dict[str, str], desk: Desk) -> None:
    tab = await site.tab()
    await tab.open("/")
    page = tab.page
    for key in ("g", "i"):
        await page.keyboard.press(key)
    await page.get_by_role("heading", name="Inbox", level=1).wait_for()
    for key in ("j", "j", "k", "Enter"):
        await page.keyboard.press(key)
    await page.get_by_role("heading", name="Lea 1", level=1).wait_for()
    await page.keyboard.press("j")
    await page.get_by_role("heading", name="Lea 2", level=1).wait_for()
    await page.keyboard.press("k")
    await page.get_by_role("heading", name="Lea 1", level=1).wait_for()

    await page.keyboard.press("l")
    await page.keyboard.type("interested")
    await page.keyboard.press("Enter")
    await page.locator(".labels .tag", has_text="interested").wait_for()
    await page.keyboard.press("r")
    await page.keyboard.type("half a sentence, hjkl")
    await page.reload()
    assert await page.locator("#answer-text").input_value() == "half a sentence, hjkl"

    await page.keyboard.press("u")
    await page.get_by_text("It is unread again.").wait_for()
    await page.locator(".thread.is-unread", has_text="Lea 1").wait_for()
    await page.locator(".thread", has_text="Lea 1").press("Enter")
    await page.get_by_role("heading", name="Lea 1", level=1).wait_for()
    await page.keyboard.press("h")
    await page.keyboard.press("Enter")
    await page.get_by_text("Put off. It comes back").wait_for()
    assert "Lea 1" not in await names_on(tab)
    assert tab.complaints == []


async def test_a_snooze_that_is_over_comes_back_on_top_by_itself(
    site: Site, made: dict[str, str], desk: Desk
) -> None:
    await change(site, made["lea-6"], Change(snooze_until=site.app.now() + timedelta(seconds=4)))
    tab = await site.tab()
    await tab.open("/inbox")
    await tab.until_live()
    assert "Lea 6" not in await names_on(tab)

    await tab.page.get_by_role("heading", name="Back from snooze").wait_for()
    assert (await names_on(tab))[0] == "Lea 6"
    await tab.page.locator(".thread", has_text="Lea 6").click()
    await tab.page.get_by_role("button", name="Take up").click()
    await tab.page.get_by_text("It is back in the inbox.").wait_for()
    assert await tab.page.get_by_role("button", name="Take up").count() == 0
