"""Reconciling connections with leads: who is found, what is said of the rest, what a crash costs: nothing."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import func, select

from campaign_house import ACCEPT, DAY, HELLO, INVITE, House, a_house
from crowd import a_lead, keys_of, observe, profile_id
from fakes import fail
from overture import accounts, people
from overture.campaigns import reconcile
from overture.campaigns.reconcile import Order, Reconciliation, Scope
from overture.core.errors import Conflict, NotPossible
from overture.db import Event
from overture.entrypoints.api.outreach import reconciliation_acts
from overture.people import Erasure, Lead, Seen
from overture.runs import Run
from overture.touchpoints import ConnectionState, Relation, RelationsRead
from product import MakeApp

ACW = "ACwAAAAAAAsBX7Qm3vLk9TzR1yHc5WdEfGhJuN0"
PLAN = {"name": "plan", "steps": [INVITE, ACCEPT, {**HELLO, "delay": "0min"}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    made = await a_house(make_app)
    await made.sender()
    return made


def listed(*numbers: int, named: bool = True) -> list[Relation]:
    return [
        Relation(
            profile_id=profile_id(number),
            public_identifier=f"lea-{number}" if named else None,
            full_name=f"Lea{number} Known",
        )
        for number in numbers
    ]


def lists(house: House, *relations: Relation, **more: Any) -> None:
    """What the account's list shows from now on."""
    more = {"complete": True, "ended_by": "end", **more}
    house.provider.answers["ada", "sync_relations"] = RelationsRead(relations=list(relations), **more)


def tells(house: House, name: str, number: int, **more: Any) -> None:
    """Who a profile read of this name leads to."""
    more = {"state": "none", "public_identifier": f"lea-{number}", **more}
    told = ConnectionState(profile_id=profile_id(number), **more)
    house.provider.answers["ada", f"check_connection:{name}"] = told


async def invited(house: House, **fields: Any) -> Lead:
    """A lead that was invited long ago."""
    lead = await a_lead(house.app, **fields)
    await observe(house.app, "ada", lead, Seen("invited", house.now - 90 * DAY, "import"))
    return lead


async def begin(house: House, **scope: Any) -> Reconciliation:
    async with house.app.sessions.begin() as db:
        account = await accounts.by_handle(db, "ada")
        order = Order(Scope(**scope), "test", "told so")
        return await reconcile.begin(db, house.app.ids, account, order, house.now)


async def stands(house: House, job: Reconciliation) -> Reconciliation:
    async with house.app.sessions() as db:
        return await reconcile.by_id(db, job.id)


async def carried(house: House, job: Reconciliation) -> Reconciliation:
    """Carry it on until nothing more happens."""
    while await reconcile.turn(house.app.planner_kit, house.now):
        await house.work()
    return await stands(house, job)


async def reconciled(house: House, **scope: Any) -> Reconciliation:
    return await carried(house, await begin(house, **scope))


async def relationship(house: House, lead: Lead) -> str:
    async with house.app.sessions() as db:
        return {one.lead_id: one.state for one in await people.relationships_of(db, [lead.id])}.get(
            lead.id, "none"
        )


async def events(house: House) -> Counter[str]:
    async with house.app.sessions() as db:
        return Counter(await db.scalars(select(Event.type)))


def sample(job: Reconciliation, side: str) -> list[dict[str, Any]]:
    """Those for whom nobody was found."""
    return cast(list[dict[str, Any]], job.unmatched[side])


def reads(house: House) -> list[str | None]:
    """The names profiles were read by."""
    return [one.target for one in house.provider.calls if one.kind == "check_connection"]


async def test_whoever_is_listed_is_connected_and_the_rest_is_explained(house: House) -> None:
    by_id = await invited(house, linkedin_profile_id=profile_id(1))
    by_name = await invited(house, linkedin_slug="lea-2")
    by_number = await invited(house, linkedin_member_id="3")
    in_sales = await invited(house, sales_navigator=ACW)
    never = await invited(house, linkedin_profile_id=profile_id(900))
    by_mail = await invited(house, email="nobody@example.test")
    lists(house, *listed(1, 2, 3, 4, 77))
    tells(house, ACW, 4, state="connected")

    found = await reconciled(house)

    assert [await relationship(house, one) for one in (by_id, by_name, by_number, in_sales)] == [
        "connected"
    ] * 4
    assert [await relationship(house, one) for one in (never, by_mail)] == ["invited"] * 2
    assert reads(house) == [ACW]
    counts = reconcile.counts_of(found)
    assert (counts.matched, counts.newly_connected, counts.already_connected) == (4, 4, 0)
    assert (counts.profile_reads, counts.resolved, counts.unresolved) == (1, 1, 0)
    assert counts.matched_by == {"member_number": 1, "name": 1, "profile_id": 1, "profile_read": 1}
    whys = {one["reason"] for one in sample(found, "leads")}
    assert whys == {"not_connected", "no_linkedin_key"}
    (stranger,) = sample(found, "relations")
    assert (stranger["profile_id"], stranger["reason"]) == (profile_id(77), "no_lead")
    told = await events(house)
    assert (told["connection_accepted"], told["connection_accepted_historical"]) == (4, 0)
    assert (told["reconciliation.started"], told["reconciliation.finished"]) == (1, 1)


