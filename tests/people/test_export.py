"""People leave as files that are safe to open, and come back as the same people."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from overture.entrypoints.bootstrap import App
from overture.people import importing
from overture.people.exporting import COLUMNS, guarded, leads_csv, vcard
from overture.people.importing import ImportKit, Options
from overture.people.keys import Key
from overture.people.store import LeadFilter
from overture.people.tables import Lead


async def taken_in(app: App, folder: Path, content: str) -> importing.Receipt:
    """Import a file as it is suggested."""
    path = folder / "leads.csv"
    path.write_text(content, encoding="utf-8", newline="")
    seen = importing.preview(path)
    now = app.clock.now()
    async with app.sessions.begin() as db:
        new = importing.New("leads.csv", seen, importing.measure(path, seen.reading), "tests")
        imported = await importing.begin(db, app.ids, now, new)
        await importing.confirm(db, imported, seen.mapping, Options(), now)
    done = await importing.run(ImportKit(app.sessions, app.clock, app.ids), imported.id, path)
    async with app.sessions() as db:
        return await importing.receipt(db, done)


async def exported(app: App) -> str:
    """Every lead as CSV."""
    async with app.sessions() as db:
        return "".join([part async for part in leads_csv(db, LeadFilter())])


FILE = (
    "Email,Secondary Email,LinkedIn URL,First Name,Last Name,Phone,Company,Shoe size\r\n"
    'ada@x.example,ada@y.example,linkedin.com/in/ada-l,=Ada,"Love,lace",+44 20 1,Engines,37\r\n'
    "bob@x.example,,,Bob,@Moog,-1,,\r\n"
)


async def test_an_export_has_its_columns_and_guards_formulas(app: App, tmp_path: Path) -> None:
    await taken_in(app, tmp_path, FILE)
    lines = list(csv.DictReader(io.StringIO(await exported(app))))

    assert list(lines[0]) == [*COLUMNS, "custom.shoe_size"]
    ada = next(line for line in lines if line["email"] == "ada@x.example")
    assert (ada["first_name"], ada["phone"], ada["last_name"]) == ("'=Ada", "'+44 20 1", "Love,lace")
    assert (ada["other_email"], ada["linkedin_url"]) == ("ada@y.example", "https://www.linkedin.com/in/ada-l")


async def test_an_export_that_comes_back_changes_nothing(app: App, tmp_path: Path) -> None:
    await taken_in(app, tmp_path, FILE)
    receipt = await taken_in(app, tmp_path, await exported(app))

    assert (receipt.created, receipt.updated, receipt.unchanged) == (0, 0, 2)


async def test_an_export_into_an_empty_product_brings_the_same_people(app: App, tmp_path: Path) -> None:
    await taken_in(app, tmp_path, FILE)
    before = await exported(app)
    async with app.sessions.begin() as db:
        await db.execute(text("delete from identities"))
        await db.execute(text("delete from leads"))
    receipt = await taken_in(app, tmp_path, before)

    assert receipt.created == 2
    own = {"lead_id", "source", "created_at", "updated_at"}

    def known(content: str) -> list[dict[str, str]]:
        found = [
            {name: cell for name, cell in line.items() if name not in own}
            for line in csv.DictReader(io.StringIO(content))
        ]
        return sorted(found, key=lambda line: line["email"])

    assert known(await exported(app)) == known(before)


@given(st.text(max_size=20))
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    assert guarded(cell)[:1] not in "=+-@\t\r" or cell == ""
    assert guarded(cell) in (cell, f"'{cell}")


def a_lead(**fields: object) -> Lead:
    """A lead of these fields."""
    at = datetime(2026, 3, 2, 9, 4, 11, tzinfo=UTC)
    return Lead(id=UUID(int=7), updated_at=at, **fields)


def test_a_card_says_who_it_is() -> None:
    lead = a_lead(
        first_name="Ada",
        last_name="Lovelace; Byron",
        full_name="Ada Lovelace",
        title="Countess",
        company_name="E, Ltd",
    )
    card = vcard(lead, [Key("email", "ada@x.example"), Key("linkedin", "ada-l")])

    assert card.split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:00000000-0000-0000-0000-000000000007",
        "REV:20260302T090411Z",
        "FN:Ada Lovelace",
        "N:Lovelace\\; Byron;Ada;;;",
        "EMAIL;PREF=1:ada@x.example",
        "ORG:E\\, Ltd",
        "TITLE:Countess",
        "URL;TYPE=linkedin:https://www.linkedin.com/in/ada-l",
        "X-SOCIALPROFILE;TYPE=linkedin:https://www.linkedin.com/in/ada-l",
        "END:VCARD",
        "",
    ]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
@pytest.mark.parametrize("name", ["title", "website", "phone", "location"])
def test_no_text_breaks_a_card(name: str, said: str) -> None:
    card = vcard(a_lead(full_name="A", **{name: said}), [])
    lines = card.split("\r\n")

    assert all(len(line.encode()) <= 75 for line in lines)
    whole = card.replace("\r\n ", "")
    assert whole.count("\r\n") == whole.count("\n") == len(whole.split("\r\n")) - 1
    names = [line.split(":")[0].split(";")[0] for line in whole.split("\r\n") if line]
    assert (names[0], names[-1]) == ("BEGIN", "END")
    assert set(names) <= {"BEGIN", "VERSION", "UID", "REV", "FN", "TITLE", "TEL", "ADR", "URL", "END"}


async def test_the_first_address_of_a_row_stays_the_one_to_write_to(app: App, tmp_path: Path) -> None:
    """Not the one that comes first in the alphabet; and what a later file adds stands behind it."""
    await taken_in(app, tmp_path, "Email,Secondary Email\r\nzoe@work.example,ada@home.example\r\n")
    await taken_in(app, tmp_path, "Email,Secondary Email\r\nzoe@work.example,abe@old.example\r\n")

    (line,) = csv.DictReader(io.StringIO(await exported(app)))

    assert line["email"] == "zoe@work.example"
    assert line["other_email"] == "ada@home.example, abe@old.example"
