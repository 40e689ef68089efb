"""What comes next for an enrollment: written cases, and rules over random sequences and histories."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.campaigns import reasons
from overture.campaigns.decide import ACCOUNT_REST, CLOSING_LOOK, decide, settle
from overture.campaigns.facts import (
    Decision,
    Do,
    Facts,
    Finish,
    Goto,
    RelationshipFact,
    TouchFact,
    TouchState,
    Wait,
    went,
)
from overture.campaigns.library import starter
from overture.campaigns.sequence import Fallback, Sequence, Step, sequence_of
from overture.campaigns.validate import errors_of, validate

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
H, DAY = timedelta(hours=1), timedelta(days=1)
ALL_KEYS = frozenset({"email", "linkedin", "website"})
WRITE = {"channel": "linkedin", "touchpoint": {"type": "message", "message": "Hi"}}
MAIL = {"channel": "email", "touchpoint": {"type": "email", "subject": "s", "body": "b"}}
FORM = {"channel": "contact_form", "touchpoint": {"type": "contact_form", "message": "m"}}
INVITE = {"channel": "linkedin", "touchpoint": {"type": "connect"}}


def a_sequence(*steps: dict[str, Any], **more: Any) -> Sequence:
    return sequence_of({"name": "x", "steps": list(steps), **more})


def facts(**changes: Any) -> Facts:
    return Facts(**{"enrolled_at": T0, "keys": ALL_KEYS, **changes})


def at(step: str, **changes: Any) -> Facts:
    return facts(**{"step": step, "entered_at": T0, **changes})


def touch(step: str, state: TouchState = "delivered", **changes: Any) -> TouchFact:
    ended = None if state in ("submitted", "unknown") else T0 + H
    return replace(TouchFact(step, 0, 0, state, planned_at=T0, ended_at=ended), **changes)


def failed(step: str, code: str = "not_connected", **changes: Any) -> TouchFact:
    return touch(step, "failed", code=code, **changes)


# --- written cases -------------------------------------------------------------------------------------


def test_an_invitation_that_is_too_soon_waits_once_and_is_then_given_up() -> None:
    sequence = a_sequence({"id": "a", "channel": "linkedin", "touchpoint": {"type": "connect"}})
    refused = touch("a", "failed", code="invite_cooldown", ended_at=T0)
    once = at("a", touches=(refused,))
    assert decide(sequence, once, T0 + DAY) == Wait(T0 + 21 * DAY, "invite_cooldown")
    assert isinstance(decide(sequence, once, T0 + 21 * DAY), Do)
    again = replace(refused, round=1, ended_at=T0 + 21 * DAY)
    twice = at("a", touches=(refused, again))
    assert not isinstance(decide(sequence, twice, T0 + 22 * DAY), Wait | Do)


def test_a_new_enrollment_goes_to_the_first_step_and_does_it() -> None:
    sequence = a_sequence({"id": "hello", **WRITE})

    assert decide(sequence, facts(), T0) == Goto("hello", "begins", 0, T0)
    assert settle(sequence, facts(), T0)[0] == Do("hello", 0, 0, T0)


def test_the_delay_counts_from_the_end_of_the_step_before() -> None:
    sequence = a_sequence({"id": "a", **WRITE}, {"id": "b", "delay": "2h", **WRITE})
    stands = at("a", touches=(touch("a"),))

    assert settle(sequence, stands, T0 + 2 * H)[0] == Wait(T0 + 3 * H, "delay")
    assert settle(sequence, stands, T0 + 3 * H)[0] == Do("b", 0, 0, T0 + 3 * H)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("replied_at", "replied"),
        ("opted_out_at", "opted_out"),
        ("declined_at", "declined"),
        ("manual_contact_at", "manual_contact"),
    ],
)
def test_what_a_person_or_the_operator_did_ends_it(change: str, reason: str) -> None:
    assert decide(a_sequence({"id": "a", **WRITE}), at("a", **{change: T0}), T0) == Finish(reason)


def test_an_answer_found_by_the_last_look_ends_it() -> None:
    stands = at("a", touches=(failed("a", "replied_already"),))

    assert decide(a_sequence({"id": "a", **WRITE}), stands, T0) == Finish(
        "replied", "found out at the step a"
    )


def test_who_is_away_is_left_alone_until_they_are_back() -> None:
    stands = at("a", auto_reply_until=T0 + DAY)

    assert decide(a_sequence({"id": "a", **WRITE}), stands, T0) == Wait(T0 + DAY, "auto_replied")
    assert isinstance(decide(a_sequence({"id": "a", **WRITE}), stands, T0 + DAY), Do)


def test_nothing_is_done_while_an_act_of_another_step_is_not_known() -> None:
    sequence = a_sequence({"id": "a", **WRITE}, {"id": "b", **WRITE})

    assert decide(sequence, at("b", touches=(touch("a", "submitted"),)), T0) == Wait(T0 + H, "running")
    held = at("b", touches=(touch("a", "unknown", code="outcome_unknown"),))
    assert decide(sequence, held, T0) == Wait(None, "outcome_unknown")


def test_a_lead_without_the_address_waits_for_it_and_says_so() -> None:
    sequence = a_sequence({"id": "a", **MAIL})

    assert decide(sequence, at("a", keys=frozenset()), T0) == Wait(None, "missing_email")


def test_a_step_that_says_what_follows_a_failure_goes_on_without_the_address() -> None:
    sequence = a_sequence({"id": "a", **MAIL, "on_failure": "next"}, {"id": "b", **WRITE})

    assert settle(sequence, at("a", keys=frozenset({"linkedin"})), T0)[0] == Do("b", 0, 0, T0)


def test_m14_a_fallback_waits_for_its_own_delay_and_only_follows_a_definitive_failure() -> None:
    sequence = a_sequence(
        {
            "id": "a",
            **MAIL,
            "retry_count": 1,
            "retry_delay": "24h",
            "fallback": [{"delay": "3 days", **WRITE}],
        }
    )
    first = failed("a", "busy", retryable=True)
    second = replace(first, round=1, ended_at=T0 + 26 * H)

    assert decide(sequence, at("a", touches=(first,)), T0 + 2 * H) == Wait(T0 + 25 * H, "retry")
    assert decide(sequence, at("a", touches=(first,)), T0 + 25 * H) == Do("a", 0, 1, T0 + 25 * H)
    both = at("a", touches=(first, second))
    due = T0 + 26 * H + 3 * DAY
    assert decide(sequence, both, T0 + 27 * H) == Wait(due, "delay", "another way is tried then")
    assert decide(sequence, both, due) == Do("a", 1, 0, due)


def test_a_fallback_asks_its_condition_again() -> None:
    sequence = a_sequence(
        {"id": "a", **MAIL, "fallback": [{"delay": "1h", "condition": "connected", **WRITE}]}
    )
    stands = at("a", touches=(failed("a"),))

    assert decide(sequence, stands, T0 + DAY) == Finish("not_reachable")
    known = replace(stands, relationship=RelationshipFact("connected", T0))
    assert decide(sequence, known, T0 + DAY) == Do("a", 1, 0, T0 + 2 * H)


def test_a_failure_of_the_account_is_no_reason_for_another_way() -> None:
    sequence = a_sequence({"id": "a", **MAIL, "fallback": [{"delay": "0h", **WRITE}]})
    stands = at("a", touches=(failed("a", "challenge_required"),))

    assert decide(sequence, stands, T0 + H) == Wait(T0 + H + ACCOUNT_REST, "retry")
    assert decide(sequence, stands, T0 + DAY) == Do("a", 0, 1, T0 + H + ACCOUNT_REST)


def test_a_run_a_person_called_off_is_passed_over_and_one_taken_back_is_planned_again() -> None:
    sequence = a_sequence({"id": "a", **WRITE, "fallback": [{"delay": "0h", **MAIL}]}, {"id": "b", **WRITE})

    assert settle(sequence, at("a", touches=(touch("a", "cancelled"),)), T0 + DAY)[0] == Do("b", 0, 0, T0 + H)
    taken_back = at("a", touches=(touch("a", "cancelled", retryable=True),))
    assert isinstance(again := decide(sequence, taken_back, T0 + DAY), Do)
    assert (again.step, again.fallback, again.round) == ("a", 0, 1)


def test_an_acceptance_in_time_goes_on_from_when_it_happened() -> None:
    sequence = starter("invite-and-follow-up").sequence
    stands = at("accepted", relationship=RelationshipFact("invited", T0))

    assert decide(sequence, stands, T0 + DAY) == Wait(T0 + 21 * DAY, "waiting_accept")
    accepted = replace(stands, relationship=RelationshipFact("connected", T0 + 2 * DAY))
    assert settle(sequence, accepted, T0 + 3 * DAY)[0] == Do("hello", 0, 0, T0 + 2 * DAY + 2 * H)


def test_an_invitation_nobody_accepts_expires() -> None:
    sequence = starter("invite-and-follow-up").sequence
    stands = at("accepted", relationship=RelationshipFact("invited", T0, seen_at=T0 + 21 * DAY))

    assert decide(sequence, stands, T0 + 21 * DAY) == Finish("invite_expired")


def test_an_invitation_expires_only_once_somebody_looked_after_its_time() -> None:
    """They may have accepted on the last evening: what was seen before says nothing of that."""
    sequence = starter("invite-and-follow-up").sequence
    stands = at("accepted", relationship=RelationshipFact("invited", T0, seen_at=T0 + 20 * DAY))
    now = T0 + 40 * DAY

    assert decide(sequence, stands, now) == Wait(None, "waiting_accept", CLOSING_LOOK, is_closing_look=True)
    looked = replace(stands, closing_look_until=now + H)
    assert decide(sequence, looked, now) == Wait(
        now + H, "waiting_accept", CLOSING_LOOK, is_closing_look=True
    )
    assert decide(sequence, looked, now + H) == Finish("invite_expired")
    accepted = replace(looked, relationship=RelationshipFact("connected", T0 + 20 * DAY))
    assert settle(sequence, accepted, now)[0] == Do("hello", 0, 0, T0 + 20 * DAY + 2 * H)


def test_an_invitation_that_is_gone_is_not_waited_for() -> None:
    """LinkedIn tells of no refusal; whoever is neither invited nor connected any more will not accept."""
    sequence = starter("invite-and-follow-up").sequence
    gone = at("accepted", relationship=RelationshipFact("lapsed", T0 + 2 * DAY))
    assert decide(sequence, gone, T0 + 2 * DAY) == Finish(
        "invite_expired", "the invitation is gone: declined, expired, or taken back by hand"
    )
    other = starter("inmail-fallback").sequence
    assert settle(other, gone, T0 + 2 * DAY)[0] == Wait(T0 + 4 * DAY, "delay")
    assert settle(other, gone, T0 + 2 * DAY)[1].step == "inmail"


def test_what_lapsed_before_the_wait_ends_nothing() -> None:
    sequence = starter("invite-and-follow-up").sequence
    long_gone = at("accepted", relationship=RelationshipFact("lapsed", T0 - DAY))

    assert decide(sequence, long_gone, T0) == Wait(T0 + 21 * DAY, "waiting_accept")


def test_whoever_let_an_invitation_lapse_is_not_invited_again_too_soon() -> None:
    sequence = a_sequence({"id": "a", **INVITE})
    lapsed = at("a", relationship=RelationshipFact("lapsed", T0))

    assert decide(sequence, lapsed, T0 + DAY) == Wait(T0 + 21 * DAY, "invite_cooldown")


def test_m15_a_branch_without_else_blocks_with_a_reason_instead_of_ending_silently() -> None:
    sequence = a_sequence(
        {"id": "a", "branch": {"if": [{"if": "connected", "then": "b"}]}}, {"id": "b", **WRITE}
    )

    assert decide(sequence, at("a"), T0) == Wait(None, "config_invalid", "the branch 'a' has no else")


def test_the_first_arm_that_holds_is_taken() -> None:
    arms = [{"if": {"not": "connected"}, "then": "c"}, {"if": "always", "then": "b"}]
    sequence = a_sequence(
        {"id": "a", "branch": {"if": arms, "else": "end"}}, {"id": "b", **WRITE}, {"id": "c", **MAIL}
    )

    assert settle(sequence, at("a"), T0)[0] == Do("c", 0, 0, T0)
    known = at("a", relationship=RelationshipFact("connected", T0))
    assert settle(sequence, known, T0)[0] == Do("b", 0, 0, T0)


def test_whoever_is_connected_is_not_invited_and_whoever_withdrew_us_not_too_soon() -> None:
    sequence = a_sequence({"id": "a", **INVITE}, {"id": "b", **WRITE})

    known = at("a", relationship=RelationshipFact("connected", T0))
    assert decide(sequence, known, T0) == Goto("b", "already_connected", 0, T0)
    withdrawn = at("a", relationship=RelationshipFact("withdrawn", T0))
    assert decide(sequence, withdrawn, T0 + DAY) == Wait(T0 + 21 * DAY, "invite_cooldown")


def test_a_step_come_back_to_is_done_again_under_another_round() -> None:
    sequence = a_sequence({"id": "a", "delay": "1 days", **WRITE, "next": "a"})
    first, stands = settle(sequence, at("a", touches=(touch("a"),)), T0 + 3 * DAY)

    assert first == Do("a", 0, 1, T0 + H + DAY)
    assert stands.round == 1
    done = replace(stands, touches=(touch("a"), touch("a", round=1, ended_at=T0 + 3 * DAY)))
    assert settle(sequence, done, T0 + 3 * DAY)[0] == Wait(T0 + 4 * DAY, "delay")


def test_a_circle_without_time_is_stopped_and_said() -> None:
    sequence = a_sequence({"id": "a", "branch": {"if": [{"if": "always", "then": "a"}], "else": "end"}})

    decision, _ = settle(sequence, at("a"), T0)
    assert isinstance(decision, Wait)
    assert (decision.until, decision.reason) == (None, "config_invalid")


# --- the example of the requirements ---------------------------------------------------------------------


def play(sequence: Sequence, start: Facts, answers: Callable[[Do], TouchFact], days: int = 60) -> "Played":
    """The sequence played out, each Do being answered at once; time goes from one decision to the next."""
    played, now = Played(start), start.enrolled_at
    while now < start.enrolled_at + days * DAY:
        decision, played.facts = settle(sequence, played.facts, now)
        if isinstance(decision, Finish):
            played.end = decision
            return played
        if isinstance(decision, Do):
            played.done.append((decision, now))
            ended = replace(answers(decision), planned_at=now, ended_at=now)
            played.facts = replace(played.facts, touches=(*played.facts.touches, ended))
        elif isinstance(decision, Wait):
            assert decision.until is None or decision.until > now
            if decision.until is None:
                return played
            now = decision.until
    return played


@dataclass
class Played:
    facts: Facts
    done: list[tuple[Do, datetime]] = field(default_factory=list)
    end: Finish | None = None


def refuses(*steps: str, code: str = "bounced_at_once", retryable: bool = False) -> Callable[[Do], TouchFact]:
    def answer(do: Do) -> TouchFact:
        state: Literal["failed", "delivered"] = "failed" if do.step in steps else "delivered"
        return TouchFact(
            do.step, do.round, do.fallback, state, code if state == "failed" else None, retryable=retryable
        )

    return answer


THREE_CHANNELS = starter("email-linkedin-form").sequence


def test_requirement_004_the_email_arrives_and_nothing_else_is_tried() -> None:
    played = play(THREE_CHANNELS, facts(), refuses())

    assert [do.step for do, _ in played.done] == ["email"]
    assert played.end == Finish("completed")


def test_requirement_004_email_else_linkedin_else_form_with_retries_a_day_apart() -> None:
    busy = play(THREE_CHANNELS, facts(), refuses("email", "linkedin", retryable=True))

    assert [(do.step, do.round) for do, _ in busy.done] == [
        ("email", 0),
        ("email", 1),
        ("email", 2),
        ("linkedin", 0),
        ("form", 0),
    ]
    assert [(when - T0) // H for _, when in busy.done] == [0, 24, 48, 72, 96]
    assert busy.end == Finish("completed")


def test_requirement_004_a_definitive_failure_is_not_retried_and_all_failing_is_said() -> None:
    played = play(THREE_CHANNELS, facts(), refuses("email", "linkedin", "form"))

    assert [do.step for do, _ in played.done] == ["email", "linkedin", "form"]
    assert played.end == Finish("not_reachable")


def test_requirement_004_a_lead_without_email_is_tried_by_linkedin() -> None:
    played = play(THREE_CHANNELS, facts(keys=frozenset({"linkedin"})), refuses())

    assert [do.step for do, _ in played.done] == ["linkedin"]


def test_requirement_004_an_email_that_comes_back_goes_on_by_linkedin() -> None:
    delivered = touch("email", ended_at=T0)
    came_back = at("email", touches=(delivered,), bounced_at=T0 + H)

    decision, _ = settle(THREE_CHANNELS, came_back, T0 + 2 * H)

    assert decision == Wait(T0 + 26 * H, "delay")
    assert settle(THREE_CHANNELS, came_back, T0 + 2 * H)[1].step == "linkedin"


def test_an_email_taken_back_whose_address_then_bounces_is_given_up_for_the_next_way() -> None:
    sequence = a_sequence({"id": "a", **MAIL, "fallback": [{**WRITE, "delay": "1 days"}]})
    taken_back = touch("a", "cancelled", retryable=True, ended_at=T0)
    stands = at("a", touches=(taken_back,), bounced_at=T0 + H)

    assert decide(sequence, stands, T0 + 2 * H) == Wait(T0 + 25 * H, "delay", "another way is tried then")
    assert decide(sequence, stands, T0 + 25 * H) == Do("a", 1, 0, T0 + 25 * H)


# --- rules over random sequences and histories -----------------------------------------------------------

IDS = ("a", "b", "c", "d")
CHANNELS = ({**WRITE}, {**MAIL}, {**FORM}, {**INVITE})
DELAYS = ("0h", "30min", "5h", "1 days", "2 working_days")
CONDITIONS: tuple[Any, ...] = (
    *("connected", "not_connected", "invited", "email_known", "always"),
    *("failed(a)", "delivered(b)", {"not": "delivered(a)"}, {"or": ["connected", "failed(b)"]}),
)


@st.composite
def an_act(draw: st.DrawFn) -> dict[str, Any]:
    step: dict[str, Any] = {**draw(st.sampled_from(CHANNELS))}
    retries = draw(st.integers(0, 2))
    if retries:
        step |= {"retry_count": retries, "retry_delay": draw(st.sampled_from(DELAYS[1:]))}
    step["fallback"] = [
        {**draw(st.sampled_from(CHANNELS)), "delay": draw(st.sampled_from(DELAYS))}
        for _ in range(draw(st.integers(0, 2)))
    ]
    if draw(st.booleans()):
        step["on_failure"] = draw(st.sampled_from((*IDS, "next", "end")))
    return step


@st.composite
def a_step(draw: st.DrawFn, name: str) -> dict[str, Any]:
    target = st.sampled_from((*IDS, "next", "end"))
    condition = st.sampled_from(CONDITIONS)
    step: dict[str, Any] = {"id": name, "delay": draw(st.sampled_from(DELAYS)), "next": draw(target)}
    if draw(st.integers(0, 2)) == 0:
        step["condition"] = draw(condition)
    match draw(st.integers(0, 4)):
        case 0:
            waits = {"condition": draw(condition), "timeout": draw(st.sampled_from(DELAYS[1:]))}
            step["wait_for"] = {**waits, "on_timeout": draw(target), "then": draw(target)}
        case 1:
            arms = [{"if": draw(condition), "then": draw(target)} for _ in range(draw(st.integers(1, 2)))]
            step["branch"] = {"if": arms, "else": draw(target)}
        case _:
            step |= draw(an_act())
    return step


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    """A sequence without faults (but that some steps may not be reached)."""
    steps = [draw(a_step(name)) for name in IDS]
    sequence = a_sequence(*steps)
    worse = [one for one in errors_of(validate(sequence)) if one.code not in HARMLESS]
    return sequence if not worse else a_sequence(*(straightened(step, steps) for step in steps))


HARMLESS = ("unreachable_step", "condition_never")


def straightened(step: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The step leading onward only, so that there is no circle."""
    onward = {**step, "next": "next"}
    if "on_failure" in onward:
        onward["on_failure"] = "next"
    if "wait_for" in onward:
        onward["wait_for"] = {**onward["wait_for"], "on_timeout": "next", "then": "next"}
    if "branch" in onward:
        arms = [{**arm, "then": "next"} for arm in onward["branch"]["if"]]
        onward["branch"] = {"if": arms, "else": "end"}
    return onward


