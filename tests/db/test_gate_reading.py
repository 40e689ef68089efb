"""The gate reads all it must know in one statement: the same as each thing asked for by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, Limits, SwitchOrder, Window
from overture.core.reasons import Reason
from overture.entrypoints.bootstrap import App
from overture.runs import Go, Never, Passage, Run, RunRequest, Wait, gate, quota
from overture.touchpoints import REINVITE_AFTER, Connect, Enrich, InMail, Message, Touchpoint, WithdrawInvite
from product import add_account

WORLDS = 30
PEOPLE = ("prisca", "jonas")
SHOWN: tuple[gate.Prepared | None, ...] = (None, "undone", "theirs")


def something(rng: Random) -> Touchpoint:
    """A touchpoint of any kind that the gate treats in its own way."""
    who = rng.choice(PEOPLE)
    made: list[Touchpoint] = [
        Connect(public_identifier=who, note=rng.choice([None, "Hello"])),
        Message(public_identifier=who, message="Hello"),
        InMail(public_identifier=who, subject="Hi", body="Hello"),
        WithdrawInvite(public_identifier=who),
        Enrich(public_identifier=who),
    ]
    return rng.choice(made)


async def asked_for(app: App, db: AsyncSession, touchpoint: Touchpoint, now: datetime) -> Run:
    """A run, not handed on."""
    request = RunRequest("ada", touchpoint, not_before=now + timedelta(days=99))
    return (await runs.submit(db, app.ids, request, now, now)).run


async def a_past(app: App, db: AsyncSession, rng: Random, now: datetime) -> None:
    """Acts of any age and end, switches and orders of the service, and an account in any state."""
    account = await accounts.by_handle(db, "ada")
    if rng.random() < 0.15:
        account.state, account.state_reason = "paused", "operator"
    per_day = rng.choice([None, 1, 2, 5])
    window = Window(per_day=per_day, per_week=rng.choice([None, 1, 2]))
    limits = Limits.model_validate(
        {
            **accounts.NO_LIMITS,
            **dict.fromkeys(("invite", "message", "inmail", "profile_read"), window),
            "min_gap_s": rng.choice([0.0, 60.0]),
            "inmail_reserve": 1,
        }
    )
    account.limits = limits.model_dump(mode="json")
    if rng.random() < 0.3:
        account.inmail_credits, account.inmail_credits_at = rng.randrange(4), now - timedelta(days=1)
    for _ in range(rng.randrange(8)):
        run = await asked_for(app, db, something(rng), now)
        at = now - timedelta(minutes=rng.choice([0, 1, 600, 3000, 15000, 40000]))
        status, effect = rng.choice(
            [("completed", "confirmed"), ("held", "unknown"), ("failed", "none"), ("completed", "none")]
        )
        is_over = status != "held"
        run.status, run.effect, run.started_at, run.wait_reason = status, effect, at, "waiting_reconcile"
        run.intended_at = None if effect == "none" else at
        run.completed_at, run.next_at = (at, None) if is_over else (None, now)
        if run.category == "withdraw" and rng.random() < 0.5:
            run.result = {
                "reinvite_after": (now + timedelta(days=rng.choice([-1, 3]))).isoformat(),
                "public_identifier": rng.choice(["Prisca", "other"]),
            }
    if rng.random() < 0.2:
        scope, subject = rng.choice(
            [("global", ""), ("channel", "linkedin"), ("channel", "email"), ("account", str(account.id))]
        )
        order = SwitchOrder(scope, subject, is_on=rng.random() < 0.8, reason=None, by="test")  # type: ignore[arg-type]
        await accounts.turn(db, order, now)
    if rng.random() < 0.3:
        until = now + timedelta(hours=rng.choice([-1, 1]))
        await accounts.rest(db, account.id, rng.choice(["*", "invite", "message"]), until, "rate_limited")
    await db.flush()


@dataclass
class One:
    """A run before the gate, whose questions are asked one by one."""

    db: AsyncSession
    run: Run
    touchpoint: Touchpoint
    account: Account
    now: datetime
    prepared: gate.Prepared | None

    async def passage(self) -> Passage:
        """The first that is not for it."""
        if await accounts.stopping(self.db, self.account) is not None:
            return Wait(self.now + gate.KILL_SWITCH_LOOK, Reason.KILL_SWITCH)
        for question in (
            self.standing,
            self.withdrawn,
            self.invited,
            self.resting,
            self.quotas,
            self.unsettled,
        ):
            passage = await question()
            if not isinstance(passage, Go):
                return passage
        return Go()

    async def standing(self) -> Passage:
        """The account."""
        return gate.of_the_account(self.account, self.now)

    async def withdrawn(self) -> Passage:
        """Whom we took an invitation back from."""
        if not isinstance(self.touchpoint, Connect) or self.prepared == "theirs":
            return Go()
        mine = select(Run).where(Run.account_id == self.account.id, Run.category == "withdraw")
        for run in await self.db.scalars(mine):
            known = run.result or {}
            is_them = self.run.target in (run.target, str(known.get("public_identifier")).lower())
            if run.effect != "confirmed" or run.intended_at is None or not is_them:
                continue
            if run.intended_at <= self.now - 2 * REINVITE_AFTER:
                continue
            said = known.get("reinvite_after")
            until = datetime.fromisoformat(str(said)) if said else run.intended_at + REINVITE_AFTER
            if until > self.now:
                return Never("invite_cooldown", "")
        return Go()

    async def invited(self) -> Passage:
        """Whom we invited, and who is shown neither as invited nor as connected."""
        if not isinstance(self.touchpoint, Connect) or self.prepared != "undone":
            return Go()
        mine = select(Run).where(Run.account_id == self.account.id, Run.category == "invite")
        theirs = mine.where(Run.effect == "confirmed", Run.target == self.run.target)
        for run in await self.db.scalars(theirs):
            if run.intended_at is not None and run.intended_at > self.now - REINVITE_AFTER:
                return Never("invite_cooldown", "")
        return Go()

    async def resting(self) -> Passage:
        """What the service ordered."""
        lane = self.touchpoint.counts_as
        rest = await accounts.cooldown_until(self.db, self.account.id, lane, self.now)
        return Wait(rest[0], Reason.PROVIDER_COOLDOWN) if rest is not None else Go()

    async def quotas(self) -> Passage:
        """The account's limits, by the view's own ledger."""
        pace, kind = quota.pace_of(self.account, self.now), self.touchpoint.counts_as
        with_note = isinstance(self.touchpoint, Connect) and bool(self.touchpoint.note)
        quotas = quota.wanted(pace, kind, with_note)
        ledger = await quota.ledger_of(self.db, self.account, pace, quotas, self.run.id)
        held = quota.held_by(pace, ledger, kind)
        return Wait(held.until, held.reason) if held is not None else Go()

    async def unsettled(self) -> Passage:
        """Whether an earlier act toward them is not settled."""
        if self.touchpoint.acts_as == "read":
            return Go()
        others = select(Run).where(Run.account_id == self.account.id, Run.id != self.run.id)
        open_ends = [
            one
            for one in await self.db.scalars(others.where(Run.target == self.run.target))
            if one.status in ("running", "held") and one.effect in ("intended", "unknown")
        ]
        return Wait(self.now + gate.SETTLE, Reason.TARGET_UNRESOLVED) if open_ends else Go()


def plain(passage: Passage) -> tuple[object, ...]:
    """A passage without its sentence."""
    if isinstance(passage, Never):
        return ("never", passage.code)
    return ("go",) if isinstance(passage, Go) else ("wait", passage.until, passage.reason)


async def test_one_reading_says_what_the_questions_say_one_by_one(app: App) -> None:
    await add_account(app, "ada")
    now, met = app.now(), set[object]()
    for seed in range(WORLDS):
        rng = Random(seed)
        async with app.sessions() as db:
            await a_past(app, db, rng, now)
            account = await accounts.by_handle(db, "ada")
            for _ in range(4):
                touchpoint = something(rng)
                run = await asked_for(app, db, touchpoint, now)
                prepared = rng.choice(SHOWN)
                expected = plain(await One(db, run, touchpoint, account, now, prepared).passage())
                asked = gate.Asked(run, touchpoint, account, now, prepared=prepared)
                said = await gate.ask(db, asked)
                assert plain(said) == expected, (seed, touchpoint)
                met.add(expected[-1])
            await db.rollback()
    asked_of = {Reason.KILL_SWITCH, Reason.ACCOUNT_PAUSED, Reason.PROVIDER_COOLDOWN, Reason.DAILY_QUOTA}
    asked_of |= {Reason.WEEKLY_QUOTA, Reason.MIN_INTERVAL, Reason.TARGET_UNRESOLVED, Reason.NO_INMAIL_CREDITS}
    assert {"go", "invite_cooldown"} | asked_of <= met


async def test_the_gate_is_one_statement(app: App) -> None:
    """Whatever it has to ask; only the price of an InMail is looked up beside it."""
    await add_account(app, "ada")
    now, asked = app.now(), list[str]()
    async with app.sessions() as db:
        await db.execute(update(Account).values(limits=Limits().model_dump(mode="json")))
        account = await accounts.by_handle(db, "ada")
        touchpoint = Connect(public_identifier="prisca", note="Hello")
        run = await asked_for(app, db, touchpoint, now)
        engine = app.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *args: asked.append(str(args[2])))
        await gate.ask(db, gate.Asked(run, touchpoint, account, now, prepared="undone"))
        await db.rollback()
    assert len(asked) == 1
