"""`overture doctor`: what this installation has and lacks, one line each."""

import asyncio
import platform
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from overture.core import crypto
from overture.core.settings import Settings
from overture.db import connect
from overture.db.embedded import DatabaseUnavailable
from overture.entrypoints.bootstrap import database, make_data_dir

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRESQL = 15


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    check: str
    ok: bool
    detail: str
    fix: str | None = None


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything an installation needs."""
    checks: list[Callable[[Settings], Awaitable[Finding]]] = [
        python,
        data_dir,
        database_answers,
        key_file,
        chromium,
        linkedin_url,
    ]
    return [await check(settings) for check in checks]


async def python(_: Settings) -> Finding:
    """The interpreter."""
    fix = "Install Python 3.11 or newer." if sys.version_info[:2] < OLDEST_PYTHON else None
    return Finding("python", fix is None, platform.python_version(), fix)


async def data_dir(settings: Settings) -> Finding:
    """The folder of the data."""
    try:
        make_data_dir(settings.data_dir)
    except OSError as error:
        return Finding("data_dir", False, str(error), "Set OVERTURE_DATA_DIR to a folder you may write.")
    return Finding("data_dir", True, str(settings.data_dir))


async def database_answers(settings: Settings) -> Finding:
    """The database, embedded or the operator's."""
    kind = "embedded" if settings.database_url is None else "OVERTURE_DATABASE_URL"
    try:
        async with database(settings) as (url, _):
            version = await server_version(url)
    except (DatabaseUnavailable, SQLAlchemyError, OSError) as error:
        first_line = str(error).strip().splitlines()[0]
        return Finding("database", False, f"{kind}: {first_line}", "Start it, or correct its address.")
    new_enough = int(version.split(".")[0]) >= OLDEST_POSTGRESQL
    return Finding(
        "database",
        new_enough,
        f"{kind}: PostgreSQL {version}",
        None if new_enough else "Use PostgreSQL 15 or newer.",
    )


async def server_version(url: str) -> str:
    """The version of the server behind an address."""
    engine, sessions = connect(url)
    try:
        async with sessions() as db:
            return str(await db.scalar(text("show server_version"))).split()[0]
    finally:
        await engine.dispose()


async def key_file(settings: Settings) -> Finding:
    """The key ring of secrets at rest."""
    path = settings.keys_path
    try:
        ring = await asyncio.to_thread(crypto.load_or_create, path)
    except (crypto.KeyUnusable, OSError) as error:
        return Finding("key_file", False, str(error), "Restore the key file from its backup.")
    private = readable_by_owner_only(path)
    fix = None if private else f"Run `chmod 600 {path}`."
    return Finding("key_file", private, f"{path}: {len(ring.keys)} key(s); back it up apart", fix)


def readable_by_owner_only(path: Path) -> bool:
    """Whether no other user may read the file."""
    return path.stat().st_mode & 0o077 == 0


async def chromium(settings: Settings) -> Finding:
    """The browser LinkedIn accounts act with."""
    from overture.providers.linkedin_browser.chromium import ChromiumMissing, find_chromium  # noqa: PLC0415

    try:
        found = find_chromium(settings.chromium, headless=settings.browser_headless)
    except ChromiumMissing as error:
        return Finding("chromium", False, str(error), None)
    return Finding("chromium", True, str(found))


async def linkedin_url(settings: Settings) -> Finding:
    """Which LinkedIn the accounts act on."""
    if settings.linkedin_url is None:
        fix = "Set OVERTURE_LINKEDIN_URL (`overture sandbox` prints one to try with)."
        return Finding("linkedin_url", False, "not set: no LinkedIn account can act", fix)
    return Finding("linkedin_url", True, str(settings.linkedin_url))
