"""Taking an invitation back: on both kinds of page, once, and never the wrong one."""

from datetime import timedelta

import pytest
from linkedin_stage import Stage, prepared

from carrying import CLOCK, IDS, intent
from overture.core.errors import NotPossible, PageChanged, Uncertain
from overture.touchpoints import Connect, WithdrawInvite, Withdrawn

pytestmark = pytest.mark.browser

JONAS, PRISCA, LENA = "jonas-fernweh-sbx", "prisca-hollowell-sbx", "lena-vogtmann-sbx"
MIRA = "mira@sandbox.test"
THREE_WEEKS = timedelta(days=21)


def standing(stage: Stage, slug: str) -> str:
    return str(stage.admin.get(f"/members/{slug}")["relationships"][MIRA]["state"])


async def test_a_pending_invitation_is_withdrawn(on_both: Stage) -> None:
    on_both.member(LENA, sidebar_decoys=9)

    done = await on_both.write(WithdrawInvite(public_identifier=LENA))

    assert isinstance(done.outcome, Withdrawn)
    (entry,) = on_both.ledger("withdraw")
    assert (entry["target"], entry["urn"]) == (LENA, done.outcome.invitation_urn)
    assert done.outcome.reinvite_after is not None
    assert abs(done.outcome.reinvite_after - CLOCK.now() - THREE_WEEKS) < timedelta(minutes=1)
    assert done.evidence is not None
    assert done.evidence.source == "profile_and_sent_invitations"
    assert on_both.trace.all("write_blocked") == []


async def test_afterwards_the_site_lets_nobody_invite_them_again(stage: Stage) -> None:
    await stage.write(WithdrawInvite(public_identifier=LENA))

    with pytest.raises(NotPossible) as caught:
        await stage.write(Connect(public_identifier=LENA))
    latest = (CLOCK.now() + THREE_WEEKS).date().isoformat()
    assert caught.value.code == "invite_cooldown"
    assert latest in caught.value.message
    assert stage.ledger("invite") == []


async def test_where_nothing_is_pending_there_is_nothing_to_do(stage: Stage) -> None:
    done = await stage.write(WithdrawInvite(public_identifier=PRISCA))

    assert isinstance(done.outcome, Withdrawn)
    assert done.outcome.noop
    assert done.outcome.reinvite_after is None
    assert stage.ledger("withdraw") == []


@pytest.mark.parametrize(("slug", "code"), [(JONAS, "already_connected"), ("mira-oxbow-sbx", "self")])
async def test_what_cannot_be_withdrawn_is_said(stage: Stage, slug: str, code: str) -> None:
    with pytest.raises(NotPossible) as caught:
        await stage.write(WithdrawInvite(public_identifier=slug))
    assert caught.value.code == code
    assert stage.ledger("withdraw") == []


async def test_without_the_confirming_button_nothing_happens(on_both: Stage) -> None:
    on_both.admin.post("/page-quirks", kind="withdraw_confirm_missing")

    with pytest.raises(PageChanged) as caught:
        await on_both.write(WithdrawInvite(public_identifier=LENA))
    assert caught.value.code == "confirm_missing"
    assert standing(on_both, LENA) == "pending"
    assert on_both.ledger("withdraw") == []


@pytest.mark.parametrize(
    ("kind", "verdict"), [("drop_after_commit", "found"), ("drop_before_commit", "absent")]
)
async def test_a_lost_answer_is_uncertain_and_read_back(on_both: Stage, kind: str, verdict: str) -> None:
    on_both.admin.fault(kind, "invitation_action")
    touchpoint, since, token = WithdrawInvite(public_identifier=LENA), CLOCK.now(), IDS.token()

    async with on_both.session() as session:
        write = await prepared(session, touchpoint, token)
        with pytest.raises(Uncertain):
            await write.act(intent(token))
        await write.abandon()
    found = await on_both.read_back(touchpoint, token, since)

    assert found.verdict == verdict
    assert len(on_both.ledger("withdraw")) == (1 if verdict == "found" else 0)


async def test_an_invitation_accepted_in_between_is_not_called_withdrawn(stage: Stage) -> None:
    touchpoint, token = WithdrawInvite(public_identifier=LENA), IDS.token()
    async with stage.session() as session:
        write = await prepared(session, touchpoint, token)
        stage.admin.post(f"/people/{LENA}/accept", account=MIRA)
        with pytest.raises(NotPossible) as caught:
            await write.act(intent(token))
        await write.abandon()

    assert caught.value.code == "invitation_gone"
    assert (await stage.read_back(touchpoint, token, CLOCK.now())).verdict == "absent"
    assert stage.ledger("withdraw") == []


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "da_DK"])
async def test_speaks_the_accounts_language(on_both: Stage, locale: str) -> None:
    on_both.look(locale=locale)

    done = await on_both.write(WithdrawInvite(public_identifier=LENA))
    assert isinstance(done.outcome, Withdrawn)
    assert [entry["target"] for entry in on_both.ledger("withdraw")] == [LENA]


async def test_a_page_that_lags_behind_is_passed_by_over_the_sent_list(on_both: Stage) -> None:
    on_both.admin.fault("read_lag", "page:profile", seconds=3600)
    on_both.admin.put("/relationships", account=MIRA, member=PRISCA, state="pending")

    done = await on_both.write(WithdrawInvite(public_identifier=PRISCA))
    assert isinstance(done.outcome, Withdrawn)
    assert [entry["target"] for entry in on_both.ledger("withdraw")] == [PRISCA]
    assert standing(on_both, LENA) == "pending"  # hers stands in the same list


async def test_preparing_withdraws_nothing(on_both: Stage) -> None:
    async with on_both.session() as session:
        write = await prepared(session, WithdrawInvite(public_identifier=LENA), IDS.token())
        await write.abandon()

    assert standing(on_both, LENA) == "pending"
    assert on_both.ledger("withdraw") == []
