"""What comes next for one enrollment: a pure function of its sequence, its facts and the time.

`decide` says one thing; a `Goto` is followed by asking again with `went(facts, goto)`, which `settle` does.
Stops come first, then what is under way, then the step it stands at. Nothing here knows windows, quotas or
approvals: a `Do` says that the sequence is ready, the planner and the gate say whether the world is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from overture.campaigns.calendar import Delay
from overture.campaigns.conditions import Condition, Is, Opened, Seen, holds, lacking, parts_of
from overture.campaigns.connected_before import connected_before
from overture.campaigns.facts import (
    ARRIVED,
    UNDER_WAY,
    Decision,
    Do,
    Facts,
    Finish,
    Goto,
    TouchFact,
    Wait,
    went,
)
from overture.campaigns.sequence import END, Fallback, Sequence, Step, Way
from overture.touchpoints import REGISTRY

RUN_LOOK: Final = timedelta(hours=1)  # how soon to look by itself at a run under way; its event comes sooner
RECONCILE_LOOK: Final = timedelta(minutes=15)
EVENT_LOOK: Final = timedelta(days=1)  # conditions on fields have no event of their own
ACCOUNT_REST: Final = timedelta(hours=1)  # before a try that failed for the account's sake is made again
REINVITE: Final = timedelta(days=21)  # LinkedIn refuses to invite somebody sooner after a withdrawal
CLOSING_LOOK: Final = "its time is over; a closing look tells whether the invitation was accepted in it"
LAPSED: Final = "the invitation is gone: declined, expired, or taken back by hand"

STOPPING_CODES: Final = {
    "replied_already": "replied",
    "operator_wrote": "manual_contact",
    "suppressed": "suppressed",
    "opted_out": "opted_out",
}
"""Failures that say the person must not be written to any more, and what that ends the enrollment as."""

ACCOUNT_CODES: Final = frozenset(
    {"account_needs_login", "challenge_required", "blocked_by_provider", "bot_wall", "account_removed"}
)
"""Failures of the account: they say nothing of the person, so no other way is taken because of them."""


TOO_SOON: Final = "invite_cooldown"
"""They were invited before, and it came to nothing: the last way waits that out once, else it is given up."""


def decide(sequence: Sequence, facts: Facts, now: datetime) -> Decision:
    """What comes next."""
    held = over(facts) or under_way(facts, now) or connected_before(sequence, facts)
    if held is not None:
        return held
    if facts.step is None:
        return begin(sequence, facts)
    step = sequence.by_id.get(facts.step)
    if step is None:
        return Wait(None, "config_invalid", f"the sequence has no step {facts.step!r}")
    return at_step(Place(sequence, step, facts, now))


def settle(sequence: Sequence, facts: Facts, now: datetime) -> tuple[Decision, Facts]:
    """The first decision that is not a Goto, and the facts it was made on."""
    for _ in range(4 * len(sequence.steps) + 4):
        decision = decide(sequence, facts, now)
        if not isinstance(decision, Goto):
            return decision, facts
        facts = went(facts, decision)
    return Wait(None, "config_invalid", "the sequence goes round in a circle without any time passing"), facts


def over(facts: Facts) -> Finish | None:
    """Why nothing more may be sent to this person, if so: what they or the operator did."""
    for reason, happened in (
        ("opted_out", facts.opted_out_at),
        ("replied", facts.replied_at),
        ("declined", facts.declined_at),
        ("manual_contact", facts.manual_contact_at),
    ):
        if happened is not None:
            return Finish(reason)
    for touch in facts.touches:
        if touch.state == "failed" and touch.code in STOPPING_CODES:
            return Finish(STOPPING_CODES[touch.code], f"found out at the step {touch.step}")
    return None


def under_way(facts: Facts, now: datetime) -> Wait | None:
    """The wait for an act whose end is still to come, of whatever step, or for somebody who is away."""
    for touch in facts.touches:
        if touch.state not in UNDER_WAY:
            continue
        if touch.state == "submitted":
            return Wait(now + RUN_LOOK, "running")
        if touch.code == "outcome_unknown":
            return Wait(None, "outcome_unknown")
        return Wait(now + RECONCILE_LOOK, "waiting_reconcile")
    if facts.auto_reply_until is not None and now < facts.auto_reply_until:
        return Wait(facts.auto_reply_until, "auto_replied")
    return None


def begin(sequence: Sequence, facts: Facts) -> Decision:
    """The first step; an empty sequence has nothing to begin with."""
    if not sequence.steps:
        return Wait(None, "config_invalid", "the sequence has no step")
    return Goto(sequence.first, "begins", next_round(facts, sequence.first), facts.enrolled_at)


@dataclass(frozen=True)
class Place:
    """Where one enrollment stands, for deciding."""

    sequence: Sequence
    step: Step
    facts: Facts
    now: datetime

    @property
    def entered_at(self) -> datetime:
        """When it came to the step."""
        return self.facts.entered_at or self.facts.enrolled_at

    def after(self, delay: Delay, at: datetime) -> datetime:
        """When a delay that began at `at` is over, for this lead."""
        return delay.after(at, self.facts.zone, self.facts.holidays)

    @property
    def due(self) -> datetime:
        """When the step's own delay is over."""
        return self.after(self.step.delay, self.entered_at)

    def is_so(self, condition: Condition | None) -> bool:
        """Whether a condition holds; none always does."""
        return condition is None or holds(condition, Seen(self.facts, self.sequence.channels))

    @property
    def visit(self) -> list[TouchFact]:
        """The touches of this visit of the step, oldest first; earlier visits are apart by their round."""
        found = [
            touch
            for touch in self.facts.touches
            if touch.step == self.step.id and touch.round >= self.facts.round
        ]
        return sorted(found, key=lambda touch: (touch.fallback, touch.round)) if len(found) > 1 else found

    def leave(self, target: str, why: str, at: datetime) -> Goto | Finish:
        """On to a step, or to the end. Time never runs backwards."""
        wanted = self.sequence.target(self.step.id, target)
        if wanted == END:
            return ending(self.sequence, self.facts)
        return Goto(wanted, why, next_round(self.facts, wanted), max(at, self.entered_at))


