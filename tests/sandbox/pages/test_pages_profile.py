"""Profile pages: addresses, visits, and the measured facts of the newer markup."""

import re
from dataclasses import dataclass

import pytest
from page_visitor import MIRA, TOPCARD, Visitor
from playwright.async_api import expect

from overture_sandbox.linkedin.pages.looks import Looks

pytestmark = pytest.mark.browser

JONAS, PRISCA, TOMAS, LENA = (
    "jonas-fernweh-sbx",
    "prisca-hollowell-sbx",
    "tomas-kettering-sbx",
    "lena-vogtmann-sbx",
)
OPEN_MENU = "[data-floating-ui-portal] [role=menu]"
DEAD_ON_B = [
    "main h1",
    "h1.text-heading-xlarge",
    "[class*=pv-top-card]",
    "section[data-member-id]",
    ".pvs-profile-actions",
    'button[aria-label*="Message"]',
    'button[aria-label*="Pending"]',
    'button[aria-label*="More actions"]',
    'button[aria-label="More"]',
    "button[id*=overflow]",
    "dialog[open]",
    "nav.global-nav, #global-nav",
    ".dist-value, .distance-badge",
    'a[href*="/edit/intro/"]',
]


async def count(visitor: Visitor, selector: str) -> int:
    return await visitor.page.locator(selector).count()


@pytest.mark.parametrize("slug", [JONAS, PRISCA, TOMAS, LENA])
async def test_selectors_of_the_older_markup_find_nothing_on_the_newer(mira_b: Visitor, slug: str) -> None:
    await mira_b.open_profile(slug)

    assert {selector: await count(mira_b, selector) for selector in DEAD_ON_B} == dict.fromkeys(DEAD_ON_B, 0)


@dataclass(frozen=True)
class Facts:
    """What the saved pages show for one way of standing to each other."""

    degree: str
    has_twin: bool = True
    bells: int = 0
    pending: int = 0
    follow: int = 0


FACTS = {
    JONAS: Facts("1st", bells=1),
    PRISCA: Facts("2nd"),
    TOMAS: Facts("3rd", has_twin=False, follow=1),
    LENA: Facts("2nd", pending=1),
}


@pytest.mark.parametrize(("slug", "facts"), FACTS.items(), ids=FACTS.keys())
async def test_the_top_card_says_what_the_saved_pages_say(mira_b: Visitor, slug: str, facts: Facts) -> None:
    await mira_b.open_profile(slug)
    text = await mira_b.top_card.evaluate("card => card.textContent")

    assert ("1st" in text and "2nd" in text) is facts.has_twin
    real = (
        mira_b.page.locator(f"{TOPCARD} p")
        .filter(has_text=re.compile("^· "))
        .locator("xpath=self::p[not(parent::*[@data-display-contents])]")
    )
    assert await real.all_inner_texts() == [f"· {facts.degree}"]
    assert await count(mira_b, f"{TOPCARD} h2") == 1
    assert await count(mira_b, f'{TOPCARD} a[aria-label^="Manage notifications"]') == facts.bells
    assert await count(mira_b, f'{TOPCARD} a[aria-label^="Pending"]') == facts.pending
    assert await count(mira_b, f'{TOPCARD} button[aria-label^="Follow"]') == facts.follow
    assert await count(mira_b, f'{TOPCARD} a[href*="/messaging/compose/"]') == 1
    assert await count(mira_b, f"{TOPCARD} button[aria-expanded]") == 1
    assert await count(mira_b, "button:has(span:text-is('More'))") == 2
    assert await count(mira_b, '[data-testid="primary-nav"] nav a[href*="/mynetwork"]') == 1
    assert 2 <= await count(mira_b, "dialog") <= 4


async def test_the_twin_of_the_degree_cannot_be_seen(mira_b: Visitor) -> None:
    await mira_b.open_profile(PRISCA)

    await expect(mira_b.top_card.get_by_text("· 1st")).to_be_hidden()
    await expect(mira_b.top_card.get_by_text("· 2nd")).to_be_visible()


async def test_the_menu_is_a_portal_that_exists_only_while_open(mira_b: Visitor) -> None:
    await mira_b.open_profile(TOMAS)
    assert await count(mira_b, OPEN_MENU) == 0
    await mira_b.open_more()
    await expect(mira_b.page.locator(f"body > {OPEN_MENU}")).to_be_visible()
    assert await count(mira_b, f'a[href*="/preload/custom-invite/?vanityName={TOMAS}"]') == 1
    assert await count(mira_b, f'{TOPCARD} [aria-label^="Invite"]') == 0
    await mira_b.page.keyboard.press("Escape")

    await expect(mira_b.page.locator(OPEN_MENU)).to_have_count(0)


async def test_a_pending_page_with_its_menu_open_says_pending_twice(mira_b: Visitor) -> None:
    await mira_b.open_profile(LENA)
    await mira_b.open_more()

    assert await count(mira_b, '[aria-label*="Pending"]') == 2
    assert await count(mira_b, f'{TOPCARD} a[aria-label^="Pending"]') == 1


