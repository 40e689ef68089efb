"""A file becomes leads: once each, with a receipt for every row, and it can be taken back."""

import csv
import gc
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_desk import FILE, Desk

from overture.core.errors import Invalid
from overture.entrypoints.bootstrap import App
from overture.people import importing
from overture.people.importing import Options
from overture.people.tables import Import
from product import MakeApp


@pytest.fixture
async def desk(app: App, tmp_path: Path) -> Desk:
    """A desk at a fresh product."""
    return Desk(app, tmp_path)


async def test_a_file_becomes_leads_with_keys_companies_and_events(desk: Desk) -> None:
    receipt = await desk.take(FILE)

    assert (receipt.created, receipt.decided, receipt.total) == (3, 3, 3)
    people = await desk.people()
    assert sorted(people) == ["email:ada@engines.example", "email:cid@example.com", "linkedin:bobmoog"]
    ada = people["email:ada@engines.example"]
    assert ada["keys"] == ["email:ada@engines.example", "linkedin:ada-l"]
    assert (ada["full_name"], ada["title"], ada["custom"]) == (
        "Ada Lovelace",
        "Countess",
        {"favourite_colour": "green"},
    )
    companies = await desk.all("select name_key from companies order by name_key")
    assert [row.name_key for row in companies] == ["engines", "moog"]
    events = await desk.all(
        "select type, count(*), count(distinct lead_id) from events group by type order by type"
    )
    assert [tuple(row) for row in events] == [("import.finished", 1, 0), ("lead.created", 3, 3)]


async def test_the_same_file_again_creates_and_changes_nothing(desk: Desk) -> None:
    await desk.take(FILE)
    before = await desk.people()
    receipt = await desk.take(FILE)

    assert (receipt.created, receipt.updated, receipt.unchanged) == (0, 0, 3)
    assert await desk.people() == before
    [(told,)] = await desk.all("select count(*) from events where type in ('lead.created', 'lead.updated')")
    assert told == 3


async def test_a_known_person_is_brought_up_to_date_and_nothing_is_emptied(desk: Desk) -> None:
    await desk.take(FILE)
    receipt = await desk.take("Email,LinkedIn URL,Title,Company\ncid@example.com,linkedin.com/in/cid,Heir,\n")
    cid = (await desk.people())["email:cid@example.com"]

    assert receipt.updated == 1
    assert (cid["title"], cid["company_name"], cid["keys"][1]) == ("Heir", "Engines", "linkedin:cid")


async def test_what_must_not_be_overwritten_is_only_filled(desk: Desk) -> None:
    await desk.take(FILE)
    kept = Options(do_not_overwrite=frozenset(("title", "custom.favourite_colour")))
    await desk.take(
        "Email,Title,Last Name,Favourite colour\nada@engines.example,Duchess,Byron,red\n"
        "cid@example.com,Heir,,blue\n",
        kept,
    )
    people = await desk.people()

    ada, cid = people["email:ada@engines.example"], people["email:cid@example.com"]
    assert (ada["title"], ada["last_name"], ada["custom"]) == (
        "Countess",
        "Byron",
        {"favourite_colour": "green"},
    )
    assert (cid["title"], cid["custom"]) == ("Heir", {"favourite_colour": "blue"})


async def test_modes_leave_out_whom_they_are_not_for(desk: Desk) -> None:
    await desk.take(FILE)
    more = "Email,Title\nada@engines.example,Duchess\nnew@example.com,None yet\n"
    adds = await desk.take(more, Options(mode="add_only"))
    updates = await desk.take(
        "Email,Title\nada@engines.example,Queen\nnewer@example.com,x\n", Options(mode="update_only")
    )

    assert (adds.created, adds.skipped) == (1, {"exists": 1})
    assert (updates.updated, updates.skipped) == (1, {"not_found": 1})
    assert (await desk.people())["email:ada@engines.example"]["title"] == "Queen"