def next_round(facts: Facts, step: str) -> int:
    """The first round of a new visit of a step."""
    return 1 + max((touch.round for touch in facts.touches if touch.step == step), default=-1)


def at_step(place: Place) -> Decision:
    """What a step says: it is done, its delay runs, it is passed over, or what it is there for."""
    step = place.step
    done = finished(place)
    if done is not None:
        return done
    if place.now < place.due:
        return Wait(place.due, "delay")
    if not place.is_so(step.condition):
        return place.leave(step.next, "condition", place.now)
    if step.wait_for is not None:
        return waiting(place)
    return branching(place) if step.branch is not None else acting(place)


def finished(place: Place) -> Decision | None:
    """On to the next step, when this one's act arrived, or a person took it back."""
    for touch in place.visit:
        if is_done(touch, place.step):
            return place.leave(place.step.next, "delivered", touch.ended_at or place.now)
        if touch.state == "cancelled" and not touch.retryable:
            return place.leave(place.step.next, "cancelled", touch.ended_at or place.now)
    return None


def is_done(touch: TouchFact, step: Step) -> bool:
    """Whether a touch brought about what its step is for; an invitation to a connection has nothing to do."""
    kind = step.ways[touch.fallback].kind if touch.fallback < len(step.ways) else ""
    return touch.state in ARRIVED or (kind == "connect" and touch.code == "already_connected")


