"""I13: a delivery that was taken is applied once in effect, in any order, doubled, and through deaths."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from crowd import a_lead, profile_id
from inbox_desk import THREAD, Desk, a_desk
from overture import inbox
from overture.entrypoints.bootstrap import App
from overture.entrypoints.receiving import inbox_kit
from overture.inbox import InboxKit
from product import add_account

PEOPLE = 3
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SILENCE = "please stop messaging me"
WORDS = ("Hello", "No thanks", SILENCE, "I am out of office", "Tell me more")
_numbers = count(1)


class Died(BaseException):
    """The process dies here."""


@st.composite
def happenings(draw: st.DrawFn) -> list[tuple[str, int, int, int]]:
    """What happened: kind, whose, which words, and at which minute; each message at most once."""
    one = st.tuples(
        st.sampled_from(("theirs", "own", "edited", "deleted", "read", "reaction", "relation")),
        st.integers(0, PEOPLE - 1),
        st.integers(0, len(WORDS) - 1),
        st.integers(0, 30),
    )
    return draw(st.lists(one, min_size=1, max_size=12, unique_by=lambda each: (each[0], each[1], each[2])))


def payloads(desk: Desk, first: int, happened: Sequence[tuple[str, int, int, int]]) -> list[dict[str, Any]]:
    """What is delivered of it. Every gesture has a message it is about, which is delivered as well."""
    made: list[dict[str, Any]] = []
    for kind, who, word, minute in happened:
        number, at = first + who, START + timedelta(minutes=minute)
        if kind == "relation":
            made.append(desk.relation(number))
            continue
        is_own = kind in ("own", "read")
        key = f"{who}-{word}-{'own' if is_own else 'theirs'}"
        said = desk.message(
            number, WORDS[word], own=is_own, key=f"{desk.name}-{key}", at=START + timedelta(minutes=word)
        )
        made.append(said)
        if kind == "edited":
            made.append(
                {**said, "event": "message_edited", "message": WORDS[-1 - word], "timestamp": at.isoformat()}
            )
        elif kind not in ("theirs", "own"):
            sign = {"reaction": "👍", "reaction_sender": said["sender"]} if kind == "reaction" else {}
            made.append({**said, "event": f"message_{kind}", **sign})
    return made


def asks_for_silence(happened: Sequence[tuple[str, int, int, int]]) -> bool:
    """Whether anybody asks for it; an edit gives the word in the middle its own text again."""
    return any(
        WORDS[word] == SILENCE and kind not in ("own", "read", "relation") for kind, _, word, _ in happened
    )


END = """
select jsonb_build_object(
  'messages', (select coalesce(jsonb_agg(jsonb_build_array(c.thread_key, m.message_key, m.direction, m.by,
        m.kind, m.text, m.at, m.edited_at, m.deleted_at, m.seen_at, m.reactions,
        array(select t from unnest(m.told) t order by t)) order by m.message_key), '[]')
    from inbox_messages m join conversations c using (conversation_id) where m.account_id = :account),
  'conversations', (select coalesce(jsonb_agg(jsonb_build_array(thread_key, lead_id is not null,
        counterpart_keys, unread_count, last_message_at, last_direction, last_text, read_until)
        order by thread_key), '[]')
    from conversations where account_id = :account),
  'relations', (select coalesce(jsonb_agg(jsonb_build_array(i.value, r.state) order by i.value), '[]')
    from relationships r join identities i on i.lead_id = r.lead_id and i.kind = 'linkedin'
    where r.account_id = :account),
  'told', (select coalesce(jsonb_agg(one order by one), '[]') from (
        select concat(data->>'key', ' ', data->>'kind') as one from events
        where type = 'inbox.message' and account_id = :account) t),
  'suppressed', (select coalesce(jsonb_agg(i.value order by i.value), '[]') from suppressions s
    join identities i on i.lead_id::text = s.value and i.kind = 'linkedin' where i.lead_id = any(:leads)),
  'left', (select count(*) from webhook_deliveries where service_account = :name and state <> 'applied'))