async def test_rows_of_one_person_make_one_lead_with_all_their_keys(desk: Desk) -> None:
    rows = "Email,LinkedIn URL,Name\na@x.example,,A\n" + "".join(f"f{n}@x.example,,F\n" for n in range(9))
    rows += "a@x.example,linkedin.com/in/aaa,Other\n,linkedin.com/in/aaa,A again\n"
    imported = await desk.begin(rows)
    receipt = await desk.run(imported)

    assert (receipt.created, receipt.skipped) == (10, {"duplicate_in_file": 2})
    assert (await desk.outcomes(imported))[-1] == (13, "skipped", "duplicate_in_file")
    a = (await desk.people())["email:a@x.example"]
    assert (a["keys"], a["full_name"]) == (["email:a@x.example", "linkedin:aaa"], "A")


@pytest.mark.parametrize("apart", [0, 10])
async def test_a_row_that_joins_two_leads_merges_them(desk: Desk, apart: int) -> None:
    rows = "Email,LinkedIn URL,Name\na@x.example,,A\n,linkedin.com/in/aaa,A B\n"
    rows += "".join(f"f{n}@x.example,,F\n" for n in range(apart)) + "a@x.example,linkedin.com/in/aaa,A B\n"
    imported = await desk.begin(rows)
    receipt = await desk.run(imported)

    assert receipt.decided == receipt.total == apart + 3
    assert (await desk.people())["email:a@x.example"]["keys"] == ["email:a@x.example", "linkedin:aaa"]
    [(left,)] = await desk.all("select count(*) from leads where merged_into is null")
    assert left == apart + 1

    undone = await importing.roll_back(desk.kit, imported.id, "tests")
    assert (undone.removed, undone.kept) == (apart + 2, {})
    assert await desk.all("select 1 from leads") == []


MEMBERS = ("ACoAAAAAAAEBQUJDREVGR0hJSktMTU5PUFFSU1Q", "ACoAAAAAAAIBQUJDREVGR0hJSktMTU5PUFFSU1Q")


async def test_keys_a_lead_was_given_go_with_it_when_the_next_row_merges_it(desk: Desk) -> None:
    header = "Email,Other email,LinkedIn URL\n"
    await desk.take(header + "a@x.example,,\nb@x.example,,\n")
    await desk.take(header + "b@x.example,,linkedin.com/in/b-b\na@x.example,b@x.example,\n")
    again = await desk.take(header + "c@x.example,,linkedin.com/in/b-b\nc@x.example,a@x.example,\n")

    assert again.created == 0
    [person] = (await desk.people()).values()
    assert person["keys"] == [*(f"email:{one}@x.example" for one in "abc"), "linkedin:b-b"]


async def test_two_members_who_share_a_mailbox_stay_two_people(desk: Desk) -> None:
    imported = await desk.begin(
        "Email,vmid,Name\n" + "".join(f"office@x.example,{member},N\n" for member in MEMBERS)
    )
    receipt = await desk.run(imported)

    assert receipt.created == 2
    assert (await desk.outcomes(imported))[1][2] == "key_taken"


async def test_addresses_of_sales_navigator_keep_both_ids(desk: Desk) -> None:
    lead = "ACwAA" + "a" * 34
    await desk.take(
        "Name,Sales Navigator URL,LinkedIn URL\n"
        f'A,"https://www.linkedin.com/sales/lead/{lead},NAME_SEARCH,x1?s=1",https://www.linkedin.com/in/a-b\n'
        f',,\nB,,"https://www.linkedin.com/sales/people/{lead.replace("a", "b", 1)},NAME_SEARCH,z"\n'
    )
    keys = [person["keys"] for person in (await desk.people()).values()]

    assert ["linkedin:a-b", f"sales_navigator:{lead}"] in keys
    assert len(keys) == 2


