"""Reacting, commenting and following in a browser: every make of the page, judged by the sandbox's ledger."""

from datetime import timedelta
from typing import Any, get_args

import pytest
from linkedin_stage import USERNAME, Stage, prepared

from carrying import CLOCK, IDS, intent
from overture.core.errors import Failure, NotPossible, PageChanged, Transient, Uncertain
from overture.touchpoints import Comment, Commented, Follow, Followed, React, Reacted, Reaction

pytestmark = pytest.mark.browser

JONAS, PRISCA, TOMAS, MIRA = (
    "jonas-fernweh-sbx",
    "prisca-hollowell-sbx",
    "tomas-kettering-sbx",
    "mira-oxbow-sbx",
)
TEXT = "Clear write-up 👩‍🚀,\r\nthank\u00a0you –\n\nMira"


def a_post(stage: Stage, author: str = PRISCA, mine: str | None = None, **fields: Any) -> dict[str, Any]:
    """A post with counters, other people's comments and the reaction of ours it begins with."""
    post: dict[str, Any] = stage.admin.post("/posts", author=author, **{"crowd": 12, **fields})
    if fields.get("commenters", "ALL") == "ALL":
        for member in (JONAS, TOMAS):
            stage.admin.post(f"/posts/{post['urn']}/comments", member=member, text="Likewise.")
    if mine is not None:
        stage.admin.post(f"/posts/{post['urn']}/reactions", member=USERNAME, kind=mine)
    return post


def react(post: dict[str, Any], reaction: str = "CELEBRATE") -> React:
    return React.model_validate({"post_url": post["urn"], "reaction": reaction})


def comment(post: dict[str, Any], text: str = TEXT) -> Comment:
    return Comment(post_url=post["urn"], text=text)


def mine(stage: Stage, *kinds: str) -> list[tuple[str, str | None]]:
    """What Mira did through her browser, by kind and words."""
    found = stage.admin.ledger(account=USERNAME)
    return [(one["kind"], one["text"]) for one in found if one["kind"] in kinds and one["via"] != "admin"]


def reactions_by(stage: Stage) -> list[tuple[str, str | None]]:
    return mine(stage, "react", "unreact")


@pytest.mark.parametrize("reaction", get_args(Reaction))
async def test_reacts_by_the_tray(on_both: Stage, reaction: Reaction) -> None:
    post = a_post(on_both)

    done = await on_both.write(react(post, reaction))

    assert done.outcome == Reacted(post_urn=post["urn"], reaction=reaction)
    assert len(reactions_by(on_both)) == 1
    assert set(on_both.admin.get(f"/posts/{post['urn']}")["reactions"]) == {MIRA}
    assert on_both.trace.all("write_blocked") == []


async def test_another_reaction_is_changed_and_never_taken_away(on_both: Stage) -> None:
    post = a_post(on_both, mine="LIKE")

    done = await on_both.write(react(post, "INSIGHTFUL"))

    assert done.outcome == Reacted(post_urn=post["urn"], reaction="INSIGHTFUL", replaced="LIKE")
    assert reactions_by(on_both) == [("react", "INTEREST")]


@pytest.mark.parametrize("crowd", [0, 500])
async def test_the_same_reaction_is_nothing_to_do(on_both: Stage, crowd: int) -> None:
    post = a_post(on_both, mine="PRAISE", crowd=crowd)

    done = await on_both.write(react(post))

    assert done.outcome == Reacted(post_urn=post["urn"], reaction="CELEBRATE", noop=True)
    assert reactions_by(on_both) == []


async def test_without_a_tray_nothing_is_set(on_both: Stage) -> None:
    post = a_post(on_both)
    on_both.admin.post("/page-quirks", kind="tray_missing")

    with pytest.raises(PageChanged) as caught:
        await on_both.write(react(post, "LIKE"))
    assert caught.value.code == "tray_not_found"
    assert reactions_by(on_both) == []
    assert on_both.trace.all("write_blocked") == []  # nothing was even tried


async def test_a_tray_may_take_its_time(on_both: Stage) -> None:
    post = a_post(on_both)
    on_both.admin.post("/page-quirks", kind="tray_late", after_s=1.5)

    done = await on_both.write(react(post))

    assert isinstance(done.outcome, Reacted)
    assert reactions_by(on_both) == [("react", "PRAISE")]


async def test_where_many_reacted_the_page_loaded_anew_is_the_proof(on_both: Stage) -> None:
    post = a_post(on_both, crowd=500)
    on_both.admin.fault("read_lag", "reactions", seconds=60)

    done = await on_both.write(react(post))

    assert done.evidence is not None
    assert (done.evidence.source, reactions_by(on_both)) == ("post_page", [("react", "PRAISE")])


