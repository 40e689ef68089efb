"""InMail: what it costs and what is left, why there is none, and an answer that is lost."""

from typing import Final

from overture.entrypoints.demo.clients import Unexpected

from .scenario import Scenario, plays
from .stage import Json, Stage

SUBJECT: Final = "Frachtbriefe & 🚚 „Tourenplanung“"
BODY: Final = "Dear colleague,\r\n\r\nquick question\u00a0about 👩‍👩‍👧‍👦 e\u0301.\n\t– Mira"


async def perform(stage: Stage, subject: str = SUBJECT) -> Json:
    """The InMail to the target, once its run is over."""
    return await stage.perform("inmail", stage.who("target"), subject=subject, body=BODY)


async def spent(stage: Stage, *costs: int, left: int) -> None:
    """Exactly these InMails were sent, with these words, and this many credits are left."""
    await stage.holds(*(("inmail", stage.who("target"), BODY) for _ in costs))
    found = [(entry["subject"], entry["cost"]) for entry in await stage.contacts()]
    stage.equal("subjects and costs", found, [(SUBJECT, cost) for cost in costs])
    logins = await stage.sandbox.ask("GET", "/logins")
    mine = next(one for one in logins if one["username"] == stage.username)
    stage.equal("credits left", mine["inmail_credits"], left)


def costs_one(name: str) -> Scenario:
    """The play in which one credit of 45 is spent."""

    async def play(stage: Stage) -> None:
        run = await perform(stage)
        stage.expect(
            run, "completed", "confirmed", credits_cost=1, credits_before=45, credits_after=44, warning=None
        )
        await spent(stage, 1, left=44)

    return plays(name)(play)


def stays_away(name: str, code: str, left: int) -> Scenario:
    """The play in which nothing is sent and nothing spent, for a reason."""

    async def play(stage: Stage) -> None:
        stage.expect(await perform(stage), "failed", "none", code)
        await spent(stage, left=left)

    return plays(name)(play)


@plays("inmail-open-profile")
async def open_profile(stage: Stage) -> None:
    run = await perform(stage)
    stage.expect(run, "completed", "confirmed", credits_cost=0, credits_before=None, warning=None)
    await spent(stage, 0, left=45)


@plays("inmail-subject-limit")
async def subject_limit(stage: Stage) -> None:
    refusal = ""
    try:
        await perform(stage, subject="x" * 201)
    except Unexpected as refused:
        refusal = str(refused)
    told = "422" in refusal and '"code":"subject_too_long"' in refusal.replace(" ", "")
    stage.reports.append("422 subject_too_long")
    stage.equal("refused with 422 subject_too_long", told, True)

    stage.expect(await perform(stage, subject="x" * 60), "failed", "none", "subject_too_long")
    await spent(stage, left=45)


@plays("inmail-commit-then-drop")
async def lost_answer(stage: Stage) -> None:
    run_id = await stage.submit("inmail", stage.who("target"), subject=SUBJECT, body=BODY)

    await stage.read_back(run_id, credits_cost=None, credits_after=44)
    await spent(stage, 1, left=44)


SCENARIOS: Final = (
    costs_one("inmail-credits-45"),
    stays_away("inmail-none", "inmail_no_credits", left=0),
    open_profile,
    stays_away("inmail-upsell", "not_entitled", left=0),
    stays_away("inmail-restricted", "recipient_restricted", left=45),
    subject_limit,
    costs_one("inmail-credits-loading"),
    lost_answer,
)
