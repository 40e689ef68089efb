"""Texts before anybody is enrolled, and what the language model took."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from test_campaigns import campaign, enroll, lead

from overture.campaigns.writing import Call, write_down
from overture.core.ids import read_public_id
from overture.entrypoints.bootstrap import App

STEPS: list[dict[str, Any]] = [
    {
        "id": "invite",
        "channel": "linkedin",
        "touchpoint": {"type": "connect", "note": "Hi {{ first_name }}"},
        "variants": [
            {"id": "a", "touchpoint": {}},
            {"id": "b", "touchpoint": {"note": "Dear {{ first_name }}"}},
        ],
        "fallback": [{"channel": "linkedin", "delay": "1 days", "touchpoint": {"type": "follow"}}],
    },
    {
        "id": "hello",
        "channel": "linkedin",
        "touchpoint": {"type": "message", "message": "About {{ custom.topic }}"},
    },
]


async def preview(client: httpx2.AsyncClient, campaign_id: str, lead_id: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/v1/campaigns/{campaign_id}/preview", params={"lead": lead_id})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_a_draft_is_shown_for_somebody_who_is_not_in_it_in_every_variant(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    made = await campaign(client, sequence={"name": "Two openings", "steps": STEPS})
    prisca = await lead(client, "prisca")

    found = await preview(client, made["campaign_id"], prisca)

    assert [(one["step"], one["way"], one["variant"], one["text"]) for one in found] == [
        ("invite", 0, "a", "Hi Prisca"),
        ("invite", 1, None, ""),
        ("invite", 0, "b", "Dear Prisca"),
        ("hello", 0, None, "About wells"),
    ]
    assert found[0]["touchpoint"]["public_identifier"] == "prisca"
    async with app.sessions() as db:
        assert await db.scalar(text("select count(*) from enrollments")) == 0


async def test_what_a_lead_lacks_is_named_before_it_is_enrolled(
    client: httpx2.AsyncClient, account: str
) -> None:
    made = await campaign(client, sequence={"name": "Two openings", "steps": STEPS})
    rosa = await lead(client, "rosa", custom={})

    last = (await preview(client, made["campaign_id"], rosa))[-1]

    assert (last["outcome"], last["reason"], last["text"]) == ("unrenderable", "missing_variable", None)
    assert "custom.topic" in last["detail"]


async def test_a_preview_is_of_the_draft_and_leaves_the_enrolled_alone(
    client: httpx2.AsyncClient, account: str
) -> None:
    made = await campaign(client, sequence={"name": "Two openings", "steps": STEPS})
    url = f"/api/v1/campaigns/{made['campaign_id']}"
    prisca = await lead(client, "prisca")
    receipt = await enroll(client, made["campaign_id"], prisca)
    enrollment = f"/api/v1/enrollments/{receipt['rows'][0]['enrollment_id']}"
    await client.post(f"{url}/publish")
    before = (await client.get(enrollment)).json()
    changed = {
        "name": "Two openings",
        "steps": [STEPS[1] | {"touchpoint": {"type": "message", "message": "New"}}],
    }
    etag = (await client.get(f"{url}/sequence")).headers["ETag"]
    assert (await client.put(f"{url}/sequence", json=changed, headers={"If-Match": etag})).status_code == 200

    assert [one["text"] for one in await preview(client, made["campaign_id"], prisca)] == ["New"]
    assert (await client.get(enrollment)).json() == before


@pytest.mark.parametrize(
    ("settings", "status", "code"),
    [({"accounts": {}}, 422, "no_account"), ({"accounts": {"ada": 1}}, 404, "lead_not_found")],
    ids=["nobody sends", "nobody there"],
)
async def test_a_preview_without_a_sender_or_a_lead_is_refused(
    client: httpx2.AsyncClient, account: str, settings: dict[str, Any], status: int, code: str
) -> None:
    made = await campaign(client, settings=settings)
    who = await lead(client, "prisca") if code == "no_account" else "lead_01kb3v6q2v8x0c5h2m9r4t7wze"

    answer = await client.get(f"/api/v1/campaigns/{made['campaign_id']}/preview", params={"lead": who})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_what_the_model_took_is_told_by_request_and_together(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    made = await campaign(client)
    receipt = await enroll(client, made["campaign_id"], await lead(client, "prisca"))
    campaign_id = read_public_id("cmp", made["campaign_id"])
    enrollment_id = read_public_id("enr", receipt["rows"][0]["enrollment_id"])
    assert campaign_id is not None
    assert enrollment_id is not None
    asked = {"campaign_id": campaign_id, "enrollment_id": enrollment_id}
    good = Call("small-1", "ok", timedelta(seconds=2), 100, 20, 0.25)
    bad = Call("small-1", "llm_timeout", timedelta(seconds=60))
    async with app.sessions.begin() as db:
        for call in (good, bad, good):
            write_down(db, app.ids, call, app.now(), **asked)

    first = (await client.get("/api/v1/model-calls", params={"limit": 1})).json()
    rest = await client.get(
        "/api/v1/model-calls", params={"limit": 2, "cursor": first["page"]["next_cursor"]}
    )
    later = (app.now() + timedelta(hours=1)).isoformat()
    none = (await client.get("/api/v1/model-calls", params={"since": later})).json()

    outcomes = [one["outcome"] for one in (*first["data"], *rest.json()["data"])]
    assert sorted(outcomes) == ["llm_timeout", "ok", "ok"]
    assert first["data"][0]["enrollment_id"] == receipt["rows"][0]["enrollment_id"]
    assert first["data"][0]["duration_ms"] in (2000, 60_000)
    assert first["spent"] == {
        "calls": 3,
        "failed": 1,
        "prompt_tokens": 200,
        "completion_tokens": 40,
        "cost": 0.5,
    }
    assert none["spent"]["calls"] == 0
    assert none["data"] == []


async def test_a_field_that_nobody_in_the_campaign_has_is_refused_as_soon_as_that_is_known(
    client: httpx2.AsyncClient, account: str
) -> None:
    made = await campaign(client, sequence={"name": "Two openings", "steps": STEPS})
    url = f"/api/v1/campaigns/{made['campaign_id']}"
    nobody_yet = (await client.post(f"{url}/validate")).json()
    await enroll(client, made["campaign_id"], await lead(client, "rosa", custom={"topics": "wells"}))

    refused = await client.post(f"{url}/publish")
    await enroll(client, made["campaign_id"], await lead(client, "prisca"))
    published = await client.post(f"{url}/publish")

    assert nobody_yet["is_valid"]
    assert refused.status_code == 422
    pointers = [(one["pointer"], one["code"]) for one in refused.json()["errors"]]
    assert pointers == [("/steps/1/touchpoint/message", "unknown_variable")]
    assert published.status_code == 200, published.text


async def test_a_text_names_the_address_that_was_given_first(
    client: httpx2.AsyncClient, account: str
) -> None:
    steps = [{**STEPS[1], "touchpoint": {"type": "message", "message": "Is {{ email }} right?"}}]
    made = await campaign(client, sequence={"name": "Asking", "steps": steps})
    zoe = await lead(client, "zoe", email="zoe@work.example", more_emails=["ada@home.example"])

    (found,) = await preview(client, made["campaign_id"], zoe)

    assert found["text"] == "Is zoe@work.example right?"


PROMPTED = [
    {
        "id": "hello",
        "channel": "linkedin",
        "touchpoint": {"type": "message", "message": {"ai_prompt": "Greet {{ first_name }}"}},
    }
]


async def test_a_text_for_a_model_is_warned_of_where_none_is_set_up(
    client: httpx2.AsyncClient, account: str
) -> None:
    """Its step would wait for somebody to set one up: that is said before anybody is enrolled."""
    made = await campaign(client, sequence={"name": "Prompted", "steps": PROMPTED})
    seen = (await client.post(f"/api/v1/campaigns/{made['campaign_id']}/validate")).json()

    assert seen["is_valid"] is True
    assert [(one["severity"], one["pointer"], one["code"]) for one in seen["problems"]] == [
        ("warning", "/steps/0/touchpoint/message/ai_prompt", "llm_not_set_up")
    ]
