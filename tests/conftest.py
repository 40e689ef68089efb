"""What all tests share: one PostgreSQL for the run, a fresh database for each test, and the product on it.

async def test_x(app): ...                       # the App, with the scripted provider (`fakes`)
async def test_y(client, provider, worker): ...  # the API, the provider's world, and a worker at work
async def test_z(make_app): ...                  # app = await make_app(clock=..., max_attempts=1)
"""

import contextlib
import gc
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import httpx2
import pytest
from pydantic import BaseModel, SecretStr

from chaos.keeper import Keeper
from databases import TEMPLATE, Databases
from fakes import ScriptedProvider
from forked import Shell
from overture.accounts import Vault
from overture.core import crypto, log
from overture.core.clock import Clock, SystemClock
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.db import connect, migrate
from overture.db.embedded import EmbeddedPostgres
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from product import API_KEY, MakeApp, Server, add_account

LONGEST = (
    *("e2e/test_demo", "browser/test_linkedin_posts", "browser/test_linkedin_message", "web/test_acts"),
    *("browser/test_linkedin_connect", "simulation/test_zoo", "chaos/test_mutants", "api/test_contract"),
    *("web/test_inbox", "browser/test_linkedin_inmail", "campaigns/test_reasons", "web/test_every_page"),
    *("docs/test_how_to_campaign", "invariants/test_i26_secrets_never_leak", "e2e/test_scenarios"),
    *("chaos/test_chaos_short", "browser/test_linkedin_login", "browser/test_linkedin_reading"),
    *("campaigns/test_three_channels", "campaigns/test_answers", "e2e/test_touchpoints", "web/test_live"),
    *("invariants/test_i05_silence_after_suppression", "invariants/test_i12_liveness", "api/test_runs"),
    *("campaigns/test_planning", "campaigns/test_journey", "browser/test_linkedin_provider"),
)
"""Files that take longest. Workers begin with them: none is left with a long one when the others end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first (`--no-loadscope-reorder` keeps it so)."""
    here = Path(__file__).parent
    ranks = {here / f"{name}.py": rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not look at it again."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def quiet_log() -> None:
    """Only errors are logged, by the product's own configuration."""
    log.configure("error")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL in a temporary folder, without fsync, and the template migrated once."""
    with tempfile.TemporaryDirectory(prefix="overture-tests-") as name:
        Path(name).chmod(0o711)  # so that the server of root can live in it too
        embedded = EmbeddedPostgres(Path(name, "postgres"), fsync=False)
        embedded.start()
        try:
            made = Server(embedded)
            made.execute("alter system set autovacuum = off")  # short-lived tables; it would only run beside
            made.execute("select pg_reload_conf()")
            made.execute(f"create database {TEMPLATE}")
            migrate.upgrade(embedded.url_for(TEMPLATE))
            yield made
        finally:
            embedded.stop()
            if embedded.home != Path(name, "postgres"):
                shutil.rmtree(embedded.home, ignore_errors=True)


@pytest.fixture(scope="session")
def shell() -> Iterator[Shell]:
    """The command line, loaded once."""
    with Shell() as made:
        yield made


@pytest.fixture(scope="session")
async def keeper() -> AsyncIterator[Keeper]:
    """Starts, kills and buries worker processes: one nursery, as importing the product is the slow part."""
    async with Keeper() as made:
        yield made


@pytest.fixture(scope="session")
def databases(server: Server) -> Iterator[Databases]:
    """The databases of this run."""
    made = Databases(server)
    yield made
    made.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A migrated database without a row; emptied or gone after the test."""
    database = databases.take()
    yield databases.server.embedded.url_for(database.name)
    databases.give_back(database)


@cache
def defaults() -> dict[str, object]:
    """What the settings are when nobody says otherwise."""
    return Settings(_env_file=None).model_dump()


@pytest.fixture
def make_settings(tmp_path: Path, database_url: str) -> Callable[..., Settings]:
    """Settings with short times, for this test's database and folder, whatever the environment says."""

    def make(**changes: object) -> Settings:
        values: dict[str, object] = {
            "data_dir": tmp_path,
            "database_url": database_url,
            "api_key": SecretStr(API_KEY),
            "port": 0,
            "tick": timedelta(milliseconds=100),
            "lease": timedelta(seconds=5),
            "act_window": timedelta(seconds=1),
            "reconcile_grace": timedelta(milliseconds=100),
            "retry_backoff": timedelta(milliseconds=50),
            "attempt_timeout": timedelta(seconds=10),
            "unipile_confirm": (0.0, 0.05, 0.2),
        }
        made = Settings.model_construct()
        BaseModel.__init__(made, **{**defaults(), **values, **changes})  # without asking the environment
        return made

    return make


@pytest.fixture
async def make_app(make_settings: Callable[..., Settings], database_url: str) -> AsyncIterator[MakeApp]:
    """Puts Apps together on this test's database."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(
            clock: Clock | None = None, provider: ScriptedProvider | None = None, **changes: object
        ) -> App:
            settings = make_settings(**changes)
            clock, rng = clock or SystemClock(), Rng(b"tests")
            provider = provider or ScriptedProvider(clock)
            engine, sessions = connect(database_url)
            stack.push_async_callback(engine.dispose)
            stack.push_async_callback(provider.close)
            return App(
                settings=settings,
                clock=clock,
                rng=rng,
                ids=Ids(clock, rng),
                engine=engine,
                sessions=sessions,
                vault=Vault(crypto.load_or_create(settings.keys_path)),
                providers={provider.name: provider},
                database_url=database_url,
                embedded=None,
                api_key=API_KEY,
            )

        yield make


@pytest.fixture
async def app(make_app: MakeApp) -> App:
    """The product on a fresh database, with the scripted provider."""
    return await make_app()


@pytest.fixture
def provider(app: App) -> ScriptedProvider:
    """The scripted provider of `app`: its script and its ledger."""
    found = app.providers["linkedin_browser"]
    assert isinstance(found, ScriptedProvider)
    return found


@pytest.fixture
async def account(app: App) -> str:
    """The handle of an account that may act round the clock, without limits."""
    return await add_account(app, "ada")


@pytest.fixture
async def worker(app: App) -> AsyncIterator[None]:
    """A worker at work beside the test."""
    async with background(app, worker=True):
        yield


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    """The API in process, called with the key."""
    from overture.entrypoints.api import create_api
    from overture.entrypoints.api.outreach import FILES, ROUTERS

    # The API answers 500 itself and then raises for the server's log; a client sees the answer.
    transport = httpx2.ASGITransport(app=create_api(app, ROUTERS, FILES), raise_app_exceptions=False)
    headers = {"X-API-Key": API_KEY}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://overture.test", headers=headers
    ) as made:
        yield made
