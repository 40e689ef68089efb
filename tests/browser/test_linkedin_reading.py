"""Reads: logging in, keeping the session, profiles, relationships, visits."""

import pytest
from linkedin_stage import Stage, as_dict

from overture.core.errors import Failure, NeedsHuman, NotPossible, Restricted
from overture.touchpoints import (
    CheckConnection,
    ConnectionState,
    ContactDetails,
    Enrich,
    Enriched,
    ProfileLink,
    Visit,
    Visited,
)

pytestmark = pytest.mark.browser

ME = "mira@sandbox.test"
JONAS, PRISCA, LENA = "jonas-fernweh-sbx", "prisca-hollowell-sbx", "lena-vogtmann-sbx"
TOMAS = "tomas-kettering-sbx"
NOTHING_SENT = {"data": {"*elements": [], "paging": {"start": 0, "count": 100, "total": 0}}, "included": []}


async def test_logs_in_with_credentials_once(on_both: Stage) -> None:
    async with on_both.session() as session:
        state = await session.state()

    assert state is not None
    assert "li_at" in {cookie["name"] for cookie in as_dict(state)["cookies"]}
    assert on_both.trace.all("session") == [{"how": "login"}]


async def test_a_stored_session_needs_no_login(stage: Stage) -> None:
    async with stage.session() as session:
        state = await session.state()
    assert state is not None
    other = Stage(stage.sandbox, stage.provider)
    other.remembers(state)
    other.without_credentials()

    async with other.session() as session:
        assert session.desk.me
    assert other.trace.all("session") == [{"how": "stored"}]


async def test_a_second_session_uses_the_open_page(stage: Stage) -> None:
    async with stage.session() as session:
        state = await session.state()
    assert state is not None
    stage.remembers(state, version=1)

    async with stage.session() as session:
        assert await session.state() is None
    assert stage.trace.all("session")[-1] == {"how": "kept"}
    assert stage.trace.page_loads == 0


async def test_a_wrong_password_is_submitted_once_and_asks_for_a_person(stage: Stage) -> None:
    stage.look(password="another one entirely")

    with pytest.raises(NeedsHuman) as caught:
        async with stage.session():
            pass
    assert caught.value.kind == "login"


async def test_no_credentials_and_no_session_asks_for_a_person(stage: Stage) -> None:
    stage.without_credentials()

    with pytest.raises(NeedsHuman) as caught:
        async with stage.session():
            pass
    assert caught.value.kind == "login"


@pytest.mark.parametrize("kind", ["pin", "totp", "app_approval", "captcha"])
async def test_a_checkpoint_names_what_the_person_must_do(stage: Stage, kind: str) -> None:
    page = {
        "pin": '<main><form action="/checkpoint/x"><input name="pin"></form></main>',
        "totp": '<main><input name="pin"><button id="two-step-submit-button">Submit</button></main>',
        "app_approval": '<main><div data-test-id="auth-app-approval">Check your phone</div></main>',
        "captcha": '<main><iframe id="captcha-internal"></iframe></main>',
    }[kind]
    stage.admin.fault(
        "status", "page:feed", status=302, body="", headers={"location": "/checkpoint/lg/challenge"}
    )
    stage.admin.fault("status", "page:login", status=200, body=f"<html lang=en><body>{page}</body></html>")

    with pytest.raises(NeedsHuman) as caught:
        async with stage.session():
            pass
    assert caught.value.kind == kind


async def test_a_restricted_account_is_told_from_its_page(stage: Stage) -> None:
    text = "Your account has been temporarily restricted. Verify your identity to continue."
    stage.admin.fault("status", "page:feed", status=200, body=f"<html><body><p>{text}</p></body></html>")

    with pytest.raises(Restricted):
        async with stage.session():
            pass


async def test_enrich_reads_the_whole_profile_without_opening_it(on_both: Stage) -> None:
    outcome = await on_both.read(Enrich(public_identifier=PRISCA))

    assert isinstance(outcome, Enriched)
    assert outcome.profile.full_name == "Prisca Hollowell"
    assert outcome.profile.positions
    assert on_both.ledger("visit") == []


