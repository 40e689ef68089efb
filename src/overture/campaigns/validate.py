"""What is wrong with a sequence, each fault by JSON pointer: errors keep it from being published."""

from collections.abc import Iterator
from collections.abc import Sequence as Many
from itertools import chain

from overture.campaigns.sequence import Sequence
from overture.campaigns.validate_flow import flow_problems
from overture.campaigns.validate_problems import Problem
from overture.campaigns.validate_senders import SenderFacts, sender_problems
from overture.campaigns.validate_steps import step_problems

__all__ = ["Problem", "SenderFacts", "errors_of", "validate"]


def validate(
    sequence: Sequence,
    known_fields: frozenset[str] | None = None,
    accounts: Many[SenderFacts] | None = None,
) -> list[Problem]:
    """Every fault of a sequence, errors first.

    `known_fields`: the leads' own fields (`custom.size`, …); None: not known, none is called unknown.
    `accounts`: the accounts of the campaign; None: not chosen yet, nothing is said of them.
    """
    if not sequence.steps:
        return [Problem("/steps", "no_steps", "a sequence has at least one step")]
    found = chain(
        flow_problems(sequence),
        step_problems(sequence, known_fields),
        sender_problems(sequence, accounts) if accounts is not None else (),
    )
    return sorted(dict.fromkeys(found), key=lambda problem: problem.severity != "error")


def errors_of(problems: Many[Problem]) -> Iterator[Problem]:
    """Those that keep a sequence from being published."""
    return (problem for problem in problems if problem.severity == "error")
