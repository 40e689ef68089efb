"""Whatever the product may say has a word on the pages; and a page that was left breaks nothing."""

import pytest
from anyio import BrokenResourceError
from starlette.types import Receive, Scope, Send

from overture import campaigns
from overture.campaigns.tables import SIGNALS
from overture.core.event_types import EVENT_TYPES
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import told, words
from overture.entrypoints.web.guard import Guard
from overture.entrypoints.web.sessions import Seal
from overture.people import SUPPRESSION_KINDS, SUPPRESSION_REASONS


@pytest.mark.parametrize(
    ("states", "named"),
    [
        (campaigns.CAMPAIGN_STATES, words.CAMPAIGN),
        (campaigns.ENROLLMENT_STATES, words.ENROLLMENT),
        (campaigns.TOUCH_STATES, words.TOUCH),
        (campaigns.APPROVAL_STATES, words.APPROVAL),
        (campaigns.LANES, words.LANES),
        (SUPPRESSION_KINDS, words.NAMED),
        (SUPPRESSION_REASONS, words.SUPPRESSED),
        (SIGNALS, told.SIGNAL),
    ],
    ids=["campaign", "enrollment", "touch", "approval", "lane", "kind", "reason", "signal"],
)
def test_every_state_has_its_word(states: tuple[str, ...], named: dict[str, object]) -> None:
    assert set(named) == set(states)


def test_sentences_are_told_of_events_there_are() -> None:
    assert set(told.SENTENCES) <= set(EVENT_TYPES)


def test_a_detail_spells_out_the_code_it_ends_with() -> None:
    assert words.detail("ada: check_pending") == "ada: look after an invitation"
    assert words.detail("opt_out") == "They asked not to be contacted"
    assert words.detail("message needs profile.headline") == "message needs profile.headline"


async def test_a_page_that_is_left_while_it_is_told_something_is_no_fault(app: App) -> None:
    """A hint on its way to a tab that was closed must not stand in the log as a broken page."""
    seal = Seal(app.vault.ring, app.api_key)

    async def ask(left: Exception) -> None:
        async def pages(scope: Scope, receive: Receive, send: Send) -> None:
            raise ExceptionGroup("of a stream", [left])

        async def nothing(*_: object) -> None:
            raise AssertionError

        scope = {"type": "http", "method": "GET", "path": "/live", "headers": [], "query_string": b""}
        await Guard(pages, app, seal, set())(scope, nothing, nothing)  # type: ignore[arg-type]

    await ask(BrokenResourceError())
    with pytest.raises(ExceptionGroup):
        await ask(ZeroDivisionError())
