"""The bug zoo: each known bug, put back, is caught; the same world without it is clean."""

from collections.abc import Iterator

import pytest

from overture.core import log

from .audit import Finding
from .ground import Ground, ground
from .mutants import MUTANTS
from .plan import Plan
from .trial import try_out

SEEDS = (2, 1, 3)
"""The first of them shows every bug; the others are there for the day on which it does not."""


@pytest.fixture(scope="module")
def on() -> Iterator[Ground]:
    """A server of its own."""
    log.configure("critical")
    with ground() as made:
        yield made


@pytest.fixture(scope="module")
def without() -> dict[Plan, list[Finding]]:
    """What was found in worlds without a bug: several bugs share a world, which is lived through once."""
    return {}


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_a_known_bug_is_caught(on: Ground, without: dict[Plan, list[Finding]], name: str) -> None:
    mutant = MUTANTS[name]
    for seed in SEEDS:
        plan = mutant.world.plan(seed)
        with on.database() as url:
            _, is_caught = mutant.try_out(plan, url)
        if is_caught:
            break
    else:
        pytest.fail(f"{name} was not caught in {len(SEEDS)} worlds")
    if plan not in without:
        with on.database() as url:
            without[plan] = try_out(plan, url).findings
    assert without[plan] == []
