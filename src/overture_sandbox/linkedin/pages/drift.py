"""A site that was changed over night: the same pages under other names, in up to three degrees.

1: other class names and element ids. 2: other data-testid, componentkey and view names as well. 3: also other
words on everything that can be pressed or read. Pages, scripts and style sheets are renamed by the same rule,
so the site goes on working; addresses, roles and forms stay.
"""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from overture_sandbox.linkedin.pages.bundle import script

FOLDER: Final = Path(__file__).parent
SOURCES: Final = ("templates/*.html", "templates/*/*.html", "static/*.js", "static/*.css")
CLASSES: Final = re.compile(r"class(?:Name)?=\"([^\"]*)\"")
IDS: Final = re.compile(r"\bid=\"([^\"{$]+)\"")
STYLED: Final = re.compile(r"[.#]([a-z][\w-]*-[\w-]*)")
MARKED: Final = re.compile(r"data-(?:testid|view-name)=\\?\"([\w:-]+)\\?\"")
KEYED: Final = re.compile(r"componentkey=\\?\"([^\"\\{}$]+)\\?\"")
COMPOSED: Final = re.compile(r"([a-z][\w-]*-)(?:\$\{|\{\{)")  # the beginning of a name that is put together
HASHED: Final = re.compile(r"\b_[0-9a-f]{8}\b")
NUMBERED: Final = re.compile(r"(ember\d+)-[a-z][a-z-]+")
WORD: Final = re.compile(r"\{\w+\}|[^\W\d_]+")
LEAST: Final = 4  # shorter names, and names without a hyphen, may mean something else elsewhere


@dataclass(frozen=True)
class Drift:
    """How far the pages of one account have moved away from those that are known."""

    level: int
    build: str

    def page(self, text: str) -> str:
        """A finished page, or what a script or style sheet says, under the new names."""
        if not self.level:
            return text
        text = HASHED.sub(lambda found: "_" + self._new(found[0], 8), self._renamed(text, "names"))
        text = NUMBERED.sub(lambda found: f"{found[1]}-{self._new(found[0], 6)}", text)
        if self.level >= 2:
            text = self._renamed(text, "marks")
            for key in sorted(set(KEYED.findall(text)), key=len, reverse=True):
                text = text.replace(key, self._new(key, 20))
        return text.replace('"/static/', f'"{self.folder}/')

    def words(self, phrases: dict[str, str]) -> dict[str, str]:
        """What is written on the page, in words nobody has seen before."""
        if self.level < 3:
            return phrases
        return {key: WORD.sub(self._word, text) for key, text in phrases.items()}

    @property
    def folder(self) -> str:
        """Where scripts and style sheets of this degree are."""
        return f"/static/moved-{self.level}"

    def _renamed(self, text: str, kind: str) -> str:
        return pattern(kind).sub(lambda found: self._new(found[0], 10), text)

    def _word(self, found: re.Match[str]) -> str:
        if found[0].startswith("{"):
            return found[0]
        strange = "".join("aeioukmnprstvz"[byte % 14] for byte in sha256(found[0].encode()).digest()[:7])
        return strange.capitalize() if found[0][0].isupper() else strange

    def _new(self, name: str, length: int) -> str:
        return "x" + sha256(f"{self.build}|{name}".encode()).hexdigest()[:length]


@cache
def pattern(kind: str) -> re.Pattern[str]:
    """Finds every class name and element id (`names`), or every mark for tests and views (`marks`)."""
    found = names() if kind == "names" else marks()
    alternatives = "|".join(re.escape(name) for name in sorted(found, key=len, reverse=True))
    return re.compile(rf"(?<![\w/=-])(?:{alternatives})(?![\w/-])")


@cache
def sources() -> tuple[str, ...]:
    """Every file pages are made of."""
    return tuple(path.read_text() for glob in SOURCES for path in sorted(FOLDER.glob(glob)))


@cache
def names() -> frozenset[str]:
    """Class names and ids in the files, of several parts: one word alone is said of other things."""
    groups = [group for text in sources() for kind in (CLASSES, IDS) for group in kind.findall(text)]
    styled = [name for text in sources() for name in STYLED.findall(text)]
    given = {name for group in groups for name in re.sub(r"\{[{%].*?[}%]\}|\$\{.*?\}", " ", group).split()}
    found = {name for name in given | set(styled) if re.fullmatch(r"[a-z][\w-]*-[\w-]*\w", name)}
    made = tuple({start for text in sources() for start in COMPOSED.findall(text)})
    return frozenset(name for name in found - marks() if len(name) >= LEAST and not name.startswith(made))


@cache
def marks() -> frozenset[str]:
    """The values of `data-testid` and `data-view-name` in the files."""
    return frozenset(name for text in sources() for name in MARKED.findall(text) if len(name) >= LEAST)


def moved_files(style: str, build: str, draw_style: str) -> Route:
    """The scripts and style sheets of drifted pages; `style` is the name of the sheet that is drawn."""

    async def moved(request: Request) -> Response:
        name, level = str(request.path_params["name"]), int(request.path_params["level"])
        path = FOLDER / "static" / name
        if name == style:
            return Response(Drift(level, build).page(draw_style), media_type="text/css")
        bundled = script(name)
        if bundled is None and (path.parent != FOLDER / "static" or not path.is_file()):
            return Response(status_code=404)
        media = "text/javascript" if path.suffix == ".js" else "text/css"
        return Response(Drift(level, build).page(bundled or path.read_text()), media_type=media)

    return Route("/static/moved-{level:int}/{name}", moved)
