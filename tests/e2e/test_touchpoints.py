"""Every touchpoint through the API: submitted, watched to its end, its record compared with what happened."""

import pytest

from e2e.system import System, succeeded

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.browser]
writes = pytest.mark.writes

MESSAGE = "Hello,\n\n  thank you for the talk 👩‍🔧\u00a0– Ada "


async def test_the_server_is_reachable(system: System) -> None:
    health = await system.overture.ask("GET", "/health")

    assert health["status"] == "ok"


async def test_a_profile_is_read(system: System) -> None:
    run = await system.perform({"type": "enrich", "url": system.target("person")})

    assert succeeded(run, "enrich")["profile"]["public_identifier"] in system.target("person")


async def test_a_relationship_is_read(system: System) -> None:
    run = await system.perform({"type": "check_connection", "url": system.target("connection")})

    assert succeeded(run, "check_connection")["state"] == "connected"


async def test_connections_are_read(system: System) -> None:
    run = await system.perform({"type": "sync_relations", "limit": 20})

    assert succeeded(run, "sync_relations")["relations"]


async def test_the_inbox_is_read(system: System) -> None:
    run = await system.perform({"type": "sync_inbox", "limit": 5})

    assert isinstance(succeeded(run, "sync_inbox")["conversations"], list)


async def test_people_are_found(system: System) -> None:
    run = await system.perform({"type": "search", "keywords": "manager", "limit": 5})

    assert isinstance(succeeded(run, "search")["people"], list)


async def test_a_dry_run_prepares_and_does_not_act(system: System) -> None:
    before = len(await system.ledger("invite"))
    run = await system.perform({"type": "connect", "url": system.target("stranger")}, dry_run=True)

    assert succeeded(run, "connect")["dry_run"] is True
    assert run["effect"] == "none"
    assert len(await system.ledger("invite")) == before


async def test_a_profile_that_is_not_there_fails_and_says_why(system: System) -> None:
    run = await system.perform(
        {"type": "visit", "public_identifier": "nobody-by-this-name-4711", "duration_s": 0}
    )

    assert (run["status"], run["error_code"]) == ("failed", "profile_unavailable")
    assert run["artifacts"], "a failure leaves something to look at"


async def test_the_record_in_the_list_is_the_run(system: System) -> None:
    run = await system.perform(
        {"type": "check_connection", "url": system.target("person")}, tags=["e2e-list"]
    )
    listed = await system.overture.runs("e2e-list")

    assert run["run_id"] in [one["run_id"] for one in listed]
    assert all(
        run[name] == value for name, value in listed[0].items() if listed[0]["run_id"] == run["run_id"]
    )


@writes
async def test_a_profile_is_visited(system: System) -> None:
    run = await system.perform({"type": "visit", "url": system.target("person"), "duration_s": 1})

    assert succeeded(run, "visit")["duration_s"] >= 1


@writes
async def test_an_invitation_is_sent_and_withdrawn(system: System) -> None:
    someone = system.target("stranger")
    invited = await system.perform({"type": "connect", "url": someone})
    assert succeeded(invited, "connect")["state"] == "pending"
    assert invited["effect"] == "confirmed"

    again = await system.perform({"type": "connect", "url": someone})
    assert succeeded(again, "connect")["noop"] is True

    withdrawn = await system.perform({"type": "withdraw_invite", "url": someone})
    assert succeeded(withdrawn, "withdraw_invite")["noop"] is False
    if system.sandbox:
        assert len(await system.ledger("invite")) == len(await system.ledger("withdraw")) == 1


@writes
async def test_a_message_arrives_as_it_was_given(system: System) -> None:
    run = await system.perform({"type": "message", "url": system.target("connection"), "message": MESSAGE})

    assert succeeded(run, "message")["message_urn"]
    if system.sandbox:
        assert [entry["text"] for entry in await system.ledger("message")] == [MESSAGE]


@writes
async def test_a_member_is_followed(system: System) -> None:
    run = await system.perform({"type": "follow", "url": system.target("person")})

    assert succeeded(run, "follow")["public_identifier"]


@writes
async def test_a_reaction_is_set_once(system: System) -> None:
    touchpoint = {"type": "react", "post_url": system.target("post"), "reaction": "CELEBRATE"}
    run = await system.perform(touchpoint)
    assert succeeded(run, "react")["reaction"] == "CELEBRATE"

    again = await system.perform(touchpoint)
    assert succeeded(again, "react")["noop"] is True


@writes
async def test_a_comment_is_posted(system: System) -> None:
    run = await system.perform(
        {"type": "comment", "post_url": system.target("post"), "text": "Clear write-up."}
    )

    assert succeeded(run, "comment")["comment_urn"]


@writes
@pytest.mark.requires_inmail
async def test_an_inmail_costs_a_credit(system: System) -> None:
    touchpoint = {"type": "inmail", "url": system.target("inmail"), "subject": "Freight", "body": MESSAGE}
    run = await system.perform(touchpoint)

    result = succeeded(run, "inmail")
    assert result["message_urn"]
    if result["credits_before"] is not None and result["credits_after"] is not None:
        assert result["credits_before"] - result["credits_after"] == result["credits_cost"]