async def test_where_page_and_list_disagree_nothing_is_guessed(on_both: Stage) -> None:
    post = a_post(on_both, crowd=0)
    on_both.admin.fault("read_lag", "reactions", seconds=60)
    on_both.admin.post(f"/posts/{post['urn']}/reactions", member=USERNAME, kind="LIKE")

    with pytest.raises(Transient) as caught:
        await on_both.write(react(post))
    assert caught.value.code == "state_unclear"
    assert reactions_by(on_both) == []


async def test_curious_is_refused_before_anything_is_opened(stage: Stage) -> None:
    post = a_post(stage)
    loads = []
    async with stage.session() as session:
        loads.append(session.desk.tab.loads)
        with pytest.raises(NotPossible) as caught:
            await session.write(react(post, "CURIOUS"), IDS.token()).prepare()
        loads.append(session.desk.tab.loads)

    assert caught.value.code == "unsupported_reaction"
    assert loads[0] == loads[1]


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "da_DK"])
async def test_reacts_and_comments_in_other_languages(on_both: Stage, locale: str) -> None:
    on_both.look(locale=locale)
    post = a_post(on_both, mine="LIKE")

    await on_both.write(react(post, "SUPPORT"))
    done = await on_both.write(comment(post))

    assert isinstance(done.outcome, Commented)
    assert reactions_by(on_both) == [("react", "APPRECIATION")]
    assert mine(on_both, "comment") == [("comment", TEXT)]


@pytest.mark.parametrize("level", [1, 2])
async def test_pages_that_moved_a_little_still_work(on_both: Stage, level: int) -> None:
    on_both.look(drift=level)
    post = a_post(on_both, mine="LIKE")

    await on_both.write(react(post))
    done = await on_both.write(comment(post))

    assert isinstance(done.outcome, Commented)
    assert (reactions_by(on_both), mine(on_both, "comment")) == ([("react", "PRAISE")], [("comment", TEXT)])


async def test_pages_with_other_words_are_not_guessed_at(on_both: Stage) -> None:
    on_both.look(drift=3)
    post = a_post(on_both)

    for touchpoint in (react(post), comment(post)):
        with pytest.raises(PageChanged) as caught:
            await on_both.write(touchpoint)
        assert caught.value.code == "selector_drift"
    assert mine(on_both, "react", "unreact", "comment") == []


@pytest.mark.parametrize("form", ["ugc_urn", "share_urn"])
async def test_any_address_of_a_post_leads_to_it(on_both: Stage, form: str) -> None:
    post = a_post(on_both)
    url = f"https://www.linkedin.com/feed/update/{post[form]}/"

    await on_both.write(React(post_url=url, reaction="LOVE"))
    done = await on_both.write(Comment(post_url=url, text=TEXT))

    assert isinstance(done.outcome, Commented)
    assert done.outcome.post_urn == post["urn"]
    assert (reactions_by(on_both), mine(on_both, "comment")) == ([("react", "EMPATHY")], [("comment", TEXT)])


async def test_a_reaction_to_another_post_or_another_reaction_is_held_back(on_both: Stage) -> None:
    """The page is made to send something else than was meant: the fuse has the last word."""
    post, other, codes = a_post(on_both), a_post(on_both), []
    for script in (SENDS_TO.replace("OTHER", other["urn"]), SENDS_ANOTHER):
        async with on_both.session() as session:
            write = await prepared(session, react(post), IDS.token())
            await session.desk.tab.evaluate(script, None)
            with pytest.raises(Failure) as caught:
                await write.act(intent(IDS.token()))
        assert not isinstance(caught.value, Uncertain)
        codes.append(caught.value.code)
    assert codes == ["identity_mismatch", "reaction_mismatch"]
    assert [one["why"] for one in on_both.trace.all("write_blocked")] == ["identity", "reaction"]
    assert on_both.trace.all("write_released") == []
    assert reactions_by(on_both) == []


SENDS_TO = """() => {
  const real = window.fetch;
  const number = 'OTHER'.split(':').pop();
  const other = (body) => body.replace(/"activityId":"\\d+"/g, `"activityId":"${number}"`);
  window.fetch = (url, options) => real(
    String(url).replace(/activity%3A\\d+/, `activity%3A${number}`),
    options?.body ? {...options, body: other(options.body)} : options,
  );
}"""
SENDS_ANOTHER = """() => {
  const real = window.fetch;
  window.fetch = (url, options) =>
    real(url, options?.body ? {...options, body: options.body.replace(/PRAISE/g, 'LIKE')} : options);
}"""


