"""`./dev vendor`: the third-party files of the pages, fetched again and compared with what vendor.toml says.

Each folder with a `vendor.toml` holds exactly the files it lists. The packages come from npm's registry by
`npm pack`; nothing of Node is needed to run the product.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

WEB: Final = Path(__file__).parent
PLACES: Final = (WEB / "static" / "vendor", WEB.parents[3] / "tests" / "web" / "vendor")
LIST: Final = "vendor.toml"


class Differs(Exception):
    """A package or a file is not what vendor.toml says."""


def main() -> int:
    """Fetch every package and write its files anew."""
    for place in PLACES:
        for package in packages(place):
            fetch(place, package)
            sys.stdout.write(f"{package['name']} {package['version']} in {place.name}\n")
    return 0


def packages(place: Path) -> list[Mapping[str, Any]]:
    """What the folder's list names."""
    listed: list[Mapping[str, Any]] = tomllib.loads((place / LIST).read_text())["package"]
    return listed


def files_of(package: Mapping[str, Any]) -> dict[str, str]:
    """Where each file goes, and where in the package it comes from."""
    files = dict(package.get("files", {}))
    for name in package.get("icons", ()):
        files[f"icons/{name}.svg"] = f"icons/outline/{name}.svg"
    return files


def digest_of(place: Path, package: Mapping[str, Any]) -> str:
    """One digest over the package's files as they lie in the folder."""
    whole = hashlib.sha256()
    for name in sorted(files_of(package)):
        whole.update(f"{name}\0{hashlib.sha256((place / name).read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def fetch(place: Path, package: Mapping[str, Any]) -> None:
    """Write the files of one package, if it is the one that was looked at when it was chosen."""
    name = f"{package['name']}@{package['version']}"
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", name], cwd=folder, check=True, capture_output=True, text=True
        )
        tarball = Path(folder, packed.stdout.split()[-1])
        found = hashlib.sha256(tarball.read_bytes()).hexdigest()
        if found != package["sha256"]:
            raise Differs(f"{name}: the package's sha256 is {found}, and {LIST} says {package['sha256']}.")
        with tarfile.open(tarball) as archive:
            for target, source in files_of(package).items():
                member = archive.extractfile(f"package/{source}")
                if member is None:
                    raise Differs(f"{name} has no file {source}.")
                (place / target).parent.mkdir(parents=True, exist_ok=True)
                (place / target).write_bytes(member.read())
    if digest_of(place, package) != package["files_sha256"]:
        raise Differs(f"{name}: the files' digest is {digest_of(place, package)}; {LIST} says otherwise.")


if __name__ == "__main__":
    sys.exit(main())
