"""Messages: exact texts, boxes that misbehave, wrong recipients, answers refused, lost or slow, replies."""

from typing import Final

from .scenario import Scenario, plays
from .stage import Stage

PARAGRAPHS: Final = "Hi there,\n\nquick question about route planning.\n\n– Mira"
EXOTIC: Final = 'Zeile eins\r\n  eingerückt,\u00a0geschützt 👩‍👩‍👧‍👦 Ünïcode e\u0301 :smile:\r\n\r\n"Ende"'


def arrives(name: str, text: str) -> Scenario:
    """The play in which one message simply arrives."""

    async def play(stage: Stage) -> None:
        run = await stage.perform("message", stage.who("target"), message=text)
        stage.expect(run, "completed", "confirmed")
        stage.equal("attempts", run["attempts_made"], 1)
        await stage.holds(("message", stage.who("target"), text))

    return plays(name)(play)


def stays_away(name: str, effect: str, code: str) -> Scenario:
    """The play in which nothing is sent to anybody, for a reason."""

    async def play(stage: Stage) -> None:
        run = await stage.perform("message", stage.who("target"), message=PARAGRAPHS)
        stage.expect(run, "failed", effect, code)
        await stage.holds()

    return plays(name)(play)


@plays("msg-uncertain")
async def uncertain(stage: Stage) -> None:
    run_id = await stage.submit("message", stage.who("target"), message=PARAGRAPHS)

    stage.expect(await stage.over(run_id, ["waiting_reconcile"]), "held", "unknown", "waiting_reconcile")
    stage.expect(await stage.over(run_id), "completed", "confirmed")
    await stage.holds(("message", stage.who("target"), PARAGRAPHS))


@plays("msg-reply-arrived")
async def reply_arrived(stage: Stage) -> None:
    someone, account = stage.who("target"), f"/api/v1/accounts/{stage.handle}"
    await stage.overture.ask("POST", f"{account}/pause")
    run_id = await stage.submit("message", someone, message="Did you see my note?")
    await stage.sandbox.set("POST", f"/people/{someone}/reply", account=stage.username, text="I did, thanks")
    await stage.overture.ask("POST", f"{account}/resume")

    stage.expect(await stage.over(run_id), "failed", "none", "replied_already")
    await stage.holds()


SCENARIOS: Final = (
    arrives("msg-basic", "Hello"),
    arrives("msg-multiparagraph", PARAGRAPHS),
    arrives("msg-multiparagraph-enter-mode", PARAGRAPHS),
    arrives("msg-crlf-emoji-nbsp", EXOTIC),
    stays_away("msg-send-disabled", "none", "send_disabled"),
    arrives("msg-composer-loses-text", PARAGRAPHS),
    stays_away("msg-composer-loses-text-twice", "none", "composer_unstable"),
    arrives("msg-existing-draft", PARAGRAPHS),
    arrives("msg-wrong-bubble", PARAGRAPHS),
    stays_away("msg-namesake-typeahead", "none", "recipient_not_resolved"),
    arrives("msg-truncated-name", PARAGRAPHS),
    stays_away("msg-failed-marker", "absent", "not_delivered"),
    uncertain,
    arrives("msg-double-click", "Only once"),
    arrives("msg-say-hello", PARAGRAPHS),
    stays_away("msg-say-hello-everywhere", "none", "composer_missing"),
    stays_away("msg-not-connected", "none", "not_connected"),
    stays_away("msg-not-connected-422", "absent", "not_connected"),
    stays_away("msg-request-blocked", "none", "request_declined"),
    reply_arrived,
)
