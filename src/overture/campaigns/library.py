"""Sequences to start from: the YAML files of the folder `library`, each complete and valid."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from overture.campaigns.sequence import Sequence, read_sequence
from overture.core.errors import NotFound

FOLDER: Final = files("overture.campaigns").joinpath("library")


@dataclass(frozen=True)
class Starter:
    """A sequence to start from: its name in addresses, the document as it is written, and what it says."""

    key: str
    text: str
    sequence: Sequence


@lru_cache(maxsize=1)
def starters() -> dict[str, Starter]:
    """All of them by key, in alphabetical order."""
    texts = {
        one.name.removesuffix(".yaml"): one.read_text("utf-8")
        for one in FOLDER.iterdir()
        if one.name.endswith(".yaml")
    }
    return {key: Starter(key, text, read_sequence(text)) for key, text in sorted(texts.items())}


def starter(key: str) -> Starter:
    """One of them."""
    found = starters().get(key)
    if found is None:
        raise NotFound(
            "sequence_template_not_found",
            f"There is no sequence template {key!r}.",
            fix=f"Take one of: {', '.join(starters())}.",
        )
    return found
