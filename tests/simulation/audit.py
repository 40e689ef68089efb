"""The auditor: holds the ledger of what really happened against every promise. The product's tables are read
only for what they claim, never for what is true.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from .claims import claimed, claimed_meanwhile, waiting_silently
from .house import DAYS, HOURS, House, Sender
from .ledger import SENDS, Fact
from .patience import PATIENCE, WAITED_FOR, until_greeted, until_read
from .plan import START
from .society import Person
from .texts import HELLO_AFTER_H, INMAIL_AFTER_H, SECOND_AFTER_H, expected, is_outdated

INBOUND: Final = ("reply", "opt_out", "no")
"""What a person wrote themselves; an automatic answer is none."""
SLACK: Final = timedelta(seconds=90)
"""Between the gate and the act lies at most the act window, and as much for looking before."""
COOLDOWN: Final = timedelta(days=21)
"""How long nobody is invited again whose invitation was withdrawn."""
DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
MOST_IN_30_DAYS: Final = 5


@dataclass(frozen=True)
class Finding:
    """A promise that was broken."""

    rule: str
    what: str

    def __str__(self) -> str:
        """Rule and case."""
        return f"{self.rule}: {self.what}"


async def audit(house: House) -> tuple[list[Finding], timedelta]:
    """Everything that is wrong, and the longest race with an answer."""
    found = [finding for rule in (*RULES, *AT_THE_END) for finding in rule(house)]
    found += [Finding(rule, what) for rule, what in await claimed(house)]
    return found, race(house)


@dataclass
class Watch:
    """An auditor who looks while the world still goes on: that nothing ever waits silently, and, when it is
    to be over once a promise of these rules is broken, some times a day at all that may never be.
    """

    house: House
    until: frozenset[str] = frozenset()
    found: dict[Finding, None] = field(default_factory=dict)
    swept_at: datetime = START
    looked_at: datetime = START

    async def look(self) -> bool:
        """After a tick of the planner; whether the world may end."""
        now = self.house.clock.true
        if self.swept_at + (RARELY_SWEEPING if self.house.plan.is_fine else SWEEPING) <= now:
            self.swept_at = now
            async with self.house.app.sessions.begin() as db:
                self.keep(Finding(*one) for one in await waiting_silently(self.house, db))
        if self.until and self.looked_at + LOOKING <= now:
            self.looked_at = now
            self.keep(finding for rule in RULES for finding in rule(self.house))
            self.keep(Finding(*one) for one in await claimed_meanwhile(self.house))
        return any(one.rule in self.until for one in self.found)

    def keep(self, found: Iterable[Finding]) -> None:
        """Take findings down, each once."""
        self.found |= dict.fromkeys(found)


SWEEPING: Final = timedelta(hours=1)
RARELY_SWEEPING: Final = timedelta(days=1)
"""In a large world, where it means to look through all that waits."""
LOOKING: Final = timedelta(hours=6)


def sends(house: House) -> list[Fact]:
    """All that reached people, in order."""
    return list(house.society.ledger.of(*SENDS))


def said(fact: Fact) -> str:
    """A fact in a finding."""
    return f"{fact.kind} {fact.account} → {fact.person} at {fact.at:%d %b %H:%M:%S} {fact.text[:30]!r}"


def no_duplicates(house: House) -> Iterator[Finding]:
    """I1: one run, one effect; nobody is invited twice by the same account, but long after a withdrawal.

    When the operator took it back by hand nobody can know: three weeks after the invitation must do.
    """
    for token, count in Counter(fact.token for fact in sends(house)).items():
        if count > 1:
            yield Finding("I1", f"the run of token {token[:8]} acted {count} times")
    invited: dict[tuple[str, str], datetime] = {}
    withdrawn: dict[tuple[str, str], datetime] = {}
    for fact in house.society.ledger.of("invite", "withdraw"):
        pair = (fact.account, fact.person)
        if fact.kind == "withdraw":
            withdrawn[pair] = fact.at if fact.token else invited.get(pair, fact.at)
            continue
        since = withdrawn.pop(pair, None)
        if pair in invited and (since is None or fact.at < since + COOLDOWN):
            yield Finding("I1", f"invited once more: {said(fact)}")
        invited[pair] = fact.at


def one_text_once(house: House) -> Iterator[Finding]:
    """I3: nobody gets the same text twice, from whichever campaign and account."""
    texts = Counter(
        (fact.person, " ".join(fact.text.split()).casefold()) for fact in sends(house) if fact.text
    )
    yield from (Finding("I3", f"{key} {count} times") for key, count in texts.items() if count > 1)


def silence_after_reply(house: House) -> Iterator[Finding]:
    """I4: nothing is sent once an answer, or a word of the operator, could be seen at the last look."""
    enrolled: dict[str, datetime] = {}
    for (_, slug), at in house.enrolled.items():
        enrolled[slug] = min(at, enrolled.get(slug, at))
    told: dict[str, list[Fact]] = defaultdict(list)
    for fact in house.society.ledger.facts:
        if fact.kind in (*INBOUND, "manual") and fact.at >= enrolled.get(fact.person, fact.at):
            told[fact.person].append(fact)
        if fact.kind not in SENDS:
            continue
        if fact.looked_at is None:
            yield Finding("I4", f"no last look before {said(fact)}")
            continue
        for earlier in told[fact.person]:
            # Another account's thread is not what the last look reads: there a reading in time must do.
            patience = timedelta() if earlier.account == fact.account else until_read(house.plan)
            if (earlier.visible_at or earlier.at) + patience <= fact.looked_at:
                yield Finding("I4", f"{said(fact)} although {said(earlier)}")
                break


def race(house: House) -> timedelta:
    """δ: how long after an answer something was sent, that the last look before it could not see."""
    longest, told = timedelta(), {}
    for fact in house.society.ledger.facts:
        if fact.kind in (*INBOUND, "manual"):
            told[fact.account, fact.person] = fact.at
        elif fact.kind in SENDS and (fact.account, fact.person) in told:
            at = told[fact.account, fact.person]
            if fact.looked_at is not None and fact.looked_at <= at:
                longest = max(longest, fact.at - at)
    return longest


def silence_after_opt_out(house: House) -> Iterator[Finding]:
    """I5: whoever is suppressed gets nothing, whatever name they were suppressed under."""
    for fact in sends(house):
        since = house.suppressed.get(fact.person)
        if since is not None and fact.at > since + SLACK:
            yield Finding("I5", f"{said(fact)}, suppressed since {since:%d %b %H:%M}")
    stopped: dict[str, Fact] = {}
    for fact in house.society.ledger.facts:
        if fact.kind == "opt_out":
            stopped.setdefault(fact.person, fact)
        first = stopped.get(fact.person, fact)
        if fact.kind in SENDS and fact.at > first.at + until_read(house.plan):
            yield Finding("I5", f"{said(fact)} although {said(first)}")


def nothing_while_stopped(house: House) -> Iterator[Finding]:
    """I17: while the kill switch is on, or an account rests, nothing reaches anybody from there, but for what
    had passed its last check.
    """
    for fact in sends(house):
        before = [is_on for at, is_on in house.stops if at + SLACK <= fact.at]
        since = [is_on for at, is_on in house.stops if at <= fact.at]
        if before and before[-1] and since[-1]:
            yield Finding("I17", f"{said(fact)} while everything was stopped")
        for handle, since_when, until in house.resting:
            if fact.account == handle and since_when + SLACK < fact.at < until:
                yield Finding("I17", f"{said(fact)} while {handle} rested")


def within_quotas(house: House) -> Iterator[Finding]:
    """I6: in no rolling window is there more than the limit that held, by the clock the product had."""
    for sender in house.senders:
        for kinds, day, week in (
            (("invite",), sender.per_day, sender.per_week),
            (("message",), sender.messages, None),
        ):
            mine = [one for one in sends(house) if one.account == sender.handle and one.kind in kinds]
            for place, act in enumerate(mine):
                limit = limit_at(house, sender, act.shown, day) if kinds == ("invite",) else day
                for most, length in ((limit, DAY), (week, WEEK)):
                    since = act.shown - length
                    count = sum(since < one.shown <= act.shown for one in mine[: place + 1])
                    if most is not None and count > most:
                        yield Finding("I6", f"number {count} of {most} in {length}: {said(act)}")


def limit_at(house: House, sender: Sender, at: datetime, most: int) -> int:
    """The limit of invitations a day that held then."""
    for since, handle, lowered in house.lowered:
        if handle == sender.handle and since <= at - SLACK:
            most = lowered
    return most


def within_hours(house: House) -> Iterator[Finding]:
    """I8: every act lies within the hours of its account, on its own wall clock."""
    zones = {one.handle: ZoneInfo(one.zone) for one in house.senders}
    for fact in sends(house):
        local = fact.shown.astimezone(zones[fact.account])
        earlier = (fact.shown - SLACK).astimezone(zones[fact.account])
        if not (is_open(local) or is_open(earlier)):
            yield Finding("I8", f"{said(fact)}: {local:%a %H:%M} there")


def is_open(local: datetime) -> bool:
    """Whether a wall clock shows working hours."""
    return local.weekday() in DAYS and HOURS[0] <= local.time().replace(tzinfo=None) < HOURS[1]


def delays_are_kept(house: House) -> Iterator[Finding]:
    """I8: a step's delay is the least that passes; so is a fallback's."""
    if house.clock.skew or any(fact.at != fact.shown for fact in house.society.ledger.facts):
        return  # a clock that was wrong measured something else
    first: dict[tuple[str, str, str], datetime] = {}
    for fact in house.society.ledger.facts:
        name = name_of(house, fact)
        before = {
            "hello": ("accept", HELLO_AFTER_H),
            "second": ("hello", SECOND_AFTER_H),
            "inmail": ("refused", INMAIL_AFTER_H),
        }.get(name)
        if before is not None:
            since = first.get((fact.account, fact.person, before[0]))
            if since is not None and fact.at < since + timedelta(hours=before[1]):
                yield Finding("I8", f"{said(fact)} only {fact.at - since} after {before[0]}")
        key = (fact.account, fact.person, name or fact.kind)
        # A worker that lost its run while it stood still is refused once more: that is not the step's end.
        # Nor is what another campaign is refused, or a second lead, not known yet to be the same person.
        if (name or fact.kind) not in ("hello", "refused") or key not in first:
            first[key] = fact.at


def name_of(house: House, fact: Fact) -> str:
    """Which text of a campaign a fact is."""
    if fact.kind not in SENDS:
        return ""
    return expected(house.society.people[fact.person]).get(fact.text, ("", ""))[1]


def texts_are_whole(house: House) -> Iterator[Finding]:
    """I20, I21: what arrives is the approved text, or the template filled for this person, byte for byte."""
    for fact in sends(house):
        person = house.society.people[fact.person]
        is_known = expected(person).get(fact.text, ("",))[0] == fact.kind
        if not is_known and (fact.account, fact.person, fact.text) not in house.approved:
            yield Finding("I21", f"{said(fact)} is none of its texts")
        since = house.rewritten.get("News" if "our news" in fact.text else "Outreach")
        if since is not None and is_outdated(fact.text) and fact.at > since + MOVING:
            yield Finding("I21", f"{said(fact)}, rewritten since {since:%d %b %H:%M}")


MOVING: Final = timedelta(days=3)
"""How long after a campaign was rewritten an act that was begun before may still end."""


def only_what_was_approved(house: House) -> Iterator[Finding]:
    """I19: of the campaign whose texts a person approves, nothing else goes out."""
    for fact in sends(house):
        person = house.society.people[fact.person]
        is_news = (
            any(mark in fact.text for mark in ("our news", "– A.", "(changed)")) and "\n" not in fact.text
        )
        if is_news and (fact.account, fact.person, fact.text) not in house.approved:
            yield Finding("I19", f"{said(fact)} was not approved ({person.slug})")


def unknown_is_read_back(house: House) -> Iterator[Finding]:
    """I16: after an answer was lost, the run acts again only once a read has shown that it did not arrive."""
    lost: dict[str, datetime] = {}
    for call in house.provider.calls:
        match call.what:
            case "lost":
                lost[call.token] = call.at
            case "read_back" if call.verdict == "absent":
                lost.pop(call.token, None)
            case "act" if call.token in lost:
                yield Finding("I16", f"token {call.token[:8]} acted again without a reading back")


def touches_are_few(house: House) -> Iterator[Finding]:
    """Nobody is touched more often in 30 days than the campaigns allow."""
    by_person: dict[str, list[Fact]] = defaultdict(list)
    for fact in sends(house):
        by_person[fact.person].append(fact)
    for person, facts in by_person.items():
        for act in facts:
            count = sum(act.at - MONTH < one.at <= act.at for one in facts)
            if count > MOST_IN_30_DAYS:
                yield Finding("touch_limit", f"{person}: {count} in 30 days")
                break


def nobody_is_forgotten(house: House) -> Iterator[Finding]:  # noqa: C901 - one rule, read at once
    """I2, I12: whoever the campaign had long enough and nothing stopped was reached."""
    outreach = [slug for name, slug in house.enrolled if name == "Outreach"]
    if len(outreach) > capacity(house):
        return
    stops: dict[str, datetime] = dict(house.suppressed)
    reached: dict[str, set[str]] = defaultdict(set)
    connected: dict[str, datetime] = {}
    waited_for: dict[str, datetime] = {}
    for fact in house.society.ledger.facts:
        if fact.kind in (*INBOUND, "manual", "auto_reply"):
            stops.setdefault(fact.person, fact.at)
        if fact.kind in SENDS:
            reached[fact.person].add(name_of(house, fact) or fact.kind)
        if fact.kind == "invite":
            waited_for[fact.person] = fact.at + WAITED_FOR
        if fact.kind in ("accept", "connected_before") and fact.at <= waited_for.get(fact.person, fact.at):
            connected.setdefault(fact.person, fact.at)
    end = house.plan.end
    for slug in outreach:
        person = house.society.people[slug]
        if slug in stops or person.gone_at is not None or is_twice(house, slug):
            continue
        if house.plan.upheaves and house.enrolled["Outreach", slug] > end - PATIENCE:
            continue  # they came late
        if not (reached[slug] or person.is_shy):
            yield Finding("I2", f"{slug} was never reached")
        patience = until_greeted(house.plan, person)
        is_long = slug in connected and is_ours(house, person) and connected[slug] < end - patience
        if is_long and "hello" not in reached[slug]:
            yield Finding("I2", f"{slug} is connected since {connected[slug]:%d %b} and got no message")


def is_twice(house: House, slug: str) -> bool:
    """Whether somebody is in two campaigns, which get in each other's way as they should."""
    return ("News", slug) in house.enrolled


