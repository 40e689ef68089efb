"""The embedded server: shared, revived and stopped by real processes on real folders."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from overture.db.embedded import DatabaseUnavailable, EmbeddedPostgres

# One process that uses the server as the product does: told on stdin, answers on stdout.
USER_PROCESS = """
import sys
from pathlib import Path
from overture.db.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), fsync=False)
print(server.start(), flush=True)
for line in sys.stdin:
    getattr(server, line.strip())()
    print("done", flush=True)
"""


class Neighbour:
    """Another process that uses the same server."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER_PROCESS, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, verb: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{verb}\n")
        self.process.stdin.flush()
        return self.answer()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for one server; whatever still runs there is ended with the test."""
    with tempfile.TemporaryDirectory(prefix="overture-test-") as name:
        Path(name).chmod(0o711)  # so that the server of root can live in it too
        chosen = Path(name, "postgres")
        yield chosen
        end_server(chosen)


@pytest.fixture
def neighbour(folder: Path) -> Iterator[Callable[[], Neighbour]]:
    started: list[Neighbour] = []

    def start() -> Neighbour:
        started.append(Neighbour(folder))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def end_server(folder: Path) -> None:
    if folder.exists():
        last = EmbeddedPostgres(folder, fsync=False)
        if (last.home / "cluster" / "postmaster.pid").exists():
            last.start()
            last.stop()
        if last.home != folder:
            shutil.rmtree(last.home)


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.home / "cluster" / "postmaster.pid").read_text().split()[0])


def is_running(pid: int) -> bool:
    """Not counting zombies, which a test's own killed children are until they are waited for."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_serves_utf8_on_a_socket_only_its_user_can_reach(folder: Path) -> None:
    with EmbeddedPostgres(folder, fsync=False) as server, connect(server.url) as connection:
        found = [
            connection.execute(f"show {name}").fetchone() for name in ("server_encoding", "listen_addresses")
        ]

        assert found == [("UTF8",), ("",)]
        for private in ("cluster", "socket", "socket/.s.PGSQL.5432"):
            assert (server.home / private).stat().st_mode & 0o077 == 0, private


