"""I23: every row of a file has one outcome, the same file again makes nobody, and taking it back leaves
everybody as they were before.
"""

import csv
import io
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from overture.entrypoints.bootstrap import App
from overture.people import importing
from overture.people.importing import ImportKit, Options, Receipt

SEEDS = 5
ROWS = 60
HEADER = ("First Name", "Last Name", "Email", "LinkedIn URL", "Title", "Company", "Size")
EVERYBODY = text("""
select l.first_name, l.last_name, l.title, l.company_name, l.custom, l.stage, keys
from leads l left join lateral (select array_agg(kind || ':' || value order by kind, value) as keys
    from identities i where i.lead_id = l.lead_id) of_lead on true
where merged_into is null order by keys
""")


def a_file(seed: int, people: int) -> str:
    """Rows of few people, many times: known by one key or another, in other spellings, or by none."""
    luck, content = Random(seed), io.StringIO()
    rows = csv.writer(content)
    rows.writerow(HEADER)
    for _ in range(ROWS):
        number = luck.randrange(people)
        address = luck.choice(
            (f"p{number}@x{seed}.example", f"P{number}@X{seed}.example", "", "not an address")
        )
        slug = luck.choice(
            (f"https://www.linkedin.com/in/p{seed}-{number}/", f"linkedin.com/in/p{seed}-{number}", "")
        )
        title = luck.choice(("Maker", "Mender", "", "=1+1"))
        rows.writerow(
            (f"P{number}", "", address, slug, title, luck.choice(("Acme", "")), luck.choice(("", "9")))
        )
    return content.getvalue()


class Desk:
    """An operator with files."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.kit = ImportKit(app.sessions, app.clock, app.ids, batch=7)

    async def take(self, content: str) -> tuple[Any, Receipt]:
        """Import a file, from upload to receipt."""
        path, app = self.folder / "people.csv", self.app
        path.write_text(content, encoding="utf-8")
        async with app.sessions.begin() as db:
            seen = importing.preview(path)
            new = importing.New(path.name, seen, importing.measure(path, seen.reading), "tests")
            made = await importing.begin(db, app.ids, app.now(), new)
            await importing.confirm(db, made, seen.mapping, Options(), app.now())
        done = await importing.run(self.kit, made.id, path)
        async with app.sessions() as db:
            return made.id, await importing.receipt(db, done)

    async def everybody(self) -> list[tuple[object, ...]]:
        """All that is known of all there are."""
        async with self.app.sessions() as db:
            return [tuple(row) for row in await db.execute(EVERYBODY)]


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_every_row_has_an_outcome_and_the_file_again_makes_nobody(
    app: App, tmp_path: Path, seed: int
) -> None:
    desk = Desk(app, tmp_path)
    content = a_file(seed, people=12)
    _, first = await desk.take(content)
    known = await desk.everybody()
    _, again = await desk.take(content)

    assert (first.total, first.decided) == (ROWS, ROWS)
    assert (again.total, again.decided, again.created) == (ROWS, ROWS, 0)
    assert len(await desk.everybody()) == len(known)
    assert first.created >= len(known) > 0  # a row may join two that were made before it


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_taking_it_back_leaves_everybody_as_they_were(app: App, tmp_path: Path, seed: int) -> None:
    desk = Desk(app, tmp_path)
    await desk.take(a_file(seed, people=8))
    before = await desk.everybody()
    import_id, _ = await desk.take(a_file(seed, people=16).replace("Maker", "Chief"))
    assert await desk.everybody() != before
    undone = await importing.roll_back(desk.kit, import_id, "tests")

    assert undone.kept == {}
    assert await desk.everybody() == before
