"""What the pretend model says: the same for the same request, naming whom it was told about."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

DATA = re.compile(r"<data>(.*?)</data>", re.DOTALL)
WORD = re.compile(r"\S+\s*")
OPENINGS = (
    "your work caught my eye",
    "I read about what you do and had a question",
    "a colleague pointed me to you",
    "I have been following your field for a while",
)
CLOSINGS = (
    "Would you be open to a short exchange?",
    "May I ask how you go about it today?",
    "Is that something you look after yourself?",
)


def answer_to(messages: Sequence[Mapping[str, Any]]) -> str:
    """The text for a conversation: a greeting of the first thing named as data, one reason, one question."""
    said = "\n".join(str(one.get("content", "")) for one in messages)
    digest = hashlib.sha256(said.encode()).digest()
    asked = str(messages[-1].get("content", ""))
    named = DATA.search(asked)
    name = " ".join(named[1].split())[:40] if named else "there"
    return f"Hi {name}, {OPENINGS[digest[0] % len(OPENINGS)]}. {CLOSINGS[digest[1] % len(CLOSINGS)]}"


def tokens_of(text: str) -> list[str]:
    """The text in pieces that are counted, one to a word."""
    return WORD.findall(text)
