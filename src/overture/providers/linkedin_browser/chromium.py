"""Which browser to drive: the configured one, the system's, or the one Playwright installed.

Standard library only, and nothing of the product: `./dev` runs this file before the packages are there.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

# Without windows, the shell that draws none costs a tenth of the processor time and half the memory of the
# full browser, which opens its own toolbars as pages even when nobody sees them.
SHELL_NAMES = ("chromium-headless-shell", "chrome-headless-shell")
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PLAYWRIGHT_CACHES = (".cache/ms-playwright", "Library/Caches/ms-playwright")
PLAYWRIGHT_SHELL = "chromium_headless_shell-*/chrome-*/*headless*shell"
PLAYWRIGHT_FULL = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")


class ChromiumMissing(Exception):
    """There is no browser to drive; the message is one sentence that says what to do."""


def find_chromium(
    configured: str | Path | None, environ: Mapping[str, str] = os.environ, *, headless: bool = True
) -> Path:
    """The browser's executable; a configured one is taken at its word and never silently replaced."""
    path = environ.get("PATH", os.defpath)
    if configured:
        named = shutil.which(str(configured), path=path)
        if named is None:
            raise ChromiumMissing(
                f"OVERTURE_CHROMIUM is {configured}, but that is no program that can be run."
            )
        return Path(named).absolute()
    shells = SHELL_NAMES if headless else ()
    for name in (*shells, *SYSTEM_NAMES, *MAC_APPS):
        if found := shutil.which(name, path=path):
            return Path(found).absolute()
    if installed := _by_playwright(
        environ, (PLAYWRIGHT_SHELL, *PLAYWRIGHT_FULL) if headless else PLAYWRIGHT_FULL
    ):
        return installed
    raise ChromiumMissing(
        "No Chromium was found: install it (Debian: `apt-get install chromium-headless-shell`, anywhere: "
        "`playwright install chromium`) or set OVERTURE_CHROMIUM to the browser's executable."
    )


def _by_playwright(environ: Mapping[str, str], programs_wanted: tuple[str, ...]) -> Path | None:
    """The newest browser in Playwright's own folder, of the first kind that is there."""
    if chosen := environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        folders = [Path(chosen)]
    elif home := environ.get("HOME"):
        folders = [Path(home, cache) for cache in PLAYWRIGHT_CACHES]
    else:
        return None
    for folder in folders:
        for pattern in programs_wanted:
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
