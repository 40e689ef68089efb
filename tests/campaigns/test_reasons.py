"""Every reason says one thing and what to do about it, and every one that can occur is shown to occur."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign_house import ACCEPT, ALWAYS, CLASSIC, DAY, HELLO, HOUR, INVITE, WRITE, a_house
from crowd import observe as relate
from crowd import submit, suppress
from fakes import cannot_tell, fail, uncertain_not_committed
from other_channels import Channels, other_channels, with_channels
from overture import accounts, campaigns, people
from overture.accounts import AccountChange, Limits, NewAccount, Window, WorkingHours
from overture.campaigns import Sight, observe
from overture.campaigns.next_actions import NEXT_ACTIONS, SOMEBODYS, next_action
from overture.campaigns.reasons import ALL, BLOCKED, DONE, WAITING
from overture.campaigns.tables import OVER
from overture.campaigns.why import reason
from overture.core.errors import NotPossible, Throttled, Transient
from overture.people import Lead, Seen
from overture.touchpoints import Connect, Message, Touchpoint
from product import MakeApp

LATER = frozenset(
    {
        *("waiting_enrichment", "waiting_manual_task", "profile_closed", "missing_subject"),
        *("form_has_captcha", "form_forbids_solicitation", "possible_opt_out"),
    }
)
"""Reasons of channels and of the inbox that are still to come: nothing says them yet."""
Reach = Callable[[Channels], Awaitable[Lead]]
REACHED: dict[str, Reach] = {}
NOW: dict[str, Any] = {**HELLO, "delay": "0min"}
ONE: dict[str, Any] = {"name": "one", "steps": [NOW]}
SEEN: dict[str, Any] = {"id": "look", "channel": "linkedin", "touchpoint": {"type": "visit"}}


def reaches(code: str) -> Callable[[Reach], Reach]:
    """Enter a way to a reason."""

    def entered(reach: Reach) -> Reach:
        REACHED[code] = reach
        return reach

    return entered


@pytest.fixture
async def channels(make_app: MakeApp) -> AsyncIterator[Channels]:
    """A house with stubs of e-mail and forms; a run is tried once."""
    with other_channels():
        yield await with_channels(await a_house(make_app, max_attempts=1))


# --- what each says ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted({*ALL, *NEXT_ACTIONS}))
def test_each_reason_is_one_sentence_and_one_next_action(code: str) -> None:
    """Clear enough to act on: no codes, no second sentence, and a next action that says whose turn it is."""
    said = reason(code)

    assert re.fullmatch(r"[A-Z][^.!?]*\.", said.sentence), said.sentence
    assert re.fullmatch(r"[A-Z].*\.", said.next_action), said.next_action
    assert said.next_action.startswith("Nothing to do") != said.needs_someone
    assert said.needs_someone == (code in SOMEBODYS)


def test_every_next_action_names_routes_that_exist() -> None:
    """Whoever follows the advice does not meet a 404."""
    document = json.loads((Path(__file__).parents[2] / "docs/openapi.json").read_text())
    known = {(verb.upper(), path) for path, verbs in document["paths"].items() for verb in verbs}
    known |= {(verb, path.split("{")[0].rstrip("/")) for verb, path in known}
    for code, action in NEXT_ACTIONS.items():
        for verb, path in re.findall(r"(GET|POST|PATCH|PUT|DELETE) (/[a-z_/{}-]*[a-z}])", action):
            assert (verb, f"/api/v1{path}") in known, (code, verb, path)


def test_every_reason_that_waits_or_blocks_has_its_own_next_action() -> None:
    """What is over has none; everything else is listed."""
    assert set(NEXT_ACTIONS) >= {*WAITING, *BLOCKED}
    assert {next_action(code) for code in DONE} == {"Nothing to do: it is over."}


def test_every_reason_can_be_reached_or_is_still_to_come() -> None:
    """A reason nothing ever says would be a lie of the documentation."""
    assert set(REACHED) | LATER == set(ALL)
    assert not set(REACHED) & LATER


@pytest.mark.parametrize("code", sorted(ALL.keys() - LATER))
async def test_the_reason_occurs_and_is_said(channels: Channels, code: str) -> None:
    """By `why` of the lead; and the campaign says at least one thing with a number and what to do."""
    lead = await REACHED[code](channels)
    house = channels.house
    said = await house.why(lead)
    enrollment = await house.enrollment(lead)
    async with house.app.sessions() as db:
        campaign = await campaigns.campaign_by_id(db, enrollment.campaign_id)
        held = await campaigns.why_not_sending(db, campaign, house.now)

    assert said.code == code, said
    assert held
    assert all(one.next_action and one.count is not None for one in held), held
    if enrollment.state not in OVER:
        assert any(one.count for one in held), held
    assert await house.sweep() == []


# --- how each comes about ------------------------------------------------------------------------------


async def stands(
    channels: Channels,
    sequence: Any = ONE,
    *senders: str,
    person: Any = None,
    sender: Any = None,
    **more: Any,
) -> Lead:
    """A lead in a campaign, after everything there is to do at once."""
    house = channels.house
    if not house.leads:
        await house.sender(**(sender or {}))
    (lead,) = await house.people(1, **(person or {}))
    await house.enroll(await house.campaign(sequence, *senders, **more), lead)
    await house.settle()
    return lead


async def behind(channels: Channels, sequence: Any = ONE, ahead: int = 1, **more: Any) -> Lead:
    """A lead behind others in the same campaign."""
    house = channels.house
    await house.sender(**more)
    leads = await house.people(ahead + 1)
    scores = {lead.id: float(-number) for number, lead in enumerate(leads)}
    await house.enroll(await house.campaign(sequence), *leads, scores=scores)
    await house.settle()
    return leads[-1]


def steps(*wanted: dict[str, Any]) -> dict[str, Any]:
    """A sequence."""
    return {"name": "steps", "steps": list(wanted)}


async def sees(channels: Channels, what: str, lead: Lead, **more: Any) -> Lead:
    """Something is seen of the lead."""
    house = channels.house
    async with house.app.sessions.begin() as db:
        sight = Sight(lead.id, house.now, f"test:{what}", **more)
        rest = ["lea@acme.example"] if what == "bounced" else []
        await getattr(observe, what)(db, house.app.ids, sight, *rest, house.now)
    await house.settle()
    return lead


async def account_is(channels: Channels, state: Any, why: str | None = None) -> None:
    """The account is put into a state."""
    house = channels.house
    async with house.app.sessions.begin() as db:
        ada = await accounts.by_handle(db, "ada")
        await accounts.set_state(db, ada, state, house.now, reason=why)


@reaches("queued")
async def _(channels: Channels) -> Lead:
    return await behind(channels, ahead=3, min_gap_s=600.0)


@reaches("min_interval")
async def _(channels: Channels) -> Lead:
    return await behind(channels, min_gap_s=600.0)


@reaches("daily_quota")
async def _(channels: Channels) -> Lead:
    house = channels.house
    await house.sender(message=Window(per_day=1))
    return await used_up(channels, ONE, "ada", Message(public_identifier="somebody", message="Hi"))


async def used_up(channels: Channels, sequence: Any, handle: str, *others: Touchpoint) -> Lead:
    """A lead whose account has done all it may already, for others."""
    house = channels.house
    for other in others:
        await submit(house.app, other, handle)
    await house.work()
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(sequence, handle), lead)
    await house.settle()
    return lead


@reaches("weekly_quota")
async def _(channels: Channels) -> Lead:
    lead = await behind(channels, steps(INVITE), invite=Window(per_week=1))
    await channels.house.pass_time(2 * DAY)
    return lead


@reaches("ramp")
async def _(channels: Channels) -> Lead:
    house = channels.house
    new = NewAccount(handle="young", working_hours=ALWAYS, limits=Limits(min_gap_s=0.0), ramp="on")
    async with house.app.sessions.begin() as db:
        await accounts.create(db, house.app.vault, house.app.ids.new(), new, "linkedin", house.now)
    others = [Connect(public_identifier=f"other-{number}") for number in range(20)]
    return await used_up(channels, steps(INVITE), "young", *others)


@reaches("monthly_quota")
async def _(channels: Channels) -> Lead:
    note = {**INVITE, "touchpoint": {"type": "connect", "note": "Hi {{ first_name }}"}}
    lead = await behind(channels, steps(note), notes_per_month=1)
    await channels.house.pass_time(DAY)
    return lead


@reaches("no_inmail_credits")
async def _(channels: Channels) -> Lead:
    house = channels.house
    await house.sender()
    async with house.app.sessions.begin() as db:
        ada = await accounts.by_handle(db, "ada")
        none_left = AccountChange(inmail_credits=0)
        await accounts.change(db, house.app.vault, ada, none_left, house.now)
    (lead,) = await house.people(1)
    letter = {"type": "inmail", "subject": "Hi", "body": "Hello over there"}
    await house.enroll(
        await house.campaign(steps({"id": "in", "channel": "linkedin", "touchpoint": letter})), lead
    )
    await house.settle()
    return lead


@reaches("delay")
async def _(channels: Channels) -> Lead:
    return await stands(channels, WRITE)


@reaches("working_hours")
async def _(channels: Channels) -> Lead:
    hours = WorkingHours.model_validate({"start": "09:00", "end": "18:00"})
    channels.house.clock.advance(10 * HOUR)
    return await stands(channels, sender={"hours": hours})


@reaches("rest_day")
async def _(channels: Channels) -> Lead:
    return await stands(channels, rest_days={"dates": [channels.house.now.date().isoformat()]})


@reaches("touch_limit")
async def _(channels: Channels) -> Lead:
    lead = await stands(channels, WRITE, max_touches_30d=1)
    await channels.house.pass_time(4 * DAY)
    return lead


@reaches("running")
async def _(channels: Channels) -> Lead:
    house = channels.house
    await house.sender()
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(ONE), lead)
    await house.tick()
    return lead


@reaches("retry")
async def _(channels: Channels) -> Lead:
    channels.house.provider.script(None, fail(Transient("busy")))
    return await stands(channels, steps({**NOW, "retry_count": 2, "retry_delay": "5h"}))


@reaches("provider_cooldown")
async def _(channels: Channels) -> Lead:
    until = channels.house.now + DAY
    channels.house.provider.script(None, fail(Throttled("throttled", "slow down", until=until)))
    return await stands(channels)


@reaches("waiting_reconcile")
async def _(channels: Channels) -> Lead:
    channels.house.provider.script(None, uncertain_not_committed())
    return await stands(channels)


@reaches("outcome_unknown")
async def _(channels: Channels) -> Lead:
    channels.house.provider.script(None, cannot_tell())
    lead = await stands(channels)
    await channels.house.pass_time(2 * DAY)
    return lead


@reaches("waiting_accept")
async def _(channels: Channels) -> Lead:
    return await stands(channels, CLASSIC)


def waits_for(condition: Any) -> dict[str, Any]:
    """A step that waits for this."""
    return {"id": "for", "wait_for": {**ACCEPT["wait_for"], "condition": condition}}


@reaches("waiting_reply")
async def _(channels: Channels) -> Lead:
    return await stands(channels, steps(NOW, waits_for("replied")))


@reaches("waiting_event")
async def _(channels: Channels) -> Lead:
    return await stands(channels, steps(NOW, waits_for("email_known")))


@reaches("waiting_approval")
async def _(channels: Channels) -> Lead:
    return await stands(channels, approvals={"mode": "all"})


@reaches("waiting_draft")
async def _(channels: Channels) -> Lead:
    asked = {"type": "message", "message": {"ai_prompt": "Write to {{ first_name }}"}}
    return await stands(channels, steps({**NOW, "touchpoint": asked}))


@reaches("paused_by_user")
async def _(channels: Channels) -> Lead:
    lead = await stands(channels, WRITE)
    await act(channels, lead, campaigns.pause)
    return lead


async def act(channels: Channels, lead: Lead, verb: Any, *more: Any) -> None:
    """A verb of the lead's enrollment."""
    house = channels.house
    mine = await house.enrollment(lead)
    async with house.app.sessions.begin() as db:
        found = await campaigns.enrollment_by_id(db, mine.id, lock=True)
        await verb(db, found, "test", house.now, *more)


