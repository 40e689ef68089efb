"""Who is still on the account's list of sent invitations is not looked at by name; everybody else is."""

from datetime import time
from typing import Any

import pytest
from sqlalchemy import select

from campaign_house import ACCEPT, CLASSIC, DAY, HELLO, HOUR, INVITE, MINUTE, House, a_house
from crowd import profile_id, take
from overture import accounts, people
from overture.accounts import WorkingHours
from overture.campaigns import Sync, sent_list
from overture.campaigns.due import CLOSING_LIST_FIRST, LIST_FIRST
from overture.entrypoints.api.outreach.forgetting import forgets
from overture.people import Lead
from overture.runs import Run
from overture.touchpoints import ConnectionState, PendingInvitation, Relation, RelationsRead, SentInvitations
from product import MakeApp

FIRST_LOOK = DAY
TIMEOUT = 2 * DAY
EVERY = 12 * HOUR  # of the house: half an hour after the first act, and then twice a day


def waits(on_timeout: str = "end", timeout: str = "2 days") -> dict[str, Any]:
    """The classic, with two days for an acceptance."""
    accept = {**ACCEPT, "wait_for": {**ACCEPT["wait_for"], "timeout": timeout, "on_timeout": on_timeout}}
    withdraw = {"id": "withdraw", "channel": "linkedin", "touchpoint": {"type": "withdraw_invite"}}
    steps = [INVITE, accept, {**HELLO, "next": "end"}, *([withdraw] if on_timeout == "withdraw" else [])]
    return {"name": "waits", "steps": steps}


def item(number: int, slug: str | None = None) -> PendingInvitation:
    """A row of the list, as LinkedIn shows it."""
    return PendingInvitation(profile_id=profile_id(number), public_identifier=slug or f"lea-{number}")


def lists(house: House, *items: PendingInvitation, handle: str = "ada", complete: bool = True) -> None:
    """From now on an account's readings bring these invitations."""
    sent = SentInvitations(items=list(items), complete=complete, read_at=house.now)
    known = house.relations.get(handle, [])
    house.provider.answers[handle, "sync_relations"] = RelationsRead(
        relations=list(known), complete=True, ended_by="end", invitations=sent
    )


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def invited(house: House, sequence: dict[str, Any] | None = None, **fields: Any) -> Lead:
    """Somebody who is invited and has not answered."""
    (lead,) = await house.people(1, **fields)
    await house.enroll(await house.campaign(sequence or waits()), lead)
    await house.settle()
    house.pending()
    return lead


def looks(house: House) -> int:
    """How often an invitation was looked at by name."""
    return [one.kind for one in house.provider.calls].count("check_connection")


def accepts_unlisted(house: House) -> None:
    """They accept, and the list of connections never shows it."""
    house.provider.answers["*", "check_connection:lea-1"] = ConnectionState(
        state="connected", public_identifier="lea-1"
    )


async def test_who_is_on_the_list_when_the_time_is_over_is_given_up_without_a_look(house: House) -> None:
    """The list that counts is one that was read after that; until it comes, the wait says what it is for."""
    lead = await invited(house)
    lists(house, item(1))
    await house.pass_time(TIMEOUT + MINUTE)
    waiting = await house.why(lead)
    assert (waiting.code, waiting.detail) == ("waiting_accept", CLOSING_LIST_FIRST)
    assert await house.sweep() == []
    await house.pass_time(2 * HOUR)

    found = await house.enrollment(lead)
    assert (found.state, found.reason, found.backoff_hours) == ("failed", "invite_expired", 0.0)
    assert looks(house) == 0


async def test_it_goes_on_as_after_a_look_by_name(house: House) -> None:
    """Where the step says what follows, that follows."""
    lead = await invited(house, waits(on_timeout="withdraw"))
    lists(house, item(1))
    await house.pass_time(TIMEOUT + 2 * HOUR)

    assert [one.kind for one in house.sent()] == ["connect", "withdraw_invite"]
    assert (await house.enrollment(lead)).state == "completed"
    assert looks(house) == 0


async def test_the_list_stands_for_the_looks_in_between_too(house: House) -> None:
    """Their pauses double as ever: the next look is no sooner because this one cost nothing."""
    lead = await invited(house, CLASSIC)
    lists(house, item(1))
    pauses = []
    for _ in range(13):
        await house.pass_time(DAY)
        pauses.append((await house.enrollment(lead)).backoff_hours or 0.0)

    assert looks(house) == 0
    assert sorted(set(pauses)) == [48.0, 96.0, 192.0]


