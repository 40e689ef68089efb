"""A desk at which files are imported, and what lies on it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from overture.entrypoints.bootstrap import App
from overture.people import importing
from overture.people.importing import ImportKit, Options, Receipt
from overture.people.tables import Import

FILE = """First Name,Last Name,Email,LinkedIn URL,Title,Company,Favourite colour
Ada,Lovelace,ada@engines.example,https://www.linkedin.com/in/ada-l/,Countess,Engines Ltd,green
Bob,Moog,,linkedin.com/in/bobmoog?x=1,Maker,Moog,
Cid,,CID@Example.com,,,Engines,
"""


class Desk:
    """An operator who imports files and looks at what is there then."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app = app
        self.folder = folder
        self.kit = ImportKit(app.sessions, app.clock, app.ids, batch=7)
        self.files: dict[UUID, Path] = {}

    async def begin(
        self, content: str, options: Options | None = None, mapping: Mapping[str, str] | None = None
    ) -> Import:
        """Upload and confirm; a mapping by header, or the suggested one."""
        path = self.folder / f"{len(self.files)}.csv"
        path.write_text(content, encoding="utf-8")
        async with self.app.sessions.begin() as db:
            known = await importing.remembered(db, importing.read(path).header)
            seen = importing.preview(path, remembered=known)
            new = importing.New(path.name, seen, importing.measure(path, seen.reading), "tests")
            imported = await importing.begin(db, self.app.ids, self.app.clock.now(), new)
            columns = importing.by_header(seen.reading, mapping) if mapping else seen.mapping
            await importing.confirm(db, imported, columns, options or Options(), self.app.clock.now())
        self.files[imported.id] = path
        return imported

    async def run(self, imported: Import, kit: ImportKit | None = None) -> Receipt:
        """Take it in; its receipt."""
        done = await importing.run(kit or self.kit, imported.id, self.files[imported.id])
        assert done.state == "finished", done.problem
        async with self.app.sessions() as db:
            return await importing.receipt(db, done)

    async def take(self, content: str, options: Options | None = None, **mapping: str) -> Receipt:
        """Import a file from upload to receipt."""
        return await self.run(await self.begin(content, options, mapping))

    async def all(self, query: str, **values: object) -> list[Any]:
        """What a query finds."""
        async with self.app.sessions() as db:
            return list(await db.execute(text(query), values))

    async def people(self) -> dict[str, dict[str, Any]]:
        """Every lead there is by its first key, with fields and keys."""
        rows = await self.all("""
            select min(i.kind || ':' || i.value) as name,
                array_agg(i.kind || ':' || i.value order by i.kind, i.value) as keys,
                l.first_name, l.last_name, l.full_name, l.title, l.company_name, l.location, l.custom, l.zone
            from leads l join identities i using (lead_id) where merged_into is null group by l.lead_id""")
        return {row.name: row._asdict() for row in rows}

    async def outcomes(self, imported: Import) -> list[tuple[int, str, str | None]]:
        """Row, outcome and code, in order."""
        async with self.app.sessions() as db:
            found = await importing.rows(db, imported.id, size=10_000)
        return [(one.row, one.outcome, one.code) for one in found]
