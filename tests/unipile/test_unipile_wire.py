"""The way there and back: reads again and again, writes once, and the truth about what is unknown."""

import asyncio
import random
import socket
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.unipile.client import (
    AccountLimit,
    Call,
    Conduct,
    ConfigError,
    ContentInvalid,
    Indeterminate,
    Kind,
    Timeouts,
    Transient,
    UnipileClient,
    UnipileError,
    Unreached,
)
from scripted_unipile import ACCOUNT, ACO, KEY, Counting, Desk, NotedClock, Reply, Seen, line, problem

PROFILE = Reply(200, {"object": "UserProfile", "provider_id": ACO})
SENT = Reply(201, {"object": "UserInvitationSent", "invitation_id": "7012"})
HASTY = Conduct(timeouts=Timeouts(timedelta(milliseconds=30), timedelta(milliseconds=30)))


def waits(client: UnipileClient) -> list[float]:
    clock = client._wire._ports.clock
    assert isinstance(clock, NotedClock)
    return clock.waits


async def test_the_key_goes_into_its_header_and_nowhere_else() -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", PROFILE)

    await desk.client().users.get(ACCOUNT, "jane")

    (seen,) = desk.seen
    assert seen.headers["x-api-key"] == KEY
    assert seen.headers["accept"] == "application/json"
    assert "authorization" not in seen.headers
    assert seen.asked == {"account_id": ACCOUNT}


async def test_a_read_is_tried_again_further_and_further_apart() -> None:
    desk, down = Desk(), problem(503, "service_unavailable")
    desk.on("GET", "/users/jane", down, down, down, down, PROFILE)
    client = desk.client()

    profile = await client.users.get(ACCOUNT, "jane")

    assert profile.provider_id == ACO
    assert waits(client) == [1, 2, 4, 8]


async def test_a_read_gives_up_after_four_more_tries() -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", problem(504, "request_timeout"))

    with pytest.raises(Transient):
        await desk.client().users.get(ACCOUNT, "jane")

    assert len(desk.seen) == 5


@pytest.mark.parametrize("first", [problem(500, "unexpected_error"), Reply(500, b"<html>oops</html>")])
async def test_an_unexpected_error_of_a_read_is_tried_once_more(first: Reply) -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", first)

    with pytest.raises(Transient):
        await desk.client().users.get(ACCOUNT, "jane")

    assert len(desk.seen) == 2


@pytest.mark.parametrize("no", [problem(429, "too_many_requests"), problem(500, "provider_error")])
async def test_a_throttled_read_is_left_alone(no: Reply) -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", no)

    with pytest.raises(AccountLimit):
        await desk.client().users.get(ACCOUNT, "jane")

    assert len(desk.seen) == 1


@given(seed=st.integers())
async def test_tries_are_spread_over_the_whole_span(seed: int) -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", problem(503, "no_channel"))
    client = desk.client(rng=random.Random(seed))

    with pytest.raises(Transient):
        await client.users.get(ACCOUNT, "jane")

    assert all(0 <= wait <= cap for wait, cap in zip(waits(client), [1, 2, 4, 8], strict=True))


@pytest.mark.parametrize(
    "bad",
    [
        problem(504, "request_timeout"),
        problem(408, "request_timeout"),
        problem(500, "unexpected_error"),
        Reply(502, b"<html><h1>502 Bad Gateway</h1></html>"),
        Reply(200, b'{"object":"UserInvitationSe'),
        Reply(200, b"<html>Welcome to the hotel's network</html>"),
        Reply(200, b""),
        Reply(200, "surprise"),
        Reply(200, ["surprise"]),
        Reply(200, {}),
        Reply(200, {"error": "this proxy wants you to log in"}),
        Reply(302, b"", {"location": "/api/v1/users/invite/"}),
    ],
)
async def test_a_write_in_doubt_is_sent_once_and_called_so(bad: Reply) -> None:
    desk = Desk()
    desk.on("POST", "/users/invite", bad, SENT)

    with pytest.raises(Indeterminate) as caught:
        await desk.client().invitations.send(ACCOUNT, ACO)

    assert caught.value.indeterminate
    assert len(desk.seen) == 1


async def test_a_write_that_certainly_failed_is_not_sent_again_either() -> None:
    desk = Desk()
    desk.on("POST", "/users/invite", problem(503, "no_client_session"), SENT)

    with pytest.raises(Transient) as caught:
        await desk.client().invitations.send(ACCOUNT, ACO)

    assert not caught.value.indeterminate
    assert len(desk.seen) == 1


async def test_an_error_in_the_clothes_of_a_success_is_no_success() -> None:
    desk = Desk()
    refusal = {"status": 422, "type": "errors/limit_exceeded", "title": "Limit exceeded"}
    desk.on("POST", "/users/invite", Reply(200, refusal))

    with pytest.raises(AccountLimit) as caught:
        await desk.client().invitations.send(ACCOUNT, ACO)

    assert caught.value.status == 422


