"""Faults of a sequence together with the accounts that are to carry it out."""

from collections.abc import Iterator
from collections.abc import Sequence as Many
from dataclasses import dataclass

from overture.campaigns.sequence import Sequence
from overture.campaigns.sequence_channels import TEXT_FIELDS
from overture.campaigns.templates import least_length
from overture.campaigns.validate_problems import Problem

WITHOUT_ACCOUNT = ("manual_task",)
"""Touchpoints that a person of ours does."""


@dataclass(frozen=True)
class SenderFacts:
    """What validation must know of an account: its channel, what it can do, and whether it ever may."""

    handle: str
    channel: str
    touchpoints: frozenset[str]
    has_window: bool = True
    """Whether its working hours ever meet the campaign's (and the leads')."""
    note_limit: int = 300
    """Characters of an invitation's note: 200 on a free account."""


def sender_problems(sequence: Sequence, accounts: Many[SenderFacts]) -> Iterator[Problem]:
    """Steps nobody can carry out, accounts that never may, notes some account cannot send."""
    if not accounts:
        yield Problem("", "no_account", "no account sends for this campaign")
        return
    for account in accounts:
        if not account.has_window:
            detail = f"the working hours of {account.handle} never meet those asked for"
            yield Problem("", "no_working_window", detail)
    for index, step in enumerate(sequence.steps):
        for number, way in enumerate(step.ways):
            place = f"/steps/{index}" if number == 0 else f"/steps/{index}/fallback/{number - 1}"
            able = [one for one in accounts if one.channel == way.channel and way.kind in one.touchpoints]
            if not able and way.kind not in WITHOUT_ACCOUNT:
                detail = f"no account of the campaign can do {way.kind!r} on {way.channel}"
                yield Problem(f"{place}/touchpoint/type", "no_account", detail)
            note = way.touchpoint.get("note")
            if way.kind == "connect" and isinstance(note, str):
                spins = step.spintax and "note" in TEXT_FIELDS
                yield from note_problems(note, f"{place}/touchpoint/note", able, spins=spins)


def note_problems(note: str, pointer: str, able: Many[SenderFacts], *, spins: bool) -> Iterator[Problem]:
    """A note that is too long for some account whatever is filled in."""
    least = least_length(note, spintax=spins)
    for account in able:
        if least > account.note_limit:
            detail = f"{account.handle} may send {account.note_limit} characters; this has {least} or more"
            yield Problem(pointer, "too_long", detail)