async def test_bad_rows_come_back_as_a_file_with_reasons_and_can_be_mended(desk: Desk) -> None:
    content = "Email,LinkedIn URL,Name\nnot an address,,A\n,https://linkedin.com/company/x,=B()\nok@x.example,nonsense/,C\n,,D\n"
    imported = await desk.begin(content)
    receipt = await desk.run(imported)

    assert receipt.invalid == {"email_invalid": 1, "linkedin_url_invalid": 1, "no_key": 1}
    assert (await desk.outcomes(imported))[2] == (4, "created", "linkedin_url_invalid")
    async with desk.app.sessions() as db:
        parts = [part async for part in importing.failed_csv(db, await importing.by_id(db, imported.id))]
    lines = list(csv.DictReader(io.StringIO("".join(parts))))
    assert [(line["Email"], line["Name"], line["Overture row"]) for line in lines] == [
        ("not an address", "A", "2"),
        ("", "'=B()", "3"),
        ("", "D", "5"),
    ]
    assert all(line["Overture reason"] for line in lines)
    mended = "".join(parts).replace("not an address", "a@x.example")
    again = await desk.take(mended)
    assert again.created == 1
    assert (await desk.people())["email:a@x.example"]["custom"] == {}


async def test_attributes_of_listmonk_are_columns_too(desk: Desk) -> None:
    attributes = (
        '"{""city"": ""Oslo"", ""plan"": {""seats"": 3}, ""linkedin"": ""linkedin.com/in/aaa"", ""x"": null}"'
    )
    receipt = await desk.take(
        f"email,name,attributes,status\na@x.example,A B,{attributes},enabled\n"
        "b@x.example,B,[1],enabled\nc@x.example,C,{},blocklisted\n"
    )
    people = await desk.people()

    assert (receipt.created, receipt.skipped) == (2, {"do_not_import": 1})
    a = people["email:a@x.example"]
    assert (a["keys"][1], a["location"], a["custom"]) == (
        "linkedin:aaa",
        "Oslo",
        {"city": "Oslo", "plan": {"seats": 3}},
    )


async def test_a_mapping_that_was_confirmed_is_remembered_for_the_same_header(desk: Desk) -> None:
    await desk.take("Whom,What\na@x.example,blue\n", Whom="email", What="custom.colour")
    again = await desk.begin("Whom,What\nb@x.example,red\n")

    assert again.mapping == {"columns": ["email", "custom.colour"]}
    await desk.run(again)
    assert (await desk.people())["email:b@x.example"]["custom"] == {"colour": "red"}


