"""Rehearsals: as much as can be known without anybody at the site being told; judged by the ledger."""

import pytest
from linkedin_stage import USERNAME, Stage

from carrying import CLOCK, IDS
from overture.core.errors import NotPossible
from overture.touchpoints import (
    Comment,
    Connect,
    Follow,
    InMail,
    Invited,
    LastLook,
    Message,
    Rehearsed,
    Rehearses,
    Touchpoint,
    WithdrawInvite,
)

pytestmark = pytest.mark.browser

ME, JONAS, PRISCA, LENA = "mira-oxbow-sbx", "jonas-fernweh-sbx", "prisca-hollowell-sbx", "lena-vogtmann-sbx"
TO_A_MEMBER: tuple[tuple[Touchpoint, tuple[str, ...]], ...] = (
    (Message(public_identifier=JONAS, message="Hello"), ("message_box",)),
    (
        Connect(public_identifier=PRISCA, note="Hello"),
        ("connect_control", "invitation_dialog", "note_limit"),
    ),
    (
        InMail(public_identifier=PRISCA, subject="Freight", body="Hello"),
        ("inmail_box", "entitlement", "credits", "subject_limit"),
    ),
    (Follow(public_identifier=PRISCA), ("follow_control",)),
    (WithdrawInvite(public_identifier=LENA), ("withdraw_control",)),
)


async def rehearsed(stage: Stage, touchpoint: Touchpoint) -> Rehearsed:
    """A rehearsal as a dry run makes it, the last look included."""
    async with stage.session() as session:
        write = session.write(touchpoint, IDS.token())
        assert isinstance(write, Rehearses)
        found = await write.rehearse()
        if found.outcome is None:
            await write.last_look(LastLook(CLOCK.now()))
        await write.abandon()
    return found


@pytest.mark.parametrize(("touchpoint", "unchecked"), TO_A_MEMBER, ids=lambda one: getattr(one, "type", ""))
async def test_a_rehearsal_leaves_no_trace_and_says_what_it_did_not_check(
    on_both: Stage, touchpoint: Touchpoint, unchecked: tuple[str, ...]
) -> None:
    async with on_both.session():
        before = on_both.admin.ledger()

    found = await rehearsed(on_both, touchpoint)

    assert (found.outcome, found.unchecked) == (None, unchecked)
    assert on_both.ledger("visit") == []
    assert on_both.admin.ledger() == before
    assert on_both.trace.all("write_released") == on_both.trace.all("write_blocked") == []


@pytest.mark.parametrize(
    ("touchpoint", "code"),
    [
        (Message(public_identifier=PRISCA, message="Hello"), "not_connected"),
        (InMail(public_identifier=JONAS, body="Hello"), "use_message"),
        (WithdrawInvite(public_identifier=JONAS), "already_connected"),
        (Connect(public_identifier=ME), "self"),
    ],
)
async def test_what_the_data_forbids_is_refused_in_a_rehearsal_too(
    stage: Stage, touchpoint: Touchpoint, code: str
) -> None:
    with pytest.raises(NotPossible) as caught:
        await rehearsed(stage, touchpoint)
    assert caught.value.code == code
    assert stage.ledger("visit") == []


async def test_what_is_so_already_is_told(stage: Stage) -> None:
    found = await rehearsed(stage, Connect(public_identifier=JONAS))

    assert isinstance(found.outcome, Invited)
    assert (found.outcome.noop, found.unchecked) == (True, ())
    assert stage.ledger("visit") == []


async def test_an_answer_since_the_plan_is_seen_by_a_rehearsal(stage: Stage) -> None:
    since = CLOCK.now()
    stage.admin.post(f"/people/{JONAS}/reply", account=USERNAME, text="Got it")
    async with stage.session() as session:
        write = session.write(Message(public_identifier=JONAS, message="Following up"), IDS.token())
        assert isinstance(write, Rehearses)
        await write.rehearse()
        with pytest.raises(NotPossible) as caught:
            await write.last_look(LastLook(since))
    assert caught.value.code == "replied_already"


async def test_on_a_post_everything_is_tried_and_nothing_left(on_both: Stage) -> None:
    post = on_both.admin.post("/posts", author=PRISCA, crowd=3)

    found = await rehearsed(on_both, Comment(post_url=post["urn"], text="Well said"))

    assert (found.outcome, found.unchecked) == (None, ())
    assert on_both.ledger("comment") == on_both.ledger("visit") == []