async def test_who_is_not_on_the_list_is_looked_at_by_name(house: House) -> None:
    """They may have accepted: the list of connections does not always show it."""
    lead = await invited(house)
    lists(house)
    accepts_unlisted(house)
    await house.pass_time(FIRST_LOOK + 2 * HOUR)

    assert looks(house) == 1
    assert [one.kind for one in house.sent()] == ["connect", "message"]
    assert (await house.enrollment(lead)).state == "completed"


async def test_who_leaves_the_list_in_the_end_is_looked_at_by_name(house: House) -> None:
    """On it at every look before, and not when the time is over: that alone says neither yes nor no."""
    lead = await invited(house)
    lists(house, item(1))
    await house.pass_time(TIMEOUT - HOUR)
    assert looks(house) == 0
    lists(house)
    accepts_unlisted(house)
    await house.pass_time(4 * HOUR)

    assert looks(house) == 1
    assert [one.kind for one in house.sent()] == ["connect", "message"]
    assert (await house.enrollment(lead)).state == "completed"


async def test_a_list_from_before_the_end_does_not_close_the_wait(house: House) -> None:
    """Then no whole list comes any more: it is waited for once, and the look is made by name."""
    lead = await invited(house)
    lists(house, item(1))
    await house.pass_time(TIMEOUT - HOUR)
    kept = await pending_of(house)
    lists(house, complete=False)
    accepts_unlisted(house)
    await house.pass_time(2 * HOUR)
    assert (looks(house), (await house.why(lead)).detail) == (0, CLOSING_LIST_FIRST)
    await house.pass_time(2 * HOUR)

    assert await pending_of(house) == kept
    assert looks(house) == 1
    assert [one.kind for one in house.sent()] == ["connect", "message"]


async def test_an_account_that_reads_no_more_is_not_waited_for(house: House) -> None:
    """It is stopped: after one wait the look queues, and says what holds it."""
    lead = await invited(house)
    lists(house, item(1))
    await house.pass_time(TIMEOUT - HOUR)
    async with house.app.sessions.begin() as db:
        order = accounts.SwitchOrder("global", "", is_on=True, reason="drill", by="test")
        await accounts.turn(db, order, house.now)
    await house.pass_time(4 * HOUR)

    assert (await house.why(lead)).code == "kill_switch"
    assert looks(house) == 0


async def test_another_accounts_list_says_nothing(house: House) -> None:
    """Grace invited somebody of that name, Ada's invitation is gone."""
    await house.sender("grace")
    leads = await house.people(2)
    await house.enroll(await house.campaign(waits(), "ada"), leads[0])
    await house.enroll(await house.campaign(waits(), "grace"), leads[1])
    await house.settle()
    house.pending()
    lists(house, item(2), handle="ada")
    lists(house, item(1), handle="grace")
    await house.pass_time(FIRST_LOOK + 2 * HOUR)

    assert looks(house) == 2


async def test_whoever_is_known_by_name_alone_is_found_by_it(house: House) -> None:
    """However the name is written."""
    await invited(house, linkedin_profile_id=None)
    lists(house, PendingInvitation(public_identifier="Lea-1"))
    await house.pass_time(TIMEOUT + 2 * HOUR)

    assert looks(house) == 0


async def test_a_name_does_not_count_when_a_number_is_known(house: House) -> None:
    """Nothing on the list says that the member of that name is the one of that number."""
    await invited(house, linkedin_profile_id=None, linkedin_member_id="77")
    lists(house, PendingInvitation(public_identifier="lea-1"))
    await house.pass_time(FIRST_LOOK + 2 * HOUR)

    assert looks(house) == 1


async def test_whoever_took_another_name_is_found_by_their_id(house: House) -> None:
    """An id is theirs for ever."""
    await invited(house)
    lists(house, item(1, slug="lea-married-1"))
    await house.pass_time(TIMEOUT + 2 * HOUR)

    assert looks(house) == 0


async def test_a_name_that_is_somebody_elses_by_now_says_nothing(house: House) -> None:
    """The list has another member of the name: the person may have accepted."""
    await invited(house)
    lists(house, item(99, slug="lea-1"))
    await house.pass_time(FIRST_LOOK + 2 * HOUR)

    assert looks(house) == 1


