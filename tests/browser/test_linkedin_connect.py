"""Invitations: every placement of Connect, every answer of the site; judged by the sandbox's ledger."""

from datetime import timedelta

import pytest
from linkedin_stage import Stage, prepared

from carrying import CLOCK, IDS, intent
from overture.core.errors import Failure, NotPossible, PageChanged, Throttled, Transient, Uncertain
from overture.touchpoints import Connect, Invited, LastLook

pytestmark = pytest.mark.browser

JONAS, PRISCA, LENA, TOMAS = (
    "jonas-fernweh-sbx",
    "prisca-hollowell-sbx",
    "lena-vogtmann-sbx",
    "tomas-kettering-sbx",
)
NOTE = "Hi Prisca,\r\nwe both build freight tools 👩‍🚀 – shall we talk?"


async def test_invites_without_a_note(on_both: Stage) -> None:
    done = await on_both.write(Connect(public_identifier=PRISCA))

    assert isinstance(done.outcome, Invited)
    assert (done.outcome.state, done.outcome.noop, done.outcome.note_sent) == ("pending", False, False)
    (entry,) = on_both.ledger("invite")
    assert (entry["target"], entry["text"], entry["urn"]) == (PRISCA, None, done.outcome.invitation_urn)
    assert done.evidence is not None
    assert done.evidence.source == "profile"
    assert on_both.trace.all("write_blocked") == []


async def test_a_note_arrives_byte_for_byte(on_both: Stage) -> None:
    done = await on_both.write(Connect(public_identifier=PRISCA, note=NOTE))

    assert isinstance(done.outcome, Invited)
    assert done.outcome.note_sent
    assert [entry["text"] for entry in on_both.ledger("invite")] == [NOTE]


@pytest.mark.parametrize("placement", ["primary_button", "more_menu"])
async def test_finds_connect_wherever_it_is_and_never_follows(on_both: Stage, placement: str) -> None:
    on_both.member(PRISCA, connect_placement=placement, follow_first=True, sidebar_decoys=9)

    done = await on_both.write(Connect(public_identifier=PRISCA))

    assert isinstance(done.outcome, Invited)
    assert [entry["target"] for entry in on_both.ledger("invite")] == [PRISCA]
    assert on_both.ledger("follow") == []


@pytest.mark.parametrize(("slug", "state"), [(LENA, "pending"), (JONAS, "connected")])
async def test_what_is_done_already_is_not_done_again(on_both: Stage, slug: str, state: str) -> None:
    on_both.member(slug, sidebar_decoys=9)

    done = await on_both.write(Connect(public_identifier=slug))

    assert isinstance(done.outcome, Invited)
    assert (done.outcome.state, done.outcome.noop) == (state, True)
    assert on_both.ledger("invite") == []


async def test_no_connect_anywhere_invites_nobody_of_the_sidebar(on_both: Stage) -> None:
    on_both.member(PRISCA, connect_placement="none", sidebar_decoys=9)

    with pytest.raises(NotPossible) as caught:
        await on_both.write(Connect(public_identifier=PRISCA))
    assert caught.value.code == "not_connectable"
    assert on_both.ledger("invite") == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"email_required": True}, "email_required"),
        ({"memorialized": True}, "profile_unavailable"),
        ({"deleted": True}, "profile_unavailable"),
    ],
)
async def test_people_who_cannot_be_invited(stage: Stage, fields: dict[str, object], code: str) -> None:
    stage.member(PRISCA, **fields)

    with pytest.raises(NotPossible) as caught:
        await stage.write(Connect(public_identifier=PRISCA))
    assert caught.value.code == code
    assert stage.ledger("invite") == []


async def test_an_incoming_invitation_and_oneself_are_refused(stage: Stage) -> None:
    stage.admin.post(f"/people/{PRISCA}/invite", account="mira@sandbox.test")

    codes = []
    for slug in (PRISCA, "mira-oxbow-sbx"):
        with pytest.raises(NotPossible) as caught:
            await stage.write(Connect(public_identifier=slug))
        codes.append(caught.value.code)
    assert codes == ["incoming_request", "self"]


async def test_the_note_limit_is_the_counters_not_the_sentences(on_both: Stage) -> None:
    on_both.admin.post("/page-quirks", kind="note_text_says", limit=300)

    with pytest.raises(NotPossible) as caught:
        await on_both.write(Connect(public_identifier=PRISCA, note="x" * 240))
    assert (caught.value.code, caught.value.facts["limit"]) == ("note_too_long", 200)
    assert on_both.ledger("invite") == []


