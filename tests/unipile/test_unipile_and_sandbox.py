"""The client and the sandbox's Unipile understand each other, and the ledger bears the client out."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from unipile_desk import ASKED, FRIEND, KEY, STRANGER, Desk

from overture.providers.unipile.client import (
    AccountDisconnected,
    AlreadyDone,
    Bounds,
    ConfigError,
    HostedOptions,
    Indeterminate,
    MessageFilter,
    Reaction,
    RecipientPermanent,
    Sought,
    SoughtComment,
    Standing,
    UnipileClient,
)

SECRET = "0123456789abcdef0123456789abcdef"
COMMITTED = ("drop_after_commit", "truncated_json", "status_after_commit")
TEXT = "Hello there,\nnice to meet you!"
FAULTS: dict[str, dict[str, object]] = {
    "drop_before_commit": {},
    "drop_after_commit": {},
    "html_502": {},
    "truncated_json": {},
    "status_after_commit": {"status": 504},
    "status": {"status": 504},
}


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    return Desk(open_sandbox.sandbox).connect()


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[UnipileClient]:
    async with UnipileClient(desk.sandbox.url, KEY) as made:
        yield made


async def test_accounts_and_their_owners_are_read(desk: Desk, client: UnipileClient) -> None:
    accounts = await client.accounts.iter().all()
    me = await client.users.me(desk.account)

    assert [account.id for account in accounts] == [desk.account]
    assert accounts[0].status == "OK"
    assert accounts[0].provider_id == me.provider_id
    assert await client.linkedin.inmail_balance(desk.account)


async def test_relations_are_walked_to_their_end(desk: Desk, client: UnipileClient) -> None:
    walk = client.relations.iter(desk.account)
    found = await walk.all()

    assert walk.is_complete
    assert desk.id_of(FRIEND) in {one.member_id for one in found}
    assert all(one.created_at is not None for one in found)
    assert found == sorted(
        found, key=lambda one: one.created_at or datetime.min.replace(tzinfo=UTC), reverse=True
    )


async def test_an_invitation_goes_out_once_and_is_found(desk: Desk, client: UnipileClient) -> None:
    person = desk.id_of(STRANGER)

    await client.invitations.send(desk.account, person, "Hello")
    with pytest.raises(AlreadyDone) as again:
        await client.invitations.send(desk.account, person)
    found = await client.was_invited(desk.account, person)

    assert again.value.ambiguous
    assert found.standing is Standing.PENDING
    assert found.invitation is not None
    assert found.invitation.invitation_text == "Hello"
    assert desk.kinds(kind="invite") == ["invite"]
    await client.invitations.withdraw(desk.account, found.invitation.id)
    assert (await client.was_invited(desk.account, person)).standing is Standing.NONE


async def test_a_connection_is_known_as_one(desk: Desk, client: UnipileClient) -> None:
    friend = desk.id_of(FRIEND)

    with pytest.raises(AlreadyDone) as refused:
        await client.invitations.send(desk.account, friend)

    assert not refused.value.ambiguous
    assert (await client.was_invited(desk.account, friend)).standing is Standing.CONNECTED
    assert (await client.was_invited(desk.account, desk.id_of(ASKED))).standing is Standing.PENDING


async def test_a_wrong_key_and_a_wrong_account_are_told_apart(desk: Desk, client: UnipileClient) -> None:
    async with UnipileClient(desk.sandbox.url, "another-key") as stranger:
        with pytest.raises(ConfigError):
            await stranger.users.me(desk.account)
    with pytest.raises(AccountDisconnected):
        await client.users.me("no-such-account")
    with pytest.raises(RecipientPermanent):
        await client.users.get(desk.account, "nobody-of-that-name")


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_doubtful_invitation_is_settled_by_looking(
    desk: Desk, client: UnipileClient, fault: str
) -> None:
    person = desk.id_of(STRANGER)
    desk.fault(fault, "invite", times=1, **FAULTS[fault])

    with pytest.raises(Indeterminate):
        await client.invitations.send(desk.account, person, "Hello")
    found = await client.was_invited(desk.account, person)

    invites = desk.kinds(kind="invite")
    assert len(invites) == (1 if fault in COMMITTED else 0)
    assert found.standing is (Standing.PENDING if invites else Standing.NONE)


async def _post(desk: Desk, client: UnipileClient) -> str:
    """The newest post of a friend."""
    friend = desk.id_of(FRIEND)
    post = await anext(client.users.iter_posts(desk.account, friend, Bounds(max_items=1)))
    assert post.social_id is not None
    return post.social_id


async def _message(desk: Desk, client: UnipileClient) -> object:
    return await client.chats.start(desk.account, [desk.id_of(FRIEND)], TEXT)


async def _found_message(desk: Desk, client: UnipileClient) -> object:
    since = datetime.fromisoformat(desk.admin.get("/clock")["now"]) - timedelta(minutes=1)
    return await client.find_sent_message(desk.account, Sought(TEXT, since, attendee_id=desk.id_of(FRIEND)))


async def _reaction(desk: Desk, client: UnipileClient) -> object:
    return await client.posts.react(desk.account, await _post(desk, client), Reaction.CELEBRATE)


async def _found_reaction(desk: Desk, client: UnipileClient) -> object:
    found = await client.has_reacted(desk.account, await _post(desk, client))
    assert found in (None, "PRAISE")
    return found


async def _comment(desk: Desk, client: UnipileClient) -> object:
    return await client.posts.comment(desk.account, await _post(desk, client), TEXT)


async def _found_comment(desk: Desk, client: UnipileClient) -> object:
    return await client.find_comment(desk.account, await _post(desk, client), SoughtComment(TEXT))


Step = Callable[[Desk, UnipileClient], Awaitable[object]]


@dataclass(frozen=True)
class Deed:
    """Something done through the client, how it is looked for, and what the ledger calls it."""

    endpoint: str
    do: Step
    look: Step
    kind: str


DEEDS = [
    Deed("chat.start", _message, _found_message, "message"),
    Deed("react", _reaction, _found_reaction, "react"),
    Deed("comment", _comment, _found_comment, "comment"),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.endpoint)
async def test_a_doubtful_deed_is_settled_by_looking(
    desk: Desk, client: UnipileClient, deed: Deed, fault: str
) -> None:
    desk.admin.post("/posts", author=FRIEND, text="A plain post")
    desk.fault(fault, deed.endpoint, times=1, **FAULTS[fault])

    with pytest.raises(Indeterminate):
        await deed.do(desk, client)
    found = await deed.look(desk, client)

    done = desk.kinds(kind=deed.kind)
    assert len(done) == (1 if fault in COMMITTED else 0)
    assert bool(found) == bool(done)


async def test_what_was_done_without_trouble_is_found_too(desk: Desk, client: UnipileClient) -> None:
    desk.admin.post("/posts", author=FRIEND, text="A plain post")

    for deed in DEEDS:
        assert await deed.look(desk, client) is None
        await deed.do(desk, client)
        assert await deed.look(desk, client)
        assert len(desk.kinds(kind=deed.kind)) == 1


async def test_a_message_and_its_chat_are_read_back(desk: Desk, client: UnipileClient) -> None:
    await _message(desk, client)
    chat = await client.chats.find_with(desk.account, desk.id_of(FRIEND))
    assert chat is not None
    await client.messages.send(desk.account, chat.id, "And another thing")

    texts = [message.text async for message in client.messages.iter(MessageFilter(chat_id=chat.id))]

    assert texts[:2] == ["And another thing", TEXT]
    assert chat.attendee_provider_id == desk.id_of(FRIEND)
    assert len(await client.chats.attendees(chat.id)) == 2


async def test_a_visit_is_seen_and_a_look_is_not(desk: Desk, client: UnipileClient) -> None:
    await client.users.get(desk.account, STRANGER, sections=("experience",))
    quiet = desk.kinds()
    await client.users.visit(desk.account, STRANGER)

    assert len(desk.kinds()) == len(quiet) + 1


async def test_a_disconnected_account_is_called_so(desk: Desk, client: UnipileClient) -> None:
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", {"status": "CREDENTIALS"})

    with pytest.raises(AccountDisconnected):
        await client.users.get(desk.account, STRANGER)
    assert (await client.accounts.get(desk.account)).status == "CREDENTIALS"
    assert (await client.chats.list()).items is not None


async def test_people_are_found_by_a_search(desk: Desk, client: UnipileClient) -> None:
    desk.admin.post("/populate", count=30, quiet=True)
    query = {"api": "classic", "category": "people", "keywords": "a", "network_distance": [1, 2, 3]}
    walk = client.linkedin.iter_search(desk.account, query, Bounds(max_items=25), limit=10)
    found = await walk.all()

    assert len({one.id for one in found}) == len(found) > 10
    assert walk.pages > 1


async def test_webhooks_settle_in_one_go(desk: Desk, client: UnipileClient) -> None:
    first = await client.ensure_webhooks("https://app.example", SECRET)
    second = await client.ensure_webhooks("https://app.example", SECRET)
    rotated = await client.ensure_webhooks("https://app.example", SECRET[::-1])

    assert len(first.created) == 3
    assert second.is_unchanged
    assert (len(rotated.created), len(rotated.deleted)) == (3, 3)
    assert len(await client.webhooks.list()) == 3


async def test_a_hosted_link_is_made(desk: Desk, client: UnipileClient) -> None:
    link = await client.hosted.connect_link(
        HostedOptions(datetime.now(UTC) + timedelta(hours=1), name="user-42")
    )

    assert link.url is not None
    assert link.url.startswith("http")
