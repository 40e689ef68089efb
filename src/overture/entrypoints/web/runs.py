"""The pages of runs: a filtered list whose address holds the filter, and each run with all it left."""

import json
import shlex
from datetime import date
from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, field_validator

from overture import runs
from overture.core.errors import Invalid, NotFound
from overture.core.ids import public_id, read_public_id
from overture.entrypoints.api import acts, artifacts
from overture.entrypoints.api.cursor import cursor_after, read_cursor
from overture.entrypoints.api.fields import TOUCHPOINT_TYPES, run_uuid
from overture.entrypoints.api.shapes import ArtifactView, RunDetail, run_view
from overture.entrypoints.api.standing import surroundings
from overture.entrypoints.web import queries
from overture.entrypoints.web.guard import Form
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.render import app_of, go, show, with_query
from overture.runs import STATUSES

router = APIRouter(prefix="/runs")

PAGE: Final = 50
MOST_NEWER: Final = 100
VERDICTS: Final = ("delivered", "not_delivered", "not_delivered_retry")


class Asked(BaseModel):
    """The filter as the address holds it; an empty field is no condition."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    status: str | None = None
    handle: str | None = None
    type: str | None = None
    code: str | None = None
    tag: str | None = None
    effect: str | None = None
    category: str | None = None
    acted: Literal["24h", "7d"] | None = None
    acted_on: date | None = None
    created: Literal["24h", "7d"] | None = None
    cursor: str | None = None
    upto: str | None = None

    @field_validator("*", mode="before")
    @classmethod
    def empty_is_none(cls, value: object) -> object:
        """Forms send fields that were left empty."""
        return None if value == "" else value

    def wanted(self) -> queries.Wanted:
        """The conditions without the place in the list."""
        statuses = tuple(one for one in (self.status or "").split(",") if one in STATUSES)
        kept = {name: getattr(self, name) for name in queries.Wanted.__dataclass_fields__ if name != "status"}
        return queries.Wanted(status=statuses, **kept)

    def conditions(self) -> dict[str, object]:
        """The conditions as they stand in an address."""
        return self.model_dump(mode="json", exclude={"cursor", "upto"})


@router.get("")
async def list_runs(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Runs, newest first; rows stay where they are while newer ones come."""
    app = app_of(request)
    before = read_cursor(asked.cursor, app.api_key) if asked.cursor else None
    upto = read_public_id("run", asked.upto) if asked.upto else None
    async with app.sessions() as db:
        query = queries.matching(asked.wanted(), app.now())
        found = await queries.runs_page(db, query, before=before, upto=upto, size=PAGE + 1)
        rows = found[:PAGE]
        around = await surroundings(db, rows)
        newer = await queries.newer(db, query, upto, MOST_NEWER) if upto is not None else 0
        codes = await queries.codes_of_late(db, app.now())
    conditions = asked.conditions()
    top = upto or (rows[0].id if rows and before is None else None)
    follow = {**conditions, "cursor": asked.cursor, "upto": public_id("run", top) if top else None}
    older = cursor_after(rows[-1].id, app.api_key) if len(found) > PAGE else None
    return show(
        request,
        "runs.html",
        fragment="runs_live.html",
        rows=[run_view(run, around, app.now()) for run in rows],
        conditions=conditions,
        is_filtered=any(conditions.values()),
        follow=with_query("/runs", follow),
        older=with_query("/runs", {**conditions, "cursor": older}) if older else None,
        first=with_query("/runs", conditions) if before else None,
        newer=newer,
        most_newer=MOST_NEWER,
        codes=codes,
        types=TOUCHPOINT_TYPES,
        statuses=STATUSES,
        handles=sorted({one.handle for one in await acts.list_accounts(app)}),
    )


@router.get("/{run_id}")
async def show_run(request: Request, run_id: str) -> Response:
    """One run: what was asked, what came of it, step by step, and what proves it."""
    app = app_of(request)
    run = await acts.show_run(app, run_uuid(run_id))
    files: dict[int, list[ArtifactView]] = {}
    for one in run.artifacts:
        files.setdefault(one.epoch, []).append(one)
    site = str(request.base_url).rstrip("/")
    return show(
        request,
        "run.html",
        fragment="run_live.html",
        run=run,
        files=files,
        planned=planned_for(run.tags),
        curl=curl_of(run, site),
        cli=cli_of(run),
    )