async def test_used_up_notes_are_told_before_and_after_send(stage: Stage) -> None:
    stage.look(notes_remaining=0)
    with pytest.raises(NotPossible) as before:
        await stage.write(Connect(public_identifier=PRISCA, note="Hello"))

    stage.look(notes_remaining=None)
    quota = {"status": 400, "code": "PERSONALIZED_INVITATION_QUOTA_EXCEEDED"}
    stage.admin.fault(
        "status", "invite", status=400, body=quota, headers={"content-type": "application/json"}
    )
    with pytest.raises(NotPossible) as after:
        await stage.write(Connect(public_identifier=PRISCA, note="Hello"))

    assert (before.value.code, after.value.code) == ("note_quota", "note_quota")
    assert stage.ledger("invite") == []


@pytest.mark.parametrize("reverts", [1.0, None])
async def test_optimistic_pending_is_no_invitation(on_both: Stage, reverts: float | None) -> None:
    on_both.admin.fault("optimistic_revert", "invite", revert_after_s=reverts)

    with pytest.raises(Throttled) as caught:
        await on_both.write(Connect(public_identifier=PRISCA))
    assert caught.value.code == "weekly_limit"
    assert caught.value.until > CLOCK.now() + timedelta(days=6)
    assert on_both.ledger("invite") == []


@pytest.mark.parametrize(
    ("code", "ours"), [("CANT_RESEND_YET", "invite_cooldown"), ("ALREADY_INVITED", "already_pending")]
)
async def test_the_sites_refusals_are_told_apart(stage: Stage, code: str, ours: str) -> None:
    stage.admin.fault("status", "invite", status=400, body={"data": {"status": 400, "code": code}})

    with pytest.raises(NotPossible) as caught:
        await stage.write(Connect(public_identifier=PRISCA))
    assert caught.value.code == ours


@pytest.mark.parametrize(
    ("kind", "verdict"), [("drop_after_commit", "found"), ("drop_before_commit", "absent")]
)
async def test_a_lost_answer_is_uncertain_and_read_back(on_both: Stage, kind: str, verdict: str) -> None:
    on_both.admin.fault(kind, "invite")
    touchpoint, since, token = Connect(public_identifier=PRISCA, note=NOTE), CLOCK.now(), IDS.token()

    async with on_both.session() as session:
        write = await prepared(session, touchpoint, token)
        with pytest.raises(Uncertain):
            await write.act(intent(token))
        await write.abandon()
    found = await on_both.read_back(touchpoint, token, since)

    assert found.verdict == verdict
    assert len(on_both.ledger("invite")) == (1 if verdict == "found" else 0)
    if verdict == "found":
        assert isinstance(found.outcome, Invited)
        assert found.outcome.state == "pending"


async def test_an_answer_that_never_comes_is_uncertain(stage: Stage) -> None:
    stage.admin.fault("hang", "invite")

    with pytest.raises(Uncertain):
        await stage.write(Connect(public_identifier=PRISCA))
    assert stage.ledger("invite") == []


async def test_a_session_that_dies_in_the_act_sent_nothing(stage: Stage) -> None:
    stage.admin.fault("expire_session", "invite")

    with pytest.raises(Failure) as caught:
        await stage.write(Connect(public_identifier=PRISCA))
    assert isinstance(caught.value, Transient)
    assert caught.value.code == "session_expired"
    assert stage.ledger("invite") == []

    stage.admin.delete("/faults")
    done = await stage.write(Connect(public_identifier=PRISCA))
    assert isinstance(done.outcome, Invited)
    assert len(stage.ledger("invite")) == 1


async def test_after_its_window_the_act_does_not_begin(stage: Stage) -> None:
    async with stage.session() as session:
        token = IDS.token()
        write = await prepared(session, Connect(public_identifier=PRISCA), token)
        with pytest.raises(Transient) as caught:
            await write.act(intent(token, window=timedelta(0)))
        await write.abandon()
    assert caught.value.code == "act_window_passed"
    assert stage.ledger("invite") == []


async def test_a_late_dialog_is_waited_for(on_both: Stage) -> None:
    on_both.admin.post("/page-quirks", kind="dialog_late", after_s=1.5, buttons_after_s=1, role="alertdialog")

    done = await on_both.write(Connect(public_identifier=PRISCA))
    assert isinstance(done.outcome, Invited)


