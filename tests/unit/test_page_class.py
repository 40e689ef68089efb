"""Which kind of page is open, from its address, navigation and main part."""

from dataclasses import replace

import pytest

from overture.providers.linkedin_browser.pages import PageClass, Sight

PAGE = Sight("/feed/", 200, "Feed", "en", True, True, "B", "challenge", "Start a post " * 50)
BARE = replace(PAGE, has_nav=False, has_main=False, text="")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/feed/", PageClass.FEED),
        ("/in/prisca-hollowell-sbx/", PageClass.PROFILE),
        ("/messaging/thread/2-abc=/", PageClass.MESSAGING),
        ("/mynetwork/", PageClass.OTHER),
        ("/login", PageClass.LOGIN),
        ("/uas/login", PageClass.LOGIN),
        ("/authwall", PageClass.AUTHWALL),
        ("/checkpoint/challenge/AgH", PageClass.CHECKPOINT),
        ("/checkpoint/challengesV2/x", PageClass.CHECKPOINT),
        ("/404/", PageClass.NOT_FOUND),
        ("/in/unavailable/", PageClass.NOT_FOUND),
    ],
)
def test_the_address_decides_first(path: str, kind: PageClass) -> None:
    assert replace(PAGE, path=path).page_class is kind


def test_a_login_page_with_feed_in_its_query_is_no_feed() -> None:
    assert replace(BARE, path="/login").page_class is PageClass.LOGIN


def test_a_refused_login_is_no_challenge() -> None:
    refused = replace(BARE, path="/checkpoint/lg/login-submit", has_password=True)
    assert refused.page_class is PageClass.LOGIN
    assert replace(refused, has_password=False).page_class is PageClass.CHECKPOINT


def test_an_empty_feed_is_not_a_feed() -> None:
    assert BARE.page_class is PageClass.EMPTY


@pytest.mark.parametrize("phrase", ["Your account is Temporarily Restricted", "We noticed unusual activity"])
def test_restriction_is_told_from_short_pages_without_main_only(phrase: str) -> None:
    assert replace(BARE, text=phrase).page_class is PageClass.RESTRICTED
    assert replace(PAGE, text=phrase).page_class is PageClass.FEED
    assert replace(BARE, text=phrase + " x" * 3000).page_class is PageClass.FEED


def test_a_restriction_below_checkpoint_is_a_restriction_unless_it_asks_for_something() -> None:
    page = replace(BARE, path="/checkpoint/x", text="Your account has been restricted")
    assert page.page_class is PageClass.RESTRICTED
    assert replace(page, challenge="pin").page_class is PageClass.CHECKPOINT


def test_the_bot_wall_is_a_restriction() -> None:
    assert replace(BARE, path="/in/x/", status=999).page_class is PageClass.BOT_WALL


def test_a_profile_with_status_404_is_not_found() -> None:
    assert replace(PAGE, path="/in/gone/", status=404).page_class is PageClass.NOT_FOUND


def test_the_slug_is_the_addresss() -> None:
    assert replace(PAGE, path="/in/old-slug/overlay/x/").slug == "old-slug"
    assert PAGE.slug is None
