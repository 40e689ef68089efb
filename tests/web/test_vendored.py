"""Third-party files are exactly what their lists say, and nothing else lies beside them."""

from pathlib import Path

import pytest

from overture.entrypoints.web.vendoring import LIST, PLACES, digest_of, files_of, packages


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.parent.name)
def test_vendored_files_are_what_the_list_says(place: Path) -> None:
    for package in packages(place):
        assert digest_of(place, package) == package["files_sha256"], package["name"]
        assert package["licence"]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.parent.name)
def test_no_other_file_lies_there(place: Path) -> None:
    listed = {name for package in packages(place) for name in files_of(package)} | {LIST}

    assert {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()} == listed