async def test_a_connection_from_before_any_invitation_is_historical(house: House) -> None:
    lead = await a_lead(house.app, linkedin_slug="lea-1")
    lists(house, *listed(1))

    found = await reconciled(house)

    assert await relationship(house, lead) == "connected"
    told = await events(house)
    assert (told["connection_accepted"], told["connection_accepted_historical"]) == (0, 1)
    assert reconcile.counts_of(found).newly_connected == 1


async def test_a_second_one_changes_nothing(house: House) -> None:
    await invited(house, linkedin_profile_id=profile_id(1))
    await invited(house, linkedin_slug="gone-away")
    house.provider.script("gone-away", fail(NotPossible("profile_unavailable", "nobody")))
    lists(house, *listed(1))
    await reconciled(house)
    before = await events(house)

    again = await reconciled(house)

    counts = reconcile.counts_of(again)
    assert (counts.newly_connected, counts.already_connected) == (0, 1)
    assert (counts.profile_reads, counts.read_lately) == (0, 1)
    assert reads(house) == ["gone-away"]
    fresh = await events(house) - before
    assert {one for one in fresh if not one.startswith("run.")} == {
        "reconciliation.started",
        "reconciliation.finished",
    }


async def test_a_rehearsal_changes_nothing_and_the_planner_takes_nothing_from_it(house: House) -> None:
    lead = await invited(house, linkedin_profile_id=profile_id(1))
    await invited(house, linkedin_slug="lea-9")
    lists(house, *listed(1))

    found = await reconciled(house, dry_run=True, resolve="all")
    await house.settle()

    assert await relationship(house, lead) == "invited"
    assert reconcile.counts_of(found).newly_connected == 1
    assert reads(house) == []
    assert (await events(house))["connection_accepted"] == 0


async def test_a_name_that_changed_hands_connects_nobody(house: House) -> None:
    """Neither a reconciliation nor the regular reading takes the new owner of a name for the lead."""
    lead = await invited(house, linkedin_profile_id=profile_id(900), linkedin_slug="lea-1")
    lists(house, *listed(1))

    found = await reconciled(house)
    await house.settle()

    assert await relationship(house, lead) == "invited"
    (stranger,) = sample(found, "relations")
    assert stranger["reason"] == "name_changed_hands"


async def test_a_lead_keeps_its_former_names_and_is_called_by_the_newest(house: House) -> None:
    known = await invited(house, linkedin_profile_id=profile_id(1), linkedin_slug="zoe-old")
    unknown = await invited(house, linkedin_slug="zara-old")
    lists(house, *listed(1, 2))
    tells(house, "zara-old", 2, state="connected")

    await reconciled(house)

    for lead, names in ((known, ["lea-1", "zoe-old"]), (unknown, ["lea-2", "zara-old"])):
        assert [key.value for key in await keys_of(house.app, lead) if key.kind == "linkedin"] == names
        assert await relationship(house, lead) == "connected"


async def test_two_leads_that_prove_to_be_one_become_one(house: House) -> None:
    first = await invited(house, linkedin_profile_id=profile_id(5))
    second = await invited(house, sales_navigator=ACW)
    lists(house, *listed(1))
    tells(house, ACW, 5)

    await reconciled(house)

    async with house.app.sessions() as db:
        person = await people.person(db, second.id)
    assert person.all_ids == {first.id, second.id}


