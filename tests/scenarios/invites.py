"""Invitations: every placement of Connect, what is so already, limits, and answers that are lost or late."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from .scenario import Scenario, fails, plays
from .stage import Json, Stage

NOTE: Final = ("Hello, we both build freight tools. " * 6)[:198]
EMOJI_NOTE: Final = "Hi 👩‍🚀👩🏽‍💻 – we both build freight tools,\r\nshall we talk?\u00a0🚢"


async def invited(stage: Stage, part: str = "target", note: str | None = None, **result: Any) -> None:
    """The invitation is out, with exactly this note."""
    words = {"note": note} if note is not None else {}
    run = await stage.perform("connect", stage.who(part), **words)
    wanted = {
        "state": "pending",
        "noop": False,
        "note_sent": note is not None,
        "note_dropped": False,
        **result,
    }
    stage.expect(run, "completed", "confirmed", **wanted)
    stage.equal("evidence", len(run["evidence"]), 2)  # the site's answer and an independent read


async def connect(stage: Stage, **words: str) -> Json:
    """The invitation of the target, once its run is over."""
    return await stage.perform("connect", stage.who("target"), **words)


async def refused(
    stage: Stage, code: str, part: str = "target", *, effect: str = "none", **words: str
) -> None:
    """The run failed with nothing sent."""
    run = await stage.perform("connect", stage.who(part), **words)
    stage.expect(run, "failed", effect, code)


def invites(name: str, note: str | None = None) -> Scenario:
    """The play in which the target is invited, with exactly this note, and nobody else."""

    async def play(stage: Stage) -> None:
        await invited(stage, note=note)
        await stage.holds(("invite", stage.who("target"), note))

    return plays(name)(play)


@plays("inv-b-more-menu")
async def more_menu(stage: Stage) -> None:
    await invited(stage)
    await stage.holds(("invite", stage.who("target"), None))
    stage.equal("follows", await stage.sandbox.ledger(account=stage.username, kind="follow"), [])


async def note_dropped(stage: Stage) -> None:
    """The one who may be invited without a note is."""
    lenient = stage.who("lenient")
    run = await stage.perform("connect", lenient, note="Hello", on_note_refused="send_without")
    stage.expect(run, "completed", "confirmed", state="pending", note_sent=False, note_dropped=True)


@plays("inv-note-quota-used")
async def note_quota(stage: Stage) -> None:
    await refused(stage, "note_quota", "strict", note="Hello")
    await note_dropped(stage)
    await stage.holds(("invite", stage.who("lenient"), None))


@plays("inv-note-quota-at-submit")
async def note_quota_at_submit(stage: Stage) -> None:
    await refused(stage, "note_quota", "strict", effect="absent", note="Hello")
    await note_dropped(stage)
    attempts = (await stage.overture.run(stage.runs[-1]))["attempts_made"]
    stage.equal("attempts", attempts, 2)  # the second with an intent of its own
    await stage.holds(("invite", stage.who("lenient"), None))


@plays("inv-direct-no-dialog")
async def direct(stage: Stage) -> None:
    await invited(stage, "plain")
    await refused(stage, "note_not_possible", "strict", note="Hello")
    await note_dropped(stage)
    await stage.holds(("invite", stage.who("plain"), None), ("invite", stage.who("lenient"), None))


async def weekly_limit(stage: Stage) -> None:
    """The lane rests, and the next invitation does not even start."""
    run = await stage.over(await stage.submit("connect", stage.who("first")), ["provider_cooldown"])
    stage.expect(run, "pending", "absent", "provider_cooldown")
    stage.equal("error_code", run["error_code"], "weekly_limit")

    following = await stage.over(await stage.submit("connect", stage.who("second")), ["provider_cooldown"])
    stage.expect(following, "pending", "none", "provider_cooldown")
    await stage.holds()


def warns(name: str, warning: str) -> Scenario:
    """The play in which both are invited: what lies over the page is put away."""

    async def play(stage: Stage) -> None:
        for part in ("first", "second"):
            await invited(stage, part, warning=warning)
        await stage.holds(("invite", stage.who("first"), None), ("invite", stage.who("second"), None))

    return plays(name)(play)


@plays("inv-already-pending")
async def already_pending(stage: Stage) -> None:
    run = await stage.perform("connect", stage.who("target"), note="Hello")

    stage.expect(run, "completed", "none", state="pending", noop=True, note_sent=False, note_dropped=False)
    await stage.holds()


@plays("inv-already-connected")
async def already_connected(stage: Stage) -> None:
    run = await stage.perform("connect", stage.who("target"))

    stage.expect(run, "completed", "none", state="connected", noop=True)
    await stage.holds()


@plays("inv-incoming")
async def incoming(stage: Stage) -> None:
    await refused(stage, "incoming_request", "left")
    run = await stage.perform("connect", stage.who("accepted"), on_incoming="accept")

    stage.expect(run, "completed", "confirmed", state="connected", noop=False, note_sent=False)
    stage.equal("standing of the other", await stage.standing(stage.who("left")), "incoming")
    await stage.holds(("accept", stage.who("accepted"), None))


async def until_three_weeks(stage: Stage, part: str, effect: str) -> None:
    """Another invitation is refused (by the site, or at the gate), and the report says until when."""
    run = await stage.perform("connect", stage.who(part))
    stage.expect(run, "failed", effect, "invite_cooldown")
    latest = (datetime.now(UTC) + timedelta(days=21)).date().isoformat()
    stage.equal("date in the report", latest in str(run["error"]), True)


@plays("inv-cant-resend")
async def cant_resend(stage: Stage) -> None:
    await until_three_weeks(stage, "target", "absent")
    await stage.holds()


@plays("inv-no-connect-anywhere")
async def no_connect(stage: Stage) -> None:
    await refused(stage, "not_connectable")
    stage.equal("follows", await stage.sandbox.ledger(account=stage.username, kind="follow"), [])
    await stage.holds()


@plays("inv-decoy-sidebar")
async def decoys(stage: Stage) -> None:
    run = await stage.perform("connect", stage.who("pending"))
    stage.expect(run, "completed", "none", state="pending", noop=True)

    await refused(stage, "not_connectable", "unwilling")  # not even where the sidebar's are the only ones
    await stage.holds()


@plays("inv-commit-then-drop")
async def lost_answer(stage: Stage) -> None:
    run_id = await stage.submit("connect", stage.who("target"), note="Only once")

    await stage.read_back(run_id, state="pending")
    await stage.holds(("invite", stage.who("target"), "Only once"))


@plays("inv-pending-late")
async def late_pending(stage: Stage) -> None:
    soon, late = stage.who("soon"), stage.who("late")
    stage.expect(await stage.perform("connect", soon), "completed", "confirmed", state="pending")

    run_id = await stage.submit("connect", late)
    await stage.read_back(run_id, state="pending")
    await stage.holds(("invite", soon, None), ("invite", late, None))


@plays("inv-slug-redirect")
async def slug_redirect(stage: Stage) -> None:
    person = stage.arranged["people"]["target"]
    run = await stage.perform("connect", stage.arranged["old_slug"])

    result = {"state": "pending", "public_identifier": person["slug"], "profile_id": person["profile_id"]}
    stage.expect(run, "completed", "confirmed", **result)
    await stage.holds(("invite", person["slug"], None))


@plays("inv-withdraw")
async def withdraw(stage: Stage) -> None:
    pending = stage.who("pending")
    run = await stage.perform("withdraw_invite", pending)
    stage.expect(run, "completed", "confirmed", public_identifier=pending, noop=False)
    stage.equal("evidence", len(run["evidence"]), 2)

    nobody = await stage.perform("withdraw_invite", stage.who("nobody"))
    stage.expect(nobody, "completed", "none", noop=True, reinvite_after=None)
    accepted = await stage.perform("withdraw_invite", stage.who("connected"))
    stage.expect(accepted, "failed", "none", "already_connected")
    await until_three_weeks(stage, "pending", "none")
    await stage.holds(("withdraw", pending, None))


@plays("inv-withdraw-confirm-missing")
async def confirm_missing(stage: Stage) -> None:
    run = await stage.perform("withdraw_invite", stage.who("target"))

    stage.expect(run, "failed", "none", "confirm_missing")
    stage.equal("standing", await stage.standing(stage.who("target")), "pending")
    await stage.holds()


SCENARIOS: Final = (
    *(invites(f"inv-{name}") for name in ("a-basic", "b-basic-anchor", "b-js-button")),
    more_menu,
    invites("inv-note-200", NOTE),
    fails("inv-note-too-long", "note_too_long", partial(connect, note="x" * 240)),
    invites("inv-note-emoji-newline", EMOJI_NOTE),
    note_quota,
    note_quota_at_submit,
    direct,
    fails("inv-email-required", "email_required", connect),
    fails("inv-email-noop", "email_required", connect),
    invites("inv-how-do-you-know"),
    *(
        plays(f"inv-weekly-{name}")(weekly_limit)
        for name in ("limit-modal", "429-optimistic", "429-no-revert")
    ),
    warns("inv-close-to-limit", "close_to_limit"),
    warns("inv-growing-network", "growing_network"),
    already_pending,
    already_connected,
    incoming,
    cant_resend,
    no_connect,
    decoys,
    fails("inv-dialog-names-other", "identity_mismatch", connect),
    invites("inv-dialog-late"),
    fails("inv-dialog-never", "dialog_not_opened", connect),
    fails("inv-toast-not-sent", "rejected", connect, effect="absent"),
    invites("inv-toast-duplicates"),
    lost_answer,
    late_pending,
    slug_redirect,
    withdraw,
    confirm_missing,
)
