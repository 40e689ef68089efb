"""The command line as a shell sees it: stdout, stderr, exit code; the product behind it is real."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from forked import Shell
from overture.core.settings import Settings
from waiting import eventually

TESTS = Path(__file__).parents[1]
START_S = 60.0  # a server imports the whole program first
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("OVERTURE_")},
        "OVERTURE_DATA_DIR": str(tmp_path / "data"),
        "OVERTURE_DATABASE_URL": database_url,
        "OVERTURE_PLUGINS": "fakes",
        "OVERTURE_TICK": "0.05",
        "PYTHONPATH": str(TESTS),
    }


@pytest.fixture
def overture(shell: Shell, environment: dict[str, str], tmp_path: Path) -> Run:
    """Commands forked from a process that has the program loaded."""

    def run(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return shell.run(arguments, {**environment, **more}, tmp_path, stdin)

    return run


@pytest.fixture
def started(environment: dict[str, str], tmp_path: Path) -> Run:
    """Commands started as a shell starts them; each takes seconds to import the program."""

    def run(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "overture.entrypoints.cli", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env={**environment, **more},
            cwd=tmp_path,
            timeout=60,
            check=False,
        )

    return run


def one(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_an_account_from_adding_to_removing(overture: Run) -> None:
    added = one(
        overture(
            *("accounts", "add", "ada", "--credential", "username", "--credential", "password"),
            *("--zone", "Europe/Berlin", "--hours", "00:00-00:00", "--days", "0,1,2,3,4,5,6"),
            stdin="ada@example.test\ncanary-secret\n",
        )
    )
    changed = one(overture("accounts", "change", "ada", "--min-gap", "7"))
    paused = one(overture("accounts", "pause", "ada", "--reason", "lunch"))
    resumed = one(overture("accounts", "resume", "ada"))
    listed = one(overture("accounts", "list"))
    removed = one(overture("accounts", "remove", "ada", "--yes"))
    gone = overture("accounts", "show", "ada")

    assert added["credentials"] == ["password", "username"]
    assert "canary" not in json.dumps([added, changed, listed])
    assert (changed["limits"]["min_gap_s"], changed["zone"]) == (7, "Europe/Berlin")
    assert (paused["state_detail"], resumed["state"], listed["handle"]) == ("lunch", "active", "ada")
    assert removed == {"removed": "ada"}
    assert (gone.returncode, gone.stdout) == (4, "")
    assert gone.stderr.startswith("error: There is no account 'ada'. Add it with")
    assert gone.stderr.count("\n") == 1


def test_secrets_come_from_the_environment_or_a_file(overture: Run, tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    file.write_text('{"username": "ada", "password": "x"}')

    from_file = one(overture("accounts", "add", "ada", "--credential-file", str(file)))
    from_environment = one(
        overture("accounts", "add", "bob", "--credential", "password", OVERTURE_CREDENTIAL_PASSWORD="y")
    )

    assert from_file["credentials"] == ["password", "username"]
    assert from_environment["credentials"] == ["password"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("accounts", "add", "ada", "--credential", "password=hunter2"), "never its value"),
        (("accounts", "add", "ada", "--credential", "password"), "no value for the credential"),
        (("accounts", "add", "Not A Handle"), "handle"),
        (("run", "message", "--handle", "ada", "--message", "hi"), "public_identifier"),
        (("run", "fly"), "No such command"),
        (("runs", "resolve", "run_x"), "delivered"),
        (("accounts", "add", "ada", "--provider", "pigeon"), "no provider 'pigeon'"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_5(
    overture: Run, arguments: tuple[str, ...], words: str
) -> None:
    done = overture(*arguments)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1), done.stderr
    assert words in done.stderr
    assert "hunter2" not in done.stderr


def test_a_wrong_setting_is_named(overture: Run) -> None:
    done = overture("accounts", "list", OVERTURE_TICK="soon")

    assert (done.returncode, done.stderr.count("\n")) == (5, 1)
    assert "tick" in done.stderr


def test_a_database_that_is_away_is_exit_7(started: Run) -> None:
    done = started("accounts", "list", OVERTURE_DATABASE_URL="postgresql://nobody@/none?host=/nonexistent")

    assert (done.returncode, done.stderr.count("\n")) == (7, 1), done.stderr


def test_runs_are_submitted_listed_and_steered(overture: Run, tmp_path: Path) -> None:
    overture("accounts", "add", "ada")
    text = tmp_path / "text"
    text.write_bytes(b"two\r\nlines \n")
    submit = ("run", "message", "--handle", "ada", "--public-identifier", "grace-hopper")

    run = one(overture(*submit, "--message-file", str(text), "--tag", "t", "--idempotency-key", "k"))
    again = one(overture(*submit, "--message-file", str(text), "--tag", "t", "--idempotency-key", "k"))
    listed = one(overture("runs", "list", "--tag", "t"))
    shown = one(overture("runs", "show", run["run_id"]))
    waited = overture(*submit, "--message", "hi", "--wait", "--timeout", "0.1")
    unknown = overture("runs", "show", "run_" + "0" * 26)

    assert run["touchpoint_input"]["message"] == "two\r\nlines \n"
    assert again["run_id"] == listed["run_id"] == shown["run_id"] == run["run_id"]
    assert (waited.returncode, json.loads(waited.stdout)["status"]) == (8, "pending")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    one(overture("runs", "cancel", json.loads(waited.stdout)["run_id"]))


def test_keys_rotate_and_everything_still_opens(overture: Run, environment: dict[str, str]) -> None:
    overture("accounts", "add", "ada", "--credential", "password", stdin="secret\n")

    rotated = one(overture("keys", "rotate"))
    again = one(overture("keys", "rotate"))

    assert (rotated["keys"], rotated["resealed"], again["keys"], again["resealed"]) == (2, 1, 3, 1)
    assert Path(rotated["file"]).stat().st_mode & 0o077 == 0


def test_the_doctor_says_what_is_missing(overture: Run) -> None:
    done = overture("doctor")
    findings = {finding["check"]: finding for finding in map(json.loads, done.stdout.splitlines())}

    assert done.returncode == 1
    assert findings["python"]["ok"]
    assert findings["database"]["ok"]
    assert not findings["linkedin_url"]["ok"]
    assert "OVERTURE_LINKEDIN_URL" in findings["linkedin_url"]["fix"]


def test_migrating_is_said(overture: Run) -> None:
    assert one(overture("migrate")) == {"migrated": "OVERTURE_DATABASE_URL"}


def test_the_sandbox_gets_its_own_options(overture: Run) -> None:
    done = overture("sandbox", "--help")

    assert done.returncode == 0
    assert "--population" in done.stdout


async def test_the_server_tells_where_it_is_and_stops_when_asked(
    environment: dict[str, str], overture: Run, tmp_path: Path
) -> None:
    hours = ("--hours", "00:00-00:00", "--days", "0,1,2,3,4,5,6", "--min-gap", "0")
    one(overture("accounts", "add", "ada", *hours))
    port_file = tmp_path / "port"
    arguments = ["serve", "--port", "0", "--port-file", str(port_file)]
    server = subprocess.Popen(  # noqa: ASYNC220 - starting a process takes no time worth waiting for
        [sys.executable, "-m", "overture.entrypoints.cli", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
    )

    async def announced() -> str | None:
        assert server.poll() is None
        return port_file.read_text().strip() if port_file.exists() else None

    try:
        url = f"http://127.0.0.1:{await eventually(announced, START_S)}"
        submit = ("run", "enrich", "--handle", "ada", "--public-identifier", "grace-hopper", "--wait")
        run = one(overture(*submit))
        key = (Path(environment["OVERTURE_DATA_DIR"]) / "api-key").read_text().strip()
        async with httpx2.AsyncClient(base_url=url, headers={"X-API-Key": key}) as client:
            shown = (await client.get(f"/api/v1/runs/{run['run_id']}")).json()
    finally:
        server.terminate()
        _, log = server.communicate(timeout=30)

    assert (run["status"], shown["status"]) == ("completed", "completed")
    assert server.returncode == 0, "it was killed before its worker and its database could end"
    ready = [json.loads(line) for line in log.splitlines() if '"server.ready"' in line]
    assert [line["url"] for line in ready] == [url]
    assert server.returncode in (0, -15), log


def test_a_command_is_the_same_started_and_forked(started: Run, overture: Run) -> None:
    add = ("accounts", "add", "--credential", "password", "ada")

    first, second = started(*add, stdin="x\n"), overture(*add, stdin="x\n")
    shown = one(overture("accounts", "show", "ada"))

    assert {**one(first), "standing": None} == {**shown, "standing": None}
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith("error: ")


def test_every_settings_name_is_its_variable() -> None:
    assert Settings.model_config["env_prefix"] == "OVERTURE_"
