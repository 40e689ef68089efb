"""Artefacts of failed attempts: listed with the run, handed out harmlessly, gone after their time."""

from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy import text, update

from fakes import ScriptedProvider, raise_bug
from overture import runs
from overture.entrypoints.bootstrap import App
from overture.runs import Artifact
from waiting import eventually


async def failed_run(client: httpx2.AsyncClient, provider: ScriptedProvider) -> dict[str, Any]:
    """A run that ended in a bug."""
    provider.script("broken", raise_bug())
    body = {"handle": "ada", "touchpoint": {"type": "enrich", "public_identifier": "broken"}}
    made = await client.post("/api/v1/runs", json=body)

    async def over() -> dict[str, Any] | None:
        shown = (await client.get(made.headers["Location"])).json()
        return shown if shown["completed_at"] else None

    return await eventually(over)


async def test_even_a_bug_leaves_artefacts_to_look_at(
    client: httpx2.AsyncClient, provider: ScriptedProvider, account: str, worker: None
) -> None:
    run = await failed_run(client, provider)

    kinds = [one["kind"] for one in run["artifacts"]]
    assert kinds[:2] == ["screenshot", "page"]
    for one in run["artifacts"]:
        answer = await client.get(one["href"])
        assert answer.status_code == 200
        assert len(answer.content) == one["bytes"]
        assert answer.headers["content-type"].partition(";")[0] == one["media_type"].partition(";")[0]
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    page = (await client.get(run["artifacts"][1]["href"])).json()
    assert page["error_code"] == "internal_error"


async def test_an_artefact_belongs_to_its_run_and_needs_the_key(
    client: httpx2.AsyncClient, provider: ScriptedProvider, account: str, worker: None
) -> None:
    first, second = await failed_run(client, provider), await failed_run(client, provider)
    href = first["artifacts"][0]["href"]

    foreign = await client.get(href.replace(first["run_id"], second["run_id"]))
    unkeyed = await client.get(href, headers={"X-API-Key": "wrong"})
    elsewhere = await client.get(f"/api/v1/runs/{first['run_id']}/artifacts/..%2f..%2fapi-key")

    assert (foreign.status_code, foreign.json()["code"]) == (404, "artifact_not_found")
    assert unkeyed.status_code == 401
    assert elsewhere.status_code in (404, 422)


async def test_a_row_that_points_outside_the_folder_opens_nothing(
    client: httpx2.AsyncClient, app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    run = await failed_run(client, provider)
    (app.settings.data_dir / "secret").write_text("not for you")
    async with app.sessions.begin() as db:
        await db.execute(update(Artifact).values(path="../secret"))

    answer = await client.get(run["artifacts"][0]["href"])

    assert (answer.status_code, answer.json()["code"]) == (404, "artifact_not_found")


async def test_a_file_that_is_gone_is_said_to_be_gone(
    client: httpx2.AsyncClient, app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    run = await failed_run(client, provider)
    for path in app.kit.artifacts_dir.rglob("*.png"):
        path.unlink()

    answer = await client.get(run["artifacts"][0]["href"])

    assert (answer.status_code, answer.json()["code"]) == (404, "artifact_not_found")


async def test_artefacts_go_when_their_time_is_over(
    client: httpx2.AsyncClient, app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    old, gone, fresh = [await failed_run(client, provider) for _ in range(3)]
    past = app.now() - timedelta(seconds=1)
    async with app.sessions.begin() as db:
        oldest = "select run_id from runs order by run_id limit 2"
        expired = f"update artifacts set expires_at = :past where run_id in ({oldest})"
        await db.execute(text(expired), {"past": past})
    for path in (app.kit.artifacts_dir / gone["run_id"]).iterdir():
        path.unlink()  # what is missing already is no obstacle

    async with app.sessions.begin() as db:
        removed = await runs.artifacts.prune(db, app.kit.artifacts_dir, app.now())

    assert removed == len(old["artifacts"]) + len(gone["artifacts"])
    assert not (app.kit.artifacts_dir / old["run_id"]).exists()
    assert (app.kit.artifacts_dir / fresh["run_id"]).is_dir()
    shown = (await client.get(f"/api/v1/runs/{old['run_id']}")).json()
    assert (shown["artifacts"], shown["error_screenshot"]) == ([], None)


async def test_the_rungs_of_controls_are_counted_from_the_steps(
    client: httpx2.AsyncClient, app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    run = await failed_run(client, provider)
    steps = (
        '[{"step": "control", "control": "connect", "rung": 1, "variant": "B", "locale": "en"},'
        ' {"step": "control", "control": "connect", "rung": 2, "variant": "A", "locale": "de"},'
        ' {"step": "control_missing", "control": "connect", "variant": "B", "locale": "en"}]'
    )
    async with app.sessions.begin() as db:
        await db.execute(text("update attempts set steps = cast(:steps as jsonb)"), {"steps": steps})

    found = (await client.get("/api/v1/diagnostics/controls")).json()["data"]
    exposed = await client.get("/metrics")

    assert run["artifacts"]
    assert found == [
        {
            "control": "connect",
            "hits": {"1": 1, "2": 1},
            "misses": 1,
            "beyond_first": 0.6667,
            "last_hit_at": found[0]["last_hit_at"],
            "last_miss_at": found[0]["last_miss_at"],
            "pages": ["A de", "B en"],
        }
    ]
    assert 'overture_control_hits{control="connect",rung="2"} 1' in exposed.text
    assert 'overture_control_misses{control="connect"} 1' in exposed.text
    assert 'overture_runs{status="failed"} 1' in exposed.text
    assert (await client.get("/metrics", headers={"X-API-Key": "wrong"})).status_code == 401
