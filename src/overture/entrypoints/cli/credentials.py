"""Secrets on their way in: asked for without echo, or from the environment, stdin or a file.

Never as arguments, which every user of the machine can see and shells keep.
"""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from getpass import getpass
from pathlib import Path
from typing import Final

from overture.core.errors import Invalid

CODE: Final = re.compile(r"[0-9A-Za-z]{4,12}")
PREFIX: Final = "OVERTURE_CREDENTIAL_"


def read_credentials(names: Iterable[str], file: Path | None) -> dict[str, str]:
    """The credentials of a file, and those named, each from wherever it can be had."""
    found = dict(from_file(file)) if file is not None else {}
    for name in names:
        if not name.isidentifier():
            raise Invalid(
                "validation_error",
                "--credential takes the name of a credential and never its value.",
                fix="Write `--credential password`; the value is asked for, or read from stdin.",
            )
        found[name] = read_one(name)
    return found


def read_one(name: str) -> str:
    """One secret: from the environment, else asked for on a terminal, else a line of stdin."""
    variable = PREFIX + name.upper()
    if variable in os.environ:
        return os.environ[variable]
    if sys.stdin.isatty():
        return getpass(f"{name}: ")
    line = sys.stdin.readline()
    if not line:
        raise Invalid(
            "validation_error",
            f"There is no value for the credential {name!r}.",
            fix=f"Set {variable}, give a line on stdin, or use --credential-file.",
        )
    return line.rstrip("\r\n")


def read_code(given: str) -> str:
    """The code of a check: it lives for minutes and is used once, so it may stand on the command line."""
    code = read_one("code") if given == "-" else given
    if not CODE.fullmatch(code):
        raise Invalid(
            "validation_error", "A code is 4 to 12 letters and digits.", fix="Give it as the service sent it."
        )
    return code


def read_secret_file(file: Path) -> str:
    """The text of a file of secrets, `-` for stdin."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("validation_error", f"{file} cannot be read.", fix=type(error).__name__) from None


def from_file(file: Path) -> Mapping[str, str]:
    """The credentials of a JSON file, `-` for stdin."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text()
        values = json.loads(text)
    except (OSError, ValueError) as error:
        raise Invalid("validation_error", f"{file} cannot be read.", fix=type(error).__name__) from None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Invalid(
            "validation_error",
            f"{file} does not hold one JSON object of strings.",
            fix='Write it like {"username": "…", "password": "…"}.',
        )
    return values