async def test_a_profile_that_is_somebody_else_teaches_nothing(house: House) -> None:
    """Between two readings a lead was given an id: the name leads to another member by now."""
    lead = await invited(house, linkedin_slug="lea-6")
    lists(house, *listed(1))
    tells(house, "lea-6", 6)
    job = await begin(house)
    for _ in range(3):  # submitted, compared, asked
        await reconcile.turn(house.app.planner_kit, house.now)
        await house.work()
    async with house.app.sessions.begin() as db:
        await people.learn(
            db, house.app.ids, house.now, [people.Met(lead.id, "lea-6", profile_id(901), "test")]
        )

    await carried(house, job)

    ids = {key.value for key in await keys_of(house.app, lead) if key.kind == "linkedin_profile_id"}
    assert ids == {profile_id(901)}
    assert (await events(house))["lead.profile_mismatch"] == 1


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ({}, 3),
        ({"states": ("invited", "lapsed")}, 1),
        ({"states": ("none",)}, 2),
        ({"stages": ("PENDING",)}, 1),
        ({"limit": 1}, 1),
    ],
)
async def test_the_scope_says_whom(house: House, scope: dict[str, Any], found: int) -> None:
    await invited(house, linkedin_slug="lea-1")
    await house.people(1, linkedin_slug="lea-2", linkedin_profile_id=profile_id(2))
    await house.people(1, linkedin_slug="lea-3", linkedin_profile_id=profile_id(3))
    lists(house, *listed(1, 2, 3)[: scope.get("limit", 3)])

    done = await reconciled(house, resolve="none", **scope)

    assert reconcile.counts_of(done).newly_connected == found


async def test_the_scope_may_be_a_campaign(house: House) -> None:
    inside, outside = await house.people(2)
    campaign = await house.campaign(PLAN, start=False)
    await house.enroll(campaign, inside)
    lists(house, *listed(1, 2))

    found = await reconciled(house, campaign_ids=(campaign,))

    assert [await relationship(house, one) for one in (inside, outside)] == ["connected", "none"]
    assert reconcile.counts_of(found).leads_in_scope == 1


async def test_a_long_list_is_read_by_several_runs_and_none_is_lost_between_them(house: House) -> None:
    leads = [await invited(house, linkedin_profile_id=profile_id(number)) for number in (1, 30)]
    job = await begin(house)
    lists(house, *listed(*range(1, 21)), complete=False, ended_by="time", next_start=20)
    await reconcile.turn(house.app.planner_kit, house.now)
    await house.work()
    lists(house, *listed(*range(11, 41)))

    found = await carried(house, job)

    assert [await relationship(house, one) for one in leads] == ["connected", "connected"]
    async with house.app.sessions() as db:
        starts = await db.scalars(select(Run.touchpoint_input))
        assert {one["start"] for one in starts} == {0, 10}
    assert reconcile.counts_of(found).is_complete


async def test_the_likeliest_are_read_first_and_no_more_than_allowed(house: House) -> None:
    for name in ("ann-a", "ben-b", "cleo-c"):
        await invited(house, linkedin_slug=name, full_name=f"{name} Other")
    await invited(house, linkedin_slug="dora-d", full_name="Known, LEA8")
    lists(house, *listed(8, named=False))
    tells(house, "dora-d", 8, state="connected")

    found = await reconciled(house, profile_reads=1)

    counts = reconcile.counts_of(found)
    assert reads(house) == ["dora-d"]
    assert (counts.resolved, counts.unresolved, counts.newly_connected) == (1, 3, 1)


async def test_nobody_is_read_whom_we_never_invited(house: House) -> None:
    await a_lead(house.app, linkedin_slug="stranger")
    lists(house, *listed(1))

    found = await reconciled(house)

    assert reads(house) == []
    assert reconcile.counts_of(found).unresolved == 1


async def test_a_list_that_cannot_be_read_ends_it_with_the_reason(house: House) -> None:
    await invited(house, linkedin_slug="lea-1")
    house.provider.script(None, fail(NotPossible("unsupported", "no such list")))

    found = await reconciled(house)

    assert (found.state, found.problem) == ("failed", "unsupported")
    assert (await events(house))["reconciliation.failed"] == 1


async def test_what_it_waits_for_is_shown_and_it_can_be_called_off(house: House) -> None:
    await invited(house, linkedin_slug="lea-1")
    await house.execute("update accounts set state = 'paused', state_reason = 'test'")
    job = await begin(house)
    await reconcile.turn(house.app.planner_kit, house.now)
    await house.work()

    async with house.app.sessions.begin() as db:
        shown = await reconciliation_acts.show(house.app, job.id)
        assert shown.waiting_for is not None
        assert shown.waiting_for.reason == "account_paused"
        account = await accounts.by_handle(db, "ada")
        with pytest.raises(Conflict):
            await reconcile.begin(db, house.app.ids, account, Order(Scope(), "test"), house.now)
        await reconcile.cancel(db, await reconcile.by_id(db, job.id, lock=True), "test", house.now)
    async with house.app.sessions() as db:
        assert (await db.scalars(select(Run.status))).all() == ["cancelled"]
    assert (await stands(house, job)).state == "cancelled"


