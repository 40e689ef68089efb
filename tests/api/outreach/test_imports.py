"""Imports over HTTP: a file is looked at, mapped, taken in in the background, and taken back."""

import csv
import io
from typing import Any

import httpx2
import pytest

from overture.entrypoints.api.outreach import import_acts
from overture.entrypoints.api.outreach.fields import uuid_in
from overture.entrypoints.api.outreach.import_shapes import Mapping
from overture.entrypoints.api.outreach.importer import at_work
from overture.entrypoints.bootstrap import App
from overture.people.importing import by_id
from waiting import eventually

PEOPLE = (
    "First Name;Last Name;E-Mail;LinkedIn URL;Topic\n"
    "Ada;Lovelace;ada@engines.test;https://www.linkedin.com/in/ada-l/;looms\n"
    "Bob;;not an address;;\n"
    "Käthe;Kollwitz;kaethe@art.test;;=1+1\n"
    "Ada;Lovelace;ada@engines.test;;\n"
    "Never;Me;me@never.test;;\n"
).encode("cp1252")


async def upload(client: httpx2.AsyncClient, content: bytes = PEOPLE, **query: str) -> dict[str, Any]:
    """Send a file; the import that waits."""
    answer = await client.post(
        "/api/v1/imports", params=query, content=content, headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def finished(client: httpx2.AsyncClient, import_id: str, state: str = "finished") -> dict[str, Any]:
    """The import once it is over."""

    async def over() -> dict[str, Any] | None:
        found: dict[str, Any] = (await client.get(f"/api/v1/imports/{import_id}")).json()
        return found if found["state"] == state else None

    return await eventually(over)


async def test_a_file_is_looked_at_mapped_taken_in_and_mended(client: httpx2.AsyncClient, app: App) -> None:
    await client.post("/api/v1/suppressions", json={"kind": "domain", "value": "never.test"})
    made = await upload(client, name="people.csv")
    url = f"/api/v1/imports/{made['import_id']}"
    mapped = await client.patch(url, json={"columns": {"Topic": "custom.topic"}})
    begun = await client.post(f"{url}/start")
    done = await finished(client, made["import_id"])
    again = await client.post(f"{url}/start")
    failed = await client.get(f"{url}/failed.csv")
    rows = await client.get(f"{url}/rows?outcome=invalid,skipped&limit=2")
    rest = await client.get(rows.links["next"]["url"])

    assert (made["state"], made["name"], made["total"]) == ("waiting", "people.csv", 5)
    assert (made["reading"]["encoding"], made["reading"]["delimiter"]) == ("cp1252", ";")
    assert made["preview"]["rows"][2][0] == "Käthe"
    assert [one["field"] for one in mapped.json()["columns"]][2:] == ["email", "linkedin_url", "custom.topic"]
    assert (begun.status_code, begun.json()["state"]) == (202, "running")
    assert done["counts"] == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "skipped": {"duplicate_in_file": 1, "suppressed": 1},
        "invalid": {"email_invalid": 1},
    }
    assert done["done"] == done["total"] == 5
    assert (again.status_code, again.json()["allowed_actions"]) == (409, ["rollback"])
    assert [row["row"] for row in (*rows.json()["data"], *rest.json()["data"])] == [3, 5, 6]
    table = list(csv.DictReader(io.StringIO(failed.text)))
    assert [row["Overture code"] for row in table] == ["email_invalid", "duplicate_in_file", "suppressed"]
    leads = (await client.get("/api/v1/leads")).json()["data"]
    assert {lead["first_name"]: lead["custom"].get("topic") for lead in leads} == {
        "Ada": "looms",
        "Käthe": "=1+1",
    }
    assert list(import_acts.folder_of(app).iterdir()) == [], "the file is full of people"


async def test_the_mapping_is_remembered_and_the_same_file_creates_nothing(
    client: httpx2.AsyncClient,
) -> None:
    first = await upload(client)
    await client.post(f"/api/v1/imports/{first['import_id']}/start", json={"columns": {"Topic": "custom.t"}})
    await finished(client, first["import_id"])
    second = await upload(client)
    await client.post(f"/api/v1/imports/{second['import_id']}/start")
    done = await finished(client, second["import_id"])

    assert second["preview"]["is_remembered"] is True
    assert second["columns"][4]["field"] == "custom.t"
    assert (done["counts"]["created"], done["counts"]["unchanged"]) == (0, 3)


async def test_an_import_is_taken_back(client: httpx2.AsyncClient) -> None:
    made = await upload(client)
    url = f"/api/v1/imports/{made['import_id']}"
    early = await client.post(f"{url}/rollback")
    await client.post(f"{url}/start")
    await finished(client, made["import_id"])
    begun = await client.post(f"{url}/rollback")

    async def undone() -> dict[str, Any] | None:
        found: dict[str, Any] = (await client.get(url)).json()
        return found if found["undone"].get("removed") == 3 else None

    back = await eventually(undone)
    leads = await client.get("/api/v1/leads")

    assert (early.status_code, early.json()["current_state"], early.json()["allowed_actions"]) == (
        409,
        "waiting",
        ["map", "start"],
    )
    assert begun.status_code == 202
    assert back["state"] == "rolled_back"
    assert leads.json()["data"] == []


async def test_a_form_and_a_repeated_key(client: httpx2.AsyncClient) -> None:
    form = {"file": ("export.csv", PEOPLE, "text/csv")}
    key = {"Idempotency-Key": "file-1"}

    first = await client.post("/api/v1/imports", files=form, headers=key)
    again = await client.post("/api/v1/imports", files=form, headers=key)
    listed = await client.get("/api/v1/imports")

    assert (first.status_code, first.json()["name"]) == (201, "export.csv")
    assert again.json()["import_id"] == first.json()["import_id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(listed.json()["data"]) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "text/csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "application/vnd.ms-excel"),
        (b"--x\r\nno end", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
    ],
)
async def test_what_is_no_file_of_people_is_refused(
    client: httpx2.AsyncClient, app: App, content: bytes, kind: str
) -> None:
    answer = await client.post("/api/v1/imports", content=content, headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()["code"]) == (422, "file_unreadable")
    assert list(import_acts.folder_of(app).iterdir()) == []


async def test_a_mapping_that_does_not_fit_is_refused(client: httpx2.AsyncClient) -> None:
    made = await upload(client)
    url = f"/api/v1/imports/{made['import_id']}"

    odd = await client.patch(url, json={"columns": {"Topic": "shoe_size"}})
    short = await client.patch(url, json={"mapping": ["email"]})
    both = await client.patch(url, json={"mapping": [], "columns": {}})

    assert (odd.status_code, odd.json()["errors"][0]["code"]) == (422, "unknown_field")
    assert (short.status_code, both.status_code) == (422, 422)


async def test_an_import_goes_on_after_the_server_stopped(client: httpx2.AsyncClient, app: App) -> None:
    made = await upload(client)
    async with app.sessions.begin() as db:  # confirmed, and then the process dies
        await import_acts.confirm(app, db, uuid_in("imp", made["import_id"]), Mapping())

    async with at_work(app):
        done = await finished(client, made["import_id"])

    assert done["done"] == done["total"]
    async with app.sessions() as db:
        assert (await by_id(db, uuid_in("imp", made["import_id"]))).state == "finished"
