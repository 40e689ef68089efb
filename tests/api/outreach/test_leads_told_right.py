"""What is said of leads is so: no key is lost silently, a whole name follows its parts, a list is whole."""

import json
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from sqlalchemy import text

from crowd import a_lead, see, take
from overture.entrypoints.api.outreach import lead_acts
from overture.entrypoints.bootstrap import App
from overture.entrypoints.cli.main import commands, exit_code
from overture.people import LeadFilter, Mode
from product import psycopg_url

ADA = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@x.test"}
CROWD = """
insert into leads (lead_id, first_name, custom, source, stage, created_at, updated_at)
select ('ffffffff-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid, 'Crowd', '{}', 'api',
    'DISCOVERED', now(), now() from generate_series(1, 2300) number
"""
"""Newer than everybody else, and free to be contacted: more than one page looks at."""


async def add(client: httpx2.AsyncClient, **fields: object) -> str:
    """Take a person in; the address of their lead."""
    answer = await client.post("/api/v1/leads", json=fields)
    assert answer.status_code == 201, answer.text
    return f"/api/v1/leads/{answer.json()['lead']['lead_id']}"


async def change(client: httpx2.AsyncClient, address: str, **fields: object) -> dict[str, Any]:
    """Change a lead; how it is then."""
    answer = await client.patch(address, json=fields)
    assert answer.status_code == 200, answer.text
    lead: dict[str, Any] = answer.json()
    return lead


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not-an-email"),
        ("linkedin_url", "https://www.linkedin.com/company/acme"),
        ("linkedin_url", "ada-l"),
        ("linkedin_slug", "ada@x.test"),
        ("linkedin_profile_id", "ada-l"),
        ("linkedin_member_id", "many"),
        ("sales_navigator", "https://www.linkedin.com/in/ada-l"),
        ("external_id", "7" * 501),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_its_name(
    client: httpx2.AsyncClient, field: str, value: str
) -> None:
    address = await add(client, **ADA)
    answer = await client.patch(address, json={"title": "Countess", field: value})
    lead = (await client.get(address)).json()

    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "validation_error")
    assert [(one["pointer"], one["location"], one["code"]) for one in told["errors"]] == [
        (f"/{field}", "body", "unreadable")
    ]
    assert field in told["detail"]
    assert (lead["title"], lead["identities"]) == (None, [{"kind": "email", "value": "ada@x.test"}])


async def test_keys_that_can_be_read_are_added_and_empty_ones_say_nothing(client: httpx2.AsyncClient) -> None:
    address = await add(client, **ADA)
    more = {"linkedin_url": "linkedin.com/in/ada-l", "linkedin_member_id": "7", "external_id": "crm-1"}
    lead = await change(client, address, email="Ada <ada@new.test>", sales_navigator=None, **more)
    same = await change(client, address, email=" ", linkedin_slug="")

    values = {one["value"] for one in lead["identities"]}
    assert values == {"ada@x.test", "ada@new.test", "ada-l", "7", "crm-1"}
    assert same["identities"] == lead["identities"]


@pytest.mark.parametrize(
    ("before", "changed", "after"),
    [
        ("Ada Lovelace", {"first_name": "Xaver"}, "Xaver Lovelace"),
        ("Lovelace, Ada", {"last_name": "King"}, "Ada King"),
        (None, {"first_name": "Xaver"}, "Xaver Lovelace"),
        ("Ada Lovelace", {"first_name": None}, "Lovelace"),
        ("Ada Lovelace", {"first_name": None, "last_name": None}, None),
        ("Countess Ada of Lovelace", {"first_name": "Xaver"}, "Countess Ada of Lovelace"),
        ("Ada Lovelace", {"first_name": "Xaver", "full_name": "X. Lovelace"}, "X. Lovelace"),
        ("Ada Lovelace", {"first_name": "Xaver", "full_name": None}, None),
        (None, {"title": "Countess"}, None),
    ],
)
async def test_the_whole_name_follows_its_parts(
    client: httpx2.AsyncClient, before: str | None, changed: dict[str, object], after: str | None
) -> None:
    address = await add(client, **ADA, full_name=before)
    lead = await change(client, address, **changed)

    assert lead["full_name"] == after
    assert (await client.get(address)).json()["full_name"] == after


