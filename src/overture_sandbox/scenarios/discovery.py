"""Finding people: search, connections, the inbox, and whom profile pages link to."""

from datetime import timedelta
from typing import Any

from overture_sandbox.scenarios.scenario import Setting, scenario
from overture_sandbox.world.model import Connection, Member, Moment

TOPIC = "zephyr turbine {handle}"


@scenario(
    34,
    "inv-search-card",
    site="five search results; the fourth and the fifth have the same name",
    required="found by search, invited by the id of the fourth row: that one person and nobody else",
)
def search_card(setting: Setting) -> None:
    """Five people, two of one name."""
    setting.things["keywords"] = words = _topic(setting)
    for number in range(1, 6):
        name: dict[str, Any] = {"first_name": "Robin", "last_name": "Twinner"} if number > 3 else {}
        setting.person(f"row{number}", headline=f"{words} {number}", sidebar_decoys=3, **name)


@scenario(
    70,
    "inbox-not-marked-read",
    site="two unread conversations, one with an answer that came in between",
    required="both read in whole, own and foreign told apart; both still unread",
)
def inbox_unread(setting: Setting) -> None:
    """Two friends who wrote."""
    for role in ("first", "second"):
        friend = setting.person(role, "connected", None)
        setting.world.send_message(setting.account, friend, f"Hello {role}", "admin", f"token-{role}")
        setting.world.reply(friend, setting.account, f"{role} answers")
    setting.world.reply(setting.people["first"], setting.account, "and once more")


@scenario(
    90,
    "sync-relations-basic",
    site="95 connections on three pages",
    required="every one once, the newest first, complete; with a limit incomplete, and gone on with",
)
def many_connections(setting: Setting) -> None:
    """95 connections, a minute between two."""
    for number in range(95):
        friend = setting.person(f"friend{number}", "connected", None)
        _since(setting, friend, timedelta(minutes=100 - number))


@scenario(
    91,
    "sync-inbox-basic",
    site="25 conversations on two pages",
    required="every one once, the latest first, complete",
)
def many_conversations(setting: Setting) -> None:
    """25 friends who wrote one after the other."""
    for number in range(25):
        friend = setting.person(f"friend{number}", "connected", None)
        setting.world.reply(friend, setting.account, f"Message {number}")


@scenario(
    92,
    "visit-discovers",
    site="a profile that links to two colleagues, to the account, to its owner and, beside it, to others",
    required="the colleagues as mentioned, the others apart; neither owner nor account",
)
def links(setting: Setting) -> None:
    """Somebody who mentions people in every spelling."""
    by_slug = setting.person("by_slug", degree="3")
    by_id = setting.person("by_id", degree="3")
    owner = setting.person("owner", sidebar_decoys=4)
    owner.mentions = [
        by_slug.slug.upper(),
        by_slug.slug,
        by_id.profile_id,
        owner.slug.title(),
        owner.profile_id,
        setting.account.slug,
        "me",
    ]


@scenario(
    116,
    "x-search-commercial-limit",
    site="the month's profile searches are used up after the first: then nobody is found",
    required="waits for provider_cooldown, search_limited, until next month; other work goes on",
)
def search_limit(setting: Setting) -> None:
    """Somebody to be found, once."""
    setting.things["keywords"] = words = _topic(setting)
    setting.person("person", headline=words)
    setting.look(searches_remaining=1)


def _topic(setting: Setting) -> str:
    """Words only this account's people have in their headlines."""
    return TOPIC.replace("{handle}", setting.account.slug)


def _since(setting: Setting, friend: Member, ago: timedelta) -> None:
    """Connected for that long."""
    pair = frozenset((setting.account.profile_id, friend.profile_id))
    moment = setting.world.moment()
    setting.world.links[pair] = Connection(pair, Moment(moment.at - ago, moment.commit))