@reaches("invite_cooldown")
async def _(channels: Channels) -> Lead:
    house = channels.house
    await house.sender()
    (lead,) = await house.people(1)
    await relate(house.app, "ada", lead, Seen("withdrawn", house.now, "test"))
    await house.enroll(await house.campaign(CLASSIC), lead)
    await house.settle()
    return lead


@reaches("campaign_paused")
async def _(channels: Channels) -> Lead:
    lead = await stands(channels, WRITE)
    await channels.house.do((await channels.house.enrollment(lead)).campaign_id, "pause")
    return lead


@reaches("account_paused")
async def _(channels: Channels) -> Lead:
    lead = await behind(channels, message=Window(per_day=1))
    await account_is(channels, "paused")
    return lead


@reaches("account_disconnected")
async def _(channels: Channels) -> Lead:
    lead = await behind(channels, message=Window(per_day=1))
    await account_is(channels, "needs_attention", "account_needs_login")
    return lead


@reaches("challenge_required")
async def _(channels: Channels) -> Lead:
    lead = await behind(channels, message=Window(per_day=1))
    await account_is(channels, "needs_attention", "challenge_required")
    return lead


@reaches("kill_switch")
async def _(channels: Channels) -> Lead:
    lead = await behind(channels, message=Window(per_day=1))
    order = accounts.SwitchOrder("global", "", is_on=True, reason="drill", by="test")
    async with channels.house.app.sessions.begin() as db:
        await accounts.turn(db, order, channels.house.now)
    return lead


