"""The commands of the campaign layer as a shell sees them: the product behind them is real."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from overture.entrypoints.cli.main import commands, exit_code

TESTS = Path(__file__).parents[2]
ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
PEOPLE = "E-Mail,First Name,LinkedIn URL,Topic\nada@x.test,Ada,linkedin.com/in/ada-l,looms\nnope,Bob,,\n"
SEQUENCE = """
name: One message
steps:
  - id: hello
    channel: linkedin
    touchpoint: {type: message, message: "Hi {{ first_name }}!"}
    on_failure: end
"""


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and what it printed."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    return {
        "OVERTURE_DATA_DIR": str(tmp_path / "data"),
        "OVERTURE_DATABASE_URL": database_url,
        "OVERTURE_PLUGINS": "fakes",
    }


@pytest.fixture
def overture(
    environment: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """The program in this process: a process of its own for each command takes seconds to start."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Done:
        code = exit_code(lambda: commands(list(arguments), standalone_mode=False))
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return run


def one(done: Done) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_people_are_imported_listed_exported_and_erased(overture: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)

    unasked = overture("leads", "import", str(file))
    done = one(overture("leads", "import", str(file), "--map", "Topic=custom.topic", "--yes"))
    odd = overture("leads", "import", str(file), "--map", "Topic=shoe_size", "--yes")
    listed = one(overture("leads", "list", "--stage", "discovered"))
    table = overture("leads", "export")
    card = overture("leads", "export", listed["lead_id"], "--vcard")
    failed = overture("imports", "failed", done["import_id"])
    whole = one(overture("leads", "export", listed["lead_id"]))
    erased = one(overture("leads", "erase", listed["lead_id"], "--yes"))
    gone = overture("leads", "list")
    taken_back = overture("imports", "rollback", done["import_id"], "--yes")

    assert (unasked.returncode, "--yes" in unasked.stderr) == (5, True)
    assert (done["state"], done["counts"]["created"], done["counts"]["invalid"]) == (
        "finished",
        1,
        {"email_invalid": 1},
    )
    assert file.read_text() == PEOPLE, "the operator's file stays where it is"
    assert odd.returncode == 5
    assert (listed["first_name"], listed["custom"]) == ("Ada", {"topic": "looms"})
    assert table.stdout.splitlines()[0].endswith("custom.topic")
    assert "EMAIL;PREF=1:ada@x.test" in card.stdout
    assert "email_invalid" in failed.stdout
    assert whole["lead_id"] == listed["lead_id"]
    assert erased["lead_ids"] == [listed["lead_id"]]
    assert gone.stdout == ""
    assert one(taken_back)["undone"] == {"changed_since": 1}


def test_a_terminal_sees_a_preview_and_a_bar(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "overture.entrypoints.cli", "leads", "import", str(file)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, **environment, "PYTHONPATH": str(TESTS), "TERM": "dumb", "COLUMNS": "120"},
        cwd=tmp_path,
    )
    os.close(theirs)
    os.write(ours, b"y\n")
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other side is closed
            break
        shown += piece
        if not piece:
            break
    stdout, _ = process.communicate(timeout=60)
    os.close(ours)

    text = shown.decode()
    assert process.returncode == 0, text
    assert json.loads(stdout)["state"] == "finished"
    assert "people.csv: 2 rows" in ANSI.sub("", text)
    assert "linkedin_url" in text
    assert "2/2" in ANSI.sub("", text)


def test_suppressions_are_added_tested_and_lifted(overture: Run) -> None:
    added = one(overture("suppress", "add", "Hollow.test", "--note", "asked us"))
    tested = overture("suppress", "test", "ada@hollow.test")
    listed = one(overture("suppress", "list", "--kind", "domain"))
    lifted = one(overture("suppress", "lift", added["suppression_id"]))
    free = overture("suppress", "test", "ada@hollow.test")
    unsaid = overture("suppress", "lift", added["suppression_id"], "--as-admin")

    assert (added["kind"], added["value"], added["by"].startswith("cli:")) == ("domain", "hollow.test", True)
    assert (tested.returncode, json.loads(tested.stdout)["suppressed"]) == (10, True)
    assert listed["suppression_id"] == added["suppression_id"]
    assert lifted["lifted_at"] is not None
    assert free.returncode == 0
    assert unsaid.returncode == 5


