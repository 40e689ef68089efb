"""Messages: exact texts, both composers, answers refused, lost or slow, and replies that came first."""

from typing import Final

from .scenario import scenario
from .stage import LATE_S, Stage

PARAGRAPHS: Final = "Hi there,\n\nquick question about route planning.\n\n– Mira"
EXOTIC: Final = 'Zeile eins\r\n  eingerückt,\u00a0geschützt 👩‍👩‍👧‍👦 Ünïcode e\u0301 :smile:\r\n\r\n"Ende"'
ONCE: Final = "completed, confirmed; one message, byte for byte"


@scenario(
    59,
    "msg-basic",
    site="one line; several paragraphs; several paragraphs where Enter sends",
    required=f"{ONCE} for each",
)
async def basic(stage: Stage) -> None:
    people = [await stage.person("connected", None) for _ in range(3)]
    texts = ("Hello", PARAGRAPHS, PARAGRAPHS)
    for someone, text, mode in zip(people, texts, ("click", "click", "enter"), strict=True):
        await stage.look(composer_mode=mode)
        stage.expect(await stage.perform("message", someone, message=text), "completed", "confirmed")

    await stage.holds(*(("message", one, text) for one, text in zip(people, texts, strict=True)))


@scenario(
    60,
    "msg-crlf-emoji-nbsp",
    site="CRLF, indentation, no-break space, joined emoji, a combining accent",
    required=ONCE,
)
async def exotic(stage: Stage) -> None:
    someone = await stage.person("connected", None)
    stage.expect(await stage.perform("message", someone, message=EXOTIC), "completed", "confirmed")
    await stage.holds(("message", someone, EXOTIC))


@scenario(
    65,
    "msg-failed-marker",
    site="the message is refused; it appears in the thread with Retry",
    required="failed, absent, not_delivered; nothing sent, Retry not pressed",
)
async def failed_marker(stage: Stage) -> None:
    someone = await stage.person("connected", None)
    await stage.fault("failed_marker", "send_message", status=422)
    run = await stage.perform("message", someone, message="Hello")

    stage.expect(run, "failed", "absent", "not_delivered")
    await stage.holds()


@scenario(
    66,
    "msg-uncertain",
    site="the message is delivered, the answer is lost, and for a while the thread does not show it",
    required="held, unknown; after reading back completed, confirmed; one message",
)
async def uncertain(stage: Stage) -> None:
    someone = await stage.person("connected", None)
    await stage.fault("drop_after_commit", "send_message", times=1)
    for endpoint in ("conversations", "messages"):
        await stage.fault("read_lag", endpoint, seconds=LATE_S)
    run_id = await stage.submit("message", someone, message=PARAGRAPHS)

    stage.expect(await stage.over(run_id, ["waiting_reconcile"]), "held", "unknown", "waiting_reconcile")
    stage.expect(await stage.over(run_id), "completed", "confirmed")
    await stage.holds(("message", someone, PARAGRAPHS))


@scenario(67, "msg-double-click", site="Send is answered three seconds late", required=ONCE)
async def slow_send(stage: Stage) -> None:
    someone = await stage.person("connected", None)
    await stage.fault("slow_ack", "send_message", seconds=3.0)
    run = await stage.perform("message", someone, message="Only once")

    stage.expect(run, "completed", "confirmed")
    stage.equal("attempts", run["attempts_made"], 1)
    await stage.holds(("message", someone, "Only once"))


@scenario(
    70,
    "msg-reply-arrived",
    site="they write after the run was submitted and before it starts",
    required="failed, no effect, replied_already; nothing sent",
)
async def reply_arrived(stage: Stage) -> None:
    someone = await stage.person("connected", None)
    account = f"/api/v1/accounts/{stage.handle}"
    await stage.overture.ask("POST", f"{account}/pause")
    run_id = await stage.submit("message", someone, message="Did you see my note?")
    await stage.sandbox.set("POST", f"/people/{someone}/reply", account=stage.username, text="I did, thanks")
    await stage.overture.ask("POST", f"{account}/resume")

    stage.expect(await stage.over(run_id), "failed", "none", "replied_already")
    await stage.holds()


SCENARIOS: Final = (basic, exotic, failed_marker, uncertain, slow_send, reply_arrived)
