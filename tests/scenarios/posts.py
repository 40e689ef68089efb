"""Posts: reactions by the tray, comments by lazily mounted editors, follows; and what pages only pretend."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from .scenario import Scenario, fails, plays
from .stage import JUDGES, Json, Stage

SITE_NAMES: Final = {
    "LIKE": "LIKE",
    "CELEBRATE": "PRAISE",
    "SUPPORT": "APPRECIATION",
    "LOVE": "EMPATHY",
    "INSIGHTFUL": "INTEREST",
    "FUNNY": "ENTERTAINMENT",
}


async def submit_react(stage: Stage, reaction: str, part: str = "post") -> str:
    """Ask for a reaction to a post."""
    return await stage.ask("react", post_url=stage.arranged[part]["url"], reaction=reaction)


async def submit_comment(stage: Stage, part: str = "post") -> str:
    """Ask for a comment below a post."""
    post = stage.arranged[part]
    return await stage.ask("comment", post_url=post["url"], text=post["text"])


async def react(stage: Stage, reaction: str, part: str = "post") -> Json:
    return await stage.over(await submit_react(stage, reaction, part))


async def comment(stage: Stage, part: str = "post") -> Json:
    return await stage.over(await submit_comment(stage, part))


def reacts(name: str, reaction: str = "CELEBRATE") -> Scenario:
    """The play that ends with one reaction, proved by an independent read."""

    async def play(stage: Stage) -> None:
        run = await react(stage, reaction)
        stage.expect(run, "completed", "confirmed", reaction=reaction, noop=False)
        stage.equal("evidence", len(run["evidence"]), 2)
        await stage.holds(("react", stage.arranged["post"]["author"], SITE_NAMES[reaction]))

    return plays(name)(play)


async def commented_once(stage: Stage) -> None:
    """One comment, proved by its id."""
    run = await comment(stage)
    stage.expect(run, "completed", "confirmed")
    stage.equal("evidence", len(run["evidence"]), 2)
    await stage.holds(("comment", stage.arranged["post"]["author"], stage.arranged["post"]["text"]))


@plays("react-already-same")
async def already_same(stage: Stage) -> None:
    stage.expect(await react(stage, "CELEBRATE"), "completed", "none", reaction="CELEBRATE", noop=True)
    await stage.holds()


@plays("react-other-set")
async def other_set(stage: Stage) -> None:
    run = await react(stage, "INSIGHTFUL")
    stage.expect(run, "completed", "confirmed", reaction="INSIGHTFUL", replaced="LIKE")
    await stage.holds(("react", stage.arranged["post"]["author"], "INTEREST"))


@plays("react-commit-then-drop")
async def react_answer_lost(stage: Stage) -> None:
    run_id = await submit_react(stage, "FUNNY")
    await stage.read_back(run_id, reaction="FUNNY")
    await stage.holds(("react", stage.arranged["post"]["author"], "ENTERTAINMENT"))


@plays("comment-connections-only")
async def connections_only(stage: Stage) -> None:
    stage.expect(await comment(stage), "failed", "none", "comments_connections_only")
    stage.expect(await comment(stage, "open"), "completed", "confirmed")
    await stage.holds(("comment", stage.arranged["open"]["author"], stage.arranged["open"]["text"]))


@plays("comment-dup-text-exists")
async def dup_text(stage: Stage) -> None:
    [earlier] = await stage.sandbox.ledger(account=stage.username, kind="comment")
    await commented_once(stage)
    entries = await stage.sandbox.ledger(account=stage.username, kind="comment")
    stage.equal("comments of the account", len({entry["urn"] for entry in entries}), 2)
    run = await stage.overture.run(stage.runs[0])
    stage.equal("the proof is the new one", run["result"]["comment_urn"] != earlier["urn"], True)


@plays("comment-commit-then-drop")
async def comment_answer_lost(stage: Stage) -> None:
    run_id = await submit_comment(stage)
    await stage.read_back(run_id)
    await stage.holds(("comment", stage.arranged["post"]["author"], stage.arranged["post"]["text"]))


@plays("post-deleted")
async def deleted(stage: Stage) -> None:
    stage.expect(await react(stage, "LIKE"), "failed", "none", "post_unavailable")
    stage.expect(await comment(stage), "failed", "none", "post_unavailable")
    await stage.holds()


@plays("post-3-copies")
async def three_copies(stage: Stage) -> None:
    post = stage.arranged["post"]
    stage.expect(await react(stage, "SUPPORT"), "completed", "confirmed", reaction="SUPPORT")
    stage.expect(await comment(stage), "completed", "confirmed")
    await stage.holds(("react", post["author"], "APPRECIATION"), ("comment", post["author"], post["text"]))


@plays("follow-basic")
async def follow_basic(stage: Stage) -> None:
    creator, behind_more = stage.who("creator"), stage.who("behind more")
    for slug in (creator, behind_more):
        run = await stage.perform("follow", slug)
        stage.expect(run, "completed", "confirmed", noop=False, public_identifier=slug)
    stage.expect(await stage.perform("follow", stage.who("followed")), "completed", "none", noop=True)
    await stage.holds(("follow", creator, None), ("follow", behind_more, None))


@plays("follow-commit-then-drop")
async def follow_answer_lost(stage: Stage) -> None:
    run_id = await stage.submit("follow", stage.who("creator"))
    await stage.read_back(run_id)
    await stage.holds(("follow", stage.who("creator"), None))


async def own_slug(stage: Stage) -> str:
    """The slug of the account's person."""
    logins = await stage.sandbox.ask("GET", "/logins")
    return next(str(one["slug"]) for one in logins if one["username"] == stage.username)


