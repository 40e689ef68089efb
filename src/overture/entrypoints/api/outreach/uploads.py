"""Files that clients send: written to disk piece by piece, alone as the body or as a part of a form."""

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Final

from fastapi import Request

from overture.core.errors import Invalid
from overture.entrypoints.api.catalogue import PROBLEMS

MOST_BYTES: Final = 100 * 1024 * 1024
HEADERS_WITHIN: Final = 16 * 1024
BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")


@dataclass(frozen=True)
class Upload:
    """A file that arrived, and what its sender calls it."""

    path: Path
    name: str


@contextmanager
def place(folder: Path, name: str) -> Iterator[Path]:
    """A file of this name in a folder nobody else reads; removed unless it was moved away."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


async def receive(request: Request, path: Path, name: str | None) -> Upload:
    """Write the body to the path; of a form, only the file in it."""
    size = 0
    with path.open("wb") as file:
        async for piece in request.stream():
            size += len(piece)
            if size > MOST_BYTES:
                raise unfit("too_large", f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
            file.write(piece)
    if size == 0:
        raise unfit("empty", "The body is empty.")
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "")
    if kind.get_content_type() != "multipart/form-data":
        return Upload(path, name or "upload")
    boundary = kind.get_boundary() or ""
    if not BOUNDARY.fullmatch(boundary):
        raise unfit("no_boundary", "The form has no boundary.")
    found = part_of_form(path, boundary.encode())
    return Upload(path, name or found or "upload")


def part_of_form(path: Path, boundary: bytes) -> str | None:
    """Leave only the first file of a form (RFC 7578) at the path; its name."""
    line = b"--" + boundary
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        at = body.find(line)
        while at >= 0:
            start = at + len(line) + 2
            head_end = body.find(b"\r\n\r\n", at, start + HEADERS_WITHIN)
            end = body.find(b"\r\n" + line, head_end)
            if head_end < 0 or end < 0:
                break
            headers = BytesHeaderParser().parsebytes(body[start : head_end + 2])
            field = headers.get_param("name", header="content-disposition")
            if headers.get_filename() is not None or field == "file":
                cut_out(path, body, head_end + 4, end)
                return headers.get_filename()
            at = end + 2
    raise unfit("no_file", "The form has no file.")


def cut_out(path: Path, body: mmap.mmap, start: int, end: int) -> None:
    """Keep only these bytes of the file."""
    kept = path.with_suffix(".part")
    with kept.open("wb") as file:
        for at in range(start, end, 1 << 20):
            file.write(body[at : min(at + (1 << 20), end)])
    kept.replace(path)


def unfit(code: str, detail: str) -> Invalid:
    """Why the body is no file of ours."""
    return Invalid(
        "file_unreadable",
        detail,
        fix=PROBLEMS["file_unreadable"].fix,
        errors=[{"pointer": "", "code": code, "detail": detail}],
    )
