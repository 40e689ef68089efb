"""Writing to people: the bubble, the keys of both modes, what Send believes, drafts, and what failed."""

import re

import pytest
from page_visitor import MIRA, Visitor
from playwright.async_api import expect

pytestmark = pytest.mark.browser

JONAS = "jonas-fernweh-sbx"
PRISCA = "prisca-hollowell-sbx"
SENT = ".msg-s-event-with-indicator__sending-indicator--sent"


async def open_bubble(mira: Visitor) -> None:
    await mira.open_profile(JONAS)
    await mira.click_message("Jonas")
    await mira.composer.focus()


async def test_click_mode_takes_enter_as_a_new_line(mira: Visitor) -> None:
    await open_bubble(mira)
    await expect(mira.send).to_be_disabled()
    await mira.page.keyboard.type("Hi Jonas,")
    await mira.page.keyboard.press("Enter")
    await mira.page.keyboard.press("Enter")
    await mira.page.keyboard.type("second paragraph 🚚")
    assert mira.messages() == []
    await mira.send_and_wait()

    assert mira.messages() == ["Hi Jonas,\n\nsecond paragraph 🚚"]
    await expect(mira.page.locator(SENT)).to_have_count(1)
    await expect(mira.page.locator(".msg-s-event-listitem__body")).to_have_count(1)


async def test_click_mode_sends_on_control_enter(mira: Visitor) -> None:
    await open_bubble(mira)
    await mira.page.keyboard.type("short")
    async with mira.page.expect_response(re.compile("createMessage")):
        await mira.page.keyboard.press("Control+Enter")

    assert mira.messages() == ["short"]


