"""Finding people: search, connections, the inbox, and whom profile pages link to."""

from datetime import UTC, datetime
from typing import Final

from .profiles import mentioned, result
from .scenario import Scenario, plays
from .stage import Json, Stage


async def perform(stage: Stage, kind: str, **fields: object) -> Json:
    """The run once it is over."""
    return await stage.over(await stage.ask(kind, **fields))


@plays("inv-search-card")
async def search_card(stage: Stage) -> None:
    found = await perform(stage, "search", keywords=stage.arranged["keywords"])
    stage.expect(found, "completed", "none", total=5, next_start=None)
    rows = result(found).get("people", [])
    wanted = [stage.who(f"row{number}") for number in range(1, 6)]
    stage.equal("rows", [row["public_identifier"] for row in rows], wanted)

    invited = await perform(stage, "connect", public_identifier=rows[3]["profile_id"], note="Hello Robin")
    stage.expect(invited, "completed", "confirmed", state="pending", public_identifier=wanted[3])
    await stage.holds(("invite", wanted[3], "Hello Robin"))


@plays("inbox-not-marked-read")
async def inbox_unread(stage: Stage) -> None:
    for _ in range(2):
        read = await perform(stage, "sync_inbox")
        stage.expect(read, "completed", "none", complete=True, ended_by="end")
        threads = result(read).get("conversations", [])
        said = [[(one["text"], one["is_own"]) for one in thread["messages"]] for thread in threads]
        first = [("Hello first", True), ("first answers", False), ("and once more", False)]
        stage.equal("messages", said, [first, [("Hello second", True), ("second answers", False)]])
        stage.equal("unread", [thread["unread_count"] for thread in threads], [2, 1])
        tokens = [thread["messages"][0]["origin_token"] for thread in threads]
        stage.equal("tokens", tokens, ["token-first", "token-second"])


@plays("sync-relations-basic")
async def relations(stage: Stage) -> None:
    newest_first = [stage.who(f"friend{number}") for number in reversed(range(95))]
    read = await perform(stage, "sync_relations")
    stage.expect(read, "completed", "none", complete=True, ended_by="end", total=95, next_start=None)
    stage.equal("relations", slugs(read), newest_first)

    some = await perform(stage, "sync_relations", limit=60)
    stage.expect(some, "completed", "none", complete=False, ended_by="limit")
    rest = await perform(stage, "sync_relations", start=result(some)["next_start"])
    stage.expect(rest, "completed", "none", complete=True, ended_by="end")
    stage.equal("in two parts", slugs(some) + slugs(rest), newest_first)

    since = result(read)["relations"][9]["connected_at"]
    recent = await perform(stage, "sync_relations", since=since)
    stage.expect(recent, "completed", "none", complete=True, ended_by="since")
    stage.equal("recent", slugs(recent), newest_first[:10])
    await stage.holds()


def slugs(run: Json) -> list[str]:
    """The connections a run read."""
    return [one["public_identifier"] for one in result(run).get("relations", [])]


@plays("sync-inbox-basic")
async def inbox(stage: Stage) -> None:
    read = await perform(stage, "sync_inbox", messages=1)
    stage.expect(read, "completed", "none", complete=True, ended_by="end")
    threads = result(read).get("conversations", [])
    stage.equal(
        "texts",
        [thread["messages"][0]["text"] for thread in threads],
        [f"Message {number}" for number in reversed(range(25))],
    )
    people = stage.arranged["people"]
    ids = [[people[f"friend{number}"]["profile_id"]] for number in reversed(range(25))]
    stage.equal("people", [thread["participant_profile_ids"] for thread in threads], ids)
    few = await perform(stage, "sync_inbox", messages=1, limit=3)
    stage.expect(few, "completed", "none", complete=False, ended_by="limit")
    await stage.holds()


@plays("visit-discovers")
async def discovers(stage: Stage) -> None:
    visited = await perform(
        stage, "visit", public_identifier=stage.who("owner"), scroll_depth=1, duration_s=1
    )
    stage.expect(visited, "completed", "confirmed")
    people = stage.arranged["people"]
    stage.equal("mentioned", mentioned(visited), [stage.who("by_slug"), people["by_id"]["profile_id"]])
    beside = (result(visited).get("discovered") or {}).get("other_cards", [])
    others = [one["public_identifier"] for one in beside]
    stage.equal("beside, at least the four", len(others) >= 4, True)
    ours = {stage.who("owner"), stage.who("by_slug"), None}
    stage.equal("beside", ours & set(others), set())


@plays("x-search-commercial-limit")
async def search_limit(stage: Stage) -> None:
    keywords = stage.arranged["keywords"]
    found = await perform(stage, "search", keywords=keywords)
    stage.expect(found, "completed", "none", total=1)

    for _ in range(2):  # the second does not even start
        run = await stage.over(await stage.ask("search", keywords=keywords), ["provider_cooldown"])
        stage.expect(run, "pending", "none", "provider_cooldown")
    until = datetime.fromisoformat(run["waiting_for"]["until"])
    stage.equal("until the first", until.astimezone(UTC).day, 1)
    enriched = await perform(stage, "enrich", public_identifier=stage.who("person"))
    stage.expect(enriched, "completed", "none")


SCENARIOS: Final[tuple[Scenario, ...]] = (
    search_card,
    inbox_unread,
    relations,
    inbox,
    discovers,
    search_limit,
)
