"""Which browser to drive: the configured one, the system's, or the one Playwright installed.

Standard library only, and nothing of the product: `./dev` runs this file before the packages are there.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PLAYWRIGHT_CACHES = (".cache/ms-playwright", "Library/Caches/ms-playwright")
PLAYWRIGHT_PROGRAMS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "chromium_headless_shell-*/chrome-*/*headless*shell",
)


class ChromiumMissing(Exception):
    """There is no browser to drive; the message is one sentence that says what to do."""


def find_chromium(configured: str | Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """The browser's executable; a configured one is taken at its word and never silently replaced."""
    path = environ.get("PATH", os.defpath)
    if configured:
        named = shutil.which(str(configured), path=path)
        if named is None:
            raise ChromiumMissing(
                f"OVERTURE_CHROMIUM is {configured}, but that is no program that can be run."
            )
        return Path(named).absolute()
    for name in (*SYSTEM_NAMES, *MAC_APPS):
        if found := shutil.which(name, path=path):
            return Path(found).absolute()
    if installed := _by_playwright(environ):
        return installed
    raise ChromiumMissing(
        "No Chromium was found: install it (Debian: `apt-get install chromium`, anywhere: "
        "`playwright install chromium`) or set OVERTURE_CHROMIUM to the browser's executable."
    )


def _by_playwright(environ: Mapping[str, str]) -> Path | None:
    """The newest browser in Playwright's own folder, a full Chromium before a headless shell."""
    if chosen := environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        folders = [Path(chosen)]
    elif home := environ.get("HOME"):
        folders = [Path(home, cache) for cache in PLAYWRIGHT_CACHES]
    else:
        return None
    for folder in folders:
        for pattern in PLAYWRIGHT_PROGRAMS:
            programs = [path for path in folder.glob(pattern) if path.is_file() and os.access(path, os.X_OK)]
            if programs:
                return max(programs, key=_revision)
    return None


def _revision(program: Path) -> int:
    """The number Playwright gives its builds: `chromium-1194` is newer than `chromium-999`."""
    folder = next(
        part for part in program.parts if part.startswith(("chromium-", "chromium_headless_shell-"))
    )
    number = folder.rpartition("-")[2]
    return int(number) if number.isdigit() else 0
