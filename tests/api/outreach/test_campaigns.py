"""Campaigns over HTTP: a draft is written, validated, published, started; people are enrolled and watched."""

import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from overture import campaigns
from overture.entrypoints.bootstrap import App
from product import add_account

SEQUENCE: dict[str, Any] = {
    "name": "Two messages",
    "steps": [
        {
            "id": "hello",
            "channel": "linkedin",
            "touchpoint": {"type": "message", "message": "Hi {{ first_name }}!"},
            "on_failure": "end",
        },
        {
            "id": "more",
            "channel": "linkedin",
            "delay": "2 days",
            "touchpoint": {"type": "message", "message": "Still there, {{ first_name }}? {{ custom.topic }}"},
        },
    ],
}


async def campaign(client: httpx2.AsyncClient, **changes: object) -> dict[str, Any]:
    """A draft with one sender."""
    body = {"name": "Wells", "sequence": SEQUENCE, "settings": {"accounts": {"ada": 1}}} | changes
    answer = await client.post("/api/v1/campaigns", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def lead(client: httpx2.AsyncClient, slug: str, **fields: object) -> str:
    """A lead's id."""
    body = {"first_name": slug.title(), "linkedin_slug": slug, "custom": {"topic": "wells"}, **fields}
    answer = await client.post("/api/v1/leads", json=body)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["lead"]["lead_id"]
    return found


async def enroll(
    client: httpx2.AsyncClient, campaign_id: str, *lead_ids: str, **query: str
) -> dict[str, Any]:
    """The receipt of enrolling these."""
    body = {"campaign_id": campaign_id, "lead_ids": lead_ids}
    answer = await client.post("/api/v1/enrollments", json=body, params=query)
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def test_a_campaign_from_draft_to_archive(client: httpx2.AsyncClient, account: str) -> None:
    made = await campaign(client)
    url = f"/api/v1/campaigns/{made['campaign_id']}"
    steps = []
    for verb in ("start", "pause", "resume", "stop", "archive"):
        answer = await client.post(f"{url}/{verb}", json={"reason": "because"})
        assert answer.status_code == 200, answer.text
        steps.append(answer.json()["state"])
    late = await client.post(f"{url}/pause")
    copied = await client.post(f"{url}/duplicate")

    assert (made["state"], made["version"]) == ("draft", None)
    assert made["allowed_actions"] == ["start", "archive", "publish", "duplicate"]
    assert steps == ["active", "paused", "active", "stopped", "archived"]
    assert (late.status_code, late.json()["code"], late.json()["current_state"]) == (
        409,
        "illegal_transition",
        "archived",
    )
    assert late.json()["allowed_actions"] == []
    assert (copied.status_code, copied.json()["state"], copied.json()["name"]) == (
        201,
        "draft",
        "Copy of Wells",
    )
    assert copied.json()["settings"]["accounts"] == {"ada": 1}


async def test_a_rehearsed_start_starts_nothing(client: httpx2.AsyncClient, account: str) -> None:
    made = await campaign(client)
    url = f"/api/v1/campaigns/{made['campaign_id']}"

    rehearsed = await client.post(f"{url}/start?dry_run=true")
    seen = await client.get(url)

    assert rehearsed.json()["state"] == "active"
    assert (seen.json()["state"], seen.json()["version"]) == ("draft", None)


async def test_a_name_is_taken_once_and_a_key_repeats_the_answer(
    client: httpx2.AsyncClient, account: str
) -> None:
    body = {"name": "Wells", "template": "invite-and-follow-up", "settings": {"accounts": {"ada": 1}}}
    key = {"Idempotency-Key": "c-1"}

    first = await client.post("/api/v1/campaigns", json=body, headers=key)
    again = await client.post("/api/v1/campaigns", json=body, headers=key)
    taken = await client.post("/api/v1/campaigns", json={"name": "wells"})

    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


async def test_a_draft_is_changed_by_whoever_read_it(client: httpx2.AsyncClient, account: str) -> None:
    made = await campaign(client)
    url = f"/api/v1/campaigns/{made['campaign_id']}/sequence"
    read = await client.get(url)
    changed = {**SEQUENCE, "name": "Changed"}

    unguarded = await client.put(url, json=changed)
    kept = await client.put(url, json=changed, headers={"If-Match": read.headers["ETag"]})
    stale = await client.put(url, json=SEQUENCE, headers={"If-Match": read.headers["ETag"]})
    odd = await client.put(url, json={"steps": [{"id": "x"}]}, headers={"If-Match": kept.headers["ETag"]})

    assert (unguarded.status_code, unguarded.json()["code"]) == (428, "if_match_required")
    assert (kept.status_code, kept.json()["sequence"]["name"]) == (200, "Changed")
    assert kept.headers["ETag"] != read.headers["ETag"]
    assert (stale.status_code, stale.json()["code"], stale.json()["etag"]) == (
        412,
        "etag_mismatch",
        kept.headers["ETag"],
    )
    assert (odd.status_code, odd.json()["errors"][0]["pointer"]) == (422, "/steps/0")
    assert (await client.get(url)).headers["ETag"] == kept.headers["ETag"]


async def test_settings_are_changed_one_by_one(client: httpx2.AsyncClient, app: App, account: str) -> None:
    await add_account(app, "bob")
    made = await campaign(client, settings={"accounts": {"ada": 1}, "max_touches_30d": 2})
    url = f"/api/v1/campaigns/{made['campaign_id']}"

    changed = await client.patch(url, json={"settings": {"accounts": {"bob": 3}}, "name": "Springs"})
    unknown = await client.patch(url, json={"settings": {"accounts": {"nobody": 1}}})
    odd = await client.patch(url, json={"settings": {"max_touches_30d": 0}})

    settings = changed.json()["settings"]
    assert (settings["accounts"], settings["max_touches_30d"]) == ({"bob": 3}, 2)
    assert changed.json()["name"] == "Springs"
    assert (unknown.status_code, odd.status_code) == (404, 422)
    assert (await client.get(url)).json()["settings"]["accounts"] == {"bob": 3}


async def test_faults_are_named_and_keep_it_from_being_published(
    client: httpx2.AsyncClient, account: str
) -> None:
    broken = json.loads(json.dumps(SEQUENCE))
    broken["steps"][1]["touchpoint"]["message"] = "Hi {{ frist_name }}"
    made = await campaign(client, sequence=broken)
    url = f"/api/v1/campaigns/{made['campaign_id']}"

    validated = await client.post(f"{url}/validate")
    published = await client.post(f"{url}/publish")
    started = await client.post(f"{url}/start")

    faults = [one for one in validated.json()["problems"] if one["severity"] == "error"]
    assert validated.json()["is_valid"] is False
    assert [one["code"] for one in faults] == ["unknown_variable"]
    assert faults[0]["pointer"].startswith("/steps/1/touchpoint")
    assert published.status_code == started.status_code == 422
    assert published.json()["errors"][0]["code"] == "unknown_variable"


async def test_publishing_shows_who_moves_where(client: httpx2.AsyncClient, app: App, account: str) -> None:
    made = await campaign(client)
    url = f"/api/v1/campaigns/{made['campaign_id']}"
    await enroll(client, made["campaign_id"], await lead(client, "prisca"))
    await client.post(f"{url}/start")
    await campaigns.tick(app.planner_kit, app.now())
    etag = (await client.get(f"{url}/sequence")).headers["ETag"]
    without = {**SEQUENCE, "steps": SEQUENCE["steps"][1:]}
    await client.put(f"{url}/sequence", json=without, headers={"If-Match": etag})

    shown = await client.post(f"{url}/publish?dry_run=true")
    before = await client.get(url)
    done = await client.post(f"{url}/publish")

    assert [(one["step"], one["to"], one["count"]) for one in shown.json()["moves"]] == [("hello", "more", 1)]
    assert (shown.json()["is_new"], before.json()["version"]["number"]) == (True, 1)
    assert done.json()["version"]["number"] == 2


async def test_a_receipt_leaves_nobody_out(client: httpx2.AsyncClient, account: str) -> None:
    made = await campaign(client)
    ok, gone = await lead(client, "prisca"), await lead(client, "quentin")
    await client.post("/api/v1/suppressions", json={"kind": "person", "value": gone})
    unknown = "lead_" + "0" * 26

    rehearsed = await enroll(client, made["campaign_id"], ok, ok, gone, unknown, dry_run="true")
    empty = await client.get("/api/v1/enrollments")
    receipt = await enroll(client, made["campaign_id"], ok, ok, gone, unknown)
    again = await enroll(client, made["campaign_id"], ok)

    assert rehearsed["dry_run"] is True
    assert empty.json()["data"] == []
    assert [row["code"] for row in receipt["rows"]] == [
        None,
        "duplicate_in_request",
        "suppressed",
        "not_found",
    ]
    assert (
        receipt["enrolled"] + receipt["ignored"] + sum(receipt["skipped"].values()) == receipt["total"] == 4
    )
    assert again["skipped"] == {"duplicate_in_campaign": 1}


async def test_an_enrollment_says_why_and_is_steered(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    made = await campaign(client)
    receipt = await enroll(client, made["campaign_id"], await lead(client, "prisca"))
    url = f"/api/v1/enrollments/{receipt['rows'][0]['enrollment_id']}"
    draft = await client.get(f"{url}/why")
    await client.post(f"/api/v1/campaigns/{made['campaign_id']}/start")
    await campaigns.tick(app.planner_kit, app.now())

    running = await client.get(f"{url}/why")
    watched = await client.get(f"/api/v1/campaigns/{made['campaign_id']}")
    reasons = await client.get(f"/api/v1/campaigns/{made['campaign_id']}/why-not-sending")
    busy = await client.post(f"{url}/skip_step")
    paused = await client.post(f"{url}/pause")
    twice = await client.post(f"{url}/pause")
    resumed = await client.post(f"{url}/resume")
    stopped = await client.post(f"{url}/stop", json={"reason": "goal_reached"})
    over = await client.get(f"{url}/why")

    assert draft.json()["needs_someone"] is True
    assert running.json()["code"] == "running"
    assert (watched.json()["funnel"]["enrolled"], watched.json()["reasons"]) == (1, {"running": 1})
    assert [(one["step"], one["waiting"], one["submitted"]) for one in watched.json()["steps"]] == [
        ("hello", 1, 1),
        ("more", 0, 0),
    ]
    assert [one["code"] for one in reasons.json()["data"]] == ["running"]
    assert busy.status_code == 409
    assert "skip_step" not in busy.json()["allowed_actions"]
    assert (paused.json()["state"], paused.json()["allowed_actions"]) == (
        "paused",
        ["resume", "stop", "skip_step"],
    )
    assert (twice.status_code, twice.json()["current_state"]) == (409, "paused")
    assert resumed.json()["state"] == "active"
    assert [one["touchpoint_type"] for one in resumed.json()["touches"]] == ["message"]
    assert stopped.json()["finished_at"] is not None
    assert over.json()["code"] == "goal_reached"


async def test_what_was_opened_is_said_by_its_run(client: httpx2.AsyncClient, app: App, account: str) -> None:
    """Without a run it is not known what was opened; one that sent no e-mail to them was not."""
    lead_id = await lead(client, "prisca")
    run_id = "run_01kb3v6q2v8x0c5h2m9r4t7wze"
    url, opened = "/api/v1/observations", {"type": "opened", "lead_id": lead_id}
    of_nothing = await client.post(url, json=opened)
    of_nobody = await client.post(url, json={**opened, "run_id": run_id})
    of_a_reply = await client.post(url, json={"type": "replied", "lead_id": lead_id, "run_id": run_id})

    answers = (of_nothing, of_nobody, of_a_reply)
    assert [one.status_code for one in answers] == [422, 422, 422]
    assert of_nobody.json()["errors"][0]["pointer"] == "/run_id"


async def test_one_enrollment_is_put_back_on_its_way(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    """Said to be under way without a run: recovered by name, it goes on; what is over stays over."""
    made = await campaign(client)
    receipt = await enroll(client, made["campaign_id"], await lead(client, "prisca"))
    enrollment_id = receipt["rows"][0]["enrollment_id"]
    url = f"/api/v1/enrollments/{enrollment_id}"
    await client.post(f"/api/v1/campaigns/{made['campaign_id']}/start")
    lost = text("update enrollments set reason = 'running', next_action_at = :at")
    async with app.sessions.begin() as db:
        await db.execute(lost, {"at": app.now() + timedelta(days=1)})

    stuck = await client.get("/api/v1/enrollments/stuck")
    rehearsed = await client.post(f"{url}/recover?dry_run=true")
    still = await client.get("/api/v1/enrollments/stuck")
    recovered = await client.post(f"{url}/recover")
    await campaigns.tick(app.planner_kit, app.now())
    after = await client.get(url)
    await client.post(f"{url}/stop")
    over = await client.post(f"{url}/recover")
    nobody = await client.post("/api/v1/enrollments/enr_01kb3v6q2v8x0c5h2m9r4t7wze/recover")

    assert [one["enrollment_id"] for one in stuck.json()["data"]] == [enrollment_id]
    assert (rehearsed.status_code, still.json()) == (200, stuck.json())
    assert recovered.json()["detail"] == "recovered by api"
    assert [one["touchpoint_type"] for one in after.json()["touches"]] == ["message"]
    assert (over.status_code, over.json()["code"], over.json()["current_state"]) == (
        *(409, "illegal_transition"),
        "ignored",
    )
    assert nobody.status_code == 404


async def test_a_preview_is_the_text_each_person_gets(client: httpx2.AsyncClient, account: str) -> None:
    made = await campaign(client)
    whole = await lead(client, "prisca")
    bare = await lead(client, "quentin", first_name=None)
    receipt = await enroll(client, made["campaign_id"], whole, bare)
    first, second = (row["enrollment_id"] for row in receipt["rows"])

    good = await client.get(f"/api/v1/enrollments/{first}/preview")
    missing = await client.get(f"/api/v1/enrollments/{second}/preview")

    assert [(one["step"], one["outcome"], one["text"]) for one in good.json()["data"]] == [
        ("hello", "rendered", "Hi Prisca!"),
        ("more", "rendered", "Still there, Prisca? wells"),
    ]
    assert good.json()["data"][0]["touchpoint"]["public_identifier"] == "prisca"
    assert {one["reason"] for one in missing.json()["data"]} == {"missing_variable"}


async def test_a_text_is_approved_rejected_and_edited(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    settings = {"accounts": {"ada": 1}, "approvals": {"mode": "all"}}
    made = await campaign(client, settings=settings)
    await enroll(client, made["campaign_id"], await lead(client, "prisca"))
    await client.post(f"/api/v1/campaigns/{made['campaign_id']}/start")
    await campaigns.tick(app.planner_kit, app.now())
    (waiting,) = (await client.get("/api/v1/approvals")).json()["data"]
    url = f"/api/v1/approvals/{waiting['approval_id']}"

    wrong = await client.post(f"{url}/approve", json={"content_hash": "0" * 64})
    odd = await client.post(f"{url}/edit", json={"fields": {"url": "x"}})
    edited = await client.post(f"{url}/edit", json={"fields": {"message": "Dear Prisca"}})
    approved = await client.post(f"{url}/approve", json={"content_hash": edited.json()["content_hash"]})
    twice = await client.post(f"{url}/approve", json={"content_hash": edited.json()["content_hash"]})
    await campaigns.tick(app.planner_kit, app.now())
    runs = await client.get("/api/v1/runs?type=message")

    assert (waiting["text"], waiting["allowed_actions"]) == ("Hi Prisca!", ["approve", "reject", "edit"])
    assert (wrong.status_code, wrong.json()["code"]) == (409, "approval_stale")
    assert odd.status_code == 422
    assert (edited.json()["origin"], edited.json()["state"]) == ("edited", "pending")
    assert (approved.json()["state"], approved.json()["decided_by"]) == ("approved", "api")
    assert (twice.status_code, twice.json()["allowed_actions"]) == (409, ["reject", "edit"])
    assert [one["touchpoint_input"]["message"] for one in runs.json()["data"]] == ["Dear Prisca"]


@pytest.mark.parametrize(
    ("seen", "reason"),
    [("replied", "replied"), ("opted_out", "opted_out"), ("manual_contact", "manual_contact")],
)
async def test_what_is_observed_ends_the_plan(
    client: httpx2.AsyncClient, app: App, account: str, seen: str, reason: str
) -> None:
    made = await campaign(client)
    lead_id = await lead(client, "prisca")
    receipt = await enroll(client, made["campaign_id"], lead_id)
    await client.post(f"/api/v1/campaigns/{made['campaign_id']}/start")

    told = await client.post("/api/v1/observations", json={"type": seen, "lead_id": lead_id, "handle": "ada"})
    await campaigns.tick(app.planner_kit, app.now())
    over = await client.get(f"/api/v1/enrollments/{receipt['rows'][0]['enrollment_id']}")
    runs = await client.get("/api/v1/runs?type=message")

    assert told.json()["is_new"] is True
    assert (over.json()["reason"], over.json()["next_action_at"]) == (reason, None)
    assert runs.json()["data"] == []


async def test_an_acceptance_makes_a_connection(client: httpx2.AsyncClient, account: str) -> None:
    lead_id = await lead(client, "prisca")

    nobody = await client.post("/api/v1/observations", json={"type": "accepted", "lead_id": lead_id})
    told = await client.post(
        "/api/v1/observations", json={"type": "accepted", "lead_id": lead_id, "handle": "ada"}
    )
    seen = await client.get(f"/api/v1/leads/{lead_id}")

    assert nobody.status_code == 422
    assert told.status_code == 201
    assert [(one["handle"], one["state"]) for one in seen.json()["relationships"]] == [("ada", "connected")]


async def test_erasing_a_person_empties_what_was_written_for_them(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    settings = {"accounts": {"ada": 1}, "approvals": {"mode": "all"}}
    made = await campaign(client, settings=settings)
    lead_id = await lead(client, "prisca")
    receipt = await enroll(client, made["campaign_id"], lead_id)
    await client.post(f"/api/v1/campaigns/{made['campaign_id']}/start")
    await campaigns.tick(app.planner_kit, app.now())
    dossier = await client.get(f"/api/v1/leads/{lead_id}/export")

    erased = await client.delete(f"/api/v1/leads/{lead_id}?confirm={lead_id}")
    await campaigns.tick(app.planner_kit, app.now())
    (approval,) = (await client.get("/api/v1/approvals?state=pending,stale")).json()["data"]
    enrollment = await client.get(f"/api/v1/enrollments/{receipt['rows'][0]['enrollment_id']}")

    assert dossier.json()["campaigns"]["approvals"][0]["text"] == "Hi Prisca!"
    assert erased.status_code == 200
    assert (approval["text"], approval["touchpoint"], approval["state"]) == (None, {}, "stale")
    assert enrollment.json()["reason"] == "erased"


async def test_lists_are_filtered(client: httpx2.AsyncClient, account: str) -> None:
    made = await campaign(client)
    await campaign(client, name="Springs")
    lead_id = await lead(client, "prisca")
    other = await lead(client, "quentin")
    await enroll(client, made["campaign_id"], lead_id)

    async def listed(path: str) -> list[dict[str, Any]]:
        answer = await client.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    assert [one["name"] for one in await listed("/campaigns?q=spring&state=draft,active")] == ["Springs"]
    assert [one["name"] for one in await listed("/campaigns?limit=1")] == ["Springs"]
    assert len(await listed(f"/enrollments?lead={lead_id}&state=active&reason=campaign_paused")) == 1
    assert await listed(f"/enrollments?lead={other}") == []
    assert len(await listed(f"/campaigns/{made['campaign_id']}/enrollments")) == 1
    assert await listed(f"/campaigns/{made['campaign_id']}/enrollments?state=paused") == []
    assert [one["lead_id"] for one in await listed(f"/leads?campaign={made['campaign_id']}")] == [lead_id]
    assert {one["type"] for one in await listed(f"/events?campaign={made['campaign_id']}")} >= {
        "campaign.created"
    }
    assert await listed("/enrollments/stuck") == []


async def test_there_are_sequences_to_start_from(client: httpx2.AsyncClient) -> None:
    listed = (await client.get("/api/v1/sequence-templates")).json()["data"]
    one = await client.get(f"/api/v1/sequence-templates/{listed[0]['key']}")
    none = await client.get("/api/v1/sequence-templates/none")
    schema = await client.get("/api/v1/sequence.schema.json")

    assert len(listed) >= 5
    assert one.json()["yaml"].startswith("name:")
    assert (none.status_code, none.json()["code"]) == (404, "sequence_template_not_found")
    assert schema.json()["title"] == "Overture sequence"
