"""The bug zoo: each known bug, put back, is caught; the same world without it is clean."""

from collections.abc import Iterator

import pytest

from overture.core import log

from .ground import Ground, ground
from .mutants import MUTANTS
from .trial import try_out

SMALL = {"leads": 9, "accounts": 3, "days": 10}
SEEDS = (1, 2)
IN_CI = {"M4", "M14"}  # the others with `-m wide`, or `./dev simulate --mutant all`
ZOO = [pytest.param(name, marks=() if name in IN_CI else pytest.mark.wide) for name in MUTANTS]


@pytest.fixture(scope="module")
def on() -> Iterator[Ground]:
    """A server of its own."""
    log.configure("critical")
    with ground() as made:
        yield made


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.parametrize("name", ZOO)
def test_a_known_bug_is_caught(on: Ground, name: str) -> None:
    mutant = MUTANTS[name]
    for seed in SEEDS:
        plan = mutant.plan(seed, **SMALL)
        with on.database() as url:
            caught = try_out(plan, url, mutant())
        if not caught.is_clean:
            break
    else:
        pytest.fail(f"{name} was not caught in {len(SEEDS)} worlds")
    with on.database() as url:
        assert try_out(plan, url).findings == []