def is_ours(house: House, person: Person) -> bool:
    """Whether the account they are connected with is the one that was dealt to them."""
    known = house.society.ledger.of("invite", "connected_before")
    invited = {one.account for one in known if one.person == person.slug}
    return any(person.bonds[handle].relation == "connected" for handle in invited)


def capacity(house: House) -> int:
    """How many people can surely be reached in the time: half of what the limits allow."""
    days = max(0, house.plan.days - 4) * 5 // 7
    mine = house.senders[: max(1, len(house.senders) - 1)]
    return sum(min(one.per_day * days, one.per_week * (days // 5 + 1)) for one in mine) // 2


def imports_add_up(house: House) -> Iterator[Finding]:
    """I23: every row has an outcome, and the same file again makes nobody new."""
    for number, ((least, most), receipt) in enumerate(house.receipts):
        if receipt.decided != receipt.total:
            yield Finding("I23", f"{receipt.decided} of {receipt.total} rows have an outcome")
        if not least <= receipt.created <= most:
            yield Finding("I23", f"import {number} created {receipt.created} leads of {least} to {most}")
    for receipt, undone in house.taken_back:
        changed = receipt.created + receipt.updated
        if undone.restored + undone.removed + sum(undone.kept.values()) != changed:
            yield Finding("I23", f"of {changed} changes these were taken back or kept: {undone}")
    for asked, enrolling in house.receipts_of_enrolling:
        if enrolling.enrolled + enrolling.ignored + sum(enrolling.skipped.values()) != asked:
            yield Finding("I23", f"of {asked} to be enrolled {enrolling.total} have an outcome")


RULES: Final[tuple[Callable[[House], Iterator[Finding]], ...]] = (
    no_duplicates,
    one_text_once,
    silence_after_reply,
    silence_after_opt_out,
    nothing_while_stopped,
    within_quotas,
    within_hours,
    delays_are_kept,
    texts_are_whole,
    only_what_was_approved,
    unknown_is_read_back,
    touches_are_few,
    imports_add_up,
)
"""What may not be broken at any time."""
AT_THE_END: Final = (nobody_is_forgotten,)