@reaches("company_lock")
async def _(channels: Channels) -> Lead:
    house = channels.house
    await house.sender()
    leads = await house.people(2, company_name="Northbeam")
    await house.enroll(await house.campaign(WRITE, stop_for_company=True), *leads)
    await house.pass_time(HOUR)
    written = next(one for one in leads if house.sent()[0].target == f"lea-{house.leads.index(one) + 1}")
    return next(one for one in leads if one is not written)


@reaches("auto_replied")
async def _(channels: Channels) -> Lead:
    lead = await stands(channels, WRITE)
    return await sees(channels, "auto_replied", lead, until=channels.house.now + timedelta(days=9))


@reaches("missing_email")
async def _(channels: Channels) -> Lead:
    return await stands(channels, steps(MAIL), "post")


@reaches("missing_linkedin_url")
async def _(channels: Channels) -> Lead:
    person = {"linkedin_slug": None, "linkedin_profile_id": None, "email": "lea@acme.example"}
    return await stands(channels, person=person)


@reaches("form_not_found")
async def _(channels: Channels) -> Lead:
    form = {"type": "contact_form", "message": "Hello"}
    return await stands(channels, steps({"id": "f", "channel": "contact_form", "touchpoint": form}), "web")


@reaches("missing_variable")
async def _(channels: Channels) -> Lead:
    return await stands(channels, person={"first_name": None})