async def test_a_lost_answer_to_a_reaction_is_read_back(on_both: Stage) -> None:
    post, since, token = a_post(on_both), CLOCK.now(), IDS.token()
    on_both.admin.fault("drop_after_commit", "react", times=1)
    async with on_both.session() as session:
        write = await prepared(session, react(post), token)
        with pytest.raises(Uncertain):
            await write.act(intent(token))

    found = await on_both.read_back(react(post), token, since)
    other = await on_both.read_back(react(a_post(on_both)), token, since)

    assert (found.verdict, other.verdict) == ("found", "absent")
    assert reactions_by(on_both) == [("react", "PRAISE")]


async def test_a_comment_arrives_byte_for_byte(on_both: Stage) -> None:
    post = a_post(on_both)

    done = await on_both.write(comment(post))

    [entry] = on_both.admin.ledger(kind="comment", account=USERNAME)
    assert done.outcome == Commented(post_urn=post["urn"], comment_urn=entry["urn"])
    assert (entry["text"], entry["target"]) == (TEXT, PRISCA)
    assert done.evidence is not None
    assert done.evidence.source == "comments"
    assert on_both.trace.all("write_blocked") == []


async def test_the_same_words_are_posted_again_when_asked_for(on_both: Stage) -> None:
    post = a_post(on_both)
    on_both.admin.post(f"/posts/{post['urn']}/comments", member=USERNAME, text=TEXT)
    [earlier] = on_both.admin.ledger(kind="comment", account=USERNAME)

    done = await on_both.write(comment(post))

    assert isinstance(done.outcome, Commented)
    assert done.outcome.comment_urn != earlier["urn"]
    assert len(on_both.admin.ledger(kind="comment", account=USERNAME)) == 2


@pytest.mark.parametrize(
    ("author", "scope", "code"),
    [(PRISCA, "NONE", "comments_disabled"), (PRISCA, "CONNECTIONS_ONLY", "comments_connections_only")],
)
async def test_where_one_may_not_comment_nothing_is_tried(
    on_both: Stage, author: str, scope: str, code: str
) -> None:
    post = a_post(on_both, author, commenters=scope)

    with pytest.raises(NotPossible) as caught:
        await on_both.write(comment(post))
    assert caught.value.code == code


@pytest.mark.parametrize("touchpoint", [react, comment])
@pytest.mark.parametrize("redirects", [True, False])
async def test_a_deleted_post_is_unavailable(on_both: Stage, touchpoint: Any, redirects: bool) -> None:
    post = a_post(on_both, deleted=True)
    if redirects:
        on_both.admin.post("/page-quirks", kind="post_gone_redirects")

    with pytest.raises(NotPossible) as caught:
        await on_both.write(touchpoint(post))
    assert caught.value.code == "post_unavailable"


async def test_a_button_that_wakes_up_late_is_waited_for(on_both: Stage) -> None:
    post = a_post(on_both)
    on_both.admin.post("/page-quirks", kind="comment_submit_late", after_s=2)

    assert isinstance((await on_both.write(comment(post))).outcome, Commented)


async def test_the_button_that_opens_the_box_is_not_the_one_that_posts(on_both: Stage) -> None:
    """They have the same name, and until the page has noticed the text only the first is there."""
    post: dict[str, Any] = on_both.admin.post("/posts", author=PRISCA)  # no comments between the two
    on_both.admin.post("/page-quirks", kind="comment_noticed_late", after_s=1.5)

    assert isinstance((await on_both.write(comment(post))).outcome, Commented)
    assert mine(on_both, "comment") == [("comment", TEXT)]


async def test_a_button_that_never_wakes_up_leaves_no_draft(on_both: Stage) -> None:
    post = a_post(on_both)
    on_both.admin.post("/page-quirks", kind="comment_submit_never")

    async with on_both.session() as session:
        with pytest.raises(PageChanged) as caught:
            await session.write(comment(post), IDS.token()).prepare()
        drafts = await session.desk.tab.evaluate(
            "() => Object.keys(localStorage).filter((key) => key.startsWith('comment-draft'))", None
        )
    assert (caught.value.code, drafts) == ("send_disabled", [])
    assert mine(on_both, "comment") == []


async def test_the_editors_own_limit_counts(stage: Stage) -> None:
    post = a_post(stage)

    with pytest.raises(NotPossible) as caught:
        await stage.write(comment(post, "👩" * 1501))
    assert (caught.value.code, caught.value.facts["limit"]) == ("comment_too_long", 3000)
    assert mine(stage, "comment") == []


