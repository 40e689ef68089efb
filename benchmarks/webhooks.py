"""Webhooks taken per second and how long their sender waits, beside an echo of the same server and run.

`python -m benchmarks.webhooks [--burst]`. The server is the product's own process on a database with fsync;
the sender is another process with several connections that stay open, and sends bodies as Unipile makes them.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from benchmarks import ground
from benchmarks.webhooks_server import ECHO

SECRET: Final = "a-secret-of-thirty-two-characters!"
HEADERS: Final = {"Unipile-Auth": SECRET, "Content-Type": "application/json", "User-Agent": "axios/1.7.7"}
RECEIVER: Final = "/webhooks/unipile/messaging"
AT_ONCE: Final = 16
SENT: Final = 3000
ONE_BY_ONE: Final = 600
WARMING: Final = 200
"""The first of all prepare the server's statements."""
ROUNDS: Final = 3
"""Echo and receiver take turns, so that a neighbour of the machine disturbs both."""
MOST: Final = 2 * (WARMING + ONE_BY_ONE + SENT)
"""Bodies of a server's time."""
MOST_MS: Final = 10.0
"""What "answered in milliseconds" means here: the median of one sender that waits for each answer."""


@contextmanager
def server(url: str, *, applying: bool) -> Iterator[int]:
    """The server's port; `applying`: the same process applies what comes in, as in `overture serve`."""
    folder = Path(tempfile.mkdtemp(prefix="overture-bench-webhooks-"))
    port_file = folder / "port"
    environment = os.environ | {
        "OVERTURE_DATABASE_URL": ground.plain(url),
        "OVERTURE_DATA_DIR": str(folder),
        "OVERTURE_PORT": "0",
        "OVERTURE_UNIPILE_WEBHOOK_SECRET": SECRET,
        "OVERTURE_WORKER_EMBEDDED": str(applying),
        "OVERTURE_PLANNER_EMBEDDED": str(applying),
        "OVERTURE_LOG_LEVEL": os.environ.get("OVERTURE_LOG_LEVEL", "info"),
        "PORT_FILE": str(port_file),
        "PYTHONPATH": str(ground.ROOT),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.webhooks_server"], env=environment, cwd=ground.ROOT, stderr=log
        )
        try:
            while not port_file.exists():
                if process.poll() is not None:
                    raise RuntimeError((folder / "log").read_text()[-2000:])
                ground.rest(0.05)
            yield int(port_file.read_text())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
    shutil.rmtree(folder, ignore_errors=True)


KEEP: Final = b"create table if not exists kept (body bytea)"
COMMIT: Final = b"insert into kept values (%s)"


def commits(url: str) -> float:
    """Milliseconds of a bare insert of such a body with its commit: the least a sender has to wait."""
    took = []
    with psycopg.connect(ground.plain(url), autocommit=True) as connection:
        connection.execute(KEEP)
        for body in bodies(ONE_BY_ONE // ROUNDS):
            began = ground.watch()
            connection.execute(COMMIT, [body.encode()], prepare=True)
            took.append(ground.watch() - began)
    return statistics.median(took) * 1000


class Sender:
    """Hands deliveries to a process that sends them; no delivery is the same as another."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port, self._folder = port, folder
        self._bodies = iter(bodies(MOST))

    def send(self, address: str, how_many: int, connections: int) -> dict[str, Any]:
        """What the process saw of so many deliveries."""
        lines, job = self._folder / "bodies", self._folder / "job"
        lines.write_text("\n".join(json.dumps([address, next(self._bodies), False]) for _ in range(how_many)))
        to = {"host": "127.0.0.1", "port": self._port, "headers": HEADERS}
        job.write_text(json.dumps({**to, "bodies": str(lines), "connections": connections}))
        seen: dict[str, Any] = json.loads(shown("tests.burst.sender", str(job)))
        if seen["taken"] != how_many:
            raise RuntimeError(f"of {how_many} only {seen['taken']} were taken: {seen['statuses']}")
        return seen


def bodies(how_many: int) -> list[str]:
    """Messages of many people, as Unipile delivers them."""
    return shown("tests.burst.story", str(how_many)).splitlines()


def shown(module: str, *arguments: str) -> str:
    """What a program of the burst prints."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ground.ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def alternately(sender: Sender, how_many: int, connections: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The echo and the receiver in turns; of each the round with the median rate."""
    rounds = [
        [sender.send(address, how_many // ROUNDS, connections) for address in (ECHO, RECEIVER)]
        for _ in range(ROUNDS)
    ]
    echoes, received = zip(*rounds, strict=True)
    return middle(echoes), middle(received)


def middle(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The round with the median rate."""
    return sorted(rounds, key=lambda one: float(one["per_s"]))[len(rounds) // 2]


def measured(url: str, *, applying: bool) -> dict[str, Any]:
    """One sender that waits for each answer, then several at once; each beside the echo."""
    with server(url, applying=applying) as port, tempfile.TemporaryDirectory() as folder:
        sender = Sender(port, Path(folder))
        sender.send(ECHO, WARMING, AT_ONCE)
        sender.send(RECEIVER, WARMING, AT_ONCE)
        found = {
            "one_by_one": alternately(sender, ONE_BY_ONE, 1),
            f"{AT_ONCE}_at_once": alternately(sender, SENT, AT_ONCE),
        }
    return {name: beside(*both) for name, both in found.items()} | {
        "bare_commit_p50_ms": round(commits(url), 2)
    }


def beside(echo: dict[str, Any], received: dict[str, Any]) -> dict[str, float]:
    """Both, and their ratios."""
    return {
        "accepted_per_s": received["per_s"],
        "p50_ms": received["p50_ms"],
        "p99_ms": received["p99_ms"],
        "echo_per_s": echo["per_s"],
        "echo_p50_ms": echo["p50_ms"],
        "echo_p99_ms": echo["p99_ms"],
        "rate_to_echo": round(received["per_s"] / echo["per_s"], 3),
        "p50_to_echo": round(received["p50_ms"] / echo["p50_ms"], 2),
        "p99_to_echo": round(received["p99_ms"] / echo["p99_ms"], 2),
    }


def accepting() -> int:
    """Measure and print."""
    load = os.getloadavg()[0]
    with ground.database() as postgres:
        alone = measured(ground.fresh(postgres, "alone"), applying=False)
        whole = measured(ground.fresh(postgres, "whole"), applying=True)
        stored = ground.count(postgres.url_for("alone"), "select count(*) from webhook_deliveries")
    met = alone["one_by_one"]["p50_ms"] <= MOST_MS and stored == WARMING + ONE_BY_ONE + SENT
    ground.report(
        {
            "benchmark": "webhooks",
            "load_before": round(load, 1),
            "body_bytes": len(bodies(1)[0]),
            "receiver_alone": alone,
            "with_planner_and_worker": whole,
            "stored": stored,
            "limit_p50_ms": MOST_MS,
            "met": met,
        }
    )
    return 0 if met else 1


def main(argv: Sequence[str]) -> int:
    """The rate of the receiver, or a burst with deaths in the middle."""
    parser = argparse.ArgumentParser(prog="benchmarks.webhooks", description=__doc__)
    parser.add_argument("--burst", action="store_true", help="20,000 deliveries, and kills among them")
    given, rest = parser.parse_known_args(argv)
    if given.burst:
        return subprocess.run(
            [sys.executable, "-m", "tests.burst", *rest], cwd=ground.ROOT, check=False
        ).returncode
    return accepting()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
