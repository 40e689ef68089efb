"""`./dev eval`: the right evaluation, or one line about what there is."""

import json
from pathlib import Path

import pytest
from profile_builder import Person, a_rest_answer

from overture.entrypoints.evals.__main__ import main


def test_an_evaluation_is_handed_its_arguments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person = Person()
    (tmp_path / "one.json").write_text(json.dumps(a_rest_answer(person)))

    assert main(["profiles", str(tmp_path)]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["files"], result["parsed"]) == (1, 1)


@pytest.mark.parametrize("argv", [[], ["forms", "somewhere"]], ids=["none", "unknown"])
def test_an_unknown_evaluation_is_one_line(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    assert "profiles" in capsys.readouterr().err