@pytest.mark.parametrize(
    ("quirk", "code"),
    [
        ("dialog_never", "dialog_not_opened"),
        ("dialog_names_other", "identity_mismatch"),
        ("email_noop", "email_required"),
    ],
)
async def test_a_dialog_that_is_not_right_sends_nothing(on_both: Stage, quirk: str, code: str) -> None:
    on_both.admin.post("/page-quirks", kind=quirk)

    with pytest.raises(Failure) as caught:
        await on_both.write(Connect(public_identifier=PRISCA))
    assert caught.value.code == code
    assert on_both.ledger("invite") == []


async def test_how_do_you_know_is_answered(on_both: Stage) -> None:
    on_both.admin.post("/page-quirks", kind="how_do_you_know")

    done = await on_both.write(Connect(public_identifier=PRISCA))
    assert isinstance(done.outcome, Invited)
    assert len(on_both.ledger("invite")) == 1


async def test_connect_that_sends_at_once_sends_once_in_the_act(on_both: Stage) -> None:
    on_both.admin.post("/page-quirks", kind="no_dialog")

    async with on_both.session() as session:
        token = IDS.token()
        write = await prepared(session, Connect(public_identifier=PRISCA), token)
        assert on_both.ledger("invite") == []
        accepted = await write.act(intent(token))
        seen = await write.confirm(accepted)

    assert seen is not None
    assert len(on_both.ledger("invite")) == 1
    with pytest.raises(NotPossible) as caught:
        await on_both.write(Connect(public_identifier=TOMAS, note="Hello"))
    assert caught.value.code == "note_not_possible"
    assert len(on_both.ledger("invite")) == 1

    await on_both.write(Connect(public_identifier=TOMAS, note="Hello", on_note_refused="send_without"))
    assert [entry["target"] for entry in on_both.ledger("invite")] == [PRISCA, TOMAS]


async def test_a_click_on_somebody_elses_connect_is_stopped_by_the_fuse(stage: Stage) -> None:
    stage.member(PRISCA, sidebar_decoys=5)
    async with stage.session() as session:
        page = session.desk.tab.page
        await session.desk.tab.goto(f"/in/{PRISCA}/")
        async with page.expect_event("requestfailed", lambda request: request.method == "POST"):
            await page.locator("aside").get_by_text("Connect", exact=True).first.click()

    assert stage.ledger("invite") == []
    assert [step["kind"] for step in stage.trace.all("write_blocked")] == ["invite"]


async def test_a_covered_button_is_not_forced(stage: Stage) -> None:
    stage.admin.post("/page-quirks", kind="overlay_intercept")

    with pytest.raises(PageChanged) as caught:
        await stage.write(Connect(public_identifier=PRISCA))
    assert caught.value.code == "control_blocked"
    assert stage.ledger("invite") == []


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "da_DK"])
async def test_speaks_the_accounts_language(on_both: Stage, locale: str) -> None:
    on_both.look(locale=locale)
    on_both.member(PRISCA, connect_placement="primary_button")

    done = await on_both.write(Connect(public_identifier=PRISCA, note="Bonjour"))
    assert isinstance(done.outcome, Invited)
    assert [entry["text"] for entry in on_both.ledger("invite")] == ["Bonjour"]


async def test_a_reply_in_the_thread_stops_the_invitation(stage: Stage) -> None:
    since = CLOCK.now()
    async with stage.session() as session:
        write = await prepared(session, Connect(public_identifier=PRISCA), IDS.token())
        await write.last_look(LastLook(since))
        who = {"account": "mira@sandbox.test", "member": PRISCA}
        stage.admin.put("/relationships", who, state="connected")
        stage.admin.post(f"/people/{PRISCA}/reply", who, text="I saw your talk")
        stage.admin.put("/relationships", who, state="none")
        with pytest.raises(NotPossible) as caught:
            await write.last_look(LastLook(since))
        await write.abandon()
    assert caught.value.code == "replied_already"
    assert stage.ledger("invite") == []


async def test_what_cannot_be_seen_yet_is_not_confirmed_and_found_later(stage: Stage) -> None:
    for endpoint in ("profile", "sent_invitations"):
        stage.admin.fault("read_lag", endpoint, seconds=30)
    touchpoint, since = Connect(public_identifier=PRISCA), CLOCK.now()

    done = await stage.write(touchpoint)
    assert done.accepted is not None
    assert done.outcome is None

    stage.admin.post("/clock", advance_s=45)
    found = await stage.read_back(touchpoint, done.token, since)
    assert found.verdict == "found"
    assert len(stage.ledger("invite")) == 1
