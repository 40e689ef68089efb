"""A first, cautious reading of an answer: only words that leave no doubt mean stop or no; else a reply.

The inbox will read answers properly; here a doubt never lets anything more be sent.
"""

import re
from typing import Final, Literal

Meaning = Literal["replied", "declined", "opted_out", "auto_replied"]

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


def meaning_of(text: str) -> Meaning:
    """What an answer means, as far as it leaves no doubt."""
    if OPT_OUT.search(text) or STOP.match(text):
        return "opted_out"
    if AWAY.search(text):
        return "auto_replied"
    return "declined" if DECLINE.search(text) and len(text) <= LONGEST_CLEAR else "replied"