async def test_the_dialog_hides_from_query_selector_in_an_open_shadow_root(mira_b: Visitor) -> None:
    await mira_b.open_profile(PRISCA)
    await mira_b.click_connect("Prisca Hollowell")
    await expect(mira_b.dialog).to_be_visible()

    assert await mira_b.page.evaluate("document.querySelector('.send-invite')") is None
    assert "send-invite-modal" not in re.sub(
        "<script.*?</script>", "", await mira_b.page.content(), flags=re.S
    )
    assert await mira_b.page.evaluate("document.querySelector('#interop-outlet').shadowRoot.mode") == "open"


async def test_only_the_inner_scroller_moves_and_draws_the_cards_below(mira_b: Visitor) -> None:
    mira_b.sandbox.admin.patch(f"/members/{PRISCA}", summary="long " * 400)
    await mira_b.open_profile(PRISCA)
    await mira_b.page.evaluate("window.scrollTo(0, 2000)")
    assert await mira_b.page.evaluate("window.scrollY") == 0
    await expect(mira_b.page.get_by_text("Cinder Labs")).to_have_count(0)
    await mira_b.page.locator("main#workspace").evaluate("box => box.scrollTo(0, 2000)")

    await expect(mira_b.page.get_by_text("Cinder Labs").first).to_be_attached()


async def test_frightening_words_stand_only_in_scripts(mira_b: Visitor) -> None:
    await mira_b.open_profile(PRISCA)
    everything = await mira_b.page.evaluate("document.body.textContent")
    visible = await mira_b.page.evaluate("document.body.innerText")

    for words in ("try again later", "captcha", "restricted"):
        assert words in everything
        assert words not in visible


@pytest.mark.parametrize("name", ["slug", "profile_id", "old"])
async def test_every_name_leads_to_the_present_slug_and_counts_one_visit(mira: Visitor, name: str) -> None:
    member = mira.sandbox.admin.get(f"/members/{PRISCA}")
    mira.sandbox.admin.patch(f"/members/{PRISCA}", slug="prisca-renamed-sbx")
    names = {"slug": "prisca-renamed-sbx", "profile_id": member["profile_id"], "old": PRISCA}
    await mira.open_profile(names[name])

    assert mira.page.url == f"{mira.sandbox.url}/in/prisca-renamed-sbx/"
    assert [entry["target"] for entry in mira.sandbox.admin.ledger(kind="visit")] == ["prisca-renamed-sbx"]


@pytest.mark.parametrize("slug", ["nobody-at-all", "900000532"])
async def test_unknown_names_end_on_the_missing_page(mira: Visitor, slug: str) -> None:
    await mira.open_profile(slug)

    assert mira.page.url == f"{mira.sandbox.url}/404/"
    await expect(mira.page.locator("h1")).to_contain_text("This page doesn’t exist")
    assert mira.sandbox.admin.ledger(kind="visit") == []


async def test_a_memorialized_profile_is_not_available(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/members/{PRISCA}", memorialized=True)
    await mira.open_profile(PRISCA)

    assert mira.page.url == f"{mira.sandbox.url}/in/unavailable/"


@pytest.mark.parametrize("variant", ["A"], indirect=True)
async def test_the_older_markup_has_its_classes_and_every_control_twice(mira: Visitor) -> None:
    await mira.open_profile(PRISCA)

    await expect(mira.page.locator("h1.text-heading-xlarge")).to_have_text("Prisca Hollowell")
    await expect(mira.top_card.locator(".dist-value")).to_have_text("2nd")
    assert await count(mira, '[aria-label="Invite Prisca Hollowell to connect"]') == 2
    assert await count(mira, "button[aria-label='More actions'][id$='-profile-overflow-action']") == 2
    await expect(mira.top_card.locator(".artdeco-dropdown__content")).to_be_hidden()


def test_a_restart_changes_every_class_name() -> None:
    assert Looks().name("card") != Looks().name("card")
    assert Looks("one").name("card") == Looks("one").name("card")


async def test_a_dead_session_is_sent_to_log_in(mira: Visitor) -> None:
    mira.sandbox.admin.post("/sessions/expire", account=MIRA)
    await mira.page.goto(f"{mira.sandbox.url}/in/{PRISCA}/")

    assert mira.page.url.startswith(f"{mira.sandbox.url}/uas/login")
    assert mira.sandbox.admin.ledger(kind="visit") == []


async def test_the_interop_outlet_may_take_the_clicks(mira_b: Visitor) -> None:
    mira_b.sandbox.admin.post("/page-quirks", kind="overlay_intercept")
    await mira_b.open_profile(PRISCA)

    hit = "document.elementFromPoint(innerWidth / 2, innerHeight / 2).id"
    assert await mira_b.page.evaluate(hit) == "interop-outlet"