async def test_a_prepared_comment_that_is_given_up_leaves_no_draft(on_both: Stage) -> None:
    post = a_post(on_both)
    async with on_both.session() as session:
        write = await prepared(session, comment(post), IDS.token())
        await write.abandon()
        drafts = await session.desk.tab.evaluate(
            "() => Object.keys(localStorage).filter((key) => key.startsWith('comment-draft'))", None
        )
    assert drafts == []


async def test_what_the_page_shows_is_no_proof(on_both: Stage) -> None:
    post = a_post(on_both)
    errors = {"data": {"errors": [{"message": "Not allowed", "extensions": {"status": 422}}]}}
    json_type = {"content-type": "application/json"}
    on_both.admin.fault("status", "comment", status=200, body=errors, headers=json_type)

    with pytest.raises(NotPossible) as caught:
        await on_both.write(comment(post))
    assert caught.value.code == "not_persisted"
    assert mine(on_both, "comment") == []


async def test_a_comment_that_is_taken_and_then_gone_is_not_proved(on_both: Stage) -> None:
    post = a_post(on_both)
    async with on_both.session() as session:
        token = IDS.token()
        write = await prepared(session, comment(post), token)
        accepted = await write.act(intent(token))
        on_both.admin.delete(f"/posts/{post['urn']}/comments")

        assert await write.confirm(accepted) is None


async def test_a_lost_answer_to_a_comment_is_read_back_and_told_from_an_older_twin(on_both: Stage) -> None:
    post, token = a_post(on_both), IDS.token()
    on_both.admin.post(f"/posts/{post['urn']}/comments", member=USERNAME, text=TEXT)
    since = CLOCK.now() + timedelta(seconds=3)  # the twin is older than this
    absent = await on_both.read_back(comment(post), token, since)

    on_both.admin.post("/clock", advance_s=5)
    on_both.admin.fault("drop_after_commit", "comment", times=1)
    async with on_both.session() as session:
        write = await prepared(session, comment(post), token)
        begun = CLOCK.now()
        with pytest.raises(Uncertain):
            await write.act(intent(token))
    found = await on_both.read_back(comment(post), token, begun)

    newest = on_both.admin.ledger(kind="comment", account=USERNAME)[-1]
    assert absent.verdict == "absent"
    assert isinstance(found.outcome, Commented)
    assert found.outcome.comment_urn == newest["urn"]
    assert mine(on_both, "comment") == [("comment", TEXT)]


async def test_three_drawings_of_a_post_get_one_reaction_and_one_comment(stage: Stage) -> None:
    post = a_post(stage, copies=3)

    await stage.write(react(post))
    await stage.write(comment(post))

    assert mine(stage, "react", "unreact", "comment") == [("react", "PRAISE"), ("comment", TEXT)]


@pytest.mark.parametrize("page", [{}, {"connect_placement": "more_menu", "follow_first": True}])
async def test_follows_the_member_and_nobody_else(on_both: Stage, page: dict[str, object]) -> None:
    on_both.member(PRISCA, sidebar_decoys=5, **page)
    on_both.member(TOMAS, **page)

    for slug in (PRISCA, TOMAS):  # one of each parity: Follow stands before or after Message
        done = await on_both.write(Follow(public_identifier=slug))
        assert isinstance(done.outcome, Followed)
        assert (done.outcome.public_identifier, done.outcome.noop) == (slug, False)
    assert [entry["target"] for entry in on_both.ledger("follow")] == [PRISCA, TOMAS]
    assert on_both.ledger("invite") == []


async def test_whom_one_follows_is_never_unfollowed(on_both: Stage) -> None:
    await on_both.write(Follow(public_identifier=TOMAS))

    for slug in (TOMAS, JONAS):  # connections are followed from the start
        done = await on_both.write(Follow(public_identifier=slug))
        assert isinstance(done.outcome, Followed)
        assert done.outcome.noop
    assert [entry["target"] for entry in on_both.ledger("follow")] == [TOMAS]
    assert on_both.ledger("unfollow") == []


async def test_a_lost_answer_to_a_follow_is_read_back(on_both: Stage) -> None:
    token, since = IDS.token(), CLOCK.now()
    on_both.admin.fault("drop_after_commit", "follow", times=1)
    async with on_both.session() as session:
        write = await prepared(session, Follow(public_identifier=TOMAS), token)
        with pytest.raises(Uncertain):
            await write.act(intent(token))

    found = await on_both.read_back(Follow(public_identifier=TOMAS), token, since)
    other = await on_both.read_back(Follow(public_identifier=PRISCA), token, since)

    assert (found.verdict, other.verdict) == ("found", "absent")
