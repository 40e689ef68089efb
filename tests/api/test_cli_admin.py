"""`overture admin …` as a shell sees it."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forked import Shell

TESTS = Path(__file__).parents[1]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def overture(shell: Shell, tmp_path: Path, database_url: str) -> Run:
    """Commands forked from a process that has the program loaded."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OVERTURE_")},
        "OVERTURE_DATA_DIR": str(tmp_path / "data"),
        "OVERTURE_DATABASE_URL": database_url,
        "OVERTURE_PLUGINS": "fakes",
        "PYTHONPATH": str(TESTS),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return shell.run(arguments, environment, tmp_path, "")

    return run


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_jobs_are_done_and_shown(overture: Run) -> None:
    (done,) = rows(overture("admin", "backfill-usage", "--days", "3"))
    (caught,) = rows(overture("admin", "catch-up"))
    (found,) = rows(overture("admin", "backfill-conversations"))
    jobs = {one["job"]: one for one in rows(overture("admin", "jobs"))}

    assert (done["status"], done["trigger"], done["asked"]) == ("completed", "cli", {"days": 3})
    assert done["by"].startswith("cli:")
    assert jobs["rate_usage"]["last"] == done
    assert jobs["messages"]["last"] == caught
    assert jobs["conversations"]["last"] == found
    assert jobs["relations"]["last"] is None


def test_schema_and_tokens(overture: Run) -> None:
    (schema,) = rows(overture("admin", "schema-status"))
    (token,) = rows(overture("admin", "token", "grafana", "--scope", "read", "--minutes", "5"))

    assert (schema["state"], schema["pending"]) == ("current", [])
    assert (token["name"], token["scopes"], token["token"].count(".")) == ("grafana", ["read"], 2)


def test_what_is_missing_or_wrong_is_one_line(overture: Run) -> None:
    refused = {
        ("catch-up", "nobody"): "no account 'nobody'",
        ("token", "grafana", "--scope", "everything"): "scopes",
        ("webhooks",): "--base-url",
        ("webhooks-fix", "--base-url", "https://app.example"): "OVERTURE_UNIPILE",
        ("webhook-add", "emails", "--base-url", "https://app.example"): "source",
        ("webhook-remove", "we_1"): "OVERTURE_UNIPILE",
    }

    for arguments, words in refused.items():
        done = overture("admin", *arguments)
        assert (done.returncode != 0, done.stdout, words in done.stderr) == (True, "", True), done.stderr
