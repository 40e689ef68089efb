"""Faults in how the steps of a sequence hang together."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from overture.campaigns.sequence import END, NEXT, RESERVED, Sequence, Step
from overture.campaigns.validate_problems import Problem


@dataclass(frozen=True)
class Edge:
    """A way from one step to another (or to the end), and whether time passes before it is taken."""

    source: str
    target: str
    pointer: str
    takes_time: bool


def flow_problems(sequence: Sequence) -> Iterator[Problem]:
    """Names given twice, targets that are not there, branches left out, steps nobody comes to, circles."""
    named = list(name_problems(sequence))
    yield from named
    yield from branch_problems(sequence)
    if named:
        return  # which step is meant is not certain: the rest would be guessed
    edges = [edge for index, step in enumerate(sequence.steps) for edge in edges_of(sequence, step, index)]
    known = set(sequence.by_id) | {END}
    for edge in edges:
        if edge.target not in known:
            yield Problem(edge.pointer, "unknown_step", f"there is no step {edge.target!r}")
    yield from unreachable(sequence, edges)
    yield from circles(sequence, edges)


def name_problems(sequence: Sequence) -> Iterator[Problem]:
    """Steps of one name, of a name that means something else, and a start that is not there."""
    counts = Counter(step.id for step in sequence.steps)
    for index, step in enumerate(sequence.steps):
        if step.id in RESERVED:
            yield Problem(f"/steps/{index}/id", "reserved_id", f"{step.id!r} has a meaning of its own")
        if counts[step.id] > 1:
            yield Problem(f"/steps/{index}/id", "duplicate_step", f"{counts[step.id]} steps are {step.id!r}")
    if sequence.start is not None and sequence.start not in sequence.by_id:
        yield Problem("/start", "unknown_step", f"there is no step {sequence.start!r}")


def branch_problems(sequence: Sequence) -> Iterator[Problem]:
    """Ways that are left out: where they are missing, a lead would end or wait without a word."""
    for index, step in enumerate(sequence.steps):
        if step.branch is not None and step.branch.otherwise is None:
            yield Problem(
                f"/steps/{index}/branch/else",
                "missing_branch",
                "say where those go for whom no condition holds: a step, next or end",
            )
        if step.wait_for is not None and step.wait_for.on_timeout is None:
            yield Problem(
                f"/steps/{index}/wait_for/on_timeout",
                "missing_branch",
                "say where those go who wait in vain: a step, next or end",
            )


def edges_of(sequence: Sequence, step: Step, index: int) -> Iterator[Edge]:
    """Every way on from a step."""
    base, waits = f"/steps/{index}", not step.delay.is_none
    for wanted, pointer, takes_time in exits(step):
        yield Edge(step.id, target_of(sequence, index, wanted), f"{base}/{pointer}", waits or takes_time)


def exits(step: Step) -> Iterator[tuple[str, str, bool]]:
    """Where a step leads, where that is written, and whether it takes time of itself."""
    if step.condition is not None or step.touchpoint is not None:
        yield step.next, "next", False
    if step.touchpoint is not None and step.on_failure is not None:
        yield step.on_failure, "on_failure", False
    if step.wait_for is not None:
        yield step.wait_for.then, "wait_for/then", False
        if step.wait_for.on_timeout is not None:
            yield step.wait_for.on_timeout, "wait_for/on_timeout", not step.wait_for.timeout.is_none
    if step.branch is not None:
        for number, arm in enumerate(step.branch.arms):
            yield arm.then, f"branch/if/{number}/then", False
        if step.branch.otherwise is not None:
            yield step.branch.otherwise, "branch/else", False


def target_of(sequence: Sequence, index: int, wanted: str) -> str:
    """The id of the step that is meant, `next` being the one below."""
    if wanted != NEXT:
        return wanted
    return sequence.steps[index + 1].id if index + 1 < len(sequence.steps) else END


def unreachable(sequence: Sequence, edges: list[Edge]) -> Iterator[Problem]:
    """Steps that no way leads to."""
    reached, fresh = set[str](), {sequence.first}
    while fresh:
        reached |= fresh
        fresh = {edge.target for edge in edges if edge.source in fresh} - reached
    for index, step in enumerate(sequence.steps):
        if step.id not in reached:
            yield Problem(f"/steps/{index}", "unreachable_step", f"no way leads to the step {step.id!r}")


def circles(sequence: Sequence, edges: list[Edge]) -> Iterator[Problem]:
    """Ways back that could be taken again and again without any time passing."""
    places = {step.id: index for index, step in enumerate(sequence.steps)}
    timeless = [edge for edge in edges if not edge.takes_time and edge.target in places]
    for edge in timeless:
        reached, fresh = set[str](), {edge.target}
        while fresh:
            reached |= fresh
            fresh = {one.target for one in timeless if one.source in fresh} - reached
        if edge.source in reached and places[edge.target] <= places[edge.source]:
            yield Problem(
                edge.pointer,
                "cycle_without_delay",
                f"from {edge.source!r} back to {edge.target!r} without any delay: give a step on the way one",
            )
