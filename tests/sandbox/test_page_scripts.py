"""The pages' scripts come in few files, which say what the modules say."""

import re

from overture_sandbox.linkedin.pages.bundle import ENTRIES, EXPORT, FOLDER, IMPORT, SITE, script, source

WRITTEN = {path.stem for path in FOLDER.glob("*.js")}


def test_every_module_is_there_once_and_after_what_it_needs() -> None:
    served = script(f"{SITE}.js") or ""
    begins = {found[1]: found.start() for found in re.finditer(r"^export const \$(\w+) = ", served, re.M)}
    assert set(begins) == WRITTEN - set(ENTRIES)
    assert len(begins) == served.count("export ")
    for module, at in begins.items():
        for needed in IMPORT.finditer(source(module)):
            assert begins[needed[2]] < at, f"{module} comes before {needed[2]}"


def test_what_is_imported_is_exported() -> None:
    exported = {module: set(EXPORT.findall(source(module))) for module in WRITTEN}
    for module in WRITTEN:
        for needed in IMPORT.finditer(source(module)):
            names = {name.split(" as ")[0].strip() for name in (needed[1] or "").split(",") if name.strip()}
            assert names <= exported[needed[2]], f"{module} wants of {needed[2]} what it has not"


def test_nothing_is_left_to_fetch_but_the_bundle() -> None:
    for entry in ENTRIES:
        fetched = re.findall(r'from "\./(\w+)\.js"', script(f"{entry}.js") or "")
        assert fetched == [SITE]
    assert not IMPORT.search(script(f"{SITE}.js") or "")
    assert script("page.js") is None
    assert script("ember.css") is None