async def test_a_write_without_an_answer_in_time_is_in_doubt() -> None:
    desk = Desk()
    desk.on("POST", "/users/invite", Reply(never=True))

    with pytest.raises(Indeterminate, match=r"no answer within 0\.03 s"):
        await desk.client(conduct=HASTY).invitations.send(ACCOUNT, ACO)

    assert len(desk.seen) == 1


async def test_a_visit_is_a_deed_although_it_is_a_get() -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", problem(504, "request_timeout"), PROFILE)

    with pytest.raises(Indeterminate):
        await desk.client().users.visit(ACCOUNT, "jane")

    (seen,) = desk.seen
    assert seen.asked["notify"] == "true"


async def test_a_read_without_an_answer_in_time_is_asked_again() -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", Reply(never=True), PROFILE)

    assert (await desk.client(conduct=HASTY).users.get(ACCOUNT, "jane")).provider_id == ACO


def test_live_calls_have_more_time_than_stored_ones() -> None:
    times = Timeouts()

    assert times.of(Kind.STORED_READ) == times.of(Kind.STORED_WRITE) == timedelta(seconds=30)
    assert times.of(Kind.LIVE_READ) == times.of(Kind.LIVE_WRITE) == timedelta(seconds=90)


async def test_a_connection_cut_after_sending_leaves_a_write_in_doubt() -> None:
    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with line(cut) as (port, heard), UnipileClient(f"127.0.0.1:{port}", KEY) as client:
        with pytest.raises(Indeterminate):
            await client.invitations.send(ACCOUNT, ACO, "Hi")

    assert len(heard) == 1


