"""How the bytes of a text file are letters: found by its first bytes, then by what all of them allow."""

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from overture.core.errors import Invalid

DELIMITERS: Final = (",", ";", "\t", "|")
CHUNK: Final = 1 << 20
LARGEST_CELL: Final = 1_100_000
"""More than the longest record that is read, so that the CSV reader never ends a file."""

csv.field_size_limit(LARGEST_CELL)  # of the whole process; the library knows no other way

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Encoding:
    """An encoding, and what is to be said about it."""

    name: str
    warnings: tuple[str, ...] = ()


def decoded(path: Path, encoding: str) -> TextIO:
    """The text of the file, line by line; a byte that is no letter becomes the replacement character."""
    return path.open(encoding=encoding, errors="replace", newline="")


def encoding_of(name: str) -> Encoding:
    """The encoding the operator named."""
    try:
        return Encoding(codecs.lookup(name).name)
    except LookupError as error:
        raise Invalid(
            "unknown_encoding", f"{name!r} is no encoding.", fix="Name one such as utf-8, cp1252 or utf-16."
        ) from error


def found_encoding(path: Path) -> Encoding:
    """By its mark; else UTF-16 by its zeros, UTF-8 if all bytes allow it, and Windows-1252 if not."""
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name)
    wide = without_mark(start)
    if wide:
        return Encoding(wide, ("no_byte_order_mark",))
    valid, damaged = utf8_sequences(path)
    if not damaged:
        return Encoding("utf-8")
    if valid > 20 * damaged:
        return Encoding("utf-8", (f"damaged_bytes:{damaged}",))
    return Encoding("cp1252", ("guessed_windows_1252",))


def without_mark(start: bytes) -> str | None:
    """UTF-16 by the zeros every other byte of Western text has in it."""
    pairs = len(start) // 2
    if pairs < 2:
        return None
    even, odd = start[0 : pairs * 2 : 2].count(0), start[1 : pairs * 2 : 2].count(0)
    if odd > 0.4 * pairs and even < 0.1 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * pairs and odd < 0.1 * pairs else None


def utf8_sequences(path: Path) -> tuple[int, int]:
    """How many letters beyond ASCII the file has as UTF-8, and how many places that are no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    valid = damaged = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            if not text.isascii():
                bad = text.count("\ufffd")
                damaged += bad
                valid += sum(1 for letter in text if letter > "\x7f") - bad
    return valid, damaged + len(decoder.decode(b"", True))
