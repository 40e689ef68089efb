"""What a service asks of a person before it lets an account in: asked, answered once, tried once, over.

open ── a person answers ──▶ answered ── a worker takes the answer ──▶ passed
  ▲                                            │
  └──────────── the answer was wrong ──────────┤──▶ refused (too often)   expired (asked no more)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts.tables import LoginChallenge
from overture.core.crypto import KeyRing
from overture.core.errors import Conflict, NeedsHuman
from overture.touchpoints import APPROVED

CODE_KINDS: Final = frozenset({"pin", "totp"})
LIVE: Final = ("open", "answered")
PROMPT_LIMIT: Final = 300
BY_HAND: Final = (
    "A person has to do this: log in at the service in your own browser, do what it asks, then import that "
    "browser's cookies with PUT /api/v1/accounts/{handle}/session or `overture accounts import-session`."
)
ASKS: Final[Mapping[str, str]] = {
    "pin": 'Send the code the service sent you: {"code": "123456"}.',
    "totp": 'Send the code your authenticator app shows: {"code": "123456"}.',
    "app_approval": 'Say yes in the service\'s app, then send {"approved": true}.',
}
"""The answer each kind of check takes; whatever is not here only a person at a browser can do."""
End = Literal["passed", "refused", "expired"]


@dataclass(frozen=True)
class Need:
    """What a service asks, as the provider saw it on the page."""

    kind: str
    path: str | None
    prompt: str | None
    said: str | None
    end: End | None

    @classmethod
    def of(cls, failure: NeedsHuman) -> "Need":
        """What the failure says of it."""
        facts = failure.facts
        end: End | None = None
        if facts.get("is_final") is True:
            end = "refused"
        elif failure.kind == "login":
            end = "expired"
        return cls(failure.kind, text_of(facts, "path"), text_of(facts, "asked"), text_of(facts, "said"), end)


def text_of(facts: Mapping[str, object], name: str) -> str | None:
    """A fact as text of a decent length, if there is one."""
    value = facts.get(name)
    return value[:PROMPT_LIMIT] if isinstance(value, str) and value else None


async def live(db: AsyncSession, account_id: UUID, *, lock: bool = False) -> LoginChallenge | None:
    """What is asked of the account's owner at present."""
    query = select(LoginChallenge).where(
        LoginChallenge.account_id == account_id, LoginChallenge.state.in_(LIVE)
    )
    found: LoginChallenge | None = await db.scalar(query.with_for_update() if lock else query)
    return found


async def newest(db: AsyncSession, account_id: UUID) -> LoginChallenge | None:
    """What was asked last, over or not."""
    query = select(LoginChallenge).where(LoginChallenge.account_id == account_id)
    found: LoginChallenge | None = await db.scalar(query.order_by(LoginChallenge.id.desc()).limit(1))
    return found


async def note(db: AsyncSession, account_id: UUID, failure: NeedsHuman, now: datetime) -> None:
    """Write down what is asked: anew, once more after a wrong answer, or no longer."""
    need = Need.of(failure)
    asked = await live(db, account_id, lock=True)
    if need.end is not None:
        if asked is not None:
            end(asked, need.end, now, need.said)
        return
    if asked is not None and asked.kind == need.kind:
        asked.state, asked.path, asked.prompt = "open", need.path, need.prompt
        asked.said = need.said
        return
    if asked is not None:  # one check was passed, and another follows
        end(asked, "passed" if asked.tried_at is not None else "expired", now)
        await db.flush()
    db.add(
        LoginChallenge(
            account_id=account_id,
            kind=need.kind,
            state="open",
            asked_at=now,
            path=need.path,
            prompt=need.prompt,
            said=need.said,
            attempts=0,
        )
    )
    await db.flush()


def end(asked: LoginChallenge, how: End, now: datetime, said: str | None = None) -> None:
    """It is over; the answers are forgotten."""
    asked.state, asked.closed_at, asked.answer = how, now, None
    asked.said = said or asked.said


async def close(db: AsyncSession, account_id: UUID, how: End, now: datetime) -> None:
    """Whatever is asked of this account is over."""
    await db.execute(
        update(LoginChallenge)
        .where(LoginChallenge.account_id == account_id, LoginChallenge.state.in_(LIVE))
        .values(state=how, closed_at=now, answer=None)
    )


def give(ring: KeyRing, asked: LoginChallenge, answer: str, now: datetime) -> bool:
    """Keep a person's answer for the next attempt; False: this very answer is on its way already."""
    given = answers(ring, asked)
    if asked.state == "answered":
        if given[-1] == answer:
            return False
        raise Conflict(
            "answer_under_way",
            "An answer to this check is on its way already.",
            fix="Wait until its run is over; GET /api/v1/accounts/{handle}/login shows it.",
        )
    if asked.kind in CODE_KINDS and answer in given:
        raise Conflict(
            "code_tried_already",
            "This code was tried before and was refused; a code is never tried twice.",
            fix="Wait for a fresh code and give that one.",
        )
    asked.answer = ring.seal(json.dumps([*given, answer]).encode(), place(asked))
    asked.state, asked.answered_at, asked.tried_at = "answered", now, None
    return True


def take(ring: KeyRing, asked: LoginChallenge, now: datetime) -> str | None:
    """The answer, handed out once: committed as tried before anybody tries it."""
    if asked.state != "answered" or asked.tried_at is not None:
        return None
    asked.tried_at = now
    asked.attempts += 1
    return answers(ring, asked)[-1]


def answers(ring: KeyRing, asked: LoginChallenge) -> list[str]:
    """Every answer given so far, in the clear."""
    if asked.answer is None:
        return []
    found: list[str] = json.loads(ring.open(asked.answer, place(asked)))
    return found


def place(asked: LoginChallenge) -> str:
    """The place an answer is sealed for."""
    return f"login_challenges.answer:{asked.id}"


def fitting(asked: LoginChallenge, code: str | None, approved: bool | None) -> str:
    """The answer a check of this kind takes, or the refusal that says what to do instead."""
    if asked.kind in CODE_KINDS and code is not None and approved is None:
        return code
    if asked.kind == "app_approval" and approved and code is None:
        return APPROVED
    wanted = ASKS.get(asked.kind, BY_HAND)
    raise Conflict(
        "answer_does_not_fit",
        f"The service asks for something else: {asked.kind}.",
        fix=wanted,
        kind=asked.kind,
    )
