"""The pages' scripts as a site serves them: a few files, and not one for each module.

`site.js` holds every module, in the order in which they need each other; the entries `app.js` and `post.js`
take from it what they import.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "static"
ENTRIES: Final = ("app", "post")
SITE: Final = "site"
IMPORT: Final = re.compile(r'^import (?:\{ ?([^}]*?) ?\} from )?"\./(\w+)\.js";$', re.MULTILINE)
EXPORT: Final = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)

WAITING: Final = re.compile(r"^(?:if \(.*\) )?await ", re.MULTILINE)


@cache
def script(name: str) -> str | None:
    """What is served under a name, such as `app.js`; None: it is no script of the bundle."""
    stem, _, suffix = name.rpartition(".")
    if suffix != "js":
        return None
    if stem == SITE:
        return "\n".join(as_object(module) for module in modules())
    return as_entry(stem) if stem in ENTRIES else None


@cache
def source(module: str) -> str:
    """A module as it is written."""
    return (FOLDER / f"{module}.js").read_text()


def modules() -> list[str]:
    """Every module that an entry needs, after those it needs itself."""
    found: list[str] = []

    def need(module: str, above: tuple[str, ...]) -> None:
        if module in above:
            raise ValueError(f"scripts need each other in a ring: {' > '.join((*above, module))}")
        for needed in IMPORT.finditer(source(module)):
            need(needed[2], (*above, module))
        if module not in found and module not in ENTRIES:
            found.append(module)

    for entry in ENTRIES:
        need(entry, ())
    return found


def as_object(module: str) -> str:
    """A module as an object of what it exports; what else it names stays its own.

    Where one waits for something, all that come after it wait too: it is `page.js`, which they all need.
    """
    written = IMPORT.sub(taken, source(module))
    exported = ", ".join(EXPORT.findall(written))
    begin = "await (async () =>" if WAITING.search(written) else "(() =>"
    body = EXPORT.sub("", written)
    return f"export const ${module} = {begin} {{\n{body}\nreturn {{ {exported} }};\n}})();\n"


def as_entry(module: str) -> str:
    """An entry, which takes from the bundle what it imports."""
    written = source(module)
    needed = sorted({f"${found[2]}" for found in IMPORT.finditer(written)})
    return f'import {{ {", ".join(needed)} }} from "./{SITE}.js";\n{IMPORT.sub(taken, written)}'


def taken(found: re.Match[str]) -> str:
    """An import as a line that takes the names from the module's object."""
    names = (found[1] or "").replace(" as ", ": ")
    return f"const {{ {names} }} = ${found[2]};" if names else ""