async def has_reacted(stage: Stage, run: Mapping[str, Any]) -> bool:
    """The post carries the account's reaction."""
    found = await stage.sandbox.ask("GET", f"/posts/{run['result']['post_urn']}")
    mine = found["reactions"].get(await own_slug(stage))
    return bool(mine == SITE_NAMES[run["touchpoint_input"]["reaction"]])


async def has_commented(stage: Stage, run: Mapping[str, Any]) -> bool:
    """A comment of this id, with these words, came from the account and is there."""
    found = await stage.sandbox.ask("GET", f"/posts/{run['result']['post_urn']}")
    number = run["result"]["comment_urn"].rstrip(")").rpartition(",")[2]
    said = {(str(one["number"]), one["author"], one["text"]) for one in found["comments"]}
    wanted = (number, await own_slug(stage), run["touchpoint_input"]["text"])
    entries = await stage.sandbox.ledger(account=stage.username, kind="comment")
    by_run = {entry["urn"] for entry in entries if entry["via"] != "admin"}
    return wanted in said and run["result"]["comment_urn"] in by_run


async def is_following(stage: Stage, run: Mapping[str, Any]) -> bool:
    """The account follows the member."""
    followers = await stage.sandbox.ask("GET", f"/followers/{run['result']['public_identifier']}")
    return stage.username in followers


JUDGES.update({"react": has_reacted, "comment": has_commented, "follow": is_following})
SCENARIOS: Final = (
    reacts("react-none-to-celebrate"),
    already_same,
    other_set,
    fails("react-tray-missing", "tray_not_found", partial(react, reaction="LIKE")),
    fails("react-curious", "unsupported_reaction", partial(react, reaction="CURIOUS")),
    reacts("react-201-but-ui-stale", "LOVE"),
    reacts("react-decoy-counters", "LIKE"),
    react_answer_lost,
    plays("comment-quill-tiptap")(commented_once),
    fails("comment-disabled", "comments_disabled", comment),
    connections_only,
    plays("comment-submit-late")(commented_once),
    fails("comment-submit-never", "send_disabled", comment),
    fails("comment-optimistic-then-removed", "not_persisted", comment, effect="absent"),
    dup_text,
    comment_answer_lost,
    deleted,
    three_copies,
    follow_basic,
    follow_answer_lost,
)
