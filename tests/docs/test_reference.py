"""The reference is in step with the code: settings, problem codes, commands, schema."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from overture.campaigns import SENTENCES
from overture.core.settings import Settings
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.failures import FAILURES
from overture.entrypoints.cli.main import commands
from overture.entrypoints.openapi import documents

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
DOCUMENTS = documents()
REFUSALS = {"Refused", "NotFound", "Conflict", "Invalid", "Unauthorized", "Unavailable"}
FAILED = {"NotPossible", "Throttled", "Transient", "PageChanged", "Never"}
CODE_FIRST = {*REFUSALS, "NotPossible", "Throttled", "Never"}


def raised_codes() -> set[str]:
    """Every literal code given to a refusal anywhere in the product."""
    return {code for path in (ROOT / "src" / "overture").rglob("*.py") for code in codes_in(path)}


def codes_in(path: Path) -> Iterator[str]:
    """Codes given literally: as the first argument, or as `code=`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", None) not in REFUSALS | FAILED:
            continue
        named = [word.value for word in node.keywords if word.arg == "code"]
        first = node.args[:1] if getattr(node.func, "id", None) in CODE_FIRST else []
        for value in [*first, *named]:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `OVERTURE_{name.upper()}` |" in (REFERENCE / "settings.md").read_text()


def test_no_setting_is_documented_that_is_gone() -> None:
    rows = [
        line for line in (REFERENCE / "settings.md").read_text().splitlines() if line.startswith("| `OVER")
    ]

    assert len(rows) == len(Settings.model_fields)


def test_every_code_that_is_raised_has_a_page() -> None:
    raised = raised_codes()

    assert {"handle_taken", "illegal_transition", "not_connected", "no_write_seen"} <= raised, "blind search"
    assert raised <= set(PROBLEMS) | set(FAILURES)
    text = (REFERENCE / "problems.md").read_text()
    assert all(f"### `{code}`" in text for code in raised)


@pytest.mark.parametrize("path", sorted(DOCUMENTS), ids=lambda path: path.name)
def test_generated_documents_are_in_step(path: Path) -> None:
    assert path.read_text() == DOCUMENTS[path], "run `python -m overture.entrypoints.openapi`"


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_reason_is_documented(code: str) -> None:
    assert f"| `{code}` | {SENTENCES[code]} |" in (REFERENCE / "reasons.md").read_text()


def test_every_command_is_documented() -> None:
    text = (REFERENCE / "cli.md").read_text()
    names = [name_of(command) for command in commands.registered_commands]
    for group in commands.registered_groups:
        inner = group.typer_instance
        assert inner is not None
        if group.name != "run":  # its sub-commands are the touchpoint types
            names += [f"{group.name} {name_of(command)}" for command in inner.registered_commands]

    assert "accounts add" in names
    for name in names:
        group_name, _, verb = name.partition(" ")
        assert f"overture {name}" in text or (f"overture {group_name}" in text and f"`{verb} " in text), name


def name_of(command: typer.models.CommandInfo) -> str:
    assert command.callback is not None
    return command.name or command.callback.__name__.replace("_", "-")


def test_tests_that_the_reference_names_are_there() -> None:
    pages = {page: page.read_text() for page in REFERENCE.glob("*.md")}
    named = [
        (page, path) for page, text in pages.items() for path in re.findall(r"`([\w/]+/test_\w+\.py)`", text)
    ]

    assert len(named) > 10
    missing = [
        (page.name, path)
        for page, path in named
        if not (ROOT / "tests" / path.removeprefix("tests/")).exists()
    ]
    assert missing == []
