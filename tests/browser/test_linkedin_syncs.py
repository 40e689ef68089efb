"""Syncs and searches: connections, the inbox, people; and what of them is never taken for "nothing there"."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from linkedin_stage import Stage

from overture.core.errors import Failure, Throttled
from overture.touchpoints import (
    InboxRead,
    Message,
    Outcome,
    PeopleFound,
    RelationsRead,
    Search,
    SentInvitations,
    SyncInbox,
    SyncRelations,
)

pytestmark = pytest.mark.browser

ME, JONAS, PRISCA, TOMAS, LENA = (
    "mira@sandbox.test",
    "jonas-fernweh-sbx",
    "prisca-hollowell-sbx",
    "tomas-kettering-sbx",
    "lena-vogtmann-sbx",
)


def connect(stage: Stage, count: int) -> list[str]:
    """That many new connections; the slugs, the newest first."""
    slugs = []
    for _ in range(count):
        slug = stage.member()["slug"]
        stage.admin.put("/relationships", account=ME, member=slug, state="connected")
        slugs.append(slug)
    return slugs[::-1]


async def relations(stage: Stage, **wanted: Any) -> RelationsRead:
    outcome = await stage.read(SyncRelations(**wanted))
    assert isinstance(outcome, RelationsRead)
    return outcome


async def inbox(stage: Stage, **wanted: Any) -> InboxRead:
    outcome = await stage.read(SyncInbox(**wanted))
    assert isinstance(outcome, InboxRead)
    return outcome


async def people(stage: Stage, keywords: str, **wanted: Any) -> PeopleFound:
    outcome = await stage.read(Search(keywords=keywords, **wanted))
    assert isinstance(outcome, PeopleFound)
    return outcome


async def test_connections_are_read_newest_first_over_pages(stage: Stage) -> None:
    slugs = [*connect(stage, 85), JONAS]

    outcome = await relations(stage)

    assert [one.public_identifier for one in outcome.relations] == slugs
    assert (outcome.complete, outcome.ended_by, outcome.total) == (True, "end", 86)
    first = outcome.relations[0]
    member = stage.admin.get(f"/members/{first.public_identifier}")
    assert (first.profile_id, first.member_id) == (member["profile_id"], member["number"])
    assert (first.full_name, first.headline) == (member["full_name"], member["headline"])
    assert first.connected_at is not None


async def test_a_limit_cuts_the_list_off_and_says_where_to_go_on(stage: Stage) -> None:
    slugs = [*connect(stage, 50), JONAS]

    first = await relations(stage, limit=45)
    rest = await relations(stage, start=first.next_start)

    assert (first.complete, first.ended_by, first.next_start) == (False, "limit", 45)
    found = [one.public_identifier for one in (*first.relations, *rest.relations)]
    assert found == slugs
    assert (rest.complete, rest.next_start) == (True, None)


async def test_connections_are_read_back_to_a_time(stage: Stage) -> None:
    since = datetime.now(UTC)
    stage.admin.post("/clock", advance_s=60)
    slugs = connect(stage, 3)

    outcome = await relations(stage, since=since + timedelta(seconds=30))

    assert [one.public_identifier for one in outcome.relations] == slugs
    assert (outcome.complete, outcome.ended_by) == (True, "since")


def invite(stage: Stage, count: int) -> list[str]:
    """That many people who have not answered; the slugs, the newest first."""
    slugs = [stage.member()["slug"] for _ in range(count)]
    for slug in slugs:
        stage.admin.put("/relationships", account=ME, member=slug, state="pending")
    return slugs[::-1]


async def invitations(stage: Stage) -> SentInvitations:
    found = (await relations(stage, with_invitations=True)).invitations
    assert found is not None
    return found


async def test_who_has_not_answered_is_read_over_pages_and_only_if_asked_for(stage: Stage) -> None:
    slugs = invite(stage, 105)

    outcome = await relations(stage, with_invitations=True)

    sent = outcome.invitations
    assert sent is not None
    assert sent.complete
    assert [one.public_identifier for one in sent.items][:105] == slugs
    member = stage.admin.get(f"/members/{slugs[0]}")
    assert (sent.items[0].profile_id, sent.items[0].member_id) == (member["profile_id"], member["number"])
    assert [one.public_identifier for one in outcome.relations] == [JONAS]
    assert (await relations(stage)).invitations is None


async def test_a_list_of_invitations_that_cannot_be_read_fails_nothing_else(stage: Stage) -> None:
    invite(stage, 1)
    bodies: list[dict[str, Any]] = [{"data": {}, "included": []}]
    bodies.append({"data": {"*elements": ["urn:li:x:1"]}, "included": []})
    for body in bodies:
        stage.admin.fault("status", "sent_invitations", status=200, body=body, times=1)
        outcome = await relations(stage, with_invitations=True)
        assert outcome.invitations is not None
        assert (outcome.invitations.items, outcome.invitations.complete) == ([], False)
        assert outcome.complete
        assert [one.public_identifier for one in outcome.relations] == [JONAS]


async def test_a_list_of_invitations_that_stops_in_the_middle_is_not_complete(stage: Stage) -> None:
    invite(stage, 105)
    stage.admin.fault("status", "sent_invitations", status=500, skip=1, times=1)

    assert not (await invitations(stage)).complete


async def test_an_invitation_that_does_not_say_whose_it_is_makes_the_list_incomplete(stage: Stage) -> None:
    view, sent = "urn:li:fs_relSentInvitationView:urn:li:invitation:1", "urn:li:fs_relInvitation:1"
    included = [{"entityUrn": view, "*invitation": sent}, {"entityUrn": sent, "toMemberId": "7"}]
    body = {"data": {"*elements": [view], "paging": {"total": 1}}, "included": included}
    stage.admin.fault("status", "sent_invitations", status=200, body=body, times=1)

    found = await invitations(stage)
    assert (found.items, found.complete) == ([], False)


async def test_a_limit_met_at_the_invitations_is_the_accounts(stage: Stage) -> None:
    async with stage.session() as session:
        stage.admin.fault("status", "sent_invitations", status=429, headers={"retry-after": "600"})
        with pytest.raises(Throttled):
            await session.read(SyncRelations(with_invitations=True))


@pytest.mark.parametrize(
    ("endpoint", "touchpoint"),
    [
        ("connections", SyncRelations()),
        ("conversations", SyncInbox()),
        ("search", Search(keywords="logistics")),
    ],
)
@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"status": 200, "body": {"data": {}, "included": []}}, "unknown_shape"),
        ({"status": 200, "body": {"data": {"errors": [{"message": "no"}]}}}, "rejected"),
        ({"status": 200, "body": "<html>Log in</html>"}, "session_expired"),
        ({"status": 429, "headers": {"retry-after": "600"}}, "rate_limited"),
    ],
)
async def test_a_list_that_did_not_come_is_never_an_empty_one(
    stage: Stage, endpoint: str, touchpoint: Any, rule: dict[str, object], code: str
) -> None:
    async with stage.session() as session:
        stage.admin.fault("status", endpoint, **rule)
        with pytest.raises(Failure) as caught:
            await session.read(touchpoint)
    assert caught.value.code == code


async def test_the_inbox_is_read_and_nothing_is_marked_as_read(on_both: Stage) -> None:
    on_both.admin.post(f"/people/{JONAS}/reply", account=ME, text="Tuesday?")
    on_both.admin.post(f"/people/{JONAS}/reply", account=ME, text="Or Friday?\n\nBoth work.")

    outcome = await inbox(on_both)
    again = await inbox(on_both)

    [thread] = outcome.conversations
    jonas = on_both.admin.get(f"/members/{JONAS}")
    assert thread.participant_profile_ids == [jonas["profile_id"]]
    assert thread.participant_names == ["Jonas Fernweh"]
    assert [(one.text, one.is_own) for one in thread.messages] == [
        ("Tuesday?", False),
        ("Or Friday?\n\nBoth work.", False),
    ]
    assert (outcome.complete, outcome.ended_by, thread.complete) == (True, "end", True)
    assert again.conversations[0].unread_count == thread.unread_count == 2


async def test_own_messages_are_told_from_foreign_ones(stage: Stage) -> None:
    await stage.write(Message(public_identifier=JONAS, message="Hello Jonas"))
    stage.admin.post(f"/people/{JONAS}/reply", account=ME, text="Hello")

    outcome = await inbox(stage)
    latest = await inbox(stage, messages=1)

    mine, theirs = outcome.conversations[0].messages
    assert (mine.is_own, theirs.is_own) == (True, False)
    assert mine.origin_token is not None
    assert theirs.origin_token is None
    [only] = latest.conversations[0].messages
    assert only.text == "Hello"
    assert latest.conversations[0].complete is False


async def test_a_long_inbox_is_paged_back_to_a_time(stage: Stage) -> None:
    slugs = connect(stage, 45)
    for index, slug in enumerate(reversed(slugs)):
        stage.admin.post("/clock", advance_s=10)
        stage.admin.post(f"/people/{slug}/reply", account=ME, text=f"Message {index}")
    ids = {slug: stage.admin.get(f"/members/{slug}")["profile_id"] for slug in slugs}

    everything = await inbox(stage, messages=1)
    assert [one.participant_profile_ids[0] for one in everything.conversations] == [ids[s] for s in slugs]
    assert (everything.complete, everything.ended_by) == (True, "end")

    middle = everything.conversations[24].last_activity_at
    recent = await inbox(stage, messages=1, since=middle)
    assert len(recent.conversations) == 25
    assert (recent.complete, recent.ended_by) == (True, "since")

    few = await inbox(stage, messages=1, limit=5)
    assert (len(few.conversations), few.complete, few.ended_by) == (5, False, "limit")


async def test_a_stale_inbox_query_falls_back_to_the_first_conversations(stage: Stage) -> None:
    stage.admin.post(f"/people/{JONAS}/reply", account=ME, text="Hello?")
    async with stage.session() as session:
        stage.admin.fault("status", "conversations", status=400, times=1)
        outcome = await session.read(SyncInbox())

    assert isinstance(outcome, InboxRead)
    assert [one.participant_names for one in outcome.conversations] == [["Jonas Fernweh"]]


async def test_people_are_found_in_the_sites_order_with_their_degree(stage: Stage) -> None:
    stage.member(TOMAS, headline="Coffee routes")
    stage.admin.put("/relationships", account=ME, member=LENA, state="none", degree="OUT")
    stage.member(LENA, headline="Coffee pumps")

    outcome = await people(stage, "coffee")

    jonas, tomas, stranger = outcome.people
    assert (jonas.public_identifier, jonas.degree, jonas.full_name) == (JONAS, 1, "Jonas Fernweh")
    assert jonas.profile_id == stage.admin.get(f"/members/{JONAS}")["profile_id"]
    assert (tomas.public_identifier, tomas.degree) == (TOMAS, 3)
    assert stranger.model_dump(exclude={"headline", "location"}) == {
        "profile_id": None,
        "public_identifier": None,
        "member_id": None,
        "full_name": None,
        "degree": "out_of_network",
    }
    assert stranger.headline == "Coffee pumps"
    assert (outcome.total, outcome.next_start, outcome.source) == (3, None, "api")


async def test_a_search_goes_on_where_it_stopped(stage: Stage) -> None:
    for index in range(27):
        slug = stage.member(headline=f"Pump designer {index}")["slug"]
        stage.admin.put("/relationships", account=ME, member=slug, state="none", degree="2")

    first = await people(stage, "pump designer", limit=13)
    rest = await people(stage, "pump designer", limit=100, start=first.next_start)

    assert (len(first.people), first.next_start, first.total) == (13, 13, 27)
    assert (len(rest.people), rest.next_start) == (14, None)
    assert len({one.profile_id for one in (*first.people, *rest.people)}) == 27


async def test_filters_narrow_a_search(stage: Stage) -> None:
    assert [one.public_identifier for one in (await people(stage, "sbx o", network=["1st"])).people] == []
    found = await people(stage, "head of data", network=["2nd"], current_company_ids=[970001])
    assert [one.public_identifier for one in found.people] == [PRISCA]


async def test_a_stale_query_falls_back_to_the_page(on_both: Stage) -> None:
    on_both.look(stale_queries=True)
    on_both.member(TOMAS, headline="Head of Coffee, 2nd to none")

    found: Outcome = await people(on_both, "coffee")

    assert isinstance(found, PeopleFound)
    assert found.source == "page"
    assert [(one.public_identifier, one.full_name, one.headline, one.degree) for one in found.people] == [
        (JONAS, "Jonas Fernweh", "Coffee logistics", 1),
        (TOMAS, "Tomas Kettering", "Head of Coffee, 2nd to none", 3),
    ]
    assert found.people[0].location == "Leipzig, Saxony, Germany"
    assert on_both.trace.all("fallback") == [{"control": "search", "code": "query_id_rotated"}]


async def test_a_page_of_results_goes_on_and_headlines_explain_nothing(on_both: Stage) -> None:
    on_both.look(stale_queries=True)
    for index in range(12):
        headline = f"Reached the monthly limit of pumps, {index}"
        slug = on_both.member(headline=headline)["slug"]
        on_both.admin.put("/relationships", account=ME, member=slug, state="none", degree="2")

    outcome = await people(on_both, "monthly limit of pumps", limit=50)

    assert len({one.public_identifier for one in outcome.people}) == 12
    assert (outcome.total, outcome.next_start, outcome.source) == (None, None, "page")


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "da_DK"])
async def test_nobody_found_is_told_from_the_monthly_limit(on_both: Stage, locale: str) -> None:
    on_both.look(locale=locale)
    nobody = await people(on_both, "zzz nobody is called this")
    assert (nobody.people, nobody.total, nobody.next_start) == ([], 0, None)

    on_both.look(searches_remaining=0)
    with pytest.raises(Throttled) as caught:
        await people(on_both, "coffee")
    assert caught.value.code == "search_limited"
    assert caught.value.until > datetime.now(UTC)


async def test_the_limit_in_the_middle_keeps_what_was_found(stage: Stage) -> None:
    for index in range(12):
        slug = stage.member(headline=f"Flange fitter {index}")["slug"]
        stage.admin.put("/relationships", account=ME, member=slug, state="none", degree="2")
    stage.look(searches_remaining=1)

    found = await people(stage, "flange fitter", limit=20)
    assert (len(found.people), found.total, found.next_start) == (10, 12, 10)

    with pytest.raises(Throttled):
        await people(stage, "flange fitter", start=10)
