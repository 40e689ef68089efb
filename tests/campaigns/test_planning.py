"""The planner's own promises: quotas looked ahead, fairness, limits that protect people, recovery."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from campaign_house import ACCEPT, CLASSIC, DAY, HELLO, HOUR, INVITE, MINUTE, WRITE, House, a_house
from overture import campaigns
from overture.accounts import Window, WorkingHours
from product import MakeApp

ONE = {"name": "one", "steps": [{**HELLO, "delay": "0min"}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with nobody in it."""
    return await a_house(make_app)


async def test_the_quota_is_looked_at_ahead(house: House) -> None:
    """With room for two, two runs are submitted, and the third lead waits for the quota, not for the gate."""
    await house.sender(invite=Window(per_day=2), min_gap_s=0.0)
    leads = await house.people(3)
    await house.enroll(await house.campaign(CLASSIC), *leads)
    await house.pass_time(20 * HOUR)
    assert len(await house.touches()) == 2
    assert (await house.why(leads[2])).code in ("daily_quota", "min_interval")

    await house.pass_time(40 * HOUR)
    assert len(house.sent("connect")) == 3


async def test_a_late_start_sends_one(house: House) -> None:
    """Two minutes before closing one invitation goes out, and the rest another day."""
    hours = WorkingHours.model_validate({"start": "09:00", "end": "18:00"})
    await house.sender(hours=hours, invite=Window(per_day=20), min_gap_s=0.0)
    await house.enroll(await house.campaign(CLASSIC), *await house.people(5))
    house.clock.advance(9 * HOUR - 2 * MINUTE)
    await house.settle()
    await house.pass_time(10 * HOUR)

    assert len(house.sent("connect")) == 1


async def test_campaigns_of_one_account_take_turns(house: House) -> None:
    """The one served longest ago is next, however full the other's queue and whatever its leads' scores."""
    await house.sender(message=Window(per_day=50), min_gap_s=60.0)
    first, second = await house.people(6), await house.people(2)
    one, other = await house.campaign(WRITE), await house.campaign({**WRITE, "name": "other"})
    await house.enroll(one, *first, scores={lead.id: 9.0 for lead in first})
    await house.enroll(other, *second)
    await house.pass_time(3 * HOUR)

    order = [touch.campaign_id for touch in await house.touches()]
    assert order[:4] in ([one, other, one, other], [other, one, other, one])


async def test_leads_are_dealt_by_weight_and_stay(house: House) -> None:
    """Two to one, and every later step comes from the same account."""
    await house.sender("ada")
    await house.sender("grace")
    leads = await house.people(6)
    campaign = await house.campaign(WRITE, accounts={"ada": 2, "grace": 1})
    receipt = await house.enroll(campaign, *leads)
    assert receipt.enrolled == 6
    await house.pass_time(4 * DAY)

    assert len(house.sent(handle="ada")) == 8
    assert len(house.sent(handle="grace")) == 4
    by_target = {(one.target, one.handle) for one in house.sent()}
    assert len(by_target) == 6


async def test_one_person_of_a_company_at_a_time(house: House) -> None:
    """The second waits for the first; an answer of the first ends the second."""
    await house.sender()
    leads = await house.people(2, company_name="Northbeam")
    await house.enroll(await house.campaign(WRITE, stop_for_company=True), *leads)
    await house.pass_time(2 * HOUR)
    assert len(house.sent("message")) == 1
    written = next(lead for lead in leads if house.sent()[0].target == f"lea-{leads.index(lead) + 1}")
    other = next(lead for lead in leads if lead is not written)
    assert (await house.enrollment(other)).reason == "company_lock"

    house.writes(written, "Interesting!")
    await house.pass_time(DAY)
    assert (await house.enrollment(other)).reason == "company_replied"


async def test_nobody_is_touched_more_often_than_allowed(house: House) -> None:
    """Twice in 30 days, whatever the sequence says; then it goes on."""
    await house.sender()
    (lead,) = await house.people(1)
    steps = [
        {**HELLO, "id": f"s{n}", "delay": "1 days", "touchpoint": {"type": "message", "message": f"No {n}"}}
        for n in range(3)
    ]
    await house.enroll(await house.campaign({"name": "much", "steps": steps}, max_touches_30d=2), lead)
    await house.pass_time(20 * DAY)
    assert len(house.sent("message")) == 2
    assert (await house.enrollment(lead)).reason == "touch_limit"

    await house.pass_time(13 * DAY)
    assert len(house.sent("message")) == 3