def waiting(place: Place) -> Decision:
    """A step that waits for something."""
    wait = place.step.wait_for
    assert wait is not None
    if place.is_so(wait.condition):
        return place.leave(wait.then, "came about", came_about(place, wait.condition))
    deadline = place.after(wait.timeout, place.due)
    is_gone = awaited(wait.condition) == "waiting_accept" and has_lapsed(place)
    if place.now < deadline and not is_gone:
        reason = awaited(wait.condition)
        until = min(deadline, place.now + EVENT_LOOK) if reason == "waiting_event" else deadline
        return Wait(until, reason)
    if awaited(wait.condition) == "waiting_accept" and not is_gone and is_untold(place, deadline):
        return Wait(place.facts.closing_look_until, "waiting_accept", CLOSING_LOOK, is_closing_look=True)
    if wait.on_timeout is None:
        return Wait(
            None, "config_invalid", f"the step {place.step.id!r} does not say what follows its timeout"
        )
    left = place.leave(wait.on_timeout, "lapsed" if is_gone else "timeout", place.now)
    is_invited = place.facts.relationship is not None and place.facts.relationship.state == "invited"
    if isinstance(left, Finish) and awaited(wait.condition) == "waiting_accept" and (is_invited or is_gone):
        return Finish("invite_expired", LAPSED if is_gone else None)
    return left


def is_untold(place: Place, deadline: datetime) -> bool:
    """Whether the invitation may have been accepted in time, and nobody has looked since: an acceptance of a
    Friday night is known on Monday. Once the closing look was made, its answer is not awaited for ever.
    """
    relationship, until = place.facts.relationship, place.facts.closing_look_until
    if relationship is None or relationship.state != "invited":
        return False
    return (relationship.seen_at or relationship.since) < deadline and (until is None or place.now < until)


def has_lapsed(place: Place) -> bool:
    """Whether the invitation is gone since the step waits for its acceptance: nobody will accept it."""
    relationship = place.facts.relationship
    return (
        relationship is not None and relationship.state == "lapsed" and relationship.since >= place.entered_at
    )


def awaited(condition: Condition) -> str:
    """The reason for waiting for this."""
    names = {part.is_ for _, part in parts_of(condition, "") if isinstance(part, Is)}
    if "connected" in names:
        return "waiting_accept"
    return "waiting_reply" if "replied" in names else "waiting_event"


def came_about(place: Place, condition: Condition) -> datetime:
    """When what was awaited happened, if that is known and was during the wait; else now."""
    match condition:
        case Is(is_="connected") if place.facts.relationship is not None:
            at = place.facts.relationship.since
        case Opened(opened=step):
            at = place.facts.opened[step]
        case _:
            return place.now
    return at if place.due < at <= place.now else place.now


def branching(place: Place) -> Decision:
    """A step that chooses the way on."""
    branch = place.step.branch
    assert branch is not None
    for arm in branch.arms:
        if place.is_so(arm.condition):
            return place.leave(arm.then, "branch", place.now)
    if branch.otherwise is None:
        return Wait(None, "config_invalid", f"the branch {place.step.id!r} has no else")
    return place.leave(branch.otherwise, "else", place.now)


@dataclass(frozen=True)
class GivenUp:
    """A way that did not work: since when that is known, and the reason when it never could."""

    at: datetime
    missing: str | None = None


def acting(place: Place) -> Decision:
    """A step that acts: the first way that is left, in its turn and not before its time."""
    ways, visit = place.step.ways, place.visit
    first = max([place.facts.fallback, *(touch.fallback for touch in visit)])
    given_up: list[GivenUp] = []
    since = place.due
    for index in range(first, len(ways)):
        tries = [touch for touch in visit if touch.fallback == index]
        said = try_way(place, index, tries, since)
        if isinstance(said, GivenUp):
            given_up.append(said)
            since = said.at
        elif said is not None:
            return said
    return fail(place, given_up)


