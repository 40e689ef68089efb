"""Every page, in a real browser: nothing breaks, nobody is kept out, nothing sticks out of a telephone."""

import pytest
from site_stage import CANARY, Site, Tab

pytestmark = pytest.mark.browser


def paths(things: dict[str, str], campaign_things: dict[str, str]) -> list[str]:
    """The address of every page, with something on it."""
    inside = campaign_things
    return [*telling(things, inside), *alike(things, inside)]


def alike(things: dict[str, str], inside: dict[str, str]) -> list[str]:
    """Pages built as others are; axe looks at them with `-m wide` only."""
    return [
        *("/schedules", f"/schedules/{things['schedule']}", "/campaigns", "/accounts", "/leads", "/imports"),
        *("/suppressions?who=nobody.example", "/approvals?state=stale", f"/runs/{things['failed']}"),
        *(f"/campaigns/{inside['letters']}", f"/enrollments/{inside['unnamed']}", "/runs/run_none"),
    ]


def telling(things: dict[str, str], inside: dict[str, str]) -> list[str]:
    """One page of each build: what is wide on these is wide everywhere."""
    return [
        *("/", "/runs", "/accounts/ada", f"/runs/{things['held']}", "/approvals", "/suppressions"),
        "/campaigns/new",
        *(f"/campaigns/{inside['founders']}", f"/campaigns/{inside['founders']}/leads"),
        *(f"/enrollments/{inside['enrollment']}", f"/leads/{inside['lead']}"),
    ]


def further(things: dict[str, str], inside: dict[str, str]) -> list[str]:
    """The same pages with other things on them."""
    return [
        *("/runs?status=failed&created=24h", "/accounts/grace", "/accounts/nobody"),
        *(f"/runs/{things[name]}" for name in ("done", "waiting")),
        f"/campaigns/{inside['founders']}/leads?reached=invited&needing=true",
    ]


EXPECTED = ("404 (Not Found)",)
"""What a browser says of the pages of things that are not there."""


COLOURS = ("color-contrast", "target-size")
"""What of axe's rules another width or scheme may break; all the others are asked in one of them."""


async def look_at(tab: Tab, path: str, rules: tuple[str, ...] | None = ()) -> list[str]:
    """Everything wrong with one page: by all of axe's rules, by some, or (None) by none of them."""
    await tab.open(path)
    found = [one for one in tab.complaints if not one.endswith(EXPECTED)]
    tab.complaints.clear()
    found += await tab.violations(rules) if rules is not None else []
    wide = await tab.overflow()
    found += [f"sticks out by {wide} px"] if wide > 0 else []
    found += ["a name was run as a script"] if await tab.page.title() == "taken" else []
    return [f"{path}: {one}" for one in found]


async def test_every_page_is_whole(
    site: Site, things: dict[str, str], campaign_things: dict[str, str]
) -> None:
    """In the light and wide; and one page of each build in the dark, on a telephone."""
    tab, small = await site.tab(), await site.tab(scheme="dark", narrow=True)

    wrong = [one for path in telling(things, campaign_things) for one in await look_at(tab, path)]
    wrong += [one for path in alike(things, campaign_things) for one in await look_at(tab, path, None)]
    wrong += [one for path in telling(things, campaign_things) for one in await look_at(small, path, COLOURS)]

    assert wrong == []


@pytest.mark.wide
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True])
async def test_every_page_is_whole_whatever_it_holds(
    site: Site, things: dict[str, str], campaign_things: dict[str, str], scheme: str, narrow: bool
) -> None:
    tab = await site.tab(scheme=scheme, narrow=narrow)
    every = [*paths(things, campaign_things), *further(things, campaign_things)]

    assert [one for path in every for one in await look_at(tab, path)] == []


async def test_pages_of_an_empty_installation_say_what_to_do(site: Site) -> None:
    tab = await site.tab()
    for path in (
        *("/", "/runs", "/accounts", "/schedules", "/campaigns", "/leads", "/imports", "/approvals"),
        "/suppressions",
    ):
        await tab.open(path)
        await tab.page.locator(".nothing-title").first.wait_for()
        assert (tab.complaints, await tab.overflow()) == ([], 0), path


async def test_the_check_finds_what_is_wrong(site: Site) -> None:
    """A page made bad on purpose: a check that finds nothing here would be worth nothing."""
    tab = await site.tab(narrow=True)
    await tab.open("/")
    await tab.page.evaluate(
        "document.getElementById('main').innerHTML = '<img src=\"/x\"><p>' + 'w'.repeat(900) + '</p>'"
    )

    assert any(one.startswith("image-alt") for one in await tab.violations())
    assert await tab.overflow() > 0


async def test_names_are_never_run(
    site: Site, things: dict[str, str], campaign_things: dict[str, str]
) -> None:
    tab = await site.tab()
    seen_on = (
        *("/", "/accounts/grace", f"/runs/{things['done']}", "/leads", "/campaigns", "/approvals"),
        *(f"/leads/{campaign_things['lead']}", f"/campaigns/{campaign_things['letters']}"),
    )
    for path in seen_on:
        await tab.open(path)
        assert CANARY in (await tab.page.locator("main").inner_text()).replace('\\"', '"'), path
        assert await tab.page.locator("main script, main img[src=x]").count() == 0
        assert await tab.page.title() != "taken"
    assert not [one for one in tab.complaints if "dialog" in one]


@pytest.mark.parametrize(
    ("system", "expected"),
    [("dark", "dark"), pytest.param("light", "light", marks=pytest.mark.wide)],
)
async def test_colours_follow_the_system_until_they_are_chosen(
    site: Site, system: str, expected: str
) -> None:
    tab = await site.tab(scheme=system)
    await tab.open("/")
    theme = "document.documentElement.dataset.bsTheme"
    assert await tab.page.evaluate(theme) == expected

    other = "dark" if expected == "light" else "light"
    await tab.page.get_by_label("Colours").select_option(other)
    assert await tab.page.evaluate(theme) == other
    await tab.open("/runs")
    assert await tab.page.evaluate(theme) == other