async def test_a_touch_counts_from_when_it_reached_them_and_not_from_its_plan(house: House) -> None:
    """Three days passed between plan and act: 30 days later are 30 days after the act."""
    await house.sender()
    (lead,) = await house.people(1)
    again = {**HELLO, "id": "again", "touchpoint": {"type": "message", "message": "Once more"}}
    sequence = {"name": "late", "steps": [{**HELLO, "delay": "0min"}, again]}
    await house.enroll(await house.campaign(sequence, max_touches_30d=1), lead)
    await house.tick()
    house.clock.advance(3 * DAY)  # no worker is there
    await house.settle()
    await house.pass_time(2 * DAY)
    (first,) = house.sent("message")
    assert (await house.enrollment(lead)).reason == "touch_limit"

    await house.pass_time(31 * DAY)
    (_, second) = house.sent("message")
    assert second.at >= first.at + 30 * DAY


async def test_a_touch_under_way_counts_and_is_looked_at_again_soon(house: House) -> None:
    """Whether it arrives is not known yet: the next one does not wait for 30 days because of it."""
    await house.sender("ada")
    await house.sender("grace")
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(ONE, "ada", max_touches_30d=1), lead)
    await house.tick()
    await house.execute(
        "update accounts set state = 'paused', state_reason = 'operator' where handle = 'ada'"
    )
    other = await house.campaign(
        {**ONE, "steps": [INVITE]}, "grace", max_touches_30d=1, active_elsewhere="enroll"
    )
    await house.enroll(other, lead)
    await house.settle()

    waiting = await house.enrollment(lead, other)
    assert (waiting.reason, house.sent()) == ("touch_limit", [])
    assert waiting.next_action_at == house.now + 6 * HOUR


async def test_a_campaign_does_no_more_a_day_than_its_cap(house: House) -> None:
    """Two in rolling 24 hours from all its accounts together, and why says so; the others come later."""
    await house.sender("ada")
    await house.sender("grace")
    leads = await house.people(5)
    campaign = await house.campaign(ONE, "ada", "grace", daily_cap=2)
    await house.enroll(campaign, *leads)
    await house.pass_time(23 * HOUR)
    assert len(house.sent("message")) == 2
    waiting = [lead for lead in leads if (await house.enrollment(lead)).state == "active"]
    codes_of = [(await house.why(lead)).code for lead in waiting]
    assert sorted(set(codes_of)) == ["daily_quota", "queued"]  # the first of each lane, and who stands behind

    await house.pass_time(3 * DAY)
    sent = sorted(one.at for one in house.sent("message"))
    assert len(sent) == 5
    assert all(third - first >= DAY for first, third in zip(sent, sent[2:], strict=False))


async def test_a_cap_does_not_rest_what_reaches_nobody(house: House) -> None:
    """Nobody is written to more often than the cap says; profiles are read on."""
    await house.sender()
    leads = await house.people(4)
    steps = [{"id": "look", "channel": "linkedin", "touchpoint": {"type": "enrich"}}, *ONE["steps"]]
    await house.enroll(await house.campaign({"name": "look", "steps": steps}, daily_cap=1), *leads)
    await house.pass_time(20 * HOUR)

    assert len(house.sent("message")) == 1
    read = {one.target for one in house.provider.calls if one.kind == "enrich"}
    assert read == {f"lea-{number}" for number in range(1, 5)}


async def test_another_campaign_goes_on_while_one_has_reached_its_cap(house: House) -> None:
    """A cap is the campaign's own."""
    await house.sender()
    first, second = await house.people(3), await house.people(3)
    await house.enroll(await house.campaign(ONE, daily_cap=1), *first)
    await house.enroll(await house.campaign(ONE), *second)
    await house.pass_time(20 * HOUR)

    assert len(house.sent("message")) == 4


async def test_re_entry_restarts_nothing(house: House) -> None:
    """Whoever is in stays as they are (bug zoo M6)."""
    await house.sender()
    (lead,) = await house.people(1)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, lead)
    await house.settle()
    receipt = await house.enroll(campaign, lead)
    await house.settle()

    assert receipt.skipped == {"duplicate_in_campaign": 1}
    assert len(house.sent("message")) == 1


async def test_an_edit_moves_the_living_and_the_old_version_stays(house: House) -> None:
    """Preview says how many move where; a removed step's leads go to the one after it."""
    await house.sender()
    (lead,) = await house.people(1)
    campaign_id = await house.campaign(WRITE)
    await house.enroll(campaign_id, lead)
    await house.settle()
    assert (await house.enrollment(lead)).step == "again"
    last = {**HELLO, "id": "last", "delay": "2h", "touchpoint": {"type": "message", "message": "The last"}}
    async with house.app.sessions.begin() as db:
        campaign = await campaigns.campaign_by_id(db, campaign_id, lock=True)
        before = campaign.version_id
        sequence = {"name": "edited", "steps": [WRITE["steps"][0], WRITE["steps"][1], last]}
        await campaigns.change(db, campaign, campaigns.CampaignChange(sequence=sequence), "test", house.now)
        preview = await campaigns.preview(db, campaign, house.now)
        await campaigns.publish(db, house.app.ids, campaign, "test", house.now)
    assert [(one.step, one.to, one.count) for one in preview.moves] == [("again", "again", 1)]
    async with house.app.sessions() as db:
        old = await db.get_one(campaigns.SequenceVersion, before)
        assert [step["id"] for step in old.body["steps"]] == ["hello", "again"]  # type: ignore[attr-defined]
    await house.pass_time(4 * DAY)
    assert len(house.sent("message")) == 3


