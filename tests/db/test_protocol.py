"""The effect protocol: whatever an attempt meets, the ledger holds at most one act and the status is true."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

import fakes
from fakes import ScriptedProvider
from overture import accounts, runs
from overture.accounts import Limits, Window
from overture.core.errors import (
    Conflict,
    NeedsHuman,
    NotPossible,
    PageChanged,
    Restricted,
    Throttled,
    Transient,
)
from overture.core.reasons import Reason
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.runs import Run, RunRequest
from overture.runs.quota import LATE
from overture.runs.reap import MOST_DEATHS
from overture.touchpoints import CheckConnection, Connect, Message, Touchpoint, Visit
from product import MakeApp, add_account
from waiting import eventually

WHO = "prisca"


async def submit(app: App, touchpoint: Touchpoint, handle: str = "ada", **more: object) -> Run:
    async with app.sessions.begin() as db:
        request = RunRequest(handle, touchpoint, **more)  # type: ignore[arg-type]
        submitted = await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))
    return submitted.run


async def see(app: App, run: Run) -> Run:
    async with app.sessions() as db:
        return await runs.by_id(db, run.id)


async def over(app: App, run: Run, *statuses: str) -> Run:
    async def look() -> Run | None:
        found = await see(app, run)
        return found if found.status in (statuses or ("completed", "failed", "cancelled")) else None

    return await eventually(look)


def hello(text: str = "Hello") -> Message:
    return Message(public_identifier=WHO, message=text)


async def test_a_message_is_sent_once_and_proved(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    run = await over(app, await submit(app, hello("  Hi \r\n👩‍🚀 ")))

    assert (run.status, run.effect, run.attempts) == ("completed", "confirmed", 1)
    assert [e["source"] for e in run.evidence] == ["write", "ledger"]
    sent = provider.sent
    assert len(sent) == 1
    assert sent[0].touchpoint == hello("  Hi \r\n👩‍🚀 ")
    assert sent[0].token == run.token


async def test_the_phases_come_in_order(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    await over(app, await submit(app, hello()))

    assert provider.phases(WHO) == ["prepare", "look", "act", "confirm"]


async def test_nothing_to_do_is_completed_without_effect(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.noop())
    run = await over(app, await submit(app, Connect(public_identifier=WHO)))

    assert (run.status, run.effect) == ("completed", "none")
    assert run.result is not None
    assert run.result["noop"] is True
    assert provider.sent == []


async def test_a_lost_answer_is_read_back_and_never_sent_again(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.uncertain_committed(), fakes.ok())
    run = await submit(app, hello())
    held = await over(app, run, "held")
    assert held.effect == "unknown"
    assert held.wait_reason == Reason.WAITING_RECONCILE
    assert held.next_at is not None

    done = await over(app, run)

    assert (done.status, done.effect, len(provider.sent)) == ("completed", "confirmed", 1)


async def test_a_send_that_never_arrived_is_sent_by_the_next_attempt(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.uncertain_not_committed(), fakes.ok())
    done = await over(app, await submit(app, hello()))

    assert (done.status, done.attempts, len(provider.sent)) == ("completed", 2, 1)


async def test_accepted_but_not_to_be_seen_is_held_not_completed(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.confirm_none(), fakes.ok())
    run = await submit(app, hello())
    held = await over(app, run, "held")
    assert held.effect == "unknown"

    done = await over(app, run)

    assert (done.status, len(provider.sent)) == ("completed", 1)


async def test_an_error_in_the_proof_never_counts_as_not_sent(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.fail(Transient("the page went away"), "confirm"), fakes.ok())
    run = await submit(app, hello())
    await over(app, run, "held")

    done = await over(app, run)

    assert (done.status, len(provider.sent)) == ("completed", 1)


@pytest.mark.parametrize("at", ["act", "confirm"])
async def test_a_bug_after_the_intent_is_held(
    app: App, provider: ScriptedProvider, account: str, worker: None, at: fakes.Phase
) -> None:
    provider.script(WHO, fakes.raise_bug(at, committed=True), fakes.ok())
    run = await submit(app, hello())
    held = await over(app, run, "held")
    assert held.effect == "unknown"

    done = await over(app, run)

    assert (done.status, len(provider.sent)) == ("completed", 1)


async def test_a_bug_before_the_intent_fails_the_run_and_keeps_the_traceback(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.raise_bug())
    run = await over(app, await submit(app, hello()))

    assert (run.status, run.effect, run.error_code) == ("failed", "none", "internal_error")
    async with app.sessions() as db:
        attempts = await runs.attempts_of(db, run.id)
    assert "ZeroDivisionError" in (attempts[0].traceback or "")
    assert provider.sent == []


async def test_a_channel_that_cannot_tell_ends_with_a_person(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.cannot_tell(committed=True))
    run = await submit(app, hello())

    async def asked() -> Run | None:
        found = await see(app, run)
        return found if found.wait_reason == Reason.OUTCOME_UNKNOWN else None

    held = await eventually(asked)
    assert (held.status, held.next_at, runs.allowed(held)) == ("held", None, ("resolve",))

    async with app.sessions.begin() as db:
        await runs.resolve(db, await runs.by_id(db, run.id, lock=True), "delivered", "I saw it", app.now())
    done = await see(app, run)
    assert (done.status, done.effect, len(provider.sent)) == ("completed", "confirmed", 1)


async def test_a_reply_stops_the_send(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.replied())
    run = await over(app, await submit(app, hello()))

    assert (run.status, run.error_code, provider.sent) == ("failed", "replied_already", [])


async def test_the_last_look_knows_what_our_own_runs_wrote(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    invite = await over(app, await submit(app, Connect(public_identifier=WHO, note="Hello there")))
    earlier = await over(app, await submit(app, hello("one")))
    await over(app, await submit(app, Message(public_identifier="somebody-else", message="other")))
    last = await over(app, await submit(app, hello("two")))

    look = provider.looks[-1]
    assert look.since == last.created_at
    assert look.own_tokens == {str(run.token) for run in (invite, earlier, last)}
    assert look.own_notes == {"Hello there"}


async def test_the_last_look_goes_back_as_far_as_whoever_asked_knew_nothing(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    """An answer between their last look and the run's creation stops it too; later than now is no look."""
    hour_ago = app.now() - timedelta(hours=1)
    provider.wrote[WHO] = hour_ago + timedelta(minutes=30)
    run = await over(app, await submit(app, hello(), look_since=hour_ago))
    assert (run.status, run.error_code, provider.sent) == ("failed", "replied_already", [])
    assert provider.looks[-1].since == hour_ago

    later = await over(app, await submit(app, hello(), look_since=app.now() + timedelta(days=1)))
    assert (later.status, provider.looks[-1].since) == ("completed", later.created_at)


