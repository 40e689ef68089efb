"""What happens to accounts within a few minutes, how it is delivered, and all that has to follow from it.

story = tell(Size(deliveries=20_000, accounts=20, people=600), seed=1)
story.deliveries                 # in the order of sending, doubled and out of order
story.messages, story.accepted, story.words, …   # what has to be so afterwards, by whoever counts it
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

BEGAN: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DOUBLED: Final = 0.05
SHUFFLED: Final = 200
"""How many places a delivery may come too late."""
LATER: Final = 500
"""How many places after it its double comes, at most."""
FIRST_PART: Final = 0.8
"""Accounts are well again after this part: states have no times, so nothing of it may be under way then."""
EDITED: Final = 50
"""One message in so many is edited afterwards."""
WORDS: Final = (
    ("reply", "Tell me more, this is number {}"),
    ("own", "Here is what we do, in {} words"),
    ("reply", "How much is it for {} people?"),
    ("auto_reply", "I am out of office until day {}"),
    ("reply", "Call me on line {}"),
    ("own", "Shall we talk at {}?"),
    ("decline", "No thanks, not interested in {}"),
)
OPT_OUT: Final = "please stop messaging me, {}"
OPT_OUT_EACH: Final = 97
"""One message in so many asks for silence."""
ADDRESS: Final = "/webhooks/unipile/"


@dataclass(frozen=True)
class Size:
    """How much happens."""

    deliveries: int
    accounts: int
    people: int
    is_edited: bool = True
    """Whether some messages are edited; an edit that comes first waits for its message."""


@dataclass(frozen=True)
class Told:
    """One delivery: where it goes and what it says."""

    address: str
    body: str
    waits: bool = False


@dataclass
class Story:
    """What is delivered, and what has to follow from it."""

    size: Size
    deliveries: list[Told] = field(default_factory=list)
    doubles: int = 0
    messages: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    """Account and key of each message: its direction, what it says at last, and what it is."""
    accepted: set[tuple[str, int]] = field(default_factory=set)
    """Accounts and the people who accepted."""
    words: dict[str, list[str]] = field(default_factory=dict)
    """What was said of each account, in its order."""
    silenced: set[int] = field(default_factory=set)
    """People who asked for silence."""
    unread: dict[int, int] = field(default_factory=dict)
    """Of each person's messages those nobody wrote after."""

    @property
    def bodies(self) -> set[str]:
        """Digests of everything that was delivered, in bytes as they were sent."""
        return {hashlib.sha256(one.body.encode()).hexdigest() for one in self.deliveries}


def tell(size: Size, seed: int) -> Story:
    """The story of a seed."""
    chance, story = Random(seed), Story(size)
    distinct = round(size.deliveries / (1 + DOUBLED))
    broken, well = list(falling_ill(story)), list(getting_well(story))
    accepted = list(accepting(story))
    said = list(saying(story, distinct - len(broken) - len(well) - len(accepted)))
    rest = chance.sample(broken + accepted, len(broken) + len(accepted))
    first, second = split(said, rest, distinct)
    story.deliveries = [
        *as_delivered(story, first, chance, size.deliveries),
        *well,
        *as_delivered(story, second, chance, size.deliveries),
    ]
    return story


