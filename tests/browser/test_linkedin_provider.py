"""The provider itself: one browser, bounded contexts, restart after a crash, and what a run costs."""

import os
import signal
from datetime import timedelta

import psutil
import pytest
from linkedin_stage import Stage, settings_for

from carrying import CLOCK
from overture.core.clock import SystemClock
from overture.core.errors import NotPossible
from overture.core.rng import Rng
from overture.providers.linkedin_browser import LinkedInBrowser
from overture.providers.linkedin_browser.provider import READ_BACK_LAG
from overture.touchpoints import Connect, Enrich, Message
from overture_sandbox.testing import SandboxServer

pytestmark = pytest.mark.browser

PRISCA, JONAS = "prisca-hollowell-sbx", "jonas-fernweh-sbx"


def chromium_below_us() -> list[psutil.Process]:
    """The browser processes (not their helpers) this test run has started."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if line and "chrom" in line[0] and not any(word.startswith("--type=") for word in line):
            found.append(process)
    return found


def own_provider(sandbox: SandboxServer, **settings: object) -> LinkedInBrowser:
    return LinkedInBrowser(settings_for(sandbox.url, **settings), SystemClock(), Rng())


def test_what_it_can_do_follows_from_its_handlers(provider: LinkedInBrowser) -> None:
    kinds = ("enrich", "visit", "connect", "message", "check_connection", "log_in")
    assert all(provider.supports(kind) for kind in kinds)
    assert not provider.supports("manual_task")


async def test_a_crashed_browser_is_started_again_and_close_leaves_none(stage: Stage) -> None:
    before = {process.pid for process in chromium_below_us()}
    provider = own_provider(stage.sandbox)
    own = Stage(stage.sandbox, provider)
    try:
        await own.read(Enrich(public_identifier=PRISCA))
        (first,) = [process for process in chromium_below_us() if process.pid not in before]
        os.kill(first.pid, signal.SIGKILL)
        first.wait(10)

        await own.read(Enrich(public_identifier=PRISCA))
    finally:
        await provider.close()
    assert {process.pid for process in chromium_below_us()} <= before


async def test_close_ends_a_browser_that_no_longer_answers(stage: Stage) -> None:
    before = {process.pid for process in chromium_below_us()}
    provider = own_provider(stage.sandbox)
    await Stage(stage.sandbox, provider).read(Enrich(public_identifier=PRISCA))
    (browser,) = [process for process in chromium_below_us() if process.pid not in before]
    browser.suspend()
    started = CLOCK.monotonic()

    await provider.close()

    browser.wait(10)
    assert CLOCK.monotonic() - started < 25


async def test_no_more_contexts_are_kept_than_allowed(stage: Stage) -> None:
    provider = own_provider(stage.sandbox, browser_contexts=2)
    try:
        accounts = [Stage(stage.sandbox, provider) for _ in range(4)]
        for account in accounts:
            await account.read(Enrich(public_identifier=PRISCA))
        await accounts[-1].read(Enrich(public_identifier=PRISCA))
        await accounts[0].read(Enrich(public_identifier=PRISCA))
    finally:
        await provider.close()

    assert accounts[-1].trace.all("session")[-1] == {"how": "kept"}
    assert accounts[0].trace.all("session")[-1] == {"how": "login"}


async def test_another_session_on_record_replaces_the_open_one(stage: Stage) -> None:
    await stage.read(Enrich(public_identifier=PRISCA))
    stage.remembers(b'{"cookies": [], "origins": []}', version=7)

    await stage.read(Enrich(public_identifier=PRISCA))
    assert [step["how"] for step in stage.trace.all("session")] == ["login", "login"]


async def test_without_an_address_nothing_is_opened(sandbox: SandboxServer) -> None:
    provider = own_provider(sandbox, linkedin_url=None)
    with pytest.raises(NotPossible) as caught:
        await Stage(sandbox, provider).read(Enrich(public_identifier=PRISCA))
    await provider.close()
    assert caught.value.code == "linkedin_url_unset"


async def test_a_run_on_a_kept_session_loads_one_page(on_both: Stage) -> None:
    await on_both.read(Enrich(public_identifier=PRISCA))
    assert on_both.trace.page_loads in (1, 2)  # the feed, and the login form when it is not where that led

    await on_both.write(Connect(public_identifier=PRISCA, note="Hello"))
    assert on_both.trace.page_loads == 1
    await on_both.write(Message(public_identifier=JONAS, message="Hello"))
    assert on_both.trace.page_loads == 1


async def test_the_read_back_lag_can_be_set(stage: Stage) -> None:
    settings = settings_for(stage.sandbox.url)
    short = LinkedInBrowser(settings, SystemClock(), Rng(), read_back_lag=timedelta(seconds=1))
    assert short.read_back_lag == timedelta(seconds=1)
    whole = READ_BACK_LAG + settings.browser_timeout
    assert LinkedInBrowser(settings, SystemClock(), Rng()).read_back_lag == whole
