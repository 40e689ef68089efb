"""Connecting: the target's own control, the note, the menu, the strangers beside it, the optimism."""

import re

import pytest
from page_visitor import MIRA, Visitor
from playwright.async_api import expect

pytestmark = pytest.mark.browser

PRISCA = ("prisca-hollowell-sbx", "Prisca Hollowell")
TOMAS = ("tomas-kettering-sbx", "Tomas Kettering")
NOTE = "Hi Prisca – é 👩🏽‍🚀 and\n\nfreight  data."


async def test_the_targets_own_control_sends_one_invitation_to_the_target(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/members/{PRISCA[0]}", sidebar_decoys=5)
    await mira.open_profile(PRISCA[0])
    await mira.click_connect(PRISCA[1])
    await expect(mira.dialog).to_contain_text(PRISCA[1])
    await mira.press("Send without a note")
    await mira.expect_toast("success", f"Your invitation to {PRISCA[1]} was sent.")

    assert [(entry["target"], entry["text"], entry["via"]) for entry in mira.invites()] == [
        (PRISCA[0], None, "voyager")
    ]
    await mira.page.reload()
    await expect(mira.pending).to_be_visible()


async def test_a_note_arrives_as_it_was_written(mira: Visitor) -> None:
    await mira.open_profile(PRISCA[0])
    await mira.click_connect(PRISCA[1])
    await mira.press("Add a note")
    await expect(mira.page.get_by_role("button", name="Send invitation")).to_be_disabled()
    await mira.page.locator("textarea#custom-message[name=message]").fill(NOTE)
    await mira.press("Send invitation")
    await mira.expect_toast("success", PRISCA[1])

    assert [(entry["target"], entry["text"]) for entry in mira.invites()] == [(PRISCA[0], NOTE)]


async def test_a_note_over_the_limit_cannot_be_sent(mira: Visitor) -> None:
    mira.sandbox.admin.post("/page-quirks", kind="note_text_says", limit=300)
    await mira.open_profile(PRISCA[0])
    await mira.click_connect(PRISCA[1])
    await mira.press("Add a note")
    await mira.page.locator("#custom-message").fill("x" * 201)

    await expect(mira.dialog).to_contain_text("201/200")
    await expect(mira.dialog.locator(".artdeco-inline-feedback__message")).to_contain_text("300 characters")
    await expect(mira.page.get_by_role("button", name="Send invitation")).to_be_disabled()


async def test_connect_may_hide_under_more(mira: Visitor) -> None:
    await mira.open_profile(TOMAS[0])
    assert await mira.page.locator("[data-floating-ui-portal]").count() == 0
    await mira.open_more()
    menu = (
        mira.page.locator("[data-floating-ui-portal] [role=menu]") if mira.variant == "B" else mira.top_card
    )
    await menu.get_by_label(f"Invite {TOMAS[1]} to connect").click()
    await mira.press("Send without a note")
    await mira.expect_toast("success", TOMAS[1])

    assert [entry["target"] for entry in mira.invites()] == [TOMAS[0]]
    await expect(mira.pending).to_be_visible()


async def test_connect_may_be_a_button_that_leads_nowhere(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/members/{PRISCA[0]}", connect_placement="primary_button")
    await mira.open_profile(PRISCA[0])
    assert await mira.page.locator('a[href*="/preload/custom-invite/"]').count() == 0
    await mira.click_connect(PRISCA[1])
    await mira.press("Send without a note")
    await mira.expect_toast("success", PRISCA[1])

    assert [entry["target"] for entry in mira.invites()] == [PRISCA[0]]


async def test_without_a_placement_there_is_no_connect_for_the_target(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/members/{TOMAS[0]}", connect_placement="none")
    await mira.open_profile(TOMAS[0])
    await mira.open_more()

    assert await mira.page.get_by_label(f"Invite {TOMAS[1]} to connect").count() == 0
    await expect(mira.top_card.get_by_role("button", name="Follow Tomas Kettering")).to_be_visible()


async def test_a_sidebar_connect_sends_to_the_stranger_at_once(mira: Visitor) -> None:
    mira.sandbox.admin.patch("/members/lena-vogtmann-sbx", sidebar_decoys=6)
    await mira.open_profile("lena-vogtmann-sbx")
    invites = mira.page.locator('aside [aria-label^="Invite"][aria-label$="to connect"]')
    await expect(invites).to_have_count(6)
    label = await invites.first.get_attribute("aria-label")
    async with mira.page.expect_response(re.compile("addaAddConnection")):
        await invites.first.click()

    assert await mira.dialog.count() == 0
    (sent,) = mira.invites()
    member = mira.sandbox.admin.get(f"/members/{sent['target']}")
    assert label == f"Invite {member['first_name']} {member['last_name']} to connect"
    assert sent["via"] == "sdui"
    assert sent["target"] != "lena-vogtmann-sbx"


async def test_namesakes_of_the_target_come_first_in_the_sidebar(mira: Visitor) -> None:
    mira.sandbox.admin.post("/members", slug="prisca-decoy-sbx", first_name="Prisca", last_name="Decoyson")
    mira.sandbox.admin.patch(f"/members/{PRISCA[0]}", sidebar_decoys=3)
    await mira.open_profile(PRISCA[0])

    first = mira.page.locator('aside [aria-label^="Invite"]').first
    await expect(first).to_have_attribute("aria-label", "Invite Prisca Decoyson to connect")


async def test_the_page_says_pending_first_and_takes_it_back(mira: Visitor) -> None:
    mira.sandbox.admin.fault("optimistic_revert", "invite", revert_after_s=1.0)
    await mira.open_profile(PRISCA[0])
    await mira.click_connect(PRISCA[1])
    await mira.press("Send without a note")
    await expect(mira.pending).to_be_visible()
    await mira.expect_toast("error", "Invitation not sent. Try again later")

    await expect(mira.pending).to_have_count(0)
    assert mira.invites() == []


async def test_the_page_may_keep_pending_until_a_reload(mira: Visitor) -> None:
    mira.sandbox.admin.fault("optimistic_revert", "invite", revert_after_s=None)
    await mira.open_profile(PRISCA[0])
    await mira.click_connect(PRISCA[1])
    async with mira.page.expect_response(re.compile("verifyQuotaAndCreateV2")) as refused:
        await mira.press("Send without a note")
    assert (await refused.value).status == 429
    await expect(mira.pending).to_be_visible()

    await mira.page.reload()
    await expect(mira.pending).to_have_count(0)


async def test_the_weekly_limit_is_told_in_a_dialog_after_send(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/logins/{MIRA}", invites_per_week=0)
    await mira.open_profile(PRISCA[0])
    await mira.click_connect(PRISCA[1])
    await mira.press("Send without a note")

    dialog = mira.page.locator("div.ip-fuse-limit-alert[role=dialog]")
    await expect(dialog.locator("#ip-fuse-limit-alert__header")).to_contain_text("weekly invitation limit")
    await mira.press("Got it")
    assert mira.invites() == []


async def test_used_up_notes_lead_to_an_upsell(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/logins/{MIRA}", notes_remaining=0)
    await mira.open_profile(PRISCA[0])
    await mira.click_connect(PRISCA[1])
    await mira.press("Add a note")

    await expect(mira.page.locator('[role=dialog] a[href*="/premium/"]')).to_be_visible()
    assert await mira.page.locator("#custom-message").count() == 0


async def test_a_member_may_want_an_email_address_first(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/members/{PRISCA[0]}", email_required=True)
    await mira.open_profile(PRISCA[0])
    await mira.click_connect(PRISCA[1])

    await expect(mira.dialog.locator("input[type=email]")).to_be_visible()
    await expect(mira.page.get_by_role("button", name="Send without a note")).to_be_disabled()


async def test_a_late_dialog_has_its_buttons_later_still(mira: Visitor) -> None:
    mira.sandbox.admin.post(
        "/page-quirks", kind="dialog_late", after_s=0.3, buttons_after_s=0.7, role="alertdialog"
    )
    await mira.open_profile(PRISCA[0])
    await mira.click_connect(PRISCA[1])
    await expect(mira.page.locator("[role=alertdialog]")).to_be_attached()
    assert await mira.dialog.locator("button").count() == 0

    await mira.press("Send without a note")
    await mira.expect_toast("success", PRISCA[1])


async def test_the_invite_address_is_a_page_of_its_own(mira: Visitor) -> None:
    await mira.open(f"/preload/custom-invite/?vanityName={PRISCA[0]}")
    await expect(mira.dialog).to_contain_text(PRISCA[1])
    assert await mira.page.evaluate("document.querySelector('.send-invite') !== null")
    await mira.press("Send without a note")
    await mira.expect_toast("success", PRISCA[1])

    assert [entry["target"] for entry in mira.invites()] == [PRISCA[0]]


async def test_a_sent_invitation_is_listed_and_can_be_taken_back(mira: Visitor) -> None:
    await mira.open("/mynetwork/invitation-manager/sent/")
    await mira.page.get_by_label("Withdraw invitation sent to Lena Vogtmann").click()
    confirm = mira.page.get_by_text("Withdraw", exact=True).last
    async with mira.page.expect_response(re.compile("action=withdraw")):
        await confirm.click()

    assert [entry["target"] for entry in mira.sandbox.admin.ledger(kind="withdraw")] == ["lena-vogtmann-sbx"]
    await expect(mira.page.get_by_label("Withdraw invitation sent to Lena Vogtmann")).to_have_count(0)


async def test_somebody_elses_request_is_answered_on_their_profile(mira: Visitor) -> None:
    mira.sandbox.admin.put("/relationships", account="mira-oxbow-sbx", member=PRISCA[0], state="incoming")
    await mira.open_profile(PRISCA[0])
    request = "action=accept" if mira.variant == "A" else "addaInvitationAction"
    async with mira.page.expect_response(re.compile(request)):
        await mira.top_card.get_by_role("button", name="Accept").click()

    [entry] = mira.sandbox.admin.ledger(kind="accept")
    assert entry["via"] == ("voyager" if mira.variant == "A" else "sdui")


async def test_the_question_before_a_withdrawal_is_a_dialog_only_on_the_older_pages(mira: Visitor) -> None:
    await mira.open_profile("lena-vogtmann-sbx")
    await mira.pending.click()
    await expect(mira.page.get_by_text("up to 3 weeks")).to_be_visible()

    roles = mira.page.locator("[role=dialog], [role=alertdialog]").filter(has_text="3 weeks")
    assert await roles.count() == (1 if mira.variant == "A" else 0)
    named = mira.page.locator('button[aria-label="Withdraw invitation sent to Lena Vogtmann"]')
    assert await named.count() == (0 if mira.variant == "A" else 1)


async def test_the_question_before_a_withdrawal_may_lack_its_button(mira: Visitor) -> None:
    mira.sandbox.admin.post("/page-quirks", kind="withdraw_confirm_missing")
    await mira.open_profile("lena-vogtmann-sbx")
    await mira.pending.click()
    await expect(mira.page.get_by_text("up to 3 weeks")).to_be_visible()

    assert await mira.page.get_by_text("Withdraw", exact=True).count() == 0


async def test_a_page_may_not_know_that_the_notes_are_used_up(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/logins/{MIRA}", notes_remaining=0)
    mira.sandbox.admin.post("/page-quirks", kind="notes_unknown")
    await mira.open_profile(PRISCA[0])
    await mira.click_connect(PRISCA[1])
    await mira.press("Add a note")
    await mira.page.locator("#custom-message").fill("Hello")
    async with mira.page.expect_response(re.compile("verifyQuotaAndCreateV2")) as refused:
        await mira.press("Send invitation")

    assert (await refused.value).status == 400
    await expect(mira.page.locator('[role=dialog] a[href*="/premium/"]')).to_be_visible()
    assert mira.invites() == []


async def test_the_limits_alert_may_come_without_a_request(mira_b: Visitor) -> None:
    mira_b.sandbox.admin.post("/page-quirks", kind="limit_unasked")
    await mira_b.open_profile(PRISCA[0])
    await mira_b.click_connect(PRISCA[1])
    await mira_b.press("Send without a note")

    await expect(mira_b.page.locator("#ip-fuse-limit-alert__header")).to_be_visible()
    assert mira_b.invites() == []


async def test_a_dialog_may_ask_how_one_knows_the_other(mira_b: Visitor) -> None:
    mira_b.sandbox.admin.post("/page-quirks", kind="how_do_you_know")
    await mira_b.open_profile(PRISCA[0])
    await mira_b.click_connect(PRISCA[1])
    confirm = mira_b.dialog.get_by_role("button", name="Connect", exact=True)
    await expect(confirm).to_be_disabled()
    await mira_b.press("Other")
    await confirm.click()
    await mira_b.press("Send without a note")
    await mira_b.expect_toast("success", PRISCA[1])

    assert [entry["target"] for entry in mira_b.invites()] == [PRISCA[0]]


async def test_a_dialog_may_open_for_somebody_else(mira_b: Visitor) -> None:
    mira_b.sandbox.admin.post("/page-quirks", kind="dialog_names_other")
    mira_b.sandbox.admin.patch(f"/members/{PRISCA[0]}", sidebar_decoys=2)
    await mira_b.open_profile(PRISCA[0])
    await mira_b.click_connect(PRISCA[1])
    await expect(mira_b.dialog).to_contain_text("Personalize your invitation to")

    await expect(mira_b.dialog).not_to_contain_text(PRISCA[1])


async def test_connect_may_send_without_a_dialog(mira_b: Visitor) -> None:
    mira_b.sandbox.admin.post("/page-quirks", kind="no_dialog")
    await mira_b.open_profile(PRISCA[0])
    await mira_b.click_connect(PRISCA[1])
    await mira_b.expect_toast("success", PRISCA[1])

    assert await mira_b.dialog.count() == 0
    assert [entry["target"] for entry in mira_b.invites()] == [PRISCA[0]]


async def test_quirks_end_with_the_world_they_were_set_in(mira_b: Visitor) -> None:
    mira_b.sandbox.admin.post("/page-quirks", kind="no_dialog")
    mira_b.sandbox.reset()

    assert mira_b.sandbox.admin.get("/page-quirks") == []
