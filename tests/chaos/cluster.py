"""A migrated cluster, made once and copied: making one takes seconds, and few trials are about that."""

import atexit
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from overture.db import migrate
from overture.db.embedded import EmbeddedPostgres
from overture.db.embedded_place import remove_tree, server_user


def lay_out(home: Path) -> None:
    """Put a copy where the first worker would make its own."""
    home.mkdir(parents=True)
    home.chmod(0o711 if server_user() else 0o700)
    subprocess.run(["cp", "-a", made(), home / "cluster"], check=True)


@cache
def made() -> Path:
    """The cluster that is copied; nobody uses it, and it goes with this process."""
    folder = tempfile.TemporaryDirectory(prefix="overture-cluster-")
    Path(folder.name).chmod(0o711)  # so that the server of root can live in it too
    embedded = EmbeddedPostgres(Path(folder.name, "postgres"), fsync=False)
    atexit.register(folder.cleanup)
    atexit.register(remove_tree, embedded.home)
    try:
        migrate.upgrade(embedded.start())
    finally:
        embedded.stop()
    return embedded.home / "cluster"