@reaches("template_invalid")
async def _(channels: Channels) -> Lead:
    long = {"type": "message", "message": "{{ headline }}" * 60}
    return await stands(channels, steps({**NOW, "touchpoint": long}), person={"headline": "x" * 190})


@reaches("config_invalid")
async def _(channels: Channels) -> Lead:
    house = channels.house
    await house.sender()
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(ONE), lead)
    await house.execute("update enrollments set seats = '{}'")
    await house.settle()
    return lead


# --- how each ends -------------------------------------------------------------------------------------

MAIL: dict[str, Any] = {
    "id": "mail",
    "channel": "email",
    "touchpoint": {"type": "email", "subject": "Hi", "body": "Hello"},
}


@reaches("completed")
async def _(channels: Channels) -> Lead:
    return await stands(channels)


@reaches("replied")
async def _(channels: Channels) -> Lead:
    return await sees(channels, "replied", await stands(channels, WRITE))


@reaches("opted_out")
async def _(channels: Channels) -> Lead:
    return await sees(channels, "opted_out", await stands(channels, WRITE))


@reaches("declined")
async def _(channels: Channels) -> Lead:
    return await sees(channels, "declined", await stands(channels, WRITE))


@reaches("manual_contact")
async def _(channels: Channels) -> Lead:
    return await sees(channels, "manual_contact", await stands(channels, WRITE))


