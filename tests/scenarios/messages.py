"""Messages: exact texts, boxes that misbehave, wrong recipients, answers refused, lost or slow, replies."""

from typing import Final

from .scenario import Scenario, fails, plays
from .stage import Json, Stage

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


async def write(stage: Stage) -> Json:
    """The message to the target, once its run is over."""
    return await stage.perform("message", stage.who("target"), message=PARAGRAPHS)


@plays("msg-uncertain")
async def uncertain(stage: Stage) -> None:
    run_id = await stage.submit("message", stage.who("target"), message=PARAGRAPHS)

    await stage.read_back(run_id)
    await stage.holds(("message", stage.who("target"), PARAGRAPHS))


@plays("msg-reply-arrived")
async def reply_arrived(stage: Stage) -> None:
    someone = stage.who("target")
    await stage.account("POST", "/pause")
    run_id = await stage.submit("message", someone, message="Did you see my note?")
    await stage.sandbox.set("POST", f"/people/{someone}/reply", account=stage.username, text="I did, thanks")
    await stage.account("POST", "/resume")

    stage.expect(await stage.over(run_id), "failed", "none", "replied_already")
    await stage.holds()


SCENARIOS: Final = (
    arrives("msg-basic", "Hello"),
    arrives("msg-multiparagraph", PARAGRAPHS),
    arrives("msg-multiparagraph-enter-mode", PARAGRAPHS),
    arrives("msg-crlf-emoji-nbsp", EXOTIC),
    fails("msg-send-disabled", "send_disabled", write),
    arrives("msg-composer-loses-text", PARAGRAPHS),
    fails("msg-composer-loses-text-twice", "composer_unstable", write),
    arrives("msg-existing-draft", PARAGRAPHS),
    arrives("msg-wrong-bubble", PARAGRAPHS),
    fails("msg-namesake-typeahead", "recipient_not_resolved", write),
    arrives("msg-truncated-name", PARAGRAPHS),
    fails("msg-failed-marker", "not_delivered", write, effect="absent"),
    uncertain,
    arrives("msg-double-click", "Only once"),
    arrives("msg-say-hello", PARAGRAPHS),
    fails("msg-say-hello-everywhere", "composer_missing", write),
    fails("msg-not-connected", "not_connected", write),
    fails("msg-not-connected-422", "not_connected", write, effect="absent"),
    fails("msg-request-blocked", "request_declined", write),
    reply_arrived,
)
