"""What became of a burst, read from the database and counted against what was sent."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import psycopg

from .story import Story, slug

BODIES: Final = "select distinct encode(sha256(body), 'hex') from webhook_deliveries"
STATES: Final = "select state, error, count(*) from webhook_deliveries where state <> 'applied' group by 1, 2"
MESSAGES: Final = """
select a.external_id, m.message_key, m.direction, m.text, m.kind
from inbox_messages m join accounts a on a.id = m.account_id
"""
TOLD: Final = """
select a.external_id, e.data ->> 'key', e.data ->> 'direction', e.data ->> 'kind'
from events e join accounts a on a.id = e.account_id where e.type = 'inbox.message'
"""
ACCEPTED: Final = """
select a.external_id, i.value from events e join accounts a on a.id = e.account_id
join identities i on i.lead_id = e.lead_id and i.kind = 'linkedin' where e.type = 'connection_accepted'
"""
CONNECTED: Final = """
select a.external_id, i.value from relationships r join accounts a on a.id = r.account_id
join identities i on i.lead_id = r.lead_id and i.kind = 'linkedin' where r.state = 'connected'
"""
REPORTED: Final = """
select a.external_id, e.data ->> 'word' from events e join accounts a on a.id = e.account_id
where e.type = 'account.reported' order by e.id
"""
STANDS: Final = "select external_id, reported from accounts"
SILENCED: Final = """
select i.value from suppressions s join identities i on i.lead_id::text = s.value and i.kind = 'linkedin'
where s.reason = 'opt_out'
"""
UNREAD: Final = """
select i.value, sum(c.unread_count), count(*)
from conversations c join identities i on i.lead_id = c.lead_id and i.kind = 'linkedin' group by 1
"""
SHOWN: Final = 3
"""Examples of each finding."""


def audit(database: psycopg.Connection[Any], story: Story) -> list[str]:
    """All that is not as it has to be; empty is good."""

    def rows(query: str) -> list[Any]:
        return database.execute(query.encode()).fetchall()

    messages = {(account, key): tuple(rest) for account, key, *rest in rows(MESSAGES)}
    words: dict[str, list[str]] = {}
    for account, word in rows(REPORTED):
        words.setdefault(account, []).append(word)
    told = [(account, key, direction, kind) for account, key, direction, kind in rows(TOLD)]
    meant = [(*where, direction, kind) for where, (direction, _, kind) in story.messages.items()]
    accepted = [(account, slug(person)) for account, person in story.accepted]
    unread = {slug(person): (count, 1) for person, count in story.unread.items()}
    return [
        *different("left over", rows(STATES), []),
        *different("stored raw", [digest for (digest,) in rows(BODIES)], story.bodies),
        *uneven("message", messages, story.messages),
        *different("told of", told, meant),
        *different("acceptance told of", rows(ACCEPTED), accepted),
        *different("connection", rows(CONNECTED), accepted),
        *uneven("states told of", words, story.words),
        *uneven("state", dict(rows(STANDS)), {account: said[-1] for account, said in story.words.items()}),
        *different("silence", [name for (name,) in rows(SILENCED)], map(slug, story.silenced)),
        *uneven("unread", {name: (int(count), many) for name, count, many in rows(UNREAD)}, unread),
    ]


def different(what: str, found: Iterable[Any], meant: Iterable[Any]) -> list[str]:
    """What is missing and what is too much, counted."""
    has, should = Counter(found), Counter(meant)
    missing, extra = should - has, has - should
    return [
        f"{what}: {sum(some.values())} {how}, such as {list(some)[:SHOWN]}"
        for how, some in (("missing", missing), ("too many", extra))
        if some
    ]


def uneven(what: str, found: Mapping[Any, Any], meant: Mapping[Any, Any]) -> list[str]:
    """What is otherwise than it has to be."""
    wrong = [key for key in meant.keys() | found.keys() if found.get(key) != meant.get(key)]
    shown = [(key, found.get(key), meant.get(key)) for key in wrong[:SHOWN]]
    return [f"{what}: {len(wrong)} otherwise, such as (which, found, meant) {shown}"] if wrong else []


def plain(url: str) -> str:
    """An address without SQLAlchemy's driver."""
    return url.replace("+psycopg", "")
