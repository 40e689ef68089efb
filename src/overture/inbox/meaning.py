"""A cautious reading of an answer: only words that leave no doubt mean stop or no; else a reply.

A doubt never lets anything more be sent: whatever is not clearly an automatic answer stops what is planned.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Meaning = Literal["replied", "declined", "opted_out", "auto_replied"]
Kind = Literal["reply", "auto_reply", "opt_out", "decline", "note", "own"]

KIND_OF: Final[Mapping[Meaning, Kind]] = {
    "replied": "reply",
    "auto_replied": "auto_reply",
    "opted_out": "opt_out",
    "declined": "decline",
}
"""What a message of theirs is called in the inbox, by what it means."""
MEANING_OF: Final[Mapping[str, Meaning]] = {kind: meaning for meaning, kind in KIND_OF.items()}

OPT_OUT: Final = re.compile(
    r"\b(unsubscribe|opt[ -]?out|remove me|take me off|(please )?stop (contacting|messaging|writing)"
    r"|do not (contact|message|write)|don'?t (contact|message|write)( to)? me|abmelden|austragen"
    r"|kontaktieren sie mich nicht|keine weiteren nachrichten|désinscri\w+|ne me contactez plus|afmeld\w*)\b",
    re.IGNORECASE,
)
STOP: Final = re.compile(r"^\W*(stop|stopp)\W*$", re.IGNORECASE)
DECLINE: Final = re.compile(
    r"\b(not interested|no,? thanks?|no thank you|kein interesse|nicht interessiert|pas intéressée?"
    r"|ikke interesseret|nej tak)\b",
    re.IGNORECASE,
)
AWAY: Final = re.compile(
    r"\b(out of (the )?office|automatic reply|auto[- ]?reply|abwesenheitsnotiz|automatische antwort"
    r"|réponse automatique|autosvar)\b",
    re.IGNORECASE,
)
LONGEST_CLEAR: Final = 400
"""Longer answers are a person's own words: they are read by a person."""


@dataclass(frozen=True)
class Grounds:
    """What the rules read in an answer, and the words that leave no doubt; none where it is a reply."""

    meaning: Meaning
    words: str | None = None


def meaning_of(text: str) -> Meaning:
    """What an answer means, as far as it leaves no doubt."""
    return grounds_of(text).meaning


def grounds_of(text: str) -> Grounds:
    """The same, with the words by which it is known."""
    stop = OPT_OUT.search(text) or STOP.match(text)
    if stop:
        return Grounds("opted_out", stop.group().strip())
    away = AWAY.search(text)
    if away:
        return Grounds("auto_replied", away.group())
    decline = DECLINE.search(text) if len(text) <= LONGEST_CLEAR else None
    return Grounds("declined", decline.group()) if decline else Grounds("replied")
