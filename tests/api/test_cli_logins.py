"""Getting an account in from a shell: what is asked, the answer, one's own session, what it may still do."""
# ruff: noqa: F811 - fixtures of another module are imported by name

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_cli import environment, one, overture  # noqa: F401 - fixtures

from forked import Shell
from overture.accounts import by_handle, challenges, set_state
from overture.core.errors import NeedsHuman
from overture.entrypoints.bootstrap import App
from product import add_account

Run = Callable[..., subprocess.CompletedProcess[str]]
SOON = 4_000_000_000
COOKIES = [
    {"name": "li_at", "value": "canary-li-at", "domain": ".linkedin.test", "path": "/", "expires": SOON},
    {"name": "JSESSIONID", "value": '"ajax:canary"', "domain": ".www.linkedin.test", "path": "/"},
]


async def asked_of(app: App, kind: str) -> None:
    """Ada, of whose owner the service asks something."""
    handle = await add_account(app, "ada")
    async with app.sessions.begin() as db:
        account = await by_handle(db, handle)
        await set_state(db, account, "needs_attention", app.now(), reason=kind, detail="it asks")
        await challenges.note(db, account.id, NeedsHuman(kind, "it asks", path="/checkpoint"), app.now())


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        pytest.param("pin", "734912", marks=pytest.mark.wide),
        pytest.param("totp", "734912", marks=pytest.mark.wide),
        ("app_approval", None),
    ],
)
async def test_the_command_the_account_prints_answers_what_is_asked(
    app: App, overture: Run, kind: str, typed: str | None
) -> None:
    await asked_of(app, kind)
    shown = one(overture("accounts", "show", "ada"))
    asked = one(overture("accounts", "login-status", "ada"))
    printed: str = shown["standing"]["next_action"]["cli"]

    run = one(overture(*printed.replace("CODE", typed or "").split()[1:]))

    assert asked["next_action"]["cli"] == printed
    assert asked["challenge"]["state"] == "open"
    assert (run["touchpoint_type"], run["handle"], run["priority"]) == ("log_in", "ada", 9)
    after = one(overture("accounts", "login-status", "ada"))
    assert (after["state"], after["challenge"]["state"], after["run_id"]) == (
        "active",
        "answered",
        run["run_id"],
    )
    assert "734912" not in json.dumps([run, after])


async def test_a_code_is_read_from_stdin_and_a_wrong_one_refused_unseen(app: App, overture: Run) -> None:
    await asked_of(app, "pin")
    refused = overture("accounts", "answer", "ada", "--code", "-", stdin="12 34\n")
    given = one(overture("accounts", "answer", "ada", "--code", "-", stdin="734912\n"))

    assert (refused.returncode, refused.stdout, "12 34" in refused.stderr) == (5, "", False)
    assert given["touchpoint_type"] == "log_in"


async def test_an_answer_that_does_not_fit_is_refused(app: App, overture: Run) -> None:
    await asked_of(app, "captcha")
    wrong_kind = overture("accounts", "answer", "ada", "--code", "734912")
    started = overture("accounts", "login", "ada")

    assert (wrong_kind.returncode, started.returncode) == (1, 1)
    assert "import-session" in wrong_kind.stderr
    assert "import-session" in started.stderr
    assert one(overture("accounts", "login", "ada", "--start-over"))["touchpoint_type"] == "log_in"


async def test_nothing_asked_and_a_paused_account_are_told(app: App, overture: Run) -> None:
    await add_account(app, "ada")
    nothing = overture("accounts", "answer", "ada", "--approved")
    one(overture("accounts", "pause", "ada"))
    paused = overture("accounts", "login", "ada")

    assert nothing.returncode == 1
    assert "asks nothing" in nothing.stderr
    assert paused.returncode == 4
    assert "Resume it first" in paused.stderr


async def test_the_session_of_ones_own_browser_is_taken_over(
    app: App, shell: Shell, environment: dict[str, str], tmp_path: Path
) -> None:
    await asked_of(app, "captcha")
    file = tmp_path / "cookies.json"
    file.write_text(json.dumps(COOKIES))
    real = {
        **{name: value for name, value in environment.items() if name != "OVERTURE_PLUGINS"},
        "OVERTURE_LINKEDIN_URL": "https://www.linkedin.test",
        "OVERTURE_DATA_DIR": str(app.settings.data_dir),
    }

    def act(*arguments: str) -> dict[str, Any]:
        return one(shell.run(("accounts", *arguments), real, tmp_path))

    printed: str = act("show", "ada")["standing"]["next_action"]["cli"]
    taken = act(*printed.replace("FILE", str(file)).split()[2:])

    assert (taken["state"], taken["has_session"], taken["challenge"]["state"]) == ("active", True, "expired")
    assert "canary" not in json.dumps(taken)


def test_a_session_file_that_cannot_be_read_is_named(overture: Run, tmp_path: Path) -> None:
    done = overture("accounts", "import-session", "ada", str(tmp_path / "nowhere.json"))

    assert (done.returncode, done.stdout) == (5, "")
    assert "nowhere.json cannot be read" in done.stderr


async def test_what_an_account_may_still_do_is_shown(app: App, overture: Run) -> None:
    await add_account(app, "ada")
    shown = one(overture("accounts", "limits", "ada"))

    assert "invite" in json.dumps(shown)
    assert overture("accounts", "limits", "nobody").returncode == 4