async def test_an_edit_brings_no_look_at_an_invitation_forward(house: House) -> None:
    """Everybody is decided upon anew, yet a hundred open invitations are not all looked after at once."""
    await house.sender()
    (lead,) = await house.people(1)
    campaign_id = await house.campaign(CLASSIC)
    await house.enroll(campaign_id, lead)
    await house.pass_time(12 * HOUR)
    house.pending()
    before = await house.enrollment(lead)
    async with house.app.sessions.begin() as db:
        campaign = await campaigns.campaign_by_id(db, campaign_id, lock=True)
        sequence = {**CLASSIC, "steps": [INVITE, ACCEPT, HELLO]}
        await campaigns.change(db, campaign, campaigns.CampaignChange(sequence=sequence), "test", house.now)
        published = await campaigns.publish(db, house.app.ids, campaign, "test", house.now)

    await house.settle()

    after = await house.enrollment(lead)
    assert (before.reason, after.reason) == ("waiting_accept", "waiting_accept")
    assert after.version_id == published.id != before.version_id
    assert after.next_action_at is not None
    assert after.next_action_at - after.entered_at == DAY
    assert not [one for one in house.provider.calls if one.kind == "check_connection"]


@pytest.mark.parametrize(
    "statement", ["update sequence_versions set published_by = 'somebody'", "delete from sequence_versions"]
)
async def test_a_published_version_never_changes(house: House, statement: str) -> None:
    """The database itself refuses it, whoever asks."""
    await house.sender()
    await house.campaign(WRITE)
    with pytest.raises(IntegrityError, match="never changes"):
        await house.execute(statement)


async def test_two_planners_at_once_make_one_touch(house: House) -> None:
    """Row locks and the touch's key: whoever comes second finds nothing to do (bug zoo M4)."""
    await house.sender()
    leads = await house.people(6)
    await house.enroll(await house.campaign(WRITE), *leads)
    for _ in range(8):
        await asyncio.gather(*(house.tick() for _ in range(2)))
        await house.work()
        house.clock.advance(HOUR)

    assert sorted(str(one.target) for one in house.sent()) == [f"lea-{n}" for n in range(1, 7)]


async def test_the_sweeper_finds_what_is_stuck_and_puts_it_back(house: House) -> None:
    """A lead said to be under way, without a run: found, recovered, in the log, and it goes on (I11)."""
    await house.sender()
    (lead,) = await house.people(1)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, lead)
    assert await house.sweep() == []
    await house.execute(
        "update enrollments set reason = 'running', next_action_at = :at", at=house.now + 90 * DAY
    )
    found = await house.sweep()
    assert [(one.enrollment_id, one.code) for one in found] == [((await house.enrollment(lead)).id, "no_run")]

    async with house.app.sessions.begin() as db:
        await campaigns.recover_all(db, "test", house.now)
    await house.settle()
    assert len(house.sent("message")) == 1
    assert await house.sweep() == []


async def test_why_not_sending_says_all(house: House) -> None:
    """A draft, then a campaign whose leads wait."""
    await house.sender()
    campaign_id = await house.campaign(WRITE, start=False)
    await house.enroll(campaign_id, *await house.people(2))
    assert await codes(house, campaign_id) == ["draft"]
    await house.do(campaign_id, "start")
    await house.settle()
    assert set(await codes(house, campaign_id)) == {"min_interval", "delay", "queued"}


async def codes(house: House, campaign_id: UUID) -> list[str]:
    """The reasons' codes."""
    campaign = await house.read(campaign_id)
    async with house.app.sessions() as db:
        return [one.code for one in await campaigns.why_not_sending(db, campaign, house.now)]


async def test_a_campaign_says_when_no_planner_comes_to_it(house: House) -> None:
    """Active, everything due, and nothing happens: that is told, instead of "it goes on by itself"."""
    await house.sender()
    campaign_id = await house.campaign(WRITE)
    await house.enroll(campaign_id, *await house.people(2))

    async def told() -> list[tuple[str, bool, int | None]]:
        async with house.app.sessions() as db:
            campaign = await campaigns.campaign_by_id(db, campaign_id)
            found = await campaigns.why_not_sending(db, campaign, house.now)
            return [(one.code, one.needs_someone, one.count) for one in found]

    house.clock.advance(4 * MINUTE)
    assert [code for code, _, _ in await told()] == ["delay"]
    house.clock.advance(2 * MINUTE)
    assert (await told())[0] == ("planner_behind", True, 2)

    await house.settle()
    assert "planner_behind" not in [code for code, _, _ in await told()]