@pytest.mark.parametrize("mapping", [{"Whom": "nonsense"}, {"Whom": "title"}, {"Whom": "custom.Not ok"}])
async def test_a_mapping_that_does_not_fit_is_refused(desk: Desk, mapping: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await desk.begin("Whom,What\na@x.example,blue\n", mapping=mapping)


class Crash(BaseException):
    """The process dies."""


def dying_after(batches: int) -> Callable[[Import], None]:
    """Dies when so many batches are stored."""
    left = iter(range(batches))

    def on_progress(_: Import) -> None:
        if next(left, None) is None:
            raise Crash

    return on_progress


async def test_an_import_goes_on_where_a_crash_left_it(desk: Desk) -> None:
    rows = "".join(f"p{n % 40}@x.example,P{n}\n" for n in range(60))
    imported = await desk.begin("Email,Name\n" + rows)
    with pytest.raises(Crash):
        await importing.run(
            replace(desk.kit, on_progress=dying_after(3)), imported.id, desk.files[imported.id]
        )
    async with desk.app.sessions() as db:
        assert await importing.under_way(db) == [imported.id]
        assert (await importing.by_id(db, imported.id)).done == 28
    receipt = await desk.run(imported)

    assert (receipt.created, receipt.skipped, receipt.decided) == (40, {"duplicate_in_file": 20}, 60)
    assert [row for row, _, _ in await desk.outcomes(imported)] == list(range(2, 62))


async def test_another_file_in_its_place_is_not_gone_on_with(desk: Desk) -> None:
    imported = await desk.begin("Email\na@x.example\n")
    desk.files[imported.id].write_text("Email\nb@x.example\n")
    done = await importing.run(desk.kit, imported.id, desk.files[imported.id])

    assert done.state == "failed"
    assert await desk.people() == {}


async def test_progress_is_told_and_kept(desk: Desk) -> None:
    told: list[tuple[int, int]] = []
    kit = replace(desk.kit, on_progress=lambda one: told.append((one.done, one.total)))
    await desk.run(await desk.begin("Email\n" + "".join(f"p{n}@x.example\n" for n in range(20))), kit)

    assert told == [(7, 20), (14, 20), (20, 20), (20, 20)]


async def test_an_import_leaves_the_garbage_collector_as_it_was(desk: Desk) -> None:
    imported = await desk.begin("Email\n" + "".join(f"p{n}@x.example\n" for n in range(20)))
    with pytest.raises(Crash):
        await importing.run(
            replace(desk.kit, on_progress=dying_after(1)), imported.id, desk.files[imported.id]
        )

    assert gc.isenabled()


WORDS = st.sampled_from(["", "a", "b", "c", "d", "no address", "=x"])
ROWS = st.lists(
    st.tuples(WORDS, WORDS, WORDS, st.sampled_from(["", "X", "Y"]), st.booleans()), min_size=1, max_size=14
)


@given(ROWS, st.sampled_from(["add_update", "add_only", "update_only"]), st.sampled_from([1, 3, 50]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
async def test_i23_the_outcomes_sum_to_the_rows(desk: Desk, rows: list[Any], mode: Any, batch: int) -> None:
    text_ = io.StringIO()
    writer = csv.writer(text_)
    writer.writerow(["Email", "LinkedIn URL", "External ID", "Name", "Do not import"])
    for email, slug, external, name, refuses in rows:
        address = f"{email}@x.example" if len(email) == 1 else email
        profile = f"linkedin.com/in/slug-{slug}" if len(slug) == 1 else slug
        writer.writerow([address, profile, external, name, "yes" if refuses else ""])
    imported = await desk.begin(text_.getvalue(), Options(mode=mode))
    receipt = await desk.run(imported, replace(desk.kit, batch=batch))

    filled = [row for row in csv.reader(io.StringIO(text_.getvalue())) if any(row)]
    assert receipt.decided == receipt.total == len(filled) - 1
    assert len({row for row, _, _ in await desk.outcomes(imported)}) == receipt.total
    if mode == "add_update":
        again = await desk.take(text_.getvalue())
        assert (again.created, again.updated, again.decided) == (0, 0, receipt.total)
    doubled = await desk.all(
        "select 1 from leads l where merged_into is null "
        "and not exists (select from identities i where i.lead_id = l.lead_id)"
    )
    assert doubled == []


async def test_thousands_of_rows_go_in_as_one_file(desk: Desk) -> None:
    rows = "".join(
        f"p{n}@c{n % 50}.example,https://www.linkedin.com/in/p-{n},First{n},Last,Engineer,Company {n % 50}\n"
        for n in range(3_000)
    )
    receipt = await desk.run(
        await desk.begin("Email,LinkedIn URL,First Name,Last Name,Title,Company\n" + rows),
        replace(desk.kit, batch=1_000),
    )

    assert receipt.created == 3_000
    [(leads, keys, companies)] = await desk.all(
        "select (select count(*) from leads), (select count(*) from identities), "
        "(select count(*) from companies)"
    )
    assert (leads, keys, companies) == (3_000, 6_000, 50)


async def test_an_import_beside_another_of_the_same_people_makes_nobody_twice(
    make_app: MakeApp, tmp_path: Path
) -> None:
    import asyncio

    app = await make_app()
    desk = Desk(app, tmp_path)
    files = ["Email,Name\n" + "".join(f"p{n}@x.example,{who}\n" for n in range(60)) for who in "AB"]
    imports = [await desk.begin(content) for content in files]
    receipts = await asyncio.gather(*(desk.run(one) for one in imports))

    assert sum(receipt.created for receipt in receipts) == 60
    assert all(receipt.decided == 60 for receipt in receipts)
    assert len(await desk.people()) == 60


def test_every_code_of_a_row_has_a_sentence() -> None:
    source = "".join(path.read_text() for path in Path(importing.__file__).parent.glob("*.py"))
    named = set(re.findall(r"\"([a-z]+_[a-z_]+)\",? \*(?:codes|row)", source))

    assert named
    assert named <= set(importing.REASONS)
