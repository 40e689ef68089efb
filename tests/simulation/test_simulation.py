"""Every promise holds in worlds where much goes wrong, and the same seed is the same world."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from overture.core import log

from .ground import Ground, ground
from .plan import Plan, planned
from .trial import Report, try_out

ROOT = Path(__file__).parents[2]
SMALL = {"leads": 6, "accounts": 2, "days": 6}
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def on() -> Iterator[Ground]:
    """A server of its own: what other tests do at the same time would change which events are settled."""
    log.configure("critical")
    with ground() as made:
        yield made


def lived(on: Ground, plan: Plan) -> Report:
    """A trial on a fresh database."""
    with on.database() as url:
        return try_out(plan, url)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_no_promise_is_broken(on: Ground, seed: int) -> None:
    report = lived(on, planned(seed, **SMALL))

    assert report.findings == [], f"replay: {report.plan}"
    assert report.kinds["invite"] > 0
    assert report.runs > 0


@pytest.mark.slow
def test_the_same_seed_is_the_same_world_in_any_process(on: Ground) -> None:
    plan = replace(planned(5, leads=4, accounts=1, days=4), dies=0.01)
    here = lived(on, plan)
    asked = "import sys; from tests.simulation.test_simulation import hashes; hashes()"
    shown = subprocess.run(
        [sys.executable, "-c", asked],
        env=os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(shown.stdout) == [here.events_hash, here.ledger_hash]
    assert here.events > 20


def hashes() -> None:
    """Live through the same plan in this process, and print what came of it."""
    log.configure("critical")
    with ground() as on:
        report = lived(on, replace(planned(5, leads=4, accounts=1, days=4), dies=0.01))
    sys.stdout.write(json.dumps([report.events_hash, report.ledger_hash]))
