"""Who is not taken in, and who is known although there is neither an address nor a profile."""

from pathlib import Path

import pytest
from import_desk import Desk

from overture.entrypoints.bootstrap import App
from overture.people import suppression
from overture.people.keys import Key
from overture.people.suppression import Wanted


@pytest.fixture
async def desk(app: App, tmp_path: Path) -> Desk:
    """A desk at a fresh product."""
    return Desk(app, tmp_path)


async def test_whoever_is_suppressed_or_erased_is_left_out(desk: Desk) -> None:
    app = desk.app
    await desk.take("Email,Name\nknown@x.example,K\n")
    async with app.sessions.begin() as db:
        now = app.clock.now()
        erased = importing_key("gone@y.example")
        for kind, value, reason in (
            ("email", "no@x.example", "opt_out"),
            ("domain", "never.example", "manual"),
            ("linkedin", "nolink", "declined"),
            ("company", "Evil Corp", "manual"),
            ("email", "known@x.example", "opt_out"),
            ("tombstone", erased, "erased"),
        ):
            await suppression.add(db, app.ids, now, Wanted(kind, value, reason, "tests", "tests"))  # type: ignore[arg-type]
    content = (
        "Email,LinkedIn URL,Company,Name\nno+tag@x.example,,,A\nany@sub.never.example,,,B\n"
        ",linkedin.com/in/nolink,,C\nd@x.example,,Evil Corp.,D\ngone@y.example,,,Secret Name\n"
        "fine@x.example,,,F\nknown@x.example,,,Changed\n"
    )
    imported = await desk.begin(content)
    receipt = await desk.run(imported)

    assert receipt.created == 1
    assert receipt.skipped == {"suppressed": 5, "erased": 1}
    [kept] = await desk.all(
        "select count(*) from import_rows where raw::text like '%Secret%' or detail like '%Secret%'"
    )
    assert kept == (0,)


async def test_a_lead_that_proves_to_be_somebody_suppressed_is_so_too(desk: Desk) -> None:
    app = desk.app
    await desk.take("Email,Name\nada@x.example,Ada\nbob@x.example,Bob\n")
    async with app.sessions.begin() as db:
        now = app.clock.now()
        for kind, value in (("linkedin", "ada-l"), ("company", "Evil Corp")):
            wanted = Wanted(kind, value, "opt_out", "tests", "tests")  # type: ignore[arg-type]
            await suppression.add(db, app.ids, now, wanted)
    content = (
        "Email,LinkedIn URL,Company,Name\nada@x.example,linkedin.com/in/ada-l,,Ada\n"
        "bob@x.example,,Evil Corp,Bob\nnew@x.example,,,New\nnew@x.example,linkedin.com/in/ada-l,,New\n"
    )
    receipt = await desk.take(content)
    await desk.take(content)

    assert (receipt.created, receipt.skipped) == (1, {"suppressed": 3})
    ids = {row[0]: row[1] for row in await desk.all("select value, lead_id from identities")}
    async with app.sessions() as db:
        barred = await suppression.is_suppressed(db, ids.values(), app.clock.now())
    assert set(barred) == {ids["ada@x.example"], ids["new@x.example"]}
    assert await desk.all("select 1 from identities where value = 'ada-l'") == []
    [(carried,)] = await desk.all("select count(*) from suppressions where kind = 'person'")
    assert carried == 2


async def test_whoever_only_a_form_reaches_is_known_by_name_and_site(desk: Desk) -> None:
    content = (
        "First Name,Last Name,Website,Domain,Email\nAda,Lovelace,https://www.engines.example/team,,\n"
        "ADA,LOVELACE,,engines.example,\nBob,Moog,,moog.example,\nCid,,,gmail.com,\n,,moog.example,,\n"
        "Dora,Dorn,dorn.example,,no address\n"
    )
    receipt = await desk.take(content)
    again = await desk.take(content)

    assert (receipt.created, receipt.skipped) == (2, {"duplicate_in_file": 1})
    assert receipt.invalid == {"no_key": 2, "email_invalid": 1}
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    rows = await desk.all("select full_name, website, value from leads join identities using (lead_id)")
    assert sorted(map(tuple, rows)) == [
        ("Ada Lovelace", "https://www.engines.example/team", "site:engines.example/ada lovelace"),
        ("Bob Moog", "https://moog.example", "site:moog.example/bob moog"),
    ]


def importing_key(email: str) -> str:
    """The tombstone of an address."""
    return Key("email", email).tombstone
