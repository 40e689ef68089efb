"""The profile evaluation: what it prints and writes for a folder of answers, and when it fails."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from profile_builder import Json, Person, a_graphql_answer, a_rest_answer

from overture.entrypoints.evals import profiles

TRUTH: Json = {
    "full_name": "Odalys Brightwater",
    "firstName": "Odalys",
    "member_id": 900_004_711,
    "location": "Gothenburg, Västra Götaland, Sweden",
    "country": "Sweden",
    "industry": "Maritime",
    "connection_degree": 2,
    "connection_distance": "DISTANCE_2",
    "status": "pending",
    "pending": True,
    "connected": False,
    "invitation_urn": "urn:li:fsd_invitation:7200000000000000123",
    "pending_invitation": "urn:li:fsd_invitation:7200000000000000123",
    "incoming_invitation": None,
    "premium": True,
    "current_company": "Quillon Docks",
    "positions": [
        {"title": "Harbour master 0", "company": "Quillon Docks", "start": "2020-04", "end": None},
        {
            "title": "Harbour master 1",
            "date_range": {"start": {"year": 2019, "month": 4}, "end": {"year": 2020}},
        },
        {"title": "Harbour master 2", "current": False},
    ],
    "education": [{"school": "Saltmarsh College", "degree_name": "BSc", "end": 2011}],
    "skills": ["Knot 0", "Knot 1", "Knot 2"],
    "languages": 2,
    "followers": None,
}


def write(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")


def totals(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    line: dict[str, int] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return line


def test_agreement_is_counted_field_by_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "odalys.json", a_rest_answer(Person(situation="pending")))
    write(tmp_path / "truth.json", {"odalys.json": TRUTH})

    code = profiles.main([str(tmp_path)])

    fields = len(TRUTH)
    expected = {"files": 1, "parsed": 1, "refused": 0, "fields": fields, "agree": fields, "disagree": 0}
    assert (totals(capsys), code) == (expected, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", "Odalys Dimwater"),
        ("degree", 3),
        ("skills", ["Knot 0", "Knot 2", "Knot 1"]),
        ("positions", 2),
        ("headline", None),
        ("followers", 12),
        ("premium", False),
        ("shoe_size", 41),
        ("positions", [{"title": "Harbour master 0", "end": "2020"}, {}, {}]),
        ("refused", True),
    ],
)
def test_one_wrong_field_fails_the_evaluation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str, value: object
) -> None:
    write(tmp_path / "odalys.json", a_rest_answer(Person()))
    write(tmp_path / "truth.json", {"odalys": {"full_name": "Odalys Brightwater"} | {field: value}})

    assert profiles.main([str(tmp_path)]) == 1
    assert totals(capsys)["disagree"] == 1


@pytest.mark.parametrize(
    "place",
    [
        lambda folder, truth: write(folder / "truth.json", {"profiles": {"odalys.json": truth}}),
        lambda folder, truth: write(folder / "cases.json", [{"file": "odalys.json", "expected": truth}]),
        lambda folder, truth: write(folder / "expected.json", {"cases": [{"name": "odalys"} | truth]}),
        lambda folder, truth: write(folder / "odalys.truth.json", truth),
        lambda folder, truth: write(folder / "odalys.expected.json", {"expected": truth}),
        lambda folder, truth: write(folder / "expected/odalys.json", truth),
    ],
    ids=["truth file", "list of cases", "cases", "beside", "beside, wrapped", "folder"],
)
def test_truth_is_found_wherever_it_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: Callable[[Path, Json], None]
) -> None:
    write(tmp_path / "odalys.json", a_graphql_answer(Person()))
    place(tmp_path, {"first_name": "Odalys", "degree": 2})

    assert profiles.main([str(tmp_path)]) == 0
    counted = totals(capsys)
    assert counted == {"files": 1, "parsed": 1, "refused": 0, "fields": 2, "agree": 2, "disagree": 0}


def test_a_case_may_carry_its_answer_and_its_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "one.json", {"payload": a_rest_answer(Person()), "expected": {"degree": 2}})

    assert profiles.main([str(tmp_path)]) == 0
    assert totals(capsys)["agree"] == 1


def test_a_refusal_is_right_where_it_is_the_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "login.json").write_text("<html>Sign in</html>")
    write(tmp_path / "gone.json", {"data": {"*elements": []}, "included": []})
    write(tmp_path / "truth.json", {"login": {"refused": "UnknownShape"}, "gone": {"refused": True}})

    assert profiles.main([str(tmp_path)]) == 0
    assert totals(capsys) == {"files": 2, "parsed": 0, "refused": 2, "fields": 2, "agree": 2, "disagree": 0}


def test_a_profile_that_is_refused_disagrees_with_all_its_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "odalys.json", {"data": {}})
    write(tmp_path / "truth.json", {"odalys": {"degree": 2, "first_name": "Odalys"}})

    assert profiles.main([str(tmp_path)]) == 1
    assert totals(capsys)["disagree"] == 2


def test_a_truth_without_its_file_disagrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "odalys.json", a_rest_answer(Person()))
    write(tmp_path / "truth.json", {"nobody.json": {"degree": 2}})

    assert profiles.main([str(tmp_path)]) == 1
    assert totals(capsys)["disagree"] == 1


def test_an_empty_folder_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert profiles.main([str(tmp_path)]) == 1
    assert totals(capsys)["files"] == 0


def test_everything_extracted_is_written_out(tmp_path: Path) -> None:
    write(tmp_path / "in" / "odalys.json", a_rest_answer(Person()))
    write(tmp_path / "in" / "page.json", {})
    out = tmp_path / "out.jsonl"

    profiles.main([str(tmp_path / "in"), "--out", str(out)])

    first, second = (json.loads(line) for line in out.read_text().splitlines())
    assert (first["file"], first["profile"]["skills"][0]["name"]) == ("odalys.json", "Knot 0")
    assert (second["file"], second["refused"]) == ("page.json", "UnknownShape")