def try_way(place: Place, index: int, tries: list[TouchFact], since: datetime) -> Decision | GivenUp | None:
    """What one way says, the one before it having failed at `since`; None: its condition passes it over."""
    way = place.step.ways[index]
    if tries:
        return try_again(place, index, tries)
    ready = since
    if isinstance(way, Fallback):
        ready = place.after(way.delay, since)
        if place.now < ready:
            return Wait(ready, "delay", "another way is tried then")
        if not place.is_so(way.condition):
            return None
    reason = lacking(way.channel, place.facts)
    if reason is not None:
        return GivenUp(ready, reason)
    return hold(place, way) or Do(place.step.id, index, place.facts.round, ready)


def try_again(place: Place, index: int, tries: list[TouchFact]) -> Decision | GivenUp:
    """The next try of a way that failed, or that it is given up."""
    way, last = place.step.ways[index], tries[-1]
    ended_at = last.ended_at or place.now
    for_the_account = [touch for touch in tries if is_not_theirs(touch)]
    is_last = index + 1 == len(place.step.ways)
    if last.code == TOO_SOON and is_last and sum(touch.code == TOO_SOON for touch in tries) == 1:
        if place.now < ended_at + REINVITE:
            return Wait(ended_at + REINVITE, TOO_SOON)
        at = ended_at + REINVITE
    elif last in for_the_account:
        at = ended_at + ACCOUNT_REST
    elif last.retryable and len(tries) - len(for_the_account) <= way.retry_count:
        at = place.after(way.retry_delay, ended_at) if way.retry_delay else ended_at + ACCOUNT_REST
    else:
        return GivenUp(ended_at)
    reason = lacking(way.channel, place.facts)
    if reason is not None:
        return GivenUp(max(ended_at, place.facts.bounced_at or ended_at), reason)
    if place.now < at:
        return Wait(at, "retry")
    return hold(place, way) or Do(place.step.id, index, last.round + 1, at)


def is_not_theirs(touch: TouchFact) -> bool:
    """Whether a try came to nothing for no fault of the person's: the account's, or we took it back."""
    return touch.state == "cancelled" or touch.code in ACCOUNT_CODES


def hold(place: Place, way: Way) -> Decision | None:
    """What the relationship says against an invitation: there is nothing to do, or it is too soon."""
    relationship = place.facts.relationship
    if way.kind != "connect" or relationship is None:
        return None
    if relationship.state == "connected":
        return place.leave(place.step.next, "already_connected", place.now)
    again_at = relationship.since + REINVITE
    if relationship.state in ("withdrawn", "lapsed") and place.now < again_at:
        return Wait(again_at, "invite_cooldown")
    return None


def fail(place: Place, given_up: list[GivenUp]) -> Decision:
    """No way is left: where the step says to go, or a wait for somebody to add a missing address."""
    missing = [one.missing for one in given_up if one.missing not in (None, "bounced")]
    is_untried = len(missing) == len(given_up) and not place.visit
    if missing and is_untried and place.step.on_failure is None:
        return Wait(None, missing[0] or "config_invalid")
    at = max((one.at for one in given_up), default=place.now) if place.visit else place.now
    return place.leave(place.step.on_failure or place.step.next, "failed", min(at, place.now))


def ending(sequence: Sequence, facts: Facts) -> Finish:
    """What it is called when the sequence comes to its end: whether anything reached the person."""
    seen = Seen(facts, sequence.channels)
    reaching = [step.id for step in sequence.steps if any(reaches_person(way) for way in step.ways)]
    if any(seen.is_delivered(step) for step in reaching):
        return Finish("completed")
    if facts.bounced_at is not None and any("email" in sequence.channels[step] for step in reaching):
        return Finish("bounced")
    failed = [step for step in reaching if seen.is_failed(step)]
    codes = {touch.code for touch in facts.touches if touch.step in failed and touch.state == "failed"}
    if codes and codes <= {"not_found", "profile_unavailable"}:
        return Finish("not_found")
    return Finish("not_reachable") if failed else Finish("completed")


def reaches_person(way: Way) -> bool:
    """Whether a way's touchpoint is addressed to the person."""
    known = REGISTRY.get(way.kind)
    return known.reaches_person if known is not None else True
