"""Artefacts of a failed attempt: files under the data directory, named by rows, gone after their time.

A file that cannot be written or found never changes what is known of the run: it is only missing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, cast
from uuid import UUID

import structlog
from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.runs.ends import Left
from overture.runs.kit import Kit
from overture.runs.tables import ARTIFACT_KINDS, Artifact, Attempt, Run
from overture.touchpoints import Secrets, Snapshot

log = structlog.get_logger()

Kind = Literal["screenshot", "page", "dom", "console", "network"]
MEDIA: Final[Mapping[str, tuple[str, str]]] = {
    "screenshot": (".png", "image/png"),
    "page": (".page.json", "application/json"),
    "dom": (".html", "text/html; charset=utf-8"),
    "console": (".console.json", "application/json"),
    "network": (".network.json", "application/json"),
}
"""For each kind: how its file's name ends, and what it is."""
BATCH: Final = 200  # files removed in one go, so that no transaction is long


@dataclass(frozen=True)
class Kept:
    """What of a snapshot was written: its rows, and the path of the picture among them."""

    rows: Sequence[Mapping[str, object]] = ()
    screenshot: str | None = None


@dataclass(frozen=True)
class Told:
    """What the facts of a failed attempt name besides the page: the code, and whose secrets to hide."""

    code: str | None
    secrets: Secrets


def keep(kit: Kit, run: Run, left: Left, told: Told) -> Kept:
    """Write what the attempt left to `run_…/<epoch>.…`; what cannot be written is logged and missing."""
    if left.snapshot is None:
        return Kept()
    now = kit.clock.now()
    rows: list[dict[str, object]] = []
    for kind, content in parts(left.snapshot, told):
        name = Path(public_id("run", run.id)) / f"{run.epoch}{MEDIA[kind][0]}"
        if not written(kit.artifacts_dir / name, content):
            continue
        rows.append(
            {
                "artifact_id": kit.ids.new(),
                "run_id": run.id,
                "epoch": run.epoch,
                "kind": kind,
                "path": str(name),
                "bytes": len(content),
                "sha256": sha256(content).hexdigest(),
                "created_at": now,
                "expires_at": now + timedelta(days=kit.settings.artifact_days),
            }
        )
    pictures = [str(row["path"]) for row in rows if row["kind"] == "screenshot"]
    return Kept(rows, pictures[0] if pictures else None)


def parts(snapshot: Snapshot, told: Told) -> Iterator[tuple[Kind, bytes]]:
    """The files a snapshot is kept as, without any credential; an empty part is no file."""
    if snapshot.screenshot:
        yield "screenshot", snapshot.screenshot
    facts = {**snapshot.facts, "error_code": told.code}
    yield "page", hidden(as_json(facts), told.secrets)
    if snapshot.dom:
        yield "dom", hidden(snapshot.dom, told.secrets)
    if snapshot.console:
        yield "console", hidden(as_json([dict(entry) for entry in snapshot.console]), told.secrets)
    if snapshot.network:
        yield "network", hidden(as_json([dict(entry) for entry in snapshot.network]), told.secrets)


def as_json(value: object) -> str:
    """The value as a person reads it."""
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)


def hidden(text: str, secrets: Secrets) -> bytes:
    """The text without credentials, as a file holds it."""
    return secrets.hidden_in(text).encode(errors="replace")


def written(path: Path, content: bytes) -> bool:
    """Whether the file could be written, for its owner only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(content)
        path.chmod(0o600)
    except OSError as error:
        log.warning("run.artifact_not_kept", path=path.name, error=str(error))
        return False
    return True


ENTER: Final = insert(cast(Table, Artifact.__table__)).on_conflict_do_nothing()


async def enter(db: AsyncSession, kept: Kept) -> None:
    """Name what was written."""
    if kept.rows:
        await db.execute(ENTER, [dict(row) for row in kept.rows])


async def of_run(db: AsyncSession, run_id: UUID) -> Sequence[Artifact]:
    """All artefacts of a run, oldest attempt first, and of each what a person looks at first."""
    place = func.array_position([*ARTIFACT_KINDS], Artifact.kind)
    rows = await db.scalars(
        select(Artifact).where(Artifact.run_id == run_id).order_by(Artifact.epoch, place, Artifact.id)
    )
    return rows.all()


async def one_of(db: AsyncSession, run_id: UUID, artifact_id: UUID) -> Artifact:
    """One artefact of that very run, or a refusal."""
    found = await db.get(Artifact, artifact_id)
    if found is None or found.run_id != run_id:
        raise not_found(artifact_id)
    return found


def not_found(artifact_id: UUID) -> NotFound:
    """The refusal when there is no such artefact, or its file is gone."""
    return NotFound(
        "artifact_not_found",
        f"The run has no artefact {public_id('art', artifact_id)}, or its file is gone.",
        fix="Look at the run's `artifacts` for those there are; they are kept OVERTURE_ARTIFACT_DAYS days.",
    )


def file_of(root: Path, artifact: Artifact) -> Path | None:
    """The artefact's file, if it is there; never one outside the folder of artefacts."""
    path = (root / artifact.path).resolve()
    return path if path.is_relative_to(root.resolve()) and path.is_file() else None


async def prune(db: AsyncSession, root: Path, now: datetime) -> int:
    """Remove artefacts whose time is over, files first; returns how many. A file may be gone already."""
    rows = await db.scalars(
        select(Artifact)
        .where(Artifact.expires_at < now)
        .order_by(Artifact.expires_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    expired = rows.all()
    if not expired:
        return 0
    for artifact in expired:
        remove(root, artifact)
    pictures = [artifact.path for artifact in expired if artifact.kind == "screenshot"]
    runs = {artifact.run_id for artifact in expired}
    for table in (Run, Attempt):
        column, key = (Run.error_screenshot, Run.id) if table is Run else (Attempt.screenshot, Attempt.run_id)
        await db.execute(
            update(table).where(key.in_(runs), column.in_(pictures)).values({column: None}),
            execution_options={"synchronize_session": False},
        )
    await db.execute(delete(Artifact).where(Artifact.id.in_([artifact.id for artifact in expired])))
    return len(expired)


def remove(root: Path, artifact: Artifact) -> None:
    """Remove the artefact's file, and its run's folder when that is empty then."""
    path = file_of(root, artifact)
    if path is None:
        return
    try:
        path.unlink(missing_ok=True)
        path.parent.rmdir()
    except OSError:  # other artefacts of the run are still there
        return