@reaches("suppressed")
async def _(channels: Channels) -> Lead:
    lead = await stands(channels, WRITE)
    await suppress(channels.house.app, "person", str(lead.id), "manual")
    await channels.house.settle()
    return lead


@reaches("bounced")
async def _(channels: Channels) -> Lead:
    wait = {"id": "wait", "wait_for": {"condition": "failed(mail)", "timeout": "2 days", "on_timeout": "end"}}
    lead = await stands(channels, steps(MAIL, wait), "post", person={"email": "lea@acme.example"})
    return await sees(channels, "bounced", lead)


@reaches("invite_expired")
async def _(channels: Channels) -> Lead:
    lead = await stands(channels, CLASSIC)
    channels.house.pending()
    await channels.house.pass_time(15 * DAY)
    return lead


@reaches("goal_reached")
async def _(channels: Channels) -> Lead:
    lead = await stands(channels, WRITE)
    await act(channels, lead, campaigns.stop, "goal_reached")
    return lead


@reaches("moved")
async def _(channels: Channels) -> Lead:
    lead = await stands(channels, WRITE)
    await act(channels, lead, campaigns.stop, "moved")
    return lead


@reaches("stopped_by_user")
async def _(channels: Channels) -> Lead:
    lead = await stands(channels, WRITE)
    await act(channels, lead, campaigns.stop)
    return lead


@reaches("duplicate")
async def _(channels: Channels) -> Lead:
    lead = await stands(channels, steps(NOW, {**NOW, "id": "same"}))
    await channels.house.pass_time(HOUR)
    return lead


@reaches("already_connected")
async def _(channels: Channels) -> Lead:
    house = channels.house
    await house.sender()
    (lead,) = await house.people(1)
    await relate(house.app, "ada", lead, Seen("connected", house.now, "test"))
    await house.enroll(await house.campaign(CLASSIC), lead)
    return lead


@reaches("not_found")
async def _(channels: Channels) -> Lead:
    channels.house.provider.script(None, fail(NotPossible("not_found", "No such profile.")))
    return await stands(channels)


@reaches("not_reachable")
async def _(channels: Channels) -> Lead:
    channels.house.provider.script(None, fail(NotPossible("not_connected", "no")))
    return await stands(channels)


@reaches("erased")
async def _(channels: Channels) -> Lead:
    lead, house = await stands(channels, WRITE), channels.house
    async with house.app.sessions.begin() as db:
        asked = people.Erasure(by="test", artifacts_dir=house.app.kit.artifacts_dir)
        await people.erase(db, house.app.ids, house.now, lead.id, asked)
    await house.settle()
    return lead


@reaches("company_replied")
async def _(channels: Channels) -> Lead:
    other = await REACHED["company_lock"](channels)
    written = next(one for one in channels.house.leads if one is not other)
    await sees(channels, "replied", written)
    return other
