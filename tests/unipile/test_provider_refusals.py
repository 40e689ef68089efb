"""The ladder of refusals an invitation can meet: each is told as what it is, and none sends a second one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from provider_stage import Stage, settings_for
from unipile_desk import STRANGER, Desk

from overture.core.clock import SystemClock
from overture.core.errors import Failure, NeedsHuman, NotPossible, Restricted, Throttled, Transient, Uncertain
from overture.core.rng import Rng
from overture.providers.unipile.provider import Unipile
from overture.touchpoints import Connect, Invited


@pytest.fixture
async def stage(open_sandbox: Desk) -> AsyncIterator[Stage]:
    open_sandbox.sandbox.reset()
    desk = Desk(open_sandbox.sandbox).connect(premium=True)
    provider = Unipile(settings_for(desk.sandbox.url), SystemClock(), Rng())
    yield Stage(desk, provider)
    await provider.close()


@dataclass(frozen=True)
class Rung:
    """A type of error, and what a run of an invitation says of it."""

    kind: str
    failure: type[Failure]
    code: str


RUNGS = [
    Rung("already_connected", NotPossible, "already_connected"),
    Rung("already_invited_recently", NotPossible, "invite_cooldown"),
    Rung("cannot_resend_yet", Throttled, "weekly_limit"),
    Rung("cannot_resend_within_24hrs", Throttled, "weekly_limit"),
    Rung("limit_exceeded", Throttled, "weekly_limit"),
    Rung("connection_limit_reached", Throttled, "connection_limit"),
    Rung("too_many_requests", Throttled, "weekly_limit"),
    Rung("provider_error", Uncertain, "outcome_unknown"),
    Rung("cannot_invite_attendee", NotPossible, "not_connectable"),
    Rung("invalid_recipient", NotPossible, "not_connectable"),
    Rung("blocked_recipient", NotPossible, "not_connectable"),
    Rung("user_unreachable", NotPossible, "not_connectable"),
    Rung("invalid_account", NotPossible, "unsupported"),
    Rung("feature_not_subscribed", NotPossible, "unsupported"),
    Rung("too_many_characters", NotPossible, "note_too_long"),
    Rung("unprocessable_entity", NotPossible, "rejected"),
    Rung("disconnected_account", NeedsHuman, "account_needs_login"),
    Rung("missing_credentials", NeedsHuman, "account_needs_login"),
    Rung("account_restricted", Restricted, "blocked_by_provider"),
    Rung("no_client_session", Transient, "transient"),
    Rung("unexpected_error", Uncertain, "outcome_unknown"),
    Rung("request_timeout", Uncertain, "outcome_unknown"),
]


@pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.kind)
async def test_a_refused_invitation_is_called_what_it_is(stage: Stage, rung: Rung) -> None:
    stage.desk.fault("status", "invite", body={"type": rung.kind}, status=None, times=1)

    with pytest.raises(Failure) as caught:
        await stage.write(Connect(public_identifier=STRANGER, note="Hello"))

    assert (type(caught.value), caught.value.code) == (rung.failure, rung.code)
    assert len(stage.admin.get("/unipile/journal", endpoint="invite")) == 1
    assert stage.desk.kinds(kind="invite") == []


async def test_how_near_the_limit_is_is_told(stage: Stage) -> None:
    """The share in use is told when it crosses 50, 75, 90 or 95 percent; one invitation is out already."""
    stage.admin.patch(f"/unipile/accounts/{stage.desk.account}", invites_per_day=10)
    people = [one["slug"] for one in stage.admin.post("/populate", count=9)]

    done = [await stage.write(Connect(public_identifier=slug)) for slug in people]

    told = [one.accepted.evidence.facts["usage"] for one in done if one.accepted is not None]
    assert told == [None, None, None, 50, None, None, 75, 90, 95]
    warned = [one.outcome.warning for one in done if isinstance(one.outcome, Invited)]
    assert warned == [None] * 7 + ["close_to_limit"] * 2
