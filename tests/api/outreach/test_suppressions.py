"""Suppressions over HTTP: added, found, tested, lifted; a wish is not simply lifted."""

import httpx2
import pytest

from overture.entrypoints.bootstrap import App
from product import add_account


async def test_what_is_suppressed_is_said_and_lifted(client: httpx2.AsyncClient) -> None:
    added = await client.post("/api/v1/suppressions", json={"kind": "domain", "value": "Hollow.test"})
    again = await client.post("/api/v1/suppressions", json={"kind": "domain", "value": "hollow.test"})
    tested = await client.post("/api/v1/suppressions/test", json={"email": "any@mail.hollow.test"})
    listed = await client.get("/api/v1/suppressions?kind=domain")
    url = f"/api/v1/suppressions/{added.json()['suppression_id']}"
    lifted = await client.post(f"{url}/lift", json={})
    free = await client.post("/api/v1/suppressions/test", json={"email": "any@mail.hollow.test"})

    assert (added.status_code, again.status_code) == (201, 200)
    assert added.json()["value"] == "hollow.test"
    assert tested.json()["suppressed"] is True
    assert tested.json()["by"]["suppression_id"] == added.json()["suppression_id"]
    assert len(listed.json()["data"]) == 1
    assert lifted.json()["lifted_by"] == "api"
    assert free.json() == {"suppressed": False, "by": None}
    assert (await client.get(url)).json()["lifted_at"] is not None


async def test_a_wish_is_lifted_by_an_administrator_with_a_reason(client: httpx2.AsyncClient) -> None:
    wish = {"kind": "email", "value": "ada@x.test", "reason": "opt_out"}
    added = await client.post("/api/v1/suppressions", json=wish)
    url = f"/api/v1/suppressions/{added.json()['suppression_id']}/lift"

    plain = await client.post(url, json={"why": "they wrote again"})
    silent = await client.post(url, json={"as_admin": True})
    rehearsed = await client.post(f"{url}?dry_run=true", json={"as_admin": True, "why": "asked us to"})
    lifted = await client.post(url, json={"as_admin": True, "why": "asked us to"})

    assert (plain.status_code, plain.json()["code"]) == (409, "suppression_protected")
    assert silent.status_code == 422
    assert rehearsed.json()["lifted_at"] is not None
    assert lifted.json()["lifted_at"] is not None
    events = await client.get("/api/v1/events?type=suppression.lifted")
    assert [one["data"]["why"] for one in events.json()["data"]] == ["asked us to"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "email", "value": "no address"},
        {"kind": "tombstone", "value": "0" * 64},
        {"kind": "email", "value": "a@b.test", "reason": "opt_out", "expires_at": "2030-01-01T00:00:00Z"},
        {"kind": "person", "value": "lead_x"},
        {"kind": "domain"},
    ],
)
async def test_what_cannot_be_read_is_refused(client: httpx2.AsyncClient, wrong: dict[str, object]) -> None:
    answer = await client.post("/api/v1/suppressions", json=wrong)

    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_a_lead_is_tested_by_everything_that_is_known_of_them(client: httpx2.AsyncClient) -> None:
    taken = await client.post(
        "/api/v1/leads", json={"email": "ada@x.test", "linkedin_url": "https://linkedin.com/in/ada-l"}
    )
    await client.post(
        "/api/v1/suppressions", json={"kind": "person", "value": taken.json()["lead"]["lead_id"]}
    )

    by_profile = await client.post(
        "/api/v1/suppressions/test", json={"linkedin_url": "linkedin.com/in/ada-l"}
    )
    nobody = await client.post("/api/v1/suppressions/test", json={})

    assert by_profile.json()["by"]["kind"] == "person"
    assert by_profile.json()["by"]["value"] == taken.json()["lead"]["lead_id"]
    assert nobody.status_code == 422


async def test_an_observed_opt_out_suppresses_for_ever(client: httpx2.AsyncClient, app: App) -> None:
    await add_account(app, "ada")
    taken = await client.post("/api/v1/leads", json={"email": "bob@x.test"})
    lead_id = taken.json()["lead"]["lead_id"]
    seen = {"type": "opted_out", "lead_id": lead_id, "handle": "ada", "source": "mail-1"}

    first = await client.post("/api/v1/observations", json=seen)
    again = await client.post("/api/v1/observations", json=seen)
    ahead = await client.post("/api/v1/observations", json={**seen, "at": "2999-01-01T00:00:00Z"})
    lead = await client.get(f"/api/v1/leads/{lead_id}")

    assert (first.status_code, first.json()["is_new"], again.json()["is_new"]) == (201, True, False)
    assert ahead.json()["errors"][0]["pointer"] == "/at"
    assert lead.json()["suppressed"]["reason"] == "opt_out"