async def test_the_event_of_a_change_names_the_whole_name_too(client: httpx2.AsyncClient, app: App) -> None:
    address = await add(client, **ADA, full_name="Ada Lovelace")
    await change(client, address, first_name="Xaver")
    async with app.sessions() as db:
        told = (await db.scalars(text("select data from events where type = 'lead.updated'"))).all()

    assert [one["fields"] for one in told] == [["first_name", "full_name"]]


async def test_whoever_is_taken_in_again_under_another_name_is_called_so(app: App) -> None:
    lead = await a_lead(app, **ADA, full_name="Ada Lovelace")
    taken = await take(app, email="ada@x.test", first_name="Xaver")

    assert (await see(app, lead)).full_name == "Xaver Lovelace"
    assert taken.before["fields"] == {"first_name": "Ada", "full_name": "Ada Lovelace"}


async def test_a_whole_name_that_is_not_to_be_overwritten_stays(app: App) -> None:
    lead = await a_lead(app, **ADA, full_name="Ada Lovelace")
    bare = await a_lead(app, email="bob@x.test", first_name="Bob")
    mode = Mode(keeps=frozenset({"full_name"}))
    await take(app, mode, email="ada@x.test", first_name="Xaver")
    await take(app, mode, email="bob@x.test", last_name="Moog")

    assert (await see(app, lead)).full_name == "Ada Lovelace"
    assert (await see(app, bare)).full_name == "Bob Moog"


@pytest.mark.parametrize("limit", [1, 2, 200])
async def test_a_list_of_the_suppressed_looks_at_everybody(
    client: httpx2.AsyncClient, app: App, limit: int
) -> None:
    for number in range(3):
        await add(client, email=f"p{number}@never.test")
    await client.post("/api/v1/suppressions", json={"kind": "domain", "value": "never.test"})
    async with app.sessions.begin() as db:
        await db.execute(text(CROWD))
    wanted = lead_acts.Wanted(LeadFilter(), is_suppressed=True)
    async with app.sessions() as db:
        page = await lead_acts.find_leads(app, db, wanted, None, limit)
        found = await lead_acts.first_leads(app, db, wanted, limit)
        free = await lead_acts.first_leads(app, db, lead_acts.Wanted(LeadFilter(), is_suppressed=False), 2299)

    assert (page.leads, page.last is not None) == ([], True)
    assert len(found) == min(limit, 3)
    assert len({lead.id for lead in free}) == 2299


def test_the_command_lists_whoever_is_suppressed_beyond_the_first_page(
    tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTURE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OVERTURE_DATABASE_URL", database_url)
    monkeypatch.setenv("OVERTURE_PLUGINS", "fakes")
    with psycopg.connect(psycopg_url(database_url), autocommit=True) as db:
        old = "11111111-0000-7000-8000-000000000001"
        db.execute(CROWD.replace("1, 2300", "2, 2300"))
        db.execute("update leads set lead_id = %s where right(lead_id::text, 3) = '8fc'", (old,))
        db.execute("insert into identities values ('email', 'p@never.test', %s, 'api', now())", (old,))

    def run(*arguments: str) -> str:
        code = exit_code(lambda: commands(list(arguments), standalone_mode=False))
        printed = capsys.readouterr()
        assert code == 0, printed.err
        return printed.out

    run("suppress", "add", "p@never.test")
    listed = run("leads", "list", "--suppressed", "--limit", "200")

    (one,) = (json.loads(line) for line in listed.splitlines())
    assert one["identities"] == [{"kind": "email", "value": "p@never.test"}]