Ends = st.tuples(
    st.sampled_from(("delivered", "noop", "failed", "failed", "failed", "cancelled")),
    st.sampled_from(("not_connected", "busy", "challenge_required", "already_connected")),
    st.booleans(),
    st.integers(0, 50),
)


@dataclass
class World:
    """What happens to an enrollment, drawn beforehand; decisions are taken down."""

    sequence: Sequence
    facts: Facts
    now: datetime = T0
    does: list[tuple[Do, datetime]] = field(default_factory=list)
    gotos_in_a_row: int = 0
    waits: int = 0

    def step(self, ending: tuple[TouchState, str, bool, int]) -> Finish | None:
        """One decision, carried out; time goes on only when there is nothing to do now."""
        decision = decide(self.sequence, self.facts, self.now)
        assert decision == decide(self.sequence, self.facts, self.now)  # deterministic
        match decision:
            case Goto():
                self.gotos_in_a_row += 1
                assert self.gotos_in_a_row <= 4 * len(self.sequence.steps)
                assert decision.entered_at <= self.now
                assert decision.entered_at >= (self.facts.entered_at or self.facts.enrolled_at)
                self.facts = went(self.facts, decision)
                return None
            case Do():
                self.do(decision, ending)
            case Wait():
                self.wait(decision)
            case Finish():
                assert decision.reason in reasons.DONE
                return decision
        self.gotos_in_a_row = 0
        return None

    def do(self, do: Do, ending: tuple[TouchState, str, bool, int]) -> None:
        """The act, and its end some hours later."""
        state, code, retryable, hours = ending
        self.check_do(do)
        self.does.append((do, self.now))
        planned, self.now = self.now, self.now + hours * timedelta(minutes=30)
        ended = TouchFact(do.step, do.round, do.fallback, state, code, retryable, planned, self.now)
        self.facts = replace(self.facts, touches=(*self.facts.touches, ended))

    def check_do(self, do: Do) -> None:
        """The rules of a Do."""
        assert do.not_before <= self.now
        keys = {(one.step, one.round, one.fallback) for one in self.facts.touches}
        assert (do.step, do.round, do.fallback) not in keys
        step = self.sequence.by_id[do.step]
        assert self.now >= step.delay.after(self.facts.entered_at or T0, "UTC")
        way = step.ways[do.fallback]
        here = [one for one in self.facts.touches if one.step == do.step and one.round >= self.facts.round]
        assert not any(one.state in ("delivered", "noop", "submitted", "unknown") for one in here)
        same = [one for one in here if one.fallback == do.fallback]
        earlier = [one for one in here if one.fallback < do.fallback]
        if isinstance(way, Fallback) and not same and earlier:
            self.check_fallback(step, way, max(earlier, key=lambda one: (one.fallback, one.round)))
        if same and way.retry_delay is not None and same[-1].code not in ("challenge_required",):
            assert same[-1].ended_at is not None
            is_ours = same[-1].state == "cancelled"
            assert is_ours or self.now >= way.retry_delay.after(same[-1].ended_at, "UTC")

    def check_fallback(self, step: Step, way: Fallback, last: TouchFact) -> None:
        """The rules of another way: the last one failed for good, and the delay is over."""
        assert last.ended_at is not None
        assert self.now >= way.delay.after(last.ended_at, "UTC")
        before = step.ways[last.fallback]
        if before.channel == "email" and self.facts.bounced_at is not None:
            # There is no such address: that is for good, whatever was to be tried again or was taken back.
            assert self.now >= way.delay.after(self.facts.bounced_at, "UTC") or last.state == "failed"
            return
        assert last.state == "failed"
        assert last.code != "challenge_required"
        tries = [
            one
            for one in self.facts.touches
            if one.step == step.id and one.fallback == last.fallback and one.round >= self.facts.round
            if one.state == "failed" and one.code != "challenge_required"
        ]
        assert not last.retryable or len(tries) > before.retry_count

    def wait(self, wait: Wait) -> None:
        """The wait, to its end; one without end must need somebody, or the closing look, which is made."""
        if wait.is_closing_look and wait.until is None:
            self.look()
            return
        assert wait.reason in (reasons.BLOCKED if wait.until is None else reasons.WAITING)
        self.waits += 1
        if wait.until is None:
            self.facts = replace(self.facts, keys=ALL_KEYS)
            assert wait.reason.startswith("missing") or wait.reason == "form_not_found"
            return
        assert wait.until > self.now
        self.now = wait.until

    def look(self) -> None:
        """The closing look: it shows what it showed before, or its answer is awaited."""
        was = self.facts.relationship
        assert was is not None
        assert self.facts.closing_look_until is None
        self.waits += 1
        if self.waits % 2:
            self.facts = replace(self.facts, relationship=replace(was, seen_at=self.now))
        else:
            self.facts = replace(self.facts, closing_look_until=self.now + DAY)


