"""Whom an account took its invitation back from, it does not invite again before the service allows it."""

from datetime import datetime, timedelta

from fakes import ScriptedProvider, noop, ok
from overture import runs
from overture.entrypoints.bootstrap import App
from overture.runs import Run, RunRequest
from overture.touchpoints import REINVITE_AFTER, Connect, Touchpoint, WithdrawInvite
from product import add_account
from waiting import eventually

WHO = "prisca"


async def submit(app: App, touchpoint: Touchpoint, handle: str = "ada", **more: object) -> Run:
    async with app.sessions.begin() as db:
        request = RunRequest(handle, touchpoint, **more)  # type: ignore[arg-type]
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


async def over(app: App, run: Run) -> Run:
    async def look() -> Run | None:
        async with app.sessions() as db:
            found = await runs.by_id(db, run.id)
        return found if found.completed_at else None

    return await eventually(look)


async def test_whom_we_took_an_invitation_back_from_is_not_invited_for_three_weeks(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    await add_account(app, "bob")
    withdrawn = await over(app, await submit(app, WithdrawInvite(public_identifier=WHO)))
    assert withdrawn.effect == "confirmed"
    opened = len(provider.senders)
    again = await over(app, await submit(app, Connect(public_identifier=WHO)))
    dry = await over(app, await submit(app, Connect(public_identifier=WHO), dry_run=True))
    for run in (again, dry):
        assert (run.status, run.effect, run.error_code) == ("failed", "none", "invite_cooldown")
        assert run.intended_at is None
    assert "can be sent anew after" in (again.error or "")
    assert len(provider.senders) == opened

    assert (await over(app, await submit(app, Connect(public_identifier=WHO), "bob"))).status == "completed"
    assert (await over(app, await submit(app, Connect(public_identifier="jonas")))).status == "completed"


async def test_a_withdrawal_binds_whoever_is_named_by_its_result_until_the_day_it_says(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    profile_id = f"ACoAA{'x' * 34}"
    withdrawn = await over(app, await submit(app, WithdrawInvite(public_identifier=WHO)))
    until = app.now() + timedelta(days=3)

    async def says(until: datetime) -> None:
        async with app.sessions.begin() as db:
            found = await runs.by_id(db, withdrawn.id, lock=True)
            found.result = {
                **(found.result or {}),
                "profile_id": profile_id,
                "reinvite_after": until.isoformat(),
            }

    await says(until)
    refused = await over(app, await submit(app, Connect(public_identifier=profile_id)))
    assert (refused.error_code, until.isoformat() in (refused.error or "")) == ("invite_cooldown", True)
    await says(app.now() - timedelta(seconds=1))
    for key in (profile_id, WHO):
        assert (await over(app, await submit(app, Connect(public_identifier=key)))).status == "completed"


async def test_an_invitation_that_came_to_nothing_unseen_is_not_sent_again_for_three_weeks(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    """Somebody takes it back by hand in the service, or the member declines: no run of ours tells."""
    await add_account(app, "bob")
    first = await over(app, await submit(app, Connect(public_identifier=WHO)))
    again = await over(app, await submit(app, Connect(public_identifier=WHO, note="Again")))
    assert (again.status, again.effect, again.error_code) == ("failed", "none", "invite_cooldown")
    assert again.intended_at is None
    assert "nothing of it is left" in (again.error or "")
    assert [(one.handle, one.target) for one in provider.sent] == [("ada", WHO)]

    assert (await over(app, await submit(app, Connect(public_identifier=WHO), "bob"))).effect == "confirmed"
    await sent_before(app, first, REINVITE_AFTER)
    assert (await over(app, await submit(app, Connect(public_identifier=WHO)))).effect == "confirmed"


async def test_an_invitation_that_is_still_out_is_found_and_not_refused(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script(WHO, ok(), noop())
    await over(app, await submit(app, Connect(public_identifier=WHO)))
    again = await over(app, await submit(app, Connect(public_identifier=WHO)))
    assert (again.status, again.effect, (again.result or {})["noop"]) == ("completed", "none", True)


async def test_it_binds_whoever_is_named_by_the_result_of_the_invitation(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    profile_id = f"ACoAA{'y' * 34}"
    first = await over(app, await submit(app, Connect(public_identifier=WHO)))
    async with app.sessions.begin() as db:
        found = await runs.by_id(db, first.id, lock=True)
        found.result = {**(found.result or {}), "profile_id": profile_id}
    refused = await over(app, await submit(app, Connect(public_identifier=profile_id)))
    assert refused.error_code == "invite_cooldown"


async def sent_before(app: App, run: Run, ago: timedelta) -> None:
    """Let it have been sent so long ago."""
    async with app.sessions.begin() as db:
        found = await runs.by_id(db, run.id, lock=True)
        found.intended_at = app.now() - ago