def test_a_campaign_is_made_published_started_and_watched(overture: Run, tmp_path: Path) -> None:
    (tmp_path / "sequence.yaml").write_text(SEQUENCE)
    (tmp_path / "people.csv").write_text(PEOPLE)
    one(overture("accounts", "add", "ada"))
    done = one(overture("leads", "import", "people.csv", "--yes"))
    made = one(overture("campaigns", "create", "Wells", "--account", "ada=2", "-f", "sequence.yaml"))
    valid = one(overture("campaigns", "validate", "wells"))
    ada = one(overture("leads", "list"))["lead_id"]
    draft = one(overture("campaigns", "preview", "Wells", ada))
    rehearsed = one(overture("campaigns", "publish", "Wells", "--dry-run"))
    receipt = one(overture("enrollments", "add", "Wells", "--import", done["import_id"]))
    why = one(overture("campaigns", "why", "Wells"))
    started = one(overture("campaigns", "start", made["campaign_id"]))
    listed = one(overture("enrollments", "list", "--campaign", "Wells"))
    text = one(overture("enrollments", "preview", listed["enrollment_id"]))
    told = one(overture("enrollments", "why", listed["enrollment_id"]))
    recovered = one(overture("enrollments", "recover", listed["enrollment_id"]))
    paused = one(overture("enrollments", "pause", listed["enrollment_id"]))
    twice = overture("enrollments", "pause", listed["enrollment_id"])
    resumed = one(overture("enrollments", "resume", listed["enrollment_id"]))
    stuck = overture("enrollments", "stuck")
    stopped = one(overture("campaigns", "stop", "Wells", "--reason", "enough"))
    unknown = overture("campaigns", "show", "Springs")

    assert (made["state"], made["settings"]["accounts"]) == ("draft", {"ada": 2})
    assert valid["is_valid"] is True
    assert (draft["text"], draft["touchpoint"]["public_identifier"]) == ("Hi Ada!", "ada-l")
    assert rehearsed["version"] is None
    assert (receipt["total"], receipt["enrolled"]) == (1, 1)
    assert why["code"] == "draft"
    assert started["state"] == "active"
    assert text["text"] == "Hi Ada!"
    assert told["sentence"]
    assert recovered["detail"].startswith("recovered by cli:")
    assert (paused["state"], resumed["state"]) == ("paused", "active")
    assert (twice.returncode, twice.stderr.count("\n")) == (1, 1)
    assert (stuck.returncode, stuck.stdout) == (0, "")
    assert (stopped["state"], stopped["state_reason"]) == ("stopped", "enough")
    assert unknown.returncode == 1


def test_approvals_need_the_hash_of_what_was_read(overture: Run) -> None:
    listed = overture("approvals", "list")
    blind = overture("approvals", "approve", "apr_" + "0" * 26, "--yes")
    unknown = overture("approvals", "reject", "apr_" + "0" * 26)

    assert (listed.returncode, listed.stdout) == (0, "")
    assert (blind.returncode, "--hash" in blind.stderr) == (5, True)
    assert unknown.returncode == 1


def test_connections_are_reconciled_watched_and_called_off(overture: Run) -> None:
    one(overture("accounts", "add", "ada"))
    said = ("--state", "invited,lapsed", "--why", "an old tool")
    begun = one(overture("reconcile", "connections", "ada", *said))
    under_way = overture("reconcile", "connections", "ada")
    every = one(overture("reconcile", "connections", "--dry-run"))
    wrong = overture("reconcile", "connections", "ada", "--limit", "0")
    (listed,) = overture("reconcile", "list", "--handle", "ada").stdout.splitlines()
    gone = one(overture("reconcile", "cancel", begun["reconciliation_id"]))
    shown = one(overture("reconcile", "show", begun["reconciliation_id"]))

    assert (begun["state"], begun["scope"]["states"], begun["why"]) == (
        "reading",
        ["invited", "lapsed"],
        "an old tool",
    )
    assert begun["by"].startswith("cli:")
    assert (under_way.returncode, under_way.stderr.count("\n")) == (1, 1)
    assert every == {"data": [], "passed_over": [{"handle": "ada", "code": "reconciliation_under_way"}]}
    assert wrong.returncode == 5
    assert json.loads(listed)["reconciliation_id"] == begun["reconciliation_id"]
    assert (gone["state"], shown) == ("cancelled", gone)
