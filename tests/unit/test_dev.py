"""`./dev` before anything is installed: its table, its sentences and its search for a browser."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from overture.providers.linkedin_browser.chromium import ChromiumMissing, find_chromium

SCRIPT = Path(__file__).parents[2] / "dev"


def load() -> ModuleType:
    loader = SourceFileLoader("dev_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader("dev_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["dev_script"] = module
    loader.exec_module(module)
    return module


dev = load()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": os.environ["PATH"]} | environment
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, env=known, check=False
    )


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def folders(tmp_path: Path, **extra: str) -> Mapping[str, str]:
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home")} | extra


def test_help_lists_every_command() -> None:
    shown = run("help")

    assert shown.returncode == 0
    assert [line.split()[0] for line in shown.stdout.splitlines()[2:]] == list(dev.COMMANDS)
    assert run().stdout == shown.stdout


def test_an_unknown_command_shows_the_table_and_fails() -> None:
    shown = run("tests")

    assert shown.returncode == 2
    assert "test " in shown.stdout


def test_every_command_has_something_to_run() -> None:
    wanted = {"demo", "test", "check", "serve", "chaos", "scenarios", "bench", "eval", "openapi", "simulate"}
    wanted |= {"vendor"}

    assert set(dev.COMMANDS) == wanted
    for command in dev.COMMANDS.values():
        assert all(Path(dev.in_venv(step)[0]).parent == SCRIPT.parent / ".venv/bin" for step in command.steps)


def test_an_old_python_is_told_which_one_to_use() -> None:
    with pytest.raises(dev.Missing, match=r"^This is Python 3\.9: use 3\.11 or newer[^\n]*$"):
        dev.check_python((3, 9))
    dev.check_python((3, 11))


@pytest.mark.parametrize(
    ("prefix", "configured_with", "profiled"),
    [
        ("/usr", "'--enable-shared'", True),
        ("/usr/local", "'--enable-optimizations' '--with-lto'", True),
        ("/root/.pyenv/versions/3.11.7", "'--enable-shared'", False),
    ],
)
def test_a_python_built_without_a_profile_is_known(prefix: str, configured_with: str, profiled: bool) -> None:
    assert dev.is_profiled(prefix, configured_with) is profiled


def test_the_python_of_the_packages_is_of_the_version_that_was_called() -> None:
    python = dev.get_python(dict(os.environ))

    shown = subprocess.run(
        [python, "-c", "import sys; print(sys.version_info[:2])"], check=True, capture_output=True
    )
    assert shown.stdout.decode().strip() == str(sys.version_info[:2])


@pytest.mark.parametrize("home", ["", "/nowhere", "/proc"])
def test_a_home_that_cannot_be_written_is_replaced(home: str) -> None:
    environment = dev.usable_environment(
        {"HOME": home, "XDG_CACHE_HOME": "/nowhere", "VIRTUAL_ENV": "/other"}
    )

    if home == "/proc" and os.access(home, os.W_OK):
        pytest.skip("root may write everywhere")
    assert os.access(environment["HOME"], os.W_OK)
    assert set(environment) == {"HOME"}


def test_a_usable_home_stays(tmp_path: Path) -> None:
    given = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": "/bin"}

    assert dev.usable_environment(given) == given


def test_a_program_that_fails_to_start_is_a_failure_with_words() -> None:
    passed, words = dev.attempt(["/nowhere/uv", "--version"], {})

    assert not passed
    assert "/nowhere/uv" in words


def test_every_check_runs_and_one_failure_fails_them_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = dev.run_all(("python -c raise(SystemExit('broken'))", "python -c print(1)"), dict(os.environ))

    assert status == 1
    broken, failed, passed = capsys.readouterr().out.splitlines()
    assert broken == "broken"
    assert failed.startswith("FAILED  python -c raise")
    assert passed.startswith("ok      python -c print(1)")


def test_a_missing_configured_browser_ends_in_one_sentence(tmp_path: Path) -> None:
    shown = run("test", OVERTURE_CHROMIUM="/nowhere/chrome", HOME=str(tmp_path))

    assert shown.returncode == 1
    assert shown.stdout == ""
    assert shown.stderr.splitlines()[-1].startswith("dev: OVERTURE_CHROMIUM is /nowhere/chrome, but")


def test_the_configured_browser_comes_first(tmp_path: Path) -> None:
    program(tmp_path / "bin/chromium")
    chosen = program(tmp_path / "else/browser")

    assert find_chromium(str(chosen), folders(tmp_path)) == chosen


def test_a_configured_browser_is_never_replaced(tmp_path: Path) -> None:
    program(tmp_path / "bin/chromium")

    with pytest.raises(ChromiumMissing, match="OVERTURE_CHROMIUM"):
        find_chromium(str(tmp_path / "gone"), folders(tmp_path))


def test_the_systems_browser_comes_before_playwrights(tmp_path: Path) -> None:
    cached = program(tmp_path / "home/.cache/ms-playwright/chromium-1200/chrome-linux64/chrome")
    assert find_chromium(None, folders(tmp_path)) == cached

    chrome = program(tmp_path / "bin/google-chrome")
    assert find_chromium(None, folders(tmp_path)) == chrome

    chromium = program(tmp_path / "bin/chromium")
    assert find_chromium(None, folders(tmp_path)) == chromium

    shell = program(tmp_path / "bin/chromium-headless-shell")
    assert find_chromium(None, folders(tmp_path)) == shell
    assert find_chromium(None, folders(tmp_path), headless=False) == chromium


def test_playwrights_newest_browser_is_taken_the_shell_when_nobody_looks(tmp_path: Path) -> None:
    browsers = tmp_path / "browsers"
    shell = program(
        browsers / "chromium_headless_shell-1194/chrome-headless-shell-linux64/chrome-headless-shell"
    )
    program(browsers / "chromium-999/chrome-linux/chrome")
    newest = program(browsers / "chromium-1194/chrome-linux/chrome")

    chosen = folders(tmp_path, PLAYWRIGHT_BROWSERS_PATH=str(browsers))
    assert find_chromium(None, chosen) == shell
    assert find_chromium(None, chosen, headless=False) == newest


def test_no_browser_is_one_sentence_with_a_command(tmp_path: Path) -> None:
    with pytest.raises(
        ChromiumMissing, match=r"^No Chromium[^\n]*`apt-get install chromium-headless-shell`[^\n]*\.$"
    ):
        find_chromium(None, folders(tmp_path))
