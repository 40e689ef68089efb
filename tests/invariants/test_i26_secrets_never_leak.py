"""I26: no credential, cookie or key ever comes out: not by rows, logs, events, answers or artefacts on disk.

A real Chromium fails in three ways: at the login, in the middle of a touchpoint, and by running out of time.
"""

import asyncio
import io
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import async_playwright
from pydantic import SecretStr
from sqlalchemy import text

from overture import accounts
from overture.accounts import Limits, NewAccount, WorkingHours
from overture.core import log
from overture.core.rng import Rng
from overture.entrypoints.api import create_api
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.providers.linkedin_browser import LinkedInBrowser
from overture.providers.linkedin_browser.chromium import find_chromium
from overture_sandbox.testing import SandboxServer
from product import API_KEY, MakeApp
from waiting import eventually

PASSWORD = "canary-Pa55 &wörd"
WRONG = "canary-wr0ng <pass>"
TOTP_SECRET = "CANARYJBSWY3DPEHPK3PXP"
PATIENCE = 120.0


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, at the most talkative level."""
    stream = io.StringIO()
    log.configure("debug", stream)
    yield stream
    log.configure("error")


@pytest.fixture
def site() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
async def product(make_app: MakeApp, site: SandboxServer) -> AsyncIterator[App]:
    """The product with a real browser, at work."""
    times: dict[str, Any] = {
        "attempt_timeout": timedelta(seconds=35),
        "browser_timeout": timedelta(seconds=60),
        "tick": timedelta(milliseconds=500),
    }
    made = await make_app(linkedin_url=site.url, max_attempts=1, **times)
    browser = LinkedInBrowser(made.settings, made.clock, Rng())
    app = replace(made, providers={browser.name: browser})
    async with background(app, worker=True):
        yield app
    await browser.close()


async def account(app: App, site: SandboxServer, handle: str, password: str = PASSWORD) -> str:
    """An account whose user name is a canary, too; returns it."""
    username = f"canary-{handle}@sandbox.test"
    site.admin.post("/logins", {"username": username, "password": PASSWORD})
    fields = {"username": SecretStr(username), "password": SecretStr(password)}
    known = app.providers["linkedin_browser"].credential_fields
    new = NewAccount(
        handle=handle,
        credentials={**fields, **({"totp_secret": SecretStr(TOTP_SECRET)} if "totp_secret" in known else {})},
        working_hours=WorkingHours.always(),
        limits=Limits.model_validate({"min_gap_s": 0}),
    )
    async with app.sessions.begin() as db:
        await accounts.create(db, app.vault, app.ids.new(), new, "linkedin", app.now())
    return username


async def over(client: httpx2.AsyncClient, handle: str, slug: str) -> dict[str, Any]:
    """An invitation that does not come about, once it is over."""
    body = {"handle": handle, "touchpoint": {"type": "connect", "public_identifier": slug}}
    made = await client.post("/api/v1/runs", json=body)

    async def ended() -> dict[str, Any] | None:
        shown = (await client.get(made.headers["Location"])).json()
        return shown if shown["completed_at"] else None

    return await eventually(ended, PATIENCE)


async def dump(app: App) -> str:
    """Every row of every table as text."""
    rows: list[str] = []
    async with app.sessions() as db:
        names = await db.scalars(text("select tablename from pg_tables where schemaname = 'public'"))
        for name in names.all():
            found = await db.execute(text(f'select t::text from "{name}" t'))
            rows += [row[0] for row in found]
    return "\n".join(rows)


async def cookies_of(app: App) -> set[str]:
    """The cookie values of every session that is remembered."""
    found: set[str] = set()
    async with app.sessions() as db:
        for account_id in (await db.scalars(text("select id from accounts"))).all():
            secrets = await app.vault.open(db, account_id)
            kept = json.loads(secrets.session)["cookies"] if secrets.session else []
            found |= {cookie["value"].strip('"') for cookie in kept if len(cookie["value"]) > 8}
    return found


async def painted(picture: bytes) -> bool:
    """Whether something in the picture is covered."""
    script = """async (data) => {
      const image = new Image();
      image.src = 'data:image/png;base64,' + data;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const { data: pixels } = context.getImageData(0, 0, image.width, image.height);
      let covered = 0;
      for (let at = 0; at < pixels.length; at += 4)
        if (pixels[at] === 255 && pixels[at + 1] === 0 && pixels[at + 2] === 255) covered += 1;
      return covered;
    }"""
    async with async_playwright() as playwright:
        program = find_chromium(None, headless=True)
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = await browser.new_page()
        covered: int = await page.evaluate(script, b64encode(picture).decode())
        await browser.close()
    return covered > 1000  # a field, not a stray dot


def kept_files(app: App) -> dict[str, bytes]:
    root: Path = app.kit.artifacts_dir
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def test_i26_no_secret_comes_out_of_three_kinds_of_failure(
    product: App, site: SandboxServer, logged: io.StringIO
) -> None:
    transport = httpx2.ASGITransport(app=create_api(product), raise_app_exceptions=False)
    headers = {"X-API-Key": API_KEY}
    slug = site.admin.post("/members", {"connect_placement": "primary_button"})["slug"]
    users = [await account(product, site, "refused", WRONG)]
    users += [await account(product, site, name) for name in ("halfway", "endless")]
    site.admin.patch(f"/logins/{users[1]}", {"drift": 3})
    site.admin.post("/faults", {"kind": "hang", "endpoint": "profile", "account": users[2]})

    async with httpx2.AsyncClient(transport=transport, base_url="http://o.test", headers=headers) as client:
        failing = (over(client, handle, slug) for handle in ("refused", "halfway", "endless"))
        runs = await asyncio.gather(*failing)
        answers = [await client.get(file["href"]) for run in runs for file in run["artifacts"]]
        answers += [await client.get(f"/api/v1/accounts/{name}") for name in ("refused", "halfway")]
        answers.append(await client.post("/api/v1/accounts", json={"handle": "x", "credentials": PASSWORD}))
        answers.append(await client.get("/api/v1/runs", headers={"X-API-Key": f"{API_KEY}x"}))

    codes = [run["error_code"] for run in runs]
    assert codes == ["account_needs_login", "selector_drift", "attempt_timeout"]
    for run in runs:
        assert {file["kind"] for file in run["artifacts"]} >= {"screenshot", "page", "dom", "network"}
    files = kept_files(product)
    cookies = await cookies_of(product)
    assert len(cookies) >= 2, "the session of at least one account was remembered"

    everywhere = {
        "rows": await dump(product),
        "log": logged.getvalue(),
        "answers": "\n".join(f"{one.headers} {one.content.decode('latin-1')}" for one in answers),
        "runs": json.dumps(runs, ensure_ascii=False),
        **{name: content.decode("utf-8", "replace") for name, content in files.items()},
    }
    for where, said in everywhere.items():
        for secret in (PASSWORD, WRONG, TOTP_SECRET, API_KEY, *users, *cookies):
            assert secret not in said, f"{secret!r} in {where}"
        assert "canary-Pa55" not in said, where
        assert "canary-wr0ng" not in said, where
    refused = next(file for file in runs[0]["artifacts"] if file["kind"] == "screenshot")
    picture = files[f"{runs[0]['run_id']}/{refused['epoch']}.png"]
    assert await painted(picture), "the fields of the login form are covered"