def split(said: list[Told], rest: list[Told], distinct: int) -> tuple[list[Told], list[Told]]:
    """Two parts: in the first everything that is no message as well, spread over it."""
    cut = round(distinct * FIRST_PART) - len(rest)
    first, second = said[:cut], said[cut:]
    step = max(1, len(first) // (len(rest) + 1))
    for number, one in enumerate(rest):
        first.insert(min(len(first), number * (step + 1)), one)
    return first, second


def as_delivered(story: Story, told: Sequence[Told], chance: Random, wanted: int) -> list[Told]:
    """Doubled, and out of order."""
    placed = [(place + chance.uniform(0, SHUFFLED), one) for place, one in enumerate(told)]
    left = wanted - round(wanted / (1 + DOUBLED)) - story.doubles
    doubled = chance.sample(list(enumerate(told)), min(left, round(len(told) * DOUBLED)))
    story.doubles += len(doubled)
    placed += [(place + chance.uniform(0, LATER), one) for place, one in doubled]
    return [one for _, one in sorted(placed, key=lambda each: each[0])]


def falling_ill(story: Story) -> Iterator[Told]:
    """Every account needs attention."""
    for number in range(story.size.accounts):
        story.words[account_name(number)] = ["CREDENTIALS"]
        yield Told(f"{ADDRESS}accounts", json.dumps(status(number, "CREDENTIALS")))


def getting_well(story: Story) -> Iterator[Told]:
    """Every other account is well again."""
    for number in range(0, story.size.accounts, 2):
        story.words[account_name(number)].append("OK")
        yield Told(f"{ADDRESS}accounts", json.dumps(status(number, "OK")), waits=True)


def accepting(story: Story) -> Iterator[Told]:
    """Every other of the people accepts the invitation they had."""
    for person in range(0, story.size.people, 2):
        account = account_of(story.size, person)
        story.accepted.add((account_name(account), person))
        yield Told(f"{ADDRESS}users", json.dumps(relation(account, person)))


def saying(story: Story, how_many: int) -> Iterator[Told]:
    """Messages of both sides, in the order they were written; some are edited."""
    number = made = 0
    while made < how_many:
        person, (kind, words) = number % story.size.people, spoken(number)
        account, text = account_of(story.size, person), words.format(number)
        payload = message(account, person, number, text, own=kind == "own")
        yield Told(f"{ADDRESS}messaging", json.dumps(payload))
        made += 1
        if story.size.is_edited and kind == "reply" and number % EDITED == 0 and made < how_many:
            text = f"{text} (I mean {number + 1})"
            at = (BEGAN + timedelta(seconds=number, minutes=1)).isoformat()
            edit = payload | {"event": "message_edited", "message": text, "timestamp": at}
            yield Told(f"{ADDRESS}messaging", json.dumps(edit))
            made += 1
        direction = "own" if kind == "own" else "theirs"
        story.messages[account_name(account), message_key(number)] = (direction, text, kind)
        story.unread[person] = 0 if kind == "own" else story.unread.get(person, 0) + 1
        if kind == "opt_out":
            story.silenced.add(person)
        number += 1


def spoken(number: int) -> tuple[str, str]:
    """What a message is, and its words."""
    return ("opt_out", OPT_OUT) if number % OPT_OUT_EACH == OPT_OUT_EACH - 1 else WORDS[number % len(WORDS)]


def account_of(size: Size, person: int) -> int:
    """Whose lead somebody is."""
    return person % size.accounts


def handle(number: int) -> str:
    """What we call an account."""
    return f"burst{number}"


def account_name(number: int) -> str:
    """What Unipile calls it."""
    return f"unipile-burst-{number:04}"


def slug(person: int) -> str:
    """A person's public name."""
    return f"burst-person-{person}"


def message_key(number: int) -> str:
    """A message's id at LinkedIn, in its one spelling."""
    return f"2-word-{number}"


def member(number: int) -> str:
    """A profile id as LinkedIn makes them."""
    inside = b"\x00\x2a" + number.to_bytes(6) + b"\x01" + hashlib.sha1(str(number).encode()).digest()
    return base64.urlsafe_b64encode(inside).decode().rstrip("=")


def message(account: int, person: int, number: int, words: str, *, own: bool = False) -> dict[str, Any]:
    """A message as Unipile delivers it; one of the account's own is `message_received` too."""
    other = {
        "attendee_id": f"att-{person}",
        "attendee_name": f"Person {person}",
        "attendee_provider_id": member(person + 1),
        "attendee_profile_url": f"https://www.linkedin.com/in/{slug(person)}",
    }
    myself = member(1_000_000 + account)
    me = {"attendee_id": "att-me", "attendee_name": "Ada", "attendee_provider_id": myself}
    return {
        "event": "message_received",
        "account_id": account_name(account),
        "account_type": "LINKEDIN",
        "account_info": {"type": "LINKEDIN", "feature": "classic", "user_id": myself},
        "webhook_name": "overture-messaging",
        "chat_id": f"chat-{account}-{person}",
        "message_id": f"unipile-{number}",
        "timestamp": (BEGAN + timedelta(seconds=number)).isoformat(),
        "message": words,
        "subject": None,
        "sender": me if own else other,
        "attendees": [other],
        "attachments": [],
        "provider_chat_id": f"2-dGhyZWFk{account}x{person}",
        "provider_message_id": message_key(number),
        "is_event": 0,
        "is_group": False,
        "is_sender": own,
        "message_type": "MESSAGE",
        "folder": ["INBOX"],
    }


def relation(account: int, person: int) -> dict[str, Any]:
    """A new connection as Unipile delivers it."""
    return {
        "event": "new_relation",
        "account_id": account_name(account),
        "account_type": "LINKEDIN",
        "webhook_name": "overture-users",
        "user_full_name": f"Person {person}",
        "user_provider_id": member(person + 1),
        "user_public_identifier": slug(person),
        "user_profile_url": f"https://www.linkedin.com/in/{slug(person)}/",
        "user_picture_url": None,
    }


def status(account: int, word: str) -> dict[str, Any]:
    """An account's state as Unipile delivers it."""
    return {
        "AccountStatus": {"account_id": account_name(account), "account_type": "LINKEDIN", "message": word}
    }


def main(arguments: Sequence[str]) -> int:
    """Print so many messages, one in each line: `python -m tests.burst.story COUNT`."""
    for number in range(int(arguments[0])):
        words = f"Word {number}: thanks, tell me more about it."
        print(json.dumps(message(number % 20, number % 500, number, words)))  # noqa: T201 - the result
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
