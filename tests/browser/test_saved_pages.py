"""Profile pages as people save them, of both makes and in several languages, are read for what they are.

The pages are made up after the reference's measurements: strangers' controls all about, hidden twins of the
degree, menus in portals, headlines that lie.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import pytest
from linkedin_stage import USERNAME, Stage, settings_for

from overture.providers.linkedin_browser import open_saved_pages
from overture.providers.linkedin_browser.profile_sight import (
    OBSERVER,
    PageDegree,
    PageState,
    read_profile_page,
)
from overture.providers.linkedin_browser.saved_page import SavedPages

pytestmark = pytest.mark.browser

ID: Final = "ACoAADWk6xQBlT2e9iqTzUCiizNuNmh5kF4RJiQ"
SLUG: Final = "avery-stone"
SELF: Final = f"https://www.linkedin.com/in/{SLUG}/"
COMPOSE: Final = f"/messaging/compose/?profileUrn=urn%3Ali%3Afsd_profile%3A{ID}&amp;recipient={ID}"
MESSAGE: Final = f'<a href="{COMPOSE}"><span>Message</span></a>'
MORE: Final = '<button type="button" aria-expanded="false"><span>More</span></button>'
OPEN_MORE: Final = MORE.replace("false", "true")
FOLLOW: Final = '<button type="button" aria-label="Follow Avery Stone"><span>Follow</span></button>'
BELL: Final = f'<a aria-label="Manage notifications about Avery Stone" href="{SELF}"><svg></svg></a>'
PENDING: Final = (
    f'<a aria-label="Pending, click to withdraw invitation sent to Avery Stone" href="{SELF}">'
    "<span>Pending</span></a>"
)
WEBSITE: Final = '<a href="https://www.linkedin.com/safety/go/?url=x"><span>Visit my website</span></a>'
INVITE: Final = (
    '<a role="menuitem" href="/preload/custom-invite/?vanityName=avery-stone">'
    '<div aria-label="Invite Avery Stone to connect"><p>Connect</p></div></a>'
)
MENU: Final = (
    '<div data-floating-ui-portal><div popover="manual" tabindex="-1"><div role="menu">'
    '<a role="menuitem" href="/messaging/compose/?body=x">Send profile</a>{}</div></div></div>'
)


@dataclass(frozen=True)
class Page:
    """What one page shows in its top card, and what is true of it."""

    state: PageState
    degree: PageDegree | None
    actions: str
    mark: str
    twin: str = ""
    bell: str = ""
    headline: str = "Head of Data"
    beside: str = ""

    def html(self) -> str:
        twin = f'<div data-display-contents="true"><p>· {self.twin}</p></div>' if self.twin else ""
        return f"""<!DOCTYPE html><html><head><title>(3) Avery Stone | LinkedIn</title></head><body>
