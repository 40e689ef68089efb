"""Reads through Unipile: profiles, standings, lists and searches, in the shapes every provider brings."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from provider_stage import Stage, settings_for
from unipile_desk import ASKED, FAR, FRIEND, ME, STRANGER, Desk

from carrying import CLOCK
from overture.core.clock import SystemClock
from overture.core.errors import NotPossible, Throttled
from overture.core.rng import Rng
from overture.providers.unipile.provider import Unipile
from overture.touchpoints import (
    CheckConnection,
    ConnectionState,
    Enrich,
    Enriched,
    InboxRead,
    LoggedIn,
    LogIn,
    PeopleFound,
    RelationsRead,
    Search,
    SentInvitations,
    SyncInbox,
    SyncRelations,
    Visit,
    Visited,
)


@pytest.fixture
async def stage(open_sandbox: Desk) -> AsyncIterator[Stage]:
    open_sandbox.sandbox.reset()
    desk = Desk(open_sandbox.sandbox).connect()
    provider = Unipile(settings_for(desk.sandbox.url), SystemClock(), Rng())
    yield Stage(desk, provider)
    await provider.close()


async def test_a_profile_is_read_whole_and_nobody_is_told(stage: Stage) -> None:
    found = await stage.read(Enrich(public_identifier=FRIEND, contact_details=True))

    assert isinstance(found, Enriched)
    profile = found.profile
    assert (profile.public_identifier, profile.profile_id) == (FRIEND, stage.desk.id_of(FRIEND))
    assert (profile.full_name, profile.relationship.state, profile.degree) == (
        "Jonas Fernweh",
        "connected",
        1,
    )
    assert profile.positions
    assert profile.current_position is not None
    assert profile.missing_sections == ()
    assert found.contact is not None
    assert stage.desk.kinds(kind="visit") == []


async def test_sections_that_were_held_back_are_named(stage: Stage) -> None:
    stage.desk.fault("throttled_sections", "user", times=1)

    found = await stage.read(Enrich(public_identifier=FRIEND))
    assert isinstance(found, Enriched)
    assert found.profile.positions == ()
    assert {"positions", "skills"} <= set(found.profile.missing_sections)


async def test_a_visit_is_seen_by_its_owner_once(stage: Stage) -> None:
    found = await stage.read(Visit(public_identifier=STRANGER, duration_s=1.0))

    assert isinstance(found, Visited)
    assert (found.public_identifier, found.duration_s) == (STRANGER, 0.0)
    assert stage.desk.kinds(kind="visit") == ["visit"]


@pytest.mark.parametrize(
    ("slug", "state", "degree"),
    [(FRIEND, "connected", 1), (ASKED, "pending", None), (STRANGER, "none", 2), (FAR, "none", None)],
)
async def test_how_the_account_stands_is_told(
    stage: Stage, slug: str, state: str, degree: int | None
) -> None:
    found = await stage.read(CheckConnection(public_identifier=slug))

    assert isinstance(found, ConnectionState)
    assert (found.state, found.public_identifier, found.source) == (state, slug, "api")
    assert degree is None or found.degree == degree
    assert (found.invitation_urn is not None) == (state == "pending")


async def test_who_is_asked_for_by_id_is_who_is_answered(stage: Stage) -> None:
    found = await stage.read(CheckConnection(public_identifier=stage.desk.id_of(FRIEND)))
    assert isinstance(found, ConnectionState)
    assert found.public_identifier == FRIEND

    with pytest.raises(NotPossible) as caught:
        await stage.read(CheckConnection(public_identifier="nobody-of-that-name"))
    assert caught.value.code == "profile_unavailable"


async def test_relations_are_read_newest_first_with_where_to_go_on(stage: Stage) -> None:
    for slug in (FAR, STRANGER):
        stage.admin.put("/relationships", account=ME, member=slug, state="connected")
    everybody = await stage.read(SyncRelations())
    assert isinstance(everybody, RelationsRead)
    assert (everybody.complete, everybody.ended_by) == (True, "end")
    ids = [one.profile_id for one in everybody.relations]
    assert stage.desk.id_of(FRIEND) in ids
    assert len(ids) > 2

    first = await stage.read(SyncRelations(limit=1))
    assert isinstance(first, RelationsRead)
    assert (first.complete, first.ended_by, first.next_start) == (False, "limit", 1)
    rest = await stage.read(SyncRelations(start=1))
    assert isinstance(rest, RelationsRead)
    assert [one.profile_id for one in [*first.relations, *rest.relations]] == ids

    newest = everybody.relations[0].connected_at
    assert newest is not None
    since = await stage.read(SyncRelations(since=newest))
    assert isinstance(since, RelationsRead)
    assert since.ended_by in ("since", "end")
    assert ids[0] in [one.profile_id for one in since.relations]


async def test_relations_match_by_classic_id_without_any_slug(stage: Stage) -> None:
    stage.desk.settings(nameless_fraction=1.0)

    found = await stage.read(SyncRelations())
    assert isinstance(found, RelationsRead)
    assert {one.public_identifier for one in found.relations} == {None}
    assert found.complete


def invite(stage: Stage, count: int) -> list[str]:
    """That many people who have not answered; the slugs, the newest first."""
    slugs = [stage.admin.post("/members", {})["slug"] for _ in range(count)]
    for slug in slugs:
        stage.admin.put("/relationships", account=ME, member=slug, state="pending")
    return slugs[::-1]


async def read_all(stage: Stage) -> tuple[RelationsRead, SentInvitations]:
    found = await stage.read(SyncRelations(with_invitations=True))
    assert isinstance(found, RelationsRead)
    assert found.invitations is not None
    return found, found.invitations


async def test_who_has_not_answered_is_read_over_pages_and_only_if_asked_for(stage: Stage) -> None:
    slugs = [*invite(stage, 105), ASKED]

    found, sent = await read_all(stage)
    assert (found.complete, sent.complete) == (True, True)
    assert [one.public_identifier for one in sent.items] == slugs
    assert sent.items[-1].profile_id == stage.desk.id_of(ASKED)
    plain = await stage.read(SyncRelations())
    assert isinstance(plain, RelationsRead)
    assert plain.invitations is None


async def test_a_list_of_invitations_that_cannot_be_read_whole_fails_nothing_else(stage: Stage) -> None:
    invite(stage, 105)
    for kind, rule in (
        ("html_502", {"times": 9}),
        ("repeat_cursor", {"times": 9}),
        ("status", {"status": 200, "body": {"object": "InvitationList", "items": [{"id": "1"}]}, "times": 1}),
    ):
        stage.desk.fault(kind, "invite.sent", **rule)
        found, sent = await read_all(stage)
        assert found.complete
        assert stage.desk.id_of(FRIEND) in [one.profile_id for one in found.relations]
        assert not sent.complete
        stage.admin.delete("/faults")


async def test_a_limit_met_at_the_invitations_is_the_accounts(stage: Stage) -> None:
    stage.desk.fault("status", "invite.sent", status=429)
    with pytest.raises(Throttled):
        await stage.read(SyncRelations(with_invitations=True))


async def test_the_inbox_is_read_without_marking_anything(stage: Stage) -> None:
    stage.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Hello Mira")
    stage.desk.write(FRIEND, "Hello Jonas")

    found = await stage.read(SyncInbox())
    assert isinstance(found, InboxRead)
    assert found.complete
    (thread,) = [
        one for one in found.conversations if stage.desk.id_of(FRIEND) in one.participant_profile_ids
    ]
    assert [(one.is_own, one.text) for one in thread.messages][-2:] == [
        (False, "Hello Mira"),
        (True, "Hello Jonas"),
    ]
    assert thread.participant_names == ["Jonas Fernweh"]
    assert stage.desk.kinds(kind="mark_read") == []


async def test_the_inbox_since_a_time_holds_what_moved_since(stage: Stage) -> None:
    since = CLOCK.now() - timedelta(seconds=1)
    stage.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Just now")

    found = await stage.read(SyncInbox(since=since))
    assert isinstance(found, InboxRead)
    assert (found.ended_by, len(found.conversations)) == ("since", 1)
    assert found.conversations[0].messages[-1].text == "Just now"


async def test_a_search_goes_on_where_it_ended(stage: Stage) -> None:
    for number in range(12):
        stage.admin.post("/members", first_name="Querty", last_name=f"Searched{number}")
    first = await stage.read(Search(keywords="Querty", limit=5))
    assert isinstance(first, PeopleFound)
    assert (len(first.people), first.next_start) == (5, 5)
    rest = await stage.read(Search(keywords="Querty", start=5, limit=20))
    assert isinstance(rest, PeopleFound)
    assert rest.next_start is None
    assert len(rest.people) == 7


async def test_a_limit_of_reading_rests_the_whole_account(stage: Stage) -> None:
    stage.desk.fault("status", "user", status=429)

    with pytest.raises(Throttled) as caught:
        await stage.read(Enrich(public_identifier=FRIEND))
    assert (caught.value.code, caught.value.facts["scope"]) == ("rate_limited", "account")


async def test_logging_in_proves_who_the_account_is(stage: Stage) -> None:
    found = await stage.read(LogIn())

    assert isinstance(found, LoggedIn)
    assert found.profile_id
    assert found.how == "kept"


async def test_who_is_not_there_is_not_asked_for_again_that_day(stage: Stage) -> None:
    for _ in range(2):
        with pytest.raises(NotPossible) as caught:
            await stage.read(Enrich(public_identifier="nobody-of-that-name"))
        assert caught.value.code == "profile_unavailable"

    assert len(stage.admin.get("/unipile/journal", endpoint="user")) == 1
