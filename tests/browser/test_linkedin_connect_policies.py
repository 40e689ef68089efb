"""What a client lets happen: an invitation without its note, accepting theirs; and what LinkedIn remarks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from linkedin_stage import Stage, as_dict, prepared, settings_for

from carrying import CLOCK, IDS, intent
from overture.core.clock import SystemClock
from overture.core.errors import Throttled, Transient, Uncertain
from overture.core.rng import Rng
from overture.providers.linkedin_browser import LinkedInBrowser
from overture.touchpoints import Connect, Invited

pytestmark = pytest.mark.browser

PRISCA, TOMAS = "prisca-hollowell-sbx", "tomas-kettering-sbx"


async def test_without_a_note_where_the_client_allows_it(on_both: Stage) -> None:
    on_both.look(notes_remaining=0)
    touchpoint = Connect(public_identifier=PRISCA, note="Hello", on_note_refused="send_without")

    done = await on_both.write(touchpoint)
    assert isinstance(done.outcome, Invited)
    assert (done.outcome.note_sent, done.outcome.note_dropped) == (False, True)
    assert [entry["text"] for entry in on_both.ledger("invite")] == [None]


@asynccontextmanager
async def another_process(stage: Stage) -> AsyncIterator[Stage]:
    """The same account in a browser that knows of it only what is remembered."""
    provider = LinkedInBrowser(settings_for(stage.sandbox.url), SystemClock(), Rng())
    other = Stage(stage.sandbox, provider)
    other.sender = stage.sender
    yield other
    await provider.close()


async def test_a_note_refused_at_send_is_left_out_by_the_next_attempt(on_both: Stage) -> None:
    on_both.look(notes_remaining=0)
    on_both.admin.post("/page-quirks", kind="notes_unknown")
    touchpoint = Connect(public_identifier=PRISCA, note="Hello", on_note_refused="send_without")
    token = IDS.token()

    async with on_both.session() as session:
        first = await prepared(session, touchpoint, token)
        with pytest.raises(Transient) as caught:
            await first.act(intent(token))
        await first.abandon()
        assert caught.value.code == "note_quota"
        assert on_both.ledger("invite") == []
        state = await session.state()
    assert state is not None
    assert as_dict(state)["without_note"] == [str(token)]
    on_both.remembers(state)
    async with another_process(on_both) as other, other.session() as session:
        second = await prepared(session, touchpoint, token)
        seen = await second.confirm(await second.act(intent(token)))

    assert seen is not None
    assert isinstance(seen[0], Invited)
    assert (seen[0].note_sent, seen[0].note_dropped) == (False, True)
    assert [entry["text"] for entry in on_both.ledger("invite")] == [None]


async def test_an_incoming_invitation_is_accepted_where_the_client_says_so(on_both: Stage) -> None:
    on_both.member(PRISCA, sidebar_decoys=5)
    on_both.admin.post(f"/people/{PRISCA}/invite", account="mira@sandbox.test")
    touchpoint = Connect(public_identifier=PRISCA, on_incoming="accept")

    done = await on_both.write(touchpoint)
    assert isinstance(done.outcome, Invited)
    assert (done.outcome.state, done.outcome.noop, done.outcome.note_sent) == ("connected", False, False)
    assert [entry["target"] for entry in on_both.ledger("accept")] == [PRISCA]
    assert done.is_answer
    assert (on_both.ledger("decline"), on_both.ledger("invite")) == ([], [])


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "da_DK"])
async def test_accepts_in_the_accounts_language(on_both: Stage, locale: str) -> None:
    on_both.look(locale=locale)
    on_both.admin.post(f"/people/{PRISCA}/invite", account="mira@sandbox.test")

    await on_both.write(Connect(public_identifier=PRISCA, on_incoming="accept"))
    assert [entry["target"] for entry in on_both.ledger("accept")] == [PRISCA]


@pytest.mark.parametrize(
    ("kind", "verdict"), [("drop_after_commit", "found"), ("drop_before_commit", "absent")]
)
async def test_a_lost_answer_to_accepting_is_read_back(on_both: Stage, kind: str, verdict: str) -> None:
    on_both.admin.post(f"/people/{PRISCA}/invite", account="mira@sandbox.test")
    on_both.admin.fault(kind, "invitation_action")
    touchpoint = Connect(public_identifier=PRISCA, on_incoming="accept")
    since, token = CLOCK.now(), IDS.token()

    async with on_both.session() as session:
        write = await prepared(session, touchpoint, token)
        with pytest.raises(Uncertain):
            await write.act(intent(token))
        await write.abandon()
    found = await on_both.read_back(touchpoint, token, since)

    assert found.verdict == verdict
    assert len(on_both.ledger("accept")) == (1 if verdict == "found" else 0)


@pytest.mark.parametrize("said", ["close_to_limit", "growing_network"])
async def test_what_lies_over_the_page_afterwards_is_told_and_put_away(on_both: Stage, said: str) -> None:
    on_both.admin.post("/page-quirks", kind=said)

    async with on_both.session() as session:
        token = IDS.token()
        write = await prepared(session, Connect(public_identifier=PRISCA), token)
        seen = await write.confirm(await write.act(intent(token)))
        open_dialogs = session.desk.tab.page.locator("[role=dialog]:not(.vjs-modal-dialog)")
        left = await open_dialogs.filter(visible=True).count()

    assert seen is not None
    assert isinstance(seen[0], Invited)
    assert (seen[0].state, seen[0].warning) == ("pending", said)
    assert left == 0


async def test_the_limits_alert_counts_even_when_the_page_did_not_ask(stage: Stage) -> None:
    stage.admin.post("/page-quirks", kind="limit_unasked")

    with pytest.raises(Throttled) as caught:
        await stage.write(Connect(public_identifier=PRISCA))
    assert caught.value.code == "weekly_limit"
    assert stage.ledger("invite") == []


async def test_what_a_note_became_is_not_guessed(stage: Stage) -> None:
    for policy in ("refuse", "send_without"):
        slug = PRISCA if policy == "refuse" else TOMAS
        stage.admin.put("/relationships", account="mira@sandbox.test", member=slug, state="pending")
        touchpoint = Connect(public_identifier=slug, note="Hello", on_note_refused=policy)
        found = await stage.read_back(touchpoint, IDS.token(), CLOCK.now())

        assert isinstance(found.outcome, Invited)
        assert found.outcome.note_sent is (True if policy == "refuse" else None)
