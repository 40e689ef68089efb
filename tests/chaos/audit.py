"""The audit: what our runs claim against what the world's ledger holds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ACTS = {"invite": "connect", "message": "message"}
"""Entries of the ledger that are acts of an account, and the touchpoint that does them."""
OVER = ("completed", "failed", "cancelled")


@dataclass(frozen=True, order=True)
class Act:
    """One act as a person at the other end would tell it apart: who, what, to whom, which words."""

    account: str
    kind: str
    target: str
    text: str | None


@dataclass(frozen=True)
class Claim:
    """What a run says of itself."""

    run: str
    act: Act
    status: str
    effect: str
    code: str | None
    is_noop: bool
    reason: str | None = None


@dataclass
class Verdict:
    """The outcome of an audit."""

    duplicates: int = 0
    losses: int = 0
    unresolved: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Every act was wanted, happened once, and is known to have happened."""
        return not (self.duplicates or self.losses or self.unresolved)

    def lost(self, why: str) -> None:
        """Count a loss."""
        self.losses += 1
        self.findings.append(why)


def acts(ledger: Sequence[Mapping[str, Any]]) -> Counter[Act]:
    """What the accounts did, and how often."""
    return Counter(
        Act(entry["account"], ACTS[entry["kind"]], entry["target"], entry["text"])
        for entry in ledger
        if entry["kind"] in ACTS
    )


def audit(claims: Sequence[Claim], ledger: Sequence[Mapping[str, Any]]) -> Verdict:
    """Compare; nothing in these runs could rightly fail, so whatever did not happen is a loss."""
    verdict, done = Verdict(), acts(ledger)
    for act, times in done.items():
        if times > 1:
            verdict.duplicates += times - 1
            verdict.findings.append(f"{times} times: {act}")
    for claim in claims:
        judge(verdict, claim, done[claim.act] > 0)
    for act in set(done) - {claim.act for claim in claims}:
        verdict.lost(f"nobody asked for it: {act}")
    return verdict


def judge(verdict: Verdict, claim: Claim, happened: bool) -> None:
    """What one run's claim is worth."""
    if claim.status not in OVER:
        verdict.unresolved += 1
        verdict.findings.append(f"{claim.status} ({claim.effect}, {claim.reason}) at the end: {claim.run}")
    elif claim.status != "completed":
        verdict.lost(f"{claim.status} with {claim.code}, happened={happened}: {claim.run} {claim.act}")
    elif not happened:
        verdict.lost(f"completed and never happened: {claim.run} {claim.act}")
    elif claim.effect != "confirmed" or claim.is_noop:
        verdict.lost(f"happened, and the run takes no credit ({claim.effect}): {claim.run} {claim.act}")