@given(
    sequence=sequences(),
    endings=st.lists(Ends, min_size=1, max_size=12),
    keys=st.sets(st.sampled_from(sorted(ALL_KEYS))),
    state=st.sampled_from((None, "invited", "connected")),
)
@settings(max_examples=150, deadline=None)
def test_every_history_goes_on_with_reason_and_without_repeating_itself(
    sequence: Sequence, endings: list[Any], keys: set[str], state: Any
) -> None:
    relationship = RelationshipFact(state, T0) if state else None
    world = World(sequence, facts(keys=frozenset(keys), relationship=relationship))

    for number in range(200):
        if world.step(endings[number % len(endings)]) is not None:
            break

    started = [(do.step, do.round, do.fallback) for do, _ in world.does]
    assert len(started) == len(set(started))


@given(
    sequence=sequences(),
    endings=st.lists(Ends, min_size=1, max_size=12),
    when=st.integers(0, 40),
    what=st.sampled_from(("replied_at", "opted_out_at", "declined_at", "manual_contact_at")),
)
@settings(max_examples=80, deadline=None)
def test_nothing_is_done_after_an_answer_whenever_it_comes(
    sequence: Sequence, endings: list[Any], when: int, what: str
) -> None:
    world = World(sequence, facts())
    for number in range(when):
        if world.step(endings[number % len(endings)]) is not None:
            break

    stopped: Facts = replace(world.facts, **{what: world.now})  # type: ignore[arg-type]

    assert isinstance(decide(sequence, stopped, world.now), Finish)
    submitted = replace(stopped, touches=(*stopped.touches, touch("a", "submitted")))
    assert isinstance(decide(sequence, submitted, world.now + DAY), Finish)


