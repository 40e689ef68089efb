"""Leads over HTTP: taken in, found, changed, merged, moved, exported, erased."""

from typing import Any

import httpx2
from sqlalchemy import text

from overture.entrypoints.bootstrap import App

ADA = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company_name": "Engines Ltd",
    "email": "ada@engines.test",
    "linkedin_url": "https://www.linkedin.com/in/ada-l/",
    "custom": {"topic": "looms"},
}


async def add(client: httpx2.AsyncClient, **fields: object) -> dict[str, Any]:
    """Take a person in; their lead."""
    answer = await client.post("/api/v1/leads", json=fields)
    assert answer.status_code == 201, answer.text
    lead: dict[str, Any] = answer.json()["lead"]
    return lead


async def test_a_person_is_taken_in_once_whatever_key_names_them(client: httpx2.AsyncClient) -> None:
    first = await client.post("/api/v1/leads", json=ADA)
    again = await client.post("/api/v1/leads", json={"email": "ADA@engines.test", "title": "Countess"})
    same = await client.post("/api/v1/leads", json={"linkedin_url": "linkedin.com/in/ada-l"})

    lead_id = first.json()["lead"]["lead_id"]
    assert (first.status_code, again.status_code, same.status_code) == (201, 200, 200)
    assert first.headers["Location"] == f"/api/v1/leads/{lead_id}"
    assert [one.json()["outcome"] for one in (first, again, same)] == ["created", "updated", "unchanged"]
    assert {one.json()["lead"]["lead_id"] for one in (first, again, same)} == {lead_id}
    assert first.json()["lead"]["identities"] == [
        {"kind": "email", "value": "ada@engines.test"},
        {"kind": "linkedin", "value": "ada-l"},
    ]
    assert again.json()["lead"]["title"] == "Countess"


async def test_whoever_keeps_losing_a_race_for_a_person_is_told_to_come_again(
    client: httpx2.AsyncClient, app: App
) -> None:
    """As when their lead is erased each time between the look and the write: its key leads nowhere."""
    await add(client, **ADA)
    async with app.sessions.begin() as db:
        await db.execute(text("update leads set erased_at = :now"), {"now": app.now()})
    one = await client.post("/api/v1/leads", json=ADA)
    several = await client.post("/api/v1/leads/bulk", json={"leads": [ADA]})

    assert (one.status_code, one.json()["code"]) == (409, "lead_busy")
    assert (several.status_code, several.json()["code"]) == (409, "lead_busy")
    assert "again" in one.json()["fix"]


