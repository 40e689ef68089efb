"""A file that names somebody anew changes the whole name too."""

from pathlib import Path

import pytest
from import_desk import Desk

from overture.entrypoints.bootstrap import App
from overture.people.importing import Options


@pytest.fixture
def desk(app: App, tmp_path: Path) -> Desk:
    return Desk(app, tmp_path)


@pytest.mark.parametrize(
    ("row", "keep", "whole"),
    [
        ("Email,First Name\na@x.example,Xaver\n", (), "Xaver Lovelace"),
        ("Email,First Name\na@x.example,Xaver\n", ("full_name",), "Ada Lovelace"),
        ("Email,First Name\na@x.example,Ada\n", (), "Ada Lovelace"),
    ],
)
async def test_a_row_with_another_first_name_changes_the_whole_name(
    desk: Desk, row: str, keep: tuple[str, ...], whole: str
) -> None:
    await desk.take("Email,First Name,Last Name\na@x.example,Ada,Lovelace\n")
    await desk.take(row, Options(do_not_overwrite=frozenset(keep)))

    assert (await desk.people())["email:a@x.example"]["full_name"] == whole
