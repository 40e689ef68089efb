"""A secret goes in and never comes out: not in answers, not in the log, not in the database in plain."""

import io
from collections.abc import Iterator

import httpx2
import pytest
from sqlalchemy import text

from fakes import ScriptedProvider, raise_bug
from overture.accounts import Vault
from overture.core import crypto, log
from overture.entrypoints.bootstrap import App
from waiting import eventually

CANARY = "canary-7Zq9!ü"
SESSION = b'{"cookies": "canary-session"}'


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, at the most talkative level."""
    stream = io.StringIO()
    log.configure("debug", stream)
    yield stream
    log.configure("error")


async def dump(app: App) -> str:
    """Every row of every table as text, bytes both as hex and as characters."""
    rows: list[str] = []
    async with app.sessions() as db:
        names = await db.scalars(text("select tablename from pg_tables where schemaname = 'public'"))
        for name in names.all():
            found = await db.execute(text(f'select t::text from "{name}" t'))
            rows += [row[0] for row in found]
        sealed = await db.execute(text("select credentials, session from account_secrets"))
        rows += [bytes(value).decode("latin-1") for row in sealed for value in row if value is not None]
    return "\n".join(rows)


async def test_secrets_never_come_out(
    client: httpx2.AsyncClient, app: App, provider: ScriptedProvider, worker: None, logged: io.StringIO
) -> None:
    provider.session_state = SESSION
    answers = [
        await client.post(
            "/api/v1/accounts",
            json={
                "handle": "ada",
                "credentials": {"username": "ada", "password": CANARY},
                "working_hours": {"days": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00"},
            },
        ),
        await client.patch("/api/v1/accounts/ada", json={"credentials": {"password": CANARY, "x": CANARY}}),
        await client.patch("/api/v1/accounts/ada", json={"credentials": {"password": {"a": CANARY}}}),
        await client.post("/api/v1/accounts", json={"handle": "ada", "credentials": {"password": CANARY}}),
        await client.post("/api/v1/accounts", json={"handle": "b", "credentials": CANARY}),
        await client.post("/api/v1/accounts", content=f'{{"password": "{CANARY}"'.encode()),
    ]
    provider.script("broken", raise_bug())
    for slug in ("grace", "broken"):
        body = {"handle": "ada", "touchpoint": {"type": "enrich", "public_identifier": slug}}
        run = await client.post("/api/v1/runs", json=body)

        async def over(location: str = run.headers["Location"]) -> httpx2.Response | None:
            shown = await client.get(location)
            return shown if shown.json()["completed_at"] else None

        answers += [run, await eventually(over)]
    answers += [
        await client.get(path) for path in ("/api/v1/accounts", "/api/v1/accounts/ada", "/api/v1/runs")
    ]

    assert provider.senders[0].secrets.values["password"] == CANARY, "the provider must get it"
    assert answers[-2].json()["has_session"]
    everything = "\n".join(answer.text + str(answer.headers) for answer in answers)
    for secret in (CANARY, CANARY.encode().hex(), SESSION.decode(), SESSION.hex(), "canary"):
        assert secret not in everything
        assert secret not in await dump(app)
        assert secret not in logged.getvalue()
    assert "http.answered" in logged.getvalue()


async def test_after_rotation_everything_opens_with_the_new_key_alone(
    client: httpx2.AsyncClient, app: App
) -> None:
    await client.post("/api/v1/accounts", json={"handle": "ada", "credentials": {"password": CANARY}})
    ring = crypto.add_key(app.settings.keys_path)
    async with app.sessions.begin() as db:
        moved = await Vault(ring).reseal_all(db)

    alone = Vault(crypto.KeyRing({ring.newest: ring.keys[ring.newest]}, ring.newest))
    async with app.sessions() as db:
        account_id = await db.scalar(text("select id from accounts"))
        opened = await alone.open(db, account_id)
    assert (moved, opened.values["password"]) == (1, CANARY)


async def test_removing_an_account_erases_its_secrets(client: httpx2.AsyncClient, app: App) -> None:
    await client.post("/api/v1/accounts", json={"handle": "ada", "credentials": {"password": CANARY}})
    await client.delete("/api/v1/accounts/ada")

    async with app.sessions() as db:
        left = await db.execute(text("select credentials, session, credential_names from account_secrets"))
    assert [tuple(row) for row in left] == [(None, None, [])]
