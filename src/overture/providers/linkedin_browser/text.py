"""When two spellings of a text are the same text."""

import unicodedata


def canonical(text: str) -> str:
    """The text without what pages do to white space and to the composition of letters.

    The fuse puts the exact original in place before anything is sent, so this only has to notice text that is
    lost, foreign or merged with a draft: pages trim ends, turn spaces into no-break spaces and CRLF into LF.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def units(text: str) -> int:
    """How long the site's counters find it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def lines(text: str) -> list[str]:
    """The lines to type, whatever ended them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