PLANNED: Final = {
    "enr": ("/enrollments/", "its lead in the campaign"),
    "cmp": ("/campaigns/", "its campaign"),
}


def planned_for(tags: list[str]) -> list[tuple[str, str]]:
    """What of a campaign a run belongs to, by the tags the planner gave it: address and name."""
    found = []
    for tag in tags if "planner" in tags else ():
        place = PLANNED.get(tag.partition("_")[0])
        if place is not None and read_public_id(tag.partition("_")[0], tag) is not None:
            found.append((place[0] + tag, place[1]))
    return found


def curl_of(run: RunDetail, site: str) -> str:
    """The request that submits the same again; the key stays in the reader's environment."""
    body: dict[str, object] = {"handle": run.handle, "touchpoint": run.touchpoint_input}
    body |= {"dry_run": True} if run.dry_run else {}
    body |= {"tags": run.tags} if run.tags else {}
    sent = shlex.quote(json.dumps(body, ensure_ascii=False))
    headers = "-H \"X-API-Key: $OVERTURE_API_KEY\" -H 'Content-Type: application/json'"
    return f"curl -X POST {site}/api/v1/runs {headers} -d {sent}"


def cli_of(run: RunDetail) -> str:
    """The command that submits the same again."""
    words = ["overture", "run", run.touchpoint_type.replace("_", "-"), "--handle", run.handle]
    for name, value in run.touchpoint_input.items():
        if name == "type" or value is None or isinstance(value, dict | list):
            continue
        option = f"--{name.replace('_', '-')}"
        words += ([option] if value else []) if isinstance(value, bool) else [option, str(value)]
    words += ["--dry-run"] if run.dry_run else []
    return shlex.join([*words, *(part for tag in run.tags for part in ("--tag", tag))])


@router.get("/{run_id}/artifacts/{artifact_id}")
async def get_artifact(request: Request, run_id: str, artifact_id: str) -> FileResponse:
    """A file a failed attempt left; pictures are shown, all else is saved and never runs."""
    app, wanted = app_of(request), artifacts.artifact_uuid(artifact_id)
    async with app.sessions() as db:
        found = await runs.artifacts.one_of(db, run_uuid(run_id), wanted)
    path = runs.artifacts.file_of(app.kit.artifacts_dir, found)
    if path is None:
        raise NotFound(
            "artifact_not_found", "The file is gone.", fix="Artefacts are kept for some days only."
        )
    ending, media = runs.artifacts.MEDIA[found.kind]
    name = f"{public_id('run', found.run_id)}-{found.epoch}{ending}"
    shown = "inline" if found.kind == "screenshot" else "attachment"
    return FileResponse(
        path, media_type=media, filename=name, headers=artifacts.HARMLESS, content_disposition_type=shown
    )


@router.post("/{run_id}/cancel")
async def cancel_run(request: Request, run_id: str) -> Response:
    """Call the run off."""
    run = await acts.cancel_run(app_of(request), run_uuid(run_id), BY)
    says = (
        "It is cancelled."
        if run.status == "cancelled"
        else "It ends before its act, if that is not too late."
    )
    return go(request, f"/runs/{run_id}", says)


@router.post("/{run_id}/retry")
async def retry_run(request: Request, run_id: str) -> Response:
    """Let it run again."""
    await acts.retry_run(app_of(request), run_uuid(run_id), BY)
    return go(request, f"/runs/{run_id}", "It runs again as soon as its account may act.")


@router.post("/{run_id}/resolve")
async def resolve_run(request: Request, run_id: str, form: Form) -> Response:
    """Write down what a person found of it."""
    verdict = form.get("verdict", "")
    if verdict not in VERDICTS:
        raise Invalid("validation_error", "Say what you found.", fix="Choose one of the three answers.")
    note = form.get("note") or None
    await acts.resolve_run(app_of(request), run_uuid(run_id), cast(runs.Verdict, verdict), note, BY)
    return go(request, f"/runs/{run_id}", "What you found is written down.")