"""


class World:
    """An account with its people, and what came of what was delivered to it."""

    def __init__(self, desk: Desk, first: int, leads: list[Any]) -> None:
        self.desk, self.first, self.leads = desk, first, leads

    async def end(self) -> list[str]:
        """All that can be seen of it, without what tells this world from another."""
        app = self.desk.app
        async with app.sessions() as db:
            account = await db.scalar(
                text("select id from accounts where handle = :h"), {"h": self.desk.handle}
            )
            asked = {"account": account, "name": self.desk.name, "leads": self.leads}
            found = str(await db.scalar(text(END), asked))
        found = found.replace(self.desk.name, "ACCOUNT")
        for number in range(PEOPLE):
            own = self.first + number
            known_as = {
                profile_id(own): "PROFILE",
                f"linkedin_member_id:{own}": "MEMBER",
                f"lea-{own}": "SLUG",
                f"{THREAD}{own}": "THREAD",
            }
            for name, stands_for in known_as.items():
                found = found.replace(name, f"{stands_for} {number}")
        return found.replace(", '", ",\n'").splitlines()


async def a_world(app: App, *, known: bool = True) -> World:
    """A fresh account, and people who are leads from the beginning or from later on."""
    number = next(_numbers)
    handle = await add_account(app, f"ada{number}")
    desk = await a_desk(app, handle, f"unipile-account-{number:06}")
    world = World(desk, 1000 + number * 10, [])
    if known:
        await meet(world)
    return world


async def meet(world: World) -> None:
    """The people become leads."""
    for number in range(PEOPLE):
        lead = await a_lead(
            world.desk.app,
            linkedin_slug=f"lea-{world.first + number}",
            linkedin_profile_id=profile_id(world.first + number),
        )
        world.leads.append(lead.id)


@settings(
    max_examples=20,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # every example is two worlds: no shrinking
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), happened=happenings())
async def test_any_order_and_any_doubling_end_alike(
    app: App, data: st.DataObject, happened: list[tuple[str, int, int, int]]
) -> None:
    """In order, beside the same ones shuffled, doubled, batched otherwise, and before anybody is a lead."""
    straight = await a_world(app)
    for payload in payloads(straight.desk, straight.first, happened):
        await straight.desk.put(payload, at=START + timedelta(days=1))
    await straight.desk.turn()

    # Who asks for silence before that never becomes a lead: then the two worlds end differently, by intent.
    late = data.draw(st.booleans(), label="people become leads afterwards") and not asks_for_silence(happened)
    other = await a_world(app, known=not late)
    made = payloads(other.desk, other.first, happened)
    order = data.draw(st.lists(st.integers(0, len(made) - 1), max_size=6), label="again")
    order += data.draw(st.permutations(range(len(made))), label="order")
    kit = inbox_kit(app)
    for place in order:
        await other.desk.put(made[place], at=START + timedelta(days=1))
        if data.draw(st.booleans(), label="turn"):
            await inbox.turn(kit, app.now(), most=data.draw(st.integers(1, 3), label="most"))
    if late:
        await meet(other)
    await other.desk.turn()

    assert await other.end() == await straight.end()


async def test_a_death_at_any_instant_loses_and_doubles_nothing(app: App) -> None:
    happened = [("theirs", who, word, word) for who in range(PEOPLE) for word in range(len(WORDS))]
    happened += [("own", 0, 1, 3), ("reaction", 1, 0, 4), ("relation", 2, 0, 0), ("edited", 2, 4, 20)]
    straight = await a_world(app)
    for payload in payloads(straight.desk, straight.first, happened):
        await straight.desk.put(payload, at=START + timedelta(days=1))
    await straight.desk.turn()
    other = await a_world(app)
    for payload in payloads(other.desk, other.first, happened):
        await other.desk.put(payload, at=START + timedelta(days=1))

    deaths = 0
    for at in range(1, 40):
        left = count(at)

        def die(_: str, left: Any = left) -> None:
            if next(left) % 3 == 0:
                raise Died

        kit = inbox_kit(app)
        mortal = InboxKit(kit.sessions, kit.ids, kit.readers, kit.keep_for, die)
        try:
            await inbox.turn(mortal, app.now(), most=4)
        except Died:
            deaths += 1
    await other.desk.turn()

    assert deaths > 5
    assert await other.end() == await straight.end()


async def test_several_at_work_apply_each_once(app: App) -> None:
    world = await a_world(app)
    for number in range(60):
        said = world.desk.message(
            world.first + number % PEOPLE, f"word {number}", key=f"{world.desk.name}-{number}"
        )
        await world.desk.put(said)
    kit = inbox_kit(app)

    async def work() -> int:
        done = 0
        while applied := await inbox.turn(kit, app.now(), most=7):
            done += applied
        return done

    assert sum(await asyncio.gather(*(work() for _ in range(4)))) == 60

    await world.desk.turn()
    told = [one[0] for one in await world.desk.told()]
    assert len(told) == len(set(told)) == 60