async def test_the_last_look_knows_our_words_under_every_name_of_the_person(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    profile_id = f"ACoAA{'x' * 34}"
    invite = await over(app, await submit(app, Connect(public_identifier=profile_id, note="Hello there")))
    last = await over(app, await submit(app, hello(), known_as=(profile_id, WHO)))

    look = provider.looks[-1]
    assert look.own_tokens == {str(run.token) for run in (invite, last)}
    assert look.own_notes == {"Hello there"}


async def test_a_session_that_cannot_be_kept_changes_nothing(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.session_failure = Transient("the page hangs")
    run = await over(app, await submit(app, hello()))

    assert (run.status, run.attempts, len(provider.sent)) == ("completed", 1, 1)


async def test_a_passing_failure_is_tried_again_and_then_given_up(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.fail(Transient("no network")))
    run = await over(app, await submit(app, hello()))

    assert (run.status, run.error_code, run.attempts) == ("failed", "transient", app.settings.max_attempts)


async def test_what_was_taken_and_is_not_there_any_more_is_not_sent_again(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.confirm_none(), fakes.ok())
    held = await over(app, await submit(app, hello()), "held")
    provider.sent.clear()  # somebody takes it away
    run = await over(app, held)

    assert (run.status, run.effect, run.error_code) == ("failed", "absent", "not_persisted")
    assert provider.phases(WHO).count("act") == 1


async def test_a_refusal_by_the_site_after_the_intent_is_absent_not_unknown(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.fail(NotPossible("invite_cooldown", "not yet"), "act"))
    run = await over(app, await submit(app, Connect(public_identifier=WHO)))

    assert (run.status, run.effect, run.error_code) == ("failed", "absent", "invite_cooldown")


async def test_slow_down_rests_the_lane_of_the_account(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    until = app.now() + timedelta(hours=2)
    provider.script(WHO, fakes.fail(Throttled("weekly_limit", "too many", until=until), "act"))
    run = await submit(app, Connect(public_identifier=WHO))

    async def waits(which: Run) -> Run | None:
        found = await see(app, which)
        return found if found.wait_reason == Reason.PROVIDER_COOLDOWN else None

    waiting = await eventually(lambda: waits(run))
    assert (waiting.status, waiting.next_at, waiting.error_code) == ("pending", until, "weekly_limit")

    other = await submit(app, Connect(public_identifier="somebody-else"))
    assert (await eventually(lambda: waits(other))).next_at == until
    message = await over(app, await submit(app, hello()), "completed", "pending")  # another lane goes on
    assert message.category == "message"
    assert [s.kind for s in provider.sent if s.kind == "connect"] == []


@pytest.mark.parametrize(
    ("failure", "state"),
    [(NeedsHuman("pin", "a PIN is asked for"), "needs_attention"), (Restricted("restricted"), "paused")],
)
async def test_a_challenge_stops_the_account_and_keeps_the_queue(
    app: App,
    provider: ScriptedProvider,
    account: str,
    worker: None,
    failure: NeedsHuman | Restricted,
    state: str,
) -> None:
    provider.script(WHO, fakes.fail(failure))
    first = await submit(app, hello())
    second = await submit(app, Message(public_identifier="next", message="Hi"))
    assert (await over(app, first)).status == "failed"

    async with app.sessions() as db:
        stopped = await accounts.by_handle(db, account)
    assert stopped.state == state
    assert stopped.state_detail
    assert (await see(app, second)).status == "pending"

    async with app.sessions.begin() as db:
        await accounts.set_state(db, await accounts.by_handle(db, account), "active", app.now())
    assert (await over(app, second)).status == "completed"


async def test_a_changed_page_fails_and_keeps_the_screen(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.fail(PageChanged("the Connect button")))
    run = await over(app, await submit(app, hello()))

    assert (run.status, run.error_code) == ("failed", "ui_changed")
    assert run.error_screenshot is not None
    assert (app.kit.artifacts_dir / run.error_screenshot).read_bytes() == fakes.PICTURE


async def test_a_hung_account_delays_no_other(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    await add_account(app, "bob")
    provider.script("hung", fakes.hang("prepare"))
    hung = await submit(app, Message(public_identifier="hung", message="Hi"))
    await over(app, hung, "running")

    other = await over(app, await submit(app, hello(), handle="bob"))

    assert other.status == "completed"
    assert (await see(app, hung)).status == "running"


async def test_an_attempt_that_hangs_after_the_act_is_read_back(make_app: MakeApp) -> None:
    app = await make_app(attempt_timeout=timedelta(milliseconds=400))
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada")
    provider.script(WHO, fakes.hang("act", committed=True), fakes.ok())
    async with background(app, worker=True):
        run = await over(app, await submit(app, hello()))

    assert (run.status, run.effect, len(provider.sent)) == ("completed", "confirmed", 1)


async def test_dry_run_does_everything_but_the_act(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    run = await over(app, await submit(app, hello(), dry_run=True))
    visit = await over(app, await submit(app, Visit(public_identifier=WHO), dry_run=True))

    assert (run.status, run.effect, run.intended_at) == ("completed", "none", None)
    assert run.result == {
        "dry_run": True,
        "would": {"touchpoint_type": "message", "target": WHO, "handle": "ada"},
        "gate": {"allowed": True},
    }
    assert (visit.effect, visit.intended_at) == ("none", None)
    assert provider.phases(WHO) == ["prepare", "look", "abandon"]
    assert provider.sent == []


async def test_one_run_of_an_account_at_a_time_by_priority(
    app: App, provider: ScriptedProvider, account: str
) -> None:
    low = [await submit(app, CheckConnection(public_identifier=f"low-{n}"), priority=1) for n in range(3)]
    high = await submit(app, CheckConnection(public_identifier="high"), priority=9)
    async with background(app, worker=True):
        for run in [*low, high]:
            assert (await over(app, run)).status == "completed"

    order = [call.target for call in provider.calls if call.phase == "read"]
    assert order.index("high") == 1  # the first was admitted before the high one came
    assert provider.most_open_at_once == 1


async def test_cancel_before_and_during(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.hang("prepare"), fakes.ok())
    running = await submit(app, hello())
    await over(app, running, "running")
    waiting = await submit(app, Message(public_identifier="later", message="Hi"))
    for run in (waiting, running):
        async with app.sessions.begin() as db:
            await runs.cancel(db, await runs.by_id(db, run.id, lock=True), app.now())
    assert (await see(app, waiting)).status == "cancelled"
    provider.let_go()

    ended = await over(app, running)

    assert (ended.status, provider.sent) == ("cancelled", [])


async def test_a_limit_waits_with_its_reason_and_time(
    app: App, provider: ScriptedProvider, worker: None
) -> None:
    limits = Limits(message=Window(per_day=1), invite=Window(), visit=Window(), min_gap_s=0)
    await add_account(app, "ada", limits)
    first = await over(app, await submit(app, hello()))
    second = await submit(app, Message(public_identifier="next", message="Hi"))

    async def waits() -> Run | None:
        found = await see(app, second)
        return found if found.wait_reason == Reason.DAILY_QUOTA else None

    waiting = await eventually(waits)
    assert first.intended_at is not None
    assert waiting.next_at == first.intended_at + timedelta(hours=24) + LATE
    assert len(provider.sent) == 1


async def test_an_unsettled_act_holds_back_the_next_toward_the_same_person(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.cannot_tell(committed=True))
    first = await submit(app, hello("one"))
    await over(app, first, "held")
    second = await submit(app, hello("two"))

    async def waits() -> Run | None:
        found = await see(app, second)
        return found if found.wait_reason == Reason.TARGET_UNRESOLVED else None

    assert (await eventually(waits)).status == "pending"
    assert len(provider.sent) == 1


async def test_a_dead_workers_run_goes_on_by_its_effect(make_app: MakeApp) -> None:
    app = await make_app(lease=timedelta(milliseconds=600))
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada")
    run = await submit(app, hello())
    provider.script(WHO, fakes.ok())
    # A worker that took the run, intended, acted, and died: its rows are what a kill leaves.
    async with app.sessions.begin() as db:
        provider.sent.append(fakes.Sent("ada", "message", WHO, run.token, app.now(), hello()))
        await db.execute(
            text(
                "update runs set status='running', worker='dead', started_at=:now, attempts=1,"
                " effect='intended', intended_at=:now, lease_until=:now where run_id=:id"
            ),
            {"now": app.now(), "id": run.id},
        )
    async with background(app, worker=True):
        done = await over(app, run)

    assert (done.status, done.effect, len(provider.sent)) == ("completed", "confirmed", 1)
    async with app.sessions() as db:
        assert [a.ended_as for a in await runs.attempts_of(db, run.id)] == ["died", "done"]


async def test_dead_workers_cost_no_attempt_but_not_without_end(
    app: App, provider: ScriptedProvider, account: str
) -> None:
    run = await submit(app, hello())
    for death in range(1, MOST_DEATHS + 1):
        async with app.sessions.begin() as db:
            await runs.admit(db, app.now(), app.kit.lease(app.now()))
            await db.execute(
                text(
                    "update runs set status='running', worker='dead', started_at=:now, attempts=attempts+1,"
                    " lease_until=:past where run_id=:id"
                ),
                {"now": app.now(), "past": app.now() - timedelta(days=1), "id": run.id},
            )
        async with app.sessions.begin() as db:
            assert await runs.reap(app.kit, db, app.now()) == 1
        found = await see(app, run)
        assert found.status == ("pending" if death < MOST_DEATHS else "failed")
        assert found.attempts <= 1
    assert found.error_code == "worker_lost"
    assert provider.sent == []


async def test_a_run_that_cannot_begin_fails_instead_of_coming_back_for_ever(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    async with app.sessions.begin() as db:  # sealed with keys that are gone
        await db.execute(text("update account_secrets set credentials = 'OV1' || repeat('x', 60)::bytea"))
    run = await over(app, await submit(app, hello()))

    assert (run.status, run.effect, run.error_code) == ("failed", "none", "internal_error")
    assert "key file" in (run.error or "")


async def test_a_session_of_the_old_login_does_not_survive_new_credentials(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, fakes.hang("prepare"), fakes.ok())
    run = await submit(app, hello())
    await over(app, run, "running")
    provider.session_state = b"of the old login"
    async with app.sessions.begin() as db:
        found = await accounts.by_handle(db, account)
        await app.vault.put_credentials(db, found.id, {"username": "new"}, app.now())
    provider.let_go()
    await over(app, run)

    async with app.sessions() as db:
        kept = await app.vault.open(db, found.id)
    assert (kept.session, kept.values) == (None, {"username": "new"})


async def test_a_stopping_worker_costs_the_run_no_attempt(make_app: MakeApp) -> None:
    app = await make_app(max_attempts=1)
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada")
    provider.script(WHO, fakes.hang("prepare"), fakes.ok())
    run = await submit(app, hello())
    task = asyncio.create_task(runs.execute(app.kit, "w", run.id, 1))
    await over(app, run, "running")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    stopped = await see(app, run)
    assert (stopped.status, stopped.attempts) == ("pending", 0)


async def test_a_run_of_a_removed_account_is_not_retried(app: App, account: str) -> None:
    run = await submit(app, hello(), not_before=app.now() + timedelta(days=1))
    async with app.sessions.begin() as db:
        await runs.cancel(db, await runs.by_id(db, run.id, lock=True), app.now())
        await accounts.remove(db, app.vault, await accounts.by_handle(db, account), app.now())
    with pytest.raises(Conflict) as caught:
        async with app.sessions.begin() as db:
            await runs.retry(db, await runs.by_id(db, run.id, lock=True), app.now())
    assert "removed" in caught.value.fix


async def test_a_run_cancelled_while_it_is_chosen_is_not_admitted(app: App, account: str) -> None:
    """The dispatcher saw it due, and waits for whoever cancels it: then it must look again."""
    run = await submit(app, hello(), not_before=app.now() + timedelta(milliseconds=50))
    await app.clock.sleep(timedelta(milliseconds=60))
    async with app.sessions() as cancelling:
        await runs.cancel(cancelling, await runs.by_id(cancelling, run.id, lock=True), app.now())
        await cancelling.flush()

        async def dispatch() -> int:
            async with app.sessions.begin() as db:
                return await runs.admit(db, app.now(), app.kit.lease(app.now()))

        admitting = asyncio.create_task(dispatch())

        async def waits() -> bool:
            async with app.sessions() as db:
                waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                return bool(await db.scalar(text(waiting)))

        await eventually(waits)
        await cancelling.commit()
        assert await admitting == 0

    assert (await see(app, run)).status == "cancelled"


async def test_a_lost_wake_up_is_mended(make_app: MakeApp) -> None:
    app = await make_app(lease=timedelta(milliseconds=300))
    await add_account(app, "ada")
    run = await submit(app, CheckConnection(public_identifier=WHO))
    async with app.sessions.begin() as db:
        await db.execute(text("delete from procrastinate_jobs"))
    async with background(app, worker=True):
        done = await over(app, run)

    assert (done.status, done.epoch) == ("completed", 2)


async def test_doubled_and_late_wake_ups_do_nothing(
    app: App, provider: ScriptedProvider, account: str
) -> None:
    run = await submit(app, hello())
    await asyncio.gather(*(runs.execute(app.kit, f"w{n}", run.id, 1) for n in range(5)))
    await runs.execute(app.kit, "late", run.id, 1)
    await runs.execute(app.kit, "never", run.id, 7)

    assert (await see(app, run)).status == "completed"
    assert len(provider.sent) == 1


async def test_a_worker_that_lost_its_fence_does_not_act(
    app: App, provider: ScriptedProvider, account: str
) -> None:
    provider.script(WHO, fakes.hang("prepare"), fakes.ok())
    run = await submit(app, hello())
    slow = asyncio.create_task(runs.execute(app.kit, "slow", run.id, 1))
    await over(app, run, "running")
    async with app.sessions.begin() as db:  # the reaper takes it for dead
        await db.execute(text("update runs set lease_until = created_at - interval '1 day'"))
        assert await runs.reap(app.kit, db, app.now()) == 1
    provider.let_go()
    await slow

    assert provider.sent == []
    assert (await see(app, run)).status == "pending"


async def test_a_cancelled_worker_says_how_far_it_came(
    app: App, provider: ScriptedProvider, account: str
) -> None:
    provider.script("early", fakes.hang("prepare"))
    provider.script("late", fakes.hang("act", committed=True))
    for target, expected in (("early", "pending"), ("late", "held")):
        run = await submit(app, Message(public_identifier=target, message="Hi"))
        epoch = (await see(app, run)).epoch
        task = asyncio.create_task(runs.execute(app.kit, "w", run.id, epoch))

        async def hanging() -> bool:
            return provider.hanging > 0

        await eventually(hanging)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await see(app, run)).status == expected
        async with app.sessions.begin() as db:  # out of the way of the second
            await db.execute(
                text("update runs set next_at = next_at + interval '1 day' where next_at is not null")
            )
