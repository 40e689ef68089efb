"""A short chaos: a few kills of workers, one of PostgreSQL, with one worker and with three."""

import pytest

from .audit import Act, Claim, audit
from .keeper import Keeper
from .stand import Setup
from .trial import trial

ACT = Act("ada@sandbox.test", "message", "prisca", "Hello")
ENTRY = {"account": ACT.account, "kind": "message", "target": ACT.target, "text": ACT.text}
CLAIM = Claim("r1", ACT, "completed", "confirmed", None, is_noop=False)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.wide), 3])
async def test_killing_workers_and_postgres_neither_doubles_nor_loses(keeper: Keeper, workers: int) -> None:
    report = await trial(Setup(accounts=3, seed=workers), keeper, workers, 6, lambda _: None)

    assert report.verdict.findings == []
    assert (report.kills, report.postgres_kills) == (6, 1)
    assert report.overlaps == 0
    assert report.runs > 0
    assert set(report.steps) > {"instant"}


def test_the_audit_passes_what_happened_once_and_is_claimed() -> None:
    assert audit([CLAIM], [ENTRY]).is_clean


def test_the_audit_sees_a_duplicate() -> None:
    verdict = audit([CLAIM], [ENTRY, ENTRY])

    assert (verdict.duplicates, verdict.losses) == (1, 0)


@pytest.mark.parametrize(
    ("status", "effect", "is_noop"),
    [
        ("failed", "unknown", False),
        ("cancelled", "none", False),
        ("completed", "absent", False),
        ("completed", "confirmed", True),
    ],
)
def test_the_audit_sees_an_act_without_a_true_claim(status: str, effect: str, is_noop: bool) -> None:
    verdict = audit([Claim("r1", ACT, status, effect, None, is_noop)], [ENTRY])

    assert (verdict.duplicates, verdict.losses) == (0, 1)


def test_the_audit_sees_a_claim_without_an_act() -> None:
    assert audit([CLAIM], []).losses == 1


def test_the_audit_sees_an_act_nobody_asked_for() -> None:
    assert audit([], [ENTRY]).losses == 1


def test_the_audit_sees_what_is_not_over() -> None:
    verdict = audit([Claim("r1", ACT, "held", "unknown", None, False, "outcome_unknown")], [ENTRY])

    assert verdict.unresolved == 1
