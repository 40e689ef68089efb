"""What happened to a person, told as sentences: one line for each event a reader wants to know of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account
from overture.campaigns import REASONS, Campaign
from overture.core.ids import public_id
from overture.db import Event
from overture.entrypoints.web import words
from overture.inbox import MEANING_OF
from overture.runs import Run

SIGNAL: Final[Mapping[str, str]] = {
    "replied": "They answered.",
    "auto_replied": "An automatic answer came.",
    "declined": "They declined.",
    "opted_out": "They asked not to be contacted.",
    "bounced": "The address does not exist: the message came back.",
    "manual_contact": "The operator wrote to them by hand.",
    "accepted": "They accepted the invitation.",
    "possible_opt_out": "Their answer may mean stop.",
    "opened": "They opened the e-mail.",
}
RUN: Final[Mapping[str, str]] = {
    "run.created": "was submitted",
    "run.intended": "was about to act",
    "run.completed": "is completed",
    "run.failed": "failed",
    "run.held": "is held: whether it acted is not known",
    "run.cancelled": "was cancelled before its act",
    "run.retried": "was let go again",
    "run.resolved": "was settled by a person",
    "run.reaped": "was taken from a worker that was gone",
    "run.absent": "did not act, as a look shows",
}
SILENT: Final = frozenset({"run.retold", "lead.updated"})
"""Bookkeeping that says nothing of the person."""
MACHINES: Final = ("planner", "run:", "model", "system", "import:")


@dataclass(frozen=True)
class Names:
    """What the ids of some events are called."""

    accounts: Mapping[UUID, str]
    campaigns: Mapping[UUID, str]
    runs: Mapping[UUID, str]
    """The touchpoint type of each."""


@dataclass(frozen=True)
class Line:
    """One thing that happened, as a reader takes it in."""

    at: datetime
    type: str
    sentence: str
    facts: tuple[str, ...]
    run_id: str | None


async def lines(db: AsyncSession, events: Sequence[Event]) -> list[Line]:
    """These events, newest first as they come; what says the same as the one before it is told once."""
    names = await names_in(db, events)
    told: list[Line] = []
    for one in events:
        if one.type in SILENT:
            continue
        line = Line(
            one.at,
            one.type,
            sentence(one, names),
            tuple(facts(one, names)),
            public_id("run", one.run_id) if one.run_id is not None else None,
        )
        if not told or (told[-1].sentence, told[-1].facts) != (line.sentence, line.facts):
            told.append(line)
    return told


async def names_in(db: AsyncSession, events: Sequence[Event]) -> Names:
    """The names of everything these events are about."""
    handles = await db.execute(
        select(Account.id, Account.handle).where(Account.id.in_(ids(events, "account_id")))
    )
    called = await db.execute(
        select(Campaign.id, Campaign.name).where(Campaign.id.in_(ids(events, "campaign_id")))
    )
    kinds = await db.execute(select(Run.id, Run.touchpoint_type).where(Run.id.in_(ids(events, "run_id"))))
    return Names(
        {row[0]: row[1] for row in handles},
        {row[0]: row[1] for row in called},
        {row[0]: row[1] for row in kinds},
    )


def ids(events: Sequence[Event], name: str) -> set[UUID]:
    """The ids of one kind in some events."""
    return {found for one in events if (found := getattr(one, name)) is not None}


def sentence(event: Event, names: Names) -> str:
    """What an event says, with what it is about in it."""
    if event.type in RUN:
        kind = names.runs.get(event.run_id) if event.run_id is not None else None
        return f"{words.act(kind) if kind else 'A run'} {RUN[event.type]}."
    tell = SENTENCES.get(event.type)
    if tell is None:
        return words.event(event.type)
    handle = names.accounts.get(event.account_id) if event.account_id is not None else None
    return tell(event.data, handle or "an account")


def moved(data: Mapping[str, Any], _: str) -> str:
    """A stage in the pipeline."""
    hand = ", set by hand" if data.get("manual") else ""
    return f"Moved from {words.plain(str(data['from']))} to {words.plain(str(data['to']))}{hand}."


def related(data: Mapping[str, Any], handle: str) -> str:
    """What an account is to them."""
    was, now = (words.relation(str(data[name])) for name in ("from", "to"))
    return f"To {handle} they are {now} now (before: {was})."


def waits(data: Mapping[str, Any], _: str) -> str:
    """Where an enrollment stands."""
    said = REASONS.get(str(data["reason"]), words.plain(str(data["reason"])))
    return f"At the step {data['step']}: {said}" if data.get("step") else said


def over(data: Mapping[str, Any], _: str) -> str:
    """The end of an enrollment."""
    return f"Over: {REASONS.get(str(data['reason']), words.plain(str(data['reason'])))}"


def touched(data: Mapping[str, Any], _: str) -> str:
    """An act of a step."""
    state = words.TOUCH.get(str(data["state"]))
    said = state.text.lower() if state else str(data["state"])
    return f"{words.act(str(data['touchpoint_type']))} of the step {data['step']}: {said}."


def seen(data: Mapping[str, Any], _: str) -> str:
    """What they did."""
    return SIGNAL.get(str(data["kind"]), words.plain(str(data["kind"])))


def said(data: Mapping[str, Any], _: str) -> str:
    """A message in a conversation."""
    if data["direction"] == "theirs":
        return SIGNAL[MEANING_OF[str(data["kind"])]]
    return "The operator wrote to them by hand." if data["by"] != "run" else "A message of ours went out."


def corrected(data: Mapping[str, Any], _: str) -> str:
    """What a person said a message means."""
    was, now = (words.plain(str(data[name])).lower() for name in ("from", "to"))
    return f"A message was taken for: {was}. It is: {now}."


SENTENCES: Final[Mapping[str, Callable[[Mapping[str, Any], str], str]]] = {
    "lead.stage_changed": moved,
    "lead.relationship_changed": related,
    "enrollment.changed": waits,
    "enrollment.finished": over,
    "touch.planned": touched,
    "touch.changed": touched,
    "touch.ended": touched,
    "lead.signal": seen,
    "message_received": seen,
    "inbox.message": said,
    "inbox.corrected": corrected,
    "connection_accepted": lambda _, handle: f"They accepted the invitation of {handle}.",
    "connection_request_sent": lambda data, _: f"The invitation of the step {data['step']} went out.",
    "message_sent": lambda data, _: f"The message of the step {data['step']} went out.",
}


NAMED_ALREADY: Final = ("lead.relationship_changed", "connection_accepted")


def facts(event: Event, names: Names) -> list[str]:
    """The few things more that a reader looks for: the campaign or account, the code, and who did it."""
    campaign = names.campaigns.get(event.campaign_id) if event.campaign_id else None
    handle = names.accounts.get(event.account_id) if event.account_id else None
    about = campaign or (handle if event.type not in NAMED_ALREADY else None)
    said = [words.detail(str(event.data[name])) for name in ("detail", "note") if event.data.get(name)]
    said += [str(event.data["why"])] if event.type == "inbox.corrected" and event.data.get("why") else []
    said += [words.plain(str(event.data["code"])).lower()] if event.data.get("code") else []
    by = str(event.data.get("by") or "")
    is_told = event.type == "inbox.message" or by.startswith(MACHINES)
    who = [f"by {by}"] if by and not is_told else []
    return [*([about] if about else []), *said, *who]