async def test_enter_mode_sends_on_enter_and_breaks_lines_with_shift(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/logins/{MIRA}", composer_mode="enter")
    await open_bubble(mira)
    await mira.page.keyboard.type("one")
    await mira.page.keyboard.press("Shift+Enter")
    await mira.page.keyboard.type("two")
    async with mira.page.expect_response(re.compile("createMessage")):
        await mira.page.keyboard.press("Enter")

    assert mira.messages() == ["one\ntwo"]


async def test_inserted_text_keeps_its_lines(mira: Visitor) -> None:
    text = "First line\n\nThird line – with “quotes” & <b>brackets</b>"
    await open_bubble(mira)
    await mira.page.keyboard.insert_text(text)
    await mira.send_and_wait()

    assert mira.messages() == [text]


async def test_send_ignores_text_that_no_browser_typed(mira: Visitor) -> None:
    await open_bubble(mira)
    await mira.composer.evaluate(
        "box => { box.innerHTML = '<p>forged</p>';"
        " box.dispatchEvent(new InputEvent('input', {bubbles: true})); }"
    )

    await expect(mira.send).to_be_disabled()


async def test_a_broken_composer_never_enables_send(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/logins/{MIRA}", composer_broken=True)
    await open_bubble(mira)
    await mira.page.keyboard.type("anything")

    await expect(mira.composer).to_have_text("anything")
    await expect(mira.send).to_be_disabled()


async def test_what_a_message_request_carries(mira: Visitor) -> None:
    await open_bubble(mira)
    await mira.page.keyboard.type("hello")
    async with mira.page.expect_request(re.compile("createMessage")) as caught:
        await mira.send.click()
    request = await caught.value
    body = request.post_data_json
    assert body

    assert re.fullmatch(r"[0-9a-f-]{36}", body["message"]["originToken"])
    assert len(body["trackingId"]) == 16
    assert body["dedupeByClientGeneratedToken"] is False
    assert (await request.all_headers())["content-type"] == "text/plain;charset=UTF-8"
    await expect(mira.page.locator(SENT)).to_have_count(1)
    (entry,) = mira.sandbox.admin.ledger(kind="message")
    assert entry["origin_token"] == body["message"]["originToken"]


async def test_a_first_message_turns_the_draft_into_a_conversation(mira: Visitor) -> None:
    await open_bubble(mira)
    bubble = mira.page.locator('[role=dialog][data-view-name="message-overlay-conversation-bubble-item"]')
    await expect(bubble.locator("h2")).to_have_text("New message")
    await expect(bubble.locator(f'a[href="/in/{JONAS}/"]')).to_be_visible()
    await mira.page.keyboard.type("first")
    await mira.send_and_wait()

    jonas = mira.sandbox.admin.get(f"/members/{JONAS}")["profile_id"]
    await expect(bubble.locator(f'h2 > a[href="/in/{jonas}/"]')).to_have_text("Jonas Fernweh")


async def test_an_existing_thread_is_shown_and_a_later_reply_joins_it(mira: Visitor) -> None:
    mira.sandbox.admin.post(f"/people/{JONAS}/reply", account=MIRA, text="Before")
    await mira.open_profile(JONAS)
    mira.sandbox.admin.post(f"/people/{JONAS}/reply", account=MIRA, text="After the page was drawn")
    await mira.click_message("Jonas")

    items = mira.page.locator("li.msg-s-message-list__event[data-event-urn]")
    await expect(items).to_have_count(2)
    await expect(items.last).to_contain_text("After the page was drawn")
    await expect(mira.page.locator(".msg-s-message-group__name")).to_have_text(["Jonas Fernweh"])
    await expect(mira.page.locator(".msg-s-event-listitem--other")).to_have_count(2)


async def test_a_refused_message_is_marked_with_retry(mira: Visitor) -> None:
    mira.sandbox.admin.fault("failed_marker", "send_message", times=1)
    await open_bubble(mira)
    await mira.page.keyboard.type("lost?")
    await mira.send_and_wait()
    marker = mira.page.locator(".msg-s-event-listitem__failed")
    await expect(marker).to_be_visible()
    assert mira.messages() == []

    await marker.get_by_role("button", name="Retry").click()
    await expect(mira.page.locator(SENT)).to_have_count(1)
    assert mira.messages() == ["lost?"]


async def test_a_second_click_during_a_slow_send_sends_again(mira_b: Visitor) -> None:
    mira_b.sandbox.admin.fault("slow_ack", "send_message", seconds=1.0)
    await open_bubble(mira_b)
    await mira_b.page.keyboard.type("twice")
    await mira_b.send.click()
    await mira_b.send.click()
    await expect(mira_b.page.locator(SENT)).to_have_count(2)

    assert mira_b.messages() == ["twice", "twice"]


async def test_a_draft_waits_for_its_conversation(mira: Visitor) -> None:
    await open_bubble(mira)
    await mira.page.keyboard.type("half a thought")
    await mira.press("Close your draft conversation")
    await expect(mira.composer).to_have_count(0)
    await mira.open_profile(JONAS)
    await mira.click_message("Jonas")

    await expect(mira.composer).to_have_text("half a thought")
    await expect(mira.send).to_be_enabled()


async def test_a_remount_loses_the_typed_text_once(mira_b: Visitor) -> None:
    mira_b.sandbox.admin.post("/page-quirks", kind="composer_loses_text", after_chars=5)
    await open_bubble(mira_b)
    await mira_b.page.keyboard.insert_text("vanishes")
    await expect(mira_b.composer).to_have_text("")
    await expect(mira_b.send).to_be_disabled()
    await mira_b.composer.focus()
    await mira_b.page.keyboard.insert_text("stays this time")

    await expect(mira_b.composer).to_have_text("stays this time")


async def test_a_stranger_is_only_offered_premium(mira: Visitor) -> None:
    await mira.open_profile(PRISCA)
    await mira.click_message("Prisca")

    await expect(mira.page.locator('[role=dialog] a[href*="/premium/"]')).to_be_visible()
    await expect(mira.composer).to_have_count(0)


async def test_a_new_thread_names_its_recipient_in_the_address(mira: Visitor) -> None:
    jonas = mira.sandbox.admin.get(f"/members/{JONAS}")["profile_id"]
    await mira.open(f"/messaging/thread/new/?recipient={jonas}")
    await expect(mira.composer).to_be_visible()
    assert f"recipients=List(urn%3Ali%3Afsd_profile%3A{jonas})" in mira.page.url
    await mira.composer.fill("from the page")
    await mira.send_and_wait()

    assert mira.messages() == ["from the page"]
    await mira.page.wait_for_url(re.compile(r"/messaging/thread/2-[^/]+/$"))


async def test_the_inbox_opens_threads_without_links(mira: Visitor) -> None:
    mira.sandbox.admin.post(f"/people/{JONAS}/reply", account=MIRA, text="Hello there")
    await mira.open("/messaging/")
    row = mira.page.locator("li.msg-conversation-listitem")
    await expect(row).to_contain_text("Hello there")
    assert await row.locator("a[href]").count() == 0
    await row.locator(".msg-conversation-listitem__link").click()

    await mira.page.wait_for_url(re.compile(r"/messaging/thread/2-[^/]+/$"))
    await expect(mira.page.locator(".msg-s-event-listitem__body")).to_have_text(["Hello there"])
    await expect(mira.page.locator("#global-nav")).to_be_visible()


async def test_another_conversation_may_be_open_already(mira: Visitor) -> None:
    mira.sandbox.admin.put("/relationships", account=MIRA, member=PRISCA, state="connected")
    mira.sandbox.admin.post("/page-quirks", kind="open_bubble", slug=PRISCA)
    await open_bubble_beside(mira)

    await expect(mira.composer).to_have_count(2)


async def open_bubble_beside(mira: Visitor) -> None:
    await mira.open_profile(JONAS)
    await mira.click_message("Jonas")
