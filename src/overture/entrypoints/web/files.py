"""Files that pages refer to: styles, the one script, icons. Their address changes whenever they do."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from overture.core.errors import NotFound
from overture.entrypoints.web.render import STATIC

router = APIRouter()

FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
MEDIA: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@router.get("/static/{path:path}")
async def get_file(path: str, request: Request) -> FileResponse:
    """One file of the folder, and never one outside it."""
    found = (STATIC / path).resolve()
    if not found.is_relative_to(STATIC.resolve()) or not found.is_file() or found.suffix not in MEDIA:
        raise NotFound("not_found", "There is no such file.", fix="Load the page anew.")
    headers = FOR_EVER if "v" in request.query_params else {"Cache-Control": "no-cache"}
    return FileResponse(found, media_type=MEDIA[found.suffix], headers=headers)


@router.get("/favicon.ico")
async def get_favicon() -> FileResponse:
    """The mark in the browser's tab."""
    return FileResponse(STATIC / "mark.svg", media_type="image/svg+xml", headers=FOR_EVER)