async def test_who_is_on_both_lists_is_connected(house: House) -> None:
    """They accepted between the two readings."""
    lead = await invited(house)
    house.relations["ada"] = [Relation(profile_id=profile_id(1), public_identifier="lea-1")]
    lists(house, item(1))
    await house.pass_time(EVERY + 2 * HOUR)

    assert [one.kind for one in house.sent()] == ["connect", "message"]
    assert (await house.enrollment(lead)).state == "completed"


@pytest.mark.parametrize("timeout", ["5h", "1 days"])
async def test_over_a_weekend_the_list_of_monday_is_waited_for(make_app: MakeApp, timeout: str) -> None:
    """Nothing is read while the account sleeps, and nobody is looked at by name for that."""
    house = await a_house(make_app)
    await house.sender(hours=WorkingHours(days=(0, 1, 2, 3, 4), start=time(9), end=time(17)))
    house.clock.advance(4 * DAY + 4 * HOUR)  # Friday, 13:00
    lead = await invited(house, waits(timeout=timeout))
    lists(house, item(1))
    await house.pass_time(2 * DAY + 19 * HOUR)  # Monday, 8:00
    assert (await house.why(lead)).detail == CLOSING_LIST_FIRST
    await house.pass_time(3 * HOUR)

    assert (await house.enrollment(lead)).reason == "invite_expired"
    assert looks(house) == 0


async def test_an_old_list_does_not_stand_for_a_look(house: House) -> None:
    """The next one is waited for, whatever is decided meanwhile; when it is not whole, the look is made."""
    lead = await invited(house)
    lists(house, item(1))
    await house.pass_time(HOUR)
    lists(house, item(1), complete=False)
    await house.pass_time(FIRST_LOOK - HOUR)
    waiting = await house.why(lead)
    assert (waiting.detail, looks(house)) == (LIST_FIRST, 0)
    await take(house.app, linkedin_slug="lea-1", title="CTO")
    await house.settle()
    again = await house.why(lead)
    assert (again.detail, again.next_at) == (LIST_FIRST, waiting.next_at)
    await house.pass_time(2 * HOUR)

    assert looks(house) == 1


async def test_a_list_that_was_read_before_they_were_invited_says_nothing(make_app: MakeApp) -> None:
    """It shows an invitation of before, which was taken back by hand; however new it counts as."""
    house = await a_house(make_app, relations_every=10 * DAY)
    await house.sender()
    await house.people(1)
    first = await invited(house, CLASSIC)
    lists(house, item(1), item(2))
    await house.pass_time(HOUR)
    lists(house, complete=False)
    await house.enroll((await house.enrollment(first)).campaign_id, house.leads[0])
    await house.pass_time(FIRST_LOOK + 4 * DAY + 2 * HOUR)

    targets = [one.target for one in house.provider.calls if one.kind == "check_connection"]
    assert "lea-1" in targets


async def test_a_reading_that_began_earlier_does_not_replace_a_list(house: House) -> None:
    """It may be taken in later all the same."""
    await invited(house)
    lists(house, item(1))
    await house.pass_time(HOUR)
    async with house.app.sessions.begin() as db:
        (account_id,) = (await db.scalars(select(Sync.account_id).distinct())).all()
        late = SentInvitations(items=[], complete=True, read_at=house.now)
        await sent_list.keep(db, [sent_list.Reading(account_id, house.now - HOUR, late)])

    assert await pending_of(house) == sorted(["lea-1", profile_id(1)])


async def test_the_planners_readings_ask_for_the_list(house: House) -> None:
    """Nobody else's do, unless they say so."""
    await invited(house)
    await house.pass_time(HOUR)

    async with house.app.sessions() as db:
        run = (await db.scalars(select(Run).where(Run.touchpoint_type == "sync_relations"))).one()
    assert run.touchpoint_input["with_invitations"] is True


async def test_whoever_is_erased_is_on_no_kept_list(house: House) -> None:
    """The others stay on it."""
    lead = await invited(house)
    lists(house, item(1), item(2))
    await house.pass_time(HOUR)
    assert await pending_of(house) == sorted(["lea-1", "lea-2", profile_id(1), profile_id(2)])
    async with house.app.sessions.begin() as db:
        asked = people.Erasure(by="test", artifacts_dir=house.app.kit.artifacts_dir, also=forgets(house.app))
        await people.erase(db, house.app.ids, house.now, lead.id, asked)

    assert await pending_of(house) == sorted(["lea-2", profile_id(2)])


async def pending_of(house: House, kind: str = "sync_relations") -> list[str] | None:
    """The list as it is kept."""
    async with house.app.sessions() as db:
        return (await db.scalars(select(Sync.pending).where(Sync.kind == kind))).one()
