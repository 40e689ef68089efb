"""An import is taken back: what it made is gone, what it changed is as before, what happened since stays."""

from dataclasses import replace
from pathlib import Path

import pytest
from import_desk import FILE, Desk

from overture.core.errors import Conflict
from overture.db import About, append_events
from overture.entrypoints.bootstrap import App
from overture.people import importing


@pytest.fixture
async def desk(app: App, tmp_path: Path) -> Desk:
    """A desk at a fresh product."""
    return Desk(app, tmp_path)


async def test_rolling_back_removes_and_restores(desk: Desk) -> None:
    await desk.take(FILE)
    before = await desk.people()
    imported = await desk.begin(
        "Email,LinkedIn URL,Title,Company,Shoe size\n"
        "ada@engines.example,linkedin.com/in/ada-2,Queen,Crown,37\n"
        "new@x.example,,,,\nnew@x.example,linkedin.com/in/new,,,\ncid@example.com,,Heir,,40\n"
    )
    await desk.run(imported)
    assert await desk.people() != before
    undone = await importing.roll_back(desk.kit, imported.id, "tests")

    assert (undone.removed, undone.restored, undone.kept) == (1, 3, {})
    assert await desk.people() == before
    again = await importing.roll_back(desk.kit, imported.id, "tests")
    assert again == undone
    [(told,)] = await desk.all("select count(*) from events where type = 'import.rolled_back'")
    assert told == 1
    with pytest.raises(Conflict):
        async with desk.app.sessions.begin() as db:
            await importing.resume(db, await importing.by_id(db, imported.id))


async def test_rolling_back_keeps_whom_something_happened_to(desk: Desk) -> None:
    imported = await desk.begin("Email,Name\n" + "".join(f"p{n}@x.example,P\n" for n in range(4)))
    await desk.run(imported)
    by_email = {row[0]: row[1] for row in await desk.all("select value, lead_id from identities")}
    async with desk.app.sessions.begin() as db:
        now, new = desk.app.clock.now(), desk.app.ids.new
        enrolled = About(lead_id=by_email["p0@x.example"], enrollment_id=new())
        ran = About(lead_id=by_email["p1@x.example"], run_id=new())
        await append_events(db, [(now, "enrollment.created", enrolled, {}), (now, "lead.enriched", ran, {})])
    await desk.take("Email,Title\np2@x.example,Boss\n")
    undone = await importing.roll_back(desk.kit, imported.id, "tests")

    assert (undone.removed, undone.kept) == (1, {"enrolled": 1, "contacted": 1, "changed_since": 1})
    assert sorted(await desk.people()) == [f"email:p{n}@x.example" for n in range(3)]


async def test_rolling_back_removes_the_companies_nobody_works_at_any_more(desk: Desk) -> None:
    await desk.take("Email,Company,Domain\nold@x.example,Kept Ltd,kept.example\n")
    imported = await desk.begin(
        "Email,Company,Domain\na@x.example,Gone Ltd,gone.example\nb@x.example,Gone Ltd,gone.example\n"
        "c@x.example,Kept Ltd,kept.example\nd@x.example,Shared,shared.example\n"
    )
    await desk.run(imported, replace(desk.kit, batch=1))
    await desk.take("Email,Company,Domain\ne@x.example,Shared,shared.example\n")
    await importing.roll_back(replace(desk.kit, batch=1), imported.id, "tests")

    companies = await desk.all("select domain from companies order by domain")
    assert [row.domain for row in companies] == ["kept.example", "shared.example"]