async def test_an_answer_cut_off_in_the_middle_leaves_a_write_in_doubt() -> None:
    async def half(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"object":"UserInvitationSent"')
        await writer.drain()
        writer.close()

    async with line(half) as (port, heard), UnipileClient(f"127.0.0.1:{port}", KEY) as client:
        with pytest.raises(Indeterminate):
            await client.invitations.send(ACCOUNT, ACO)

    assert len(heard) == 1


async def test_without_a_connection_a_write_certainly_did_not_leave() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    async with UnipileClient(f"127.0.0.1:{port}", KEY) as client:
        with pytest.raises(Unreached) as caught:
            await client.invitations.send(ACCOUNT, ACO)

    assert caught.value.retryable
    assert not caught.value.indeterminate
    assert caught.value.__context__ is None  # no request, and so no key, hangs on to it


async def test_a_read_follows_to_where_it_moved_on_the_same_host() -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", Reply(301, b"", {"location": f"/api/v1/users/jane/?account_id={ACCOUNT}"}))
    desk.on("GET", "/users/jane/", PROFILE)

    assert (await desk.client().users.get(ACCOUNT, "jane")).provider_id == ACO
    assert desk.seen[-1].headers["x-api-key"] == KEY


async def test_the_key_is_not_carried_to_another_host() -> None:
    desk = Desk()
    desk.on(
        "GET", "/users/jane", Reply(301, b"", {"location": "https://elsewhere.example/api/v1/users/jane"})
    )

    with pytest.raises(ConfigError):
        await desk.client().users.get(ACCOUNT, "jane")

    assert len(desk.seen) == 1


async def test_a_write_is_never_carried_along_by_a_redirect() -> None:
    desk = Desk()
    desk.on("POST", "/users/invite", Reply(307, b"", {"location": "/api/v1/users/invite/"}))
    desk.on("POST", "/users/invite/", SENT)

    with pytest.raises(ConfigError):
        await desk.client().invitations.send(ACCOUNT, ACO)

    assert len(desk.seen) == 1


async def test_circles_are_not_followed_for_ever() -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", Reply(301, b"", {"location": "/api/v1/users/jane"}))

    with pytest.raises(ConfigError):
        await desk.client().users.get(ACCOUNT, "jane")

    assert len(desk.seen) == 3


async def test_an_account_does_one_live_thing_at_a_time_and_accounts_do_not_wait_for_each_other() -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", PROFILE)
    client = desk.client()

    await asyncio.gather(*(client.users.get(ACCOUNT, "jane") for _ in range(5)))
    assert max(desk.at_once) == 1
    await asyncio.gather(*(client.users.get(f"acc_{number}", "jane") for number in range(5)))
    assert max(desk.at_once) > 1


async def test_stored_reads_take_no_turn_and_ask_no_limiter() -> None:
    desk, limiter = Desk(), Counting()
    desk.on("GET", "/chats", Reply(200, {"items": [], "cursor": None}))
    desk.on("GET", "/users/jane", PROFILE)
    client = desk.client(limiter=limiter)

    await asyncio.gather(*(client.chats.list() for _ in range(4)))
    await client.users.get(ACCOUNT, "jane")
    assert max(desk.at_once) > 1
    desk.at_once.clear()
    stored = (client.request("GET", "/chats", account_id=ACCOUNT, kind=Kind.STORED_READ) for _ in range(4))
    await asyncio.gather(*stored)

    assert max(desk.at_once) > 1
    assert [(call.action, call.account_id) for call in limiter.admitted] == [("users.get", ACCOUNT)]


async def test_what_the_limiter_refuses_is_not_sent() -> None:
    class Full(Exception):
        pass

    class Refusing:
        async def admit(self, call: Call) -> None:
            raise Full(call.action)

    desk = Desk()
    with pytest.raises(Full, match=r"invitations\.send"):
        await desk.client(limiter=Refusing()).invitations.send(ACCOUNT, ACO)

    assert desk.seen == []


async def test_each_try_of_a_read_asks_the_limiter() -> None:
    desk, limiter = Desk(), Counting()
    desk.on("GET", "/users/jane", problem(503, "no_handler"), PROFILE)

    await desk.client(limiter=limiter).users.get(ACCOUNT, "jane")

    assert len(limiter.admitted) == 2


async def test_a_dry_run_sends_no_write_and_says_what_it_would_have_sent() -> None:
    desk = Desk()
    desk.on("GET", "/users/jane", PROFILE)
    client = desk.client(conduct=Conduct(dry_run=True))

    answer = await client.invitations.send(ACCOUNT, ACO, "Hi")
    await client.chats.start(ACCOUNT, [ACO], "Hello")
    await client.users.get(ACCOUNT, "jane")
    visited = await client.users.visit(ACCOUNT, "jane")

    assert answer.dry_run
    assert answer.invitation_id is None
    assert [one.action for one in client.intended] == ["invitations.send", "chats.start", "users.visit"]
    assert client.intended[0].body == {"account_id": ACCOUNT, "provider_id": ACO, "message": "Hi"}
    assert visited.provider_id == ACO
    assert [seen.asked for seen in desk.seen] == [{"account_id": ACCOUNT}] * 2  # nobody was notified


async def test_the_raw_way_counts_everything_but_a_get_as_a_write() -> None:
    desk = Desk()
    desk.on("POST", "/new/thing", problem(504, "request_timeout"))
    desk.on("GET", "/new/thing", problem(503, "no_channel"), Reply(200, {"object": "Thing", "x": 1}))
    client = desk.client()

    assert await client.request("GET", "/new/thing", query={"flag": True}) == {"object": "Thing", "x": 1}
    with pytest.raises(Indeterminate):
        await client.request("POST", "/new/thing", body={"a": 1})
    assert len(desk.asked("POST", "/new/thing")) == 1
    desk.on("POST", "/new/thing", Reply(200, [{"x": 1}]))
    with pytest.raises(Indeterminate):
        await client.request("POST", "/new/thing", body={"a": 1})
    assert desk.asked("GET", "/new/thing")[0].asked == {"flag": "true"}
    with pytest.raises(ValueError, match="below"):
        await client.request("GET", "/api/v1/users/me")


async def test_a_text_that_cannot_be_written_is_refused_here() -> None:
    desk = Desk()
    with pytest.raises(ContentInvalid):
        await desk.client().invitations.send(ACCOUNT, ACO, "half a pair \ud83d")
    with pytest.raises(ContentInvalid):
        await desk.client().chats.start(ACCOUNT, [ACO], "half a pair \ud83d")

    assert desk.seen == []


async def test_errors_show_no_secret() -> None:
    def echo(seen: Seen) -> Reply:
        more = {"connectionParams": {"im": {"proxy": {"password": "pr0xy"}}}, "access_token": "li-at-value"}
        return problem(401, "invalid_credentials", f"key {seen.headers['x-api-key']} is no good", **more)

    desk = Desk()
    desk.on("GET", "/users/jane", echo)

    with pytest.raises(UnipileError) as caught:
        await desk.client().users.get(ACCOUNT, "jane")

    error = caught.value
    shown = f"{error!s} {error!r} {error.body!r} {error.refusal!r} {error.detail} {error.args!r}"
    assert "is no good" in shown
    for secret in (KEY, "pr0xy", "li-at-value"):
        assert secret not in shown
    assert error.__context__ is None


async def test_an_error_remembers_what_it_was_about() -> None:
    desk = Desk()
    detail = "You have reached a temporary provider limit. Please try again later."
    reply = problem(422, "cannot_resend_yet", detail)
    desk.on("POST", "/users/invite", Reply(422, reply.body, {"x-request-id": "r-1", "retry-after": "60"}))

    with pytest.raises(AccountLimit) as caught:
        await desk.client().invitations.send(ACCOUNT, ACO)

    told = caught.value.refusal
    assert (told.method, told.path, told.account_id) == ("POST", "/users/invite", ACCOUNT)
    assert (told.status, told.slug, told.request_id) == (422, "cannot_resend_yet", "r-1")
    assert told.retry_after == timedelta(minutes=1)
    assert detail in str(caught.value)