@given(sequence=sequences(), endings=st.lists(Ends, min_size=1, max_size=12), when=st.integers(0, 20))
@settings(max_examples=80, deadline=None)
def test_no_email_goes_out_after_a_bounce(sequence: Sequence, endings: list[Any], when: int) -> None:
    world = World(sequence, facts())
    for number in range(when):
        if world.step(endings[number % len(endings)]) is not None:
            return
    before = len(world.does)
    world.facts = replace(world.facts, bounced_at=world.now)

    for number in range(100):
        if world.step(endings[number % len(endings)]) is not None:
            break

    after = [sequence.by_id[do.step].ways[do.fallback].channel for do, _ in world.does[before:]]
    assert "email" not in after


# --- the rules catch the known bugs ------------------------------------------------------------------------


def m14_hurries(sequence: Sequence) -> Sequence:
    """The bug: another way is taken at once, its delay ignored."""
    body = sequence.model_dump(mode="json", by_alias=True, exclude_none=True)
    for step in body["steps"]:
        for way in step.get("fallback", ()):
            way["delay"] = "0 min"
    return sequence_of(body)


def m15_ends_silently(sequence: Sequence, stands: Facts) -> Decision:
    """The bug: what no arm takes is over without a reason."""
    decision = decide(sequence, stands, T0)
    is_silent = isinstance(decision, Wait) and decision.reason == "config_invalid"
    return Finish("") if is_silent else decision


def test_m14_a_fallback_that_hurries_is_caught_by_the_rules() -> None:
    right = a_sequence({"id": "a", **WRITE, "fallback": [{"delay": "3 days", **MAIL}]})
    stands = at("a", touches=(failed("a"),))
    now = T0 + 2 * H

    hurried = decide(m14_hurries(right), stands, now)
    assert isinstance(hurried, Do)
    with pytest.raises(AssertionError):
        World(right, stands, now).check_do(hurried)
    World(right, stands, T0 + 4 * DAY).check_do(hurried)


def test_m15_an_end_without_a_reason_is_caught_by_the_rules() -> None:
    sequence = a_sequence({"id": "a", "branch": {"if": [{"if": "connected", "then": "end"}]}})

    silent = m15_ends_silently(sequence, at("a"))
    assert isinstance(silent, Finish)
    assert silent.reason not in reasons.DONE
    honest = decide(sequence, at("a"), T0)
    assert isinstance(honest, Wait)
    assert honest.reason in reasons.BLOCKED