async def test_enrich_by_profile_id_and_by_a_renamed_slug(stage: Stage) -> None:
    person = stage.member(PRISCA, slug="prisca-new-sbx")

    by_id = await stage.read(Enrich(public_identifier=person["profile_id"]))
    by_old_slug = await stage.read(Enrich(public_identifier=PRISCA))

    assert isinstance(by_id, Enriched)
    assert isinstance(by_old_slug, Enriched)
    assert by_id.profile.public_identifier == by_old_slug.profile.public_identifier == "prisca-new-sbx"


async def test_an_unknown_profile_is_unavailable(stage: Stage) -> None:
    with pytest.raises(NotPossible) as caught:
        await stage.read(Enrich(public_identifier="nobody-of-that-name"))
    assert caught.value.code == "profile_unavailable"


@pytest.mark.parametrize("state", ["self", "connected", "none", "pending", "incoming"])
async def test_check_connection_tells_every_state(stage: Stage, state: str) -> None:
    if state == "incoming":
        stage.admin.post(f"/people/{PRISCA}/invite", account="mira@sandbox.test")
    slug = {"self": "mira-oxbow-sbx", "connected": JONAS, "pending": LENA}.get(state, PRISCA)

    outcome = await stage.read(CheckConnection(public_identifier=slug))

    assert isinstance(outcome, ConnectionState)
    assert outcome.state == state
    assert (outcome.invitation_urn is not None) == (state in ("pending", "incoming"))


async def test_a_visit_is_seen_by_the_site(on_both: Stage) -> None:
    outcome = await on_both.read(Visit(public_identifier=PRISCA, duration_s=0.2, scroll_depth=0.8))

    assert isinstance(outcome, Visited)
    assert outcome.scrolled >= 0.7
    assert len(on_both.ledger("visit", target=PRISCA)) == 1


async def test_a_visit_tells_whom_the_page_links_to(on_both: Stage) -> None:
    jonas = on_both.member(JONAS)
    on_both.member(PRISCA, sidebar_decoys=3, mentions=[LENA.upper(), jonas["profile_id"], "me", PRISCA])
    for _ in range(3):
        other = on_both.member()
        on_both.admin.put("/relationships", account=ME, member=other["slug"], state="none", degree="2")
    on_both.admin.post("/page-quirks", kind="open_bubble", slug=JONAS)

    outcome = await on_both.read(Visit(public_identifier=PRISCA, duration_s=0.2, scroll_depth=1))

    assert isinstance(outcome, Visited)
    assert outcome.discovered is not None
    mentioned = outcome.discovered.mentioned
    assert mentioned == [ProfileLink(public_identifier=LENA), ProfileLink(profile_id=jonas["profile_id"])]
    beside = {link.public_identifier for link in outcome.discovered.other_cards}
    assert len(beside) >= 3
    assert not beside & {PRISCA, LENA, "mira-oxbow-sbx"}


@pytest.mark.parametrize(
    ("slug", "state", "degree"),
    [(JONAS, "connected", 1), (PRISCA, "none", 2), (TOMAS, "none", 3), (LENA, "pending", None)],
)
async def test_the_page_tells_the_relationship_when_json_does_not(
    on_both: Stage, slug: str, state: str, degree: int | None
) -> None:
    on_both.look(relationship_hidden=True)

    silent = await on_both.read(CheckConnection(public_identifier=slug))
    shown = await on_both.read(CheckConnection(public_identifier=slug, may_visit=True))

    assert isinstance(silent, ConnectionState)
    assert isinstance(shown, ConnectionState)
    assert silent.state == ("pending" if slug == LENA else "unknown")
    assert (shown.state, shown.degree) == (state, degree)
    assert shown.source == ("api" if slug == LENA else "page")
    assert len(on_both.ledger("visit", target=slug)) == (0 if slug == LENA else 1)


@pytest.mark.parametrize(("state", "degree"), [("pending", 2), ("incoming", 2)])
async def test_the_page_tells_open_invitations_too(on_both: Stage, state: str, degree: int) -> None:
    on_both.look(relationship_hidden=True)
    on_both.admin.put("/relationships", account=ME, member=PRISCA, state=state, degree="2")
    on_both.admin.fault("status", "sent_invitations", status=200, body=NOTHING_SENT)

    shown = await on_both.read(CheckConnection(public_identifier=PRISCA, may_visit=True))

    assert isinstance(shown, ConnectionState)
    assert (shown.state, shown.degree, shown.source) == (state, degree, "page")


