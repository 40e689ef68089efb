"""Invitations: every placement of Connect, what is so already, limits, and answers that are lost or late."""

from typing import Final

from .scenario import plays, scenario
from .stage import LATE_S, Stage

NOTE: Final = ("Hello, we both build freight tools. " * 6)[:198]
PENDING: Final = "completed, confirmed, state pending"


@scenario(1, "inv-a-basic", site="Connect is the primary button; send without a note", required=PENDING)
async def basic(stage: Stage) -> None:
    someone = await stage.person(connect_placement="primary_button")
    run = await stage.perform("connect", someone)

    stage.expect(run, "completed", "confirmed", state="pending", noop=False, note_sent=False)
    stage.equal("evidence", len(run["evidence"]), 2)  # the site's answer and an independent read
    await stage.holds(("invite", someone, None))


@scenario(2, "inv-b-basic-anchor", site="Connect is a link that opens the dialog", required=PENDING)
async def anchor(stage: Stage) -> None:
    someone = await stage.person(connect_placement="primary_anchor", sidebar_decoys=5)
    run = await stage.perform("connect", someone)

    stage.expect(run, "completed", "confirmed", state="pending", noop=False)
    await stage.holds(("invite", someone, None))


@scenario(3, "inv-b-js-button", site="Connect is a button without an address", required=PENDING)
async def script_button(stage: Stage) -> None:
    someone = await stage.person(connect_placement="primary_button", sidebar_decoys=5)
    run = await stage.perform("connect", someone)

    stage.expect(run, "completed", "confirmed", state="pending", noop=False)
    await stage.holds(("invite", someone, None))


@scenario(4, "inv-b-more-menu", site="Follow comes first; Connect only in the More menu", required=PENDING)
async def more_menu(stage: Stage) -> None:
    someone = await stage.person(connect_placement="more_menu", follow_first=True)
    run = await stage.perform("connect", someone)

    stage.expect(run, "completed", "confirmed", state="pending", noop=False)
    await stage.holds(("invite", someone, None))


@scenario(
    5,
    "inv-note-200",
    site="a note of 198 characters where 200 are allowed",
    required=f"{PENDING}; the note byte for byte",
)
async def long_note(stage: Stage) -> None:
    someone = await stage.person()
    run = await stage.perform("connect", someone, note=NOTE)

    stage.expect(run, "completed", "confirmed", state="pending", note_sent=True)
    await stage.holds(("invite", someone, NOTE))


WEEKLY_LIMIT: Final = "waits for provider_cooldown, absent, weekly_limit; nothing sent"


async def weekly_limit(stage: Stage, someone: str, other: str) -> None:
    """The lane rests, and the next invitation does not even start."""
    run = await stage.over(await stage.submit("connect", someone), ["provider_cooldown"])
    stage.expect(run, "pending", "absent", "provider_cooldown")
    stage.equal("error_code", run["error_code"], "weekly_limit")

    following = await stage.over(await stage.submit("connect", other), ["provider_cooldown"])
    stage.expect(following, "pending", "none", "provider_cooldown")
    await stage.holds()


@plays("inv-weekly-429-optimistic")
async def optimistic(stage: Stage) -> None:
    await weekly_limit(stage, stage.who("first"), stage.who("second"))


@scenario(
    16,
    "inv-weekly-429-no-revert",
    site="the same, but the page goes on saying Pending until it is loaded again",
    required=WEEKLY_LIMIT,
)
async def never_reverts(stage: Stage) -> None:
    await stage.fault("optimistic_revert", "invite", revert_after_s=None)
    await weekly_limit(stage, await stage.person(), await stage.person())


@scenario(
    19,
    "inv-already-pending",
    site="an invitation is out already",
    required="completed, no effect, noop, state pending; nothing sent",
)
async def already_pending(stage: Stage) -> None:
    someone = await stage.person("pending")
    run = await stage.perform("connect", someone, note="Hello")

    stage.expect(run, "completed", "none", state="pending", noop=True, note_sent=False)
    await stage.holds()


@scenario(
    20,
    "inv-already-connected",
    site="they are connected already",
    required="completed, no effect, noop, state connected; nothing sent",
)
async def already_connected(stage: Stage) -> None:
    someone = await stage.person("connected", None)
    run = await stage.perform("connect", someone)

    stage.expect(run, "completed", "none", state="connected", noop=True)
    await stage.holds()


@scenario(
    24,
    "inv-decoy-sidebar",
    site="an invitation is out; the sidebar has nine Connect buttons of other people",
    required="completed, no effect, noop, state pending; nobody else invited",
)
async def decoys(stage: Stage) -> None:
    pending = await stage.person("pending", sidebar_decoys=9)
    unwilling = await stage.person(connect_placement="none", sidebar_decoys=9)
    run = await stage.perform("connect", pending)
    stage.expect(run, "completed", "none", state="pending", noop=True)

    other = await stage.perform("connect", unwilling)  # not even where the sidebar's are the only ones
    stage.expect(other, "failed", "none", "not_connectable")
    await stage.holds()


@scenario(
    30,
    "inv-commit-then-drop",
    site="the invitation is made, the answer is lost",
    required="held, unknown; after reading back completed, confirmed; one invitation",
)
async def lost_answer(stage: Stage) -> None:
    someone = await stage.person()
    await stage.fault("drop_after_commit", "invite", times=1)
    run_id = await stage.submit("connect", someone, note="Only once")

    stage.expect(await stage.over(run_id, ["waiting_reconcile"]), "held", "unknown", "waiting_reconcile")
    stage.expect(await stage.over(run_id), "completed", "confirmed", state="pending")
    await stage.holds(("invite", someone, "Only once"))


@scenario(
    31,
    "inv-pending-late",
    site="profile and sent list show the invitation a second late, then (another person) after all looks",
    required="completed within the bounded looks; else held, then completed by reading back; one each",
)
async def late_pending(stage: Stage) -> None:
    soon, late = await stage.person(), await stage.person()
    lags = [await stage.fault("read_lag", endpoint, seconds=1.0) for endpoint in READS]
    stage.expect(await stage.perform("connect", soon), "completed", "confirmed", state="pending")

    for lag in lags:
        await stage.repair(lag)
    for endpoint in READS:
        await stage.fault("read_lag", endpoint, seconds=LATE_S)
    run_id = await stage.submit("connect", late)
    stage.expect(await stage.over(run_id, ["waiting_reconcile"]), "held", "unknown", "waiting_reconcile")
    stage.expect(await stage.over(run_id), "completed", "confirmed", state="pending")
    await stage.holds(("invite", soon, None), ("invite", late, None))


READS: Final = ("profile", "relationship", "sent_invitations")
SCENARIOS: Final = (
    basic,
    anchor,
    script_button,
    more_menu,
    long_note,
    optimistic,
    never_reverts,
    already_pending,
    already_connected,
    decoys,
    lost_answer,
    late_pending,
)
