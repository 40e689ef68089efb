"""Routes of artefacts: the files failed attempts left, handed out so that no browser runs what is in them."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse

from overture import runs
from overture.core.errors import NotFound
from overture.core.ids import public_id, read_public_id
from overture.entrypoints.api.access import Product, needs_key
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.fields import RunIdPath, run_uuid
from overture.entrypoints.api.problems import declared

router = APIRouter(prefix="/api/v1/runs", tags=["runs"], dependencies=[needs_key])

ARTIFACT_ID_PATTERN: Final = r"^art_[0-7][0-9a-hjkmnp-tv-z]{25}$"
HARMLESS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""A page that was kept is somebody else's page: opened by accident it may neither run nor fetch anything."""
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file, as an attachment",
        "content": {
            media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for _, media in runs.artifacts.MEDIA.values()
        },
    },
    **declared(404),
}

ArtifactIdPath = Annotated[
    str,
    Path(
        pattern=ARTIFACT_ID_PATTERN,
        description="The artefact's id.",
        examples=["art_01kb3v6q2v8x0c5h2m9r4t7wze"],
    ),
]


@router.get("/{run_id}/artifacts/{artifact_id}", response_class=FileResponse, responses=ANSWERS)
async def get_artifact(app: Product, run_id: RunIdPath, artifact_id: ArtifactIdPath) -> FileResponse:
    """One file a failed attempt left: picture, page, console or network; credentials are not in it."""
    wanted = artifact_uuid(artifact_id)
    async with app.sessions() as db:
        run = await runs.by_id(db, run_uuid(run_id))
        artifact = await runs.artifacts.one_of(db, run.id, wanted)
    path = runs.artifacts.file_of(app.kit.artifacts_dir, artifact)
    if path is None:
        raise runs.artifacts.not_found(artifact.id)
    ending, media = runs.artifacts.MEDIA[artifact.kind]
    name = f"{public_id('run', run.id)}-{artifact.epoch}{ending}"
    return FileResponse(path, media_type=media, filename=name, headers=HARMLESS)


def artifact_uuid(artifact_id: str) -> UUID:
    """The id inside `art_…`, or the refusal every unknown artefact gets."""
    found = read_public_id("art", artifact_id)
    if found is None:
        entry = PROBLEMS["artifact_not_found"]
        raise NotFound("artifact_not_found", entry.meaning, fix=entry.fix)
    return found