async def test_contact_details_are_read_only_when_asked_for(stage: Stage) -> None:
    asked = await stage.read(Enrich(public_identifier=JONAS, contact_details=True))
    unasked = await stage.read(Enrich(public_identifier=JONAS))

    assert isinstance(asked, Enriched)
    assert isinstance(unasked, Enriched)
    assert asked.contact == ContactDetails(
        email="jonas@fernweh.test", phone_numbers=("+49 30 0000000",), websites=("https://fernweh.test",)
    )
    assert (unasked.contact, unasked.discovered) == (None, None)


async def test_a_session_that_died_is_said_and_the_next_logs_in(stage: Stage) -> None:
    async with stage.session() as session:
        state = await session.state()
    assert state is not None
    stage.remembers(state)
    stage.admin.post("/sessions/expire", account="mira@sandbox.test")

    await stage.read(Enrich(public_identifier=PRISCA))
    assert stage.trace.all("session")[-1] == {"how": "login"}

    stage.admin.post("/sessions/expire", account="mira@sandbox.test")
    stage.without_credentials()
    with pytest.raises(NeedsHuman):
        await stage.read(Enrich(public_identifier=PRISCA))


async def test_the_snapshot_names_the_page_and_no_secret(stage: Stage) -> None:
    async with stage.session() as session:
        await session.desk.tab.page.goto(f"{stage.sandbox.url}/in/{PRISCA}/?secret=in-the-query")
        snapshot = await session.snapshot()

    assert snapshot.screenshot is not None
    assert snapshot.screenshot.startswith(b"\x89PNG")
    assert snapshot.facts["page_class"] == "profile"
    assert snapshot.facts["variant"] == "B"
    told = str(snapshot.facts) + str(stage.trace.steps)
    assert "in-the-query" not in told
    assert "sandbox-pass" not in told


async def test_a_new_csrf_token_is_fetched_silently(stage: Stage) -> None:
    await stage.read(Enrich(public_identifier=PRISCA))
    stage.admin.post("/sessions/rotate_csrf", account="mira@sandbox.test")

    await stage.read(Enrich(public_identifier=PRISCA))
    assert [step["how"] for step in stage.trace.all("session")] == ["login", "stored"]


@pytest.mark.parametrize(
    ("rule", "failure", "code"),
    [
        ({"status": 429, "headers": {"retry-after": "600"}}, "Throttled", "rate_limited"),
        ({"status": 404}, "NotPossible", "profile_unavailable"),
        ({"status": 403}, "NotPossible", "profile_inaccessible"),
        ({"status": 401}, "Transient", "read_refused"),
        ({"status": 500}, "Transient", "read_failed"),
        ({"status": 410}, "PageChanged", "api_changed"),
        ({"status": 999}, "Restricted", "bot_wall"),
        ({"status": 200, "body": "<html>Log in</html>"}, "Transient", "session_expired"),
        ({"status": 200, "body": {"data": {"errors": [{"message": "no"}]}}}, "NotPossible", "rejected"),
        ({"status": 200, "body": {"data": {}, "included": []}}, "UnknownShape", "unknown_shape"),
    ],
)
async def test_every_bad_answer_has_its_reaction(
    stage: Stage, rule: dict[str, object], failure: str, code: str
) -> None:
    async with stage.session() as session:
        stage.admin.fault("status", "profile", **rule)
        with pytest.raises(Failure) as caught:
            await session.read(Enrich(public_identifier=PRISCA))
    assert (type(caught.value).__name__, caught.value.code) == (failure, code)


async def test_a_dropped_read_is_transient(stage: Stage) -> None:
    async with stage.session() as session:
        stage.admin.fault("drop_before_commit", "profile")
        with pytest.raises(Failure) as caught:
            await session.read(Enrich(public_identifier=PRISCA))
    assert caught.value.code == "read_failed"