def test_a_durable_server_syncs_every_commit(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server, connect(server.url) as connection:
        names = ("fsync", "synchronous_commit", "full_page_writes")
        found = [connection.execute("select current_setting(%s)", [name]).fetchone() for name in names]

        assert found == [("on",)] * 3


def test_two_processes_that_start_at_once_share_one_server(
    folder: Path, neighbour: Callable[[], Neighbour]
) -> None:
    first, second = neighbour(), neighbour()
    urls = {first.answer(), second.answer()}

    assert len(urls) == 1
    with connect(urls.pop()) as connection:
        started = connection.execute(
            "select count(*) from pg_stat_activity where backend_type = 'checkpointer'"
        )
        assert started.fetchone() == (1,)
    log = (EmbeddedPostgres(folder, fsync=False).log_path).read_text()
    assert log.count("starting PostgreSQL") == 1


def test_committed_rows_survive_a_killed_server(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        with connect(server.url) as connection:
            connection.execute("create table kept (word text)")
            connection.execute("insert into kept values ('committed')")
            os.kill(postmaster(server), signal.SIGKILL)
            killed = postmaster(server)

            while not server.ensure_running():  # until the kill is delivered
                assert postmaster(server) == killed
        assert server.ensure_running() is False
        with connect(server.url) as connection:
            assert connection.execute("select word from kept").fetchall() == [("committed",)]


def test_any_process_can_revive_a_server_another_one_started(
    folder: Path, neighbour: Callable[[], Neighbour]
) -> None:
    starter = neighbour()  # stays its parent and does not bury it: PostgreSQL takes a zombie for a server
    url = starter.answer()
    with EmbeddedPostgres(folder, fsync=False) as server:
        killed = postmaster(server)
        os.kill(killed, signal.SIGKILL)

        while not server.ensure_running():
            assert postmaster(server) == killed
        assert server.url == url
        assert starter.tell("ensure_running") == "done"
        with connect(url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)


def test_the_last_user_stops_the_server(folder: Path, neighbour: Callable[[], Neighbour]) -> None:
    other = neighbour()
    other.answer()
    server = EmbeddedPostgres(folder, fsync=False)
    server.start()
    pid = postmaster(server)

    server.stop()
    assert is_running(pid)

    assert other.tell("stop") == "done"
    assert not is_running(pid)


def test_a_killed_user_neither_stops_the_server_nor_keeps_it_alive(
    folder: Path, neighbour: Callable[[], Neighbour]
) -> None:
    other = neighbour()
    url = other.answer()
    other.kill()
    with connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)

    server = EmbeddedPostgres(folder, fsync=False)
    server.start()
    pid = postmaster(server)
    server.stop()

    assert not is_running(pid)


def test_stopping_and_starting_keeps_the_data(folder: Path) -> None:
    with EmbeddedPostgres(folder, fsync=False) as server, connect(server.url) as connection:
        connection.execute("create table kept as select 42 as number")

    assert server.ensure_running() is False  # after stop it stays down
    with EmbeddedPostgres(folder, fsync=False) as server, connect(server.url) as connection:
        assert connection.execute("select number from kept").fetchone() == (42,)


def test_a_pid_file_that_names_another_program_is_no_obstacle(folder: Path) -> None:
    with EmbeddedPostgres(folder, fsync=False) as server:
        pid_file = server.home / "cluster" / "postmaster.pid"
        lines = pid_file.read_text().split("\n")
    as_owner = (server.home / "cluster").stat()
    bystander = subprocess.Popen(
        ["sleep", "60"], user=as_owner.st_uid if os.geteuid() == 0 else None, cwd="/"
    )
    try:
        pid_file.write_text("\n".join([str(bystander.pid), *lines[1:]]))  # as after a container's restart
        os.chown(pid_file, as_owner.st_uid, as_owner.st_gid)

        with EmbeddedPostgres(folder, fsync=False) as server, connect(server.url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_busy_query_does_not_hold_up_the_revival(folder: Path) -> None:
    with EmbeddedPostgres(folder, fsync=False) as server:
        busy = connect(server.url)
        busy.pgconn.send_query(b"do $$ begin loop end loop; end $$")  # never looks up
        with connect(server.url) as watcher:
            query = "select count(*) from pg_stat_activity where state = 'active' and query like 'do %%'"
            while watcher.execute(query).fetchone() != (1,):
                pass
        killed = postmaster(server)
        os.kill(killed, signal.SIGKILL)

        while not server.ensure_running():
            assert postmaster(server) == killed
        with connect(server.url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        busy.close()


@pytest.mark.parametrize(("version", "advice"), [("15", "pg_upgrade"), ("99", "newer")])
def test_a_cluster_of_another_major_version_is_refused(folder: Path, version: str, advice: str) -> None:
    with EmbeddedPostgres(folder, fsync=False) as server:
        pass
    (server.home / "cluster" / "PG_VERSION").write_text(f"{version}\n")

    with pytest.raises(DatabaseUnavailable, match=rf"PostgreSQL {version}\b") as refused:
        server.start()

    assert advice in str(refused.value)
    assert "\n" not in str(refused.value)
    server.stop()


def test_a_server_that_cannot_start_says_why_and_where_the_log_is(folder: Path) -> None:
    with EmbeddedPostgres(folder, fsync=False) as server:
        pass
    with (server.home / "cluster" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")

    with pytest.raises(DatabaseUnavailable, match=r"no_such_setting|configuration file") as refused:
        server.start()

    assert str(server.log_path) in str(refused.value)
    server.stop()


def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    deep = folder.parent / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True, mode=0o711)
    try:
        with EmbeddedPostgres(deep / "postgres", fsync=False) as server, connect(server.url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        end_server(deep / "postgres")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to move the data")
def test_root_leaves_closed_folders_closed(folder: Path) -> None:
    folder.parent.chmod(0o700)
    with EmbeddedPostgres(folder, fsync=False) as server, connect(server.url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)

    assert server.home != folder
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert EmbeddedPostgres(folder, fsync=True).home == server.home  # found again, whatever is asked for
