"""Arranging the sandbox for the demo, and letting its people do what people do."""

from collections.abc import Sequence
from typing import Final

from overture.entrypoints.demo.clients import Json, Sandbox
from overture.entrypoints.demo.people import Person, manner_of

PASSWORD: Final = "demo-password"  # noqa: S105 - of accounts that exist only in the sandbox
ACCOUNTS: Final = {"anna": "A", "ben": "B"}
"""The two senders, and which kind of page the site shows each of them."""
SLOW_ANSWER_S: Final = 3.0
CONTACTS: Final = ("invite", "message", "withdraw")


def username(handle: str) -> str:
    """The user name of an account at the site."""
    return f"{handle}@sandbox.test"


async def arrange(sandbox: Sandbox, people: Sequence[Person]) -> None:
    """The logins, the people of the CSV, how they stand to the accounts, and one slow answer."""
    for handle, variant in ACCOUNTS.items():
        body = {"username": username(handle), "password": PASSWORD, "variant": variant}
        await sandbox.set("POST", "/logins", **body)
    for person in people:
        manner = manner_of(person)
        await sandbox.set("POST", "/members", **member_of(person))
        await sandbox.set(
            "PUT",
            "/relationships",
            account=username(person.account),
            member=person.slug,
            state=manner.state,
            degree=None if manner.state == "connected" else "2",
        )
        if manner.answers_slowly:  # it happens at once and is answered late: time for a kill in between
            await sandbox.fault("slow_ack", "invite", target=person.slug, seconds=SLOW_ANSWER_S, times=1)


def member_of(person: Person) -> Json:
    """The person as a member of the site."""
    return {
        "slug": person.slug,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "headline": person.headline,
        "positions": [{"title": person.title, "company_name": person.company}],
        "connect_placement": "primary_anchor",
        "sidebar_decoys": 3,
        **manner_of(person).page,
    }


async def accept_invitations(sandbox: Sandbox, people: Sequence[Person]) -> int:
    """Whoever was invited and is willing says yes; how many did."""
    invited = {entry["target"] for entry in await sandbox.ledger(kind="invite")}
    willing = [one for one in people if manner_of(one).accepts and one.slug in invited]
    for person in willing:
        await sandbox.set("POST", f"/people/{person.slug}/accept", account=username(person.account))
    return len(willing)


async def contacts(sandbox: Sandbox) -> list[Json]:
    """Everything the two accounts did that somebody finds in their inbox."""
    names = {username(handle) for handle in ACCOUNTS}
    return [e for e in await sandbox.ledger() if e["account"] in names and e["kind"] in CONTACTS]