<header><nav><button aria-expanded="false">Me</button></nav></header>
<div><button>More</button><a href="{COMPOSE}">Message</a></div><div role="main"><main>
<section componentkey="com.linkedin.sdui.profile.card.ref{ID}Topcard">
<a href="{SELF}overlay/background-photo/"><figure></figure></a>{self.bell}
<div aria-haspopup="dialog" aria-expanded="false"><a href="{SELF}"><h2>Avery Stone</h2></a></div>
<p>· {self.mark}</p>{twin}<p>{self.headline}</p>
<p><a href="{SELF}overlay/contact-info/">Contact info</a></p>
<a href="/search/results/people/"><p>500+ connections</p></a><div><div>{self.actions}</div></div></section>
<section componentkey="com.linkedin.sdui.profile.card.ref{ID}About"><h2>About</h2><p>1st</p></section>
<section><h2>People you may know</h2><p>· 1st</p>
<button aria-label="Invite Riley Chen to connect">Connect</button>
<button aria-label="Follow Riley Chen">Follow</button>
<a aria-label="Pending, click to withdraw invitation sent to Bo" href="/in/bo/">Pending</a></section>
</main></div>{self.beside}
<div class="video-js"><div role="menu"><div role="menuitem">Connect</div></div></div>
<dialog><button>Accept</button></dialog></body></html>"""


def named(word: str, label: str, key: str = "") -> str:
    return f'<button aria-label="{label}" componentkey="{key}"><span>{word}</span></button>'


HIDDEN_INVITE: Final = INVITE.replace("<a ", '<a style="display:none" ')
INVITATION_KEY: Final = "ConnectButtonstate:invitation:urn:li:member:100000001"
PAGES: Final = {
    "connected": Page("connected", 1, MESSAGE + MORE, "1st", "2nd", BELL),
    "connected, a headline that lies": Page(
        "connected", 1, MESSAGE + MORE, "1st", "2nd", BELL, "2nd engineer, patent Pending, Connect with me"
    ),
    "follow first": Page("follow_first", 2, FOLLOW + MESSAGE + MORE, "2nd", "1st", headline="1st hire"),
    "follow first, third degree": Page("follow_first", 3, FOLLOW + MESSAGE + MORE, "3rd+"),
    "Connect in the open menu": Page(
        "connectable", 2, FOLLOW + MESSAGE + OPEN_MORE, "2nd", "1st", beside=MENU.format(INVITE)
    ),
    "an open menu without Connect": Page(
        "follow_first", 3, FOLLOW + MESSAGE + OPEN_MORE, "3rd", beside=MENU.format("")
    ),
    "pending": Page("pending", 2, MESSAGE + PENDING + WEBSITE + MORE, "2nd", "1st"),
    "pending in an unknown language": Page(
        "pending", 2, MESSAGE + f'<a aria-label="Xyz" href="{SELF}"><span>Xyz</span></a>' + MORE, "2nd", "1st"
    ),
    "a key says pending": Page(
        "pending", 2, MESSAGE + named("X", "X", f"{INVITATION_KEY}_pending") + MORE, "2nd", "1st"
    ),
    "Connect is a link": Page("connectable", 2, INVITE + MESSAGE + MORE, "2nd", "1st"),
    "a key says connect": Page(
        "connectable", 2, named("Z", "Zz Avery Stone", f"{INVITATION_KEY}_connect") + MESSAGE + MORE, "2nd"
    ),
    "a hidden Connect": Page("unknown", 3, MESSAGE + HIDDEN_INVITE + MORE, "3rd"),
    "only Message": Page("unknown", 2, MESSAGE + MORE, "2nd", "1st"),
    "German, Connect": Page(
        "connectable", 2, named("Vernetzen", "Avery Stone als Kontakt einladen") + MESSAGE + MORE, "2.", "1."
    ),
    "German, connected": Page("connected", 1, MESSAGE + MORE, "1.", "2.", BELL),
    "French, follow first": Page(
        "follow_first", 3, named("Suivre", "Suivre Avery Stone") + MESSAGE + MORE, "3e et +"
    ),
    "an unknown language, follow first": Page(
        "follow_first", 3, named("Zzz", "Zzz Avery Stone") + MESSAGE + MORE, "3."
    ),
    "incoming": Page(
        "incoming",
        2,
        named("Accept", "Accept Avery Stone’s request to connect") + named("Ignore", "Ignore Avery") + MORE,
        "2nd",
        "1st",
    ),
    "oneself": Page("unknown", None, f'<a href="{SELF}edit/intro/">Edit</a>', "she/her"),
}

OLDER: Final = """<!DOCTYPE html><html><head><title>Avery Stone | LinkedIn</title></head><body>
<div class="pv-profile-sticky-header-v2">
<button aria-label="Invite Riley Chen to connect">Connect</button></div>
<main><section class="artdeco-card pv-top-card"><div class="pv-text-details__left-panel">
<h1 class="text-heading-xlarge">Avery Stone</h1><span class="distance-badge">
<span class="visually-hidden">{degree} degree connection</span><span class="dist-value">{degree}</span></span>
<div class="text-body-medium">1st in class</div></div><div class="pvs-profile-actions">{actions}
<button aria-label="Message Avery">Message</button><div class="artdeco-dropdown">
<button aria-label="More actions" id="ember41-profile-overflow-action" aria-expanded="false">More</button>
<div class="artdeco-dropdown__content" aria-hidden="true"><ul><li>
<div role="button" aria-label="{item}" class="artdeco-dropdown__item">x</div></li></ul></div></div></div>
</section></main><aside><button aria-label="Invite Riley to connect">Connect</button>
<span class="dist-value">1st</span></aside></body></html>"""
OLDER_PAGES: Final[dict[str, tuple[PageState, PageDegree, str, str]]] = {
    "connectable": ("connectable", 2, named("Connect", "Invite Avery Stone to connect"), "Report"),
    "connected": ("connected", 1, "", "Remove your connection to Avery Stone"),
    "pending": ("pending", 2, named("Pending", "Pending, click to withdraw invitation"), "Report"),
    "follow first": ("follow_first", 3, named("Follow", "Follow Avery Stone"), "Report"),
}


@pytest.fixture(scope="module")
async def saved() -> AsyncIterator[SavedPages]:
    """One Chromium for all of them."""
    async with open_saved_pages(settings_for("http://127.0.0.1:9")) as pages:
        yield pages


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
async def test_a_newer_page_is_read(saved: SavedPages, page: Page) -> None:
    sight = await saved.look(page.html().encode(), SLUG)

    assert (sight.state, sight.degree) == (page.state, page.degree), sight


@pytest.mark.parametrize("name", OLDER_PAGES)
async def test_an_older_page_is_read(saved: SavedPages, name: str) -> None:
    state, degree, actions, item = OLDER_PAGES[name]
    mark = {1: "1st", 2: "2nd", 3: "3rd"}[degree]
    html = OLDER.format(actions=actions, item=item, degree=mark)
    sight = await saved.look(html.encode())

    assert (sight.state, sight.degree) == (state, degree), sight


LIVE: Final = {
    "connected": ("connected", "connected", 1),
    "pending": ("pending", "pending", 2),
    "incoming": ("incoming", "incoming", 2),
    "none": ("none", "connectable", 2),
}


@pytest.mark.parametrize(
    ("variant", "locale"),
    [
        *(("B", "en_US"), ("A", "de_DE"), ("B", "fr_FR"), ("A", "da_DK")),
        pytest.param("A", "en_US", marks=pytest.mark.wide),
        pytest.param("B", "de_DE", marks=pytest.mark.wide),
        pytest.param("A", "fr_FR", marks=pytest.mark.wide),
        pytest.param("B", "da_DK", marks=pytest.mark.wide),
    ],
)
async def test_the_pages_of_the_sandbox_are_read(stage: Stage, variant: str, locale: str) -> None:
    stage.look(variant=variant, locale=locale)
    slugs = {}
    for name, (state, _, _) in LIVE.items():
        slugs[name] = stage.member(sidebar_decoys=5)["slug"]
        stage.admin.put("/relationships", account=USERNAME, member=slugs[name], state=state, degree="2")

    seen = {}
    async with stage.session() as session:
        for name, slug in slugs.items():
            await session.desk.open(f"/in/{slug}/")
            sight = read_profile_page(await session.desk.tab.page.evaluate(OBSERVER, slug), slug)
            seen[name] = (sight.state, sight.degree)

    assert seen == {name: (state, degree) for name, (_, state, degree) in LIVE.items()}
