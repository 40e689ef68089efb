"""Relationships: only newer sights count, a connection answers an invitation, and both move the stage."""

from datetime import timedelta

import pytest

from crowd import a_lead, events, observe, see
from overture import accounts, people
from overture.entrypoints.bootstrap import App
from overture.people import Lead, Seen, stage
from overture.people.relationship import State


async def state_of(app: App, lead: Lead) -> str:
    async with app.sessions() as db:
        return (await people.relationships_of(db, {lead.id}))[0].state


async def test_an_accepted_invitation_is_told_once_and_moves_the_lead(app: App, account: str) -> None:
    lead, at = await a_lead(app, linkedin_slug="ada-l"), app.now()
    await observe(app, account, lead, Seen("invited", at, "run:x"))
    assert (await see(app, lead)).stage == "PENDING"

    for hours in (1, 2):
        await observe(app, account, lead, Seen("connected", at + timedelta(hours=hours), "sync"))

    assert (await see(app, lead)).stage == "CONNECTED"
    told = [kind for kind, _ in await events(app, lead)]
    assert told.count("connection_accepted") == 1
    assert "connection_accepted_historical" not in told
    assert told.count("lead.relationship_changed") == 2


async def test_somebody_who_was_connected_before_accepted_nothing(app: App, account: str) -> None:
    lead = await a_lead(app, linkedin_slug="ada-l")

    await observe(app, account, lead, Seen("connected", app.now(), "sync"))

    told = [kind for kind, _ in await events(app, lead)]
    assert "connection_accepted" not in told
    assert told.count("connection_accepted_historical") == 1
    assert (await see(app, lead)).stage == "DISCOVERED"


async def test_an_older_sight_never_goes_back(app: App, account: str) -> None:
    lead, at = await a_lead(app, linkedin_slug="ada-l"), app.now()
    await observe(app, account, lead, Seen("connected", at, "sync"))
    before = await events(app)

    await observe(app, account, lead, Seen("invited", at - timedelta(seconds=1), "late"))

    assert await state_of(app, lead) == "connected"
    assert await events(app) == before


@pytest.mark.parametrize(
    ("states", "end"),
    [
        (("connected", "none"), "removed"),
        (("connected", "none", "connected"), "connected"),
        (("invited", "none"), "invited"),
        (("incoming", "none"), "incoming"),
        (("incoming", "lapsed"), "none"),
        (("invited", "withdrawn", "none"), "withdrawn"),
        (("incoming", "connected"), "connected"),
        (("lapsed",), "none"),
        (("connected", "lapsed"), "removed"),
        (("withdrawn", "lapsed"), "withdrawn"),
    ],
)
async def test_what_is_seen_means_what_was_before(
    app: App, account: str, states: tuple[State, ...], end: str
) -> None:
    lead, at = await a_lead(app, linkedin_slug="ada-l"), app.now()
    for hours, state in enumerate(states):
        await observe(app, account, lead, Seen(state, at + timedelta(hours=hours), "test"))

    assert await state_of(app, lead) == end


@pytest.mark.parametrize(("hours", "end"), [(23, "invited"), (24, "lapsed")])
async def test_an_invitation_that_is_gone_has_lapsed_unless_it_is_too_new_to_be_listed(
    app: App, account: str, hours: int, end: str
) -> None:
    """Declined or expired: the service does not say which. Lists lag by less than a day."""
    lead, at = await a_lead(app, linkedin_slug="ada-l"), app.now()
    await observe(app, account, lead, Seen("invited", at, "run:x"))
    await observe(app, account, lead, Seen("lapsed", at + timedelta(hours=hours), "run:y"))
    assert await state_of(app, lead) == end

    await observe(app, account, lead, Seen("none", at + timedelta(hours=hours + 1), "run:z"))
    assert await state_of(app, lead) == end


async def test_a_refused_message_takes_no_invitation_away_and_its_acceptance_counts(
    app: App, account: str
) -> None:
    """ "Only connections can be written to" is also said of those whose invitation waits for an answer."""
    lead, at = await a_lead(app, linkedin_slug="ada-l"), app.now()
    for hours, state in ((0, "invited"), (30, "none"), (40, "connected")):
        await observe(app, account, lead, Seen(state, at + timedelta(hours=hours), "test"))  # type: ignore[arg-type]

    assert "connection_accepted" in [kind for kind, _ in await events(app)]


async def test_an_acceptance_after_all_is_one(app: App, account: str) -> None:
    lead, at = await a_lead(app, linkedin_slug="ada-l"), app.now()
    for hours, state in ((0, "invited"), (30, "lapsed"), (40, "connected")):
        await observe(app, account, lead, Seen(state, at + timedelta(hours=hours), "test"))  # type: ignore[arg-type]

    assert "connection_accepted" in [kind for kind, _ in await events(app)]


async def test_a_lead_that_is_over_stays_over(app: App, account: str) -> None:
    lead, at = await a_lead(app, linkedin_slug="ada-l"), app.now()
    await observe(app, account, lead, Seen("invited", at, "run:x"))
    async with app.sessions.begin() as db:
        await stage.move(db, await people.by_id(db, lead.id), "IGNORED", "test", "test", at)

    await observe(app, account, lead, Seen("connected", at + timedelta(hours=1), "sync"))

    assert (await see(app, lead)).stage == "IGNORED"
    assert "connection_accepted" in [kind for kind, _ in await events(app, lead)]


async def test_who_looks_at_the_lead_in_the_same_transaction_sees_the_new_stage(
    app: App, account: str
) -> None:
    lead, at = await a_lead(app, linkedin_slug="ada-l"), app.now()
    async with app.sessions.begin() as db:
        own, account_id = await people.by_id(db, lead.id), (await accounts.by_handle(db, account)).id
        own.title = "Countess"
        await people.observe(db, account_id, lead.id, Seen("invited", at, "run:x"), at)
        assert (own.stage, own.updated_at, own.title) == ("PENDING", at, "Countess")

    seen = await see(app, lead)
    assert (seen.stage, seen.title) == ("PENDING", "Countess")