async def test_a_rehearsal_keeps_nothing(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/v1/leads?dry_run=true", json=ADA)
    listed = await client.get("/api/v1/leads")

    assert (answer.status_code, answer.json()["outcome"], answer.json()["dry_run"]) == (200, "created", True)
    assert listed.json()["data"] == []


async def test_a_repeated_key_gives_the_first_answer(client: httpx2.AsyncClient) -> None:
    key = {"Idempotency-Key": "take-ada"}
    first = await client.post("/api/v1/leads", json=ADA, headers=key)
    again = await client.post("/api/v1/leads", json=ADA, headers=key)
    other = await client.post("/api/v1/leads", json={**ADA, "title": "x"}, headers=key)
    refused = await client.post("/api/v1/leads", json={"title": "x"}, headers={"Idempotency-Key": "k2"})
    mended = await client.post("/api/v1/leads", json={"email": "b@c.test"}, headers={"Idempotency-Key": "k2"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (refused.status_code, mended.status_code) == (422, 201), "a refused request uses no key up"


async def test_several_come_with_a_receipt_that_adds_up(client: httpx2.AsyncClient) -> None:
    await add(client, **ADA)
    await client.post("/api/v1/suppressions", json={"kind": "domain", "value": "never.test"})
    several = [
        {"email": "new@x.test"},
        {"email": "ada@engines.test", "title": "Countess"},
        {"email": "ada@engines.test", "title": "Countess"},
        {"first_name": "Nobody"},
        {"email": "me@never.test"},
    ]

    answer = await client.post("/api/v1/leads/bulk", json={"leads": several})

    receipt = answer.json()
    assert answer.status_code == 200
    assert [(row["row"], row["outcome"], row["code"]) for row in receipt["rows"]] == [
        (1, "created", None),
        (2, "updated", None),
        (3, "unchanged", None),
        (4, "invalid", "no_key"),
        (5, "skipped", "suppressed"),
    ]
    left_out = sum(receipt["skipped"].values()) + sum(receipt["invalid"].values())
    assert receipt["created"] + receipt["updated"] + receipt["unchanged"] + left_out == receipt["total"] == 5


async def test_lists_are_filtered_and_walked_to_the_end(client: httpx2.AsyncClient) -> None:
    for number in range(5):
        await add(client, email=f"p{number}@x.test", first_name=f"Person {number}")
    await client.post("/api/v1/suppressions", json={"kind": "email", "value": "p3@x.test"})

    walked: list[str] = []
    url: str | None = "/api/v1/leads?limit=2"
    while url is not None:
        page = await client.get(url)
        walked += [one["first_name"] for one in page.json()["data"]]
        url = page.links.get("next", {}).get("url")
    suppressed = await client.get("/api/v1/leads?suppressed=true&limit=1")
    others = await client.get("/api/v1/leads?suppressed=false")
    found = await client.get("/api/v1/leads", params={"q": "p1@x.test"})
    wrong = await client.get("/api/v1/leads?cursor=" + "A" * 32)

    assert walked == [f"Person {number}" for number in (4, 3, 2, 1, 0)]
    assert [one["first_name"] for one in suppressed.json()["data"]] == ["Person 3"]
    assert suppressed.json()["data"][0]["suppressed"]["kind"] == "email"
    assert len(others.json()["data"]) == 4
    assert [one["first_name"] for one in found.json()["data"]] == ["Person 1"]
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "bad_cursor")


async def test_a_change_sets_empties_and_adds_keys(client: httpx2.AsyncClient) -> None:
    lead = await add(client, **ADA)
    other = await add(client, email="bob@x.test")
    url = f"/api/v1/leads/{lead['lead_id']}"

    changed = await client.patch(
        url, json={"title": "Countess", "company_name": None, "external_id": "crm-1", "custom": {"tier": "a"}}
    )
    taken = await client.patch(url, json={"email": "bob@x.test"})
    odd = await client.patch(url, json={"zone": "Mars/Olympus"})

    seen = changed.json()
    assert (seen["title"], seen["company_name"], seen["company_id"]) == ("Countess", None, None)
    assert seen["custom"] == {"topic": "looms", "tier": "a"}
    assert {"kind": "external", "value": "crm-1"} in seen["identities"]
    assert (taken.status_code, taken.json()["code"], taken.json()["lead_id"]) == (
        409,
        "key_taken",
        other["lead_id"],
    )
    assert (odd.status_code, odd.json()["errors"][0]["pointer"]) == (422, "/zone")
    assert (await client.get(url)).json()["title"] == "Countess"


async def test_two_leads_become_one_and_two_again(client: httpx2.AsyncClient) -> None:
    kept, gone = await add(client, **ADA), await add(client, email="ada@private.test")
    url = f"/api/v1/leads/{kept['lead_id']}"

    merged = await client.post(f"{url}/merge", json={"merged_id": gone["lead_id"], "why": "met her"})
    listed = await client.get("/api/v1/leads")
    record = await client.get(f"/api/v1/leads/{gone['lead_id']}")
    merge_id = merged.json()["merges"][0]["merge_id"]
    undone = await client.post(f"/api/v1/merges/{merge_id}/undo")
    again = await client.post(f"/api/v1/merges/{merge_id}/undo")

    assert {"kind": "email", "value": "ada@private.test"} in merged.json()["identities"]
    assert len(listed.json()["data"]) == 1
    assert record.json()["merged_into"] == kept["lead_id"]
    assert len(undone.json()["identities"]) == 2
    assert (again.status_code, again.json()["code"]) == (409, "merge_not_undoable")


async def test_a_stage_set_by_hand_says_why(client: httpx2.AsyncClient) -> None:
    lead = await add(client, **ADA)
    url = f"/api/v1/leads/{lead['lead_id']}"

    silent = await client.post(f"{url}/stage", json={"stage": "COMPLETED", "why": " "})
    moved = await client.post(f"{url}/stage", json={"stage": "COMPLETED", "why": "met at a fair"})
    timeline = await client.get(f"{url}/timeline?limit=1")
    older = await client.get(timeline.links["next"]["url"])

    assert silent.status_code == 422
    assert moved.json()["stage"] == "COMPLETED"
    (event,) = timeline.json()["data"]
    assert (event["type"], event["data"]["why"], event["data"]["manual"]) == (
        "lead.stage_changed",
        "met at a fair",
        True,
    )
    assert [one["type"] for one in older.json()["data"]] == ["lead.created"]


async def test_a_person_is_exported_whole_and_as_a_card(client: httpx2.AsyncClient) -> None:
    lead = await add(client, **{**ADA, "title": "=cmd()"})
    url = f"/api/v1/leads/{lead['lead_id']}/export"

    dossier = await client.get(url)
    card = await client.get(f"{url}?format=vcard")
    table = await client.get("/api/v1/leads/export.csv?stage=DISCOVERED")

    assert dossier.json()["lead_id"] == lead["lead_id"]
    assert [key["value"] for key in dossier.json()["keys"]] == ["ada@engines.test", "ada-l"]
    assert card.headers["content-type"].startswith("text/vcard")
    assert "EMAIL;PREF=1:ada@engines.test" in card.text
    assert "'=cmd()" in table.text
    assert table.text.startswith("lead_id,stage,first_name")


async def test_an_erased_person_never_comes_back(client: httpx2.AsyncClient, app: App) -> None:
    lead = await add(client, **ADA)
    await client.post("/api/v1/leads", json={**ADA, "title": "x"}, headers={"Idempotency-Key": "k"})
    url = f"/api/v1/leads/{lead['lead_id']}"

    unsure = await client.delete(url)
    erased = await client.delete(f"{url}?confirm={lead['lead_id']}")
    seen = await client.get(url)
    back = await client.post("/api/v1/leads", json=ADA)
    replayed = await client.post(
        "/api/v1/leads", json={**ADA, "title": "x"}, headers={"Idempotency-Key": "k"}
    )

    assert (unsure.status_code, unsure.json()["code"]) == (422, "confirmation_missing")
    assert (erased.status_code, erased.json()["lead_ids"]) == (200, [lead["lead_id"]])
    assert (seen.json()["first_name"], seen.json()["identities"]) == (None, [])
    assert (back.status_code, back.json()["code"]) == (409, "erased")
    assert replayed.status_code == 409, "an answer kept for repetitions would have shown her"


async def test_companies_are_those_of_leads(client: httpx2.AsyncClient) -> None:
    lead = await add(client, **ADA)
    await add(client, email="bob@other.test", company_name="Other", website="other.example")
    await client.post("/api/v1/suppressions", json={"kind": "company", "value": "Engines Ltd."})

    listed = await client.get("/api/v1/companies")
    one = await client.get(f"/api/v1/companies/{lead['company_id']}")
    staff = await client.get(f"/api/v1/leads?company={lead['company_id']}")
    none = await client.get("/api/v1/companies/com_" + "0" * 26)

    assert [(c["name"], c["leads"], c["suppressed"]) for c in listed.json()["data"]] == [
        ("Other", 1, False),
        ("Engines Ltd", 1, True),
    ]
    assert one.json()["company_id"] == lead["company_id"]
    assert [one["lead_id"] for one in staff.json()["data"]] == [lead["lead_id"]]
    assert (none.status_code, none.json()["code"]) == (404, "company_not_found")


async def test_the_log_is_followed_without_a_gap(client: httpx2.AsyncClient) -> None:
    for number in range(3):
        await add(client, email=f"p{number}@x.test")
    followed: list[int] = []
    cursor: str | None = None
    for _ in range(4):
        parameters = {"order": "oldest", "limit": "2", "type": "lead.created"}
        page = await client.get("/api/v1/events", params=parameters | ({"cursor": cursor} if cursor else {}))
        followed += [one["event_id"] for one in page.json()["data"]]
        cursor = page.json()["page"]["next_cursor"]
        assert cursor is not None
    lead = await add(client, email="late@x.test")
    late = await client.get("/api/v1/events", params={"order": "oldest", "cursor": cursor})
    newest = await client.get(f"/api/v1/events?lead={lead['lead_id']}")

    assert followed == sorted(followed)
    assert len(followed) == len(set(followed)) == 3
    assert [one["lead_id"] for one in late.json()["data"]] == [lead["lead_id"]]
    assert [one["type"] for one in newest.json()["data"]] == ["lead.created"]
    assert newest.json()["data"][0]["says"] == "A person was taken in."
