"""One fault of a sequence."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """What is wrong, where (a JSON pointer into the sequence's document), and whether it may be published."""

    pointer: str
    code: str
    detail: str
    severity: Literal["error", "warning"] = "error"