class Killed(BaseException):
    """The process is gone."""


async def test_a_process_that_dies_at_every_step_costs_nothing(house: House) -> None:
    """At each step one process dies before the commit and one after it; then somebody goes on."""
    leads = [
        await invited(house, linkedin_profile_id=profile_id(1)),
        await invited(house, sales_navigator=ACW),
    ]
    lists(house, *listed(1, 4))
    tells(house, ACW, 4, state="connected")
    job, deaths = await begin(house), 0

    for _ in range(40):
        for place in ("reconcile.taken", "reconcile.stepped", "reconcile.committed"):
            deaths += await dies(house, place)
        await house.work()
        if (await stands(house, job)).finished_at is not None:
            break

    assert deaths >= 9
    found = reconcile.counts_of(await stands(house, job))
    assert (found.newly_connected, found.profile_reads, found.resolved) == (2, 1, 1)
    assert [await relationship(house, one) for one in leads] == ["connected", "connected"]
    assert reads(house) == [ACW]
    async with house.app.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(Run)) == 2
    assert (await events(house))["connection_accepted"] == 2


async def dies(house: House, place: str) -> bool:
    """A process that dies there; whether it came so far."""

    def on_step(name: str) -> None:
        if name == place:
            raise Killed

    try:
        await reconcile.turn(replace(house.app.planner_kit, on_step=on_step), house.now)
    except Killed:
        return True
    return False


async def test_a_campaign_goes_on_once_for_an_acceptance_nobody_told_of(house: House) -> None:
    (lead,) = await house.people(1)
    campaign = await house.campaign(PLAN)
    await house.enroll(campaign, lead)
    await house.settle()
    assert [one.kind for one in house.sent()] == ["connect"]
    house.clock.advance(timedelta(hours=3))
    lists(house, *listed(1))

    await reconciled(house)
    await house.settle()
    await reconciled(house)
    await house.pass_time(2 * DAY)

    assert [one.kind for one in house.sent()] == ["connect", "message"]
    assert (await events(house))["connection_accepted"] == 1


async def test_an_erased_person_is_in_no_sample(house: House) -> None:
    lists(house, *listed(7))
    await a_lead(house.app, linkedin_slug="lea-1")
    job = await reconciled(house)
    assert job.unmatched["relations"]
    lead = await a_lead(house.app, linkedin_slug="lea-7", full_name="Lea7 Known")
    async with house.app.sessions.begin() as db:
        erasure = Erasure("test", house.app.settings.data_dir, (reconcile.forget,))
        await people.erase(db, house.app.ids, house.now, lead.id, erasure)

    assert (await stands(house, job)).unmatched == {"leads": [], "relations": []}


async def test_every_account_that_may_act_is_begun_and_the_others_are_named(house: House) -> None:
    await house.sender("bea")
    await house.execute("update accounts set state = 'paused', state_reason = 'test' where handle = 'bea'")
    async with house.app.sessions.begin() as db:
        begun, passed = await reconcile.begin_all(db, house.app.ids, Order(Scope(), "nightly"), house.now)
    assert len(begun) == 1
    assert [(one.handle, one.code) for one in passed] == [("bea", "account_paused")]

    async with house.app.sessions.begin() as db:
        begun, passed = await reconcile.begin_all(db, house.app.ids, Order(Scope(), "nightly"), house.now)
    assert begun == []
    assert [one.code for one in passed] == ["reconciliation_under_way", "account_paused"]


async def test_nothing_is_read_when_nobody_is_looked_for(house: House) -> None:
    await a_lead(house.app, linkedin_slug="lea-1")

    found = await reconciled(house, states=("invited",))

    assert (found.state, found.run_ids) == ("finished", [])
    assert house.provider.calls == []


async def test_the_nightly_one_looks_for_the_invited_among_the_latest_connections(house: House) -> None:
    lead = await invited(house, linkedin_profile_id=profile_id(1))
    lists(house, *listed(1), ended_by="since")
    async with house.app.sessions.begin() as db:
        order = Order(reconcile.nightly(house.now), "nightly")
        (job,), _ = await reconcile.begin_all(db, house.app.ids, order, house.now)

    found = await carried(house, job)

    assert await relationship(house, lead) == "connected"
    assert not reconcile.counts_of(found).is_complete
    async with house.app.sessions() as db:
        asked = (await db.scalars(select(Run.touchpoint_input))).one()
    assert asked["since"] == (house.now - 30 * DAY).isoformat().replace("+00:00", "Z")
