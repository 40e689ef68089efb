"""Spintax: `{one|other}` in a text as a choice. Liquid's own braces are left alone, and so are lone ones."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

ATOM: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|[{|}]|[^{|}]+", re.DOTALL)
DEEPEST: Final = 10

Pick = Callable[[Sequence[str]], str]
"""Chooses one of several texts."""


class SpintaxError(ValueError):
    """A choice that is not closed, or closed twice, or too deep."""


@dataclass
class Group:
    """A brace that is open, with the choices read so far."""

    choices: list[str]

    def add(self, text: str) -> None:
        """More text of the choice being read."""
        self.choices[-1] += text


def spin(source: str, pick: Pick) -> str:
    """The source with every choice made; inner choices are made before outer ones."""
    open_groups = [Group([""])]
    for atom in atoms(source):
        match atom:
            case "{":
                if len(open_groups) > DEEPEST:
                    raise SpintaxError(f"choices are nested more than {DEEPEST} deep")
                open_groups.append(Group([""]))
            case "|" if len(open_groups) > 1:
                open_groups[-1].choices.append("")
            case "}":
                if len(open_groups) == 1:
                    raise SpintaxError("a } closes no {")
                done = open_groups.pop().choices
                open_groups[-1].add(pick(done) if len(done) > 1 else f"{{{done[0]}}}")
            case text:
                open_groups[-1].add(text)
    if len(open_groups) > 1:
        raise SpintaxError("a { is not closed")
    return open_groups[0].choices[0]


def atoms(source: str) -> Iterator[str]:
    """The source in pieces: Liquid's tags whole, the three signs of spintax, and what is between."""
    for found in ATOM.finditer(source):
        yield found[0]


def shortest(source: str) -> str:
    """The source with the shortest of all choices."""
    return spin(source, lambda choices: min(choices, key=len))
