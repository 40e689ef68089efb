"""Ids of threads and messages in one spelling, however a reader of them writes them.

    message_key("urn:li:msg_message:(urn:li:fsd_profile:ACoAA…,2-MTc…)") == message_key("2-MTc…") == "2-MTc…"

The same message, told by a webhook and read in the inbox, is one by this.
"""

import re
import unicodedata
from typing import Final

OF_MAILBOX: Final = re.compile(r"urn:li:msg_(?:message|conversation):\((?:.*),([^,()]+)\)")
PLAIN: Final = re.compile(r"urn:li:messaging(?:Message|Thread):(.+)")
LONGEST: Final = 500


def message_key(text: str) -> str:
    """The id of a message without the mailbox it was seen from."""
    found = OF_MAILBOX.fullmatch(text) or PLAIN.fullmatch(text)
    return found.group(1) if found else text


thread_key: Final = message_key
"""The same of a thread."""


def without_blanks(text: str) -> str:
    """A text by which two are the same whatever happened to blanks and line ends on the way."""
    return "".join(unicodedata.normalize("NFC", text).split())


SURROGATES: Final = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """The text as the database takes it: without NUL, and with a mark where half a character stood."""
    return SURROGATES.sub("�", text.replace("\x00", ""))
